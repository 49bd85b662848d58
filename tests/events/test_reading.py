from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import column_dtypes, read_events
from novin_ml.exceptions import InvalidEventError

GOOD = {"type": "motion", "timestamp": 1.7e9}


def with_metadata(**metadata):
    return GOOD | {"metadata": metadata}


def read_lines(folder, *lines, **options):
    path = folder / "events.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8", errors="surrogateescape")
    return read_events(path, return_report=True, **options)


RULES = [
    ({"timestamp": 1}, "type", "nothing"),
    (GOOD | {"type": ""}, "type", '""'),
    (GOOD | {"type": 7}, "type", "7"),
    (GOOD | {"type": "x" * 101}, "type", None),
    (GOOD | {"type": "\ud800"}, "type", '"\\ud800"'),
    ({"type": "motion"}, "timestamp", "nothing"),
    (GOOD | {"timestamp": None}, "timestamp", "nothing"),
    (GOOD | {"timestamp": True}, "timestamp", "true"),
    (GOOD | {"timestamp": "1700000000"}, "timestamp", '"1700000000"'),
    (GOOD | {"timestamp": "2024-02-30T10:00:00Z"}, "timestamp", None),
    (GOOD | {"timestamp": "2024-02-03T10:00:60Z"}, "timestamp", None),
    (GOOD | {"timestamp": "2024-02-03"}, "timestamp", None),
    (GOOD | {"timestamp": -1}, "timestamp", "-1"),
    (GOOD | {"timestamp": 1.7e12}, "timestamp", "1700000000000.0"),
    (GOOD | {"timestamp": 10**400}, "timestamp", None),
    (GOOD | {"timestamp": float("NaN")}, "timestamp", "NaN"),
    (GOOD | {"confidence": 1.0000001}, "confidence", "1.0000001"),
    (GOOD | {"confidence": -0.1}, "confidence", "-0.1"),
    (GOOD | {"confidence": True}, "confidence", "true"),
    (GOOD | {"confidence": "0.5"}, "confidence", '"0.5"'),
    (GOOD | {"confidence": float("NaN")}, "confidence", "NaN"),
    (GOOD | {"confidence": float("Infinity")}, "confidence", "Infinity"),
    (GOOD | {"home_id": 42}, "home_id", "42"),
    (GOOD | {"user_id": ["a"]}, "home_id", '["a"]'),
    (GOOD | {"utc_offset": 90_000}, "utc_offset", "90000"),
    (GOOD | {"metadata": "x"}, "metadata", '"x"'),
    (GOOD | {"metadata": 0}, "metadata", "0"),
    (with_metadata(location="x" * 201), "metadata.location", None),
    (with_metadata(location=5), "metadata.location", "5"),
    (with_metadata(home_mode="Away"), "metadata.home_mode", '"Away"'),
    (with_metadata(duration=-0.5), "metadata.duration", "-0.5"),
    (with_metadata(duration=float("Infinity")), "metadata.duration", "Infinity"),
    (with_metadata(energy=1.5), "metadata.energy", "1.5"),
    (with_metadata(raw="0.1"), "metadata.raw", '"0.1"'),
    (with_metadata(raw={"0": 0.1}), "metadata.raw", None),
    (with_metadata(raw=[0.1, 1.5]), "metadata.raw", "1.5 as sample 1"),
    (with_metadata(raw=[0.1, False]), "metadata.raw", "false as sample 1"),
    (with_metadata(raw=[float("NaN")]), "metadata.raw", "NaN as sample 0"),
    (with_metadata(raw=[0.1] * 6001), "metadata.raw", "6,001 samples"),
    (with_metadata(sample_rate=0), "metadata.sample_rate", "0"),
    (GOOD | {"label": 1}, "label", "1"),
    ("{", "line", None),
    ("[1]", "line", None),
    ("7", "line", "7"),
    ('{"type": "mo\udcfftion", "timestamp": 1}', "line", None),
    ('{"type": "motion", "timestamp": 1, "type": "pet"}', "type", 'the key "type" twice'),
    ('{"type":"motion","timestamp":1,"metadata":{"energy":0,"energy":1}}', "metadata.energy", None),
    ({"events": "none"}, "events", '"none"'),
    ({"events": [GOOD] * 101}, "events", "101 events"),
    ({"events": [GOOD], "padding": "x" * 100_000}, "events", "100,074 bytes"),
    ({"events": [GOOD, GOOD | {"confidence": 2}]}, "events[1].confidence", "2"),
    ({"events": [GOOD, 3]}, "events[1]", "3"),
    ({"events": [{"events": []}]}, "events[0]", "a request within a request"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "field", "got"), RULES)
