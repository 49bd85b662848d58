"""Simulated events and their features."""

from __future__ import annotations


class Features:
    """From events to the feature table."""

    params = (1_000, 20_000)
    param_names = ("n_events",)

    def setup(self, n_events):
        from novin_ml.events.synthetic import simulate_deliveries
        from novin_ml.features import DeliveryFeatures

        self.events = simulate_deliveries(n_events, random_state=0)
        self.features = DeliveryFeatures()

    def time_fit_transform(self, n_events):
        self.features.fit_transform(self.events)

    def peakmem_fit_transform(self, n_events):
        self.features.fit_transform(self.events)


class Simulation:
    """Events of simulated homes."""

    def time_simulate_10000(self):
        from novin_ml.events.synthetic import simulate_deliveries

        simulate_deliveries(10_000, random_state=0)
