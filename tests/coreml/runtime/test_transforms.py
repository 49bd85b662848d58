import numpy as np
import pytest

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.exceptions import UnsupportedModelError
from tests.coreml.runtime.specs import (
    datatypes,
    doubles,
    network,
    transform,
    tree_regressor,
)

X = np.array([[1.0, np.nan, 3.0], [-999.0, 0.5, np.nan]])


def y_of(spec, x=X):
    return CoreMLRuntime(spec).predict_outputs(x)["y"].tolist()


def test_vectorizer_takes_the_order_of_its_list():
    types = datatypes()
    features = [("b", types.Array(2)), ("a", types.Double()), ("c", types.Int64())]
    spec, size = coremltools().models.feature_vectorizer.create_feature_vectorizer(features, "y")
    assert size == 4
    inputs = list(spec.description.input)
    del spec.description.input[:]
    spec.description.input.extend(reversed(inputs))
    outputs = CoreMLRuntime(spec).predict_outputs({"a": [1.0], "b": [[2.0, 3.0]], "c": [4]})
    assert outputs["y"].tolist() == [[2.0, 3.0, 1.0, 4.0]]


def test_vectorizer_with_a_wrong_size_is_refused():
    spec, _ = coremltools().models.feature_vectorizer.create_feature_vectorizer(doubles("a"), "y")
    spec.featureVectorizer.inputList[0].inputDimensions = 2
    with pytest.raises(UnsupportedModelError, match="must take 2 numbers from an input 'a'"):
        CoreMLRuntime(spec)


def test_imputer_replaces_nan_by_column():
    spec = transform("imputer", 3)
    spec.imputer.replaceDoubleValue = np.nan
    spec.imputer.imputedDoubleArray.vector.extend([10.0, 20.0, 30.0])
    assert y_of(spec) == [[1.0, 20.0, 3.0], [-999.0, 0.5, 30.0]]


def test_imputer_replaces_a_number_by_one_value():
    spec = transform("imputer", 3)
    spec.imputer.replaceDoubleValue = -999.0
    spec.imputer.imputedDoubleValue = 7.0
    np.testing.assert_array_equal(y_of(spec), [[1.0, np.nan, 3.0], [7.0, 0.5, np.nan]])


def test_imputer_finds_a_number_that_is_no_float32():
    spec = transform("imputer", 1)
    spec.imputer.replaceDoubleValue = 0.1
    spec.imputer.imputedDoubleValue = 7.0
    assert y_of(spec, [[0.1], [0.2]])[0] == [7.0]


def test_imputer_of_whole_numbers():
    spec = transform("imputer", 3)
    spec.imputer.replaceInt64Value = -999
    spec.imputer.imputedInt64Array.vector.extend([1, 2, 3])
    assert y_of(spec)[1][0] == 1.0


@pytest.mark.parametrize(
    ("shift", "scale", "expected"),
    [
        ([1.0, 2.0, 3.0], [2.0, 4.0, 0.5], [4.0, 24.0, 5.0]),
        ([1.0], [2.0], [4.0, 10.0, 16.0]),
        ([], [2.0], [2.0, 8.0, 14.0]),
        ([1.0], [], [2.0, 5.0, 8.0]),
    ],
)
def test_scaler_shifts_then_scales(shift, scale, expected):
    spec = transform("scaler", 3)
    spec.scaler.shiftValue.extend(shift)
    spec.scaler.scaleValue.extend(scale)
    assert y_of(spec, [[1.0, 4.0, 7.0]]) == [expected]


def test_identity():
    assert y_of(transform("identity", 3), [[1.0, 4.0, 7.0]]) == [[1.0, 4.0, 7.0]]


def no_replaced_value(spec):
    spec.imputer.imputedDoubleValue = 1.0


def text_imputer(spec):
    spec.imputer.replaceDoubleValue = np.nan
    spec.imputer.imputedStringValue = "a"


def wrong_size(spec):
    spec.imputer.replaceDoubleValue = np.nan
    spec.imputer.imputedDoubleArray.vector.extend([1.0, 2.0])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (no_replaced_value, "which number stands for a missing value"),
        (text_imputer, "imputedStringValue"),
        (wrong_size, "1 or 3 values"),
    ],
)
def test_imputers_that_are_refused(damage, message):
    spec = transform("imputer", 3)
    damage(spec)
    with pytest.raises(UnsupportedModelError, match=message):
        CoreMLRuntime(spec)


