"""The detector: learning, ready, its alarms and what it says about them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from novin_ml import BehaviorAnomalyDetector
from novin_ml.estimators import make_behavior_pipeline
from novin_ml.events import training_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import BEHAVIOR_FEATURES
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_deliveries

DAY = 86_400.0


def home(n_rows=2500, n_days=60.0, *, seed=0, n_features=5):
    """Feature rows and their ascending times, the first at 0:00 of a day."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    times = 1.7e9 // DAY * DAY + np.sort(rng.uniform(0, n_days * DAY, n_rows))
    times[0], times[-1] = 1.7e9 // DAY * DAY, 1.7e9 // DAY * DAY + n_days * DAY
    return X, times


def detector(**params):
    return BehaviorAnomalyDetector(**{"n_estimators": 40, "random_state": 0} | params)


def alarmed_hours(model, X, times):
    return len(np.unique(times[model.predict(X) == -1] // 3600))


def test_a_ready_home_alarms_in_the_hours_that_it_says():
    X, times = home()
    model = detector().fit(X, timestamps=times)
    assert model.state_ == "ready"
    assert alarmed_hours(model, X, times) == model.n_alarms_in_training_ in (3, 4)
    assert 0.9 < model.alarm_bound_ <= 1
    assert model.n_days_ == 60


@pytest.mark.parametrize("n_rows", [900, 9000])
@pytest.mark.parametrize("budget", [0.5, 1, 5])
def test_the_threshold_is_that_of_scoring_everything(n_rows, budget):
    X, times = home(n_rows)
    model = detector(alarms_per_week=budget, n_estimators=100).fit(X, timestamps=times)
    hours = pd.Series(model.score_samples(X)).groupby(times // 3600).min()
    hours, n_alarms = np.sort(hours), model.n_alarms_in_training_
    assert model.offset_ < hours[n_alarms] - 1e-6
    assert n_alarms == 0 or model.offset_ > hours[n_alarms - 1] + 0.9e-6


@pytest.mark.parametrize(
    ("n_days", "params", "state"),
    [
        (20, {}, "unproven"),  # 21 quiet days prove one alarm a week
        (22, {}, "ready"),
        (22, {"alarms_per_week": 0.5}, "unproven"),
        (22, {"confidence": 0.99}, "unproven"),
        (12, {"alarms_per_week": 7}, "learning"),
        (12, {"alarms_per_week": 7, "learning_days": 10}, "ready"),
        (1, {"alarms_per_week": 100, "learning_days": 0}, "ready"),
    ],
)
def test_learning_ends_with_the_days_that_prove_the_budget(n_days, params, state):
    X, times = home(n_days=n_days)
    model = detector(**params).fit(X, timestamps=times)
    assert model.state_ == state
    assert (model.n_days_ >= model.required_days_) == (state == "ready")
    assert (model.alarm_bound_ > model.alarms_per_week) == (state == "unproven")


@pytest.mark.parametrize("dated", [False, True])
def test_while_learning_it_scores_and_never_alarms(dated):
    X, times = home(n_days=10)
    model = detector().fit(X, timestamps=times if dated else None)
    assert model.state_ == "learning"
    strange = np.vstack([X, np.full((1, 5), 1e6, dtype=np.float32)])
    scores = model.score_samples(strange)
    assert scores[-1] < np.median(scores)
    np.testing.assert_array_equal(model.predict(strange), 1)
    assert model.offset_ == -1
    assert model.n_alarms_in_training_ == 0


@pytest.mark.parametrize(("every", "n_days"), [(3, 30), (5, 7)])
def test_long_silences_do_not_count(every, n_days):
    X, times = home(n_days=30)
    seen = (times - times[0]) // DAY % every == 0
    model = detector(learning_days=40).fit(X[seen], timestamps=times[seen])
    assert model.n_days_ == n_days
    assert model.state_ == "learning"


def test_a_new_budget_is_that_of_a_new_fit():
    X, times = home()
    model = detector().fit(X, timestamps=times)
    for budget in (0.4, 2, 0.05, 1):
        model.set_alarms_per_week(budget)
        other = detector(alarms_per_week=budget).fit(X, timestamps=times)
        for name in ("alarms_per_week", "offset_", "alarm_bound_", "required_days_"):
            assert getattr(model, name) == getattr(other, name)
        assert model.state_ == other.state_ == ("ready" if budget > 0.1 else "unproven")


@pytest.mark.filterwarnings("ignore:The detector keeps only:UserWarning")
def test_a_larger_budget_alarms_no_less():
    X, times = home()
    model = detector().fit(X, timestamps=times)
    n_alarms, offsets = [], []
    for budget in (0.5, 1, 2, 4, 8, 1000):
        model.set_alarms_per_week(budget)
        assert model.alarm_bound_ <= budget
        n_alarms.append(model.n_alarms_in_training_)
        offsets.append(model.offset_)
    assert n_alarms == sorted(n_alarms)
    assert offsets == sorted(offsets)
    assert n_alarms[-1] == len(model.calibration_scores_) - 1  # as far as hours are known


@pytest.mark.parametrize("budget", [0, -1, "many", np.nan])
def test_a_budget_that_is_none_is_refused_and_changes_nothing(budget):
    X, times = home()
    model = detector().fit(X, timestamps=times)
    offset = model.offset_
    with pytest.raises(ValueError, match="'alarms_per_week' parameter"):
        model.set_alarms_per_week(budget)
    assert model.alarms_per_week == 1
    assert model.offset_ == offset


def test_alarms_within_an_hour_count_once():
    X, times = home()
    hour = times[0] + 40 * DAY
    X[1000:1040] = 50 * np.random.default_rng(1).normal(size=(40, 5))
    times[1000:1040] = hour + np.arange(40) * 80
    model = detector().fit(X, timestamps=times)
    assert np.count_nonzero(model.predict(X[1000:1040]) == -1) > 20
    assert alarmed_hours(model, X, times) == model.n_alarms_in_training_ <= 4


def test_order_of_rows_does_not_matter_for_the_calendar():
    X, times = home()
    order = np.random.default_rng(0).permutation(len(X))
    model = detector().fit(X[order], timestamps=times[order])
    straight = detector().fit(X, timestamps=times)
    assert model.n_days_ == straight.n_days_
    assert model.state_ == straight.state_


def test_scores_are_the_same_alone_and_among_others():
    X, times = home()
    model = detector().fit(X, timestamps=times)
    scores = model.score_samples(X)
    np.testing.assert_array_equal(
        scores[:30], [model.score_samples(X[i : i + 1])[0] for i in range(30)]
    )
    np.testing.assert_array_equal(model.decision_function(X), scores - model.offset_)


@pytest.mark.parametrize("planted", [0, 3])
def test_the_feature_that_is_strange_is_named_first(planted):
    names = ["a", "b", "c", "d", "e"]
    X, times = home()
    model = detector().fit(pd.DataFrame(X, columns=names), timestamps=times)
    row = pd.DataFrame(np.zeros((1, 5), dtype=np.float32), columns=names)
    row.iloc[0, planted] = 30
    parts = model.explain(row)
    assert parts[0].name == names[planted]
    assert parts[0].value == 30
    assert parts[0].contribution > 5 * abs(parts[1].contribution)
    assert [part.contribution for part in parts] == sorted(
        (part.contribution for part in parts), reverse=True
    )
    assert model.explain(row.iloc[0]) == parts
    learner = model.learner_
    path = learner.path_lengths(row.to_numpy())[0]
    shorter = sum(part.contribution for part in parts) * learner.n_trees
    assert shorter == pytest.approx(learner.root_path_length - path, rel=1e-12)


def test_explaining_takes_one_row():
    X, times = home()
    model = detector().fit(X, timestamps=times)
    assert model.explain(X[0])[0] == model.explain(X[:1])[0]
    assert model.explain(X[0])[0].meaning.startswith("column 'feature_")
    with pytest.raises(ValueError, match=r"must be one row\. Got 2\."):
        model.explain(X[:2])


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_rows_that_are_not_finite_are_refused(bad):
    X, times = home()
    model = detector().fit(X, timestamps=times)
    broken = X[:5].astype(np.float64)
    broken[2, 1] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        model.score_samples(broken)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        detector().fit(broken)


def test_times_that_do_not_fit_are_refused():
    X, times = home()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        detector().fit(X, timestamps=times[:-1])
    times[3] = np.nan
    with pytest.raises(ValueError, match="'timestamps' parameter must be"):
        detector().fit(X, timestamps=times)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_estimators", 0),
        ("max_samples", 1),
        ("max_samples", 1.5),
        ("max_features", 0),
        ("max_features", 6),
        ("confidence", 1.0),
        ("learning_days", -1),
        ("bootstrap", "yes"),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of|'{name}' parameter must"):
        detector(**{name: value}).fit(home()[0])


def test_rows_and_columns_of_a_tree_are_those_asked_for():
    X, _ = home(400)
    for given, expected in (("auto", 256), (50, 50), (4000, 400), (0.25, 100), (1e-9, 2)):
        assert detector(max_samples=given).fit(X).learner_.max_samples == expected
    for given, expected in ((1.0, 5), (2, 2), (0.5, 2), (0.01, 1)):
        learner = detector(max_features=given).fit(X).learner_
        columns = [
            np.unique(part[part >= 0]).size
            for part in np.split(learner.feature, learner.tree_offsets[1:-1])
        ]
        assert max(columns) == expected


def test_fitting_again_gives_the_same():
    X, times = home()
    model = detector().fit(X, timestamps=times)
    other = clone(model).fit(X, timestamps=times)
    np.testing.assert_array_equal(model.score_samples(X), other.score_samples(X))
    assert model.offset_ == other.offset_
    assert model.training_data_ == other.training_data_
    assert model.feature_summary_.shape == (34, 5)
    shifted = clone(model).fit(X, timestamps=times + 1)
    assert shifted.training_data_["sha256"] != model.training_data_["sha256"]


def test_a_pipeline_goes_from_events_to_alarms():
    events, _ = training_events(simulate_deliveries(4000, n_homes=1, random_state=0))
    model = make_behavior_pipeline(n_estimators=40, alarms_per_week=7, random_state=0)
    model.fit(events, detector__timestamps=events["timestamp"])
    fitted = model["detector"]
    assert [spec.name for spec in fitted.feature_specs_] == [s.name for s in BEHAVIOR_FEATURES]
    scores = model.score_samples(events)
    assert scores.shape == (len(events),)
    row = model["features"].transform(events).iloc[[int(scores.argmin())]]
    assert fitted.explain(row)[0].meaning in {spec.meaning for spec in BEHAVIOR_FEATURES}


def test_a_pipeline_is_of_one_home(tmp_path):
    events, _ = training_events(simulate_deliveries(600, n_homes=2, random_state=0))
    first, second = events["home_id"].unique()
    with pytest.raises(InvalidEventError, match=r"log of one home\. Got 2"):
        make_behavior_pipeline().fit(events, detector__timestamps=events["timestamp"])
    log, others = (events[events["home_id"] == home] for home in (first, second))
    model = make_behavior_pipeline(n_estimators=10, random_state=0)
    model.fit(log, detector__timestamps=log["timestamp"])
    for each in (model, load_estimator(save_estimator(model, tmp_path / "m.novin"))):
        each.predict(log)  # warns of nothing, or this test would fail
        with pytest.warns(
            UserWarning, match=f"fitted, {first}. Got some of others, such as '{second}'"
        ):
            each.predict(others)
        with pytest.warns(UserWarning, match="of its own"):
            each.score_samples(events)
