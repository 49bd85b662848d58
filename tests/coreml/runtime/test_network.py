import itertools

import numpy as np
import pytest

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.exceptions import UnsupportedModelError
from tests.coreml.runtime.specs import datatypes, network

X = np.array([[-2.0, -0.5, 0.0], [0.25, 1.0, 3.0]], dtype=np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def result(layers, x=X, **options):
    return CoreMLRuntime(network(layers, x.shape[1], **options)).predict_outputs(x)["y"]


@pytest.mark.parametrize(
    ("name", "parameters", "function"),
    [
        ("RELU", None, lambda x: np.maximum(x, 0)),
        ("TANH", None, np.tanh),
        ("SIGMOID", None, sigmoid),
        ("LINEAR", [2.0, -1.0], lambda x: 2 * x - 1),
        ("LEAKYRELU", [0.1], lambda x: np.where(x < 0, 0.1 * x, x)),
        ("THRESHOLDEDRELU", 0.5, lambda x: np.where(x >= 0.5, x, 0)),
        ("SCALED_TANH", [2.0, 0.5], lambda x: 2 * np.tanh(0.5 * x)),
        ("SIGMOID_HARD", [0.2, 0.5], lambda x: np.clip(0.2 * x + 0.5, 0, 1)),
        ("ELU", 0.7, lambda x: np.where(x < 0, 0.7 * (np.exp(x) - 1), x)),
        ("SOFTSIGN", None, lambda x: x / (1 + np.abs(x))),
        ("SOFTPLUS", None, lambda x: np.log(1 + np.exp(x))),
    ],
)
def test_activations(name, parameters, function):
    y = result(lambda b: b.add_activation("a", name, "x", "y", parameters))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, function(X), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("mode", "options", "function"),
    [
        ("sqrt", {}, lambda x: np.sqrt(x)),
        ("rsqrt", {"epsilon": 0.5}, lambda x: 1 / np.sqrt(x + 0.5)),
        ("inverse", {"epsilon": 0.5}, lambda x: 1 / (x + 0.5)),
        ("power", {"alpha": 3.0}, lambda x: x**3),
        ("exp", {}, np.exp),
        ("log", {"shift": 1.0}, lambda x: np.log(x + 1)),
        ("abs", {"scale": -2.0, "shift": 1.0}, lambda x: np.abs(-2 * x + 1)),
        ("threshold", {"alpha": 0.3}, lambda x: np.maximum(x, 0.3)),
    ],
)
def test_unary_functions(mode, options, function):
    x = np.abs(X)
    y = result(lambda b: b.add_unary("u", "x", "y", mode, **options), x)
    np.testing.assert_allclose(y, function(x), rtol=1e-6)


def test_unary_scale_and_epsilon_default_where_zero():
    spec = network(lambda b: b.add_unary("u", "x", "y", "inverse", scale=0.0, epsilon=0.0), 1)
    y = CoreMLRuntime(spec).predict_outputs([[0.0], [1.0]])["y"]
    np.testing.assert_allclose(y.ravel(), [1e6, 1 / 1.000001], rtol=1e-6)


@pytest.mark.parametrize("has_bias", [False, True])
def test_inner_product(has_bias):
    W = np.array([[1, 2, 3], [0, -1, 1]], dtype=np.float32)
    bias = np.array([10, 20], dtype=np.float32)

    def layers(b):
        b.add_inner_product("d", W, bias if has_bias else None, 3, 2, has_bias, "x", "y")

    expected = np.array([[-3.0, 0.5], [11.25, 2.0]]) + (bias if has_bias else 0)
    assert np.array_equal(result(layers), expected)


@pytest.mark.parametrize(
    ("mode", "alpha", "expected"),
    [
        ("ADD", 1.0, X + 1),
        ("MULTIPLY", 3.0, X * 3),
    ],
)
def test_elementwise_with_a_constant(mode, alpha, expected):
    y = result(lambda b: b.add_elementwise("e", ["x"], "y", mode, alpha))
    assert np.array_equal(y, expected)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("ADD", X + X**2),
        ("MULTIPLY", X * X**2),
        ("AVE", (X + X**2) / 2),
        ("MAX", np.maximum(X, X**2)),
        ("MIN", np.minimum(X, X**2)),
        ("CONCAT", np.hstack([X, X**2])),
    ],
)
def test_elementwise_of_two_blobs(mode, expected):
    def layers(b):
        b.add_unary("square", "x", "x2", "power", alpha=2.0)
        b.add_elementwise("e", ["x", "x2"], "y", mode)

    np.testing.assert_allclose(result(layers), expected, rtol=1e-6)


