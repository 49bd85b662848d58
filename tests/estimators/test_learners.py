"""Every learner keeps the protocol: margins, calibration, parameters and files."""

import inspect

import numpy as np
import pytest
from scipy.special import expit, softmax

from novin_ml.estimators.learners import LEARNERS, Calibration, FitOptions, Learner, Rows
from novin_ml.estimators.learners.calibration import UNCALIBRATED
from novin_ml.exceptions import InvalidParametersError, UnsupportedLearnerError
from tests.estimators.tables import SMALL_NETWORK, table

PARAMS = {"boosting": {}, "mlp": SMALL_NETWORK, "blend": {"mlp": SMALL_NETWORK}, "forest": {}}
METHODS = [
    name for name, value in vars(Learner).items() if callable(value) and not name.startswith("_")
] + ["from_files"]


@pytest.fixture(scope="module", params=[(kind, k) for kind in LEARNERS for k in (2, 3)], ids=str)
def trained(request):
    kind, n_classes = request.param
    return learner_of(kind, n_classes)


def learner_of(kind, n_classes=2, *, seed=0, calibrate=False, n_epochs=4):
    """A trained learner, and rows that it was not trained on."""
    X, codes = table(400, 3, n_classes, missing=0.1)
    held_back = Rows(X[300:], codes[300:]) if calibrate else None
    options = FitOptions(
        n_classes=n_classes,
        epochs=n_epochs,
        max_bytes=None,
        n_jobs=1,
        random_state=np.random.RandomState(seed),
        params=PARAMS[kind],
        calibrate=calibrate,
    )
    learner, _ = LEARNERS[kind][1](Rows(X[:300], codes[:300]), held_back, options)
    return learner, X[300:]


def link(margins):
    if margins.shape[1] == 1:
        second = expit(margins[:, 0])
        return np.column_stack([1 - second, second])
    return softmax(margins, axis=1)


def test_a_learner_has_every_method_with_the_parameters_of_the_protocol(trained):
    learner, _ = trained
    assert LEARNERS[learner.kind][0] is type(learner)
    assert {"margins", "parameters", "with_parameters", "with_calibration"} <= set(METHODS)
    for name in METHODS:
        own, said = (inspect.signature(getattr(each, name)) for each in (type(learner), Learner))
        assert list(own.parameters) == list(said.parameters), name


