"""Laws of training, each of a sentence of the guide: see `tests.properties.sentences`."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.base import clone

from novin_ml import DeliveryClassifier
from novin_ml.estimators.learners import network_fit
from novin_ml.estimators.learners.boosting_defaults import default_params
from novin_ml.estimators.learners.forest.fit import DEFAULTS as FOREST_DEFAULTS
from novin_ml.estimators.learners.forest.fit import default_columns
from novin_ml.lifecycle import load_estimator, save_estimator
from tests.properties.fits import (
    CLASSIFIERS,
    assert_same,
    can_be_held,
    fits,
    in_rounds,
    learnt,
    parts_of,
    seeds,
)

near_the_limit = st.sampled_from((998, 999, 1000, 1001, 1010))


@given(
    fits(),
    st.sampled_from((None, "balanced", {0: 3.0, 1: 0.5})),
    st.booleans(),
    st.integers(1, 60),
    seeds,
)
def test_a_row_of_weight_0_is_left_out(fit, class_weight, weighted, n_more, seed):
    rng = np.random.default_rng(seed)
    weight = rng.choice([0.5, 1, 2], len(fit.y)).astype(np.float32) if weighted else None
    model = fit.model(class_weight=class_weight)
    model.fit(fit.X, fit.y, sample_weight=weight, groups=fit.groups)
    # The rows of no weight are unlike the others, and the first of all is one.
    place = np.sort(rng.integers(0, len(fit.y) + 1, n_more))
    place[0] = 0
    X = np.insert(fit.X, place, 50 * rng.normal(size=(n_more, 3)), axis=0)
    y = np.insert(fit.y, place, rng.integers(0, fit.y.max() + 1, n_more))
    groups = None
    if fit.groups is not None:
        groups = np.insert(fit.groups, place, rng.integers(0, 20, n_more))
    weights = np.insert(np.ones(len(fit.y)) if weight is None else weight, place, 0)
    other = fit.model(class_weight=class_weight)
    other.fit(X, y, sample_weight=weights, groups=groups)
    assert_same(model, other, X)


@given(fits(sizes=st.sampled_from((300, 1000))), st.integers(0, 1))
def test_a_label_of_weight_0_stays_a_class_and_its_rows_are_left_out(fit, label):
    model = fit.model(class_weight={label: 0})
    assume(len(np.unique(fit.y[fit.y != label])) > 1)
    model.fit(fit.X, fit.y, groups=None)
    assert model.classes_.tolist() == np.unique(fit.y).tolist()
    assert model.training_data_["n_samples"] == np.count_nonzero(fit.y != label)
    assert model.training_data_["class_counts"][label] == 0


@given(fits(), st.lists(st.sampled_from((0.5, 1, 2, 3)), min_size=3, max_size=3), st.booleans())
def test_class_weights_and_sample_weights_are_multiplied(fit, of_classes, own):
    weight = np.linspace(0.5, 2, len(fit.y)).astype(np.float32) if own else np.ones(len(fit.y))
    by_class = fit.model(class_weight=dict(enumerate(of_classes[: fit.y.max() + 1])))
    by_class.fit(fit.X, fit.y, sample_weight=weight if own else None, groups=fit.groups)
    product = weight * np.array(of_classes, dtype=np.float32)[fit.y]
    by_row = fit.model().fit(fit.X, fit.y, sample_weight=product, groups=fit.groups)
    assert_same(by_class, by_row, fit.X)


@given(fits())
def test_weights_of_1_are_none(fit):
    expected = fit.fitted()
    ones = fit.model().fit(fit.X, fit.y, sample_weight=np.ones(len(fit.y)), groups=fit.groups)
    assert_same(expected, ones, fit.X)
    assert_same(expected, fit.fitted(class_weight={0: 1}), fit.X)


@given(fits(stopping=st.just(True), groups=st.sampled_from((None, 2, 3, 12, 40))), seeds)
def test_a_group_is_never_divided_and_a_tenth_is_held_back(fit, seed):
    weight = np.random.default_rng(seed).choice([0, 1, 2], len(fit.y))
    weight[: fit.y.max() + 1] = 1
    kept = weight > 0
    groups = None if fit.groups is None else fit.groups[kept]
    assume(can_be_held(fit.y[kept], np.flatnonzero(kept) if groups is None else groups))
    # The number of a row stands in its first column, which is lost to nothing but the answers.
    fit.X[:, 0] = np.arange(len(fit.X))
    train, held_back = parts_of(fit, sample_weight=weight)
    here, there = train.X[:, 0].astype(int), held_back.X[:, 0].astype(int)
    np.testing.assert_array_equal(np.sort(np.r_[here, there]), np.flatnonzero(kept))
    if groups is None:
        assert len(there) == math.ceil(0.1 * np.count_nonzero(kept))
    else:
        held = set(fit.groups[there])
        assert not held & set(fit.groups[here])
        assert len(held) == math.ceil(0.1 * len(set(groups)))
    # Something of each class is left to learn from.
    assert set(train.codes) == set(np.unique(fit.y[kept], return_inverse=True)[1])


@given(
    fits(groups=st.sampled_from((2, 3, 12))),
    st.sampled_from(("text", "list", "categorical", "string", "Int64", "tuples", "float")),
)
def test_what_groups_are_called_does_not_matter(fit, form):
    expected = fit.fitted()
    names = fit.groups[::-1].max() - fit.groups
    fit.groups = {
        "text": lambda: np.array([f"home {name}" for name in names]),
        "list": lambda: [f"home {name}" if name else 0 for name in names],
        "categorical": lambda: pd.Series(names).astype("category"),
        "string": lambda: pd.Series(names).astype("string"),
        "Int64": lambda: pd.Series(names).astype("Int64"),
        "tuples": lambda: [("home", int(name)) for name in names],
        "float": lambda: names / 2,
    }[form]()
    assert_same(expected, fit.fitted(), fit.X)


NAMES = {
    "text": ["ant", "bee", "cat"],
    "objects": np.array(["ant", "bee", "cat"], dtype=object),
    "integers": [-7, 0, 2**40],
    "bytes of integers": np.array([1, 2, 3], dtype=np.int8),
    "big endian": np.array([1, 2, 3], dtype=">i4"),
    "Int64": pd.array([-7, 0, 9], dtype="Int64"),
    "string": pd.array(["ant", "bee", "cat"], dtype="string"),
    "Arrow": pd.array(["ant", "bee", "cat"], dtype="string[pyarrow]"),
    "categorical": pd.Categorical(["ant", "bee", "cat"], categories=["cat", "bee", "ant", "dog"]),
    "booleans": [False, True],
    "boolean": pd.array([False, True], dtype="boolean"),
}


@given(fits(), st.sampled_from(tuple(NAMES)), st.sampled_from((list, np.asarray, pd.Series)))
def test_names_of_labels_in_the_same_order_do_not_matter(fit, form, kind):
    names = NAMES[form]
    assume(fit.y.max() < len(names))
    expected = fit.fitted()
    labels = names.take(fit.y) if hasattr(names, "take") else [names[code] for code in fit.y]
    labels = kind(labels)
    model = fit.model().fit(fit.X, labels, groups=fit.groups)
    assert_same(expected, model, fit.X, but=("classes",))
    plain = pd.Series(names).tolist()[: fit.y.max() + 1]
    assert model.classes_.tolist() == plain
    assert [type(each) for each in model.classes_.tolist()] == [type(each) for each in plain]
    np.testing.assert_array_equal(
        model.predict(fit.X), model.classes_[expected.predict_proba(fit.X).argmax(axis=1)]
    )


@given(fits(), seeds, st.booleans())
def test_the_same_random_state_gives_the_same_model(fit, seed, again):
    expected = fit.fitted()
    np.random.seed(seed)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    state = fit.params["random_state"]
    assert_same(expected, fit.fitted(random_state=np.random.RandomState(state)), fit.X)
    assert_same(expected, fit.fitted(random_state=np.int64(state)), fit.X)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    model = clone(expected) if again else expected.fit(-fit.X, fit.y)
    assert_same(fit.fitted(), model.fit(fit.X, fit.y, groups=fit.groups), fit.X)


@given(fits())
def test_one_thread_is_the_default_and_progress_changes_nothing(fit):
    expected = fit.fitted()
    assert_same(expected, fit.fitted(n_jobs=1), fit.X)
    assert_same(expected, fit.fitted(verbose=1), fit.X)


FORMS = {
    "float64": lambda X: X.astype(np.float64),
    "Fortran order": np.asfortranarray,
    "every other": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "lists": lambda X: X.tolist(),
    "big endian": lambda X: X.astype(">f4"),
    "table": pd.DataFrame,
    "nullable": lambda X: pd.DataFrame(X).astype("Float32"),
    "Arrow": lambda X: pd.DataFrame(X).astype("float[pyarrow]"),
    "objects": lambda X: pd.DataFrame(X).astype(object),
    "names": lambda X: pd.DataFrame(X, columns=["x", "a b", "é"]),
}


@given(fits(), st.sampled_from(tuple(FORMS)))
def test_the_form_of_the_rows_does_not_matter_and_they_stay_as_they_are(fit, form):
    expected = fit.fitted()
    rows = FORMS[form](fit.X)
    weight, X, y = np.ones(len(fit.y)), fit.X.copy(), fit.y.copy()
    for each in (X, y, weight):
        each.flags.writeable = False
    model = fit.model().fit(rows, y, sample_weight=weight, groups=fit.groups)
    assert learnt(model)["files"] == learnt(expected)["files"]
    np.testing.assert_array_equal(model.predict_proba(rows), expected.predict_proba(X))
    assert repr(FORMS[form](X)) == repr(rows)
    assert_same(expected, fit.model().fit(X, y, weight, fit.groups), X)


@given(fits(sizes=near_the_limit, groups=st.sampled_from((None, 12)), stopping=st.just("auto")))
def test_auto_stops_early_from_1000_rows_on(fit):
    stops = len(fit.y) >= 1_000 and fit.params["algorithm"] != "forest"
    assert bool(fit.fitted().fit_report_.validation_loss) is stops
    assert_same(fit.fitted(early_stopping=stops), fit.fitted(), fit.X)


@given(fits(stopping=st.just(True), kinds=in_rounds))
def test_the_best_epoch_is_kept(fit):
    model = fit.fitted(epochs=6, max_bytes=None)
    report = model.fit_report_
    assert report.epochs_kept <= report.epochs_run <= report.epochs_planned
    assert len(report.validation_loss) == report.epochs_run
    assert np.isfinite(report.validation_loss).all()
    if fit.params["algorithm"] == "blend":
        trees, network, both = report.parts
        # The blend's own log loss is cross-fitted, so it may be above that of the better part.
        assert 0 <= trees.weight <= 1
        assert trees.weight + network.weight == pytest.approx(1)
        assert np.isfinite([trees.log_loss, network.log_loss, both.log_loss]).all()
        assert trees.epochs_kept + network.epochs_kept == both.epochs_kept == report.epochs_kept
        return
    assert report.epochs_kept == int(np.argmin(report.validation_loss)) + 1
    shorter = fit.fitted(epochs=report.epochs_kept, max_bytes=None)
    np.testing.assert_array_equal(shorter.predict_proba(fit.X), model.predict_proba(fit.X))


@given(fits(stopping=st.just(True), groups=st.sampled_from((None, 3))))
def test_calibration_is_applied_only_where_it_lowers_the_cross_fitted_log_loss(fit):
    model = fit.fitted(calibrate=True)
    for each in model.fit_report_.calibration[:2]:
        assert each.scale > 0
        assert not each.applied or each.log_loss_after < each.log_loss_before
    if not any(each.applied for each in model.fit_report_.calibration):
        plain = fit.fitted(calibrate=False)
        np.testing.assert_array_equal(model.predict_proba(fit.X), plain.predict_proba(fit.X))


@given(fits(sizes=st.integers(8, 260), stopping=st.booleans()))
def test_too_few_held_back_rows_leave_the_margins_alone(fit):
    plain, model = fit.fitted(calibrate=False), fit.fitted(calibrate=True)
    held_back = parts_of(fit)[1]
    assert plain.fit_report_.calibration == []
    few = held_back is None or (
        fit.y.max() == 1 and np.bincount(held_back.codes, minlength=2).min() < 10
    )
    assert bool(model.fit_report_.calibration) is not few
    if few:
        assert_same(plain, model, fit.X)


@given(
    fits(
        stopping=st.just(True),
        kinds=st.sampled_from(("boosting", "mlp")),
        classes=st.integers(3, 5),
    )
)
def test_a_temperature_changes_no_label(fit):
    plain, model = fit.fitted(calibrate=False), fit.fitted(calibrate=True)
    margins = np.sort(plain.learner_.margins(fit.X), axis=1)
    scale = model.fit_report_.calibration[0].scale
    # A tie in float32 has the first label; a temperature may make one, or part one.
    clear = min(1, scale) * (margins[:, -1] - margins[:, -2]) > 1e-5
    np.testing.assert_array_equal(model.predict(fit.X)[clear], plain.predict(fit.X)[clear])


@given(fits())
def test_a_size_budget_that_costs_nothing_changes_nothing(fit):
    model, free = fit.fitted(), fit.fitted(max_bytes=None)
    assert not model.size_report_.bound
    assert_same(free, model, fit.X, but=("size", "fit"))
    same = replace(model.size_report_, max_bytes=None)
    assert replace(model.fit_report_, size=same) == free.fit_report_


@given(fits(), st.sampled_from(CLASSIFIERS))
def test_all_classifiers_take_the_same_parameters(fit, kind):
    model = fit.model(kind)
    params = model._params_of_learner(len(fit.y))
    same = fit.model(DeliveryClassifier, learner_params=params)
    model.fit(fit.X, fit.y, groups=fit.groups)
    assert_same(same.fit(fit.X, fit.y, groups=fit.groups), model, fit.X)


@given(fits())
def test_the_defaults_of_the_guide_are_the_defaults(fit):
    expected = fit.fitted(learner_params=None)
    assert_same(expected, fit.fitted(learner_params={}), fit.X)
    trees = default_params(len(fit.y), int(fit.y.max()) + 1, fit.X.shape[1], fit.params["epochs"])
    defaults = {
        "boosting": trees,
        "mlp": network_fit.DEFAULTS,
        "blend": {"boosting": trees, "mlp": network_fit.DEFAULTS},
        "forest": {"max_features": default_columns(fit.X.shape[1])} | FOREST_DEFAULTS,
    }[fit.params["algorithm"]]
    assert_same(expected, fit.fitted(learner_params=defaults), fit.X)


@given(fits())
def test_a_label_is_the_most_probable_and_of_equal_ones_the_first(fit):
    model = fit.fitted()
    answers = model.predict_proba(fit.X)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(model.predict(fit.X), model.classes_[answers.argmax(axis=1)])


@given(fits(sizes=st.integers(8, 60)))
def test_a_row_has_the_same_answer_alone_and_in_any_batch(fit):
    model = fit.fitted()
    whole = model.predict_proba(fit.X)
    alone = np.concatenate([model.predict_proba(row[None]) for row in fit.X])
    backwards = model.predict_proba(fit.X[::-1])[::-1]
    # BLAS adds up the sums of a network in another order for another number of rows.
    exact = fit.params["algorithm"] in ("boosting", "forest")
    for other in (alone, backwards):
        np.testing.assert_allclose(other, whole, rtol=0, atol=0 if exact else 1e-6)


@given(fits(), st.sampled_from(tuple(NAMES)), st.sampled_from(("model", "model.novin")))
def test_a_loaded_estimator_is_the_estimator(fit, form, name):
    names = NAMES[form]
    assume(fit.y.max() < len(names))
    labels = names.take(fit.y) if hasattr(names, "take") else [names[code] for code in fit.y]
    model = fit.model().fit(fit.X, labels, groups=fit.groups)
    model.set_thresholds({model.classes_.tolist()[1]: 0.5})
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_estimator(save_estimator(model, Path(folder) / name))
    assert_same(model, loaded, fit.X)
    np.testing.assert_array_equal(loaded.predict(fit.X), model.predict(fit.X))
    np.testing.assert_array_equal(loaded.alarms(fit.X), model.alarms(fit.X))
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.decisions_ == model.decisions_
    assert loaded.get_params() == model.get_params()


@given(fits(kinds=st.just("blend")))
def test_a_blend_is_the_mixture_of_its_parts(fit):
    model = fit.fitted()
    learner = model.learner_
    trees, network = learner.boosting.predict_proba(fit.X), learner.network.predict_proba(fit.X)
    mixed = learner.weight * trees.astype(np.float64) + (1 - learner.weight) * network
    np.testing.assert_allclose(model.predict_proba(fit.X), mixed, rtol=0, atol=1e-6)
    if not model.fit_report_.validation_loss:
        assert learner.weight == 0.5