def mlp_pipeline():
    """Vectorizer, imputer, scaler and a network with one hidden layer."""
    models = coremltools().models
    features = doubles("energy", "duration", "peak")
    vectorizer, _ = models.feature_vectorizer.create_feature_vectorizer(features, "vector")
    imputer = transform("imputer", 3, "vector", "filled")
    imputer.imputer.replaceDoubleValue = np.nan
    imputer.imputer.imputedDoubleArray.vector.extend([0.5, 10.0, 0.25])
    scaler = transform("scaler", 3, "filled", "x")
    scaler.scaler.shiftValue.extend([-0.5, -8.0, -0.5])
    scaler.scaler.scaleValue.extend([4.0, 0.25, 2.0])

    def layers(b):
        b.add_inner_product("h", np.array([[1, 0, 1], [0, 2, -1]]), None, 3, 2, False, "x", "h")
        b.add_activation("relu", "RELU", "h", "a")
        b.add_inner_product("o", np.array([[0, 0], [1, 1]]), np.zeros(2), 2, 2, True, "a", "z")
        b.add_softmax("softmax", "z", "classProbability")

    labels = ["no_delivery", "delivery"]
    head = network(layers, 3, labels=labels, outputs=("classProbability",))
    pipeline = models.pipeline.PipelineClassifier(features, labels, ["label", "classProbability"])
    for spec in (vectorizer, imputer, scaler, head):
        pipeline.add_model(spec)
    return pipeline.spec


def test_pipeline_of_vectorizer_imputer_scaler_and_network():
    X = np.array([[0.75, np.nan, 1.0], [np.nan, 16.0, 0.0], [0.25, 4.0, np.nan]])
    filled = np.where(np.isnan(X), [0.5, 10.0, 0.25], X)
    scaled = (filled - np.array([0.5, 8.0, 0.5])) * [4.0, 0.25, 2.0]
    hidden = np.maximum(scaled @ np.array([[1, 0, 1], [0, 2, -1]]).T, 0)
    expected = 1 / (1 + np.exp(-hidden.sum(axis=1)))

    runtime = CoreMLRuntime(mlp_pipeline())
    assert runtime.classes.tolist() == ["no_delivery", "delivery"]
    np.testing.assert_allclose(runtime.predict_proba(X)[:, 1], expected, atol=1e-7)
    assert runtime.predict_labels(X).tolist() == [
        "delivery" if p > 0.5 else "no_delivery" for p in expected
    ]


def test_pipeline_of_trees_that_feed_a_network():
    """The shape of an isolation forest: exp of a sum of leaves, then a linear decision."""
    models, types = coremltools().models, datatypes()
    vectorizer, _ = models.feature_vectorizer.create_feature_vectorizer(doubles("a", "b"), "vector")
    trees = tree_regressor([("vector", types.Array(2))], 0.0)
    trees.add_branch_node(0, 0, 1, 0.5, "BranchOnValueLessThanEqual", 1, 2)
    trees.add_leaf_node(0, 1, -0.25)
    trees.add_leaf_node(0, 2, -1.5)
    joined, _ = models.feature_vectorizer.create_feature_vectorizer(doubles("value"), "x")

    def layers(b):
        b.add_unary("score", "x", "score", "exp")
        b.add_activation("decision", "LINEAR", "score", "decision", [-1.0, 0.6])

    head = network(layers, 1, outputs=("score", "decision"))
    pipeline = models.pipeline.Pipeline(
        doubles("a", "b"), [("score", types.Array(1)), ("decision", types.Array(1))]
    )
    for spec in (vectorizer, trees.spec, joined, head):
        pipeline.add_model(spec)
    outputs = CoreMLRuntime(pipeline.spec).predict_outputs({"b": [0.5, 1.0], "a": [0.0, 0.0]})
    score = np.exp([-0.25, -1.5])
    np.testing.assert_allclose(outputs["score"].ravel(), score, rtol=1e-6)
    np.testing.assert_allclose(outputs["decision"].ravel(), 0.6 - score, atol=1e-7)


def test_pipeline_regressor():
    trees = tree_regressor([("x", datatypes().Array(1))], 2.0)
    trees.add_leaf_node(0, 0, 1.0)
    models = coremltools().models
    vectorizer, _ = models.feature_vectorizer.create_feature_vectorizer(doubles("a"), "x")
    pipeline = models.pipeline.PipelineRegressor(doubles("a"), doubles("value"))
    pipeline.add_model(vectorizer)
    pipeline.add_model(trees.spec)
    assert CoreMLRuntime(pipeline.spec).predict_outputs([[0.0]])["value"].tolist() == [3.0]


def test_pipeline_with_a_missing_link_is_refused():
    spec = mlp_pipeline()
    spec.pipelineClassifier.pipeline.models[1].description.input[0].name = "nowhere"
    with pytest.raises(UnsupportedModelError, match="'nowhere' at position 1"):
        CoreMLRuntime(spec)


def test_pipeline_with_an_unknown_model_is_refused():
    spec = mlp_pipeline()
    spec.pipelineClassifier.pipeline.models[2].normalizer.SetInParent()
    with pytest.raises(UnsupportedModelError, match="Got normalizer"):
        CoreMLRuntime(spec)
