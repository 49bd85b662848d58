"""When things happen at simulated homes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from novin_ml.simulation.homes import Homes
from novin_ml.simulation.signals.signals import NO_STYLE
from novin_ml.simulation.street import scenes
from novin_ml.simulation.street.log import Log

DAY = 86_400.0
EPOCH = 1_735_516_800.0  # Monday, 30 December 2024, 00:00

EVERY_DAY = (1, 1, 1, 1, 1, 1, 1)
NO_SUNDAYS = (1, 1.05, 1.05, 1.05, 1.1, 0.6, 0.05)
WEEKENDS = (0.6, 0.6, 0.6, 0.7, 1, 2, 1.7)

Hours = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Habit:
    """How often and when a scene plays.

    Parameters
    ----------
    scene : callable
        A function of the module `scenes`.
    rate : float
        Scenes per home and day, on average over homes.
    hours : tuple of (float, float, float)
        Mixture of normal distributions of the local hour: mean, deviation, weight.
    weekdays : tuple of 7 floats
        Relative rates, Monday first.
    scaled_by : str, optional
        Field of `Homes` that the rate of a home is multiplied by.
    around : str, optional
        Field of `Homes` that is the home's own mean hour; `hours` are then relative to it.
    """

    scene: Callable[..., None]
    rate: float
    hours: Hours
    weekdays: tuple[float, ...] = EVERY_DAY
    scaled_by: str | None = None
    around: str | None = None


#: What happens at homes, couriers apart.
HABITS = (
    Habit(scenes.post, 0.6, ((10.8, 1.2, 1),), NO_SUNDAYS),
    Habit(scenes.neighbour, 0.35, ((18.0, 2.2, 0.7), (11.0, 2.0, 0.3))),
    Habit(scenes.visitor, 0.22, ((15.5, 2.0, 0.5), (19.0, 1.3, 0.5)), WEEKENDS),
    Habit(scenes.pick_up, 0.45, ((17.8, 1.5, 0.7), (13.0, 2.0, 0.3))),
    Habit(scenes.arrival, 0.5, ((0.0, 0.9, 0.8), (-4.0, 2.5, 0.2)), around="returns"),
    Habit(scenes.departure, 0.5, ((0.0, 0.6, 0.7), (6.0, 3.0, 0.3)), around="leaves"),
    Habit(scenes.passer_by, 0.4, ((8.5, 1.5, 0.3), (13.5, 3.5, 0.4), (18.0, 2.0, 0.3))),
    Habit(scenes.next_door, 0.4, ((0.0, 1.3, 1),), NO_SUNDAYS, around="courier_hour"),
    Habit(scenes.car, 1.2, ((8.5, 2.0, 0.3), (13.5, 3.5, 0.4), (17.5, 2.0, 0.3))),
    Habit(
        scenes.cat, 0.9, ((6.0, 2.0, 0.35), (20.5, 2.5, 0.35), (13.0, 4.0, 0.3)), scaled_by="cats"
    ),
    Habit(scenes.garden, 0.7, ((14.5, 3.5, 1),), WEEKENDS),
    Habit(scenes.indoors, 0.4, ((8.0, 2.0, 0.4), (19.0, 3.0, 0.6))),
    Habit(scenes.weather, 0.8, ((14.0, 6.0, 1),), scaled_by="wind"),
)
#: Couriers; `play_days` sets their rate.
COURIERS = Habit(
    scenes.courier, 0.0, ((0.0, 1.1, 0.7), (4.0, 1.0, 0.3)), NO_SUNDAYS, around="courier_hour"
)


def play(rng: np.random.Generator, homes: Homes, habit: Habit, days: int, log: Log) -> None:
    """Draw when a scene plays at the homes, and play it.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : Homes
        The homes, each once.
    habit : Habit
        What to play, how often and when.
    days : int
        Number of days, from a Monday on.
    log : Log
        Where the events go.
    """
    per_home = np.full(len(homes), habit.rate)
    if habit.scaled_by is not None:
        per_home *= getattr(homes, habit.scaled_by)
    daily = np.array(habit.weekdays)[np.arange(days) % 7]
    plays = rng.poisson(np.outer(per_home, daily / daily.mean()))
    home, day = (np.repeat(index, plays[plays > 0]) for index in np.nonzero(plays))
    mean, spread, weight = np.array(habit.hours).T
    part = rng.choice(len(weight), len(home), p=weight / weight.sum())
    hour = mean[part] + spread[part] * rng.standard_normal(len(home))
    if habit.around is not None:
        hour += getattr(homes, habit.around)[home]
    habit.scene(rng, homes.at(home), day * DAY + hour % 24 * 3600, log)


def play_days(
    rng: np.random.Generator, homes: Homes, days: int, prevalence: float
) -> dict[str, np.ndarray]:
    """Play every habit; couriers come as often as makes `prevalence` of the motions deliveries."""
    log = Log()
    for habit in HABITS:
        play(rng, homes, habit, days, log)
    others = log.n_motions()
    visits = (
        prevalence * others
        / (scenes.DELIVERIES_PER_COURIER - prevalence * scenes.MOTIONS_PER_COURIER)
    )  # fmt: skip
    play(rng, homes, replace(COURIERS, rate=visits / (days * len(homes))), days, log)
    return log.collect()


def timeline(
    homes: Homes,
    play_all: Callable[[int], dict[str, np.ndarray]],
    days: int,
    n_motions: int,
    context: float = 0.0,
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Play until there are motions enough, and put the events of all homes in one order.

    Parameters
    ----------
    homes : Homes
        The homes, each once.
    play_all : callable
        ``play_all(days)`` returns the events of so many days.
    days : int
        How many should be enough; twice as many are tried until they are.
    n_motions : int
        Number of motions to keep.
    context : float, default=0.0
        Seconds of other events to keep after the last of these.

    Returns
    -------
    events : dict of ndarray
        Columns as from `Log.collect`, sorted by time.
    time : ndarray
        Seconds since the epoch.
    kept : ndarray, bool
        Whether the event is one of the `n_motions` motions.
    """
    while True:
        events = play_all(days)
        if np.sum(events["style"] != NO_STYLE) >= n_motions:
            break
        days *= 2
    time = np.round(EPOCH + events["local"] - homes.utc_offset[events["home"]], 3)
    order = np.lexsort((events["home"], time))
    last = np.flatnonzero(events["style"][order] != NO_STYLE)[n_motions - 1]
    order = order[: np.searchsorted(time[order], time[order[last]] + context, side="right")]
    events = {name: column[order] for name, column in events.items()}
    kept = (events["style"] != NO_STYLE) & (np.arange(len(order)) <= last)
    return events, time[order], kept
