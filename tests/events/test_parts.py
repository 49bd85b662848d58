"""A log that is read part by part is the log that is read at once, in the memory of a part."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.reading import write_lines
from benchmarks.scale import WITHIN, checked_apart, write_log
from novin_ml.events import (
    Vocabulary,
    read_events,
    read_events_in_parts,
    write_events,
)
from novin_ml.exceptions import InvalidEventError
from novin_ml.simulation import simulate_deliveries


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    write_lines(path, 9_000, iso=True, bad_every=100)
    return path


def joined(parts):
    tables, reports = zip(*parts, strict=True)
    return pd.concat(tables, ignore_index=True), reports


@pytest.mark.parametrize("n_events", [1, 2_000, 10**6])
def test_parts_are_the_table_that_is_read_at_once(log, n_events):
    events, report = read_events(log, return_report=True)
    parts = list(read_events_in_parts(log, n_events=n_events))
    assert (len(parts) > 1) == (n_events < 9_000)
    found, reports = joined(parts)
    pd.testing.assert_frame_equal(found, events)
    rejects = pd.concat([each.rejects for each in reports], ignore_index=True)
    pd.testing.assert_frame_equal(rejects, report.rejects)
    for name in ("n_read", "n_accepted", "n_rejected", "n_without_consent"):
        assert sum(getattr(each, name) for each in reports) == getattr(report, name), name
    assert all(each.n_read >= n_events for each in reports[:-1])


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_other_formats_come_in_parts_too(tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    events = simulate_deliveries(3_000, random_state=0)
    path = tmp_path / f"log{suffix}"
    write_events(events, path)
    found, _ = joined(read_events_in_parts(path, n_events=500))
    pd.testing.assert_frame_equal(found, read_events(path))


def test_several_files_make_a_part_together(log):
    parts = list(read_events_in_parts([log, log], n_events=10**6))
    assert len(parts) == 1
    assert parts[0][1].n_read == 18_000


def test_options_are_refused_before_a_part_is_asked_for(log):
    with pytest.raises(ValueError, match=r"'n_events' parameter.*Got 0"):
        read_events_in_parts(log, n_events=0)
    with pytest.raises(ValueError, match="Nowhere"):
        read_events_in_parts(log, timezone="Nowhere")


def test_strict_raises_at_the_part_with_the_broken_line(tmp_path):
    path = tmp_path / "log.jsonl"
    good = '{"type": "doorbell", "timestamp": 1.7e9, "confidence": 0.5}\n'
    path.write_text(good * 20_000 + good.replace("0.5", "5"))
    parts = read_events_in_parts(path, n_events=1_000, strict=True)
    assert len(next(parts)[0]) >= 1_000
    with pytest.raises(InvalidEventError, match=r"log\.jsonl:20001: confidence"):
        list(parts)


def test_what_is_not_recognised_is_in_the_report_without_a_warning(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"type": "washing_machine", "timestamp": 1.7e9}\n' * 10)
    ((_, report),) = read_events_in_parts(path, vocabulary=Vocabulary.sdk())
    assert report.recognition.is_notable


@pytest.mark.slow
def test_a_long_log_takes_the_memory_of_a_short_one(tmp_path):
    peaks = []
    for n_bytes in (60_000_000, 200_000_000):
        path = Path(tmp_path, "log.jsonl")
        n_events = write_log(path, n_bytes)
        found = checked_apart(path)
        assert found["read"] == n_events
        assert found["rejected"] == n_events // 500  # two of a thousand lines are broken
        peaks.append(found["peak_mb"])
    assert max(peaks) <= WITHIN * min(peaks)