def test_a_broken_rule_is_one_reject_and_stops_nothing(tmp_path, line, field, got):
    _, report = read_lines(tmp_path, GOOD, line, "", GOOD)
    (reject,) = report.rejects.to_dict("records")
    assert reject["file"] == str(tmp_path / "events.jsonl")
    assert (reject["line"], reject["field"]) == (2, field)
    assert got is None or reject["got"] == got
    assert len(reject["got"]) < 300
    assert report.n_rejected == 1
    assert report.n_read == report.n_accepted + 1
    assert report.n_accepted >= 2


def test_each_broken_field_is_a_reject_but_one_event(tmp_path):
    line = {"type": 1, "confidence": 2, "metadata": {"energy": 3}}
    _, report = read_lines(tmp_path, line, rejects=tmp_path / "rejects.csv")
    fields = ["type", "timestamp", "confidence", "metadata.energy"]
    assert report.rejects["field"].tolist() == fields
    assert report.n_rejected == 1
    written = pd.read_csv(tmp_path / "rejects.csv", dtype={"got": str})
    assert written.columns.tolist() == ["file", "line", "field", "expected", "got"]
    assert written["got"].tolist() == report.rejects["got"].tolist()


def test_strict_names_file_line_field_and_remedy(tmp_path):
    with pytest.raises(
        InvalidEventError,
        match=r"events.jsonl:2: confidence must be a number from 0 to 1. Got 90 instead. Correct",
    ):
        read_lines(tmp_path, GOOD, GOOD | {"confidence": 90}, "{", strict=True)


def test_types_and_defaults(tmp_path):
    full = GOOD | {
        "user_id": "h7",
        "timestamp": 1_700_000_000,
        "confidence": 1,
        "consent": True,
        "metadata": {
            "location": "Front Door Cam",
            "home_mode": "away",
            "duration": 3,
            "energy": 0.25,
            "raw": [0, None, 1],
            "sample_rate": 20,
        },
    }
    events, report = read_lines(tmp_path, full, GOOD | {"home_id": "", "metadata": None})
    assert events.dtypes.to_dict() == column_dtypes()
    assert isinstance(events.index, pd.RangeIndex)
    first, second = events.to_dict("records")
    np.testing.assert_array_equal(first.pop("raw"), np.array([0, np.nan, 1], np.float32))
    assert first == {
        "home_id": "h7", "type": "motion", "kind": "motion", "timestamp": 1.7e9,
        "utc_offset": 0.0, "confidence": 1.0, "location": "Front Door Cam", "zone": "front_door",
        "home_mode": "away", "duration": 3.0, "energy": 0.25, "sample_rate": 20.0, "consent": True,
    }  # fmt: skip
    assert (second["home_id"], second["zone"], second["sample_rate"]) == (
        "unknown_home",
        "unknown",
        10,
    )
    assert second["location"] is None
    assert second["raw"] is None
    assert np.isnan(
        [second[name] for name in ("confidence", "home_mode", "duration", "energy")]
    ).all()
    assert report.n_without_consent == 1
    assert str(report) == "2 events read, 2 accepted, 0 rejected; 1 without consent"


@pytest.mark.parametrize("consent", [False, None, 1, "false", "yes", [True]])
def test_only_true_is_consent(tmp_path, consent):
    events, report = read_lines(tmp_path, GOOD | {"consent": consent})
    assert events["consent"].tolist() == [False]
    assert report.n_without_consent == 1


@pytest.mark.parametrize("consent", ["true", "True", " TRUE "])
def test_a_text_that_says_true_is_refused(tmp_path, consent):
    events, report = read_lines(tmp_path, GOOD | {"consent": consent})
    assert len(events) == 0
    assert report.rejects[["field", "expected", "got"]].to_numpy().tolist() == [
        ["consent", "true or false", json.dumps(consent)]
    ]


@pytest.mark.parametrize(
    ("sent", "seconds", "offset"),
    [
        (1_714_557_600, 1_714_557_600, 7200),
        ("2024-05-01T10:00:00Z", 1_714_557_600, 7200),
        ("2024-05-01T12:00:00+02:00", 1_714_557_600, 7200),
        ("2024-05-01T05:30:00.25-0430", 1_714_557_600.25, -16_200),
        ("2024-05-01 12:00:00", 1_714_557_600, 7200),
        ("2024-05-01T12:00", 1_714_557_600, 7200),
        ("2024-01-01T12:00:00", 1_704_106_800, 3600),
        ("2024-10-27T02:30:00", 1_729_989_000, 7200),  # shown twice: the first time
        ("2024-03-31T02:30:00", 1_711_846_800, 7200),  # skipped: its end
    ],
)
def test_timestamps_in_berlin(tmp_path, sent, seconds, offset):
    events, _ = read_lines(tmp_path, GOOD | {"timestamp": sent}, timezone="Europe/Berlin")
    assert events[["timestamp", "utc_offset"]].iloc[0].tolist() == [seconds, offset]