@pytest.mark.parametrize("calibrate", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("kind", LEARNERS)
def test_probabilities_are_the_link_of_the_margins(kind, n_classes, calibrate):
    learner, X = learner_of(kind, n_classes, calibrate=calibrate)
    margins = learner.margins(X)
    assert margins.shape == (len(X), 1 if n_classes == 2 else n_classes)
    assert margins.dtype == (np.float64 if kind == "blend" else np.float32)
    probabilities = learner.predict_proba(X)
    assert probabilities.shape == (len(X), n_classes)
    assert probabilities.dtype == np.float32
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert np.abs(link(margins.astype(np.float64)) - probabilities).max() < 1e-6


def test_a_calibration_is_of_the_margins_and_comes_after_one_that_is_there(trained):
    learner, X = trained
    before = learner.margins(X)
    same = learner.with_calibration(UNCALIBRATED)
    assert np.array_equal(same.margins(X), before)
    assert np.array_equal(same.predict_proba(X), learner.predict_proba(X))
    binary = before.shape[1] == 1
    first = Calibration(np.float32(0.5), np.float32(0.25 if binary else 0))
    second = Calibration(np.float32(3), np.float32(-1 if binary else 0))
    if learner.kind == "blend":
        with pytest.raises(UnsupportedLearnerError, match=r"part by part.*scale 0\.5.*calibrate=T"):
            learner.with_calibration(first)
        return
    once = learner.with_calibration(first)
    twice = once.with_calibration(second)
    assert once.margins(X) == pytest.approx(first(before), abs=1e-5)
    assert twice.margins(X) == pytest.approx(second(first(before)), abs=1e-5)
    assert np.abs(link(twice.margins(X).astype(np.float64)) - twice.predict_proba(X)).max() < 1e-6
    assert np.array_equal(learner.margins(X), before)  # it stays as it was


def test_files_bring_back_the_learner(trained):
    learner, X = trained
    shape = {"n_features": learner.n_features, "n_classes": learner.n_classes}
    again = type(learner).from_files(learner.to_files(), **shape)
    assert np.array_equal(again.margins(X), learner.margins(X))
    assert np.array_equal(again.predict_proba(X), learner.predict_proba(X))


def test_trees_have_no_parameters(trained):
    learner, _ = trained
    if learner.kind == "mlp":
        pytest.skip("A network has parameters.")
    for ask in (learner.parameters, lambda: learner.with_parameters({})):
        with pytest.raises(UnsupportedLearnerError, match=f"Got '{learner.kind}'.*algorithm='mlp'"):
            ask()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_parameters_go_round_and_change_nothing(n_classes):
    learner, X = learner_of("mlp", n_classes)
    parameters = learner.parameters()
    assert list(parameters) == ["weight_0", "bias_0", "weight_1", "bias_1"]
    assert list(learner_of("mlp", n_classes, seed=1)[0].parameters()) == list(parameters)
    assert all(array.dtype == np.float32 for array in parameters.values())
    expected = learner.predict_proba(X)
    in_other_order = dict(reversed(parameters.items()))
    for given in (parameters, in_other_order):
        again = learner.with_parameters(given)
        assert np.array_equal(again.predict_proba(X), expected)
        assert list(again.parameters()) == list(parameters)
        for name, array in again.parameters().items():
            assert np.array_equal(array, parameters[name])
    for array in parameters.values():
        array[...] = 0  # copies, going out and coming in
    assert np.array_equal(learner.predict_proba(X), expected)
    assert np.array_equal(again.predict_proba(X), expected)


def test_a_weighted_mean_of_two_networks_is_a_network():
    (first, X), (second, _) = (learner_of("mlp", 3, seed=seed) for seed in (0, 1))
    pairs = zip(first.parameters().items(), second.parameters().values(), strict=True)
    mean = {name: (0.25 * a + 0.75 * b).astype(np.float32) for (name, a), b in pairs}
    learner = first.with_parameters(mean)
    learner.check_shapes()
    answers = learner.predict_proba(X)
    assert np.isfinite(answers).all()
    for other in (first, second):
        assert not np.array_equal(answers, other.predict_proba(X))
    shape = {"n_features": learner.n_features, "n_classes": learner.n_classes}
    again = type(learner).from_files(learner.to_files(), **shape)
    assert np.array_equal(again.predict_proba(X), answers)


def without_bias(parameters):
    del parameters["bias_1"]


def with_more(parameters):
    parameters["weight_2"] = parameters["weight_1"]


def in_float64(parameters):
    parameters["weight_0"] = parameters["weight_0"].astype(np.float64)


def transposed(parameters):
    parameters["weight_0"] = parameters["weight_0"].T


def not_finite(parameters):
    parameters["bias_0"][0] = np.nan


def as_list(parameters):
    parameters["bias_0"] = parameters["bias_0"].tolist()


@pytest.mark.parametrize(
    ("damage", "got"),
    [
        (without_bias, "none named bias_1"),
        (with_more, "one more, named 'weight_2'"),
        (in_float64, "weight_0 (3, 16) of dtype float64"),
        (transposed, "weight_0 (16, 3) of dtype float32"),
        (not_finite, "bias_0 with a number that is not finite"),
        (as_list, "bias_0 as list"),
    ],
)
def test_parameters_of_another_form_are_refused_in_one_sentence(damage, got):
    learner, _ = learner_of("mlp", n_epochs=1)
    parameters = learner.parameters()
    damage(parameters)
    with pytest.raises(InvalidParametersError) as error:
        learner.with_parameters(parameters)
    assert str(error.value) == (
        "The parameters of this network must be finite float32 arrays: weight_0 (3, 16), "
        f"bias_0 (16,), weight_1 (16, 1), bias_1 (1,). Got {got}. "
        "Take them from the parameters of a network with the same layers."
    )
