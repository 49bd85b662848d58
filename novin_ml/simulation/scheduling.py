"""Scenes, and when they play at simulated homes.

A scene is a function ``scene(rng, homes, start, log)``. It plays once for each element of `homes`,
from the local second `start` on, and adds the events that the sensors there see to `log`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from novin_ml.simulation.event_log import Columns, SceneLog, take
from novin_ml.simulation.homes import DAY, Homes
from novin_ml.simulation.signals.motion_styles import NO_STYLE

#: Relative rates of the weekdays, Monday first.
EVERY_DAY = (1, 1, 1, 1, 1, 1, 1)
NO_SUNDAYS = (1, 1.05, 1.05, 1.05, 1.1, 0.6, 0.05)
WEEKENDS = (0.6, 0.6, 0.6, 0.7, 1, 2, 1.7)

Scene = Callable[..., None]
Hours = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class ScheduledScene:
    """A scene, how often it plays, and when.

    Parameters
    ----------
    scene : callable
        As described above.
    rate : float
        Scenes per home and day, on average over homes.
    hours : tuple of tuples of (float, float, float)
        Mixture of normal distributions of the local hour: mean, standard deviation, weight.
    weekdays : tuple of 7 floats
        Relative rates, Monday first.
    scaled_by : str, optional
        Field of `Homes` by which the rate of a home is multiplied.
    around : str, optional
        Field of `Homes` that holds the usual hour of each home; `hours` are relative to it.
    """

    scene: Scene
    rate: float
    hours: Hours
    weekdays: tuple[float, ...] = EVERY_DAY
    scaled_by: str | None = None
    around: str | None = None


def play(
    rng: np.random.Generator,
    homes: Homes,
    scenes: Iterable[ScheduledScene],
    days: int,
    log: SceneLog,
) -> None:
    """Draw when scenes play at the homes, and play them.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : Homes
        The homes, each once.
    scenes : iterable of ScheduledScene
        Which scenes to play, how often and when.
    days : int
        Number of days, from a Monday on.
    log : SceneLog
        Where the events go.
    """
    for scene in scenes:
        _play(rng, homes, scene, days, log)


def _play(
    rng: np.random.Generator, homes: Homes, scene: ScheduledScene, days: int, log: SceneLog
) -> None:
    per_home = np.full(len(homes), scene.rate)
    if scene.scaled_by is not None:
        per_home *= getattr(homes, scene.scaled_by)
    daily = np.array(scene.weekdays)[np.arange(days) % 7]
    plays = rng.poisson(np.outer(per_home, daily / daily.mean()))
    home, day = (np.repeat(index, plays[plays > 0]) for index in np.nonzero(plays))
    mean, spread, weight = np.array(scene.hours).T
    part = rng.choice(len(weight), len(home), p=weight / weight.sum())
    hour = mean[part] + spread[part] * rng.standard_normal(len(home))
    if scene.around is not None:
        hour += getattr(homes, scene.around)[home]
    scene.scene(rng, homes.at(home), day * DAY + hour % 24 * 3600, log)


def play_until(
    homes: Homes,
    play_days: Callable[[int], Columns],
    days: int,
    n_motions: int,
    context: float = 0.0,
) -> tuple[Columns, np.ndarray, np.ndarray]:
    """Play until there are enough motions, and sort the events of all homes by time.

    Parameters
    ----------
    homes : Homes
        The homes, each once.
    play_days : callable
        ``play_days(days)`` returns the events of so many days.
    days : int
        Number of days to try first. It is doubled until there are enough motions.
    n_motions : int
        Number of motions to keep.
    context : float, default=0.0
        Seconds after the last of these motions in which other events are kept, too.

    Returns
    -------
    events : dict of ndarray
        Columns of `SceneLog`, sorted by time.
    time : ndarray
        Seconds since 1970.
    kept : ndarray, bool
        Whether the event is one of the `n_motions` motions.
    """
    while True:
        events = play_days(days)
        if np.sum(events["style"] != NO_STYLE) >= n_motions:
            break
        days *= 2
    time = homes.to_utc(events["home"], events["local"])
    order = np.lexsort((events["home"], time))
    last = np.flatnonzero(events["style"][order] != NO_STYLE)[n_motions - 1]
    order = order[: np.searchsorted(time[order], time[order[last]] + context, side="right")]
    events = take(events, order)
    kept = (events["style"] != NO_STYLE) & (np.arange(len(order)) <= last)
    return events, time[order], kept