def test_one_number_is_spread_over_a_vector():
    def layers(b):
        b.add_reduce("m", "x", "m", "C", "max")
        b.add_elementwise("e", ["x", "m"], "y", "MULTIPLY")

    assert np.array_equal(result(layers), X * X.max(axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("mode", "function"),
    [
        ("sum", np.sum),
        ("avg", np.mean),
        ("prod", np.prod),
        ("sumsquare", lambda x, **axis: np.sum(x**2, **axis)),
        ("L1", lambda x, **axis: np.sum(np.abs(x), **axis)),
        ("L2", lambda x, **axis: np.sqrt(np.sum(x**2, **axis))),
        ("max", np.max),
        ("min", np.min),
    ],
)
def test_reductions(mode, function):
    y = result(lambda b: b.add_reduce("r", "x", "y", "CHW", mode))
    np.testing.assert_allclose(y, function(X, axis=1, keepdims=True), rtol=1e-6)


def test_bias_scale_and_split():
    def layers(b):
        b.add_scale("s", np.array([1.0, 2.0, 3.0]), np.array([1.0]), True, "x", "z", [3], [1])
        b.add_bias("b", np.array([1.0, 0.0, -1.0]), "z", "w", [3])
        b.add_elementwise("c", ["w", "x"], "wx", "CONCAT")
        b.add_split("p", "wx", ["u", "v"])
        b.add_elementwise("a", ["u", "v"], "y", "ADD")

    expected = X * [1, 2, 3] + 1 + [1, 0, -1] + X
    np.testing.assert_allclose(result(layers), expected, rtol=1e-6)


@pytest.mark.parametrize("activation", ["RELU", "TANH", "SIGMOID"])
def test_classifier_with_hidden_layers_equals_numpy(activation):
    rng = np.random.default_rng(0)
    sizes = [5, 8, 7, 3]
    W = [rng.normal(size=(b, a)).astype(np.float32) for a, b in itertools.pairwise(sizes)]
    bias = [rng.normal(size=b).astype(np.float32) for b in sizes[1:]]

    def layers(b):
        name = "x"
        for i, (w, c) in enumerate(zip(W, bias, strict=True)):
            b.add_inner_product(f"d{i}", w, c, w.shape[1], w.shape[0], True, name, f"z{i}")
            name = f"a{i}"
            if i < 2:
                b.add_activation(name, activation, f"z{i}", name)
        b.add_softmax("softmax", "z2", "classProbability")

    rows = rng.normal(size=(50, 5)).astype(np.float32)
    hidden = rows
    functions = {"RELU": lambda x: np.maximum(x, 0), "TANH": np.tanh, "SIGMOID": sigmoid}
    for w, c in zip(W[:2], bias[:2], strict=True):
        hidden = functions[activation](hidden @ w.T + c)
    logits = hidden @ W[2].T + bias[2]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    labels = ["walk", "run", "pet"]
    runtime = CoreMLRuntime(network(layers, 5, labels=labels, outputs=("classProbability",)))
    proba = runtime.predict_proba(rows)
    assert proba.dtype == np.float64
    np.testing.assert_allclose(proba, expected, atol=1e-6)
    assert runtime.predict_labels(rows).tolist() == [labels[i] for i in expected.argmax(axis=1)]


def test_softmax_of_margins_blended_with_probabilities():
    types = datatypes()
    builder = coremltools().models.neural_network.NeuralNetworkBuilder(
        [("margins", types.Array(3)), ("logits", types.Array(3))],
        [("classProbability", types.Array(3))],
        mode="classifier",
    )
    builder.add_softmax("s0", "margins", "p0")
    builder.add_softmax("s1", "logits", "p1")
    builder.add_elementwise("w0", ["p0"], "q0", "MULTIPLY", 0.75)
    builder.add_elementwise("w1", ["p1"], "q1", "MULTIPLY", 0.25)
    builder.add_elementwise("mix", ["q0", "q1"], "classProbability", "ADD")
    builder.set_class_labels(["a", "b", "c"], "label", prediction_blob="classProbability")
    inputs = {"margins": np.log([[1, 2, 5]]), "logits": np.log([[6, 1, 1]])}
    proba = CoreMLRuntime(builder.spec).predict_proba(inputs)
    expected = 0.75 * np.array([1, 2, 5]) / 8 + 0.25 * np.array([6, 1, 1]) / 8
    np.testing.assert_allclose(proba, [expected], atol=1e-7)


def test_exact_shapes_of_rank_one():
    def layers(b):
        b.add_inner_product("d", np.eye(3), None, 3, 3, False, "x", "z")
        b.add_softmax_nd("s", "z", "s", -1)
        b.add_concat_nd("c", ["s", "x"], "c", -1)
        b.add_add_broadcastable("a", ["c", "c"], "a")
        b.add_multiply_broadcastable("m", ["a", "c"], "y")

    y = result(layers, disable_rank5_shape_mapping=True)
    p = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(y, 2 * np.hstack([p, X]) ** 2, rtol=1e-5)


def test_a_network_without_a_named_probability_blob_ends_in_it():
    spec = network(lambda b: b.add_softmax("s", "x", "p"), 2, labels=[0, 1], outputs=("p",))
    spec.neuralNetworkClassifier.labelProbabilityLayerName = ""
    assert CoreMLRuntime(spec).predict_labels([[0.0, 1.0]]).tolist() == [1]


def test_infinities_are_no_warnings():
    y = result(lambda b: b.add_unary("u", "x", "y", "exp"), np.array([[1000.0, -1000.0]]))
    assert y.tolist() == [[np.inf, 0.0]]


def dense(b):
    b.add_inner_product("dense", np.ones((1, 3)), None, 3, 1, False, "x", "y")


def half_weights(spec):
    weights = spec.neuralNetwork.layers[0].innerProduct.weights
    del weights.floatValue[:]
    weights.float16Value = b"\0" * 6


def quantised_weights(spec):
    weights = spec.neuralNetwork.layers[0].innerProduct.weights
    del weights.floatValue[:]
    weights.rawValue = b"\0" * 3


def too_few_weights(spec):
    del spec.neuralNetwork.layers[0].innerProduct.weights.floatValue[0]


def unknown_blob(spec):
    spec.neuralNetwork.layers[0].input[0] = "nowhere"


def no_such_output(spec):
    spec.description.output[0].name = "nowhere"


def preprocessing(spec):
    spec.neuralNetwork.preprocessing.add(featureName="x")


def matrix_input(spec):
    spec.description.input[0].type.multiArrayType.shape[:] = [3, 2, 1]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (half_weights, "'dense' of type innerProduct.*float16Value"),
        (quantised_weights, "'dense' of type innerProduct.*rawValue"),
        (too_few_weights, "3 weights; it has 2"),
        (unknown_blob, "Layer 'dense'.*'nowhere'"),
        (no_such_output, "'nowhere'"),
        (preprocessing, "image preprocessing"),
        (matrix_input, "must be a vector"),
    ],
)
def test_networks_that_are_refused(damage, message):
    spec = network(dense, 3)
    damage(spec)
    with pytest.raises(UnsupportedModelError, match=message):
        CoreMLRuntime(spec)


