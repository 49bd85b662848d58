"""No comparison lets NaN pass, wherever it stands, and what was written is read back."""

import dataclasses
import json
import math

import numpy as np
import pytest

from novin_ml.coreml import CoreMLRuntime, export_coreml
from novin_ml.coreml import export as export_module
from novin_ml.coreml.certificate import Certificate
from novin_ml.coreml.comparison import Check, compare, is_within, largest
from novin_ml.coreml.swift import _golden
from novin_ml.exceptions import ParityError
from tests.coreml.forests import detector
from tests.coreml.models import booster, delivery
from tests.coreml.test_certificate import converted, wrong_intercept

NAN = float("nan")


def certificate(errors, **core_ml):
    checks = {str(i): Check(10, error, 0, 0) for i, error in enumerate(errors)}
    return Certificate(checks, "labels", 1e-6, "", "", 0, "", {"ran": bool(core_ml)} | core_ml)


@pytest.mark.parametrize("place", range(3))
def test_a_nan_in_any_check_does_not_pass(place):
    errors = [1e-7, 1e-8, 0.0]
    assert certificate(errors).passed
    errors[place] = NAN
    found = certificate(errors)
    assert not found.passed
    assert math.isnan(found.max_error)
    assert json.loads(found.to_json())["passed"] is False
    with pytest.raises(ParityError, match=f"an error of nan on {place} rows"):
        found.require_passed("it")


def test_a_nan_of_core_ml_itself_does_not_pass():
    assert certificate([1e-7], max_error=1e-7, differ=0).passed
    assert not certificate([1e-7], max_error=NAN, differ=0).passed
    assert not certificate([1e-7], max_error=2e-6, differ=0).passed
    assert not certificate([1e-7], max_error=0.0, differ=1).passed


def test_the_sentence_names_what_was_chosen():
    for choices in ("labels", "flags"):
        found = dataclasses.replace(certificate([1.0]), choices=choices)
        with pytest.raises(ParityError, match=f"same {choices}.* 0 other {choices} in all"):
            found.require_passed("it")


def test_nothing_compared_does_not_pass():
    assert not certificate([]).passed


def test_the_largest_error_is_nan_if_one_is():
    for place in range(4):
        errors = [3.0, 1.0, 2.0, 0.0]
        assert largest(errors) == 3.0
        errors[place] = NAN
        assert math.isnan(largest(errors))
    assert math.isnan(largest([]))
    assert [is_within(error, 1.0) for error in (0.5, 1.0, 1.5, NAN, np.inf)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not is_within(0.5, NAN)


class Spoilt:
    """A runtime that gives NaN for one number of one row and the right label all the same."""

    def __init__(self, spec, output, row, column):
        self.runtime = CoreMLRuntime(spec)
        self.classes = self.runtime.classes
        self.output, self.row, self.column = output, row, column

    def predict_outputs(self, X):
        outputs = self.runtime.predict_outputs(X)
        first = next(iter(X.values()))[0]  # the first feature numbers the rows
        place = self.row - int(first)
        values = outputs[self.output] = outputs[self.output].copy()
        if 0 <= place < len(values):
            values.reshape(len(values), -1)[place, self.column] = NAN
        return outputs


@pytest.mark.parametrize("row", [0, 7, 19_999, 20_000, 20_001, 40_009])
def test_a_nan_in_any_row_stays_a_nan(row):
    """Comparisons are made in parts of 20,000 rows; no part may hide that of another."""
    subject, spec = converted(booster(3))
    rows = np.zeros((40_010, 4), dtype=np.float32)
    rows[:, 0] = np.arange(len(rows))
    whole = compare(subject, CoreMLRuntime(spec), rows, 1e-6)
    assert whole.max_error <= 1e-6
    check = compare(subject, Spoilt(spec, "classProbability", row, 2), rows, 1e-6)
    assert math.isnan(check.max_error)
    assert check.differ == 0


@pytest.mark.parametrize("output", ["anomalyScore", "decision"])
def test_a_nan_of_a_detector_stays_a_nan(output):
    subject, spec = converted(detector())
    rows = np.zeros((50, 4), dtype=np.float32)
    rows[:, 0] = np.arange(len(rows))
    check = compare(subject, Spoilt(spec, output, 30, 0), rows, 1e-6)
    assert math.isnan(check.max_error)


def test_golden_vectors_let_no_nan_pass():
    subject, spec = converted(delivery("boosting", 3))
    rows = np.zeros((50, 4), dtype=np.float32)
    rows[:, 0] = np.arange(len(rows))
    _golden._numbers(_golden._Model(None, CoreMLRuntime(spec), subject), rows)
    whole = _golden._Model(None, Spoilt(spec, "classProbability", 30, 1), subject)
    with pytest.raises(ParityError, match="golden vectors"):
        _golden._numbers(whole, rows)


@pytest.mark.parametrize("suffix", [".mlmodel", ".mlpackage"])
def test_what_was_written_is_read_back(suffix, tmp_path, monkeypatch):
    """A disk that keeps something else than it was given leaves nothing behind."""
    right = export_module._write

    def write(spec, path):
        other = type(spec)()
        other.CopyFrom(spec)
        wrong_intercept(other)
        right(other, path)

    monkeypatch.setattr(export_module, "_write", write)
    with pytest.raises(ParityError, match="must read back as it was written"):
        export_coreml(booster(3), tmp_path / f"model{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_export_outlives_one_that_does_not_read_back(tmp_path, monkeypatch):
    export = export_coreml(booster(3), tmp_path / "model.mlmodel")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(export_module, "_write", lambda spec, path: path.write_bytes(b""))
    with pytest.raises(ParityError):
        export_coreml(booster(3, rounds=5), export.model)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_open_gate_needs_numbers():
    """What was measured as NaN is not shown to be good enough."""
    from novin_ml.estimators.families import FAMILIES
    from novin_ml.evaluation import compare_answers
    from novin_ml.lifecycle import check_gate, fault_of, train

    truth = np.tile(["yes", "no"], 100)
    found = compare_answers(truth, truth, np.repeat("yes", 200), groups=np.arange(200) // 10)
    assert check_gate(found, "better") is None
    assert check_gate(found, "not-worse") is None
    for name in ("difference", "low", "high"):
        spoilt = dataclasses.replace(
            found, accuracy=dataclasses.replace(found.accuracy, **{name: NAN})
        )
        if name == "low":
            assert check_gate(spoilt, "not-worse") is not None
    family = FAMILIES["delivery"]
    headline = train(family, family.simulate(600, random_state=0), epochs=3).headline
    assert fault_of(family, headline, 0.0) is None
    clean = dataclasses.replace(headline.model_clean, accuracy=NAN)
    assert fault_of(family, dataclasses.replace(headline, model_clean=clean), 0.0) is not None
    assert fault_of(family, headline, NAN) is not None
