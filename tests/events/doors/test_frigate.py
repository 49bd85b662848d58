"""Frigate's database, API and messages, against the expected events of the files."""

from __future__ import annotations

import csv
import json
import math
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.events import Vocabulary, read_events, write_events
from novin_ml.events.doors import DoorMapping, Mapped, read_frigate, recognise
from novin_ml.exceptions import InvalidEventError

ZONE = "America/Chicago"
TEXTS = {
    "api_events.json": "api_events.expected.json",
    "mqtt_events.jsonl": "mqtt_events.expected.json",
    "mosquitto_sub_v.txt": "mqtt_events.expected.json",
}
VOCABULARIES = [Vocabulary.sdk(), Vocabulary.home()]


@pytest.fixture(scope="module")
def recorded(shared_data, tmp_path_factory):
    folder = shared_data / "doors" / "frigate"
    if not folder.is_dir():
        pytest.skip("the shared data have no folder doors/frigate")
    copy = tmp_path_factory.mktemp("frigate") / "frigate"
    shutil.copytree(folder, copy, copy_function=shutil.copyfile)
    return copy


def read(path, **options):
    return read_frigate(path, **({"home_id": "h", "timezone": ZONE} | options))


def counts(column):
    found = column.value_counts()
    return {str(name): int(n) for name, n in found.items() if n}


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["sdk", "home"])
def test_every_event_of_the_database_is_there_and_no_other(recorded, vocabulary):
    events, report = read(recorded / "frigate.db", vocabulary=vocabulary)
    with (recorded / "expected_events.csv").open() as stream:
        expected = sorted(csv.DictReader(stream), key=lambda r: (float(r["timestamp"]), r["id"]))
    assert len(events) == len(expected) == 131
    assert events["kind"].tolist() == [row["kind"] for row in expected]
    assert events["zone"].tolist() == [row["zone"] for row in expected]
    assert events["timestamp"].tolist() == [float(row["timestamp"]) for row in expected]
    lengths = (events["end"] - events["timestamp"]).to_numpy()
    for name, found, digits in (("duration", lengths, 3), ("confidence", None, 6)):
        column = events[name].to_numpy() if found is None else found
        told = [round(float(value), digits) if value == value else None for value in column]
        assert told == [float(row[name]) if row[name] else None for row in expected]
    np.testing.assert_allclose(events["duration"], lengths, rtol=1e-6)
    totals = json.loads((recorded / "expected.json").read_text())
    assert counts(events["kind"]) == totals["by_kind"]
    assert counts(events["zone"]) == totals["by_zone"]
    assert int(events["duration"].notna().sum()) == totals["duration_known"]
    assert round(float(np.nansum(lengths)), 3) == totals["duration_total_s"]
    assert int(events["confidence"].isna().sum()) == totals["confidence_missing"]
    left_out = {each.name.rpartition("/")[2]: each.n_active for each in report.not_read}
    assert left_out == totals["not_mapped_labels"]
    by_time = {each["id"].partition("-")[0]: each["duration"] for each in totals["special"]}
    for begin, duration in by_time.items():
        (row,) = np.flatnonzero(events["timestamp"] == float(begin))
        assert (duration is None) == math.isnan(lengths[row])
        assert duration is None or round(lengths[row], 3) == duration


def test_weak_labels_say_that_they_are_weak(recorded):
    events, report = read(recorded / "frigate.db")
    totals = json.loads((recorded / "expected.json").read_text())
    assert "label" not in events.columns
    packages = [each for each in report.weak_labels if not each.is_event]
    assert len(packages) == totals["weak_delivery_labels"]["package_objects"]
    hinted = events[events["weak_label"].notna()]
    assert set(hinted["weak_label"]) == {"delivery"}
    assert set(hinted["weak_label_by"]) == {"sub_label delivery_person"}
    assert [each.timestamp for each in report.weak_labels if each.is_event] == (
        hinted["timestamp"].tolist()
    )
    assert any("Nobody confirmed them" in note for note in report.notes)


def test_names_of_persons_stay_in_the_file(recorded, tmp_path):
    events, report = read(recorded / "frigate.db")
    write_events(events, tmp_path / "e.jsonl")
    told = events.to_csv() + repr(report) + (tmp_path / "e.jsonl").read_text()
    assert "Example" not in told  # Alex and Sam Example are sub-labels
    again = read_events(tmp_path / "e.jsonl", vocabulary=Vocabulary.home())
    names = [name for name in again.columns if name in events.columns]
    assert again[names].equals(events[names])


