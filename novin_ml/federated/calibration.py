"""Times of averaging updates on this machine, for the planner."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from novin_ml.federated.aggregation import AggregationSettings, RoundAggregation
from novin_ml.federated.update_files import Update, update_from_bytes, update_to_bytes

#: Updates of a round, and values of each.
_UPDATES = (100, 300, 1_000)
_VALUES = 50_000
_EXAMPLES = 100


def calibrate_aggregation(
    *,
    n_values: int = _VALUES,
    repeats: int = 2,
    random_state: int = 0,
    on_run: Callable[[tuple[str, int, int, float]], Any] | None = None,
) -> list[tuple[str, int, int, float]]:
    """Measure how long reading, checking and averaging updates takes on this machine.

    Parameters
    ----------
    n_values : int, default=50000
        Weights of each update.
    repeats : int, default=2
        Runs of each size: 100, 300 and 1,000 updates.
    random_state : int, default=0
        Seeds the weights.
    on_run : callable, default=None
        Called with each run.

    Returns
    -------
    runs : list of (str, int, int, float)
        ``"aggregation"``, updates times values, 1 and seconds, for `novin_ml.compute.plan`.

    Examples
    --------
    >>> from novin_ml.federated import calibrate_aggregation
    >>> runs = calibrate_aggregation(n_values=100, repeats=1)
    >>> [rows for _, rows, _, _ in runs]
    [10000, 30000, 100000]
    """
    rng = np.random.default_rng(random_state)
    base = rng.normal(size=n_values).astype(np.float32)
    sha256 = bytes(32)
    noise = rng.normal(scale=0.01, size=n_values).astype(np.float32)
    content = update_to_bytes(Update(base + noise, _EXAMPLES, sha256))
    runs = []
    for n_updates in _UPDATES:
        for _ in range(repeats):
            started = time.perf_counter()
            round_ = RoundAggregation(base, sha256, AggregationSettings())
            for _ in range(n_updates):
                round_.add(update_from_bytes(content))
            round_.change()
            run = ("aggregation", n_updates * n_values, 1, time.perf_counter() - started)
            runs.append(run)
            if on_run is not None:
                on_run(run)
    return runs
