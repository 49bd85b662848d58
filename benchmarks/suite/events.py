"""Events: simulated, written, read, and made into features."""

from __future__ import annotations

import tempfile
from pathlib import Path

from novin_ml import features
from novin_ml.events import read_chains, read_events, synthetic, write_chains, write_events

from . import _data  # noqa: F401  (what all modules of the suite import)

N_EVENTS = 10_000


class Features:
    """From events to the feature table."""

    params = ("delivery", "motion", "chains", "behavior")
    param_names = ("family",)

    def setup(self, family):
        n_events = N_EVENTS // 5 if family == "motion" else N_EVENTS
        simulate, transformer = {
            "delivery": (synthetic.simulate_deliveries, features.DeliveryFeatures),
            "motion": (synthetic.simulate_motions, features.MotionFeatures),
            "chains": (synthetic.simulate_chains, features.ChainFeatures),
            "behavior": (synthetic.simulate_behavior, features.BehaviorFeatures),
        }[family]
        self.rows = simulate(1 if family == "behavior" else n_events, random_state=0)
        self.transformer = transformer()

    def time_fit_transform(self, family):
        self.transformer.fit_transform(self.rows)

    def peakmem_fit_transform(self, family):
        self.transformer.fit_transform(self.rows)


class Read:
    """A log of JSON lines, with raw signals, and a file of chains."""

    params = ("events", "chains")
    param_names = ("rows",)

    def setup(self, rows):
        simulate, write, self.read = {
            "events": (synthetic.simulate_deliveries, write_events, read_events),
            "chains": (synthetic.simulate_chains, write_chains, read_chains),
        }[rows]
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "rows.jsonl")
        write(simulate(N_EVENTS, random_state=0), self.path)

    def teardown(self, rows):
        self.folder.cleanup()

    def time_read(self, rows):
        self.read(self.path)

    def peakmem_read(self, rows):
        self.read(self.path)


class Simulate:
    """Events of simulated homes."""

    params = ("deliveries", "motions", "chains")
    param_names = ("rows",)

    def setup(self, rows):
        self.simulate = getattr(synthetic, f"simulate_{rows}")

    def time_simulate(self, rows):
        self.simulate(N_EVENTS, random_state=0)
