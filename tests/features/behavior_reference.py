"""The features of behavior as one reads them: for each event, a walk through all before it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from novin_ml.events import HOME_MODES, KINDS, ZONES

KIND_ORDER = (*KINDS, "other", None)
ZONE_ORDER = (*ZONES, None)
MODE_ORDER = (*HOME_MODES, None)
DAY = 86_400_000


class Event(NamedTuple):
    time: int
    kind: str | None
    zone: str | None
    mode: str | None
    offset: int

    @property
    def pair(self):
        return (self.kind, self.zone)

    @property
    def local_minute(self):
        return (self.time + self.offset) // 60_000

    @property
    def hour(self):
        return self.local_minute % 1440 // 60

    @property
    def at_weekend(self):
        weekday = (self.local_minute // 1440 + 3) % 7  # 1 January 1970 was a Thursday
        return weekday >= 5

    @property
    def rank(self):
        return (
            self.time,
            KIND_ORDER.index(self.kind),
            ZONE_ORDER.index(self.zone),
            MODE_ORDER.index(self.mode),
            self.offset,
        )


def lg(x):
    exponent = math.floor(math.log2(x))
    if 2.0**exponent > x:
        exponent -= 1
    elif 2.0 ** (exponent + 1) <= x:
        exponent += 1
    return exponent + (x / 2.0**exponent - 1)


def text_or_none(value):
    return value if isinstance(value, str) else None


def reference_features(events):
    """Features of an event table, shape (n_events, 17), float64."""
    homes: dict[str, list[tuple[int, Event]]] = {}
    for row, record in enumerate(events.to_dict("records")):
        offset = record["utc_offset"]
        event = Event(
            round(record["timestamp"] * 1000),
            text_or_none(record["kind"]),
            text_or_none(record["zone"]),
            text_or_none(record["home_mode"]),
            0 if math.isnan(offset) else round(float(offset) * 1000),
        )
        homes.setdefault(record["home_id"], []).append((row, event))
    features = np.empty((len(events), 17))
    for log in homes.values():
        log.sort(key=lambda item: item[1].rank)
        remembered: list[int] = []
        ordered = [event for _, event in log]
        for row, event in log:
            past = [other for other in ordered if other.time < event.time]
            features[row], rarity = one_event(event, past, remembered[: len(past)])
            remembered.append(rarity)
    return features


def one_event(event, past, rarities):
    n = len(past)
    pair, hour = event.pair, event.hour
    previous = [other.pair if other else None for other in previous_events(past)]
    previous_pair = past[-1].pair if past else None

    def count(wanted):
        return sum(bool(wanted(other)) for other in past)

    n_pair = count(lambda other: other.pair == pair)
    n_pair_mode = count(lambda other: other.pair == pair and other.mode == event.mode)
    n_week = count(
        lambda other: (
            (other.zone, other.at_weekend, other.hour) == (event.zone, event.at_weekend, hour)
        )
    )
    n_from = sum(before == previous_pair for before in previous)
    n_order = sum(
        before == previous_pair and other.pair == pair
        for before, other in zip(previous, past, strict=True)
    )
    at_hours = [
        count(lambda other, h=h: other.pair == pair and other.hour == h % 24)
        for h in (hour, hour - 1, hour + 1)
    ]
    around = (2 * at_hours[0] + at_hours[1] + at_hours[2]) / 4
    in_mode_at_hours = [
        count(lambda other, h=h: (other.pair, other.mode, other.hour) == (pair, event.mode, h % 24))
        for h in (hour, hour - 1, hour + 1)
    ]
    around_in_mode = (2 * in_mode_at_hours[0] + in_mode_at_hours[1] + in_mode_at_hours[2]) / 4
    p = (n_pair + 0.25) / (n + 1)
    elapsed = event.time - past[0].time if past else 0
    days = max(elapsed / DAY, 1.0)
    f = (event.local_minute % 60 + 1) / 60
    n_hour = count(lambda other: other.hour == hour)
    n_hour_before = count(lambda other: other.hour == (hour - 1) % 24)
    usual = (f * n_hour + (1 - f) * n_hour_before) / days
    minutes_ago = [event.time // 60_000 - other.time // 60_000 for other in past]
    in_hour = sum(ago < 60 for ago in minutes_ago)
    in_day = sum(ago < 1440 for ago in minutes_ago)
    of_kind = [other.time for other in past if other.kind == event.kind]
    gap = (event.time - past[-1].time) / 1000 if past else 0
    gap_kind = (event.time - of_kind[-1]) / 1000 if of_kind else elapsed / 1000
    mode_hour_rarity = lg((n + 1) / (around_in_mode + 0.25))
    angle = 2 * math.pi * (event.local_minute % 1440) / 1440
    row = (
        math.sin(angle),
        math.cos(angle),
        lg((n + 1) / (n_week + 0.25)),
        lg((n + 1) / (n_pair + 0.25)),
        lg((n + 1) / (around + 0.25)),
        lg((n_pair + 2) / (around + 1 / 12)),
        lg((n + 1) / (n_pair_mode + 0.25)),
        mode_hour_rarity,
        lg((n_pair_mode + 2) / (around_in_mode + 1 / 12)),
        lg((n + 1) / (n_order + 0.25)),
        lg((n_from + 2) / (n_order + 2 * p)),
        lg(n + 1) * [n_pair, around, n_pair_mode, n_order].count(0),
        sum(rarities[-8:]) / 16 / 8,
        lg(1 + gap),
        lg(1 + gap_kind),
        max(0.0, lg((in_hour + 1) / (usual + 1))),
        max(0.0, lg((in_day + 1) / (n / days + 1))),
    )
    return row, math.floor(16 * mode_hour_rarity)


def previous_events(past):
    """For each event of a log in order, the one before it: none that is simultaneous."""
    before, last, found = None, None, []
    for event in past:
        if last is not None and last.time < event.time:
            before = last
        found.append(before)
        last = event
    return found
