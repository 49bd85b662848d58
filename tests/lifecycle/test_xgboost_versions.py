"""Boosters of other versions of xgboost: read rightly, or refused with both versions named."""

import json
from pathlib import Path

import numpy as np
import pytest
import xgboost

from novin_ml.estimators.learners import BoostingLearner
from novin_ml.estimators.learners.booster_file import _files
from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle import load_estimator
from novin_ml.store import read_folder, write_folder
from tests.estimators.tables import table
from tests.lifecycle.test_damaged import key_of, with_text

#: Written by xgboost 3.4.1.
DATA = Path(__file__).parent / "data" / "xgboost_3"
INSTALLED = tuple(int(part) for part in xgboost.__version__.split(".")[:2])
knows_lists = pytest.mark.skipif(INSTALLED < (3, 1), reason="This xgboost knows one intercept.")


def rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3)).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X[:8]


def expected(name):
    return np.loadtxt(DATA / f"{name}.probabilities.txt")


def changed(tmp_path, name, without=(), **files):
    """Return a copy of a saved folder with other files, whose hashes are right."""
    found = read_folder(DATA / name, "estimator")
    found |= {key.replace("__", "."): content for key, content in files.items()}
    for key in without:
        found.pop(key)
    return write_folder(found, tmp_path / "model", "estimator")


def test_two_classes_are_read_rightly_by_all_versions():
    found = load_estimator(DATA / "two_classes").predict_proba(rows())
    np.testing.assert_allclose(found, expected("two_classes"), rtol=0, atol=1e-6)


def test_three_classes_are_read_rightly_or_refused():
    """Before 3.1 xgboost reads an intercept for each class as one half, without an error."""
    if INSTALLED < (3, 1):
        with pytest.raises(SavedModelError, match=r"3\.4\.1.*Install xgboost 3\.1 or newer"):
            load_estimator(DATA / "three_classes")
        return
    found = load_estimator(DATA / "three_classes").predict_proba(rows())
    np.testing.assert_allclose(found, expected("three_classes"), rtol=0, atol=1e-6)


@pytest.fixture
def old_reader(monkeypatch):
    """Have an xgboost installed that knows one intercept, by what it says."""
    monkeypatch.setattr(xgboost, "__version__", "2.1.4")


@pytest.mark.usefixtures("old_reader")
@pytest.mark.parametrize("without", [(), ("answers.npz",)])
def test_an_old_reader_is_given_one_intercept(without, tmp_path, monkeypatch):
    seen = []
    load = xgboost.Booster.load_model
    monkeypatch.setattr(
        xgboost.Booster, "load_model", lambda self, raw: (seen.append(bytes(raw)), load(self, raw))
    )
    found = load_estimator(changed(tmp_path, "two_classes", without)).predict_proba(rows())
    assert b"base_scoreSL\0\0\0\0\0\0\0\x07" in seen[0]  # 2.725E-1, and not [2.725E-1]
    np.testing.assert_allclose(found, expected("two_classes"), rtol=0, atol=1e-6)


@pytest.mark.usefixtures("old_reader")
@pytest.mark.parametrize("without", [(), ("answers.npz",)])
def test_an_old_reader_is_refused_an_intercept_for_each_class(without, tmp_path):
    with pytest.raises(SavedModelError) as refused:
        load_estimator(changed(tmp_path, "three_classes", without))
    for words in ("installed xgboost 2.1.4", "xgboost 3.4.1", "Install xgboost 3.1 or newer"):
        assert words in str(refused.value)


@pytest.mark.usefixtures("old_reader")
def test_equal_intercepts_are_one(tmp_path):
    content = read_folder(DATA / "three_classes", "estimator")["booster.ubj"]
    same = with_text(content, "base_score", b"[5E-1,5E-1,5E-1]")
    one = with_text(content, "base_score", b"5E-1")
    answers = [
        load_estimator(
            changed(tmp_path, "three_classes", ["answers.npz"], booster__ubj=raw)
        ).predict_proba(rows())
        for raw in (same, one)
    ]
    np.testing.assert_array_equal(*answers)


