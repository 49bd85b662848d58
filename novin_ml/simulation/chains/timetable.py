"""Timetable of homes with incidents: how often scenes play, when, and beside which others."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from novin_ml.simulation.chains import incidents, nuisances, residents
from novin_ml.simulation.chains.equipped_homes import EquippedHomes
from novin_ml.simulation.draws import chance
from novin_ml.simulation.event_log import SceneLog
from novin_ml.simulation.homes import DAY, is_empty
from novin_ml.simulation.scheduling import WEEKENDS, Scene, ScheduledScene
from novin_ml.simulation.street import everyday
from novin_ml.simulation.street.visits import COURIERS

#: Share of the scenes of residents that play even when the house is usually empty.
DAYS_OFF = 0.2

#: Share of the incidents that wait for the night if somebody might be at home and awake.
PATIENT = 0.75

#: Shares of the scenes and of the incidents that have something innocent beside them.
COMPANY, INCIDENT_COMPANY = 0.15, 0.25

_DAY = ((10.0, 2.0, 0.5), (15.5, 2.5, 0.5))
_EVENING = ((19.5, 2.0, 1),)
_NIGHT = ((2.0, 2.0, 1),)
_ANY = ((14.0, 6.0, 1),)
_WORKDAYS = (1, 1, 1, 1, 1, 0.3, 0.1)


def unobserved(
    rng: np.random.Generator,
    homes: EquippedHomes,
    start: np.ndarray,
    log: SceneLog,
    *,
    scene: Scene,
) -> None:
    """Play an incident, mostly while nobody is at home or everybody sleeps."""
    hour = start / 3600 % 24
    waits = ~is_empty(homes, start) & (hour > 5.5) & chance(rng, len(homes), PATIENT)
    night = start // DAY * DAY + 3600 * (24.0 + rng.uniform(-0.5, 5.5, len(homes)))
    scene(rng, homes, np.where(waits, night, start), log)


def when_at_home(
    rng: np.random.Generator,
    homes: EquippedHomes,
    start: np.ndarray,
    log: SceneLog,
    *,
    scene: Scene,
) -> None:
    """Play a scene of residents; seldom where the house is empty (a day off, a cleaner)."""
    rows = np.flatnonzero(~is_empty(homes, start) | chance(rng, len(homes), DAYS_OFF))
    scene(rng, homes.at(rows), start[rows], log)


#: What else may go on while something else happens.
BESIDE = (
    residents.children,
    residents.gardening,
    residents.evening,
    nuisances.wildlife,
    everyday.cat,
    everyday.car,
    everyday.passer_by,
    everyday.weather,
    nuisances.loose_door,
    nuisances.noise,
    residents.airing,
    everyday.arrival,
)


def in_company(
    rng: np.random.Generator,
    homes: EquippedHomes,
    start: np.ndarray,
    log: SceneLog,
    *,
    scene: Scene,
    share: float,
) -> None:
    """Play a scene, and something innocent at the same time at a `share` of its homes."""
    scene(rng, homes, start, log)
    beside = chance(rng, len(homes), share)
    which = np.where(beside, rng.integers(len(BESIDE), size=len(homes)), -1)
    for number, other in enumerate(BESIDE):
        rows = np.flatnonzero(which == number)
        if len(rows):
            other(rng, homes.at(rows), start[rows] + rng.uniform(-40, 40, len(rows)), log)


def _resident(scene: Scene) -> Scene:
    return partial(when_at_home, scene=scene)


_HOUSEHOLD = (
    *everyday.EVERYDAY,
    ScheduledScene(
        _resident(residents.children), 0.9, ((16.0, 2.0, 1),), WEEKENDS, scaled_by="children"
    ),
    ScheduledScene(_resident(residents.gardening), 0.6, _DAY, WEEKENDS, scaled_by="handiwork"),
    ScheduledScene(
        _resident(residents.airing), 0.8, ((7.5, 1.0, 0.5), (21.5, 1.5, 0.5)), scaled_by="airing"
    ),
    ScheduledScene(
        _resident(residents.dropped_glass),
        0.12,
        ((8.0, 1.5, 0.3), (19.0, 2.0, 0.7)),
        scaled_by="clumsiness",
    ),
    ScheduledScene(nuisances.false_glass, 0.08, _ANY, scaled_by="clumsiness"),
    ScheduledScene(_resident(residents.unloading), 0.45, ((17.5, 2.0, 0.7), (11.0, 2.0, 0.3))),
    ScheduledScene(residents.several_doors, 0.3, ((0.0, 1.5, 1),), around="returns"),
    ScheduledScene(_resident(residents.locking_up), 0.5, ((22.5, 1.2, 1),), scaled_by="handiwork"),
    ScheduledScene(nuisances.tradesman, 0.25, _DAY, _WORKDAYS, scaled_by="handiwork"),
    ScheduledScene(residents.late_home, 0.35, ((0.5, 2.0, 1),), WEEKENDS, scaled_by="late_hours"),
    ScheduledScene(residents.night_walk, 0.6, _NIGHT, scaled_by="late_hours"),
    ScheduledScene(_resident(residents.evening), 4.0, ((7.5, 1.2, 0.3), (19.0, 2.5, 0.7))),
    ScheduledScene(nuisances.loose_door, 0.35, _ANY, scaled_by="drafts"),
    ScheduledScene(
        nuisances.wildlife, 0.6, ((1.5, 3.0, 0.7), (19.0, 3.0, 0.3)), scaled_by="wildlife"
    ),
    ScheduledScene(_resident(nuisances.noise), 0.8, ((19.0, 4.0, 1),)),
    ScheduledScene(residents.party, 0.03, _EVENING, WEEKENDS),
    ScheduledScene(nuisances.stray, 0.15, _ANY),
)

#: What happens at homes without incidents.
HOUSEHOLD = tuple(
    replace(scheduled, scene=partial(in_company, scene=scheduled.scene, share=COMPANY))
    for scheduled in _HOUSEHOLD
)

_BURGLARS = ((1.5, 2.2, 0.45), (12.5, 2.8, 0.35), (20.0, 1.5, 0.20))
_PROWLERS = ((1.0, 2.5, 0.65), (19.0, 3.0, 0.2), (13.0, 3.0, 0.15))


def _incident(scene: Scene) -> Scene:
    return partial(unobserved, scene=scene)


#: Incidents; `ScheduledScene.rate` is the share of each.
INCIDENTS = tuple(
    replace(scheduled, scene=partial(in_company, scene=scheduled.scene, share=INCIDENT_COMPANY))
    for scheduled in (
        replace(COURIERS, rate=0.30),
        ScheduledScene(_incident(incidents.intrusion), 0.18, _BURGLARS),
        ScheduledScene(_incident(incidents.forced_entry), 0.20, _BURGLARS),
        ScheduledScene(_incident(incidents.break_in), 0.16, _BURGLARS),
        ScheduledScene(_incident(incidents.prowler), 0.16, _PROWLERS),
    )
)
