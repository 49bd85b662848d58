"""Databases that Home Assistant recorded itself: every expected event, and no other."""

import json
import shutil
from collections import Counter

import pandas as pd
import pytest

from novin_ml.events import Vocabulary, read_events, write_events
from novin_ml.events.doors import DoorMapping, Mapped, read_home_assistant

HOMES = ["home_a", "home_a_live"]
COLUMNS = ["kind", "location", "zone", "timestamp", "utc_offset", "home_mode", "duration"]


@pytest.fixture(scope="module", params=HOMES)
def home(request, shared_data, tmp_path_factory):
    """Copy a home, because SQLite leaves files beside a database; give its folder."""
    folder = tmp_path_factory.mktemp("homes") / request.param
    shutil.copytree(shared_data / "doors" / request.param, folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def rows_of(table):
    """Count the rows of a table by their values, times and durations in milliseconds."""
    found = table[COLUMNS].copy()
    for name in ("timestamp", "duration"):
        found[name] = found[name].astype("float64").round(3)
    found["utc_offset"] = found["utc_offset"].astype("int64")
    found = found.astype(object).where(found.notna(), None)
    return Counter(found.itertuples(index=False, name=None))


def read(folder, **options):
    return read_home_assistant(folder, home_id="a", **options)


def test_every_event_is_there_and_no_other(home):
    expected = pd.read_csv(home / "expected_events.csv")
    events, report = read(home, vocabulary=Vocabulary.sdk())
    assert len(events) == len(expected) in (994, 913)
    assert rows_of(events) == rows_of(expected)
    assert report.read.n_rejected == 0
    assert not events["consent"].any()
    assert events["timestamp"].is_monotonic_increasing
    lengths = (events["end"] - events["timestamp"]).round(3)
    assert Counter(lengths.dropna()) == Counter(expected["length_s"].dropna())


def test_the_report_says_what_was_read_and_what_was_not(home):
    expected = json.loads((home / "expected.json").read_text())
    _, report = read(home, vocabulary=Vocabulary.sdk())
    assert report.not_events == expected["on_rows_that_are_no_event"]
    assert {each.name: each.n_active for each in report.not_read} == {
        name: each["on_phases"] for name, each in expected["binary_sensors_not_read"].items()
    }
    told = {sensor.name: sensor for sensor in report.sensors}
    assert set(told) == set(expected["per_entity"])
    for name, each in expected["per_entity"].items():
        sensor = told[name]
        assert (sensor.kind, sensor.zone, sensor.location) == (
            each["kind"], each["zone"], each["location"],
        )  # fmt: skip
        assert sensor.n_events == each["events"]
        if sensor.kind == "motion":
            assert sensor.shortest == pytest.approx(each["length_s_min"], abs=1e-3)
    assert sum(report.unknown_locations.values()) == expected["by_zone"]["unknown"]
    assert report.timezone == expected["time_zone"]


def test_what_the_vocabulary_of_real_homes_changes(home):
    """Stairs and office are zones, occupancy is a kind, and names are found by whole words."""
    sdk, _ = read(home, vocabulary=Vocabulary.sdk())
    own, report = read(home)
    told = {sensor.name: sensor for sensor in report.sensors}
    is_animal = own["kind"] == "pet"
    assert is_animal.sum() == told["binary_sensor.rear_camera_animal"].n_events
    own = own[~is_animal].reset_index(drop=True)
    assert own["timestamp"].equals(sdk["timestamp"])
    for column in ("utc_offset", "home_mode", "duration", "end"):
        pd.testing.assert_series_equal(own[column], sdk[column])
    changed = own["kind"].astype(str) != sdk["kind"].astype(str)
    assert set(zip(sdk["kind"][changed], own["kind"][changed], strict=True)) == {
        ("motion", "occupancy")
    }
    moved = own["zone"].astype(str) != sdk["zone"].astype(str)
    assert set(zip(sdk["zone"][moved], own["zone"][moved], strict=True)) == {
        ("unknown", "stairs"), ("unknown", "office"),
    }  # fmt: skip
    renamed = own["location"] != sdk["location"]
    assert set(zip(sdk["location"][renamed], own["location"][renamed], strict=True)) == {
        ("Driveway", "Drive Camera Motion"),
        ("Driveway", "Drive Camera Vehicle"),
        ("Living Room", "Lounge PIR Motion"),
        ("Office", "Office mmWave Occupancy"),
    }
    if home.name == "home_a":
        assert (moved.sum(), changed.sum()) == (15 + 12, 12)


def test_a_written_file_gives_the_same_events(home, tmp_path):
    events, report = read(home, consent=True)
    write_events(events, tmp_path / "events.jsonl")
    again = read_events(tmp_path / "events.jsonl", vocabulary=Vocabulary.home())
    pd.testing.assert_frame_equal(again, events)
    assert events["consent"].all()
    assert report.read.n_without_consent == 0


def test_the_written_mapping_changes_nothing_until_a_person_does(home, tmp_path):
    for known in (Vocabulary.sdk(), Vocabulary.home()):
        events, report = read(home, vocabulary=known)
        path = tmp_path / "mapping.toml"
        DoorMapping.write_guessed(report, known, path)
        again, mapped = read(home, vocabulary=known, mapping=DoorMapping.from_toml(path))
        pd.testing.assert_frame_equal(again, events)
        assert {each.kind_from for each in mapped.sensors} == {"the mapping"}
    text = path.read_text()
    text = text.replace(
        '[entities."binary_sensor.hallway_pir_tamper"]\n# kind = ""',
        '[entities."binary_sensor.hallway_pir_tamper"]\nkind = "switch"',
    )
    path.write_text(text)
    more, _ = read(home, mapping=DoorMapping.from_toml(path))
    assert len(more) - len(events) == (1 if home.name == "home_a" else 0)


def test_a_mapping_names_kind_zone_and_hold(home):
    hall, office = "binary_sensor.hallway_pir_motion", "binary_sensor.office_mmwave_occupancy"
    before, _ = read(home, vocabulary=Vocabulary.sdk())
    mapping = DoorMapping(
        {hall: Mapped(hold=90.0), "binary_sensor.lounge_pir_motion": Mapped("none")},
        {"Office": Mapped(zone="bedroom")},
    )
    after, report = read(home, vocabulary=Vocabulary.sdk(), mapping=mapping)
    told = {sensor.name: sensor for sensor in report.sensors}
    assert told[office].zone == "bedroom"
    assert "binary_sensor.lounge_pir_motion" in {each.name for each in report.not_read}
    places = [table["location"] == "Hallway PIR Motion" for table in (before, after)]
    for column, least in (("duration", 0), ("end", None)):
        old, new = (
            table.loc[place, column].dropna().to_numpy()
            for table, place in zip((before, after), places, strict=True)
        )
        assert old - new == pytest.approx([90.0] * len(old), abs=1e-3)
        assert least is None or new.min() >= least


def test_nothing_of_the_person_or_the_place_comes_out(home, tmp_path):
    _, report = read(home)
    DoorMapping.write_guessed(report, Vocabulary.home(), tmp_path / "mapping.toml")
    told = repr(report) + str(report) + (tmp_path / "mapping.toml").read_text()
    for secret in ("alex", "sam_example", "example house", "latitude", "longitude"):
        assert secret not in told.lower()


def test_the_files_stay_as_they_are(home):
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    before = {path: text for path, text in before.items() if "-shm" not in path.name}
    names = {path.name for path in home.iterdir()}
    read(home)
    assert {path: path.read_bytes() for path in before} == before
    if home.name == "home_a":  # its instance was stopped: nothing is left beside it either
        assert {path.name for path in home.iterdir()} == names
