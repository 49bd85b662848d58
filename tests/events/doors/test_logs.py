"""Readers of one file each, against the expected counts of the files; which recognise theirs."""

from __future__ import annotations

import gzip
import json
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.events import Vocabulary
from novin_ml.events.doors import DOORS, DoorMapping, Mapped, recognise
from novin_ml.exceptions import InvalidEventError

ZONE = "America/Chicago"
#: Each file with its door.
FILES = {
    "ha_history.csv": "ha-history",
    "ha_api_history.json": "ha-history",
    "ha_api_history_minimal.json": "ha-history",
    "ha_api_logbook.json": "ha-history",
    "casas_like.txt": "casas",
    "casas_like_tabs.txt": "casas",
    "ring_history.json": "ring",
    "nest_sdm.jsonl": "nest",
    "zigbee2mqtt.txt": "zigbee2mqtt",
}
LOGS = [name for name in DOORS if name not in ("home-assistant", "frigate")]
VOCABULARIES = {"sdk": Vocabulary.sdk(), "home": Vocabulary.home()}


@pytest.fixture(scope="module")
def formats(shared_data):
    folder = shared_data / "doors" / "formats"
    if not folder.is_dir():
        pytest.skip("the shared data have no folder doors/formats")
    return folder


@pytest.fixture(scope="module")
def expected(formats):
    return json.loads((formats / "expected.json").read_text())


def read(door, path, **options):
    return DOORS[door].read(path, **({"home_id": "h", "timezone": ZONE} | options))


def counts(column):
    return {str(name): int(n) for name, n in column.value_counts().items() if n}


def lengths(events):
    return (events["end"] - events["timestamp"])[events["duration"].notna()]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_kinds_and_doors(formats, expected, name, vocabulary):
    door, found = recognise(formats / name)
    assert door.name == FILES[name]
    assert found.startswith("its ")
    events, report = door.read(
        formats / name, home_id="h", timezone=ZONE, vocabulary=VOCABULARIES[vocabulary]
    )
    assert counts(events["kind"]) == expected[name]["by_kind"]
    assert (report.door, report.timezone) == (door.name, ZONE)
    assert not events["consent"].any()
    assert events["timestamp"].is_monotonic_increasing


@pytest.mark.parametrize("name", [name for name, door in FILES.items() if door == "ha-history"])
def test_states_of_home_assistant(formats, expected, name):
    events, report = read("ha-history", formats / name)
    of_file = expected[name]
    assert len(events) == of_file["n_events"]
    motions = events[events["kind"] == "motion"]
    assert int(motions["duration"].notna().sum()) == of_file["motion_duration"]["known"]
    assert int(motions["duration"].isna().sum()) == of_file["motion_duration"]["missing"]
    assert round(float(lengths(motions).sum()), 3) == of_file["motion_duration"]["total_s"]
    for row, (entity, kind, at, duration, mode) in zip(
        events.itertuples(), of_file["events"], strict=True
    ):
        assert (row.kind, round(row.timestamp, 3)) == (kind, at), entity
        if kind == "motion":
            assert (None if math.isnan(row.duration) else round(float(row.duration), 3)) == duration
        else:
            assert math.isnan(row.duration)
        if name == "ha_api_logbook.json" and isinstance(row.home_mode, float):
            assert at < 1761830460  # before the first row of the panel, it is not told
        else:
            assert row.home_mode == mode
    if name != "ha_api_logbook.json":
        assert counts(events["home_mode"]) == of_file["by_home_mode"]
        assert report.not_events["doorbell row that repeats an old press"] == 1
    assert report.not_events["on right after unavailable or unknown"] == 1


def test_a_log_of_casas(formats, expected):
    of_file = expected["casas_like.txt"]
    names = json.loads((formats / "casas_like.sensors.json").read_text())
    known = Vocabulary.home()
    mapping = DoorMapping({name: Mapped(zone=known.zone_of(at)) for name, at in names.items()})
    events, report = read("casas", formats / "casas_like.txt", mapping=mapping)
    assert counts(events["zone"]) == of_file["zones_with_sensors_json"]
    motions = events[events["kind"] == "motion"]
    assert int(motions["duration"].notna().sum()) == of_file["motion_duration_known"]
    assert int(motions["duration"].isna().sum()) == of_file["motion_duration_missing"]
    assert round(float(lengths(motions).sum()), 6) == of_file["motion_duration_total_s"]
    (refused,) = report.read.rejects.to_dict("records")
    assert refused["line"] == of_file["rejected"][0]["line"]
    assert (refused["field"], refused["got"]) == ("value of M019", '"OFF5"')
    assert report.not_events["number of a sensor"] == of_file["ignored_numeric"]
    assert (
        report.not_events["row that repeats on (force_update or attributes)"]
        == (of_file["repeated_on"])
    )
    assert "1 line not in the order of time: sorted." in report.notes
    assert set(events["utc_offset"]) == {-6 * 3600.0}
    unmapped, report = read("casas", formats / "casas_like.txt")
    assert set(unmapped["zone"]) == {"unknown"}
    assert report.unknown_locations == {"M003": 2, "D001": 2, "M019": 2, "M002": 1, "M008": 1,
                                        "M015": 1, "D002": 1}  # fmt: skip


