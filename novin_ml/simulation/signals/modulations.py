"""Modulations of a signal: what movers do besides coming, stepping and leaving.

A modulation is a function ``modulation(rng, block, amount)`` that returns a value for each sample.
`amount` holds, for each signal, the field of `MotionStyle` that has the name of the modulation.
"""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.signals.motion_styles import style_parameter
from novin_ml.simulation.signals.signal_block import Float32Array, SignalBlock

_TAU = np.float32(2 * np.pi)
_THUD_DECAY = 0.3  # seconds
_SWEEP_WIDTH = 0.45  # seconds
_DARK = 0.5  # share of the time in which headlights are on


def wave(cycles: Float32Array) -> Float32Array:
    """Return the sine of a phase in cycles; whole cycles are dropped before precision is lost."""
    return np.sin(_TAU * (cycles - np.floor(cycles)))


def add_modulation(
    name: str,
    to: Float32Array,
    rng: np.random.Generator,
    block: SignalBlock,
    styles: np.ndarray,
) -> None:
    """Add a modulation, in place, to the signals whose movers have it; others draw no numbers."""
    amount = style_parameter(name, styles)
    rows = np.flatnonzero(amount if amount.ndim == 1 else amount[:, 0])
    if len(rows):
        part, where = block.select(rows)
        to[where] += _MODULATIONS[name](rng, part, amount[rows])


def _wander(rng: np.random.Generator, block: SignalBlock, amount: np.ndarray) -> Float32Array:
    """Let the phase drift, in cycles: a random walk."""
    step = block.each(amount / np.sqrt(block.rate))
    return block.running_sum(step * block.noise(rng))


def _sway(rng: np.random.Generator, block: SignalBlock, amount: np.ndarray) -> Float32Array:
    """Add two slow waves whose sum does not repeat."""
    depth, rate = _spread(rng, amount)
    return block.each(depth) * _two_waves(rng, block, rate)


def _hum(rng: np.random.Generator, block: SignalBlock, amount: np.ndarray) -> Float32Array:
    """Oscillate fast and steadily, as engines and tails do."""
    depth, rate = _spread(rng, amount)
    start = rng.random(len(rate))
    return block.each(depth) * wave(block.each(rate) * block.seconds + block.each(start))


def _bursts(rng: np.random.Generator, block: SignalBlock, amount: np.ndarray) -> Float32Array:
    """Pause between bursts: 0 while the mover moves, -depth while it pauses."""
    depth, rate, busy = amount.T
    depth = np.clip(depth + 0.12 * rng.standard_normal(len(depth)), 0.1, 1)
    rate = lognormal(rng, len(rate), rate, 0.3)
    busy = np.clip(busy + 0.12 * rng.standard_normal(len(busy)), 0.1, 0.9)
    threshold = block.each(0.75 * np.cos(np.pi * busy))
    moves = np.clip((_two_waves(rng, block, rate) - threshold) * 4 + np.float32(0.5), 0, 1)
    return block.each(depth) * (moves - 1)


def _thud(rng: np.random.Generator, block: SignalBlock, amount: np.ndarray) -> Float32Array:
    """Put something down about half way: a jump that dies away."""
    n = len(amount)
    height = lognormal(rng, n, amount, 0.45)
    at = rng.uniform(0.35, 0.65, n) * block.lengths / block.rate
    since = block.seconds - block.each(at)
    decay = np.exp(-np.maximum(since, 0) / np.float32(_THUD_DECAY))
    return np.where(since >= 0, block.each(height) * decay, np.float32(0))


def _sweep(rng: np.random.Generator, block: SignalBlock, amount: np.ndarray) -> Float32Array:
    """Flash as headlights cross the sensor while the vehicle comes nearer, if it is dark."""
    n = len(amount)
    height = lognormal(rng, n, amount, 0.4) * chance(rng, n, _DARK)
    at = rng.uniform(0.1, 0.45, n) * block.lengths / block.rate
    width = lognormal(rng, n, _SWEEP_WIDTH, 0.3)
    distance: Float32Array = (block.seconds - block.each(at)) / block.each(width)
    flash: Float32Array = np.exp(-np.square(distance))
    return block.each(height) * flash


def _spread(rng: np.random.Generator, amount: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw depths and rates around those of the style."""
    depth, rate = amount.T * np.exp(0.25 * rng.standard_normal((2, len(amount))))
    return depth, rate


def _two_waves(rng: np.random.Generator, block: SignalBlock, rate: np.ndarray) -> Float32Array:
    """Return half the sum of waves whose rates have no common multiple, -1..1."""
    cycles = block.each(rate) * block.seconds
    first, second = rng.random((2, len(rate)))
    slow = wave(cycles + block.each(first))
    return np.float32(0.5) * (slow + wave(np.float32(1.618) * cycles + block.each(second)))


_MODULATIONS = {
    "wander": _wander,
    "sway": _sway,
    "hum": _hum,
    "bursts": _bursts,
    "thud": _thud,
    "sweep": _sweep,
}
