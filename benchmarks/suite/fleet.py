"""Baselines of many homes."""

from __future__ import annotations

import tempfile

from novin_ml import BehaviorAnomalyDetector
from novin_ml.lifecycle import fit_fleet

from ._cores import N_JOBS, require_cores
from ._data import fleet_table

N_HOMES, N_EVENTS = 24, 5_000


class FitFleet:
    """Fit homes in processes, and write a file of each."""

    params = N_JOBS
    param_names = ("n_jobs",)
    timeout = 300
    number = 1
    repeat = (1, 5, 20.0)

    def setup(self, n_jobs):
        require_cores(n_jobs)
        self.estimator = BehaviorAnomalyDetector()
        self.events = fleet_table(N_HOMES, N_EVENTS)
        self.fit(fleet_table(2 * n_jobs, 200), n_jobs)  # starts the processes

    def fit(self, events, n_jobs):
        with tempfile.TemporaryDirectory() as folder:
            return fit_fleet(
                events, out=folder, estimator=self.estimator, n_jobs=n_jobs, random_state=0
            )

    def time_fit_fleet(self, n_jobs):
        self.fit(self.events, n_jobs)

    def track_bytes_per_home(self, n_jobs):
        return self.fit(self.events, n_jobs).n_bytes / N_HOMES


FitFleet.track_bytes_per_home.unit = "bytes"
