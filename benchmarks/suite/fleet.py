"""Baselines of many homes."""

from __future__ import annotations

import tempfile

from novin_ml import BehaviorAnomalyDetector
from novin_ml.lifecycle import fit_fleet

from ._cores import N_JOBS, require_cores
from ._data import fleet_table

N_HOMES, N_EVENTS = 24, 5_000


def fit(events, n_jobs):
    with tempfile.TemporaryDirectory() as folder:
        return fit_fleet(
            events, out=folder, estimator=BehaviorAnomalyDetector(), n_jobs=n_jobs, random_state=0
        )


class FitFleet:
    """Fit homes in processes, and write a file of each."""

    params = N_JOBS
    param_names = ("n_jobs",)
    timeout = 300
    number = 1
    repeat = (1, 5, 20.0)

    def setup(self, n_jobs):
        require_cores(n_jobs)
        self.events = fleet_table(N_HOMES, N_EVENTS)
        # Starts the processes, with a batch for each at least.
        fit(fleet_table(16 * n_jobs, 50), n_jobs)

    def time_fit_fleet(self, n_jobs):
        fit(self.events, n_jobs)


class Files:
    """What a home takes on disk."""

    def track_bytes_per_home(self):
        return fit(fleet_table(N_HOMES, N_EVENTS), 1).n_bytes / N_HOMES


Files.track_bytes_per_home.unit = "bytes"
