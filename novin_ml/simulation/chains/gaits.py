"""Gaits of people: burglars and residents walk, hurry and creep alike."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.event_log import Columns
from novin_ml.simulation.homes import Homes
from novin_ml.simulation.signals.motion_styles import STYLE_NAMES, draw_durations

#: Shares of the gaits. Residents creep through a dark house, burglars stroll up to a door: sensors
#: have the same confidence in both.
GAITS = {"walk": 0.4, "resident": 0.4, "lurk": 0.2}
#: Seconds for which the people at a home keep their gait.
KEPT = 600.0

#: Styles of people.
PEOPLE = [
    STYLE_NAMES.index(style)
    for style in ("drop", "post", "pick_up", "walk", "wait", "resident", "play", "lurk")
]
_GAITS = np.array([STYLE_NAMES.index(style) for style in GAITS])


def draw_gaits(rng: np.random.Generator, homes: Homes, events: Columns) -> Columns:
    """Draw the gaits of people, which do not depend on their intentions.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : Homes
        The homes, each once.
    events : dict of ndarray
        Columns of `SceneLog`.

    Returns
    -------
    events : dict of ndarray
        The same columns; motions of people have new styles and durations.
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
