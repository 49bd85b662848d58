"""Simulate months of homes with habits, in which a few nights are unusual."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.fields import column_dtypes
from novin_ml.events.labels import UNUSUAL, USUAL
from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY
from novin_ml.simulation.event_log import Columns, join, take
from novin_ml.simulation.event_table import table_of
from novin_ml.simulation.homes import DAY, EPOCH, home_name
from novin_ml.simulation.months import changes, routines
from novin_ml.simulation.months.calendar import Calendar, draw_calendar
from novin_ml.simulation.months.causes import CAUSES, CIRCUMSTANCES, Spans
from novin_ml.simulation.months.day_plans import plan_days
from novin_ml.simulation.months.home_log import HomeLog
from novin_ml.simulation.months.household import Household, draw_household
from novin_ml.simulation.months.incidents import plant_incidents
from novin_ml.simulation.months.local_time import LocalTime, within
from novin_ml.simulation.months.presence import Presence, presence_of
from novin_ml.simulation.months.sensor_reports import draw_ends, is_ready, report
from novin_ml.simulation.parameters import RandomState, generators
from novin_ml.simulation.signals.motion_styles import SAMPLE_RATE
from novin_ml.validation import Constraints, validate_params

_YEAR = 364  # days within which homes begin to report
_ADJUSTING = 4.0  # days that people need to adjust to a change of the clock
_CAUSE_NAMES = np.array(CAUSES, dtype=object)


def _constraints(data: Any) -> Constraints:
    class NoBool(data.Interval):
        def is_satisfied_by(self, value: object) -> bool:
            return not isinstance(value, bool) and bool(super().is_satisfied_by(value))

    return {
        "n_homes": [NoBool(Integral, 1, None, closed="left")],
        "weeks": [NoBool(Integral, 1, 520, closed="both")],
        "unusual_per_month": [NoBool(Real, 0, 30, closed="both")],
        "usual_weeks": [NoBool(Integral, 0, None, closed="left")],
        "first_home": [NoBool(Integral, 0, None, closed="left")],
    }


@validate_params(_constraints, prefer_skip_nested_validation=True)
def simulate_behavior(
    n_homes: int = 1,
    *,
    weeks: int = 26,
    unusual_per_month: float = 1.0,
    usual_weeks: int = 0,
    first_home: int = 0,
    circumstances: bool = False,
    ends: bool = False,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Simulate months of homes with habits, in which a few nights are unusual.

    Residents get up, leave, return, cook, and go to bed at hours of their own. These hours differ
    on days off, vary from day to day, drift from week to week and sometimes change for good.
    Motion, door, window, doorbell, vehicle, pet, face and sound sensors see some of this, and much
    from outside: couriers, passers-by, cats, wind. There are innocent changes, too: holidays,
    guests, parties, sick days, late nights, a dog, a cleaner, clocks that change on the dates of
    the time zone, and sensors that fail or report false motions.

    Incidents are planted in these months. While everybody sleeps, somebody walks through the rooms
    or opens doors, windows or the garage. Somebody enters the empty home, perhaps by a window that
    nobody ever opened, or is seen inside first and at the door afterwards. The same sensors report
    incidents in the same words. Most events of incidents also happen on usual days, at other hours
    or in another order.

    Parameters
    ----------
    n_homes : int, default=1
        Number of homes, at least 1. A home depends only on the random state and on its number.
    weeks : int, default=26
        Weeks of each home, 1 to 520. They begin within one year, on any day of the week.
    unusual_per_month : float, default=1.0
        Average number of incidents per home and 30.44 days, 0 to 30. It changes no other event.
    usual_weeks : int, default=0
        Number of weeks at the beginning without incidents.
    first_home : int, default=0
        Number of the first home, from 0: homes 20 to 29 of a large fleet are ``n_homes=10,
        first_home=20``.
    circumstances : bool, default=False
        Whether to add the column `circumstance` (str), the cause of the event or of its day:
        ``"routine"``, ``"holiday"``, ``"guests"``, ``"party"``, ``"sick day"``, ``"clock
        change"``, ``"dog"``, ``"sensor fault"``, or the name of the incident.
    ends : bool, default=False
        Whether to add the column `end`: when a door or window was closed, or a motion ended. It
        changes no other column.
    random_state : int, Generator or RandomState, optional
        An int gives the same table, bit for bit, at each call.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        Event table with the dtypes of `novin_ml.events.column_dtypes` and the column `label`
        (str): ``"unusual"`` for the events of incidents and ``"usual"`` for all others. Events are
        sorted by time, homes interleaved. Homes differ widely; most send 50 to 150 events a day.
        There are no raw signals. About 3 % of the homes have not consented.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    novin_ml.evaluation.detection_delay : Measure how soon a detector finds the incidents.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_behavior
    >>> events = simulate_behavior(2, weeks=4, random_state=0)
    >>> sorted(events["label"].unique())
    ['unusual', 'usual']
    >>> events["home_id"].nunique()
    2
    """
    (source,) = generators(random_state, 1)
    entropy = source.integers(2**63, size=2).tolist()
    homes = []
    for number in range(first_home, first_home + n_homes):
        streams = [np.random.default_rng([*entropy, number, i]) for i in range(6)]
        homes.append(_simulate_home(streams, number, weeks, unusual_per_month, usual_weeks, ends))
    return _table(_by_time(homes), circumstances, ends)


