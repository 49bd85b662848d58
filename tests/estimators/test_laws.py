"""Laws of training: those that were found to hold, and no others."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from tests.estimators.tables import ALGORITHMS, classifier, table

seeds = st.integers(0, 2**32 - 1)
shapes = st.fixed_dictionaries(
    {
        "n_rows": st.integers(300, 700),
        "n_features": st.integers(3, 6),
        "n_classes": st.integers(2, 4),
        "missing": st.sampled_from((0.0, 0.1)),
        "seed": seeds,
    }
)


# xgboost's quantile sketch holds 8 * max_bin rows and thins out more of them, by their order.
TREE = {"max_depth": 3, "max_bin": 128}


def boosting(**params):
    return classifier(early_stopping=False, learner_params=TREE, **params)


@given(shapes)
def test_boosting_does_not_see_the_order_of_rows(shape):
    X, y = table(**shape)
    order = np.random.default_rng(shape["seed"]).permutation(len(X))
    expected = boosting().fit(X, y).predict_proba(X)
    assert_array_equal(boosting().fit(X[order], y[order]).predict_proba(X), expected)


@given(shapes)
def test_boosting_does_not_see_the_order_of_features(shape):
    X, y = table(**shape)
    rng = np.random.default_rng(shape["seed"])
    order = rng.permutation(X.shape[1])
    # Rows of one weight have two gradients only, and two features that part them alike are a tie,
    # which goes to the feature that comes first. Rows of different weights have no ties.
    weight = rng.uniform(0.5, 1.5, len(y))
    # Draws of rows and of columns would follow the order of the columns.
    tree = {**TREE, "subsample": 1, "colsample_bynode": 1}
    model = boosting().set_params(learner_params=tree)
    expected = model.fit(X, y, weight).predict_proba(X)
    assert_array_equal(model.fit(X[:, order], y, weight).predict_proba(X[:, order]), expected)


@given(shapes)
def test_boosting_does_not_see_a_monotone_map_of_the_features(shape):
    X, y = table(**shape)
    X = np.round(500 * X)  # a grid on which the map is exact in float32

    def mapped(values):
        return values * np.abs(values) + np.float32(3)

    # Beyond what a column had, a split of missing values from the others has an end of its own.
    new = np.clip(np.roll(X, 1, axis=1), np.nanmin(X, axis=0), np.nanmax(X, axis=0))
    expected = boosting().fit(X, y).predict_proba(new)
    assert_array_equal(boosting().fit(mapped(X), y).predict_proba(mapped(new)), expected)


@given(shapes)
def test_boosting_does_not_see_the_names_of_labels(shape):
    X, y = table(**shape)
    names = np.array(["ant", "bee", "cat", "dog"])[: shape["n_classes"]]
    plain = boosting().fit(X, y)
    named = boosting().fit(X, names[y])
    assert_array_equal(named.classes_, names)
    assert_array_equal(named.predict_proba(X), plain.predict_proba(X))
    assert_array_equal(named.predict(X), names[plain.predict(X)])


@given(shapes)
def test_boosting_answers_the_same_with_one_thread_and_two(shape):
    X, y = table(**shape)
    expected = boosting(n_jobs=1).fit(X, y).predict_proba(X)
    got = boosting(n_jobs=2).fit(X, y).predict_proba(X)
    # Since 3.1 xgboost adds up the intercepts of several classes in as many parts as threads.
    assert_allclose(got, expected, rtol=0, atol=0 if shape["n_classes"] == 2 else 1e-6)


@given(seeds)
def test_boosting_with_subsampling_does_not_see_a_monotone_map(seed):
    X, y = table(seed=seed)
    X = np.round(500 * X)
    sampled = {"subsample": 0.7, "colsample_bytree": 0.7}
    plain = classifier(learner_params=sampled).fit(X, y)
    doubled = classifier(learner_params=sampled).fit(2 * X, y)
    assert_array_equal(doubled.predict_proba(2 * X), plain.predict_proba(X))


@given(shapes)
def test_boosting_answers_a_row_alone_as_in_a_batch(shape):
    X, y = table(**shape)
    model = boosting().fit(X, y)
    alone = np.concatenate([model.predict_proba(row[None]) for row in X[:50]])
    assert_array_equal(alone, model.predict_proba(X)[:50])


@pytest.mark.parametrize("n_classes", [2, 4])
def test_network_answers_a_row_alone_as_in_a_batch(n_classes):
    X, y = table(n_classes=n_classes, missing=0.1)
    model = classifier("mlp").fit(X, y)
    alone = np.concatenate([model.predict_proba(row[None]) for row in X[:50]])
    # BLAS adds up a single row in another order.
    assert_allclose(alone, model.predict_proba(X)[:50], rtol=0, atol=1e-6)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_training_again_gives_the_same_model(algorithm, early_stopping):
    X, y = table(missing=0.1)
    model = classifier(algorithm, early_stopping=early_stopping).fit(X, y)
    expected = model.predict_proba(X)
    assert_array_equal(clone(model).fit(X, y).predict_proba(X), expected)
    other = table(seed=1)
    assert_array_equal(model.fit(*other).fit(X, y).predict_proba(X), expected)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_pickled_model_answers_the_same(algorithm):
    X, y = table(missing=0.1, n_classes=3)
    model = classifier(algorithm, early_stopping=True).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.fit_report_ == model.fit_report_
