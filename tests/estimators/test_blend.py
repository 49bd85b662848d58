"""The blend: two learners on the same rows, and the weight between them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.metrics import log_loss

from novin_ml.estimators.learners import (
    BlendLearner,
    BoostingLearner,
    FitOptions,
    NetworkLearner,
    Rows,
    fit_blend,
)
from novin_ml.estimators.learners.blend_fit import best_weight, cross_fitted_weights
from novin_ml.estimators.learners.calibration import Calibration
from novin_ml.estimators.learners.calibration_fit import cross_fitted, expected_calibration_error
from novin_ml.estimators.learners.training import held_back_loss
from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle import load_estimator, save_estimator
from tests.estimators.tables import SMALL_NETWORK, classifier, table


def blend(**params):
    params = {"learner_params": {"mlp": SMALL_NETWORK}} | params
    return classifier("blend", **params)


def rows_of(n_classes, n_rows=200, seed=0, weighted=False):
    """Two models' probabilities, and rows; the first model is the better one."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, n_classes, n_rows)
    answers = []
    for strength in (1.5, 1.0):
        logits = rng.normal(size=(n_rows, n_classes)) + strength * np.eye(n_classes)[codes]
        answers.append(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    weight = rng.random(n_rows).astype(np.float32) if weighted else None
    return [a.astype(np.float32) for a in answers], Rows(np.zeros((n_rows, 1)), codes, weight)


# The weight.


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_weight_is_that_of_least_loss(n_classes, weighted):
    (p, q), rows = rows_of(n_classes, weighted=weighted)
    weight = best_weight(p, q, rows)
    assert weight.dtype == np.float32

    def loss(w):
        mixed = w * p.astype(float) + (1 - w) * q
        return log_loss(rows.codes, mixed / mixed.sum(1, keepdims=True), sample_weight=rows.weight)

    grid = np.linspace(0, 1, 1_001)
    assert abs(weight - grid[np.argmin([loss(w) for w in grid])]) <= 1e-3
    assert 0 < weight < 1


def test_weight_is_at_an_end_where_one_model_is_better_on_every_row():
    (p, _), rows = rows_of(3)
    right = np.eye(3, dtype=np.float32)[rows.codes]
    assert best_weight(right, p, rows) == 1
    assert best_weight(p, right, rows) == 0


def test_weight_survives_certain_and_wrong_answers():
    codes = np.array([0, 1, 1, 0])
    wrong_once = np.eye(2, dtype=np.float32)[[0, 1, 0, 0]]
    wrong_elsewhere = np.eye(2, dtype=np.float32)[[1, 1, 1, 0]]
    rows = Rows(np.zeros((4, 1)), codes)
    assert best_weight(wrong_once, wrong_elsewhere, rows) == pytest.approx(0.5)


def test_two_models_that_agree_weigh_the_same():
    (p, _), rows = rows_of(3)
    assert best_weight(p, p, rows) == 0.5


def test_swapping_the_models_swaps_their_shares():
    (p, q), rows = rows_of(3)
    assert best_weight(q, p, rows) == pytest.approx(1 - best_weight(p, q, rows), abs=1e-6)


# Training.


@pytest.mark.parametrize("n_classes", [2, 4])
def test_parts_are_those_that_the_other_algorithms_train(n_classes):
    X, y = table(1_500, n_classes=n_classes, missing=0.1)
    model = blend().fit(X, y)
    learner = model.learner_
    # The network comes first, so it sees the same random numbers as one that is trained alone.
    alone = classifier("mlp", learner_params=SMALL_NETWORK).fit(X, y)
    assert_array_equal(learner.network.predict_proba(X), alone.predict_proba(X))
    # Trees draw no random numbers without subsampling.
    trees = classifier("boosting").fit(X, y)
    assert_array_equal(learner.boosting.predict_proba(X), trees.predict_proba(X))
    expected = learner.weight * trees.predict_proba(X) + (
        np.float32(1) - learner.weight
    ) * alone.predict_proba(X)
    answer = model.predict_proba(X)
    assert_array_equal(answer, expected)
    assert answer.dtype == np.float32
    assert_allclose(answer.sum(axis=1), 1, rtol=0, atol=1e-6)
    assert model.n_iter_ == alone.n_iter_ + trees.n_iter_


@pytest.mark.parametrize("weights", [False, True])
def test_report_says_what_the_blend_gains_and_costs(weights):
    X, y = table(2_000, n_classes=3)
    weight = np.linspace(0.1, 2, len(X)) if weights else None
    model = blend(epochs=30).fit(X, y, sample_weight=weight)
    parts = {part.name: part for part in model.fit_report_.parts}
    assert list(parts) == ["boosting", "mlp", "blend"]
    trees, network, both = parts.values()
    assert both.log_loss < max(trees.log_loss, network.log_loss)
    assert 0.4 < both.accuracy <= 1
    assert trees.weight == model.learner_.weight
    assert both.weight == 1
    assert trees.weight + network.weight == pytest.approx(1)
    assert both.model_bytes == pytest.approx(trees.model_bytes + network.model_bytes, rel=0.1)
    assert both.model_bytes == model.size_report_.model_bytes
    assert both.epochs_kept == trees.epochs_kept + network.epochs_kept
    # What each part would say of itself.
    for name, params in (("boosting", {}), ("mlp", {"learner_params": SMALL_NETWORK})):
        alone = classifier(name, epochs=30, **params).fit(X, y, sample_weight=weight).fit_report_
        assert parts[name].epochs_kept == alone.epochs_kept
        assert parts[name].model_bytes == pytest.approx(alone.size.model_bytes, rel=0.1)
        (calibration,) = alone.calibration
        assert calibration.log_loss_before == pytest.approx(min(alone.validation_loss), rel=1e-5)
        if not calibration.applied:
            assert parts[name].log_loss == pytest.approx(calibration.log_loss_before, rel=1e-5)
        assert parts[name].log_loss <= calibration.log_loss_before * (1 + 1e-5)
        assert calibration in model.fit_report_.calibration[:2]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_mixture_is_reported_before_and_after_calibration(n_classes):
    X, y = table(3_000, n_classes=n_classes)
    rows = Rows(X, np.unique(y, return_inverse=True)[1], np.linspace(0.1, 2, len(X), np.float32))
    train, held_back = rows.take(np.arange(2_000)), rows.take(np.arange(2_000, 3_000))
    (_, report), (plain, of_plain) = (
        fit_blend(
            train,
            held_back,
            FitOptions(
                n_classes=n_classes,
                epochs=20,
                max_bytes=None,
                n_jobs=1,
                random_state=np.random.RandomState(0),
                params={"mlp": SMALL_NETWORK},
                calibrate=calibrate,
            ),
        )
        for calibrate in (True, False)
    )
    assert of_plain.calibration == []
    assert [each.method for each in report.calibration[:2]] == [report.calibration[0].method] * 2
    mixture = report.calibration[2]
    assert (mixture.method, mixture.scale, mixture.shift) == ("blend", 1, 0)
    alone = [part.predict_proba(held_back.X) for part in (plain.boosting, plain.network)]
    mended = [
        cross_fitted(part.margins(held_back.X), held_back) if effect.applied else answer
        for part, effect, answer in zip(
            (plain.boosting, plain.network), report.calibration[:2], alone, strict=True
        )
    ]
    weight = cross_fitted_weights(*mended, held_back)[:, np.newaxis]
    before, after = (
        weight * parts[0].astype(np.float64) + (1 - weight) * parts[1] for parts in (alone, mended)
    )
    assert report.parts[2].log_loss == pytest.approx(held_back_loss(after, held_back))
    for answer, loss, ece in (
        (before, mixture.log_loss_before, mixture.ece_before),
        (after, mixture.log_loss_after, mixture.ece_after),
    ):
        assert loss == pytest.approx(held_back_loss(answer, held_back), rel=1e-5)
        expected = expected_calibration_error(answer, held_back.codes, held_back.weight)
        assert ece == pytest.approx(expected, abs=1e-5)


def noisy(codes, rng):
    """Return what a model that is right two times of three says."""
    chance = np.clip(0.5 + (codes - 0.5) / 3 + rng.normal(0, 0.25, len(codes)), 0.02, 0.98)
    return np.column_stack([1 - chance, chance])


def test_the_weight_is_reported_on_rows_that_did_not_choose_it():
    """On few rows the best weight flatters; chosen on the other folds it does not."""
    rng = np.random.default_rng(0)
    flattering, reported, fresh = [], [], []
    for _ in range(200):
        codes = rng.integers(0, 2, 30)
        rows = Rows(np.zeros((30, 1), np.float32), codes)
        new = rng.integers(0, 2, 4_000)
        first, other = noisy(codes, rng), noisy(codes, rng)
        weight = best_weight(first, other, rows)
        folds = cross_fitted_weights(first, other, rows)[:, np.newaxis]
        of_new = weight * noisy(new, rng) + (1 - weight) * noisy(new, rng)
        flattering.append(held_back_loss(weight * first + (1 - weight) * other, rows))
        reported.append(held_back_loss(folds * first + (1 - folds) * other, rows))
        fresh.append(held_back_loss(of_new, Rows(np.zeros((4_000, 1), np.float32), new)))
    error = np.std(np.subtract(reported, fresh)) / np.sqrt(200)
    assert np.mean(flattering) < np.mean(fresh) - 3 * error
    # A weight of 24 rows is a little worse than one of 30.
    assert np.mean(fresh) < np.mean(reported) < np.mean(fresh) + 3 * error


def test_folds_of_the_weight_keep_homes_whole():
    rng = np.random.default_rng(0)
    codes, groups = rng.integers(0, 2, 600), np.repeat(np.arange(12), 50)
    rows = Rows(np.zeros((600, 1), np.float32), codes, groups=groups)
    first, other = noisy(codes, rng), noisy(codes, rng)
    weights = cross_fitted_weights(first, other, rows)
    for home in range(12):
        (own,) = np.unique(weights[groups == home])
        rest = np.flatnonzero(weights != own)
        assert home not in groups[rest]
        assert own == best_weight(first[rest], other[rest], rows.take(rest))


@pytest.mark.parametrize("params", [{"early_stopping": False}, {}])
def test_without_held_back_rows_both_parts_weigh_the_same(params):
    X, y = table(300 if not params else 1_200)
    model = blend(**params).fit(X, y)
    assert model.learner_.weight == 0.5
    assert model.fit_report_.validation_loss == []
    assert [part.log_loss for part in model.fit_report_.parts] == [None] * 3
    assert [part.accuracy for part in model.fit_report_.parts] == [None] * 3


def test_fit_is_deterministic():
    X, y = table(1_200, missing=0.1)
    model = blend()
    first = model.fit(X, y).predict_proba(X)
    assert_array_equal(clone(model).fit(X, y).predict_proba(X), first)
    assert_array_equal(model.fit(X, y).predict_proba(X), first)


def test_blend_is_no_worse_than_its_parts_on_new_rows():
    losses = {"boosting": [], "mlp": [], "blend": []}
    for seed in range(3):
        X, y = table(4_000, n_classes=3, seed=seed)
        X_new, y_new = table(4_000, n_classes=3, seed=100 + seed)
        learner = blend(epochs=60).fit(X, y).learner_
        for part in (learner.boosting, learner.network, learner):
            losses[part.kind].append(held_back_loss(part.predict_proba(X_new), Rows(X_new, y_new)))
    mean = {kind: np.mean(values) for kind, values in losses.items()}
    assert mean["blend"] < min(mean["boosting"], mean["mlp"])


def test_progress_is_one_bar_for_both_parts():
    calls = []
    X, y = table(200)
    _, report = fit_blend(
        Rows(X, y),
        None,
        FitOptions(
            n_classes=2,
            epochs=4,
            max_bytes=None,
            n_jobs=1,
            random_state=np.random.RandomState(0),
            params={"mlp": SMALL_NETWORK},
            progress=lambda *call: calls.append(call),
        ),
    )
    assert [done for done, _, _ in calls] == list(range(1, 9))
    assert {planned for _, planned, _ in calls} == {8}
    assert (report.epochs_planned, report.epochs_run, report.epochs_kept) == (8, 8, 8)


# Parameters.


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_depth": 3}, r"'max_depth' .* \['boosting', 'mlp'\] .* algorithm='blend'"),
        ({"boosting": 3}, "'boosting' .* must be a dict .* Got 3"),
        (
            {"boosting": {"hidden_layer_sizes": (3,)}},
            "'hidden_layer_sizes' .* algorithm='boosting'",
        ),
        ({"mlp": {"max_depth": 3}}, "'max_depth' .* algorithm='mlp'"),
        ({"mlp": {"alpha": -1}}, "'alpha' .* Got -1"),
        ({"boosting": {"max_bin": 1}}, "'max_bin' .* Got 1"),
    ],
)
def test_wrong_learner_params_are_refused(given, message):
    X, y = table(50)
    with pytest.raises(ValueError, match=message):
        blend(learner_params=given).fit(X, y)


