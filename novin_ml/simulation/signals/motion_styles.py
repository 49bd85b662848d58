"""Motion styles: how people, animals, vehicles and weather fill the field of view of a sensor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.simulation.draws import lognormal

#: Samples per second of most sensors.
SAMPLE_RATE = 10.0

#: Shortest and longest motion that a sensor reports, in seconds.
SHORTEST, LONGEST = 0.6, 120.0


@dataclass(frozen=True)
class MotionStyle:
    """How a mover fills the field of view of a sensor.

    Durations, strengths and rhythms are drawn from log-normal distributions. A property that a
    mover lacks is 0.

    Parameters
    ----------
    duration : tuple of (float, float)
        Median, in seconds, and standard deviation of the logarithm.
    strength : tuple of (float, float)
        Median intensity at the usual distance of a sensor, and standard deviation of its
        logarithm.
    rhythm : float
        Median of the mover's cycles (steps, gusts) per second.
    depth : float
        Share of the intensity that comes and goes with the rhythm, 0..1.
    stillness : float
        Share of the middle part in which the mover stands still, 0..1.
    approach : float
        Share of the time in which the mover comes nearer; it leaves for as long. 0..0.5.
    flicker : float
        Standard deviation of the intensity from sample to sample, relative to the intensity.
    confidence : float
        Mean of the confidence that the sensor reports.
    tempo : float
        Standard deviation of the logarithm of the rhythm, from one event to another.
    harmonics : float
        Weight of the overtone of a step (the heel) and of the undertone (left and right differ).
    wander : float
        How far the rhythm drifts from a steady one within a second, in cycles.
    bursts : tuple of (float, float, float)
        Share of the intensity that is gone between bursts of activity, bursts per second, and
        share of the time that bursts take.
    sway : tuple of (float, float)
        Depth of a slow, irregular swaying, and its cycles per second.
    hum : tuple of (float, float)
        Depth of a fast steady oscillation (engine, tail), and its cycles per second. The sensor
        sees the alias of what is faster than half its sample rate.
    thud : float
        Height of the transient when something is put down, relative to the strength.
    sweep : float
        Height of the flash when headlights cross the sensor, relative to the strength.
    """

    duration: tuple[float, float]
    strength: tuple[float, float]
    rhythm: float
    depth: float
    stillness: float
    approach: float
    flicker: float
    confidence: float
    tempo: float = 0.25
    harmonics: float = 0.0
    wander: float = 0.0
    bursts: tuple[float, float, float] = (0.0, 0.0, 0.0)
    sway: tuple[float, float] = (0.0, 0.0)
    hum: tuple[float, float] = (0.0, 0.0)
    thud: float = 0.0
    sweep: float = 0.0


#: Every mover of the simulated homes.
STYLES = {
    # Deliveries, and what resembles them.
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
    # The six activities; each has several styles.
    "pass_by": MotionStyle(
        (14.5, 0.34), (0.52, 0.25), 1.85, 0.55, 0.00, 0.40, 0.08, 0.82,
        tempo=0.08, harmonics=0.25, wander=0.04,
    ),
    "stroll": MotionStyle(
        (27.0, 0.40), (0.42, 0.26), 1.55, 0.52, 0.06, 0.28, 0.08, 0.82,
        tempo=0.09, harmonics=0.25, wander=0.06, sway=(0.15, 0.15),
    ),
    "errand": MotionStyle(
        (19.0, 0.36), (0.50, 0.26), 1.80, 0.55, 0.25, 0.25, 0.08, 0.84,
        tempo=0.08, harmonics=0.25, wander=0.04,
    ),
    "toddle": MotionStyle(
        (13.0, 0.40), (0.33, 0.20), 2.40, 0.52, 0.06, 0.30, 0.08, 0.78,
        tempo=0.06, harmonics=0.25, wander=0.04,
    ),
    "prowl": MotionStyle(
        (13.0, 0.55), (0.20, 0.24), 3.00, 0.50, 0.00, 0.22, 0.14, 0.66,
        tempo=0.12, wander=0.20, bursts=(0.85, 0.35, 0.50),
    ),
    "trot": MotionStyle(
        (13.0, 0.55), (0.26, 0.24), 3.70, 0.50, 0.00, 0.30, 0.12, 0.74,
        tempo=0.08, wander=0.12, bursts=(0.55, 0.30, 0.60), hum=(0.18, 4.6),
    ),
    "sniff": MotionStyle(
        (9.0, 0.45), (0.22, 0.24), 3.20, 0.45, 0.25, 0.28, 0.13, 0.70,
        tempo=0.12, wander=0.18, bursts=(0.65, 0.40, 0.50), hum=(0.15, 4.4),
    ),
    "romp": MotionStyle(
        (16.0, 0.45), (0.40, 0.20), 4.10, 0.50, 0.00, 0.22, 0.12, 0.78,
        tempo=0.08, wander=0.12, bursts=(0.55, 0.40, 0.55), hum=(0.20, 4.7),
    ),
    "drive_by": MotionStyle(
        (8.0, 0.34), (0.84, 0.24), 0.10, 0.08, 0.00, 0.46, 0.03, 0.80,
        hum=(0.07, 27.0), sweep=0.35,
    ),
    "ride_by": MotionStyle(
        (4.5, 0.32), (0.84, 0.18), 0.10, 0.06, 0.00, 0.46, 0.03, 0.82,
        hum=(0.16, 33.0), sweep=0.20,
    ),
    "park": MotionStyle(
        (27.0, 0.40), (0.80, 0.24), 0.10, 0.10, 0.00, 0.25, 0.03, 0.84,
        hum=(0.16, 24.0), sweep=0.45, sway=(0.06, 0.08),
    ),
    "idle": MotionStyle(
        (55.0, 0.40), (0.55, 0.22), 0.10, 0.06, 0.00, 0.07, 0.03, 0.80,
        hum=(0.45, 22.0), sweep=0.45, sway=(0.06, 0.06),
    ),
    "far_road": MotionStyle(
        (15.0, 0.36), (0.37, 0.24), 0.10, 0.10, 0.00, 0.42, 0.05, 0.62,
        hum=(0.06, 30.0), sweep=0.20,
    ),
    "hand_over": MotionStyle(
        (8.0, 0.28), (0.36, 0.22), 1.75, 0.50, 0.32, 0.30, 0.08, 0.84,
        tempo=0.08, harmonics=0.25, wander=0.04, thud=2.80,
    ),
    "toss": MotionStyle(
        (4.8, 0.32), (0.36, 0.26), 1.95, 0.48, 0.12, 0.32, 0.08, 0.80,
        tempo=0.08, harmonics=0.25, wander=0.04, thud=2.80,
    ),
    "haul": MotionStyle(
        (17.0, 0.30), (0.46, 0.22), 1.45, 0.48, 0.40, 0.24, 0.08, 0.84,
        tempo=0.08, harmonics=0.25, wander=0.04, thud=3.00,
    ),
    "linger": MotionStyle(
        (60.0, 0.50), (0.25, 0.24), 0.30, 0.20, 0.10, 0.08, 0.10, 0.84,
        wander=0.12, sway=(0.50, 0.22), bursts=(0.50, 0.12, 0.35),
    ),
    "pace": MotionStyle(
        (48.0, 0.45), (0.31, 0.22), 1.50, 0.40, 0.12, 0.10, 0.08, 0.84,
        tempo=0.10, harmonics=0.20, wander=0.08, sway=(0.65, 0.13), bursts=(0.60, 0.10, 0.50),
    ),
    "lurk": MotionStyle(
        (32.0, 0.40), (0.18, 0.24), 0.35, 0.25, 0.15, 0.10, 0.11, 0.72,
        wander=0.12, sway=(0.45, 0.25), bursts=(0.60, 0.15, 0.30),
    ),
    "sprint": MotionStyle(
        (4.2, 0.35), (1.00, 0.18), 3.30, 0.70, 0.00, 0.36, 0.08, 0.86,
        tempo=0.06, harmonics=0.15, wander=0.04,
    ),
    "jog": MotionStyle(
        (8.5, 0.40), (0.86, 0.18), 2.80, 0.70, 0.00, 0.38, 0.08, 0.84,
        tempo=0.05, harmonics=0.15, wander=0.02,
    ),
    "chase": MotionStyle(
        (13.0, 0.45), (0.90, 0.16), 2.90, 0.70, 0.00, 0.24, 0.10, 0.80,
        tempo=0.06, harmonics=0.15, wander=0.05, bursts=(0.30, 0.20, 0.75),
    ),
}  # fmt: skip
#: The code of a style is its position here.
STYLE_NAMES = tuple(STYLES)
#: In place of a code: no motion.
NO_STYLE = -1


def style_parameter(name: str, styles: np.ndarray) -> np.ndarray:
    """Return the values that a field of `MotionStyle` has for an array of codes of styles."""
    return np.array([getattr(style, name) for style in STYLES.values()])[styles]


def draw_durations(
    rng: np.random.Generator,
    styles: np.ndarray,
    rate: np.ndarray | float = SAMPLE_RATE,
    limits: tuple[float, float] = (SHORTEST, LONGEST),
) -> np.ndarray:
    """Draw durations of motions, in seconds, a whole number of samples each.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    styles : ndarray of shape (n,), int
        Positions in `STYLE_NAMES`.
    rate : ndarray of shape (n,) or float, default=10.0
        Samples per second.
    limits : tuple of (float, float)
        Shortest and longest motion that the sensor reports, in seconds.

    Returns
    -------
    durations : ndarray of shape (n,)
        At least one sample each.
    """
    median, spread = style_parameter("duration", styles).T
    seconds = lognormal(rng, len(styles), median, spread)
    return np.maximum(np.round(np.clip(seconds, *limits) * rate), 1) / rate