@pytest.mark.parametrize(
    "sent",
    [
        "2024-05-01T12:00:00.123+05:45",
        "2024-05-01T12:00:00.1234567-0930",
        "2024-05-01T12:00:00+02",
        "2024-05-01T12:00:00Z",
        "2024-05-01 12:00:00.5",
        "2024-05-01T24:00:00Z",
        "2024-05-01T12:60:00Z",
        "2024-05-01T12:00:60Z",
        "2024-02-30T12:00:00Z",
        "2024-05-01T12:00:00+24:00",
        "2024-05-01T12:00:00-10:60",
        "0000-05-01T12:00:00Z",
    ],
)
def test_timestamps_read_alike_together_and_alone(tmp_path, sent):
    others = [sent.replace("05-01T12", f"05-{day:02}T12").replace("+", "-") for day in (1, 9, 30)]
    lines = [GOOD | {"timestamp": each} for each in (sent, *others)]
    together, report = read_lines(tmp_path, *lines)
    alone, reports = zip(*(read_lines(tmp_path, line) for line in lines), strict=True)
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))
    assert report.n_rejected == sum(each.n_rejected for each in reports)
    # With a text laid out otherwise among them, each is read on its own.
    apart, _ = read_lines(tmp_path, GOOD | {"timestamp": "2024-05-01T12:00"}, *lines)
    pd.testing.assert_frame_equal(apart.iloc[1:].reset_index(drop=True), together)


def test_half_an_hour_that_a_clock_skips_counts_as_its_end(tmp_path):
    lines = [GOOD | {"timestamp": f"2024-10-06T02:{minute}:07"} for minute in ("00", "29", "30")]
    events, _ = read_lines(tmp_path, *lines, timezone="Australia/Lord_Howe")
    assert (events["timestamp"] - 1_728_142_200).tolist() == [0, 0, 7]


def test_told_offset_counts_before_all(tmp_path):
    local = GOOD | {"timestamp": "2024-05-01T12:00:00", "utc_offset": 3600}
    events, _ = read_lines(tmp_path, local, timezone="Europe/Berlin")
    assert events[["timestamp", "utc_offset"]].iloc[0].tolist() == [1_714_561_200, 3600]


def test_limits_hold_for_the_instant_not_the_local_clock(tmp_path):
    line = GOOD | {"timestamp": "1970-01-01T00:00:00"}
    assert read_lines(tmp_path, line, timezone="Europe/Berlin")[1].n_rejected == 1
    assert read_lines(tmp_path, line)[1].n_rejected == 0


def test_unknown_timezone_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'timezone' parameter must be a name of the IANA"):
        read_lines(tmp_path, GOOD, timezone="Mars/Olympus")


def test_labels_are_there_only_if_told(tmp_path):
    without, _ = read_lines(tmp_path, GOOD)
    assert not {"label", "clean_label"} & set(without)
    events, _ = read_lines(tmp_path, GOOD | {"label": "delivery"}, GOOD, GOOD | {"label": None})
    assert events["label"].tolist() == ["delivery", None, None]
    assert "clean_label" not in events


def test_files_are_read_in_order_and_rejects_name_theirs(tmp_path):
    paths = [tmp_path / "b.jsonl", tmp_path / "a.csv", tmp_path / "c.json"]
    paths[0].write_text(json.dumps(GOOD | {"timestamp": 1, "label": "x"}) + "\n{")
    paths[1].write_text("type,timestamp,metadata.duration\r\ndoor,2,-1\r\nwindow,3,\r\n")
    paths[2].write_text(json.dumps({"events": [GOOD | {"timestamp": 4}]}, indent=1))
    events, report = read_events(paths, return_report=True)
    assert events["timestamp"].tolist() == [1, 3, 4]
    assert events["label"].tolist() == ["x", None, None]
    where = report.rejects[["file", "line", "field"]].to_numpy().tolist()
    assert where == [[str(paths[0]), 2, "line"], [str(paths[1]), 2, "metadata.duration"]]