def test_learner_params_reach_the_parts():
    X, y = table(200)
    params = {"boosting": {"max_depth": 1}, "mlp": {"hidden_layer_sizes": (5, 4)}}
    learner = blend(learner_params=params).fit(X, y).learner_
    assert [len(bias) for bias in learner.network.biases] == [5, 4, 1]
    assert learner.boosting.booster.trees_to_dataframe().groupby("Tree").size().max() == 3


# Bytes.


@pytest.mark.parametrize("n_classes", [2, 6])
def test_budget_is_shared(n_classes):
    X, y = table(1_500, n_classes=n_classes)
    wide = {"boosting": {}, "mlp": {"hidden_layer_sizes": (128, 128)}}
    model = blend(max_bytes=80_000, learner_params=wide, epochs=100, early_stopping=False).fit(X, y)
    report = model.size_report_
    _, network, both = model.fit_report_.parts
    assert report.bound
    assert report.max_bytes == 80_000
    assert network.model_bytes <= 40_000
    assert 70_000 < both.model_bytes <= 80_000
    assert "narrowed" in report.cost
    assert "stopped boosting" in report.cost
    free = blend(max_bytes=None, learner_params=wide, epochs=3).fit(X, y).size_report_
    assert not free.bound
    assert free.cost == "The size budget cost nothing."