def test_blanks_and_tabs_are_the_same(formats, expected):
    tabs, _ = read("casas", formats / "casas_like_tabs.txt")
    blanks, _ = read("casas", formats / "casas_like.txt")
    first = blanks[blanks["location"].isin(["M002", "M003"])].head(3).reset_index(drop=True)
    pd.testing.assert_frame_equal(tabs, first)


def test_the_history_of_ring(formats, expected):
    of_file = expected["ring_history.json"]
    events, report = read("ring", formats / "ring_history.json")
    assert counts(events["zone"]) == of_file["by_zone"]
    assert report.not_events == {"the same id again, of another page": of_file["duplicates_by_id"]}
    left_out = {each.name.rpartition("/")[2]: each.n_active for each in report.not_read}
    assert left_out == of_file["not_mapped"]
    assert events["duration"].isna().all()
    assert events["end"].isna().all()
    mapping = DoorMapping({"Front Door/alarm": Mapped(kind="siren", zone="porch")})
    mapped, _ = read("ring", formats / "ring_history.json", mapping=mapping)
    assert counts(mapped["kind"])["siren"] == 1


def test_the_events_of_nest(formats, expected):
    of_file = expected["nest_sdm.jsonl"]
    events, report = read("nest", formats / "nest_sdm.jsonl")
    assert [round(each, 3) for each in lengths(events)] == of_file["motion_durations_s"]
    assert report.not_events["message without an event"] == of_file["no_event"]
    assert events.set_index("kind")["location"]["sound"] == "Back Door"  # as the device is named


def test_the_messages_of_zigbee2mqtt(formats, expected):
    of_file = expected["zigbee2mqtt.txt"]
    events, report = read("zigbee2mqtt", formats / "zigbee2mqtt.txt")
    assert [round(each, 3) for each in lengths(events)] == of_file["motion_durations_s"]
    (door,) = events[events["kind"] == "door"].to_dict("records")
    assert (door["zone"], round(door["end"] - door["timestamp"], 3)) == ("front_door", 7.0)
    assert {each.name: each.n_active for each in report.not_read} == {
        "bedroom_window/vibration": 1, "garage_remote/action": 1,
    }  # fmt: skip
    assert report.not_events["on right after unavailable or unknown"] == 1


def test_each_file_is_of_one_door(formats):
    for name, door in FILES.items():
        told = [each.name for each in DOORS.values() if each.recognise(formats / name) is not None]
        assert told == [door], name


@pytest.mark.parametrize("name", ["ring_history.json", "zigbee2mqtt.txt", "ha_history.csv"])
def test_files_may_be_compressed_and_have_a_mark_and_windows_ends(formats, tmp_path, name):
    content = (formats / name).read_bytes()
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")))
    door, _ = recognise(path)
    assert door.name == FILES[name]
    assert read(door.name, path)[0].equals(read(door.name, formats / name)[0])


def test_a_history_that_a_spreadsheet_saved(formats, tmp_path):
    text = (formats / "ha_history.csv").read_text()
    expected, _ = read("ha-history", formats / "ha_history.csv")
    path = tmp_path / "saved.csv"
    for written in (text.replace(",", ";").encode(), text.encode("utf-16")):
        path.write_bytes(written)
        assert recognise(path)[0].name == "ha-history"
        assert read("ha-history", path)[0].equals(expected)


def test_the_hour_that_a_clock_shows_twice(tmp_path):
    path = tmp_path / "log.txt"
    lines = ["00:59:00 M1 ON", "01:30:00 M1 OFF", "01:50:00 M2 ON", "01:10:00 M2 OFF",
             "01:20:00 M1 ON", "02:10:00 M1 OFF"]  # fmt: skip
    path.write_text("\n".join(f"2025-11-02 {line}" for line in lines))
    events, _ = read("casas", path)
    assert events["duration"].tolist() == [31 * 60.0, 20 * 60.0, 50 * 60.0]
    assert events["utc_offset"].tolist() == [-18_000.0, -18_000.0, -21_600.0]


