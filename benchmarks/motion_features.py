"""Microseconds per signal for the 24 motion features, beside a pandas groupby-apply of the same.

Run with ``python -m benchmarks.motion_features``. 20,000 signals of about 200 samples, one in ten
with gaps. Medians of alternating runs, processor time of one core. The peer is what one writes
without a ragged table: a frame with a row per sample, ``groupby("signal").apply`` of a function
that computes the same columns with numpy. All columns are compared before any time is reported. The
last line says what time and memory a hundred thousand signals take.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import sys
import time
import tracemalloc

import numpy as np
import pandas as pd

from benchmarks._common import host_line
from novin_ml.events import Signals
from novin_ml.features import MOTION_FEATURES, MotionFeatures

N_SIGNALS = 20_000
LIMIT = 25.0  # microseconds per signal of about 200 samples
LEAST_RATIO = 20.0
REPEATS = 3


def some_signals(n_signals: int, seed: int = 0) -> Signals:
    """Rhythms with noise, of 100 to 300 samples at 10 Hz, one in ten with gaps."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(100, 301, n_signals)
    offsets = np.append(0, np.cumsum(lengths))
    owner = np.repeat(np.arange(n_signals), lengths)
    seconds = (np.arange(offsets[-1]) - offsets[:-1][owner]) / 10
    beat = np.sin(2 * np.pi * rng.uniform(0.1, 4, n_signals)[owner] * seconds)
    values = 0.4 + 0.3 * beat + 0.15 * rng.standard_normal(offsets[-1])
    values = np.round(np.clip(values, 0, 1), 3).astype(np.float32)
    gappy = (rng.random(n_signals) < 0.1)[owner] & (rng.random(offsets[-1]) < 0.1)
    values[gappy] = np.nan
    return Signals(values, offsets, np.full(n_signals, 10.0, dtype=np.float32))


def sample_frame(signals: Signals) -> pd.DataFrame:
    """Return a row per sample, as the peer takes them."""
    owner = np.repeat(np.arange(len(signals)), signals.lengths)
    return pd.DataFrame({"signal": owner, "value": signals.values})


def pandas_peer(samples: pd.DataFrame) -> np.ndarray:
    table = samples.groupby("signal", sort=False)["value"].apply(one_signal)
    return np.array(table.to_list(), dtype=np.float32)


def one_signal(group: pd.Series) -> list[float]:
    """The columns of one signal, as one would write them with numpy."""
    raw = group.to_numpy(dtype=np.float64)
    n = len(raw)
    valid = ~np.isnan(raw)
    x = raw[valid]
    if len(x) == 0:
        return [n / 10] + [np.nan] * 23
    y = raw if valid.all() else np.interp(np.arange(n), np.flatnonzero(valid), x)
    mean, variance, peak = x.mean(), x.var(), x.max()
    d, e = x - mean, y - mean
    active = y > 0.5 * peak
    edges = np.flatnonzero(np.diff(np.concatenate(([False], active, [False])).astype(np.int8)))
    started, reached = np.flatnonzero(y >= 0.125 * peak), np.flatnonzero(y >= 0.875 * peak)
    whole = e @ e
    r = np.array([e[lag:] @ e[: n - lag] / whole if lag < n else 0.0 for lag in range(1, 32)])
    inner = r[1:-1]
    peaks = np.where((inner > r[:-2]) & (inner >= r[2:]) & (inner > 0), inner, 0.0)
    frames = np.zeros(-(-n // 64) * 64)
    frames[:n] = e
    power = np.square(np.abs(np.fft.rfft(frames.reshape(-1, 64)))).sum(axis=0)
    everything = power[1:].sum()
    return [
        n / 10,
        min(np.sqrt(np.square(x).mean()), 1.0),
        mean,
        variance,
        peak,
        np.linalg.norm(x),
        *np.quantile(x, [0.25, 0.5, 0.75]),
        (d**3).mean() / variance**1.5,
        (d**4).mean() / variance**2,
        (reached[0] - started[0]) / 10,
        (started[-1] - reached[-1]) / 10,
        active.mean(),
        len(edges) // 2,
        (edges[1::2] - edges[::2]).max() / 10,
        10 * np.count_nonzero(np.diff(y > mean)) / (n - 1),
        10 * np.abs(np.diff(y)).mean(),
        10 * np.polyfit(np.arange(n), y, 1)[0],
        peaks.max(),
        (peaks.argmax() + 2) / 10 if peaks.max() > 0 else 0.0,
        10 / 64 * (np.arange(33) * power).sum() / everything,
        power[1:6].sum() / everything,
        power[6:17].sum() / everything,
    ]


def timed(function, *arguments) -> tuple[float, np.ndarray]:
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def check_same(novin: np.ndarray, peer: np.ndarray) -> None:
    for column, spec in enumerate(MOTION_FEATURES):
        np.testing.assert_allclose(
            novin[:, column], peer[:, column], rtol=1e-4, atol=2e-6, err_msg=spec.name
        )


def main() -> int:
    transformer, signals = MotionFeatures(), some_signals(N_SIGNALS)
    samples = sample_frame(signals)
    seconds, peer_seconds = [], []
    for _ in range(REPEATS):
        elapsed, novin = timed(transformer.transform, signals)
        seconds.append(elapsed)
        elapsed, peer = timed(pandas_peer, samples)
        peer_seconds.append(elapsed)
    check_same(novin, peer)
    each = 1e6 * statistics.median(seconds) / N_SIGNALS
    peer_each = 1e6 * statistics.median(peer_seconds) / N_SIGNALS
    mean_length = len(signals.values) / N_SIGNALS
    print(host_line())
    print(f"{N_SIGNALS:,} signals of {mean_length:.0f} samples in the mean, 24 columns, one core")
    print(f"{'novin_ml':22s} {each:10.1f} us per signal, limit {LIMIT:g}")
    print(f"{'pandas groupby-apply':22s} {peer_each:10.1f} us per signal")
    print(f"{'ratio':22s} {peer_each / each:10.1f}, at least {LEAST_RATIO:g}")

    many = some_signals(100_000, seed=1)
    elapsed, _ = timed(transformer.transform, many)
    tracemalloc.start()
    features = transformer.transform(many)
    peak = tracemalloc.get_traced_memory()[1] - features.nbytes
    tracemalloc.stop()
    print(
        f"{len(many):,} signals, {many.values.nbytes / 2**20:.0f} MiB of samples: {elapsed:.1f} s, "
        f"{peak / 2**20:.0f} MiB beside the result"
    )
    passed = each <= LIMIT and peer_each / each >= LEAST_RATIO
    print("kept" if passed else "MISSED")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