@pytest.mark.parametrize(
    ("layers", "options", "message"),
    [
        (lambda b: b.add_lrn("norm", "x", "y", 1, 1, 3), {}, "'norm' of type lrn"),
        (lambda b: b.add_activation("a", "PRELU", "x", "y", np.ones(3)), {}, "PReLU"),
        (lambda b: b.add_reduce("r", "x", "y", "W", "sum"), {}, "'r' of type reduce"),
        (
            lambda b: b.add_softmax("s", "x", "y"),
            {"disable_rank5_shape_mapping": True},
            "axis -3; the data lie on axis -1",
        ),
        (
            lambda b: b.add_softmax_nd("s", "x", "y", -1),
            {},
            "softmaxND on axis -3; it is on axis -1",
        ),
    ],
)
def test_layers_that_are_refused(layers, options, message):
    with pytest.raises(UnsupportedModelError, match=message):
        CoreMLRuntime(network(layers, 3, **options))


def test_sizes_that_do_not_fit_are_refused():
    spec = network(
        lambda b: b.add_inner_product("d", np.ones((1, 2)), None, 2, 1, False, "x", "y"), 3
    )
    with pytest.raises(UnsupportedModelError, match=r"must fit its inputs. Got sizes \[3\]"):
        CoreMLRuntime(spec).predict_outputs(X)


def test_probabilities_must_be_as_many_as_the_labels():
    spec = network(lambda b: b.add_softmax("s", "x", "p"), 3, labels=[0, 1], outputs=("p",))
    with pytest.raises(UnsupportedModelError, match="2 labels"):
        CoreMLRuntime(spec).predict_proba(X)
