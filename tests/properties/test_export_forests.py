"""Laws of isolation forests exported and saved, over random small ones."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest

from novin_ml import BehaviorAnomalyDetector, export_coreml, verify_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.lifecycle import load_estimator, save_estimator
from tests.coreml.forests import adversarial_rows

TOLERANCE = 1e-6


@st.composite
def training_rows(draw):
    """Float32 rows of some scale, perhaps of few values."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_rows, n_features = draw(st.integers(2, 80)), draw(st.integers(1, 4))
    scale = draw(st.sampled_from((1e-30, 1e-3, 1.0, 1e9, 1e36)))
    X = rng.normal(size=(n_rows, n_features))
    if draw(st.booleans()):
        X = np.round(X)
    return (X * scale + draw(st.sampled_from((0.0, 0.0, scale)))).astype(np.float32)


@st.composite
def forests(draw):
    """scikit-learn's forest, its rows, and rows about its thresholds."""
    X = draw(training_rows())
    model = IsolationForest(
        n_estimators=draw(st.integers(1, 6)),
        max_samples=draw(st.integers(2, len(X))),
        max_features=draw(st.integers(1, X.shape[1])),
        bootstrap=draw(st.booleans()),
        contamination=draw(st.sampled_from(("auto", 0.01, 0.3, 0.5))),
        random_state=draw(st.integers(0, 2**32 - 1)),
    ).fit(X)
    return model, np.concatenate([X, adversarial_rows(model, 100)])


def counts_of(certificate):
    checks = {kind: replace(check, max_error=0.0) for kind, check in certificate.checks.items()}
    return replace(certificate, checks=checks)


@given(forests())
def test_every_forest_is_exported_as_it_is(case):
    model, X = case
    with tempfile.TemporaryDirectory() as folder:
        export = export_coreml(model, Path(folder) / "forest.mlmodel", data=X)
        assert export.certificate.differ == 0
        again = verify_coreml(export.model, data=X)
        # The reference adds up its trees in another order than scikit-learn does: the last bit of
        # a float64 error may differ.
        assert again.max_error == pytest.approx(export.certificate.max_error, abs=1e-12)
        assert counts_of(again) == counts_of(export.certificate)
        outputs = CoreMLRuntime(export.model).predict_outputs(X)
    decision = model.decision_function(X)
    assert np.abs(outputs["anomalyScore"] + model.score_samples(X)).max() <= TOLERANCE
    assert np.abs(outputs["decision"] - decision).max() <= TOLERANCE
    clear = np.abs(decision) > TOLERANCE
    np.testing.assert_array_equal(outputs["decision"][clear] < 0, decision[clear] < 0)


@given(training_rows(), st.integers(1, 6), st.sampled_from((None, 3.0, 90.0)), st.booleans())
def test_every_detector_is_saved_as_it_is(X, n_estimators, days, as_file):
    times = None if days is None else 1.7e9 + np.linspace(0, days * 86_400, len(X))
    model = BehaviorAnomalyDetector(n_estimators=n_estimators, random_state=0)
    model.fit(X, timestamps=times)
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_estimator(
            save_estimator(model, Path(folder) / ("model.novin" if as_file else "model"))
        )
        export = export_coreml(loaded, Path(folder) / "model.mlmodel", data=X)
    np.testing.assert_array_equal(loaded.score_samples(X), model.score_samples(X))
    assert (loaded.offset_, loaded.state_) == (model.offset_, model.state_)
    assert export.certificate.differ == 0
