import json

import numpy as np
import pytest
import xgboost

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.runtime import CoreMLRuntime
from tests.coreml.runtime.specs import datatypes, doubles, transform
from tests.coreml.second_opinion import onnx_outputs, onnx_predict_proba, with_array_input

NAMES = ["energy", "duration", "peak", "variance"]


def table(n_rows, random_state, missing=0.0):
    rng = np.random.default_rng(random_state)
    X = rng.normal(size=(n_rows, len(NAMES))).astype(np.float32)
    X[rng.random(X.shape) < missing] = np.nan
    return X


def boosted_spec(n_classes, missing):
    """A booster, its specification by coremltools with the base prediction repaired, and rows."""
    X = table(600, n_classes, missing)
    rng = np.random.default_rng(0)
    signal = np.nan_to_num(X[:, 0]) + 0.5 * np.nan_to_num(X[:, 1]) + 0.3 * rng.normal(size=len(X))
    # Imbalanced, so that the fitted intercept is far from the default.
    y = np.digitize(signal, np.quantile(signal, np.linspace(0.6, 0.95, n_classes - 1)))
    objective = {"objective": "binary:logistic"}
    if n_classes > 2:
        objective = {"objective": "multi:softprob", "num_class": n_classes}
    parameters = {"max_depth": 4, "seed": 0, "nthread": 1, **objective}
    booster = xgboost.train(parameters, xgboost.DMatrix(X, y), num_boost_round=8)
    config = json.loads(booster.save_config())
    intercept = json.loads(config["learner"]["learner_model_param"]["base_score"])
    intercept = np.atleast_1d(np.asarray(intercept, dtype=np.float32)).astype(float)
    spec = coremltools().converters.xgboost.convert(
        booster.copy(),
        feature_names=NAMES,
        mode="classifier",
        n_classes=n_classes,
        force_32bit_float=True,
    )
    spec = spec.get_spec()
    trees = spec.treeEnsembleClassifier.treeEnsemble
    base = np.log(intercept / (1 - intercept)) if n_classes == 2 else intercept
    trees.basePredictionValue[:] = np.resize(base, len(trees.basePredictionValue)).tolist()
    return booster, spec, X


@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_boosted_trees(n_classes, missing):
    booster, spec, X = boosted_spec(n_classes, missing)
    runtime = CoreMLRuntime(spec)
    ours = runtime.predict_proba(X)
    trained = booster.predict(xgboost.DMatrix(X))
    if n_classes == 2:
        trained = np.column_stack([1 - trained, trained])
    np.testing.assert_allclose(ours, trained, atol=1e-6)

    spec = with_array_input(spec, len(NAMES))
    np.testing.assert_allclose(onnx_predict_proba(spec, X[:200]), ours[:200], atol=1e-6)
    np.testing.assert_array_equal(CoreMLRuntime(spec).predict_proba(X), ours)
    labels = [row[spec.description.predictedFeatureName][0] for row in onnx_outputs(spec, X[:200])]
    assert runtime.predict_labels(X[:200]).tolist() == labels


def test_boosted_trees_of_named_inputs():
    _, spec, X = boosted_spec(3, 0.2)
    np.testing.assert_allclose(
        onnx_predict_proba(spec, X[:10]), CoreMLRuntime(spec).predict_proba(X[:10]), atol=1e-6
    )


def imputer_spec(name_in="x", name_out="y"):
    spec = transform("imputer", len(NAMES), name_in, name_out)
    spec.imputer.replaceDoubleValue = np.nan
    spec.imputer.imputedDoubleArray.vector.extend([0.5, -1.0, 2.0, 0.25])
    return spec


def scaler_spec(name_in="x", name_out="y"):
    spec = transform("scaler", len(NAMES), name_in, name_out)
    spec.scaler.shiftValue.extend([0.1, -0.2, 0.3, -0.4])
    spec.scaler.scaleValue.extend([0.5, 2.0, 4.0, 0.125])
    return spec


def pipeline_of(features, *specs):
    pipeline = coremltools().models.pipeline.Pipeline(
        features, [("y", datatypes().Array(len(NAMES)))]
    )
    for spec in specs:
        pipeline.add_model(spec)
    return pipeline.spec


def vectorized_pipeline():
    vectorizer, _ = coremltools().models.feature_vectorizer.create_feature_vectorizer(
        doubles(*NAMES), "x"
    )
    return pipeline_of(doubles(*NAMES), vectorizer, imputer_spec("x", "z"), scaler_spec("z", "y"))


def array_pipeline():
    features = [("x", datatypes().Array(len(NAMES)))]
    return pipeline_of(features, imputer_spec("x", "z"), scaler_spec("z", "y"))


@pytest.mark.parametrize(
    "build",
    [imputer_spec, scaler_spec, array_pipeline, vectorized_pipeline],
)
def test_transformers(build):
    X = table(50, 1, missing=0.0 if build is scaler_spec else 0.3)
    theirs = np.vstack([row["y"] for row in onnx_outputs(build(), X)])
    ours = CoreMLRuntime(build()).predict_outputs(X)["y"]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)
