"""Events that are no file: dicts, tables of several libraries, bytes and file objects."""

from __future__ import annotations

import gzip
import io
import json

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import (
    events_from_frame,
    events_from_json,
    events_from_records,
    read_events,
    write_events,
)
from novin_ml.exceptions import ExtraNotInstalledError, InvalidEventError
from novin_ml.simulation import simulate_behavior, simulate_deliveries

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

RECORDS = [
    {"home_id": "h", "type": "motion", "timestamp": "2024-05-01T12:00:00.123456789+02:00",
     "consent": True, "metadata": {"location": "porch", "duration": 1.5, "raw": [0.5, None]}},
    {"type": "door", "timestamp": 1714557600, "confidence": 0.25,
     "metadata": {"home_mode": "away", "state": "open"}},
    {"type": "front_motion", "timestamp": "2024-05-01T12:00:00", "label": "delivery"},
]  # fmt: skip


def flat(record):
    outer = {name: value for name, value in record.items() if name != "metadata"}
    return outer | record.get("metadata", {})


FLAT = [*map(flat, RECORDS)]
LINES = "\n".join(map(json.dumps, RECORDS))


@pytest.fixture
def expected(tmp_path):
    (tmp_path / "e.jsonl").write_text(LINES)
    return read_events(tmp_path / "e.jsonl", timezone="Asia/Tokyo", strict=True)


def read(door, *given, **options):
    return door(*given, timezone="Asia/Tokyo", strict=True, **options)


def test_every_door_gives_the_table_of_the_file(expected):
    frame = pd.DataFrame(FLAT)
    given = {
        "records": (events_from_records, RECORDS),
        "generator": (events_from_records, (each for each in RECORDS)),
        "series": (events_from_records, [pd.Series(each) for each in RECORDS]),
        "flat": (events_from_records, FLAT),
        "rows of pandas": (events_from_records, frame.to_dict("records")),
        "a request": (events_from_records, [{"events": RECORDS}]),
        "our rows": (events_from_records, expected.to_dict("records")),
        "pandas": (events_from_frame, frame),
        "our table": (events_from_frame, expected),
        "metadata as dicts": (events_from_frame, pd.DataFrame(RECORDS)),
        "metadata as JSON": (
            events_from_frame,
            pd.DataFrame(RECORDS).assign(
                metadata=[json.dumps(each.get("metadata")) for each in RECORDS]
            ),
        ),
        "bytes": (events_from_json, LINES.encode()),
        "UTF-16": (lambda text, **o: events_from_json(text, encoding="utf-16", **o),
                   LINES.encode("utf-16")),
        "gzip": (events_from_json, gzip.compress(LINES.encode())),
        "zstd": (events_from_json, pa.Codec("zstd").compress(LINES.encode(), asbytes=True)),
        "mark and Windows": (events_from_json,
                             b"\xef\xbb\xbf" + LINES.replace("\n", "\r\n").encode()),
        "file of bytes": (read_events, io.BytesIO(LINES.encode())),
        "file of text": (read_events, io.StringIO(LINES)),
        "file of CSV": (read_events, io.StringIO(frame.assign(
            raw=[json.dumps(each) if isinstance(each, list) else "" for each in frame["raw"]]
        ).to_csv(index=False))),
    }  # fmt: skip
    for name, (door, table) in given.items():
        pd.testing.assert_frame_equal(read(door, table), expected, obj=name)


TIMES = ["2024-05-01T12:00:00.123456789", "2024-10-27T02:30:00.000000001", None, "2024-01-01"]


def many_dtypes():
    """Return a table whose columns have what databases and data lakes have."""
    n = len(TIMES)
    return pd.DataFrame(
        {
            "type": pd.Categorical(["motion", "door", "motion", "window"]),
            "timestamp": pd.to_datetime(TIMES, format="ISO8601").tz_localize(
                "Europe/Berlin", ambiguous=False
            ),
            "duration": np.array([0.5, np.nan, 2.0, 3.0], dtype=np.float32),
            "sample_rate": np.array([0.01, 10, 10, 10], dtype=np.float32),
            "confidence": np.arange(n) % 2,
            "home_id": ["a", "b", None, "d"],
            "consent": [True, False, True, None],
            "location": ["porch"] * n,
        }
    )


def forms():
    table = many_dtypes()
    lazy = pl.from_pandas(table).lazy()
    return {
        "nullable": table.convert_dtypes(dtype_backend="numpy_nullable"),
        "arrow's in pandas": table.convert_dtypes(dtype_backend="pyarrow"),
        "objects": table.astype(object).assign(sample_rate=[0.01, 10, 10, 10]),
        "polars": pl.from_pandas(table),
        "polars, lazily": lazy,
        "arrow": pa.Table.from_pandas(table),
        "by index": table.set_index("timestamp"),
        "our own names": table.rename(columns={"timestamp": "ts", "location": "metadata.location"}),
    }