@knows_lists
@pytest.mark.parametrize("name", ["two_classes", "three_classes"])
def test_a_reader_that_understands_another_model_is_found_by_the_answers(name, tmp_path):
    """Whatever a version reads otherwise: here as if it took one half for the intercept."""
    content = read_folder(DATA / name, "estimator")["booster.ubj"]
    content = with_text(content, "base_score", b"5E-1")
    with pytest.raises(SavedModelError, match="margins that are up to") as refused:
        load_estimator(changed(tmp_path, name, booster__ubj=content))
    for words in (f"installed xgboost {xgboost.__version__}", "Install xgboost 3.4.1"):
        assert words in str(refused.value)


def with_key(content, before, key):
    """Return a booster's file with a key that no version has written, before another."""
    assert content.count(key_of(before)) >= 1
    return content.replace(key_of(before), key_of(key) + b"S" + key_of(b"1") + key_of(before))


@pytest.mark.parametrize(
    "before", [b"learner", b"objective", b"iteration_indptr", b"base_weights", b"num_nodes"]
)
def test_unknown_keys_are_read_by_newer_versions_only(before, tmp_path, monkeypatch):
    content = read_folder(DATA / "two_classes", "estimator")["booster.ubj"]
    folder = changed(tmp_path, "two_classes", booster__ubj=with_key(content, before, b"a"))
    with pytest.raises(SavedModelError, match="with 'a'"):
        load_estimator(folder)
    monkeypatch.setattr(_files, "_NEWEST_KNOWN", (0, 0))
    assert load_estimator(folder).n_features_in_ == 3


# Boosters of other options.


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    "params",
    [
        {"tree_method": "exact", "gamma": 3.0},  # pruned: nodes that are deleted, and still there
        {"tree_method": "exact", "gamma": 1e9},  # nothing but roots
        {"tree_method": "approx", "num_parallel_tree": 3, "subsample": 0.7},
        {"grow_policy": "lossguide", "max_depth": 0, "max_leaves": 40, "min_child_weight": 0},
        {"max_depth": 14, "min_child_weight": 0},
        {"base_score": 0.3, "scale_pos_weight": 2.5},
        {"max_delta_step": 0.1, "reg_alpha": 100.0},
    ],
)
def test_boosters_that_people_train_survive_their_files(params, n_classes):
    X, y = table(800, n_classes=n_classes, missing=0.1)
    params = {"verbosity": 0, "nthread": 1, "seed": 0} | params
    if n_classes == 2:
        params["objective"] = "binary:logistic"
    else:
        params |= {"objective": "multi:softprob", "num_class": n_classes}
        params.pop("scale_pos_weight", None)
    booster = xgboost.train(params, xgboost.DMatrix(X, y), 150)
    learner = BoostingLearner(booster, 5, n_classes)
    files = learner.to_files()
    again = BoostingLearner.from_files(files, n_features=5, n_classes=n_classes)
    np.testing.assert_array_equal(again.predict_proba(X), learner.predict_proba(X))
    assert again.to_files() == files


def chain(n_inner):
    """Return a booster of one tree that is as deep as it has inner nodes."""
    booster = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 1, "base_score": 0.5},
        xgboost.DMatrix(np.arange(8.0).reshape(8, 1), np.arange(8) > 3),
        1,
    )
    document = json.loads(booster.save_raw("json"))
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    n_nodes = 2 * n_inner + 1
    inner = [node % 2 == 0 and node + 1 < n_nodes for node in range(n_nodes)]
    tree["left_children"] = [node + 1 if inner[node] else -1 for node in range(n_nodes)]
    tree["right_children"] = [node + 2 if inner[node] else -1 for node in range(n_nodes)]
    tree["parents"] = [2**31 - 1] + [2 * ((node - 1) // 2) for node in range(1, n_nodes)]
    tree["tree_param"]["num_nodes"] = str(n_nodes)
    for key in ("base_weights", "loss_changes", "split_conditions", "sum_hessian"):
        tree[key] = [1.0] * n_nodes
    for key in ("default_left", "split_indices", "split_type"):
        tree[key] = [0] * n_nodes
    deep = xgboost.Booster()
    deep.load_model(bytearray(json.dumps(document).encode()))
    return BoostingLearner(deep, 1, 2)


def test_a_booster_that_could_not_be_loaded_is_not_saved():
    files = chain(1_000).to_files()
    assert BoostingLearner.from_files(files, n_features=1, n_classes=2).n_features == 1
    for n_inner in (1_001, 5_000):
        with pytest.raises(SavedModelError, match="more than 1000 levels"):
            chain(n_inner).to_files()
