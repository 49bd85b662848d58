"""What the benchmark scripts share: the host's facts, timing in pairs, tables of data."""

from __future__ import annotations

import os

# Threads that spin while they wait cost many times their work on a shared machine. OpenMP reads
# this when it is loaded, so that this module is imported before any library with threads.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import gc
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from statistics import median

import numpy as np


def host_line() -> str:
    """Say on what, with which versions and under which load the figures were taken."""
    names = ("numpy", "scikit-learn", "xgboost", "coremltools")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    return (
        f"{_processor()}, {os.cpu_count()} cores, {load}; {platform.system()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:
            for line in stream:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


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