@pytest.mark.parametrize("name", forms())
def test_tables_of_all_libraries_are_read_to_the_last_bit(name):
    expected, told = events_from_frame(many_dtypes(), return_report=True)
    assert told.rejects[["line", "field", "got"]].to_numpy().tolist() == [
        [3, "timestamp", "nothing"]
    ]
    assert expected["utc_offset"].tolist() == [7200, 3600, 3600]
    assert expected["timestamp"].tolist()[:2] == [1714557600.123456789, 1729992600.000000001]
    assert expected["sample_rate"].tolist()[0] == np.float32(0.01)
    form = forms()[name]
    columns = {"ts": "timestamp"} if name == "our own names" else None
    events, report = events_from_frame(form, columns=columns, return_report=True)
    pd.testing.assert_frame_equal(events, expected)
    pd.testing.assert_frame_equal(report.rejects, told.rejects)


def test_a_library_with_the_interchange_alone_is_read():
    class Other:
        """A table that offers nothing else."""

        def __init__(self, frame):
            self._frame = frame

        def __dataframe__(self, *args, **options):
            return self._frame.__dataframe__(*args, **options)

    table = pa.table({"type": ["motion"], "timestamp": [1.7e9], "duration": [1.5]})
    events = events_from_frame(Other(table))
    assert events[["type", "duration"]].to_numpy().tolist() == [["motion", 1.5]]


def test_lengths_of_time_are_seconds():
    table = pd.DataFrame({"type": ["motion"], "timestamp": [1.7e9],
                          "duration": pd.to_timedelta([90.25], unit="s")})  # fmt: skip
    for form in (table, pl.from_pandas(table), pa.Table.from_pandas(table)):
        assert events_from_frame(form)["duration"].tolist() == [90.25]


def test_a_table_with_kinds_and_zones_alone(tmp_path):
    table = pd.DataFrame({"kind": ["motion", "pet"], "zone": ["porch", None], "timestamp": [1, 2]})
    for events in (
        events_from_frame(table),
        events_from_frame(pl.from_pandas(table)),
        events_from_records(table.to_dict("records")),
    ):
        assert events["kind"].tolist() == ["motion", "pet"]
        assert events["zone"].tolist() == ["porch", "unknown"]


@pytest.mark.parametrize("simulate", [simulate_deliveries, simulate_behavior])
def test_simulated_tables_come_back(simulate):
    table = simulate(random_state=0) if simulate is simulate_behavior else simulate(200)
    table = table.head(400).reset_index(drop=True)
    for again in (events_from_frame(table), events_from_records(table.to_dict("records"))):
        pd.testing.assert_frame_equal(again, table[again.columns.tolist()], check_like=True)


DECIMALS = {"type": ["motion"], "timestamp": [1.7e9], "duration": ["0,5"]}
REFUSED = [
    (pd.DataFrame({"type;timestamp": ["motion;1"]}), r"separator=';'"),
    (pl.DataFrame({"type;timestamp": ["motion;1"]}), r"separator=';'"),
    (pd.DataFrame(DECIMALS), r"Got 0,5 as a duration\. Read it with decimal=','"),
    (pl.DataFrame(DECIMALS), r"Got 0,5 as a duration\. Read it with decimal=','"),
    (pd.DataFrame({"Type": ["a"], "timestamp": [1]}), r"names its fields type\. Got Type"),
    (pd.DataFrame({"what": ["a"], "timestamp": [1]}), r"no column 'type'; found what, timestamp"),
    (pd.DataFrame(), "no column 'type' and no column 'timestamp'; found none"),
    (pd.DataFrame([["a", 1, 2]], columns=["type", "timestamp", "timestamp"]), "each field once"),
    ([{"type": "a"}], r"Got a list of dicts instead\. Read dicts with .*events_from_records"),
    (b"{}", "events_from_json"),
    (7, "Got a int instead"),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "sentence"), REFUSED)
def test_one_sentence_about_a_table(frame, sentence):
    with pytest.raises(InvalidEventError, match=sentence) as caught:
        events_from_frame(frame)
    assert str(caught.value).startswith("The 'frame' parameter must be")


def test_decimal_commas_are_read_by_their_option():
    for form in (pd.DataFrame(DECIMALS), pl.DataFrame(DECIMALS)):
        assert events_from_frame(form, decimal=",")["duration"].tolist() == [0.5]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_times_that_are_rounded_are_refused(make):
    column = np.array([1.7e9], dtype=np.float32)
    _, report = events_from_frame(make({"type": ["a"], "timestamp": column}), return_report=True)
    assert report.reasons() == [
        "frame:1: line must be a table with times as float64. "
        "Got a timestamp as float32, which rounds it to 128 s."
    ]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"at": "time"}, "Got 'time' for 'at' instead"),
        ({"at": "timestmp"}, "Did you mean 'timestamp'"),
        ({"at": "timestamp", "on": "timestamp"}, "Got several for 'timestamp'"),
        ("at", "must be a mapping"),
        ({"when": "timestamp"}, r"must name columns of the table, \['type', 'at'\]\. Got 'when'"),
    ],
)
def test_names_of_columns_are_checked(columns, sentence):
    with pytest.raises(ValueError, match=f"The 'columns' parameter .*{sentence}"):
        events_from_frame(pd.DataFrame({"type": ["a"], "at": [1]}), columns=columns)


