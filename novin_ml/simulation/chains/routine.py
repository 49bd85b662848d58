"""How often incidents, and what resembles them, happen at simulated homes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from novin_ml.simulation.chains import incidents, life
from novin_ml.simulation.chains.company import in_company, unobserved, when_at_home
from novin_ml.simulation.street.schedule import COURIERS, HABITS, WEEKENDS, Habit

#: Of 100 scenes and of 100 incidents so many have something innocent beside them.
COMPANY, INCIDENT_COMPANY = 0.15, 0.25

_DAY = ((10.0, 2.0, 0.5), (15.5, 2.5, 0.5))
_EVENING = ((19.5, 2.0, 1),)
_NIGHT = ((2.0, 2.0, 1),)
_ANY = ((14.0, 6.0, 1),)
_WORKDAYS = (1, 1, 1, 1, 1, 0.3, 0.1)


def _resident(scene: Callable[..., None]) -> Callable[..., None]:
    return partial(when_at_home, scene=scene)


_HOUSEHOLD = (
    *HABITS,
    Habit(_resident(life.children), 0.9, ((16.0, 2.0, 1),), WEEKENDS, scaled_by="children"),
    Habit(_resident(life.gardening), 0.6, _DAY, WEEKENDS, scaled_by="handiwork"),
    Habit(_resident(life.airing), 0.8, ((7.5, 1.0, 0.5), (21.5, 1.5, 0.5)), scaled_by="airing"),
    Habit(
        _resident(life.dropped_glass),
        0.12,
        ((8.0, 1.5, 0.3), (19.0, 2.0, 0.7)),
        scaled_by="clumsiness",
    ),
    Habit(life.false_glass, 0.08, _ANY, scaled_by="clumsiness"),
    Habit(_resident(life.unloading), 0.45, ((17.5, 2.0, 0.7), (11.0, 2.0, 0.3))),
    Habit(life.several_doors, 0.3, ((0.0, 1.5, 1),), around="returns"),
    Habit(_resident(life.locking_up), 0.5, ((22.5, 1.2, 1),), scaled_by="handiwork"),
    Habit(life.tradesman, 0.25, _DAY, _WORKDAYS, scaled_by="handiwork"),
    Habit(life.late_home, 0.35, ((0.5, 2.0, 1),), WEEKENDS, scaled_by="late_hours"),
    Habit(life.night_walk, 0.6, _NIGHT, scaled_by="late_hours"),
    Habit(_resident(life.evening), 4.0, ((7.5, 1.2, 0.3), (19.0, 2.5, 0.7))),
    Habit(life.loose_door, 0.35, _ANY, scaled_by="drafts"),
    Habit(life.wildlife, 0.6, ((1.5, 3.0, 0.7), (19.0, 3.0, 0.3)), scaled_by="wildlife"),
    Habit(_resident(life.noise), 0.8, ((19.0, 4.0, 1),)),
    Habit(life.party, 0.03, _EVENING, WEEKENDS),
    Habit(life.stray, 0.15, _ANY),
)

#: The days of a home without incidents.
HOUSEHOLD = tuple(
    replace(habit, scene=partial(in_company, scene=habit.scene, share=COMPANY))
    for habit in _HOUSEHOLD
)

_BURGLARS = ((1.5, 2.2, 0.45), (12.5, 2.8, 0.35), (20.0, 1.5, 0.20))
_PROWLERS = ((1.0, 2.5, 0.65), (19.0, 3.0, 0.2), (13.0, 3.0, 0.15))


def _incident(scene: Callable[..., None]) -> Callable[..., None]:
    return partial(unobserved, scene=scene)


#: Incidents with their shares of all; `Habit.rate` is the share.
INCIDENTS = tuple(
    replace(habit, scene=partial(in_company, scene=habit.scene, share=INCIDENT_COMPANY))
    for habit in (
        replace(COURIERS, rate=0.30),
        Habit(_incident(incidents.intrusion), 0.18, _BURGLARS),
        Habit(_incident(incidents.forced_entry), 0.20, _BURGLARS),
        Habit(_incident(incidents.break_in), 0.16, _BURGLARS),
        Habit(_incident(incidents.prowler), 0.16, _PROWLERS),
    )
)
