"""The formulas of the chain features as a phone would run them: one chain, plain loops.

Python's floats are float64 and its integers exact; every result is rounded to float32 at the end.
"""

import math
from itertools import pairwise

import numpy as np

from novin_ml.events import ZONE_KINDS
from novin_ml.events.vocabulary import DEFAULT_VOCABULARY

#: Columns of sines and cosines: equal to rounding, not bit for bit.
CLOCK = ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos")

MODES = ("home", "night", "away", "vacation")
KINDS = DEFAULT_VOCABULARY.kinds
ZONE_OF_CODE = DEFAULT_VOCABULARY.zones


def reference_table(chains, names, kinds=KINDS):
    """Return the features of chains, one row each, as a float32 array."""
    rows = [reference(chains, row, kinds) for row in range(len(chains))]
    assert all(list(row) == names for row in rows)
    return np.array([list(row.values()) for row in rows], dtype=np.float32).reshape(-1, len(names))


def reference(chains, row, kinds=KINDS):
    """Return the features of one chain by name, in order."""
    part = slice(chains.offsets[row], chains.offsets[row + 1])
    times = [float(value) for value in chains.timestamp[part]]
    events = [
        (round((time - times[0]) * 1000), kinds[kind], ZONE_OF_CODE[zone])
        for time, kind, zone in zip(times, chains.kind[part], chains.zone[part], strict=True)
    ]
    given = [float(value) for value in chains.confidence[part]]
    return (
        counts(events, kinds)
        | gaps(events)
        | kinds_in_time(events, kinds)
        | patterns(events)
        | path(events)
        | confidence(given)
        | surroundings(chains.table.iloc[row], times[-1])
    )


def counts(events, kinds):
    features = {"events": len(events)}
    for kind in kinds:
        features[f"n_{kind.name}"] = sum(event[1].name == kind.name for event in events)
    for zone_kind in ZONE_KINDS:
        features[f"n_at_{zone_kind}"] = sum(event[2].kind == zone_kind for event in events)
    features["zones"] = len({zone.name for _, _, zone in events})
    groups = []
    for kind in kinds:
        if kind.group not in groups:
            groups.append(kind.group)
    for before in groups:
        for after in groups:
            features[f"{before}_to_{after}"] = sum(
                first[1].group == before and second[1].group == after
                for first, second in pairwise(events)
            )
    return features


def gaps(events):
    g = [second[0] - first[0] for first, second in pairwise(events)]
    duration = events[-1][0]
    names = ("gap_min", "gap_mean", "gap_max", "gap_std", "gap_last")
    features = dict.fromkeys(names, math.nan)
    if g:
        spread = len(g) * sum(gap * gap for gap in g) - duration * duration
        features = {
            "gap_min": min(g) / 1000,
            "gap_mean": duration / (1000 * len(g)),
            "gap_max": max(g) / 1000,
            "gap_std": math.sqrt(spread) / (1000 * len(g)),
            "gap_last": g[-1] / 1000,
        }
    return features | {"duration": duration / 1000}


def kinds_in_time(events, kinds):
    names = [kind.name for kind in kinds]
    features = {
        "first_kind": names.index(events[0][1].name),
        "last_kind": names.index(events[-1][1].name),
    }
    for name in names:
        times = [t for t, kind, _ in events if kind.name == name]
        features[f"since_{name}"] = (events[-1][0] - times[-1]) / 1000 if times else math.nan
    return features


def patterns(events):
    openings = [t for t, kind, _ in events if kind.group == "opening"]
    answers, quiets, broken_in, smashed = [], [], [], []
    for i in range(1, len(events)):
        (before, first, at), (t, kind, zone) = events[i - 1], events[i]
        if first.name == "doorbell" and kind.name == "motion" and at == zone:
            answers.append(t - before)
            if 2000 <= t - before <= 30000:
                later = [after for after, _, there in events[i + 1 :] if there == zone]
                quiets.append(min(later[0] - t, 60000) if later else 60000)
        if first.name == "glass_break" and kind.name == "motion":
            smashed.append(t - before)
        if i + 1 < len(events):
            after, last, _ = events[i + 1]
            if (first.name, kind.group, last.name) == ("motion", "opening", "motion"):
                broken_in.append(max(t - before, after - t))
    return {
        "openings_in_15s": max(
            (sum(begin <= t <= begin + 15000 for t in openings) for begin in openings), default=0
        ),
        "openings_last_15s": sum(t >= events[-1][0] - 15000 for t in openings),
        "doorbell_motion_gap": seconds(min, answers),
        "doorbell_motion_quiet": seconds(max, quiets),
        "motion_opening_motion_gap": seconds(min, broken_in),
        "glass_break_motion_gap": seconds(min, smashed),
        "motion_zones": len({zone.name for _, kind, zone in events if kind.name == "motion"}),
    }


def seconds(choose, times):
    return choose(times) / 1000 if times else math.nan


def path(events):
    zones = [zone for _, _, zone in events]
    changes = sum(first != second for first, second in pairwise(zones))
    return {
        "zone_changes": changes,
        "zone_revisits": changes + 1 - len({zone.name for zone in zones}),
        "risk_max": max(zone.risk for zone in zones),
        "risk_last": zones[-1].risk,
    }


def confidence(given):
    known = [value for value in given if value == value]
    total = 0.0
    for value in known:
        total += value
    return {
        "confidence_min": min(known, default=math.nan),
        "confidence_mean": total / len(known) if known else math.nan,
        "confidence_max": max(known, default=math.nan),
        "confidence_last": given[-1],
    }


def surroundings(row, last):
    local = last + float(row["utc_offset"])
    hour = 2 * math.pi * (local % 86400 / 86400)
    week = 2 * math.pi * ((local + 3 * 86400) % 604800 / 604800)
    mode = row["home_mode"]
    return {
        "silence_after": min(round((row["observed_until"] - last) * 1000), 86400000) / 1000,
        "hour_sin": math.sin(hour),
        "hour_cos": math.cos(hour),
        "weekday_sin": math.sin(week),
        "weekday_cos": math.cos(week),
        "home_mode": MODES.index(mode) if isinstance(mode, str) else math.nan,
    }