def test_what_is_named_counts_and_not_what_has_the_name():
    frame = pd.DataFrame({"type": ["a"], "timestamp": [5], "at": [7]})
    for events in (
        events_from_frame(frame, columns={"at": "timestamp"}),
        events_from_frame(pl.from_pandas(frame), columns={"at": "timestamp"}),
        events_from_records(frame.to_dict("records"), columns={"at": "timestamp"}),
    ):
        assert events["timestamp"].tolist() == [7.0]


def test_records_are_rejected_one_by_one():
    good = {"type": "motion", "timestamp": 1}
    wrong = [7, None, "x", good | {"confidence": 90}, good | {"timestamp": object()},
             {"metadata": {"duration": float("nan")}} | good, {1: 2, **good}]  # fmt: skip
    events, report = events_from_records([*wrong, good], return_report=True)
    assert len(events) == 2  # a key that is no text names no field
    assert report.rejects["line"].tolist() == [1, 2, 3, 4, 5, 6]
    assert set(report.rejects["file"]) == {"records"}
    with pytest.raises(InvalidEventError, match=r"records:1: line must be an event"):
        events_from_records(wrong, strict=True)
    assert events_from_records([]).empty


@pytest.mark.parametrize(
    ("records", "remedy"),
    [
        ({"type": "a"}, "Put it in a list"),
        ("[]", "events_from_json"),
        (pd.DataFrame(), "events_from_frame"),
        (3, "Give a list of dicts"),
    ],
)
def test_what_are_no_records(records, remedy):
    with pytest.raises(InvalidEventError, match=f"The 'records' parameter must be .*{remedy}"):
        events_from_records(records)


@pytest.mark.parametrize(
    ("given", "door"),
    [
        (RECORDS, "events_from_records"),
        (RECORDS[0], "events_from_records"),
        ((each for each in RECORDS), "events_from_records"),
        (b"{}", "events_from_json"),
        (pd.DataFrame(), "events_from_frame"),
        (pl.DataFrame(), "events_from_frame"),
        (5, "events_from_records"),
    ],
)
def test_read_events_names_the_door_of_what_is_in_memory(given, door):
    with pytest.raises(InvalidEventError, match=f"The 'path' parameter must be .*{door}"):
        read_events(given)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_bytes_of_another_encoding_name_their_option(encoding):
    with pytest.raises(InvalidEventError, match=rf"encoding='{encoding}'"):
        events_from_json(LINES.encode(encoding))


def test_a_file_object_stays_open_and_is_read_from_where_it_stands(expected):
    stream = io.BytesIO(b"# a line of its own\n" + LINES.encode())
    stream.readline()
    pd.testing.assert_frame_equal(read(read_events, stream), expected)
    assert not stream.closed
    with pytest.raises(InvalidEventError, match="Open it with mode 'rb'"):
        read_events(io.StringIO(LINES), encoding="utf-16")


def test_a_folder_is_read_file_by_file(tmp_path, expected):
    folder = tmp_path / "days"
    (folder / "b").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    write_events(expected, folder / "b" / "2.parquet")
    write_events(expected, folder / "1.csv")
    (folder / "0.jsonl.gz").write_bytes(gzip.compress(LINES.encode()))
    codec = pa.Codec("zstd")
    (folder / "c.jsonl.zst").write_bytes(codec.compress(f"{LINES}\n".encode(), asbytes=True) * 2)
    for left_out in ("notes.txt", ".3.jsonl", "_SUCCESS", ".hidden/4.jsonl"):
        (folder / left_out).write_text("no events")
    events, report = read_events(folder, timezone="Asia/Tokyo", strict=True, return_report=True)
    assert report.n_read == 15
    pd.testing.assert_frame_equal(events, pd.concat([expected] * 5, ignore_index=True))
    (tmp_path / "none").mkdir()
    with pytest.raises(InvalidEventError, match=r"Got a folder without one\. Name another folder"):
        read_events(tmp_path / "none")


def test_a_broken_zstd_file_is_one_sentence(tmp_path):
    packed = pa.Codec("zstd").compress(LINES.encode(), asbytes=True)
    (tmp_path / "a.jsonl.zst").write_bytes(packed[:-4])
    with pytest.raises(InvalidEventError, match=r"must be a whole zstd file\. Got one .*Copy it"):
        read_events(tmp_path / "a.jsonl.zst")


def test_zstd_and_other_tables_name_their_extra(tmp_path, monkeypatch):
    import importlib

    real = importlib.import_module

    def without_arrow(name, *rest):
        if name.split(".")[0] == "pyarrow":
            raise ImportError(name)
        return real(name, *rest)

    table = pl.DataFrame({"type": ["a"], "timestamp": [1]})
    packed = pa.Codec("zstd").compress(LINES.encode(), asbytes=True)
    monkeypatch.setattr(importlib, "import_module", without_arrow)
    with pytest.raises(ExtraNotInstalledError, match=r"Reading zstd .*novin-ml\[parquet\]"):
        events_from_json(packed)
    with pytest.raises(ExtraNotInstalledError, match="Reading a table of polars"):
        events_from_frame(table)
