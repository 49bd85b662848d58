"""Routines: ordinary days of the residents, of the house and of the street outside."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.draws import chance
from novin_ml.simulation.months.calendar import Calendar
from novin_ml.simulation.months.day_plans import Days, at_home
from novin_ml.simulation.months.home_log import HomeLog
from novin_ml.simulation.months.household import ROOMS, Household, Resident, Sensor
from novin_ml.simulation.months.presence import Presence

_ROOMS = tuple(ROOMS)
_RAID = 0.04  # chance that somebody is up for an hour at night


def live(
    rng: np.random.Generator,
    home: Household,
    calendar: Calendar,
    person: Resident,
    days: Days,
    log: HomeLog,
    cause: str = "routine",
) -> None:
    """Log what sensors see of the days of one person.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    home : Household
        The home.
    calendar : Calendar
        Its days.
    person, days : Resident and Days
        The person, and the days of the person.
    log : HomeLog
        Where the events go.
    cause : str
        Why the person is in the home.
    """

    def there(time: np.ndarray) -> np.ndarray:
        return time[at_home(time, days, calendar)]

    morning: list[Sensor] = [("motion", "bedroom"), ("motion", "hallway"), ("motion", "kitchen")]
    log.walk(rng, there(days.wakes), morning, cause, seconds=240)
    night: list[Sensor] = [("motion", "living_room"), ("motion", "hallway"), ("motion", "bedroom")]
    log.walk(rng, there(days.sleeps - 0.15), night, cause, seconds=180)
    way = way_out(rng, home, log)
    log.walk(rng, days.absences[:, 0], way, cause)
    log.walk(rng, days.absences[:, 1], way[::-1], cause)

    awake = days.sleeps - days.wakes
    time = _scatter(rng, days.wakes, days.sleeps, rng.poisson(person.activity * awake))
    _moves(rng, home, there(time), log, cause)
    # Two meals a day, at hours of the person's own, on about three days in four.
    for after in (rng.normal(5.0, 0.7), rng.normal(11.0, 0.7)):
        cooks = there(days.wakes + after + 0.5 * rng.standard_normal(len(calendar)))
        cooks = cooks[chance(rng, len(cooks), 0.75)]
        log.walk(rng, cooks, [("motion", "kitchen")] * 3, cause, seconds=420)

    up = rng.poisson(person.restless, len(calendar) - 1)
    begins, ends = days.sleeps[:-1] + 0.5, days.wakes[1:] - 0.3
    time = there(_scatter(rng, begins, np.maximum(ends, begins + 0.5), up))
    bathroom: list[Sensor] = [("motion", "bedroom"), ("motion", "hallway")]
    log.walk(rng, time, bathroom, cause, seconds=25)
    log.walk(rng, time + rng.uniform(0.05, 0.15, len(time)), bathroom[::-1], cause, seconds=25)
    water = time[chance(rng, len(time), 0.2)]
    log.walk(rng, water + 0.02, [("motion", "kitchen"), ("motion", "hallway")], cause, seconds=60)
    raids = _scatter(rng, begins, np.maximum(ends, begins + 0.5), chance(rng, len(begins), _RAID))
    path: list[Sensor] = [("motion", room) for room in ("hallway", "kitchen", "living_room")]
    end = log.walk(rng, there(raids), path, cause, seconds=300)
    log.walk(rng, end, path[::-1], cause, seconds=600)


def way_out(rng: np.random.Generator, home: Household, log: HomeLog) -> list[Sensor]:
    """Choose how a person leaves: through which door, on foot or by car."""
    doors = log.zones("door") or ["front_door"]
    weight = np.array([{"front_door": 5.0, "garage": 3.0}.get(door, 0.5) for door in doors])
    door = str(rng.choice(doors, p=weight / weight.sum()))
    approach = home.zone("approach_zone")
    outside = "garage" if door == "garage" else home.zone("entry_zone")
    way = [("motion", "hallway"), ("door", door), ("motion", outside), ("motion", approach)]
    return [*way, ("vehicle", approach)] if rng.random() < 0.6 else way


def keep_house(
    rng: np.random.Generator,
    home: Household,
    calendar: Calendar,
    presence: Presence,
    log: HomeLog,
) -> None:
    """Log what any of the residents does: airing, garden, garage, bins, radio."""

    def someone(time: np.ndarray) -> np.ndarray:
        return time[presence.look("awake", time) > 0]

    back = home.zone("back_zone")
    warmth = (1 + calendar.summer) / 2
    for window in log.zones("window"):
        often = rng.uniform(0.05, 0.6) * (0.25 + warmth)
        time = _daily(rng, rng.normal(8.5, 0.5), 1.0, often)
        time = np.concatenate([time, _daily(rng, rng.normal(20.5, 1.0), 1.2, 0.5 * often)])
        if window not in home.unopened:
            path: list[Sensor] = [("motion", window), ("window", window)]
            end = log.walk(rng, someone(time), path)
            log.add(end + rng.exponential(0.5, len(end)), "window", window)
    weekend = calendar.weekday >= 5
    garden = _daily(rng, 14.5, 2.8, rng.uniform(0.2, 1.2) * (0.1 + warmth) * (0.5 + weekend))
    path = [("motion", "kitchen"), ("door", "back_door"), ("motion", back)]
    end = log.walk(rng, someone(garden), path)
    log.walk(rng, end + rng.exponential(0.4, len(end)), path[::-1])
    garage = _daily(rng, 17.5, 3.0, np.full(len(calendar), rng.uniform(0.1, 0.8)))
    path = [("door", "garage"), ("motion", "garage"), ("door", "garage")]
    log.walk(rng, someone(garage), path, seconds=60)
    bins = _daily(rng, 21.0, 0.8, calendar.weekday == rng.integers(7))
    out = [("door", "front_door"), ("motion", home.zone("entry_zone")), ("door", "front_door")]
    log.walk(rng, someone(bins), out, seconds=45)
    for zone in log.zones("sound"):
        loud = _daily(rng, 18.0, 3.5, np.full(len(calendar), rng.gamma(1.5, 0.7)))
        log.add(someone(loud), "sound", zone)


def pass_by(
    rng: np.random.Generator,
    home: Household,
    calendar: Calendar,
    presence: Presence,
    log: HomeLog,
) -> None:
    """Log what comes from outside: couriers, the post, visitors, cars, cats, wind."""
    n = len(calendar)
    entry, approach, back = (home.zone(f"{name}_zone") for name in ("entry", "approach", "back"))
    traits, workdays = home.traits, calendar.weekday < 6
    bell: Sensor = ("doorbell", home.zone("bell_zone"))

    courier = _daily(rng, float(traits.courier_hour[0]), 1.5, rng.gamma(2.0, 0.25) * workdays)
    rings = chance(rng, len(courier), traits.rings[0])
    for visits, opened in ((courier[rings], 0.8), (courier[~rings], 0.3)):
        path = [("vehicle", approach), ("motion", approach), ("motion", entry)]
        if opened == 0.8:
            path += [("face", entry), bell]
        end = log.walk(rng, visits, path)
        answered = end[(presence.look("awake", end) > 0) & chance(rng, len(end), opened)]
        log.walk(rng, answered, [("motion", "hallway"), ("door", "front_door")])
    log.walk(rng, _daily(rng, 10.8, 0.8, 0.75 * workdays), [("motion", entry)])
    visits = _daily(rng, 16.5, 2.5, np.full(n, rng.gamma(1.5, 0.1)))
    visits = visits[presence.look("awake", visits) > 0]
    inside: list[Sensor] = [("door", "front_door"), ("motion", "hallway")]
    log.walk(rng, visits, [("motion", entry), ("face", entry), bell, *inside], seconds=20)

    for mean, often in ((13.5, rng.gamma(2.0, 2.2)), (22.5, rng.gamma(1.5, 0.35))):
        spread = 4.2 if mean < 20 else 2.2
        time = _daily(rng, mean, spread, np.full(n, often))
        cars = chance(rng, len(time), 0.55)
        log.add(time[cars], "vehicle", approach)
        log.add(time[~cars], "motion", approach)
    cats = rng.gamma(1.5, 0.8) * float(traits.cats[0])
    time = _daily(rng, 1.5, 4.5, np.full(n, cats))
    told = chance(rng, len(time), 0.6)
    for zone, share in ((back, 0.7), (approach, 0.3)):
        at = chance(rng, len(time), share)
        log.add(time[at & told], "pet", zone)
        log.add(time[at & ~told], "motion", zone)
    windy = rng.gamma(0.35, 1.5 * float(traits.wind[0]), n)
    for zone in dict.fromkeys((entry, approach, back)):  # a set has another order in each process
        log.add(_daily(rng, 14.0, 7.0, windy * rng.gamma(1.0, 0.8)), "motion", zone)


def _moves(
    rng: np.random.Generator, home: Household, time: np.ndarray, log: HomeLog, cause: str
) -> None:
    """Log moves between rooms: the hour decides which rooms, and half pass the hallway."""
    hour = time % 24
    phase = np.where((hour >= 5) & (hour < 10.5), 0, np.where((hour >= 10.5) & (hour < 18), 1, 2))
    room = (rng.random(len(time))[:, None] > np.cumsum(home.taste[phase], axis=1)).sum(axis=1)
    passes = chance(rng, len(time), 0.5)
    for code, name in enumerate(_ROOMS):
        here = np.minimum(room, len(_ROOMS) - 1) == code
        log.add(time[here], "motion", name, cause)
    before = rng.exponential(20.0, len(time)) / 3600
    log.add((time - before)[passes], "motion", "hallway", cause)
    # Sensors in rooms sometimes take people for animals.
    for zone in log.zones("pet"):
        if zone in ROOMS:
            mistaken = time[(room == _ROOMS.index(zone)) & chance(rng, len(time), 0.02)]
            log.add(mistaken, "pet", zone, "sensor fault")


def _scatter(
    rng: np.random.Generator, begins: np.ndarray, ends: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Draw `counts` times between each begin and end, uniformly."""
    begin, end = np.repeat(begins, counts), np.repeat(ends, counts)
    return begin + (end - begin) * rng.random(len(begin))


def _daily(rng: np.random.Generator, hour: float, spread: float, rates: np.ndarray) -> np.ndarray:
    """Draw times around an hour of the day; `rates` are average numbers per day."""
    counts = rng.poisson(rates)
    day = np.repeat(np.arange(len(counts)), counts)
    return 24.0 * day + (hour + spread * rng.standard_normal(len(day))) % 24
