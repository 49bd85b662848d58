"""Raw intensity signals of simulated motions."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.draws import lognormal
from novin_ml.simulation.signals.modulations import add_modulation, wave
from novin_ml.simulation.signals.motion_styles import NO_STYLE, style_parameter
from novin_ml.simulation.signals.signal_block import Float32Array, SignalBlock

# Signals are synthesised in blocks of this many, so that memory does not grow with the table.
_BLOCK = 2048
_COMPANION = (0.1, 0.4)  # intensity of a second mover, further away


def synthesise(
    rng: np.random.Generator,
    styles: np.ndarray,
    durations: np.ndarray,
    gain: np.ndarray,
    floor: np.ndarray,
    dropout: np.ndarray,
    rate: np.ndarray,
    companions: np.ndarray,
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the signals that sensors record of motions.

    The intensity rises while the mover comes nearer, beats with its steps, sinks while it stands
    still, and falls as it leaves. The modulations of its style are added, and so is a second mover
    further away. The sensor adds its noise floor, saturates at 1, resolves 1/1000,
    and misses samples (NaN) while its radio is out.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    styles : ndarray of shape (n,), int
        Positions in `STYLE_NAMES`.
    durations : ndarray of shape (n,)
        Seconds, from `draw_durations`.
    gain : ndarray of shape (n,)
        Sensitivity of the sensor at its distance; 1 is usual.
    floor : ndarray of shape (n,)
        Noise of the sensor without motion.
    dropout : ndarray of shape (n,), bool
        Whether the radio was out for a part of the motion.
    rate : ndarray of shape (n,)
        Samples per second.
    companions : ndarray of shape (n,), int
        Style of a second mover at the same time, `NO_STYLE` if there is none.

    Returns
    -------
    signals : list of ndarray, float32
        Signals in 0..1, NaN where samples are missing; those of a block are views into one array.
    energies : ndarray of shape (n,)
        Root of the mean square of the samples that are not missing.
    """
    signals: list[np.ndarray] = []
    energies = np.empty(len(styles))
    for begin in range(0, len(styles), _BLOCK):
        some = slice(begin, begin + _BLOCK)
        block = SignalBlock.of(durations[some], rate[some])
        intensity = _intensity(rng, block, styles[some], gain[some])
        rows = np.flatnonzero(companions[some] != NO_STYLE)
        if len(rows):
            part, where = block.select(rows)
            further = gain[some][rows] * rng.uniform(*_COMPANION, len(rows))
            intensity[where] += _intensity(rng, part, companions[some][rows], further)
        energies[some] = _record(rng, block, intensity, floor[some], dropout[some])
        signals += np.split(intensity, np.cumsum(block.lengths)[:-1])
    return signals, energies


def _intensity(
    rng: np.random.Generator, block: SignalBlock, styles: np.ndarray, gain: np.ndarray
) -> Float32Array:
    """Return the intensity that reaches a sensor."""
    n, share, each = len(styles), block.share, block.each
    median, spread = style_parameter("strength", styles).T
    strength = lognormal(rng, n, gain * median, spread)
    tempo = style_parameter("tempo", styles)
    rhythm = lognormal(rng, n, style_parameter("rhythm", styles), tempo)
    depth = np.clip(style_parameter("depth", styles) + 0.1 * rng.standard_normal(n), 0, 1)
    approach = style_parameter("approach", styles) * rng.uniform(0.5, 1.4, n) + 0.02
    still = style_parameter("stillness", styles) * rng.uniform(0.3, 1.5, n)
    still_from = approach + rng.random(n) * np.clip(1 - 2 * approach - still, 0, 1)

    edge = np.minimum(np.minimum(share, 1 - share) / each(approach), 1)
    signal = edge * edge * (3 - 2 * edge)
    cycles = each(rhythm) * block.seconds + each(rng.random(n))
    add_modulation("wander", cycles, rng, block, styles)
    signal *= 1 - each(depth) * (0.5 - 0.5 * _beat(cycles, block, styles))
    standing = (share > each(still_from)) & (share < each(still_from + still))
    signal *= np.where(standing, np.float32(0.25), np.float32(1))
    pace = np.ones(len(block), dtype=np.float32)
    for name in ("sway", "hum", "bursts"):
        add_modulation(name, pace, rng, block, styles)
    signal *= np.maximum(pace, 0)
    for name in ("thud", "sweep"):
        add_modulation(name, signal, rng, block, styles)
    signal *= 1 + each(style_parameter("flicker", styles)) * block.noise(rng)
    signal *= each(strength)
    return signal


def _beat(cycles: Float32Array, block: SignalBlock, styles: np.ndarray) -> Float32Array:
    """Beat once a cycle; steps have overtones, and undertones where left and right differ."""
    beat = np.sin(2 * np.pi * cycles)
    weight = style_parameter("harmonics", styles)
    rows = np.flatnonzero(weight)
    if len(rows):
        part, where = block.select(rows)
        share, cycle = part.each(weight[rows]), cycles[where]
        tones = beat[where] + share * (wave(2 * cycle) + wave(cycle / 2) / 2)
        beat[where] = tones / (1 + 1.5 * share)
    return beat


def _record(
    rng: np.random.Generator,
    block: SignalBlock,
    signal: Float32Array,
    floor: np.ndarray,
    dropout: np.ndarray,
) -> np.ndarray:
    """Turn what reaches the sensors into what they send, in place; return the energies."""
    n, share, each = len(floor), block.share, block.each
    signal += each(floor) * np.abs(block.noise(rng))
    out_from, out_for = rng.random(n), rng.uniform(0.05, 0.3, n) * dropout
    missing = (share > each(out_from)) & (share < each(out_from + out_for))
    np.clip(signal, 0, 1, out=signal)
    np.round(signal, 3, out=signal)
    signal[missing] = 0
    square = np.bincount(block.owner, np.square(signal, dtype=np.float64), n)
    valid = np.bincount(block.owner, ~missing, n)
    signal[missing] = np.nan
    return np.sqrt(square / np.where(valid, valid, np.nan))