@pytest.mark.parametrize("name", TEXTS)
def test_the_api_and_the_messages(recorded, name):
    events, report = read(recorded / name)
    totals = json.loads((recorded / TEXTS[name]).read_text())
    assert len(events) == totals["n_events"]
    assert counts(events["kind"]) == totals["by_kind"]
    known = int(events["duration"].notna().sum())
    assert known == totals.get("duration_known", totals.get("with_end"))
    if "duration_total_s" in totals:
        lengths = events["end"] - events["timestamp"]
        assert round(float(lengths.sum()), 3) == totals["duration_total_s"]
    if name == "api_events.json":
        assert "the API's own limit" in report.notes[0]
    else:
        assert report.not_events["further message of the same id"] == totals["lines"] - 12


def test_the_database_and_the_api_tell_the_same(recorded):
    of_table, _ = read(recorded / "frigate.db")
    of_api, _ = read(recorded / "api_events.json")
    assert of_table.iloc[-len(of_api) :].reset_index(drop=True).equals(of_api)


def test_the_files_stay_as_they_are(recorded):
    before = {path.name: path.read_bytes() for path in recorded.iterdir() if path.is_file()}
    for name in ("frigate.db", *TEXTS):
        read(recorded / name)
        recognise(recorded / name)
    after = {path.name: path.read_bytes() for path in recorded.iterdir() if path.is_file()}
    assert before.items() <= after.items()
    # SQLite may leave these, empty, beside a database with a log of writes.
    left = {name: after[name] for name in after.keys() - before.keys()}
    assert set(left) <= {"frigate.db-wal", "frigate.db-shm"}
    assert not left.get("frigate.db-wal")


def test_a_longest_duration_cuts_what_parks(recorded):
    events, report = read(recorded / "frigate.db", max_duration=600.0)
    assert events["duration"].max() == 600.0
    assert any(note.startswith("1 duration cut") for note in report.notes)
    assert events["end"].equals(read(recorded / "frigate.db")[0]["end"])


def test_the_written_mapping_changes_nothing_until_a_person_does(recorded, tmp_path):
    events, report = read(recorded / "frigate.db")
    DoorMapping.write_guessed(report, Vocabulary.home(), tmp_path / "m.toml")
    again, _ = read(recorded / "frigate.db", mapping=DoorMapping.from_toml(tmp_path / "m.toml"))
    assert again.equals(events)
    mapping = DoorMapping(
        entities={"back/bark": Mapped(kind="none")},
        areas={"bird": Mapped(kind="pet"), "street": Mapped(zone="garage")},
    )
    changed, _ = read(recorded / "frigate.db", mapping=mapping)
    assert counts(changed["kind"])["pet"] == 23
    assert "sound" not in counts(changed["kind"])
    assert counts(changed["zone"]).get("garage", 0) > 0  # the riskier of street and driveway


def test_a_hold_time_is_taken_off(tmp_path):
    rows = [seen(end_time=1.7e9 + 9), seen(1.7e9 + 50, "dog", id="d", end_time=1.7e9 + 53)]
    write_database(tmp_path / "frigate.db", rows)
    mapping = DoorMapping({"porch/person": Mapped(hold=5.0)}, {"dog": Mapped(hold=5.0)})
    events, _ = read(tmp_path / "frigate.db", mapping=mapping)
    assert events["duration"].tolist() == [4.0, 0.0]
    assert (events["end"] - events["timestamp"]).tolist() == [4.0, 0.0]


#: Columns of the table `event`; those of the second line came later or went.
_COLUMNS = {
    "id": "VARCHAR(30) PRIMARY KEY", "label": "VARCHAR(20)", "camera": "VARCHAR(20)",
    "start_time": "DATETIME", "end_time": "DATETIME", "zones": "JSON",
    "top_score": "REAL", "false_positive": "INTEGER", "has_snapshot": "INTEGER",
    "sub_label": "VARCHAR(100)", "data": "JSON",
}  # fmt: skip


def write_database(path, rows, columns=tuple(_COLUMNS)):
    base = sqlite3.connect(path)
    with base:
        base.execute(f"CREATE TABLE event ({', '.join(f'{n} {_COLUMNS[n]}' for n in columns)})")
        marks = ", ".join("?" * len(columns))
        base.executemany(
            f"INSERT INTO event VALUES ({marks})",
            [tuple(row.get(name) for name in columns) for row in rows],
        )
    base.close()