def test_a_history_tells_what_comes_before_its_first_change(tmp_path):
    """The first state has the time of the query; an entity that was removed has no state."""
    rows = ["entity_id,state,last_changed", "binary_sensor.hall_motion,on,2025-01-01T00:00:00Z",
            "binary_sensor.hall_motion,off,2025-01-01T01:00:00Z",
            "binary_sensor.hall_motion,on,2025-01-01T02:00:00.5Z",
            "binary_sensor.hall_motion,,2025-01-01T03:00:00Z",
            "binary_sensor.hall_motion,on,2025-01-01T04:00:00Z",
            "sensor.warm,21.5,2025-01-01T02:00:00Z",
            "person.anna,home,2025-01-01T00:00:00Z", "binary_sensor.x,on,soon", "a,b"]  # fmt: skip
    (tmp_path / "h.csv").write_text("\n".join(rows))
    events, report = read("ha-history", tmp_path / "h.csv")
    assert events["timestamp"].tolist() == [1735696800.5]
    assert events["home_mode"].tolist() == ["home"]
    assert report.read.rejects["line"].tolist() == [9, 10]
    assert "anna" not in events.to_csv() + repr(report)


BAD = {
    "ha-history": [("a,b\n1,2\n", "without the column entity_id"), ('{"a": 1}', "without the"),
                   ("[]", r"Got \[\]")],
    "ring": [('{"a": 1}', "a JSON list"), ("[{", "text that is no JSON")],
    "zigbee2mqtt": [('zigbee2mqtt/a {"occupancy": true}\n' * 3,
                     "Got 3 lines without any. Write them with mosquitto_sub -F '%I %t %p'")],
}  # fmt: skip


@pytest.mark.parametrize("door", LOGS)
def test_bad_files_are_one_sentence(tmp_path, door):
    path = tmp_path / "a.txt"
    texts = [("", "an empty file"), ("[" * 500, "too many levels|that is no JSON|")]
    for text, sentence in BAD.get(door, []) + texts[:1]:
        path.write_text(text)
        with pytest.raises(InvalidEventError, match=sentence) as caught:
            read(door, path)
        assert str(caught.value).startswith(f"{path} must be ")
    with pytest.raises(InvalidEventError, match="Got a folder"):
        read(door, tmp_path)
    with pytest.raises(FileNotFoundError):
        read(door, tmp_path / "none")
    path.write_bytes(b"SQLite format 3\x00" + bytes(100))
    with pytest.raises(InvalidEventError, match="an SQLite database"):
        read(door, path)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(LOGS),
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.sampled_from([
                '{"resourceUpdate": 3}', '{"a": [[[[]]]]}', "2024-01-01 10:00:00 M1 ON", "[]",
                '[{"kind": 3, "created_at": "x"}, 4]', "zigbee2mqtt/a {", "nan", "[[1], [{}]]",
                '{"timestamp": 1, "resourceUpdate": {"events": {"a": 3}, "traits": []}}',
                "entity_id,state,last_changed", 'binary_sensor.a,on,"', "9999-99-99 99:99:99 a ON",
            ]),
        ),
        min_size=1, max_size=6,
    ),
)  # fmt: skip
def test_any_text_is_read_or_is_one_sentence(tmp_path_factory, door, lines):
    path = tmp_path_factory.mktemp("any") / "a.txt"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    sentence, report = "", None
    try:
        _, report = read(door, path)
    except InvalidEventError as error:
        sentence = str(error)
    assert "\n" not in sentence
    if report is None:
        assert sentence.startswith(f"{path} must be ")
    else:
        assert report.read.n_read == report.read.n_accepted + report.read.n_rejected


def test_a_line_of_four_megabytes_and_of_another_encoding(tmp_path):
    path = tmp_path / "log.txt"
    long = "x" * (4 << 20)
    path.write_bytes(
        f"2024-01-01 10:00:00 M1 ON\n2024-01-01 10:00:01 {long} ON\n{long}\n".encode()
        + b"2024-01-01 10:00:02 K\xfcche ON\n2024-01-01 10:00:05 M1 OFF\n"
    )
    events, report = read("casas", path)
    assert (len(events), report.read.n_rejected) == (3, 1)
    assert max(map(len, events["location"])) == 200
    assert len(report.read.rejects["got"][0]) < 100


@pytest.mark.parametrize("content", ["hello", "", '{"type": "motion", "timestamp": 1}'])
def test_what_no_door_recognises_is_one_sentence(tmp_path, content):
    (tmp_path / "a.txt").write_text(content)
    with pytest.raises(InvalidEventError, match=r"that a door recognises\. .*ring|Ring"):
        recognise(tmp_path / "a.txt")
    with pytest.raises(FileNotFoundError):
        recognise(tmp_path / "none")
