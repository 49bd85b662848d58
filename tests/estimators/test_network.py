"""The network learner beside scikit-learn's own."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from novin_ml.estimators.learners import NetworkLearner
from tests.estimators.tables import classifier, table


def standardised(X):
    imputer, scaler = SimpleImputer(strategy="median"), StandardScaler()
    return imputer, scaler, scaler.fit_transform(imputer.fit_transform(X)).astype(np.float32)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("hidden", [(), (12,), (9, 5)])
def test_answers_as_scikit_learn_does_on_standardised_rows(activation, n_classes, hidden):
    X, y = table(300, n_classes=n_classes, missing=0.1)
    X = 3 * X + 2
    imputer, scaler, inputs = standardised(X)
    network = MLPClassifier(hidden, activation=activation, max_iter=5, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(inputs, y)
    learner = NetworkLearner(
        medians=imputer.statistics_.astype(np.float32),
        mean=scaler.mean_.astype(np.float32),
        scale=(1 / scaler.scale_).astype(np.float32),
        weights=network.coefs_,
        biases=network.intercepts_,
        activation=activation,
        n_features=X.shape[1],
        n_classes=n_classes,
    )
    before = X.copy()
    answer = learner.predict_proba(X)
    assert answer.dtype == np.float32
    assert_allclose(answer, network.predict_proba(inputs), rtol=0, atol=2e-6)
    assert_array_equal(X, before)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_is_trained_as_scikit_learn_trains(n_classes):
    X, y = table(300, n_classes=n_classes, missing=0.1)
    batches = {"hidden_layer_sizes": (8,), "batch_size": 50, "learning_rate_init": 0.01}
    model = classifier("mlp", epochs=6, early_stopping=False, learner_params=batches).fit(X, y)
    _, _, inputs = standardised(X)
    network = MLPClassifier(random_state=np.random.RandomState(0), **batches)
    for _ in range(6):
        network.partial_fit(inputs, y, classes=np.unique(y))
    assert_allclose(model.predict_proba(X), network.predict_proba(inputs), rtol=0, atol=1e-4)


def test_statistics_are_those_of_the_training_rows():
    X, y = table(500, missing=0.2)
    X[:, 3] = 4.0
    X[:, 4] = np.nan
    learner = classifier("mlp", epochs=1, early_stopping=False).fit(X, y).learner_
    imputer = SimpleImputer(strategy="median", keep_empty_features=True).fit(X)
    scaler = StandardScaler().fit(imputer.transform(X))
    assert_array_equal(learner.medians, imputer.statistics_.astype(np.float32))
    assert_allclose(learner.mean, scaler.mean_, rtol=1e-6, atol=1e-7)
    assert_allclose(learner.scale, 1 / scaler.scale_, rtol=1e-6)
    assert learner.scale[3] == learner.scale[4] == 1


@pytest.mark.parametrize("weighted", [False, True])
def test_ctrl_c_stops_the_training(weighted, monkeypatch):
    batches = []
    backprop = MLPClassifier._backprop

    def interrupted(*args, **kwargs):
        batches.append(1)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return backprop(*args, **kwargs)

    monkeypatch.setattr(MLPClassifier, "_backprop", interrupted)
    X, y = table(300)
    model = classifier("mlp", epochs=3)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y, sample_weight=np.linspace(1, 2, len(X)) if weighted else None)
    assert len(batches) == 2
    assert not hasattr(model, "learner_")


@pytest.mark.parametrize(
    "widths", [np.array([8, 4]), [np.int64(8), 4], (np.int32(8), np.int64(4))], ids=repr
)
def test_widths_may_be_numpys(widths):
    X, y = table(100)
    model = classifier("mlp", epochs=1, learner_params={"hidden_layer_sizes": widths}).fit(X, y)
    assert [weight.shape[1] for weight in model.learner_.weights] == [8, 4, 1]


@pytest.mark.parametrize("n_features", [1, 2, 7, 24])
def test_statistics_are_scikit_learns_to_the_last_bit(n_features):
    rng = np.random.default_rng(n_features)
    scale = 10.0 ** rng.uniform(-3, 5, n_features)
    X = (scale * rng.normal(1.0, 1.0, size=(3_001, n_features))).astype(np.float32)
    X[rng.random(X.shape) < 0.2] = np.nan
    X[:, 0] = 3.25  # does not vary
    if n_features > 2:
        X[:, -1] = np.nan  # never known
    labels = np.arange(len(X)) % 2
    learner = classifier("mlp", epochs=1, early_stopping=False).fit(X, labels).learner_
    imputer = SimpleImputer(strategy="median", keep_empty_features=True).fit(X)
    scaler = StandardScaler().fit(imputer.transform(X))
    assert_array_equal(learner.medians, imputer.statistics_.astype(np.float32))
    assert_array_equal(learner.mean, scaler.mean_.astype(np.float32))
    assert_array_equal(learner.scale, (1 / scaler.scale_).astype(np.float32))


def test_many_rows_are_answered_part_by_part():
    X, y = table(9_001, missing=0.1)
    model = classifier("mlp", epochs=2).fit(X[:600], y[:600])
    expected = np.concatenate([model.predict_proba(part) for part in np.array_split(X, 20)])
    assert_allclose(model.predict_proba(X), expected, rtol=0, atol=1e-6)
