"""Innocent changes at a home: holidays, guests, parties, a dog, a cleaner, sensor faults."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from novin_ml.simulation.draws import chance
from novin_ml.simulation.event_log import take
from novin_ml.simulation.months.calendar import HALF_YEAR, Calendar
from novin_ml.simulation.months.causes import Spans
from novin_ml.simulation.months.day_plans import plan_days
from novin_ml.simulation.months.home_log import HomeLog
from novin_ml.simulation.months.household import Household, Sensor, draw_resident
from novin_ml.simulation.months.presence import Presence
from novin_ml.simulation.months.routines import live, way_out

#: Chances in half a year: a dog comes, a cleaner comes every week, a sensor becomes flaky.
DOG, CLEANER, FLAKY = 0.25, 0.15, 0.3
#: How often in half a year guests stay, parties are given, and a sensor is out.
GUESTS, PARTIES, OUTAGES = 1.5, 1.0, 0.7


def go_on_holiday(
    rng: np.random.Generator, home: Household, calendar: Calendar, log: HomeLog, spans: Spans
) -> None:
    """Leave together and come back; a neighbour may look after the home in between."""
    for begin, end in calendar.holidays:
        spans.add("holiday", begin, end)
        way = way_out(rng, home, log)
        for _ in range(3):
            log.walk(rng, np.array([begin - rng.uniform(0, 0.3)]), way)
            log.walk(rng, np.array([end + rng.uniform(0, 0.3)]), way[::-1])
        if rng.random() < 0.5:
            hour = rng.uniform(9, 19)
            visits = np.arange(begin // 24 + 1, end // 24, rng.integers(1, 4)) * 24.0 + hour
            visits += rng.normal(0, 1.0, len(visits))
            inside: list[Sensor] = [("door", "front_door"), ("motion", "hallway")]
            inside += [("motion", "kitchen"), ("motion", "living_room")]
            path: list[Sensor] = [("motion", home.zone("entry_zone")), *inside]
            end_of = log.walk(rng, visits, path, "holiday", seconds=90)
            log.walk(rng, end_of, path[::-1], "holiday", seconds=60)


def have_guests(
    rng: np.random.Generator, home: Household, calendar: Calendar, log: HomeLog, spans: Spans
) -> None:
    """Let guests stay for some days; they keep hours of their own."""
    for _ in range(rng.poisson(GUESTS * len(calendar) / HALF_YEAR)):
        first = int(rng.integers(len(calendar)))
        nights = int(rng.integers(1, 8))
        for _ in range(rng.integers(1, 4)):
            guest = replace(
                draw_resident(rng, first=True), leaves=np.nan, returns=np.nan, outings=0.8
            )
            guest = replace(guest, sleeps=guest.sleeps + rng.uniform(0, 2))
            days = plan_days(rng, guest, calendar, share=0.0)
            visit = HomeLog(log.sensors)
            live(rng, home, calendar, guest, days, visit, "guests")
            _copy(log, visit, 24 * first + 15.0, 24 * (first + nights) + 11.0)
        spans.add("guests", 24 * first + 15.0, 24 * (first + nights) + 11.0)


def give_parties(
    rng: np.random.Generator,
    home: Household,
    calendar: Calendar,
    presence: Presence,
    log: HomeLog,
    spans: Spans,
) -> None:
    """Invite people on Fridays and Saturdays, until late."""
    evenings = np.flatnonzero(np.isin(calendar.weekday, (4, 5)))
    for _ in range(rng.poisson(PARTIES * len(calendar) / HALF_YEAR)):
        begin = 24.0 * rng.choice(evenings) + rng.normal(19.5, 0.5)
        if presence.look("present", np.array([begin]))[0] == 0:
            continue
        end = begin + rng.uniform(3.5, 7.0)
        n_guests = int(rng.integers(3, 13))
        entry = home.zone("entry_zone")
        outside: list[Sensor] = [("vehicle", home.zone("approach_zone")), ("motion", entry)]
        inside: list[Sensor] = [("door", "front_door"), ("motion", "hallway")]
        come = begin + rng.exponential(0.4, n_guests)
        log.walk(rng, come, [*outside, ("doorbell", home.zone("bell_zone")), *inside], "party")
        go = end - rng.exponential(0.7, n_guests)
        log.walk(rng, np.maximum(go, come + 0.5), [*inside[::-1], *outside[::-1]], "party")
        for zone, rate in (("living_room", 9), ("kitchen", 6), ("hallway", 5), ("bedroom", 0.5)):
            time = rng.uniform(begin, end, rng.poisson(rate * (end - begin)))
            log.add(time, "motion", zone, "party")
        for zone in log.zones("sound"):
            log.add(rng.uniform(begin, end, rng.poisson(8)), "sound", zone, "party")
        smokes = rng.uniform(begin, end, rng.poisson(3 * (end - begin) / 5))
        log.walk(rng, smokes, [("door", "back_door"), ("motion", home.zone("back_zone"))], "party")
        spans.add("party", begin, end + 1.0)


def get_dog(rng: np.random.Generator, home: Household, calendar: Calendar, log: HomeLog) -> None:
    """Let a dog roam the rooms at odd hours from some day on; it goes out early and late."""
    if rng.random() >= DOG:
        return
    n = len(calendar)
    first = int(rng.integers(n))
    days = np.arange(first, n)
    back = home.zone("back_zone")
    for hour in (rng.normal(6.4, 0.4), rng.normal(22.3, 0.5)):
        time = 24.0 * days + hour + 0.3 * rng.standard_normal(len(days))
        time = time[~calendar.away(time) & chance(rng, len(time), 0.85)]
        path: list[Sensor] = [("door", "back_door"), ("motion", back), ("pet", back)]
        log.walk(rng, time, path, "dog", seconds=40)
    rooms = [zone for zone in log.zones("motion") if zone in ("living_room", "kitchen", "hallway")]
    for room in rooms:
        count = rng.poisson(rng.gamma(2.0, 1.2), len(days))
        time = 24.0 * np.repeat(days, count) + rng.uniform(0, 24, count.sum())
        time = time[~calendar.away(time)]
        told = chance(rng, len(time), 0.5 if log.has("pet", room) else 0.0)
        log.add(time[told], "pet", room, "dog")
        log.add(time[~told], "motion", room, "dog")
    for zone in log.zones("sound"):
        barks = 24.0 * days + rng.uniform(0, 24, len(days))
        barks = barks[chance(rng, len(days), 0.5) & ~calendar.away(barks)]
        log.add(barks, "sound", zone, "dog")


def have_cleaner(
    rng: np.random.Generator, home: Household, calendar: Calendar, log: HomeLog
) -> None:
    """Let somebody in once a week while the others work."""
    if rng.random() >= CLEANER:
        return
    weekday, hour = rng.integers(5), rng.uniform(8.5, 14)
    time = 24.0 * np.flatnonzero(calendar.weekday == weekday) + hour
    time += 0.3 * rng.standard_normal(len(time))
    time = time[~calendar.away(time)]
    rooms: list[Sensor] = [("motion", room) for room in ("kitchen", "living_room", "bedroom")]
    path: list[Sensor] = [("motion", home.zone("entry_zone")), ("door", "front_door")]
    path += [("motion", "hallway"), *rooms, *rooms[::-1], ("motion", "hallway")]
    log.walk(rng, time, [*path, ("door", "front_door")], seconds=420)


def fail_at_times(rng: np.random.Generator, calendar: Calendar, log: HomeLog) -> None:
    """Let a sensor of some homes report false motions for a while."""
    if rng.random() >= FLAKY:
        return
    motions = log.zones("motion")
    zone = motions[int(rng.integers(len(motions)))]
    first = rng.uniform(-0.2, 1) * len(calendar)
    last = first + rng.exponential(30.0)
    count = rng.poisson(rng.gamma(1.5, 0.8) * max(last - first, 0))
    time = 24.0 * rng.uniform(first, last, count)
    log.add(time[(time >= 0) & (time < 24.0 * len(calendar))], "motion", zone, "sensor fault")


def draw_outages(
    rng: np.random.Generator, n_sensors: int, n_days: int
) -> list[tuple[int, tuple[float, float]]]:
    """Draw when sensors are out: the position of the sensor, and a span of local hours."""
    outages = []
    for sensor in range(n_sensors):
        for _ in range(rng.poisson(OUTAGES * n_days / HALF_YEAR)):
            begin = rng.uniform(0, 24.0 * n_days)
            outages.append((sensor, (begin, begin + rng.exponential(30.0))))
    return outages


def _copy(log: HomeLog, other: HomeLog, begin: float, end: float) -> None:
    """Add the events of another log that are in a span of local hours."""
    events = other.collect()
    log.write(take(events, slice(*np.searchsorted(events["time"], (begin, end)))))