def seen(start=1.7e9, label="person", camera="porch", **more):
    row = {"id": f"{start}-abcdef", "label": label, "camera": camera, "start_time": start,
           "zones": "[]", "has_snapshot": 1, "data": '{"type": "object"}'}  # fmt: skip
    return row | more


def test_an_old_table_keeps_its_scores_in_columns(tmp_path):
    old = tuple(name for name in _COLUMNS if name != "data")
    rows = [
        seen(end_time=1.7e9 + 9, top_score=0.75),
        seen(1.7e9 + 50, top_score=0.5, false_positive=1),
        seen(1.7e9 + 95, id=f"{1.7e9 + 100}-abcdef", end_time=1.7e9 + 120),  # recorded 5 s before
    ]
    write_database(tmp_path / "frigate.db", rows, old)
    events, report = read(tmp_path)  # the folder
    assert events["confidence"].tolist()[:1] == [0.75]
    assert events["timestamp"].tolist() == [1.7e9, 1.7e9 + 100]
    assert report.not_events == {"taken back as false": 1}
    assert any("up to 0.13" in note for note in report.notes)


def test_the_message_that_ends_it_is_the_last(tmp_path):
    def message(kind, **more):
        after = {"id": "1700000000.5-a", "camera": "yard", "label": "dog", "entered_zones": [],
                 "start_time": 1.7e9 + 0.5, "sub_label": ["Rex", 0.9]} | more  # fmt: skip
        return json.dumps({"type": kind, "before": {}, "after": after})

    lines = [
        message("new", end_time=None),
        message("end", end_time=1.7e9 + 4, top_score=0.75),
        message("update", end_time=None),
        *("frigate/stats {}", "frigate/events {", "{}"),
    ]
    (tmp_path / "log.txt").write_text("\n".join(lines))
    events, report = read(tmp_path / "log.txt")
    assert events[["kind", "duration", "confidence"]].to_numpy().tolist() == [["pet", 3.5, 0.75]]
    assert report.read.rejects["line"].tolist() == [5, 6]
    assert "Rex" not in events.to_csv() + repr(report)


