"""How people move whose intentions nobody knows: alike, whatever they are up to."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.chains.equipment import EquippedHomes
from novin_ml.simulation.signals.styles import STYLE_NAMES, draw_durations

#: Shares of the gaits. Residents creep through a dark house, burglars stroll up to a door: a sensor
#: is no surer of one than of the other.
GAITS = {"walk": 0.4, "resident": 0.4, "lurk": 0.2}
#: For so long the people at a home keep their gait, in seconds.
KEPT = 600.0

#: Styles of people.
PEOPLE = [
    STYLE_NAMES.index(style)
    for style in ("drop", "post", "pick_up", "walk", "wait", "resident", "play", "lurk")
]
_GAITS = np.array([STYLE_NAMES.index(style) for style in GAITS])


def draw_gaits(
    rng: np.random.Generator, homes: EquippedHomes, events: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Let everybody move in a gait that tells nothing about them.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : EquippedHomes
        The homes, each once.
    events : dict of ndarray
        Columns from `Log.collect`.

    Returns
    -------
    events : dict of ndarray
        The same with other styles and durations of the motions of people, drawn alike for all.
    """
    people = np.flatnonzero(np.isin(events["style"], PEOPLE))
    home = events["home"][people]
    times = np.floor(events["local"][people] / KEPT).astype(np.int64)
    meetings, meeting = np.unique(home * 10_000_000 + times, return_inverse=True)
    gaits = rng.choice(_GAITS, len(meetings), p=np.array([*GAITS.values()]))
    style, duration = events["style"].copy(), events["duration"].copy()
    style[people] = gaits[meeting]
    duration[people] = draw_durations(rng, style[people], homes.sample_rate[home])
    return events | {"style": style, "duration": duration}
