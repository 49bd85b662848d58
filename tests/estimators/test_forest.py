"""The forest of a classifier: scikit-learn's trees, its probabilities, its size and its file."""

import json

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from novin_ml import DeliveryClassifier, export_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.lifecycle import load_estimator, save_estimator
from tests.estimators.tables import table

PEERS = {"best": RandomForestClassifier, "random": ExtraTreesClassifier}


def forest(epochs=15, random_state=3, **params):
    return DeliveryClassifier("forest", epochs=epochs, random_state=random_state, **params)


def peer_of(splitter, X, y, n_trees=15, **params):
    """scikit-learn's forest of the rows in the order that ours has, and with its seed."""
    order = np.lexsort((*X.T, y))
    seed = int(np.random.RandomState(3).randint(2**31 - 1))
    params = {"criterion": "entropy", "min_samples_leaf": 2, "max_features": 2} | params
    model = PEERS[splitter](n_trees, random_state=seed, max_leaf_nodes=len(y), **params)
    return model.fit(X[order], y[order])


def at_thresholds(model, X):
    """Return rows with a value at a threshold of the model, one ulp below and one above."""
    trees = [estimator.tree_ for estimator in model.estimators_]
    inner = [tree.children_left >= 0 for tree in trees]
    feature = np.concatenate([t.feature[at] for t, at in zip(trees, inner, strict=True)])
    value = np.concatenate([t.threshold[at] for t, at in zip(trees, inner, strict=True)])
    finite = np.isfinite(value)
    feature, value = feature[finite][:300], value[finite][:300].astype(np.float32)
    parts = []
    for side in (-np.inf, 0, np.inf):
        rows = np.resize(X, (len(value), X.shape[1])).copy()
        shifted = value if side == 0 else np.nextafter(value, np.float32(side))
        rows[np.arange(len(value)), feature] = shifted
        parts.append(rows)
    return np.concatenate(parts)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("splitter", PEERS)
def test_it_is_scikit_learns_with_a_tree_that_knows_nothing(splitter, n_classes, missing):
    X, y = table(300, n_classes=n_classes, missing=missing)
    model = forest(learner_params={"splitter": splitter}).fit(X, y)
    peer = peer_of(splitter, X, y)
    rows = np.concatenate([X, at_thresholds(peer, X)])
    expected = (15 * peer.predict_proba(rows) + 1 / n_classes) / 16
    assert model.predict_proba(rows) == pytest.approx(expected, abs=1e-6)
    assert model.predict_proba(rows).min() > 0
    assert model.feature_importances_ == pytest.approx(peer.feature_importances_)


def test_parameters_reach_scikit_learn_and_weights_count():
    X, y = table(300, n_classes=3)
    weight = np.where(y == 0, 3.0, 1.0)
    params = {"max_depth": 4, "min_samples_leaf": 3, "max_features": 0.5, "criterion": "gini"}
    model = forest(learner_params=params).fit(X, y, sample_weight=weight)
    order = np.lexsort((*X.T, weight, y))
    seed = int(np.random.RandomState(3).randint(2**31 - 1))
    peer = RandomForestClassifier(15, random_state=seed, max_leaf_nodes=300, **params)
    peer.fit(X[order], y[order], sample_weight=weight[order])
    expected = (15 * peer.predict_proba(X) + 1 / 3) / 16
    assert model.predict_proba(X) == pytest.approx(expected, abs=1e-6)


def test_a_class_without_rows_of_weight_has_the_share_of_the_tree_that_knows_nothing():
    X, y = table(200, n_classes=3)
    model = forest().fit(X, y, sample_weight=(y != 1).astype(float))
    assert model.predict_proba(X)[:, 1] == pytest.approx(1 / 48, abs=1e-6)


def test_the_order_of_rows_and_threads_and_progress_are_of_no_account(capsys):
    X, y = table(300, n_classes=3, missing=0.1)
    files = forest().fit(X, y).learner_.to_files()
    order = np.random.default_rng(0).permutation(len(y))
    assert forest().fit(X[order], y[order]).learner_.to_files() == files
    assert forest(n_jobs=2).fit(X, y).learner_.to_files() == files
    assert forest(verbose=1).fit(X, y).learner_.to_files() == files
    assert "15/15" in capsys.readouterr().err


