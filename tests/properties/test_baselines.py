"""Laws of a home's baseline, each of a sentence of the guide: see `tests.properties.sentences`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from novin_ml import BehaviorAnomalyDetector
from novin_ml.lifecycle import fit_fleet, load_estimator, load_fleet, save_estimator
from tests.properties.fits import seeds

DAY = 86_400.0


class Log:
    """Rows of a home and their times, and the parameters of a small detector."""

    def __init__(self, params: dict, X: np.ndarray, times: np.ndarray) -> None:
        self.params, self.X, self.times = params, X, times

    def __repr__(self) -> str:
        return f"Log({self.params}, rows={self.X.shape})"

    def model(self, **params) -> BehaviorAnomalyDetector:
        """Return the detector, not fitted."""
        return BehaviorAnomalyDetector(**{**self.params, **params})

    def fitted(self, **params) -> BehaviorAnomalyDetector:
        """Return the detector, fitted on all rows."""
        return self.model(**params).fit(self.X, timestamps=self.times)


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Draw a log: of few rows or around the rows of a tree, of a day or of months."""
    n_rows = draw(st.sampled_from((2, 3, 255, 256, 257, 600)) | st.integers(2, 60))
    rng = np.random.default_rng(draw(seeds))
    X = rng.normal(size=(n_rows, 3)).astype(np.float32)
    if draw(st.booleans()):
        X = np.round(X)  # ties, and columns that are constant in a node
    days = draw(st.sampled_from((1, 20, 21, 22, 90)))
    times = np.sort(rng.uniform(1.7e9, 1.7e9 + days * DAY, n_rows))
    params = {
        "n_estimators": draw(st.sampled_from((1, 12, 30))),
        "max_samples": draw(st.sampled_from(("auto", 0.5, 2))),
        "max_features": draw(st.sampled_from((1.0, 2))),
        "bootstrap": draw(st.booleans()),
        "random_state": draw(st.integers(0, 5)),
    }
    return Log(params, X, times)


def assert_same(model, other, X) -> None:
    """Assert that two detectors are one: scores, decisions, threshold and what they keep."""
    np.testing.assert_array_equal(other.score_samples(X), model.score_samples(X))
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    names = ("offset_", "state_", "n_days_", "required_days_", "alarm_bound_", "training_data_")
    names += ("n_alarms_in_training_", "calibration_scores_", "feature_summary_")
    for name in names:
        np.testing.assert_equal(getattr(other, name), getattr(model, name), err_msg=name)


@given(logs())
def test_the_score_of_a_row_does_not_depend_on_the_other_rows(log):
    model = log.fitted()
    whole = model.score_samples(log.X)
    alone = np.concatenate([model.score_samples(row[None]) for row in log.X[:40]])
    np.testing.assert_array_equal(alone, whole[:40])
    np.testing.assert_array_equal(model.score_samples(log.X[::-1])[::-1], whole)
    assert ((whole >= -1) & (whole <= 0)).all()


@given(logs(), seeds)
def test_the_same_random_state_gives_the_same_baseline(log, seed):
    expected = log.fitted()
    np.random.seed(seed)  # noqa: NPY002
    state = log.params["random_state"]
    assert_same(expected, log.fitted(random_state=np.random.RandomState(state)), log.X)
    assert_same(expected, log.fitted(random_state=np.int8(state)), log.X)
    assert_same(expected, clone(expected).fit(log.X, timestamps=log.times), log.X)
    again = log.fitted().fit(-log.X).fit(log.X, timestamps=log.times)
    assert_same(expected, again, log.X)


FORMS = {
    "float64": lambda X: X.astype(np.float64),
    "Fortran order": np.asfortranarray,
    "lists": lambda X: X.tolist(),
    "table": pd.DataFrame,
    "nullable": lambda X: pd.DataFrame(X).astype("Float32"),
    "names": lambda X: pd.DataFrame(X, columns=["x", "a b", "é"]),
}


