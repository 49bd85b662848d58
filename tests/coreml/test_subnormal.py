"""Columns of numbers too small for a float32 scale: training works, and exports are equal."""

import numpy as np
import pytest

from novin_ml import DeliveryClassifier
from novin_ml.coreml import CoreMLRuntime, export_coreml
from tests.coreml.models import codes, table

X = table(300, 0)
Y = codes(X, 3)


def scaled(scale):
    """The table with its third column that small."""
    rows = X.copy()
    rows[:, 2] = (X[:, 2].astype(np.float64) * scale).astype(np.float32)
    return rows


@pytest.mark.parametrize("scale", [1e-36, 1e-38, 2e-39, 1e-40, 1e-42, 1e-45])
@pytest.mark.parametrize("algorithm", ["mlp", "blend", "boosting", "forest"])
def test_a_tiny_column_is_trained_on_and_exported(algorithm, scale, tmp_path):
    rows = scaled(scale)
    assert np.isfinite(rows).all()
    model = DeliveryClassifier(algorithm, epochs=3, random_state=0).fit(rows, Y)
    export = export_coreml(model, tmp_path / "model.mlmodel", data=rows)
    assert export.certificate.passed
    expected = model.predict_proba(rows)
    assert np.isfinite(expected).all()
    got = CoreMLRuntime(export.model).predict_proba(rows)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("scale", "constant"), [(1e-36, False), (1e-38, False), (1e-42, True)])
def test_a_column_counts_as_constant_where_its_scale_is_no_float32(scale, constant):
    rows = scaled(scale)
    learner = DeliveryClassifier("mlp", epochs=1, random_state=0).fit(rows, Y).learner_
    deviation = rows[:, 2].astype(np.float64).std()
    assert learner.scale[2] == (1 if constant else np.float32(1 / deviation))
    assert np.isfinite(learner.scale).all()
    assert np.isfinite([*map(np.sum, learner.weights)]).all()


def test_a_subnormal_column_changes_nothing_that_zeros_would_not():
    models = [
        DeliveryClassifier("mlp", epochs=3, random_state=0).fit(rows, Y)
        for rows in (scaled(1e-42), scaled(0.0))
    ]
    got, expected = (model.predict_proba(scaled(0.0)) for model in models)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)