@pytest.mark.parametrize("max_bytes", [1, 4_000, 9_000])
def test_budget_too_small_is_refused_with_the_callers_number(max_bytes):
    X, y = table(100)
    with pytest.raises(ValueError, match=rf"'max_bytes' .* Got {max_bytes} instead"):
        blend(max_bytes=max_bytes).fit(X, y)


# Files.


@pytest.fixture(scope="module")
def learner():
    X, y = table(1_200, n_classes=3, missing=0.1)
    trained = blend().fit(X, y).learner_
    # Whether calibration gains anything here does not matter: a file holds it.
    boosting = trained.boosting.with_calibration(Calibration(np.float32(0.9), np.float32(0)))
    return replace(trained, boosting=boosting)


def test_round_trip_of_the_learner(learner):
    X, _ = table(200, missing=0.3, seed=5)
    files = learner.to_files()
    expected = {"answers.npz", "blend.json", "booster.ubj", "calibration.json", "network.npz"}
    assert set(files) == expected
    again = BlendLearner.from_files(files, n_features=5, n_classes=3)
    assert isinstance(again.boosting, BoostingLearner)
    assert isinstance(again.network, NetworkLearner)
    assert again.weight == learner.weight
    assert again.weight.dtype == np.float32
    assert_array_equal(again.predict_proba(X), learner.predict_proba(X))


@pytest.mark.parametrize(
    "content",
    [
        *(
            json.dumps({"weight": w}).encode()
            for w in (-0.1, 1.1, np.nan, "half", None, [0.5], True)
        ),
        b"{}",
        b"[]",
        b"0.5",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_wrong_weights_are_refused(learner, content):
    files = learner.to_files() | {"blend.json": content}
    with pytest.raises(SavedModelError, match=r"blend\.json must hold the weight"):
        BlendLearner.from_files(files, n_features=5, n_classes=3)


@pytest.mark.parametrize("name", ["blend.json", "booster.ubj", "network.npz"])
def test_saved_estimator_round_trip_and_missing_files(name, tmp_path):
    X, y = table(1_200, missing=0.1)
    params = {"mlp": {"hidden_layer_sizes": (6, 5)}, "boosting": {"max_depth": np.int64(3)}}
    model = blend(learner_params=params).fit(X, y)
    folder = save_estimator(model, tmp_path / "model")
    loaded = load_estimator(folder)
    assert loaded.get_params() == model.get_params()
    assert loaded.fit_report_ == model.fit_report_
    assert loaded.size_report_ == model.size_report_
    assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    (folder / name).unlink()
    with pytest.raises(SavedModelError):
        load_estimator(folder)
