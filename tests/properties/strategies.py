"""Hypothesis strategies that the laws share."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise

import pandas as pd
from hypothesis import strategies as st

from novin_ml.events import (
    CHAIN_PATTERNS,
    HOME_MODES,
    NO_PATTERN,
    SENSOR_STATES,
    ZONES,
    Chains,
    Signals,
)
from novin_ml.events.vocabulary import DEFAULT_VOCABULARY

unit = st.floats(0, 1)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=100)
event_types = st.sampled_from(("motion", "front_motion", "Doorbell", "glassbreak", "leak")) | texts
locations = st.sampled_from((*ZONES, "Front Door Camera", "patio", "Garage left")) | texts
timestamps = st.floats(0, 4e9) | st.integers(0, 4_000_000_000)
iso_timestamps = st.builds(
    lambda moment, tail: f"{moment:%Y-%m-%dT%H:%M:%S}{tail}",
    st.datetimes(
        min_value=datetime(1971, 1, 1),
        max_value=datetime(2190, 1, 1),
    ),
    st.sampled_from(("", "Z", ".25Z", "+02:00", "-0930", ".123456789+05:45", "+00:00")),
)
signals = st.lists(unit | st.none(), max_size=20)

metadata = st.fixed_dictionaries(
    {},
    optional={
        "location": locations | st.none(),
        "home_mode": st.sampled_from(HOME_MODES),
        "duration": st.floats(0, 1e6),
        "energy": unit,
        "raw": signals,
        "sample_rate": st.floats(0.5, 100),
        "vendor": st.just({"nested": [1, {"a": None}]}),
    },
)

homes = texts | st.sampled_from(("", " ", "NA", "nan", "<NA>", "None", "none"))


def _active(event: dict, activity: dict) -> dict:
    """Tell of an event what its sensor says, and when it ended: so long after its beginning."""
    activity = dict(activity)
    if activity.get("end") is not None:
        time = event["timestamp"]
        activity["end"] = time if isinstance(time, str) else time + activity["end"]
    return event | {"metadata": event.get("metadata", {}) | activity} if activity else event


#: Events that break no rule, as JSON has them.
valid_events = st.builds(
    _active,
    st.fixed_dictionaries(
        {"type": event_types, "timestamp": timestamps | iso_timestamps},
        optional={
            "home_id": homes,
            "user_id": homes,
            "utc_offset": st.integers(-48, 56).map(lambda quarters: 900 * quarters),
            "confidence": unit,
            "metadata": metadata,
            # Beside the metadata, as tables have them.
            "location": locations | st.none() | st.just(""),
            "metadata.energy": unit | st.none(),
            "duration": st.floats(0, 1e6),
            "consent": st.booleans() | st.sampled_from((None, 1, "yes", "false", "")),
            "label": st.sampled_from(("delivery", "no_delivery", None)),
            "clean_label": st.sampled_from(("delivery", "no_delivery", None)),
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "state": st.sampled_from((*SENSOR_STATES, None)),
            "end": st.none() | st.floats(0, 1e6) | st.integers(0, 100_000),
        },
    ),
)

#: Levels of a signal in bytes, one in eight a gap: long ones cost little to draw.
raw_signals = st.binary(max_size=200).map(
    lambda levels: [None if level % 8 == 7 else level / 255 for level in levels]
)
any_sample_rates = st.sampled_from((10.0, 10.0, 0.01, 5.0, 12.5, 100_000.0)) | st.floats(0.01, 1e5)

#: Motions as an app sends them.
sent_motions = st.fixed_dictionaries(
    {"type": st.just("motion"), "timestamp": st.integers(0, 4_000_000_000)},
    optional={
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "raw": raw_signals | signals,
                "sample_rate": any_sample_rates,
                "duration": st.floats(0, 1e6),
                "energy": unit,
            },
        )
    },
)

_broken_events = st.sampled_from(
    (
        {"type": "motion"},
        {"timestamp": 1.0},
        {"type": 3, "timestamp": 1.0},
        {"type": "motion", "timestamp": True},
        {"type": "motion", "timestamp": "yesterday"},
        {"type": "motion", "timestamp": 1.0, "confidence": 1.5},
        {"type": "motion", "timestamp": 1.0, "confidence": float("nan")},
        {"type": "motion", "timestamp": 1.0, "metadata": [1]},
        {"type": "motion", "timestamp": 1.0, "consent": "true"},
        {"type": "motion", "timestamp": 1.0, "consent": " TRUE\u00a0"},
        {"type": "motion", "timestamp": 1.0, "metadata": {"raw": [0.1, True]}},
        {"type": "motion", "timestamp": 1.0, "metadata": {"home_mode": "party"}},
        {"type": "motion", "timestamp": 1.0, "metadata": {"state": "ajar"}},
        {"type": "motion", "timestamp": 1.0, "metadata": {"end": 0.5}},
        {"type": "m" * 101, "timestamp": 10**400},
    )
).map(lambda event: json.dumps(event).encode())

_broken_text = st.sampled_from(
    (
        b'{"type": "motion", "timestamp": 1.0',
        b'{"type": "motion", "timestamp": 1.0},{"type": "motion", "timestamp": 1.0}',
        b'{"type": "motion", "timestamp": 1.0, "metadata": {"x": [{"y": 1}',
        b'{"z": 2}]}}',
        b'{"type": "motion", "timestamp": 1.0, "type": "door"}',
        b'{"type" : "motion", "timestamp": 1.0, "type" : "door"}',
        b'{"type": "mot\xff", "timestamp": 1.0}',
        b'{"type": "\\ud800", "timestamp": 1.0}',
        b'{"type": "motion", "timestamp": 1.0}, 98765432109876543, {"a": [{"b": 1}',
        b'{"events": 7}',
        b'{"events": [4]}',
        b"[]",
        b"null",
        b"\xef\xbb\xbf{}",
        b"[" * 3000,
    )
)

#: Lines of which none is a valid event.
broken_lines = _broken_events | _broken_text

#: Lines that hold nothing.
blank_lines = st.sampled_from((b"", b"  ", b"\t"))

#: A sample of an intensity signal, as a sensor of 1/1024 resolves it: sums of these are exact.
samples = st.integers(0, 1024).map(lambda number: number / 1024)
#: Signals without a gap; a few levels make ties, plateaus and constant signals common.
whole_signals = st.one_of(
    st.lists(samples, min_size=1, max_size=150),
    st.lists(st.sampled_from((0.0, 0.25, 0.5)), min_size=1, max_size=150),
    st.builds(lambda value, n: [value] * n, samples, st.integers(1, 150)),
)
#: Signals with gaps, perhaps with nothing else, or missing.
gappy_signals = st.lists(samples | st.just(float("nan")), max_size=150)
sample_rates = st.sampled_from((10.0, 10.0, 5.0, 12.5, 25.0))
signal_tables = st.lists(
    st.tuples(whole_signals | gappy_signals, sample_rates), min_size=1, max_size=12
).map(lambda rows: Signals.from_arrays([row[0] for row in rows], [row[1] for row in rows]))

#: Events of a chain: milliseconds since it began, kind, zone and confidence. A few times make ties
#: common, a few kinds and zones the patterns.
chain_events = st.lists(
    st.tuples(
        st.sampled_from((0, 1, 2_000, 15_000, 15_001, 30_000, 60_000)) | st.integers(0, 60_000),
        st.integers(0, 4) | st.integers(0, len(DEFAULT_VOCABULARY.kind_dtype.categories) - 1),
        st.integers(0, 1) | st.integers(0, len(ZONES) - 1),
        st.none() | st.floats(0, 1, width=32),
    ),
    min_size=1,
    max_size=40,
)


def _chain_table(rows: list) -> Chains:
    """Make chains of (start and time watched in ms, home, mode, offset, events)."""
    table, lengths, events = [], [0], []
    for start, watched, home, mode, offset, happened in rows:
        times = [start + ms for ms, *_ in happened]
        until = (max(times) + watched) / 1000
        table.append((home, min(times) / 1000, until, mode, offset))
        lengths.append(lengths[-1] + len(happened))
        events += [(time / 1000, *rest) for time, (_, *rest) in zip(times, happened, strict=True)]
    columns = ["home_id", "start", "observed_until", "home_mode", "utc_offset"]
    time, kind, zone, confidence = zip(*events, strict=True)
    return Chains(pd.DataFrame(table, columns=columns), lengths, time, kind, zone, confidence)


chain_tables = st.lists(
    st.tuples(
        st.integers(0, 4_000_000_000_000),
        st.integers(0, 20_000),
        st.sampled_from(("home_1", "home_2")),
        st.none() | st.sampled_from(HOME_MODES),
        st.none() | st.sampled_from((0.0, 3600.0, -34_200.0)),
        chain_events,
    ),
    min_size=1,
    max_size=8,
).map(_chain_table)

_EPOCH = 1_700_000_000
#: Times of an evening, in whole milliseconds; a coarse grid makes ties and exact windows common.
evening_times = st.one_of(
    st.integers(0, 60).map(lambda step: _EPOCH + step * 5.0),
    st.integers(0, 300_000).map(lambda ms: (_EPOCH * 1000 + ms) / 1000),
)

#: Where a home's life happens: hours some of which are days apart.
crowded_times = st.builds(
    lambda hours, ms: (_EPOCH * 1000 + 3_600_000 * hours + ms) / 1000,
    st.sampled_from((0, 0, 1, 23, 24, 25, 7 * 24, 40 * 24)),
    st.integers(0, 90).map(lambda seconds: 1000 * seconds) | st.integers(0, 90_000),
)


def sent_events(times: st.SearchStrategy, homes: st.SearchStrategy) -> st.SearchStrategy:
    """Events as an app sends them; a few types and places make patterns common."""
    where = st.fixed_dictionaries(
        {},
        optional={
            "location": st.sampled_from(("porch", "porch", "Front Door Camera", "garage", *ZONES)),
            "home_mode": st.sampled_from(HOME_MODES),
        },
    )
    few = ("motion", "motion", "doorbell", "door", "window", "glass_break")
    return st.fixed_dictionaries(
        {"type": st.sampled_from(few) | event_types, "timestamp": times, "home_id": homes},
        optional={
            "utc_offset": st.sampled_from((0.0, 3600.0, -34_200.0, 20_700.0)),
            "confidence": st.sampled_from((0.0, 0.5, 1.0)) | unit,
            "metadata": where,
            "consent": st.booleans(),
        },
    )


_SENSOR_TYPES = ("motion", "door", "kettle")
_SENSOR_PLACES = ("kitchen", "kitchen door", "bathroom")


@st.composite
def sensor_logs(draw):
    """Return events of one or two homes as objects, in the order of time."""
    events, time = [], 1e6
    for _ in range(draw(st.integers(1, 25))):
        time += draw(st.sampled_from([0.0, 0.25, 7.0, 61.0, 4000.0]))
        event = {
            "type": draw(st.sampled_from(_SENSOR_TYPES)),
            "timestamp": time,
            "home_id": draw(st.sampled_from(["a", "a", "b"])),
            "consent": draw(st.sampled_from([True, True, False])),
            "metadata": {"location": draw(st.sampled_from(_SENSOR_PLACES))},
        }
        length = draw(st.sampled_from([None, 0.0, 5.0, 70.0, 9000.0]))
        state = draw(st.sampled_from([None, None, "on", "off", "closed"]))
        if length is not None:
            event["metadata"]["end"] = time + length
        if state is not None:
            event["metadata"]["state"] = state
        events.append(event)
    return events


chain_labels = st.sampled_from((*CHAIN_PATTERNS, NO_PATTERN, NO_PATTERN, "zoo", None, None))
_log_rows = st.tuples(
    st.sampled_from(("a", "b", "c")),
    evening_times,
    st.integers(0, len(DEFAULT_VOCABULARY.kind_dtype.categories) - 1),
    st.integers(0, len(DEFAULT_VOCABULARY.zone_dtype.categories) - 1),
    st.integers(0, 8).map(lambda eighths: eighths / 8) | st.just(float("nan")),
    st.sampled_from((0.0, 3600.0, 7200.0, float("nan"))),
    st.sampled_from((*HOME_MODES, None)),
    st.sampled_from((True, True, True, False)),
    chain_labels,
)


def event_log(rows: list[tuple]) -> pd.DataFrame:
    """Make an event table of rows of `_log_rows`."""
    names = ("home_id", "timestamp", "kind", "zone", "confidence", "utc_offset", "home_mode")
    table = pd.DataFrame(rows, columns=[*names, "consent", "label"])
    kind, zone = table["kind"].to_numpy(dtype="int8"), table["zone"].to_numpy(dtype="int8")
    return table.assign(
        kind=pd.Categorical.from_codes(kind, dtype=DEFAULT_VOCABULARY.kind_dtype),
        zone=pd.Categorical.from_codes(zone, dtype=DEFAULT_VOCABULARY.zone_dtype),
        home_mode=pd.Categorical(table["home_mode"], categories=list(HOME_MODES)),
    ).astype({"consent": bool, "confidence": "float32", "utc_offset": "float32"})


#: Logs of three homes' evening, rows in no order.
event_logs = st.lists(_log_rows, max_size=40).map(event_log)


@st.composite
def any_chains(draw: st.DrawFn) -> Chains:
    """Draw chains of which each column takes any value that it may."""
    sizes = draw(st.lists(st.integers(1, 5), max_size=6))
    n_chains, n_events = len(sizes), sum(sizes)

    def column(values: st.SearchStrategy, size: int) -> list:
        return draw(st.lists(values, min_size=size, max_size=size))

    time = column(st.floats(0, 4e9), n_events)
    offsets = [sum(sizes[:row]) for row in range(n_chains + 1)]
    parts = [time[begin:end] for begin, end in pairwise(offsets)]
    table = {
        "home_id": column(texts, n_chains),
        "start": [min(part) / 2 for part in parts],
        "observed_until": [max(part) * 1.5 for part in parts],
        "utc_offset": column(st.integers(-43_200, 50_400) | st.just(float("nan")), n_chains),
        "home_mode": column(st.sampled_from((*HOME_MODES, None)), n_chains),
        "consent": column(st.booleans(), n_chains),
        "n_left_out": column(st.integers(0, 2**40), n_chains),
    }
    if n_chains and draw(st.booleans()):
        table["label"] = column(chain_labels | texts, n_chains)
    return Chains(
        pd.DataFrame(table), offsets, time,
        column(st.integers(0, len(DEFAULT_VOCABULARY.kind_dtype.categories) - 1), n_events),
        column(st.integers(0, len(DEFAULT_VOCABULARY.zone_dtype.categories) - 1), n_events),
        column(st.floats(0, 1, width=32) | st.just(float("nan")), n_events),
        vocabulary=DEFAULT_VOCABULARY,
    )  # fmt: skip
