"""Raw intensity signals of simulated motions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Samples per second.
SAMPLE_RATE = 10.0

#: Shortest and longest motion that a sensor reports, in seconds.
SHORTEST, LONGEST = 0.6, 120.0

# Signals are synthesised in blocks of this many, so that memory does not grow with the table.
_BLOCK = 2048


@dataclass(frozen=True)
class MotionStyle:
    """How a mover fills the field of view of a sensor.

    Durations, strengths and rhythms are drawn from log-normal distributions.

    Parameters
    ----------
    duration : tuple of (float, float)
        Median, in seconds, and deviation of the logarithm.
    strength : tuple of (float, float)
        Median intensity at the sensor's usual distance, and deviation of the logarithm.
    rhythm : float
        Median of the mover's cycles (steps, gusts) per second.
    depth : float
        Share of the intensity that comes and goes with the rhythm, 0..1.
    stillness : float
        Share of the middle part in which the mover stands still, 0..1.
    approach : float
        Share of the time in which the mover comes nearer, and again leaves, 0..0.5.
    flicker : float
        Deviation of the intensity from sample to sample, relative to the intensity.
    confidence : float
        Mean of the sensor's own confidence.
    """

    duration: tuple[float, float]
    strength: tuple[float, float]
    rhythm: float
    depth: float
    stillness: float
    approach: float
    flicker: float
    confidence: float


#: Every mover of the simulated homes.
STYLES = {
    "drop": MotionStyle((6.5, 0.31), (0.37, 0.23), 1.7, 0.35, 0.30, 0.30, 0.10, 0.84),
    "post": MotionStyle((4.8, 0.33), (0.36, 0.24), 1.8, 0.45, 0.05, 0.36, 0.10, 0.82),
    "pick_up": MotionStyle((5.8, 0.40), (0.46, 0.26), 1.5, 0.35, 0.20, 0.16, 0.10, 0.84),
    "walk": MotionStyle((10.0, 0.50), (0.52, 0.35), 1.9, 0.45, 0.00, 0.40, 0.10, 0.80),
    "wait": MotionStyle((22.0, 0.55), (0.40, 0.26), 0.6, 0.30, 0.55, 0.10, 0.12, 0.86),
    "resident": MotionStyle((8.2, 0.55), (0.55, 0.30), 1.8, 0.40, 0.10, 0.16, 0.10, 0.86),
    "play": MotionStyle((35.0, 0.70), (0.55, 0.35), 1.2, 0.60, 0.25, 0.10, 0.15, 0.80),
    "cat": MotionStyle((6.0, 0.60), (0.26, 0.38), 2.6, 0.70, 0.35, 0.20, 0.18, 0.66),
    "branches": MotionStyle((18.0, 0.90), (0.20, 0.45), 0.35, 0.75, 0.00, 0.05, 0.35, 0.42),
    "rain": MotionStyle((40.0, 0.70), (0.16, 0.35), 0.10, 0.15, 0.00, 0.05, 0.60, 0.35),
    "sun": MotionStyle((4.0, 0.60), (0.34, 0.40), 0.15, 0.10, 0.00, 0.35, 0.05, 0.45),
}
STYLE_NAMES = tuple(STYLES)


def style_parameter(name: str, styles: np.ndarray) -> np.ndarray:
    """Look a field of `MotionStyle` up for an array of codes of styles."""
    return np.array([getattr(style, name) for style in STYLES.values()])[styles]


def draw_durations(rng: np.random.Generator, styles: np.ndarray) -> np.ndarray:
    """Draw durations of motions, in seconds, a whole number of samples each."""
    median, spread = style_parameter("duration", styles).T
    seconds = median * np.exp(spread * rng.standard_normal(len(styles)))
    return np.round(np.clip(seconds, SHORTEST, LONGEST) * SAMPLE_RATE) / SAMPLE_RATE


def synthesise(
    rng: np.random.Generator,
    styles: np.ndarray,
    durations: np.ndarray,
    gain: np.ndarray,
    floor: np.ndarray,
    dropout: np.ndarray,
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the signals that sensors record of motions.

    The intensity rises while the mover comes nearer, beats with its steps, sinks while it stands
    still, and falls as it leaves; the sensor adds its noise floor, saturates at 1, resolves
    1/1000, and misses samples (NaN) while its radio is out.

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
        block = slice(begin, begin + _BLOCK)
        more, energies[block] = _synthesise_block(
            rng, styles[block], durations[block], gain[block], floor[block], dropout[block]
        )
        signals += more
    return signals, energies


def _synthesise_block(
    rng: np.random.Generator,
    styles: np.ndarray,
    durations: np.ndarray,
    gain: np.ndarray,
    floor: np.ndarray,
    dropout: np.ndarray,
) -> tuple[list[np.ndarray], np.ndarray]:
    n = len(styles)
    lengths = np.round(durations * SAMPLE_RATE).astype(np.int64)
    stops = np.cumsum(lengths)
    owner = np.repeat(np.arange(n), lengths)
    sample = np.arange(stops[-1]) - np.repeat(stops - lengths, lengths)
    share = ((sample + 0.5) / lengths[owner]).astype(np.float32)
    seconds = (sample / SAMPLE_RATE).astype(np.float32)

    def each(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32)[owner]

    median, spread = style_parameter("strength", styles).T
    strength = gain * median * np.exp(spread * rng.standard_normal(n))
    rhythm = style_parameter("rhythm", styles) * np.exp(0.25 * rng.standard_normal(n))
    depth = np.clip(style_parameter("depth", styles) + 0.1 * rng.standard_normal(n), 0, 1)
    approach = style_parameter("approach", styles) * rng.uniform(0.5, 1.4, n) + 0.02
    still = style_parameter("stillness", styles) * rng.uniform(0.3, 1.5, n)
    still_from = approach + rng.random(n) * np.clip(1 - 2 * approach - still, 0, 1)

    edge = np.minimum(np.minimum(share, 1 - share) / each(approach), 1)
    signal = edge * edge * (3 - 2 * edge)
    beat = np.sin(2 * np.pi * (each(rhythm) * seconds + each(rng.random(n))))
    signal *= 1 - each(depth) * (0.5 - 0.5 * beat)
    standing = (share > each(still_from)) & (share < each(still_from + still))
    signal *= np.where(standing, np.float32(0.25), np.float32(1))
    noise = rng.standard_normal(len(owner), dtype=np.float32)
    signal *= 1 + each(style_parameter("flicker", styles)) * noise
    signal *= each(strength)
    signal += each(floor) * np.abs(rng.standard_normal(len(owner), dtype=np.float32))
    out_from, out_for = rng.random(n), rng.uniform(0.05, 0.3, n) * dropout
    missing = (share > each(out_from)) & (share < each(out_from + out_for))
    np.clip(signal, 0, 1, out=signal)
    np.round(signal, 3, out=signal)
    signal[missing] = 0
    square = np.bincount(owner, np.square(signal, dtype=np.float64), n)
    energy = np.sqrt(square / np.bincount(owner, ~missing, n))
    signal[missing] = np.nan
    return np.split(signal, stops[:-1]), energy
