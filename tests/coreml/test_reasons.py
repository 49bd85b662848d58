"""Reasons that a box of answers gives: by replacing one feature at a time."""

import json

import numpy as np
import pytest

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier, export_coreml
from novin_ml.coreml import CoreMLRuntime, reason_codes
from novin_ml.coreml.interface import typical_values
from novin_ml.exceptions import InvalidInputError, NotExportableError
from tests.coreml.models import xgb_classifier

rng = np.random.default_rng(0)


def exported(model, folder):
    return CoreMLRuntime(export_coreml(model, folder / "model.mlmodel").model)


@pytest.fixture(params=["boosting", "mlp"])
def classifier(request, tmp_path):
    """Of three classes; the first two features matter, the third is always missing."""
    X = rng.normal(size=(600, 4)).astype(np.float32)
    X[:, 2] = np.nan
    y = np.array(["a", "b", "c"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
    model = DeliveryClassifier(request.param, epochs=8, random_state=0).fit(X, y)
    return exported(model, tmp_path), X


def test_typical_values_are_the_medians(classifier):
    runtime, X = classifier
    typical = typical_values(runtime.metadata["user_defined"])
    np.testing.assert_allclose(typical[:2], np.median(X[:, :2], axis=0), atol=0.02)
    assert np.isnan(typical[2])


def test_a_contribution_is_what_the_answer_loses(classifier):
    runtime, X = classifier
    typical = typical_values(runtime.metadata["user_defined"])
    rows = X[:20].copy()
    rows[3, 0] = np.nan
    probabilities = runtime.predict_proba(rows).astype(np.float32)
    best = probabilities.argmax(axis=1)
    for i, reasons in enumerate(reason_codes(runtime, rows, n_reasons=4)):
        losses = {}
        for j, name in enumerate(runtime.input_names):
            other = rows[i : i + 1].copy()
            other[0, j] = typical[j]
            left = runtime.predict_proba(other)[0, best[i]].astype(np.float32)
            losses[name] = probabilities[i, best[i]] - left
        # A network's answers to one row and to many differ in the last bits.
        expected = {name: loss for name, loss in losses.items() if loss > 1e-5}
        found = {reason.name: reason.contribution for reason in reasons}
        assert expected == pytest.approx({n: found[n] for n in expected}, abs=2e-6)
        assert all(losses[name] > -2e-6 for name in found)
        assert [*found.values()] == sorted(found.values(), reverse=True)
        values = [rows[i, runtime.input_names.index(name)] for name in found]
        np.testing.assert_array_equal([reason.value for reason in reasons], values)
        assert all(np.float32(reason.contribution) == reason.contribution for reason in reasons)


def test_a_feature_that_is_missing_and_always_was_is_no_reason(classifier):
    runtime, X = classifier
    names = {reason.name for reasons in reason_codes(runtime, X[:100]) for reason in reasons}
    assert "feature_2" not in names
    assert {"feature_0", "feature_1"} <= names


def test_another_label_has_other_reasons(classifier):
    runtime, _ = classifier
    row = [[3.0, 3.0, np.nan, 0.0]]
    for_c, for_a = (
        {reason.name: reason.contribution for reason in reasons}
        for (reasons,) in (reason_codes(runtime, row), reason_codes(runtime, row, labels=["a"]))
    )
    for name in ("feature_0", "feature_1"):  # what speaks for c speaks against a
        assert for_c[name] > 0.02
        assert for_a.get(name, 0.0) < for_c[name] / 2


def test_reasons_of_a_detector_are_of_its_score(tmp_path):
    X = rng.normal(size=(2000, 3)).astype(np.float32)
    model = BehaviorAnomalyDetector(n_estimators=50, random_state=0).fit(X)
    runtime = exported(model, tmp_path)
    (reasons,) = reason_codes(runtime, [[0.0, 6.0, 0.1]])
    assert reasons[0].name == "feature_1"
    typical = typical_values(runtime.metadata["user_defined"])
    row = np.array([[0.0, 6.0, 0.1], [0.0, typical[1], 0.1]], dtype=np.float32)
    score = runtime.predict_outputs(row)["anomalyScore"].astype(np.float32)
    assert reasons[0].contribution == score[0] - score[1]


def test_labels_that_the_model_does_not_have_are_refused(classifier):
    runtime, X = classifier
    for labels in (["d"], ["a", "b"], [None]):
        with pytest.raises(InvalidInputError, match="must have one of"):
            reason_codes(runtime, X[:1], labels=labels)


def test_a_model_that_tells_nothing_typical_is_refused(tmp_path):
    export = export_coreml(xgb_classifier(), tmp_path / "model.mlmodel")
    with pytest.raises(NotExportableError, match="typical values of its features"):
        reason_codes(export.model, np.zeros((1, 3)))


def test_typical_values_are_json(classifier):
    entry = classifier[0].metadata["user_defined"]["novin_ml.feature_typical"]
    assert json.loads(entry)[2] is None
