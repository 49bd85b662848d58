"""Simulated months of homes with habits, in which a few nights are unusual."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
import pandas as pd

from novin_ml.events.fields import HOME_MODES, column_dtypes
from novin_ml.events.kinds import KIND_DTYPE, event_kind
from novin_ml.events.zones import ZONE_DTYPE, normalize_zones
from novin_ml.simulation.homes import KINDS, ZONE_NAMES, spell_locations, spell_types
from novin_ml.simulation.months import changes, habits
from novin_ml.simulation.months.diary import CIRCUMSTANCES, INCIDENTS, Diary
from novin_ml.simulation.months.household import Household, draw_household
from novin_ml.simulation.months.local_time import SOUTHERN, LocalTime
from novin_ml.simulation.months.presence import Calendar, Presence, plan_days, presence_of
from novin_ml.simulation.months.unusual import plant_incidents
from novin_ml.simulation.parameters import RandomState, generators
from novin_ml.simulation.street.schedule import DAY, EPOCH
from novin_ml.simulation.street.sensors import NO_CONFIDENCE, NO_LOCATION, NO_MODE

#: Labels of an event.
UNUSUAL, USUAL = "unusual", "usual"

_YEAR = 364  # days within which homes begin to report
_MIDSUMMER = 173  # days after `EPOCH`, in the north
_HOLIDAYS = 1.6  # in half a year
_ADJUSTING = 4.0  # days after a change of the clock that are due to it
_CONFIDENCE = {"motion": 0.8, "sound": 0.7, "pet": 0.7, "face": 0.75}
# What routine events of the same days are due to; of several the first.
_DAYS_OF = ("party", "clock change", "holiday", "sick day", "guests")
_NAMES = np.array([*CIRCUMSTANCES, *INCIDENTS], dtype=object)

_MODE_DTYPE = pd.CategoricalDtype(list(HOME_MODES))

Columns = dict[str, np.ndarray]


def simulate_behavior(
    n_homes: int = 1,
    *,
    weeks: int = 26,
    unusual_per_month: float = 1.0,
    usual_weeks: int = 0,
    first_home: int = 0,
    circumstances: bool = False,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Simulate months of homes with habits, in which a few nights are unusual.

    Residents get up, leave, return, cook, and go to bed at hours of their own, which differ on
    days off, vary from day to day, drift from week to week and change for good at times. Motion,
    door, window, doorbell, vehicle, pet, face and sound sensors see some of it, and much from
    outside: couriers, passers-by, cats, wind. And life has its innocent changes: holidays, guests,
    parties, sick days, late nights, a dog from some day on, a cleaner, clocks that change on the
    dates of the home's time zone, sensors that are out or report what is not there.

    Incidents are planted in it: somebody walks through the rooms at night while all sleep, opens
    doors or windows, or the garage; somebody enters the empty home, by a window that nobody ever
    opened, or is seen inside first and at the door then. They are reported by the same sensors in
    the same words as everything else; most of their events also happen on usual days, at other
    hours or in another order.

    Parameters
    ----------
    n_homes : int, default=1
        Number of homes. Each is drawn from the random state and its own number alone.
    weeks : int, default=26
        Weeks of each home. They begin within one year, on any day of the week.
    unusual_per_month : float, default=1.0
        Incidents of a home in 30.44 days, on average; 0 to 30. It changes no other event.
    usual_weeks : int, default=0
        Weeks at the beginning in which there are no incidents.
    first_home : int, default=0
        Number of the first home: homes 20 to 29 of a large fleet are ``n_homes=10,
        first_home=20``.
    circumstances : bool, default=False
        Whether to add the column `circumstance`: what the event, or its day, is due to, one of
        ``"routine"``, ``"holiday"``, ``"guests"``, ``"party"``, ``"sick day"``, ``"clock
        change"``, ``"dog"`` and ``"sensor fault"``, or the name of the incident.
    random_state : int, Generator or RandomState, optional
        An int gives the same table, bit for bit, at each call.

    Returns
    -------
    events : DataFrame
        Event table with the column `label`, ``"unusual"`` for the events of incidents and
        ``"usual"`` for all others, sorted by time, homes interleaved. Homes differ widely, most
        send 50 to 150 events a day. There are no raw signals. About 3 % of homes have not
        consented.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    novin_ml.evaluation.detection_delay : How soon the incidents are found.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_behavior
    >>> events = simulate_behavior(2, weeks=4, random_state=0)
    >>> sorted(events["label"].unique())
    ['unusual', 'usual']
    >>> events["home_id"].nunique()
    2
    """
    _check("n_homes", n_homes, Integral, 1, np.inf)
    _check("weeks", weeks, Integral, 1, 520)
    _check("unusual_per_month", unusual_per_month, Real, 0, 30)
    _check("usual_weeks", usual_weeks, Integral, 0, np.inf)
    _check("first_home", first_home, Integral, 0, np.inf)
    (source,) = generators(random_state, 1)
    entropy = source.integers(2**63, size=2).tolist()
    homes = []
    for number in range(first_home, first_home + n_homes):
        streams = [np.random.default_rng([*entropy, number, i]) for i in range(4)]
        homes.append(_simulate_home(streams, number, weeks, unusual_per_month, usual_weeks))
    columns = {name: np.concatenate([home[name] for home in homes]) for name in homes[0]}
    order = np.argsort(columns["timestamp"], kind="stable")
    return _table({name: column[order] for name, column in columns.items()}, circumstances)


