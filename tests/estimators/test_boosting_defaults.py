"""The defaults of boosting follow the table; what is given replaces them."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from novin_ml import DeliveryClassifier, MotionClassifier
from novin_ml.estimators.learners.boosting_defaults import (
    FEW_ROWS,
    MANY_ROWS,
    default_params,
    default_rounds,
)
from tests.estimators.tables import table


def config(model):
    """Return xgboost's own record of its training parameters."""
    document = json.loads(model.learner_.booster.save_config())
    updater = document["learner"]["gradient_booster"]["tree_train_param"]
    return {name: float(updater[name]) for name in NAMES}


NAMES = ("learning_rate", "max_depth", "min_child_weight", "subsample", "colsample_bynode")


@pytest.mark.parametrize(
    ("n_rows", "expected"),
    [
        (FEW_ROWS - 1, (0.05, 4, 0.25, 0.6, 0.5)),
        (FEW_ROWS, (0.05, 6, 1, 1, 0.5)),
        (MANY_ROWS - 1, (0.05, 6, 1, 1, 0.5)),
        (MANY_ROWS, (0.2, 6, 5, 1, 1)),
    ],
)
def test_defaults_follow_the_number_of_rows(n_rows, expected):
    X, y = table(n_rows, n_features=4)
    rounds = default_rounds(n_rows)
    params = default_params(n_rows, 2, 4, rounds)
    got = tuple(params.get(name, 1) for name in NAMES)
    assert got == pytest.approx(expected)
    # Two rounds show it: what they change, the step, is given.
    tree = {"learning_rate": params["learning_rate"]}
    model = DeliveryClassifier(epochs=2, learner_params=tree, random_state=0).fit(X, y)
    assert tuple(config(model).values()) == pytest.approx(expected)


def test_least_weight_of_a_leaf_follows_the_number_of_classes():
    assert default_params(100, 10, 4, 200)["min_child_weight"] == pytest.approx(0.05)


@pytest.mark.parametrize(("rounds", "step"), [(400, 0.05), (200, 0.05), (100, 0.1), (5, 0.3)])
def test_fewer_rounds_take_larger_steps(rounds, step):
    assert default_params(100, 2, 4, rounds)["learning_rate"] == pytest.approx(step)


def test_defaults_of_a_family_hold_for_many_rows_only():
    few, many = (table(n_rows, n_features=4) for n_rows in (300, MANY_ROWS))
    motion = MotionClassifier(epochs=2, early_stopping=False, random_state=0)
    delivery = DeliveryClassifier(epochs=2, early_stopping=False, random_state=0)
    answers = [model.fit(*few).predict_proba(few[0]) for model in (motion, delivery)]
    assert_array_equal(*answers)
    assert config(motion.fit(*many))["learning_rate"] == pytest.approx(0.3)


def test_what_is_given_replaces_the_default():
    X, y = table(300)
    tree = {"subsample": 0.9, "eta": 0.01, "max_depth": 2}
    got = config(DeliveryClassifier(epochs=2, learner_params=tree, random_state=0).fit(X, y))
    assert (got["subsample"], got["learning_rate"], got["max_depth"]) == pytest.approx(
        (0.9, 0.01, 2)
    )


def test_draw_of_rows_does_not_depend_on_their_order():
    X, y = table(300, missing=0.1)
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))
    order = np.random.default_rng(1).permutation(len(y))
    model = DeliveryClassifier(epochs=10, random_state=0)
    expected = model.fit(X, y, weight).predict_proba(X)
    got = model.fit(X[order], y[order], weight[order]).predict_proba(X)
    assert_array_equal(got, expected)
    other = DeliveryClassifier(epochs=10, random_state=1).fit(X, y, weight).predict_proba(X)
    assert not np.array_equal(other, expected)
