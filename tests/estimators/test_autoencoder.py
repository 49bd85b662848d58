"""The autoencoder of a home's baseline: its score, its threshold and its parameters."""

import numpy as np
import pytest

from novin_ml import BehaviorAnomalyDetector
from novin_ml.estimators import get_weights, make_behavior_pipeline, set_weights
from novin_ml.estimators.alarm_budget import HOUR, lowest_of_hours
from novin_ml.estimators.learners import AutoencoderLearner
from novin_ml.evaluation import attribute, explain
from novin_ml.events import training_events
from novin_ml.exceptions import SavedModelError, UnsupportedLearnerError
from novin_ml.federated import homes_of, train_federated
from novin_ml.lifecycle import save_estimator
from novin_ml.simulation import simulate_behavior

DAY = 86_400.0


def rows(n=1_500, seed=0):
    """Rows on a plane: three of five columns follow from the others."""
    base = np.random.default_rng(seed).normal(size=(n, 2))
    columns = [base, base.sum(axis=1), base[:, 0] - base[:, 1], 3 * base[:, 1]]
    return np.column_stack(columns).astype(np.float32)


def seconds(days, n=1_500):
    return 1.7e9 + np.linspace(0, days * DAY, n)


def fitted(days=60, X=None, **params):
    model = BehaviorAnomalyDetector(algorithm="autoencoder", random_state=0, **params)
    X = rows() if X is None else X
    return model.fit(X, timestamps=None if days is None else seconds(days, len(X)))


@pytest.fixture(scope="module")
def model():
    return fitted()


def test_the_score_is_of_the_squared_error(model):
    X = rows(200, 3)
    network = model.learner_.network
    # Beside the learner: standardised rows through the layers in float64.
    inputs = (X.astype(np.float64) - network.mean) * network.scale
    layer = inputs
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        layer = np.tanh(layer @ weight + bias)
    error = np.square(layer @ network.weights[-1] + network.biases[-1] - inputs).mean(axis=1)
    np.testing.assert_allclose(-model.score_samples(X), error / (1 + error), rtol=1e-3, atol=1e-7)


def test_it_learns_what_belongs_together(model):
    usual, broken = rows(300, 5), rows(300, 5)
    broken[:, 2] = -broken[:, 2]  # each column alone is as usual
    far = np.abs(usual[:, 2]) > 1
    scores = [-model.score_samples(X[far]) for X in (usual, broken)]
    assert np.quantile(scores[1], 0.1) > np.quantile(scores[0], 0.9)


@pytest.mark.parametrize("budget", [1.0, 7.0])
def test_its_threshold_is_a_budget_as_that_of_the_forest(budget):
    model = fitted(alarms_per_week=budget)
    X, times = rows(), seconds(60)
    assert model.state_ == "ready"
    assert 0 < model.alarm_bound_ <= budget
    hours = np.floor(times / HOUR)
    alarms = np.unique(hours[model.predict(X) == -1])
    assert len(alarms) == model.n_alarms_in_training_ > 0
    lowest = lowest_of_hours(model.score_samples(X), hours)
    kept = model.calibration_scores_
    np.testing.assert_allclose(kept, lowest[: len(kept)], rtol=1e-5)
    assert fitted(days=5).state_ == fitted(days=None).state_ == "learning"


def test_the_same_seed_makes_the_same_network(model):
    assert get_weights(fitted()).tobytes() == get_weights(model).tobytes()
    other = BehaviorAnomalyDetector(algorithm="autoencoder", random_state=1).fit(rows())
    assert get_weights(other).tobytes() != get_weights(model).tobytes()


def test_few_rows_hold_none_back():
    model = fitted(days=None, X=rows(20), learner_params={"epochs": 2})
    assert np.isfinite(model.score_samples(rows(20))).all()


def test_other_weights_need_a_threshold_of_their_own(model):
    values = get_weights(model)
    changed = set_weights(model, values * np.float32(0.9))
    assert (changed.state_, changed.offset_, changed.alarm_bound_) == ("learning", -1.0, 0.0)
    assert (model.state_, get_weights(model).tobytes()) == ("ready", values.tobytes())
    X, times = rows(), seconds(60)
    assert (changed.predict(20 * X) == 1).all()
    assert changed.calibrate(X, timestamps=times) is changed
    assert changed.state_ == "ready"
    # With its own weights and its own log it is the detector that was fitted.
    back = set_weights(changed, values).calibrate(X, timestamps=times)
    assert (back.offset_, back.alarm_bound_) == (model.offset_, model.alarm_bound_)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        changed.calibrate(X, timestamps=times[:-1])


def test_reasons_are_shares_of_the_error(model):
    row = rows(1, 9)
    row[0, 4] += 8
    reasons = model.explain(row)
    assert reasons[0].name == "feature_4"
    error = sum(reason.contribution for reason in reasons)
    assert np.isclose(-model.score_samples(row)[0], error / (1 + error))
    assert explain(model, row[0])[0].name == "feature_4"
    assert "squared errors" in attribute(model, row[0]).method


def test_rows_that_are_too_large_are_unusual(model):
    row = np.full((1, 5), 3e38, dtype=np.float32)
    assert model.score_samples(row).tolist() == [-1.0]
    assert model.predict(row).tolist() == [-1]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"algorithm": "mlp"}, "'algorithm' parameter of BehaviorAnomalyDetector must be a str am"),
        ({"learner_params": {"epochs": 0}}, "'epochs' parameter of learner_params must be an int"),
        ({"learner_params": {"patience": 1.5}}, "'patience' parameter of learner_params"),
        (
            {"learner_params": {"activation": "identity"}},
            "'activation' parameter of learn",
        ),
        ({"learner_params": {"hidden_layer_sizes": (3, 0)}}, "must have positive widths"),
        ({"learner_params": {"epoch": 3}}, "Got epoch=3 instead. Did you mean 'epochs'"),
        ({"algorithm": "isolation", "learner_params": {"epochs": 2}}, "must be None for algorithm"),
        ({"learner_params": [3]}, "'learner_params' parameter of BehaviorAnomalyDetector"),
    ],
)
def test_parameters_are_checked(params, said):
    params = {"algorithm": "autoencoder"} | params
    with pytest.raises(ValueError, match=said):
        BehaviorAnomalyDetector(**params).fit(rows(60))


def test_a_forest_and_a_federation_are_refused(model, tmp_path):
    with pytest.raises(UnsupportedLearnerError, match="baseline with algorithm='autoencoder'"):
        get_weights(BehaviorAnomalyDetector(n_estimators=2).fit(rows(60)))
    homes, _ = homes_of(rows(40), list("ab") * 20, ["x", "y"] * 20)
    with pytest.raises(UnsupportedLearnerError, match=r"Average autoencoders of phones by aggreg"):
        train_federated(model, homes)
    changed = fitted(days=None, X=rows(60), learner_params={"epochs": 1})
    changed.set_params(algorithm="isolation", learner_params=None)
    with pytest.raises(SavedModelError, match="must be the one that was fitted, 'autoencoder'"):
        save_estimator(changed, tmp_path / "x")


def test_a_pipeline_takes_the_events_of_a_home():
    events = simulate_behavior(weeks=4, usual_weeks=4, random_state=0).assign(consent=True)
    log, _ = training_events(events)
    model = make_behavior_pipeline(
        algorithm="autoencoder", learner_params={"epochs": 5}, random_state=0
    ).fit(log, detector__timestamps=log["timestamp"])
    assert isinstance(model[-1].learner_, AutoencoderLearner)
    assert model[-1].state_ == "ready"
    assert set(model.predict(log[-200:])) <= {-1, 1}
