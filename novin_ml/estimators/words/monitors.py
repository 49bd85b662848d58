"""The phrases for the alarms of a home's monitor: what happened, and why it is unusual."""

from __future__ import annotations

from novin_ml.estimators.words._numbers import clock, number, times, two_digits
from novin_ml.estimators.words.language import ENGLISH
from novin_ml.features.activity.facts import EventFacts, Follow, StillOnFacts
from novin_ml.plain import plural

_LEAST_LONGEST = 60.0  # seconds; shorter activations count as so long


def event_happened(sensor: str, facts: EventFacts) -> str:
    """Say what an event was: "front door, 12 s after hall motion"."""
    last = facts.follows[-1]
    if last.previous is None:
        return f"{sensor}, the first event of the home"
    if len(facts.follows) < 2:
        return f"{sensor}, after {last.previous}"
    return f"{sensor}, {ENGLISH.span(last.time - facts.follows[-2].time)} after {last.previous}"


def silence_happened(length: float, longest: float) -> str:
    """Say how long nothing happened: "no event for 9 h; the longest before was 6 h"."""
    known = f"; the longest before was {ENGLISH.span(longest)}" if longest > 0 else ""
    return f"no event for {ENGLISH.span(length)}{known}"


def still_on_happened(sensor: str, facts: StillOnFacts) -> str:
    """Say how long a sensor is on: "front door open for 8 h; the longest before was 40 min"."""
    state = "open" if facts.is_door else "on"
    before = f"never {state} before" if not facts.n_before else _longest(facts)
    return f"{sensor} {state} for {ENGLISH.span(facts.length)}; {before}"


def follow(each: Follow, before: float) -> str:
    """Say how rare an event is after the one before it, and how long ago it was."""
    ago = f", {ENGLISH.span(before)} earlier" if before > 0 else ""
    if each.previous is None:
        return f"{each.sensor}{ago}: the first event of the home"
    what = f"{each.sensor} right after {each.previous}{ago}"
    if not each.n_previous:
        return f"{what}: what comes after {each.previous} is not known"
    if not each.n_seen:
        return f"{what}: never in {plural(each.n_previous, 'time')} before"
    return f"{what}: {number(each.n_seen)} of {plural(each.n_previous, 'time')} before"


def sensor_at_hour(each: Follow, before: float) -> str:
    """Say how rare a sensor is at the hour of an event."""
    ago = f", {ENGLISH.span(before)} earlier" if before > 0 else ""
    what = f"{each.sensor} between {_hours(each.hour)}{ago}"
    ratio = two_digits(times(abs(each.hour_bits)))
    if ratio == "1":
        return f"{what}: as common as over the day"
    return f"{what}: about {ratio} times {_rarer(each.hour_bits)} than over the day"


def earlier(n_events: int) -> str:
    """Say that earlier events take part."""
    return f"the {plural(n_events, 'event')} before these" if n_events else "what was before these"


def quiet_hour(hour: int, n_active: int, n_ticks: int, n_hours: int) -> str:
    """Say how often something happens in an hour that was quiet."""
    hours = _hours(hour)
    on_days = f" on {plural(n_hours, 'day')}" if n_hours > 1 else ""
    if not n_ticks:
        return f"nothing between {hours}{on_days}; this hour was never seen before"
    return (
        f"nothing between {hours}{on_days}, when something happened {number(n_active)} of "
        f"{plural(n_ticks, 'time')} before"
    )


def on_rarity(facts: StillOnFacts) -> str:
    """Say how many activations of the sensor were as long."""
    if not facts.n_before:
        return "it is not known how long this sensor stays on"
    as_long = number(facts.n_as_long) if facts.n_as_long else "none"
    return (
        f"{as_long} of {plural(facts.n_before, 'activation')} before lasted about as long or longer"
    )


def on_excess(facts: StillOnFacts) -> str:
    """Say by how much this is the longest activation."""
    if not facts.excess:
        return f"no longer than before: {_longest(facts)}"
    than = _longest(facts) if facts.longest >= _LEAST_LONGEST else "a minute is the least limit"
    return f"longer by a factor of {two_digits(times(facts.excess))}: {than}"


def _hours(hour: int) -> str:
    return f"{clock(60 * hour)} and {clock(60 * (hour + 1))}"


def _rarer(bits: float) -> str:
    return "rarer" if bits > 0 else "commoner"


def _longest(facts: StillOnFacts) -> str:
    return f"the longest before was {ENGLISH.span(facts.longest)}"
