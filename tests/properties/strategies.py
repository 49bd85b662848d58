"""Hypothesis strategies that the laws share."""

from __future__ import annotations

import json
from datetime import datetime

from hypothesis import strategies as st

from novin_ml.events import HOME_MODES, ZONES, Signals

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
    st.sampled_from(("", "Z", ".25Z", "+02:00", "-0930", ".123456789+05:45")),
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

#: Events that break no rule, as JSON has them.
valid_events = st.fixed_dictionaries(
    {"type": event_types, "timestamp": timestamps | iso_timestamps},
    optional={
        "home_id": texts,
        "user_id": texts,
        "utc_offset": st.integers(-43_200, 50_400),
        "confidence": unit,
        "metadata": metadata,
        "consent": st.booleans() | st.sampled_from((None, 1, "true")),
        "label": st.sampled_from(("delivery", "no_delivery", None)),
        "clean_label": st.sampled_from(("delivery", "no_delivery", None)),
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
        {"type": "motion", "timestamp": 1.0, "metadata": {"raw": [0.1, True]}},
        {"type": "motion", "timestamp": 1.0, "metadata": {"home_mode": "party"}},
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