def test_what_a_running_frigate_has_not_moved_yet_is_read(tmp_path):
    code = f"""
import sqlite3, os
base = sqlite3.connect({str(tmp_path / "frigate.db")!r})
base.execute("PRAGMA journal_mode=WAL")
base.execute("PRAGMA wal_autocheckpoint=0")
base.execute("CREATE TABLE event (id, label, camera, start_time, zones, data)")
base.execute("INSERT INTO event VALUES ('1-a', 'dog', 'yard', 1.0, '[]', '{{}}')")
base.commit()
os._exit(0)  # as by a power cut
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "frigate.db-wal").stat().st_size
    assert recognise(tmp_path / "frigate.db")[0].name == "frigate"
    assert read(tmp_path / "frigate.db")[0]["kind"].tolist() == ["pet"]


def test_a_package_that_appears_hints_at_its_person(tmp_path):
    package = seen(1.7e9 + 20, "package", id="p")
    rows = [
        seen(end_time=1.7e9 + 15),
        seen(1.7e9 + 300, end_time=1.7e9 + 310, sub_label="Alex", id="x"),
        seen(1.7e9 + 1, "car", data='{"type": "object", "attributes": [{"label": "ups"}]}', id="c"),
        package,
    ]
    write_database(tmp_path / "frigate.db", rows)
    events, report = read(tmp_path / "frigate.db")
    assert events["weak_label_by"].tolist() == [
        "package 20 s after it began",
        "sub_label ups",
        None,
    ]
    assert [each.by for each in report.weak_labels if not each.is_event] == ["a package"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**6), st.sampled_from(["person", "car", "cat", "bird", "speech"]),
            st.sampled_from(["front", "yard'; DROP TABLE event; --", 'a "b"']),
            st.one_of(st.none(), st.integers(1, 29)),
        ),
        max_size=20, unique_by=lambda row: row[0],
    )
)  # fmt: skip
def test_known_objects_come_back(tmp_path_factory, known):
    folder = tmp_path_factory.mktemp("made")
    rows = []
    for at, label, camera, length in known:
        data = '{"type": "audio"}' if label == "speech" else '{"type": "object", "top_score": 0.5}'
        end = None if length is None else 1.7e9 + at + length
        rows.append(seen(1.7e9 + at, label, camera, end_time=end, data=data))
    write_database(folder / "frigate.db", rows)
    events, report = read(folder / "frigate.db")
    kinds = {"person": "motion", "car": "vehicle", "cat": "pet", "speech": "sound"}
    expected = sorted(row for row in known if row[1] in kinds)
    assert events["timestamp"].tolist() == [1.7e9 + row[0] for row in expected]
    assert events["kind"].tolist() == [kinds[row[1]] for row in expected]
    assert events["location"].tolist() == [row[2] for row in expected]
    assert [None if value != value else value for value in events["duration"].tolist()] == [
        None if row[1] == "speech" else row[3] for row in expected
    ]
    assert sum(each.n_active for each in report.not_read) == len(known) - len(expected)


def other_database(path):
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE customers (id)")
    base.close()


def lacking(path):
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE event (id, label, start_time)")
    base.close()


def damaged(path):
    write_database(path, [seen(at, id=f"{at}-x" * 40) for at in range(900)])
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 4096] = b"\x5a" * (len(content) - 8192)
    path.write_bytes(content)


def locked(path):
    write_database(path, [seen()])
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA locking_mode=EXCLUSIVE")
    base.execute("BEGIN EXCLUSIVE")
    return base


BAD = {
    "other.db": (other_database, "Got a database without that table"),
    "lacking.db": (lacking, "Got one without camera"),
    "damaged.db": (damaged, "damaged one"),
    "empty.db": (lambda path: path.write_bytes(b""), "Got an empty file"),
    "a.json": (lambda path: path.write_text("[{"), "Got text that is no JSON"),
    "b.txt": (lambda path: path.write_text("hello\n"), "Got text without a message of Frigate"),
    "c.db-wal": (lambda path: path.write_bytes(b"\x37\x7f\x06\x82" + b"0" * 90), "-wal file of"),
    "d.db": (lambda path: Path(f"{path}-wal").write_bytes(b"x"), "Got a -wal file alone"),
    "folder": (lambda path: path.mkdir(), "Got a folder without it"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_sentence_about_a_file(tmp_path, name):
    make, sentence = BAD[name]
    path = tmp_path / name
    make(path)
    with pytest.raises(InvalidEventError, match=sentence) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path} must be ")
    assert len(str(caught.value)) < 420


def test_what_can_be_read_of_a_damaged_database_is_read(tmp_path):
    """The pages in the middle are overwritten, as by a disk that fails."""
    path = tmp_path / "frigate.db"
    write_database(path, [seen(at, id=f"{at}-x") for at in range(40_000)])
    content = bytearray(path.read_bytes())
    begin = len(content) // 2 // 4096 * 4096
    content[begin : begin + 8 * 4096] = bytes(8 * 4096)
    path.write_bytes(content)
    events, report = read(path)
    assert 0 < len(events) < 40_000
    (note,) = (note for note in report.notes if "What could be read is read" in note)
    assert note.startswith(f"{path} must be Frigate's database")
    assert path.read_bytes() == bytes(content)


def test_a_locked_database_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("novin_ml.events.doors.sqlite.TIMEOUT_S", 0.1)
    base = locked(tmp_path / "frigate.db")
    with pytest.raises(InvalidEventError, match=r"kept locked for 0\.1 seconds"):
        read(tmp_path / "frigate.db")
    base.close()


def test_rows_that_cannot_be_read_are_counted_and_the_others_read(tmp_path):
    long = "x" * (4 << 20)
    rows = [
        seen(),
        seen(id="a", start_time="soon"),
        seen(id="b", start_time=1e18),
        seen(id="c", label=None),
        seen(1.7e9 + 1, camera=long),
        seen(1.7e9 + 2, zones="{", data="[" * 100_000),
    ]
    write_database(tmp_path / "frigate.db", rows)
    events, report = read(tmp_path / "frigate.db")
    assert events["timestamp"].tolist() == [1.7e9, 1.7e9 + 1, 1.7e9 + 2]
    assert sorted(report.read.rejects["field"]) == ["label", "start_time", "timestamp"]
    assert (report.read.n_read, report.read.n_rejected) == (6, 3)
    assert len(events["weak_label"]) == 3
    assert len(events["location"][1]) <= 200


def test_the_time_zone_is_never_guessed(tmp_path):
    write_database(tmp_path / "frigate.db", [seen()])
    with pytest.raises(InvalidEventError, match=r"'timezone' parameter .*--timezone"):
        read(tmp_path / "frigate.db", timezone=None)
    with pytest.raises(InvalidEventError, match="'home_id' parameter"):
        read(tmp_path / "frigate.db", home_id="")