def _by_time(parts: list[Columns]) -> Columns:
    columns = join(parts)
    return take(columns, np.argsort(columns["timestamp"], kind="stable"))


def _simulate_home(
    streams: list[np.random.Generator],
    number: int,
    weeks: int,
    per_month: float,
    usual_weeks: int,
    ends: bool,
) -> Columns:
    """Return the events of one home; incidents have random numbers of their own."""
    world, sensors, stranger, stranger_sensors, closing, stranger_closing = streams
    home = draw_household(world)
    first_day = int(world.integers(_YEAR))
    calendar = draw_calendar(world, home, first_day, 7 * weeks)
    clock = LocalTime.of(home.time_zone, EPOCH + DAY * first_day, 7 * weeks)
    log, presence, spans = _live(world, home, calendar, clock)
    lag = sensors.exponential(0.1, len(calendar))
    cooldown = sensors.uniform(0.5, 4.0, len(home.sensors)) / 60
    outages = changes.draw_outages(world, len(home.sensors), len(calendar))
    unusual = plant_incidents(stranger, home, presence, per_month, 7 * usual_weeks)
    reports = []
    for events, rng, closes in (
        (log.collect(), sensors, closing),
        (unusual.collect(), stranger_sensors, stranger_closing),
    ):
        time, sensor = events["time"], events["sensor"]
        kept = (time >= 0) & (time < 24.0 * len(calendar))
        for broken, span in outages:
            kept &= (sensor != broken) | ~within(time, [span])
        kept &= is_ready(time, sensor, home, cooldown)
        events = take(events, kept)
        time = events["time"]
        mode = presence.look("mode", np.maximum(time - lag[(time // 24).astype(int)], 0))
        sent = report(rng, home, clock, events, mode)
        if ends:
            sent["end"] = draw_ends(closes, sent)
        reports.append({**sent, "circumstance": spans.explain(time, events["cause"])})
    columns = _by_time(reports)
    columns["home_id"] = np.full(len(columns["timestamp"]), home_name(number), dtype=object)
    return columns


def _live(
    rng: np.random.Generator, home: Household, calendar: Calendar, clock: LocalTime
) -> tuple[HomeLog, Presence, Spans]:
    """Play the months of one home; return its log, its presence and its circumstances."""
    log, spans = HomeLog(home.sensors), Spans()
    people = [plan_days(rng, person, calendar) for person in home.residents]
    presence = presence_of(rng, home, calendar, people)
    for person, days in zip(home.residents, people, strict=True):
        routines.live(rng, home, calendar, person, days, log)
        for day in np.flatnonzero(days.sick):
            spans.add("sick day", 24.0 * day + 5, 24.0 * day + 24)
    routines.keep_house(rng, home, calendar, presence, log)
    routines.pass_by(rng, home, calendar, presence, log)
    changes.go_on_holiday(rng, home, calendar, log, spans)
    changes.have_guests(rng, home, calendar, log, spans)
    changes.give_parties(rng, home, calendar, presence, log, spans)
    changes.get_dog(rng, home, calendar, log)
    changes.have_cleaner(rng, home, calendar, log)
    changes.fail_at_times(rng, calendar, log)
    for hour in clock.change_hours():
        spans.add("clock change", hour, hour + 24 * _ADJUSTING)
    return log, presence, spans


def _table(columns: Columns, circumstances: bool, ends: bool) -> pd.DataFrame:
    n = len(columns["timestamp"])
    cause = columns.pop("circumstance")
    labels = np.array([USUAL, UNUSUAL], dtype=object)
    dtypes = column_dtypes(labels=("label",), optional=("end",) if ends else ())
    given: dict[str, object] = {
        **columns,
        "kind": pd.Categorical.from_codes(columns["kind"], dtype=DEFAULT_VOCABULARY.kind_dtype),
        "zone": pd.Categorical.from_codes(columns["zone"], dtype=DEFAULT_VOCABULARY.zone_dtype),
        "home_mode": pd.Categorical.from_codes(columns["home_mode"], dtype=dtypes["home_mode"]),
        "raw": np.full(n, None),
        "sample_rate": np.full(n, SAMPLE_RATE),
        "label": labels[(cause >= len(CIRCUMSTANCES)).astype(int)],
    }
    if circumstances:
        given["circumstance"], dtypes["circumstance"] = _CAUSE_NAMES[cause], "object"
    return table_of(given, dtypes)