def test_byte_order_mark_blank_lines_and_no_events(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\r\n" + json.dumps(GOOD).encode() + b"\r\n \r\n")
    assert len(read_events(path, strict=True)) == 1
    for name in ("empty.jsonl", "empty.csv", "empty.json"):
        (tmp_path / name).write_bytes(b"")
        empty = read_events(tmp_path / name, strict=True)
        assert empty.dtypes.to_dict() == column_dtypes()
        assert len(empty) == 0
    assert len(read_events([])) == 0


CSV_CELLS = [
    ("confidence", "0.5x", '"0.5x"'),
    ("confidence", "NaN", "NaN"),
    ("confidence", "nan", '"nan"'),
    ("confidence", "true", "true"),
    ("confidence", "1_0", '"1_0"'),
    ("energy", '"0.5,0.6"', '"0.5,0.6"'),
    ("raw", "0.5", "0.5"),
    ("raw", '"[0.5,2]"', "2 as sample 1"),
    ("metadata.home_mode", "AWAY", '"AWAY"'),
    ("timestamp", "noon", '"noon"'),
]


@pytest.mark.parametrize(("column", "cell", "got"), CSV_CELLS)
def test_cells_of_csv(tmp_path, column, cell, got):
    path = tmp_path / "events.csv"
    if column == "timestamp":
        path.write_text(f"type,timestamp\nmotion,1\nmotion,{cell}\n")
    else:
        path.write_text(f"type,timestamp,{column}\nmotion,1,\nmotion,2,{cell}\n")
    events, report = read_events(path, return_report=True)
    assert len(events) == 1
    assert report.rejects[["line", "got"]].to_numpy().tolist() == [[3, got]]


def test_csv_counts_physical_lines_and_takes_what_spreadsheets_write(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(
        "\ufefftype,timestamp,metadata.location,consent,user_id,shade\r\n"
        'motion,2024-05-01T12:00:00+02:00,"back\nporch ""2""",TRUE,42,x\r\n'
        "\r\n"
        "motion,1e9,patio, True ,h,x\r\n"
        "motion,1,patio\r\n"
        "motion,2,patio,1,h,x\r\n".encode()
    )
    events, report = read_events(path, return_report=True)
    assert events["timestamp"].tolist() == [1_714_557_600, 1e9, 2]
    assert events["location"].tolist() == ['back\nporch "2"', "patio", "patio"]
    assert events["consent"].tolist() == [True, True, False]
    assert events["home_id"].tolist() == ["42", "h", "h"]
    assert report.rejects[["line", "got"]].to_numpy().tolist() == [[6, "3 columns"]]


def test_a_label_is_a_text(tmp_path):
    events, report = read_lines(tmp_path, GOOD | {"label": 1}, GOOD | {"label": "1"})
    assert events["label"].tolist() == ["1"]
    assert report.rejects[["field", "expected", "got"]].to_numpy().tolist() == [
        ["label", "a text", "1"]
    ]
    path = tmp_path / "events.csv"
    path.write_text("type,timestamp,label\nmotion,1,1\n")
    assert read_events(path, strict=True)["label"].tolist() == ["1"]


@pytest.mark.parametrize("name", ["events.jsonl", "events.csv"])
@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_file_is_an_empty_table(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    events, report = read_events(path, return_report=True)
    assert list(events.columns) == list(column_dtypes())
    assert (len(events), report.n_read) == (0, 0)


def test_a_user_column_beside_a_home_column_is_no_doubt(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("user_id,type,timestamp,home_id\nu,motion,1,h\n")
    assert read_events(path, strict=True)["home_id"].tolist() == ["h"]


def test_a_header_that_names_a_field_twice_is_refused(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("type,timestamp,energy,metadata.energy\nmotion,1,0,1\n")
    events, report = read_events(path, return_report=True)
    assert len(events) == 0
    assert report.rejects["got"].tolist() == ["energy, metadata.energy"]


def test_parquet_as_other_tools_write_it(tmp_path):
    path = tmp_path / "events.parquet"
    moments = pd.to_datetime(["2024-05-01T10:00:00", "2024-05-01T10:00:01"], utc=True)
    table = pd.DataFrame(
        {
            "type": ["motion", "door"],
            "timestamp": moments,
            "confidence": [np.nan, 0.5],
            "metadata.energy": [2, 1],
            "raw": [[0.5, np.nan], None],
        }
    )
    table.to_parquet(path, engine="pyarrow")
    events, report = read_events(path, return_report=True, timezone="Europe/Berlin")
    assert events["timestamp"].tolist() == [1_714_557_601]
    assert events["utc_offset"].tolist() == [7200]
    assert report.rejects[["line", "field"]].to_numpy().tolist() == [[1, "metadata.energy"]]
    path.write_bytes(b"no parquet")
    assert read_events(path, return_report=True)[1].n_rejected == 1
