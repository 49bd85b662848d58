"""Laws of reading and writing events."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.estimators import ChainStream
from novin_ml.events import (
    EVENT_FIELDS,
    KINDS,
    ZONES,
    Chains,
    chains_from_events,
    event_kind,
    events_from_json,
    normalize_zone,
    normalize_zones,
    read_event,
    read_events,
    write_events,
)
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import BehaviorFeatures, BehaviorHistory
from tests.properties.strategies import (
    blank_lines,
    broken_lines,
    crowded_times,
    locations,
    sent_events,
    texts,
    valid_events,
)


def write_lines(path: Path, lines: list[bytes], end: bytes = b"\n") -> Path:
    path.write_bytes(end.join(lines))
    return path


def as_line(event: dict) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


@given(
    good=st.lists(valid_events, min_size=1, max_size=8),
    bad=st.lists(broken_lines | blank_lines, max_size=8),
    data=st.data(),
)
def test_no_valid_event_is_lost_among_broken_ones(tmp_path, good, bad, data):
    lines = [(True, as_line(event)) for event in good] + [(False, line) for line in bad]
    order = data.draw(st.permutations(lines))
    alone = read_events(
        write_lines(tmp_path / "good.jsonl", [line for is_good, line in order if is_good])
    )
    end = data.draw(st.sampled_from((b"\n", b"\r\n")))
    path = write_lines(tmp_path / "all.jsonl", [line for _, line in order], end)
    among, report = read_events(path, return_report=True)
    pd.testing.assert_frame_equal(among[alone.columns], alone)
    assert len(alone) == len(good)
    n_broken = sum(bool(line.strip()) for line in bad)
    assert report.n_rejected == n_broken
    assert set(report.rejects["line"]) == {
        row for row, (is_good, line) in enumerate(order, 1) if not is_good and line.strip()
    }


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=12),
    st.sampled_from(
        ('motion,1,"open', 'motion,1,"a"b', "motion,1", "motion,x,", "mo\udcfftion,1,a", "m,1,a,b")
    ),
)
def test_no_valid_row_of_csv_is_lost_among_broken_ones(tmp_path, rows, broken):
    lines = [f'motion,{number},"a, {number}"' if good else broken for good, number in rows]
    path = tmp_path / "events.csv"
    path.write_bytes(
        "\n".join(["type,timestamp,location", *lines]).encode("utf-8", "surrogateescape")
    )
    events, report = read_events(path, return_report=True)
    assert events["timestamp"].tolist() == [number for good, number in rows if good]
    assert report.n_rejected == sum(not good for good, _ in rows)


@given(st.lists(valid_events | broken_lines, max_size=6))
def test_strict_raises_if_and_only_if_there_are_rejects(tmp_path, given_lines):
    lines = [line if isinstance(line, bytes) else as_line(line) for line in given_lines]
    path = write_lines(tmp_path / "events.jsonl", lines)
    events, report = read_events(path, return_report=True)
    if report.rejects.empty:
        pd.testing.assert_frame_equal(read_events(path, strict=True), events)
    else:
        first = report.rejects.iloc[0]
        with pytest.raises(InvalidEventError) as caught:
            read_events(path, strict=True)
        assert str(caught.value).startswith(f"{first.file}:{first.line}: {first.field} must be")


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
@given(
    given_events=st.lists(valid_events, min_size=1, max_size=8),
    timezone=st.sampled_from(("UTC", "Europe/Berlin", "Asia/Kathmandu")),
)
def test_what_is_written_reads_back_the_same(tmp_path, suffix, given_events, timezone):
    source = write_lines(tmp_path / "source.jsonl", [as_line(event) for event in given_events])
    events = read_events(source, timezone=timezone)
    write_events(events, tmp_path / f"copy{suffix}")
    copy = read_events(tmp_path / f"copy{suffix}", strict=True)
    pd.testing.assert_frame_equal(copy, events, check_exact=True)
    joined = pd.concat([events, copy], ignore_index=True)
    shared = [name for name in events if name not in ("label", "clean_label")]
    assert joined[shared].dtypes.equals(events[shared].dtypes)


@given(st.lists(valid_events, min_size=1, max_size=5))
def test_a_request_holds_what_its_lines_hold(tmp_path, given_events):
    lines = write_lines(tmp_path / "lines.jsonl", [as_line(event) for event in given_events])
    request = write_lines(tmp_path / "request.json", [as_line({"events": given_events})])
    pretty = tmp_path / "pretty.json"
    pretty.write_text(json.dumps(given_events, indent=2), encoding="utf-8")
    expected = read_events(lines)
    pd.testing.assert_frame_equal(read_events(request), expected)
    pd.testing.assert_frame_equal(read_events(pretty), expected)


@given(locations | texts | st.none() | st.integers())
def test_every_location_has_a_zone_and_a_zone_is_its_own(location):
    zone = normalize_zone(location)
    assert zone in ZONES
    assert normalize_zone(zone) == zone
    assert list(normalize_zones([location])) == [zone]


@given(st.lists(texts))
def test_every_type_has_a_kind_whatever_its_case(types):
    kinds = event_kind(types)
    assert set(kinds) <= {*KINDS, "other"}
    assert list(event_kind([kind.upper() for kind in KINDS])) == list(KINDS)
    assert len(kinds) == len(types)


any_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
#: Events of which some break rules: one of their values is any that JSON can hold.
odd_events = st.builds(
    lambda event, outer, inner, where: (
        event | outer | ({"metadata": event.get("metadata", {}) | inner} if where else {})
    ),
    valid_events,
    st.dictionaries(
        st.sampled_from([field.path for field in EVENT_FIELDS if "." not in field.path]),
        any_values,
        max_size=1,
    ),
    st.dictionaries(
        st.sampled_from([field.name for field in EVENT_FIELDS if "." in field.path]),
        any_values,
        max_size=1,
    ),
    st.booleans(),
)


@given(
    valid_events | odd_events,
    st.sampled_from(("UTC", "UTC", "Europe/Berlin", "Australia/Lord_Howe")),
)
def test_one_event_is_read_as_in_a_text(event, zone):
    text = json.dumps(event)
    table, report = events_from_json(text, timezone=zone, return_report=True)
    if not len(table):
        first = report.rejects.iloc[0]
        with pytest.raises(InvalidEventError) as caught:
            read_event(event, timezone=zone)
        assert str(caught.value) == (
            f"The {first['field']} of an event must be {first['expected']}. "
            f"Got {first['got']} instead. Correct it or leave the event out."
        )
        return
    row = read_event(event, timezone=zone)
    assert_same_row(row, table.to_dict("records")[0])
    # As a row it is what it was, whatever the zone.
    assert_same_row(read_event(row, timezone="Asia/Tokyo"), row)
    for record in table.to_dict("records"):
        assert_same_row(read_event(record, timezone="Asia/Tokyo"), row)


def assert_same_row(row: dict, expected: dict) -> None:
    assert list(row) == list(expected)
    for name, value in expected.items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(row[name], value)
        elif value is None or value != value:
            assert row[name] is None or row[name] != row[name], name
        else:
            assert row[name] == value, name


@given(
    st.lists(valid_events, min_size=1, max_size=8),
    st.lists(broken_lines | blank_lines, max_size=3),
    st.randoms(use_true_random=False),
    st.sampled_from(("lines", "request", "list")),
)
def test_a_text_in_memory_is_read_as_a_file(tmp_path, good, bad, random, form):
    lines = [as_line(event) for event in good] + bad
    random.shuffle(lines)
    text = {
        "lines": b"\n".join(lines),
        "request": json.dumps({"events": good}).encode(),
        "list": json.dumps(good, indent=1).encode(),
    }[form]
    path = tmp_path / "events.jsonl"
    path.write_bytes(text)
    events, report = events_from_json(text, return_report=True)
    of_file, report_of_file = read_events(path, return_report=True)
    pd.testing.assert_frame_equal(events, of_file)
    pd.testing.assert_frame_equal(
        report.rejects.assign(file=str(path)).astype({"file": object}), report_of_file.rejects
    )
    assert str(report) == str(report_of_file)


@given(
    st.lists(sent_events(crowded_times, st.just("a")), min_size=1, max_size=12),
    st.sampled_from(("UTC", "Europe/Berlin")),
)
def test_streams_follow_the_events_of_a_text(sent, zone):
    sent = sorted(sent, key=lambda event: event["timestamp"])
    table = events_from_json(json.dumps(sent), timezone=zone, strict=True)
    history, stream = BehaviorHistory(timezone=zone), ChainStream(_NoModel(), timezone=zone)
    rows = []
    for event in sent:
        rows.append(history.update(event))
        stream.predict_stream(event)
    np.testing.assert_array_equal(rows, BehaviorFeatures().transform(table))
    last = chains_from_events(table)[-1:]
    last = last.assign(observed_until=last.timestamp[-1])
    assert stream.chain.table.equals(last.table.reset_index(drop=True))
    for name in ("timestamp", "kind", "zone", "confidence"):
        np.testing.assert_array_equal(getattr(stream.chain, name), getattr(last, name))


class _NoModel:
    def predict_proba(self, chains: Chains) -> np.ndarray:
        return np.zeros((len(chains), 1), dtype=np.float32)
