"""Files as people have them: pipes, gzip, other separators and encodings, and other files."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import (
    Signals,
    holds_chains,
    read_chains,
    read_events,
    read_signals,
    write_signals,
)
from novin_ml.exceptions import InvalidEventError

pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.VocabularyWarning")

TABLE = pd.DataFrame(
    {
        "type": ["motion", "door", "doorbell"],
        "timestamp": ["2024-05-01T12:00:00Z", "2024-05-01T12:00:01.5Z", "2024-05-01T12:00:02Z"],
        "location": ["Küche", "porch", "garage"],
        "duration": [0.5, np.nan, 2.25],
    }
)
CSV = TABLE.to_csv(index=False)
LINES = TABLE.to_json(orient="records", lines=True)


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def expected(tmp_path):
    return read_events(write(tmp_path, "expected.csv", CSV), strict=True)


READABLE = {
    "gzip.jsonl.gz": (gzip.compress(LINES.encode()), {}),
    "gzip.csv.gz": (gzip.compress(CSV.encode()), {}),
    "gzip.csv": (gzip.compress(CSV.encode()), {}),
    "two.jsonl.gz": (b"".join(map(gzip.compress, LINES.encode().splitlines(True))), {}),
    "tabs.tsv": (TABLE.to_csv(index=False, sep="\t"), {"separator": "\t"}),
    "german.csv": (
        TABLE.to_csv(index=False, sep=";", decimal=","), {"separator": ";", "decimal": ","}
    ),
    "quoted.csv": (TABLE.to_csv(index=False, decimal=","), {"decimal": ","}),
    "table.txt": (TABLE.to_csv(index=False, sep="|"), {"separator": "|"}),
    "utf16.csv": (CSV.encode("utf-16"), {"encoding": "utf-16"}),
    "utf16.jsonl": (LINES.encode("utf-16-be"), {"encoding": "utf-16-be"}),
    "latin.csv": (CSV.encode("cp1252"), {"encoding": "cp1252"}),
    "all.csv.gz": (
        gzip.compress(TABLE.to_csv(index=False, sep=";", decimal=",").encode("utf-16")),
        {"separator": ";", "decimal": ",", "encoding": "utf-16"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READABLE)
def test_a_file_is_read_as_it_was_written(tmp_path, expected, name):
    content, options = READABLE[name]
    events = read_events(write(tmp_path, name, content), strict=True, **options)
    pd.testing.assert_frame_equal(events, expected)


def test_parquet_may_be_compressed_and_need_not_say_so(tmp_path, expected):
    TABLE.to_parquet(tmp_path / "t.parquet")
    content = (tmp_path / "t.parquet").read_bytes()
    for name, written in (("t.parquet.gz", gzip.compress(content)), ("events.data", content)):
        path = write(tmp_path, name, written)
        pd.testing.assert_frame_equal(read_events(path, strict=True), expected)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("has_suffix", [True, False])
def test_a_pipe_is_read_once(tmp_path, expected, kind, has_suffix):
    TABLE.to_parquet(tmp_path / "t")
    content = {"jsonl": LINES.encode(), "csv": CSV.encode()}.get(
        kind, (tmp_path / "t").read_bytes()
    )
    pipe = tmp_path / (f"pipe.{kind}" if has_suffix else "pipe")
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,), daemon=True)
    writer.start()
    events = read_events(pipe, strict=True)
    writer.join()
    pd.testing.assert_frame_equal(events, expected)


CHAIN = json.dumps({"home_id": "h", "events": [{"type": "motion", "timestamp": 1}]})


def test_a_pipe_of_chains_and_of_signals_is_read_once(tmp_path):
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    for act in (read_chains, holds_chains):
        writer = threading.Thread(target=pipe.write_text, args=(CHAIN,), daemon=True)
        writer.start()
        if act is read_chains:
            assert len(read_chains(pipe)) == 1
        else:
            with pytest.raises(ValueError, match=r"which is a pipe\. Copy it to a file"):
                holds_chains(pipe)
        writer.join()
    signals = Signals.from_arrays([[0.5, 0.25]])
    for suffix in (".npz", ".parquet"):
        write_signals(signals, tmp_path / f"signals{suffix}")
        content = (tmp_path / f"signals{suffix}").read_bytes()
        os.mkfifo(tmp_path / f"pipe{suffix}")
        writer = threading.Thread(
            target=(tmp_path / f"pipe{suffix}").write_bytes, args=(content,), daemon=True
        )
        writer.start()
        np.testing.assert_array_equal(read_signals(tmp_path / f"pipe{suffix}")[0], signals[0])
        writer.join()


@pytest.mark.parametrize("text", [LINES, CSV])
def test_a_dash_is_standard_input(text):
    program = "from novin_ml.events import read_events; print(len(read_events('-', strict=True)))"
    done = subprocess.run(
        [sys.executable, "-c", program], input=text.encode(), capture_output=True, check=True
    )
    assert done.stdout.split() == [b"3"]


def sqlite(folder):
    with sqlite3.connect(folder / "made.db") as base:
        base.execute("create table states (a)")
    base.close()
    return (folder / "made.db").read_bytes()


def zipped(folder):
    with zipfile.ZipFile(folder / "made.zip", "w") as archive:
        archive.writestr("events.csv", CSV)
    return (folder / "made.zip").read_bytes()


TITLE = TABLE.rename(columns=str.title)
#: Files that need an option, or are no events: content, and what the one sentence says.
REFUSED = {
    "a.tsv": (TABLE.to_csv(index=False, sep="\t"), r"separator='\\t' \(--separator '\\t'\)"),
    "a.csv": (TABLE.to_csv(index=False, sep=";"), r"separator=';' \(--separator ';'\)"),
    "b.csv": (TABLE.to_csv(index=False, sep="|"), r"separator='\|'"),
    "c.csv": (TABLE.to_csv(index=False, decimal=","), r"0,5 as a duration.*--decimal ,"),
    "d.csv": (CSV.encode("utf-16"), "encoding='utf-16' .--encoding utf-16."),
    "d.jsonl": (LINES.encode("utf-16-le"), "encoding='utf-16-le'"),
    "e.csv": (CSV.encode("utf-32"), "encoding='utf-32'"),
    "a.jsonl.bz2": (bz2.compress(LINES.encode()), "a bzip2 file. Decompress it first"),
    "f.csv": (zipped, "a zip archive or a spreadsheet"),
    "a.db": (sqlite, "an SQLite database. Import one of Home"),
    "a.gz": (gzip.compress(LINES.encode())[:-9], "a whole gzip file. Got one that cannot be"),
    "g.csv": (TITLE.to_csv(index=False), "names its fields type, timestamp, location, duration. "
              "Got Type, Timestamp, Location, Duration. Rename them"),
    "g.jsonl": (TITLE.to_json(orient="records", lines=True), "Got .*Type"),
    "h.csv": (CSV.replace("location", "Location"), "names its fields location. Got Location"),
    "h.jsonl": (LINES.replace("location", "Metadata.Location"), "names its fields location"),
    "i.csv": ("entity_id,state,last_changed\na,on,2024\n", "no column 'type' and no column "
              "'timestamp'; found entity_id, state, last_changed"),
    "j.csv": (CSV.replace("timestamp", "when"), "no column 'timestamp'; found type, when, loc"),
    "k.csv": (LINES, "Got JSON. Name it .jsonl"),
    "table.txt": (CSV, "Name it .csv"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_one_sentence_about_the_file(tmp_path, name):
    content, sentence = REFUSED[name]
    path = write(tmp_path, name, content(tmp_path) if callable(content) else content)
    with pytest.raises(InvalidEventError, match=sentence) as caught:
        read_events(path)
    assert str(caught.value).startswith(f"{path} must ")
    assert len(str(caught.value)) < 400


def test_parquet_says_which_column_it_lacks(tmp_path):
    TABLE.rename(columns={"timestamp": "when"}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InvalidEventError, match="no column 'timestamp'; found type, when"):
        read_events(tmp_path / "t.parquet")
    TITLE.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InvalidEventError, match="Got Type, Timestamp, Location, Duration"):
        read_events(tmp_path / "t.parquet")


@pytest.mark.parametrize("orient", ["columns", "split", "table", "index", "values"])
def test_json_by_columns_is_one_reject(tmp_path, orient):
    path = write(tmp_path, "t.json", TABLE.to_json(orient=orient))
    events, report = read_events(path, return_report=True)
    assert (len(events), report.n_read, report.n_rejected) == (0, 1, 1)
    assert 'to_json(orient="records", lines=True)' in report.reasons()[0]


def test_json_that_lacks_a_field_in_all_rows_has_one_reason(tmp_path):
    rows = [{"entity_id": "a", "type": "motion", "last_changed": at} for at in range(5)]
    path = write(tmp_path, "t.json", json.dumps(rows))
    _, report = read_events(path, return_report=True)
    assert report.reasons() == ["no column 'timestamp'; found entity_id, last_changed, type."]
    assert report.n_rejected == 5


def test_the_first_reasons_are_told_each_once(tmp_path):
    good = {"type": "motion", "timestamp": 1}
    wrong = [{"confidence": 90}, {"confidence": 91}, {"home_id": 1}, {"label": 2}, {"duration": -1}]
    path = write(tmp_path, "t.jsonl", "\n".join(json.dumps(good | each) for each in [{}, *wrong]))
    _, report = read_events(path, return_report=True)
    assert report.reasons() == [
        f"{path}:2: confidence must be a number from 0 to 1. Got 90. So 1 more.",
        f"{path}:4: home_id must be a text. Got 1.",
        f"{path}:5: label must be a text. Got 2.",
    ]
    assert len(report.reasons(9)) == 4
    request = write(tmp_path, "r.json", json.dumps({"events": [good | each for each in wrong[:2]]}))
    (reason,) = read_events(request, return_report=True)[1].reasons()
    assert reason.endswith("confidence must be a number from 0 to 1. Got 90. So 1 more.")


@pytest.mark.parametrize("column", ["timestamp", "end"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
@pytest.mark.parametrize("far", [2**40, -(2**40)])
def test_a_far_away_date_of_parquet_rejects_its_row(tmp_path, column, zone, far):
    import pyarrow
    import pyarrow.parquet

    kind = pyarrow.timestamp("s", tz=zone)
    table = {"type": ["a", "b"], "timestamp": pyarrow.array([1_700_000_000, 1_700_000_001], kind)}
    table[column] = pyarrow.array([far, 1_700_000_002], kind)
    pyarrow.parquet.write_table(pyarrow.table(table), tmp_path / "t.parquet")
    events, report = read_events(tmp_path / "t.parquet", return_report=True)
    assert events["type"].tolist() == ["b"]
    assert report.rejects[["line", "field"]].to_numpy().tolist() == [
        [1, column if column == "timestamp" else "metadata.end"]
    ]
    assert re.fullmatch(r'"-?\d+-\d\d-.*"', report.rejects["got"][0])


@pytest.mark.parametrize(
    ("options", "parameter"),
    [
        ({"separator": ";;"}, "separator"),
        ({"separator": ""}, "separator"),
        ({"separator": 1}, "separator"),
        ({"decimal": ";"}, "decimal"),
        ({"encoding": "latin-9000"}, "encoding"),
        ({"encoding": "base64"}, "encoding"),
        ({"encoding": 8}, "encoding"),
    ],
)
def test_options_are_refused_by_name(tmp_path, options, parameter):
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter must be"):
        read_events(write(tmp_path, "t.csv", CSV), **options)


def test_bytes_of_another_encoding_are_one_sentence(tmp_path):
    path = write(tmp_path, "t.csv", CSV.encode("cp1252"))
    with pytest.raises(InvalidEventError, match=r"must be text in ascii\. Got bytes that are none"):
        read_events(path, encoding="ascii")
    _, report = read_events(path, return_report=True)
    assert "encoding='cp1252'" in report.reasons()[0]
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "none.csv"))):
        read_events(tmp_path / "none.csv")