@pytest.mark.parametrize("prior", [0.0, 1.0])
@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_exported_model_fits_its_budget_and_is_as_large_as_estimated(
    n_classes, prior, tmp_path
):
    X, y = table(2_000, n_classes=n_classes, missing=0.1)
    for max_bytes in (None, 60_000, 14_000):
        model = forest(max_bytes=max_bytes, decision_prior_weight=prior).fit(X, y)
        report = model.size_report_
        export = export_coreml(model, tmp_path / "m.mlmodel")
        size = export.model.stat().st_size
        assert report.bound is (max_bytes is not None)
        if max_bytes is not None:
            assert size <= max_bytes
            assert f"max_bytes={max_bytes} limited each tree to " in report.cost
        # Names and metadata are a guess; the bytes of the trees are counted.
        assert abs(size - report.model_bytes) < 5_000
        got = CoreMLRuntime(export.model).predict_proba(X)
        np.testing.assert_allclose(got, model.predict_proba(X), rtol=0, atol=2e-6)


def test_a_budget_that_no_tree_reaches_costs_nothing():
    X, y = table(600)
    models = [forest(max_bytes=max_bytes).fit(X, y) for max_bytes in (None, 110_000)]
    room_for = 110_000 // (15 * 40)  # leaves of a tree, of which none has so many
    assert room_for < 600
    assert models[1].size_report_.cost == "The size budget cost nothing."
    assert models[0].learner_.to_files() == models[1].learner_.to_files()


def test_a_budget_for_fewer_trees_than_asked_keeps_some():
    X, y = table(300)
    model = forest(epochs=400, max_bytes=20_000).fit(X, y)
    assert model.fit_report_.epochs_kept == model.learner_.trees.n_trees < 400
    assert "kept" in model.size_report_.cost
    with pytest.raises(ValueError, match="'max_bytes' parameter must leave room for"):
        forest(max_bytes=5_000).fit(X, y)


def test_held_back_rows_calibrate_it_and_stop_nothing(tmp_path):
    X, y = table(1_500, n_classes=3, noise=0.0)
    assert forest().fit(X, y).fit_report_.calibration == []
    shallow = {"max_depth": 3}  # which is too unsure
    model = forest(early_stopping=True, validation_fraction=0.3, learner_params=shallow).fit(X, y)
    (calibration,) = model.fit_report_.calibration
    assert calibration.applied
    assert calibration.log_loss_after < calibration.log_loss_before
    assert model.fit_report_.validation_loss == []
    assert model.fit_report_.epochs_kept == 15
    export = export_coreml(model, tmp_path / "m.mlmodel", data=X)
    assert export.certificate.passed
    assert export.certificate.max_error < 2e-6


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"max_dept": 3}, "'max_dept' entry .* for algorithm='forest'. .*Did you mean 'max_depth'"),
        ({"splitter": "worst"}, "'splitter' parameter of learner_params"),
        ({"max_features": 0.0}, "'max_features' parameter of learner_params"),
        ({"splitter": "random", "max_samples": 0.5}, "'max_samples' entry .*bootstrap=True"),
    ],
)
def test_bad_parameters_are_named(params, message):
    X, y = table(60)
    with pytest.raises(ValueError, match=message):
        forest(learner_params=params).fit(X, y)


def test_it_is_saved_without_pickle_and_small(tmp_path):
    X, y = table(600, n_classes=3)
    model = forest(epochs=50).fit(X, y)
    folder = save_estimator(model, tmp_path / "model")
    assert {path.name for path in folder.iterdir()} >= {"forest.npz", "estimator.json"}
    assert json.loads((folder / "estimator.json").read_text())["learner"] == "forest"
    n_nodes = len(model.learner_.trees.feature)
    assert (folder / "forest.npz").stat().st_size < 14 * n_nodes + 5_000
    loaded = load_estimator(folder)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.feature_importances_, model.feature_importances_)
