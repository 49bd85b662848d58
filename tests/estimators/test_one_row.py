"""One row gets the answer that it has in a batch, to the last bit, without asking xgboost."""

import copy
import pickle

import numpy as np
import pytest
import xgboost

from novin_ml import DeliveryClassifier, MotionClassifier
from novin_ml.estimators.learners import BoostingLearner, Calibration
from novin_ml.estimators.learners.one_row import one_row_of
from tests.estimators.tables import table

LEAVES_OF_64 = {"max_depth": 6, "min_child_weight": 0.0, "gamma": 0.0}
CASES = {
    "depth by depth": {},
    "64 leaves": LEAVES_OF_64,
    "by leaves": {"grow_policy": "lossguide", "max_leaves": 24, "max_depth": 12},
    "one split": {"max_depth": 1},
    "pruned": {"gamma": 2.0},
    "a share of the columns": {"colsample_bynode": 0.5, "subsample": 0.7},
}


def trained(n_classes=2, params=None, *, epochs=30, **options):
    X, y = table(1_500, n_classes=n_classes, missing=0.1)
    model = DeliveryClassifier(
        epochs=epochs, learner_params=params or {}, n_jobs=1, random_state=0, **options
    )
    return model.fit(X, y)


def rows_of(learner):
    """Rows with and without missing values, and rows of thresholds and of their neighbours."""
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(200, learner.n_features)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    splits = learner.booster.trees_to_dataframe().query("Feature != 'Leaf'")
    for column in range(learner.n_features):
        cuts = splits.loc[splits["Feature"] == f"f{column}", "Split"].to_numpy(np.float32)
        if len(cuts):
            drawn = rng.choice(cuts, 60)
            rows[:60, column] = drawn
            rows[60:80, column] = np.nextafter(drawn[:20], np.float32(-np.inf))
            rows[80:100, column] = np.nextafter(drawn[:20], np.float32(np.inf))
    return np.concatenate([rows, np.full((1, learner.n_features), np.nan, dtype=np.float32)])


def assert_same_alone(learner):
    rows = rows_of(learner)
    for method in (learner.margins, learner.predict_proba):
        alone = np.concatenate([method(rows[i : i + 1]) for i in range(len(rows))])
        batch = method(rows)
        assert alone.dtype == batch.dtype == np.float32
        np.testing.assert_array_equal(alone, batch)


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("params", CASES.values(), ids=CASES)
def test_a_row_alone_has_the_bits_that_it_has_in_a_batch(params, n_classes):
    learner = trained(n_classes, params, early_stopping=False).learner_
    assert learner._one_row is not None
    assert_same_alone(learner)
    scaled = learner.with_calibration(Calibration(np.float32(0.7), np.float32(0)))
    assert_same_alone(scaled)
    assert_same_alone(trained(n_classes, params).learner_)


def test_a_tree_of_64_leaves_is_held_and_one_of_more_is_left_to_xgboost():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4_000, 4)).astype(np.float32)
    y = rng.random(4_000) < 0.5
    free = {"min_child_weight": 0.0, "grow_policy": "lossguide", "max_depth": 0}
    for max_leaves, is_held in ((64, True), (65, False)):
        params = {**free, "max_leaves": max_leaves}
        model = DeliveryClassifier(
            epochs=3, early_stopping=False, learner_params=params, n_jobs=1, random_state=0
        ).fit(X, y)
        table_of = model.learner_.booster.trees_to_dataframe()
        leaves = table_of[table_of["Feature"] == "Leaf"].groupby("Tree").size()
        assert leaves.max() == max_leaves
        assert (model.learner_._one_row is not None) == is_held
        assert_same_alone(model.learner_)


def test_a_margin_far_from_zero_has_the_same_bits():
    X = np.repeat(np.float32([[0], [1]]), 800, axis=0)
    y = np.arange(1_600) >= 800
    steep = {"learning_rate": 60.0, "min_child_weight": 0.0, "reg_lambda": 0.0}
    model = DeliveryClassifier(
        epochs=8, early_stopping=False, learner_params=steep, n_jobs=1, random_state=0
    ).fit(X, y)
    assert np.abs(model.learner_.margins(X)).max() > 89
    assert_same_alone(model.learner_)


def test_a_booster_of_other_margins_is_left_to_xgboost(monkeypatch):
    """As a version of xgboost would be that adds up the leaves in another order."""
    learner = trained().learner_
    assert one_row_of(learner.booster, n_features=learner.n_features, n_classes=2) is not None

    class Other:
        def save_raw(self, raw_format):
            return learner.booster.save_raw(raw_format)

        def inplace_predict(self, X, **options):
            return np.nextafter(learner.booster.inplace_predict(X, **options), np.float32(9))

    assert one_row_of(Other(), n_features=learner.n_features, n_classes=2) is None


def test_a_booster_that_no_estimator_trains_is_left_to_xgboost():
    X, y = table(300, n_classes=3)
    forest = {"objective": "multi:softprob", "num_class": 3, "num_parallel_tree": 2}
    booster = xgboost.train(forest, xgboost.DMatrix(X, y), 2)
    assert one_row_of(booster, n_features=X.shape[1], n_classes=3) is None
    learner = BoostingLearner(booster, X.shape[1], 3)
    assert_same_alone(learner)


def test_what_is_prepared_is_not_saved_and_not_copied():
    learner = trained().learner_
    before = pickle.dumps(learner)
    learner.margins(np.zeros((1, learner.n_features), dtype=np.float32))
    assert "_one_row" in vars(learner)
    assert len(pickle.dumps(learner)) == len(before)
    for again in (copy.deepcopy(learner), pickle.loads(before)):
        assert "_one_row" not in vars(again)
        assert_same_alone(again)


def test_a_motion_of_one_row_has_the_bits_of_the_batch():
    X, y = table(12_000, n_features=24, n_classes=6, missing=0.05)
    model = MotionClassifier(n_jobs=1, epochs=20, random_state=0).fit(X, y)
    assert model.learner_._one_row is not None
    rows = X[:300]
    alone = np.concatenate([model.predict_proba(rows[i : i + 1]) for i in range(len(rows))])
    np.testing.assert_array_equal(alone, model.predict_proba(rows))
