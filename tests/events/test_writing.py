from __future__ import annotations

import json
import tempfile

import numpy as np
import pandas as pd
import pytest

from novin_ml.coreml.swift._requests import requests
from novin_ml.events import events_from_json, read_events, training_events, write_events
from novin_ml.events.files.writing import event_documents
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import training_rows


@pytest.fixture
def events(tmp_path):
    path = tmp_path / "source.jsonl"
    lines = [
        {
            "type": "motion", "timestamp": 1.7e9 + 0.1, "utc_offset": -3600.5, "home_id": "h",
            "confidence": 0.9, "consent": True, "label": "delivery", "clean_label": None,
            "metadata": {"location": 'a, "b"\r\n', "raw": [0.1, None, 1 / 3], "home_mode": "night"},
        },
        {"type": "doorbell", "timestamp": "2024-05-01T12:00:00+05:45", "metadata": {"raw": []}},
        {"type": "door", "timestamp": 0, "label": "no_delivery"},
    ]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, lines)))
    return read_events(path, strict=True)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ".CSV"])
def test_nothing_is_lost(events, tmp_path, suffix):
    path = tmp_path / f"copy{suffix}"
    write_events(events, path)
    pd.testing.assert_frame_equal(read_events(path, strict=True), events, check_exact=True)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_no_events_and_other_dtypes_and_index(events, tmp_path, suffix):
    path = tmp_path / f"copy{suffix}"
    write_events(events.iloc[:0], path)
    assert len(read_events(path, strict=True)) == 0
    strange = events.iloc[::-1].astype({"type": "string", "home_id": "category", "label": "string"})
    write_events(strange, path)
    expected = events.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(read_events(path), expected, check_exact=True)


def test_documents_in_memory_are_the_lines_of_the_file(events, tmp_path):
    write_events(events, tmp_path / "copy.jsonl")
    lines = (tmp_path / "copy.jsonl").read_text(encoding="utf-8").splitlines()
    documents = list(event_documents(events))
    assert documents == [json.loads(line) for line in lines]
    again = events_from_json("\n".join(map(json.dumps, documents)), strict=True)
    pd.testing.assert_frame_equal(again, events, check_exact=True)


@pytest.mark.parametrize("family", ["delivery", "motion", "chains", "behavior"])
def test_golden_requests_need_no_file(family, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError):
        tempfile.TemporaryDirectory()
    simulated = [text for name, text in requests(family) if name.startswith("simulated")]
    assert simulated
    assert all(json.loads(text)["events"] for text in simulated)


def test_numbers_are_short(events, tmp_path):
    write_events(events, tmp_path / "copy.jsonl")
    first = json.loads((tmp_path / "copy.jsonl").read_text().splitlines()[0])
    assert first["confidence"] == 0.9
    assert first["metadata"]["raw"][0] == 0.1
    assert "sample_rate" not in first["metadata"]


def test_what_could_not_be_read_back_is_refused(events, tmp_path):
    path = tmp_path / "copy.jsonl"
    with pytest.raises(InvalidEventError, match=r"Row 1 .* confidence must be .* Got 2.0 instead"):
        write_events(events.assign(confidence=np.float32([1, 2, 3])), path)
    with pytest.raises(InvalidEventError, match="without energy, consent instead"):
        write_events(events.drop(columns=["energy", "consent"]), path)
    with pytest.raises(ValueError, match="suffix of 'path' must be"):
        write_events(events, tmp_path / "copy.xml")
    assert not path.exists()


def test_training_events_have_consent_and_a_label(events):
    labelled, n_dropped = training_events(events)
    assert labelled["type"].tolist() == ["motion"]
    assert n_dropped == 1
    claimed, n_dropped = training_events(events.assign(consent=["yes", True, None]))
    assert len(claimed) == 0
    assert n_dropped == 2
    for column in ("label", "consent"):
        with pytest.raises(InvalidEventError, match=f"must have a column '{column}'"):
            training_events(events.drop(columns=column))


@pytest.mark.parametrize("dtype", ["boolean", "object", "category"])
def test_missing_consent_is_none(events, dtype):
    events["label"] = "delivery"
    consent = pd.Series([pd.NA, True, False], dtype=dtype)
    for select in (training_events, training_rows):
        rows, n_dropped = select(events.assign(consent=consent))
        assert rows["type"].tolist() == ["doorbell"]
        assert n_dropped == 2