@given(
    logs(),
    st.sampled_from(tuple(FORMS)),
    st.sampled_from((np.asarray, list, pd.Series, lambda t: pd.Series(t).astype("Float64"))),
)
def test_the_form_of_rows_and_times_does_not_matter_and_labels_are_ignored(log, form, kind):
    expected = log.fitted()
    rows = FORMS[form](log.X)
    model = log.model().fit(rows, y=np.arange(len(log.X)), timestamps=kind(log.times))
    np.testing.assert_array_equal(model.score_samples(rows), expected.score_samples(log.X))
    assert model.offset_ == expected.offset_


@given(logs())
def test_a_baseline_that_is_learning_never_alarms(log):
    without = log.model().fit(log.X)
    short = log.fitted(learning_days=1_000)
    for model in (without, short):
        assert model.state_ == "learning"
        assert (model.predict(log.X) == 1).all()
        assert (model.decision_function(log.X) >= 0).all()
        np.testing.assert_array_equal(model.score_samples(log.X), without.score_samples(log.X))


@given(logs(), st.sampled_from((0.2, 0.5, 1.0, 1.5, 2.0)))
def test_a_budget_that_is_changed_is_that_of_a_fit(log, budget):
    changed = log.fitted().set_alarms_per_week(budget)
    fitted = log.fitted(alarms_per_week=budget)
    for name in ("state_", "required_days_", "offset_", "n_alarms_in_training_", "alarm_bound_"):
        assert getattr(changed, name) == getattr(fitted, name), name
    np.testing.assert_array_equal(changed.predict(log.X), fitted.predict(log.X))
    if fitted.state_ == "ready":
        assert fitted.alarm_bound_ <= budget
    back = changed.set_alarms_per_week(1.0)
    assert back.offset_ == log.fitted().offset_


@given(logs())
def test_contributions_add_up_and_the_largest_comes_first(log):
    model = log.fitted()
    forest = model.learner_
    row = log.X[0]
    reasons = model.explain(row)
    shares = [each.contribution for each in reasons]
    assert shares == sorted(shares, reverse=True)
    shorter = (forest.root_path_length - forest.path_lengths(row[None])[0]) / forest.n_trees
    assert sum(shares) == pytest.approx(shorter, abs=1e-9)


@given(logs(), st.sampled_from(("model", "model.novin")))
def test_a_loaded_baseline_is_the_baseline(log, name):
    model = log.fitted()
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_estimator(save_estimator(model, Path(folder) / name))
    assert_same(model, loaded, log.X)
    assert loaded.get_params() == model.get_params()
    assert loaded.set_alarms_per_week(0.5).offset_ == model.set_alarms_per_week(0.5).offset_


homes = st.lists(st.integers(2, 12), min_size=1, max_size=4)


@given(homes, st.randoms(use_true_random=False), seeds)
def test_a_homes_baseline_does_not_depend_on_the_other_homes_or_their_order(sizes, random, seed):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        rng.normal(size=(sum(sizes), 2)).astype(np.float32), columns=["a", "b"]
    ).assign(home_id=np.repeat([f"home {i}" for i in range(len(sizes))], sizes))
    order = list(range(len(sizes)))
    random.shuffle(order)
    tables = [rows[rows["home_id"] == f"home {i}"] for i in order]
    detector = BehaviorAnomalyDetector(n_estimators=5)
    with tempfile.TemporaryDirectory() as folder:
        options = {"estimator": detector, "random_state": 0, "n_jobs": 1}
        fit_fleet(rows, out=f"{folder}/whole", **options)
        fit_fleet(tables, out=f"{folder}/parts", **options)
        fit_fleet(tables[0], out=f"{folder}/one", **options)
        whole, parts = load_fleet(f"{folder}/whole"), load_fleet(f"{folder}/parts")
        one = load_fleet(f"{folder}/one")
        assert sorted(whole) == sorted(parts)
        for home in whole:
            X = rows.loc[rows["home_id"] == home, ["a", "b"]]
            expected = whole[home].score_samples(X)
            np.testing.assert_array_equal(parts[home].score_samples(X), expected)
            if home in one:
                np.testing.assert_array_equal(one[home].score_samples(X), expected)
