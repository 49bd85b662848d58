"""What movers do beside coming, stepping and going: the processes behind a signal.

A process is a function ``process(rng, samples, amount)`` that returns a value for each sample.
`amount` is the field of `MotionStyle` of the process's name, a row for each signal.
"""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.signals.samples import Float32Array, Samples
from novin_ml.simulation.signals.styles import style_parameter

_TAU = np.float32(2 * np.pi)
_THUD_DECAY = 0.3  # seconds
_SWEEP_WIDTH = 0.45  # seconds
_DARK = 0.5  # share of the time in which headlights are on


def wave(cycles: Float32Array) -> Float32Array:
    """Return the sine of a phase in cycles; whole cycles are dropped before precision is lost."""
    return np.sin(_TAU * (cycles - np.floor(cycles)))


def add_process(
    name: str,
    to: Float32Array,
    rng: np.random.Generator,
    samples: Samples,
    styles: np.ndarray,
) -> None:
    """Add a process, in place, to the signals whose movers have it; others draw no numbers."""
    amount = style_parameter(name, styles)
    rows = np.flatnonzero(amount if amount.ndim == 1 else amount[:, 0])
    if len(rows):
        part, where = samples.of_signals(rows)
        to[where] += _PROCESSES[name](rng, part, amount[rows])


def _wander(rng: np.random.Generator, samples: Samples, amount: np.ndarray) -> Float32Array:
    """Drift of the phase, in cycles: a random walk."""
    step = samples.each(amount / np.sqrt(samples.rate))
    return samples.running_sum(step * samples.noise(rng))


def _sway(rng: np.random.Generator, samples: Samples, amount: np.ndarray) -> Float32Array:
    """Two slow waves whose sum does not repeat."""
    depth, rate = _spread(rng, amount)
    return samples.each(depth) * _two_waves(rng, samples, rate)


def _hum(rng: np.random.Generator, samples: Samples, amount: np.ndarray) -> Float32Array:
    depth, rate = _spread(rng, amount)
    start = rng.random(len(rate))
    return samples.each(depth) * wave(samples.each(rate) * samples.seconds + samples.each(start))


def _bursts(rng: np.random.Generator, samples: Samples, amount: np.ndarray) -> Float32Array:
    """What is missing between bursts: 0 while the mover moves, -depth while it pauses."""
    depth, rate, busy = amount.T
    depth = np.clip(depth + 0.12 * rng.standard_normal(len(depth)), 0.1, 1)
    rate = rate * np.exp(0.3 * rng.standard_normal(len(rate)))
    busy = np.clip(busy + 0.12 * rng.standard_normal(len(busy)), 0.1, 0.9)
    threshold = samples.each(0.75 * np.cos(np.pi * busy))
    moves = np.clip((_two_waves(rng, samples, rate) - threshold) * 4 + np.float32(0.5), 0, 1)
    return samples.each(depth) * (moves - 1)


def _thud(rng: np.random.Generator, samples: Samples, amount: np.ndarray) -> Float32Array:
    """Something is put down about half way: a jump that dies away."""
    n = len(amount)
    height = amount * np.exp(0.45 * rng.standard_normal(n))
    at = rng.uniform(0.35, 0.65, n) * samples.lengths / samples.rate
    since = samples.seconds - samples.each(at)
    decay = np.exp(-np.maximum(since, 0) / np.float32(_THUD_DECAY))
    return np.where(since >= 0, samples.each(height) * decay, np.float32(0))


def _sweep(rng: np.random.Generator, samples: Samples, amount: np.ndarray) -> Float32Array:
    """Headlights cross the sensor while the vehicle comes nearer, if it is dark."""
    n = len(amount)
    height = amount * np.exp(0.4 * rng.standard_normal(n)) * (rng.random(n) < _DARK)
    at = rng.uniform(0.1, 0.45, n) * samples.lengths / samples.rate
    width = _SWEEP_WIDTH * np.exp(0.3 * rng.standard_normal(n))
    distance: Float32Array = (samples.seconds - samples.each(at)) / samples.each(width)
    flash: Float32Array = np.exp(-np.square(distance))
    return samples.each(height) * flash


def _spread(rng: np.random.Generator, amount: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Depths and rates around those of the style."""
    depth, rate = amount.T * np.exp(0.25 * rng.standard_normal((2, len(amount))))
    return depth, rate


def _two_waves(rng: np.random.Generator, samples: Samples, rate: np.ndarray) -> Float32Array:
    """Half the sum of waves whose rates have no common multiple, -1..1."""
    cycles = samples.each(rate) * samples.seconds
    first, second = rng.random((2, len(rate)))
    slow = wave(cycles + samples.each(first))
    return np.float32(0.5) * (slow + wave(np.float32(1.618) * cycles + samples.each(second)))


_PROCESSES = {
    "wander": _wander,
    "sway": _sway,
    "hum": _hum,
    "bursts": _bursts,
    "thud": _thud,
    "sweep": _sweep,
}
