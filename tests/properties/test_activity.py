"""Laws of a home's activity: a log and its stream have the same rows, however time passes."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.events import SENSOR_STATES, events_from_json
from novin_ml.features import ActivityHistory, activity_rows

_START = 1_700_000_000
_gaps = st.sampled_from((0, 1, 59, 600, 3_600, 7_200, 90_000)) | st.integers(0, 40_000)
_sensors = st.sampled_from(("door", "window", "motion", "bed"))
_activity = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(SENSOR_STATES),
        "length": st.sampled_from((0, 5, 900, 3_600, 30_000)) | st.integers(0, 100_000),
        "duration": st.sampled_from((0, 4.5, 1_200, 50_000)),
        "location": st.sampled_from(("hall", "kitchen")),
    },
)
_offsets = st.sampled_from((0, 3_600, 3_600, 20_700, -34_200))


@st.composite
def logs(draw):
    """Events of a home in the order of time, as JSON has them."""
    time, sent = _START, []
    for gap, sensor, activity, offset in draw(
        st.lists(st.tuples(_gaps, _sensors, _activity, _offsets), min_size=1, max_size=25)
    ):
        time += gap
        metadata = dict(activity)
        if "length" in metadata:
            metadata["end"] = time + metadata.pop("length")
        sent.append(
            {"type": sensor, "timestamp": time, "utc_offset": offset, "home_id": "a",
             "metadata": metadata}
        )  # fmt: skip
    return sent


def assert_same(rows, expected):
    for kind, found in expected.items():
        mine = [row for row in rows if row.kind == kind]
        assert [row.time / 1000 for row in mine] == found.time.tolist(), kind
        assert [row.unit for row in mine] == found.unit.tolist()
        assert [row.sensor for row in mine] == found.sensor.tolist()
        values = np.array([row.values for row in mine], dtype=np.float32)
        assert values.tobytes() == found.values.tobytes()


@given(logs(), st.lists(st.floats(0, 1), max_size=6), st.integers(0, 200_000), st.randoms())
def test_a_stream_has_the_rows_of_the_log_however_time_passes(sent, moments, after, random):
    table = events_from_json(json.dumps(sent), strict=True)
    until = sent[-1]["timestamp"] + after
    expected = activity_rows(table.sample(frac=1, random_state=0) if _apart(sent) else table,
                             until=until)  # fmt: skip
    history, rows = ActivityHistory("a"), []
    for event in sent:
        if history._time is not None:
            before = history._time / 1000
            for share in sorted(moments):
                rows += history.advance(before + round(share * (event["timestamp"] - before)))
        history = history.copy() if random.random() < 0.3 else history
        rows += history.update(event)
    rows += history.advance(until)
    assert_same(rows, expected)


def _apart(sent):
    return len({event["timestamp"] for event in sent}) == len(sent)


@given(logs(), st.integers(0, 25))
def test_a_log_is_continued(sent, cut):
    table = events_from_json(json.dumps(sent), strict=True)
    whole, history = activity_rows(table), ActivityHistory("a")
    first = activity_rows(table[:cut], history=history) if cut else None
    second = activity_rows(table[cut:], history=history) if cut < len(table) else None
    for kind, rows in whole.items():
        parts = [part[kind] for part in (first, second) if part is not None]
        values = np.concatenate([part.values for part in parts])
        assert values.tobytes() == rows.values.tobytes()


@given(logs())
def test_a_unit_is_one_silence_or_one_activation(sent):
    rows = activity_rows(events_from_json(json.dumps(sent), strict=True),
                         until=sent[-1]["timestamp"] + 50_000)  # fmt: skip
    for kind in ("silence", "still on"):
        found = rows[kind]
        for unit in np.unique(found.unit):
            # Within one silence, and one activation, time only grows.
            lengths = found.values[found.unit == unit, 1]
            assert np.all(np.diff(lengths) > 0)
        if kind == "silence":
            begins = found.time - found.values[:, 1]
            assert np.allclose(begins * 1000, found.unit, atol=1e3)
