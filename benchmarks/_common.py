"""What the benchmark scripts share: timing in pairs, tables of data."""

from __future__ import annotations

import os

from novin_ml.waiting import SPINS

# OpenMP reads this when it is loaded, so that this module is imported before any library with
# threads.
os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks._host import host_line

__all__ = ["alternating", "core_ml_bytes", "host_line", "noisy_table", "seconds_of", "time_pairs"]


def seconds_of(function: Callable[[], object]) -> float:
    """Time one call, with the garbage collector out of the way."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start
    finally:
        gc.enable()


def time_pairs(
    ours: Callable[[], object], peer: Callable[[], object], pairs: int
) -> tuple[float, float, float]:
    """Time two functions in alternation.

    Returns
    -------
    ours, peer : float
        Medians in seconds.
    ratio : float
        Median of the pairs' ratios ours / peer: what slows both of a pair does not show in it.
    """
    ours(), peer()  # warm
    times = []
    for number in range(pairs):
        if number % 2:
            second = seconds_of(peer)
            first = seconds_of(ours)
        else:
            first = seconds_of(ours)
            second = seconds_of(peer)
        times.append((first, second))
    return (
        median(first for first, _ in times),
        median(second for _, second in times),
        median(first / second for first, second in times),
    )


def alternating(
    calls: list[Callable[[], object]],
    runs: int,
    seconds_of: Callable[[Callable[[], object]], float] = seconds_of,
) -> np.ndarray:
    """Return the seconds of each call, shape (runs, n_calls), the order turning with each run."""
    times = np.empty((runs, len(calls)))
    for run in range(runs):
        for place in range(len(calls)):
            number = (place + run) % len(calls)
            times[run, number] = seconds_of(calls[number])
    return times


def core_ml_bytes(estimator: Any) -> int:
    """Return the size of the Core ML model of a fitted estimator, or pipeline."""
    import novin_ml.coreml.converters  # noqa: F401  (fills the registry)
    from novin_ml.coreml.converters import converter_for, parse_model

    subject = parse_model(estimator)
    return converter_for(subject.learner).convert(subject).ByteSize()


def noisy_table(
    n_rows: int, n_features: int, n_classes: int, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 features with interactions and a tenth of the labels wrong."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    score = X[:, 0] + X[:, 1] * X[:, 2] + np.sin(2 * X[:, 3]) + 0.5 * X[:, 4] * (X[:, 5] > 0)
    codes = np.searchsorted(np.quantile(score, np.arange(1, n_classes) / n_classes), score)
    wrong = rng.random(n_rows) < 0.1
    codes[wrong] = rng.integers(0, n_classes, int(wrong.sum()))
    return X, codes
