"""Homes whose half year changes: a courier's new habit, a dead sensor, new firmware, wrong labels.

A model that was trained in the first weeks meets, from the week on that is given here:

- `COURIER`: six of ten parcels are left behind the house in the evening, without a ring or a van;
- `SENSOR`: the doorbells of a third of the homes are dead;
- `FIRMWARE`: all sensors report longer and weaker motions;
- `POISON`: for that week alone, each label is the other one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from novin_ml.lifecycle.weeks import weeks_of
from novin_ml.simulation.draws import chance
from novin_ml.simulation.event_log import SceneLog, take
from novin_ml.simulation.event_table import event_table
from novin_ml.simulation.homes import DAY, EPOCH, Homes, draw_homes
from novin_ml.simulation.labels import add_labels, annotate
from novin_ml.simulation.scheduling import NO_SUNDAYS, ScheduledScene, play
from novin_ml.simulation.signals.motion_styles import NO_STYLE
from novin_ml.simulation.street.everyday import EVERYDAY
from novin_ml.simulation.street.visits import (
    COURIERS,
    DELIVERIES_PER_COURIER,
    MOTIONS_PER_COURIER,
    walk_up,
)

WEEKS = 26
COURIER, SENSOR, FIRMWARE, POISON = 8, 12, 15, 20
#: Share of what happens in a home of `novin_ml.simulation`, and of deliveries among motions.
BUSY, PREVALENCE = 0.4, 0.25
_DAYS = 7
LABELS = ("no_delivery", "delivery")
_NEW_HABIT, _ANNOTATOR_ERROR = 0.6, 0.02
_FIRST_WEEK = int(weeks_of(np.array([EPOCH]))[0])


def evening_courier(
    rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog
) -> None:
    """A courier comes on foot in the evening, and leaves the parcel behind the house."""
    walk_up(rng, homes, start, log, 0.3)
    log.move(
        rng, "drop", homes, start + rng.uniform(8, 30, len(homes)), homes.back_zone, delivery=True
    )


_EVENING = ScheduledScene(evening_courier, 0.0, ((20.3, 0.8, 1),), NO_SUNDAYS)


@dataclass
class ChangingHomes:
    """Homes, week by week.

    Parameters
    ----------
    n_homes : int
    seed : int
    changes : bool
        Whether anything changes.
    """

    n_homes: int
    seed: int = 0
    changes: bool = True
    homes: Homes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.homes = draw_homes(np.random.default_rng(self.seed), self.n_homes)
        self.homes.consent[:] = True
        # Their weeks are those that a retraining sees.
        self.homes.utc_offset[:] = 0

    def week(self, number: int) -> pd.DataFrame:
        """Return the events of a week, from 1; `label` is what the annotator says."""
        rng = np.random.default_rng([self.seed, number])
        log = SceneLog()
        scenes = [replace(each, rate=BUSY * each.rate) for each in EVERYDAY]
        play(rng, self.homes, scenes, _DAYS, log)
        others = log.n_motions()
        visits = PREVALENCE * others / (DELIVERIES_PER_COURIER - PREVALENCE * MOTIONS_PER_COURIER)
        new = _NEW_HABIT if self._has(COURIER, number) else 0.0
        rate = visits / (_DAYS * len(self.homes))
        couriers = [replace(COURIERS, rate=(1 - new) * rate), replace(_EVENING, rate=new * rate)]
        play(rng, self.homes, couriers, _DAYS, log)
        events = log.collect()
        events["local"] = events["local"] + (number - 1) * 7 * DAY
        time = self.homes.to_utc(events["home"], events["local"])
        order = np.lexsort((events["home"], time))
        events, time = take(events, order), time[order]
        table = event_table(rng, self.homes, events, time, draw="")
        # Raw signals would only cost time: what the courier does shows in the other features.
        table["raw"] = None
        is_motion = events["style"] != NO_STYLE
        clean = events["delivery"].astype(int)
        given = annotate(rng, clean, len(LABELS), _ANNOTATOR_ERROR)
        if self._has(POISON, number, only=True):
            given = 1 - given
        add_labels(table, LABELS, given, clean, is_motion)
        return self._changed(table, number)

    def _has(self, change: int, number: int, *, only: bool = False) -> bool:
        return self.changes and (number == change if only else number >= change)

    def _changed(self, table: pd.DataFrame, number: int) -> pd.DataFrame:
        if self._has(FIRMWARE, number):
            table["duration"] = np.ceil((table["duration"] + 4) / 4).astype(np.float32) * 4
            table["energy"] = (0.7 * table["energy"]).astype(np.float32).round(4)
        if self._has(SENSOR, number):
            dead = chance(np.random.default_rng([self.seed, 0]), self.n_homes, 1 / 3)
            names = np.sort(table["home_id"].unique())[dead]
            table = table[~((table["kind"] == "doorbell") & table["home_id"].isin(names))]
        return table.reset_index(drop=True)


def week_number(seconds: float) -> int:
    """Return the number of the week of a time, from 1."""
    return int(weeks_of(np.array([seconds]))[0]) - _FIRST_WEEK + 1
