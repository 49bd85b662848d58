"""Training at home, against gradients that are found in another way."""

import numpy as np
import pytest
from scipy.special import log_softmax

from novin_ml.estimators.weights import WeightLayout
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated import LocalTraining
from novin_ml.federated.local_training import _gradient, layers_of

LAYOUT = WeightLayout.of_shapes([(5, 3), (4, 5), (3, 4)])


def loss(values, activation, inputs, codes):
    """Return the mean log loss, all in float64 and written anew."""
    functions = {
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
        "logistic": lambda z: 1 / (1 + np.exp(-z)),
        "identity": lambda z: z,
    }
    for number, (weight, bias) in enumerate(layers_of(values, LAYOUT), start=1):
        inputs = inputs @ weight.T + bias
        inputs = functions[activation](inputs) if number < 3 else inputs
    return -log_softmax(inputs, axis=1)[np.arange(len(codes)), codes].mean()


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_gradient_is_that_of_the_loss(activation):
    rng = np.random.default_rng(3)
    values = rng.normal(size=LAYOUT.n_values)
    inputs, codes = rng.normal(size=(7, 3)), rng.integers(0, 3, 7)
    found = np.empty(LAYOUT.n_values, dtype=np.float32)
    _gradient(
        layers_of(values.astype(np.float32), LAYOUT),
        layers_of(found, LAYOUT),
        activation,
        inputs.astype(np.float32),
        codes,
    )
    step = 1e-6
    expected = [
        (
            loss(values + step * unit, activation, inputs, codes)
            - loss(values - step * unit, activation, inputs, codes)
        )
        / (2 * step)
        for unit in np.eye(LAYOUT.n_values)
    ]
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_one_batch_is_one_step_of_momentum():
    rng = np.random.default_rng(0)
    values = rng.normal(size=LAYOUT.n_values).astype(np.float32)
    inputs, codes = rng.normal(size=(6, 3)).astype(np.float32), rng.integers(0, 3, 6)
    slope = np.empty_like(values)
    _gradient(layers_of(values, LAYOUT), layers_of(slope, LAYOUT), "relu", inputs, codes)
    local = LocalTraining(epochs=1, batch_size=6, learning_rate=0.1, max_gradient=1e9)
    new = local(values, LAYOUT, "relu", inputs, codes, np.random.default_rng(0))
    np.testing.assert_allclose(new, values - np.float32(0.1) * slope, atol=1e-6)
    two = LocalTraining(epochs=2, batch_size=6, learning_rate=0.1, momentum=0.5, max_gradient=1e9)
    again = np.empty_like(values)
    _gradient(layers_of(new, LAYOUT), layers_of(again, LAYOUT), "relu", inputs, codes)
    expected = new - np.float32(0.1) * again - np.float32(0.05) * slope
    found = two(values, LAYOUT, "relu", inputs, codes, np.random.default_rng(0))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_large_gradient_is_scaled_down():
    rng = np.random.default_rng(0)
    values = rng.normal(size=LAYOUT.n_values).astype(np.float32)
    inputs, codes = (1e4 * rng.normal(size=(6, 3))).astype(np.float32), rng.integers(0, 3, 6)
    local = LocalTraining(epochs=1, batch_size=6, learning_rate=0.1, max_gradient=2.0)
    new = local(values, LAYOUT, "relu", inputs, codes, np.random.default_rng(0))
    assert np.linalg.norm(new - values) == pytest.approx(0.2, rel=1e-3)


def test_the_proximal_term_keeps_homes_near():
    rng = np.random.default_rng(0)
    values = rng.normal(size=LAYOUT.n_values).astype(np.float32)
    inputs, codes = rng.normal(size=(60, 3)).astype(np.float32), np.zeros(60, dtype=int)
    distances = []
    for proximal in (0.0, 1.0, 10.0):
        local = LocalTraining(epochs=5, proximal=proximal)
        new = local(values, LAYOUT, "tanh", inputs, codes, np.random.default_rng(0))
        distances.append(float(np.linalg.norm(new - values)))
    assert distances[0] > 1.5 * distances[1] > 3 * distances[2] > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"momentum": 1.0},
        {"proximal": -1.0},
        {"max_gradient": 0.0},
    ],
)
def test_refusals(wrong):
    (name,) = wrong
    with pytest.raises(InvalidParametersError, match=rf"'{name}' parameter of LocalTraining"):
        LocalTraining(**wrong).check()