def _simulate_home(
    streams: list[np.random.Generator],
    number: int,
    weeks: int,
    per_month: float,
    usual_weeks: int,
) -> Columns:
    """Return the events of one home; incidents have random numbers of their own."""
    world, sensors, stranger, stranger_sensors = streams
    home = draw_household(world)
    first_day = int(world.integers(_YEAR))
    calendar = _calendar(world, home, first_day, 7 * weeks)
    clock = LocalTime.of(home.time_zone, EPOCH + DAY * first_day, 7 * weeks)
    diary, presence, spans = _live(world, home, calendar, clock)
    lag = sensors.exponential(0.1, len(calendar))
    tables = []
    cooldown = sensors.uniform(0.5, 4.0, len(home.sensors)) / 60
    outages = changes.draw_outages(world, len(home.sensors), len(calendar))
    unusual = plant_incidents(stranger, home, presence, home.sensors, per_month, 7 * usual_weeks)
    for events, rng in ((diary, sensors), (unusual, stranger_sensors)):
        time, code, cause = events.collect()
        kept = (time >= 0) & (time < 24.0 * len(calendar))
        for sensor, begin, end in outages:
            kept &= (code != sensor) | (time < begin) | (time >= end)
        kept &= _is_ready(time, code, home, cooldown)
        time, code, cause = time[kept], code[kept], cause[kept]
        for name in _DAYS_OF:
            cause[(cause == 0) & spans.within(name, time)] = CIRCUMSTANCES.index(name)
        mode = presence.look("mode", np.maximum(time - lag[(time // 24).astype(int)], 0))
        tables.append(_report(rng, home, clock, time, code, mode))
        tables[-1]["circumstance"] = cause
    columns = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    order = np.argsort(columns["timestamp"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    columns["home_id"] = np.full(len(order), f"home_{number + 1:04d}", dtype=object)
    return columns


def _live(
    rng: np.random.Generator, home: Household, calendar: Calendar, clock: LocalTime
) -> tuple[Diary, Presence, changes.Spans]:
    """Let months pass."""
    diary, spans = Diary(home.sensors), changes.Spans({})
    people = [plan_days(rng, person, calendar) for person in home.residents]
    presence = presence_of(rng, home, calendar, people)
    for person, days in zip(home.residents, people, strict=True):
        habits.live(rng, home, calendar, person, days, diary)
        for day in np.flatnonzero(days.sick):
            spans.add("sick day", 24.0 * day + 5, 24.0 * day + 24)
    habits.keep_house(rng, home, calendar, presence, diary)
    habits.pass_by(rng, home, calendar, presence, diary)
    changes.go_on_holiday(rng, home, calendar, diary, spans)
    changes.have_guests(rng, home, calendar, diary, spans)
    changes.give_parties(rng, home, calendar, presence, diary, spans)
    changes.get_dog(rng, home, calendar, diary)
    changes.have_cleaner(rng, home, calendar, diary)
    changes.fail_at_times(rng, calendar, diary)
    for hour in clock.change_hours():
        spans.add("clock change", hour, hour + 24 * _ADJUSTING)
    return diary, presence, spans


def _calendar(rng: np.random.Generator, home: Household, first_day: int, n_days: int) -> Calendar:
    day = first_day + np.arange(n_days)
    summer = np.cos(2 * np.pi * (day - _MIDSUMMER) / 365.25)
    holidays: list[tuple[float, float]] = []
    begins = np.sort(rng.uniform(0, 24.0 * n_days, rng.poisson(_HOLIDAYS * n_days / 182)))
    for begin in begins:
        begin = begin // 24 * 24 + rng.normal(10.5, 2.0)
        end = begin // 24 * 24 + 24.0 * rng.integers(2, 16) + rng.normal(17.0, 2.5)
        if not holidays or begin > holidays[-1][1] + 48:
            holidays.append((begin, end))
    return Calendar(
        weekday=day % 7,
        summer=-summer if home.time_zone in SOUTHERN else summer,
        holidays=np.array(holidays).reshape(-1, 2),
        on_holiday=rng.random(len(holidays)) < (0.6 if home.sets_modes else 0.0),
    )


def _is_ready(
    time: np.ndarray, code: np.ndarray, home: Household, cooldown: np.ndarray
) -> np.ndarray:
    """Tell which events a sensor reports, and not that it is still seeing the same."""
    switch = np.array([kind in ("door", "window", "doorbell") for kind, _ in home.sensors])
    shortest = np.where(switch, 1.0 / 3600, cooldown)
    order = np.lexsort((time, code))
    apart = np.diff(time[order], prepend=-np.inf) >= shortest[code[order]]
    first = np.diff(code[order], prepend=-1) != 0
    ready = np.empty(len(time), dtype=bool)
    ready[order] = apart | first
    return ready


def _report(
    rng: np.random.Generator,
    home: Household,
    clock: LocalTime,
    time: np.ndarray,
    code: np.ndarray,
    mode: np.ndarray,
) -> Columns:
    """What the sensors send of the events."""
    n = len(time)
    traits = home.traits.at(np.zeros(len(home.sensors), dtype=np.int64))
    kinds = [kind for kind, _ in home.sensors]
    types = spell_types(traits, np.array([KINDS.index(kind) for kind in kinds]))
    zones = np.array([ZONE_NAMES.index(zone) for _, zone in home.sensors])
    # The last name is that of an event whose location was lost.
    locations = np.array([*spell_locations(traits, zones), None], dtype=object)
    place = np.where(rng.random(n) < NO_LOCATION, len(zones), code)
    usual = np.array([_CONFIDENCE.get(kind, 0.95) for kind in kinds])[code]
    confidence = np.clip(usual + 0.09 * rng.standard_normal(n), 0.05, 0.99)
    confidence[rng.random(n) < NO_CONFIDENCE] = np.nan
    no_mode = (rng.random(n) < NO_MODE) | ~home.traits.sends_mode[0]
    motion = np.array([kind == "motion" for kind in kinds])[code]
    duration = np.round(9.0 * np.exp(0.6 * rng.standard_normal(n)), 1)
    energy = np.clip(0.4 * np.exp(0.35 * rng.standard_normal(n)), 0, 1)
    timestamp, utc_offset = clock.to_utc(time)
    return {
        "type": types[code],
        "kind": event_kind(types).cat.codes.to_numpy()[code],
        "timestamp": timestamp,
        "utc_offset": utc_offset,
        "confidence": np.round(confidence, 3),
        "location": locations[place],
        "zone": normalize_zones(locations).cat.codes.to_numpy()[place],
        "home_mode": np.where(no_mode, -1, mode),
        "duration": np.where(motion & home.traits.sends_duration[0], duration, np.nan),
        "energy": np.where(motion, np.round(energy, 4), np.nan),
        "consent": np.full(n, home.traits.consent[0]),
    }


def _table(columns: Columns, circumstances: bool) -> pd.DataFrame:
    n = len(columns["timestamp"])
    cause = columns.pop("circumstance")
    labels = np.array([USUAL, UNUSUAL], dtype=object)
    given: dict[str, object] = {
        **columns,
        "kind": pd.Categorical.from_codes(columns["kind"], dtype=KIND_DTYPE),
        "zone": pd.Categorical.from_codes(columns["zone"], dtype=ZONE_DTYPE),
        "home_mode": pd.Categorical.from_codes(columns["home_mode"], dtype=_MODE_DTYPE),
        "raw": np.full(n, None),
        "sample_rate": np.full(n, 10.0),
        "label": labels[(cause >= len(CIRCUMSTANCES)).astype(int)],
    }
    dtypes = column_dtypes(labels=("label",))
    if circumstances:
        given["circumstance"], dtypes["circumstance"] = _NAMES[cause], "object"
    return pd.DataFrame(
        {name: pd.Series(given[name], dtype=dtype) for name, dtype in dtypes.items()}
    )


def _check(name: str, value: object, kind: type, low: float, high: float) -> None:
    if not isinstance(value, kind) or isinstance(value, bool) or not low <= value <= high:  # type: ignore
        what = "an integer" if kind is Integral else "a number"
        most = f", at most {high:g}" if np.isfinite(high) else ""
        raise ValueError(f"{name} must be {what}, at least {low:g}{most}. Got {value!r} instead.")
