"""Calibration of margins: what it finds, and what it leaves alone."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression

from novin_ml import DeliveryClassifier, export_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.estimators.learners import BoostingLearner, Rows
from novin_ml.estimators.learners.calibration import UNCALIBRATED, Calibration, probabilities_of
from novin_ml.estimators.learners.calibration_fit import (
    cross_fitted,
    expected_calibration_error,
    fit_calibration,
)
from novin_ml.estimators.learners.training import held_back_loss
from novin_ml.exceptions import SavedModelError


def binary_margins(n, *, scale, shift, seed=0):
    """Return margins whose true log odds are scale * margin + shift."""
    rng = np.random.default_rng(seed)
    margins = rng.normal(0, 2, n)
    codes = (rng.random(n) < expit(scale * margins + shift)).astype(int)
    return margins, Rows(margins[:, None], codes)


def class_margins(n, *, scale, seed=0):
    rng = np.random.default_rng(seed)
    margins = rng.normal(0, 2, (n, 4))
    edges = softmax(scale * margins, axis=1).cumsum(axis=1)
    codes = (edges < rng.random((n, 1))).sum(axis=1).clip(max=3)
    return margins, Rows(margins, codes)


@pytest.mark.parametrize(("scale", "shift"), [(0.4, 0.7), (1.0, 0.0), (2.5, -1.0)])
def test_platt_finds_the_two_numbers(scale, shift):
    calibration, report = fit_calibration(*binary_margins(40_000, scale=scale, shift=shift))
    assert calibration.scale == pytest.approx(scale, rel=0.06)
    assert calibration.shift == pytest.approx(shift, abs=0.06)
    assert report.log_loss_after <= report.log_loss_before + 1e-4
    assert report.applied is (scale != 1)
    assert report.ece_after < 0.01


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_temperature_is_found(scale):
    calibration, report = fit_calibration(*class_margins(30_000, scale=scale))
    assert calibration.scale == pytest.approx(scale, rel=0.06)
    assert calibration.shift == 0
    assert report.log_loss_after <= report.log_loss_before + 1e-4
    assert report.applied is (scale != 1)
    assert report.ece_after < 0.01


# Old scikit-learn on new scipy.
@pytest.mark.filterwarnings("ignore:scipy.optimize:DeprecationWarning")
def test_platt_is_a_logistic_regression_on_the_margins():
    margins, rows = binary_margins(20_000, scale=0.7, shift=0.2)
    peer = LogisticRegression(C=np.inf).fit(margins[:, None], rows.codes)
    calibration, _ = fit_calibration(margins, rows)
    # The prior weighs as much as a few of the rows.
    assert calibration.scale == pytest.approx(peer.coef_[0, 0], rel=2e-3)
    assert calibration.shift == pytest.approx(peer.intercept_[0], abs=2e-3)


def test_separable_rows_have_finite_numbers():
    margins = np.array([-3.0, -2.0, 2.0, 3.0])
    calibration, _ = fit_calibration(margins, Rows(margins[:, None], np.array([0, 0, 1, 1])))
    assert np.isfinite([calibration.scale, calibration.shift]).all()
    assert calibration.scale > 0


def test_a_model_that_is_turned_around_is_left_alone():
    margins, rows = binary_margins(2_000, scale=-1.0, shift=0.0)
    calibration, _ = fit_calibration(margins, rows)
    assert calibration.changes_nothing


def test_a_report_is_of_rows_that_the_calibration_has_not_seen():
    margins, rows = binary_margins(400, scale=0.5, shift=0.4)
    calibration, report = fit_calibration(margins, rows)
    seen = probabilities_of(calibration(margins))[np.arange(400), rows.codes]
    by_hand = cross_fitted(margins, rows)
    unseen = by_hand[np.arange(400), rows.codes]
    assert report.log_loss_after == pytest.approx(-np.log(unseen).mean())
    assert report.log_loss_after > -np.log(seen).mean()
    assert report.ece_after == expected_calibration_error(by_hand, rows.codes)


def test_noise_calibrates_nothing():
    """Of models that are right, fewer than the one in six that a standard error allows change."""
    changed = 0
    for seed in range(60):
        margins, rows = binary_margins(150, scale=1.0, shift=0.0, seed=seed)
        calibration, report = fit_calibration(margins, rows)
        assert report.applied is not calibration.changes_nothing
        changed += report.applied
    assert changed <= 10


def test_weights_count_as_rows():
    margins, rows = class_margins(600, scale=0.5)
    weight = np.random.default_rng(1).integers(1, 4, 600)
    repeated = np.repeat(np.arange(600), weight)
    weighted = Rows(rows.X, rows.codes, weight.astype(np.float32))
    by_weight, report = fit_calibration(margins, weighted)
    by_rows, report_of_rows = fit_calibration(margins[repeated], rows.take(repeated))
    # But for the prior, which more rows outweigh: they are as many as they are.
    assert by_weight.scale == pytest.approx(by_rows.scale, rel=1e-2)
    assert report.ece_before == pytest.approx(report_of_rows.ece_before, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-4, 1e3])
@pytest.mark.parametrize("rows", [binary_margins, class_margins])
def test_the_scale_of_weights_does_not_matter(rows, scale):
    margins, rows = rows(500, scale=0.8, **({"shift": 0.3} if rows is binary_margins else {}))
    weighted = Rows(rows.X, rows.codes, np.full(500, scale, np.float32))
    plain, of_weighted = (fit_calibration(margins, each)[0] for each in (rows, weighted))
    assert of_weighted.scale == pytest.approx(plain.scale, rel=1e-4)
    assert of_weighted.shift == pytest.approx(plain.shift, abs=1e-4)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_few_rows_that_are_all_right_do_not_make_a_model_sure(n_classes):
    codes = np.arange(40) % n_classes
    margins = 2.0 * np.eye(n_classes)[codes]
    if n_classes == 2:
        margins = margins[:, 1] - margins[:, 0]
    calibration, _ = fit_calibration(margins, Rows(margins, codes))
    assert 1.5 < calibration.scale < 4


@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_model_that_is_nearly_always_right_is_not_made_unsure(n_classes):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(21_000, 4)).astype(np.float32)
    y = np.digitize(X[:, 0], np.linspace(-0.7, 0.7, n_classes - 1))
    losses = []
    for calibrate in (False, True):
        model = DeliveryClassifier("mlp", calibrate=calibrate, random_state=0)
        model.fit(X[:1_000], y[:1_000])  # a hundred rows are held back
        losses.append(held_back_loss(model.predict_proba(X[1_000:]), Rows(X, y[1_000:])))
    assert losses[1] < 1.1 * losses[0]


@pytest.mark.parametrize("algorithm", ["boosting", "mlp", "blend"])
def test_too_few_held_back_rows_of_a_class_calibrate_nothing(algorithm):
    # Ten homes, and the rare label in two of them: the home that is held back has none.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1_500, 4)).astype(np.float32)
    homes = np.arange(1_500) // 150
    y = (X[:, 0] > 1) & (homes < 2)
    params = {"epochs": 10, "random_state": 1, "n_jobs": 1}
    model = DeliveryClassifier(algorithm, **params).fit(X, y, groups=homes)
    plain = DeliveryClassifier(algorithm, calibrate=False, **params).fit(X, y, groups=homes)
    assert model.fit_report_.calibration == []
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))


def test_calibrated_margins_keep_their_dtype():
    margins = np.ones((2, 3), dtype=np.float32)
    assert Calibration(np.float32(2), np.float32(1))(margins).dtype == np.float32
    assert UNCALIBRATED(margins) is margins


def test_expected_calibration_error_by_hand():
    # Two bins are in use: .6 (right once of two) and .9 (right twice of two).
    probabilities = np.array([[0.61, 0.39], [0.61, 0.39], [0.1, 0.9], [0.9, 0.1]])
    codes = np.array([0, 1, 1, 0])
    assert expected_calibration_error(probabilities, codes) == pytest.approx(
        0.5 * abs(0.5 - 0.61) + 0.5 * abs(1 - 0.9)
    )


def test_probabilities_of_both_forms_of_a_binary_margin():
    margins = np.array([-1.0, 0.0, 30.0])
    for form in (margins, margins[:, None]):
        probabilities = probabilities_of(form)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        np.testing.assert_allclose(probabilities[:, 1], expit(margins))


def noisy_labels(n=6_000, n_classes=2, seed=0):
    """Return rows with a third of the labels drawn at random."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5)).astype(np.float32)
    codes = np.digitize(X[:, 0] + X[:, 1] * X[:, 2], np.linspace(-0.7, 0.7, n_classes - 1))
    wrong = rng.random(n) < 0.35
    codes[wrong] = rng.integers(0, n_classes, wrong.sum())
    return X, np.array(["a", "b", "c", "d"])[codes]


# Steps three times too long: margins three times too large.
SURE = {"max_depth": 4, "learning_rate": 3.0}
NETWORK = {"hidden_layer_sizes": (32,)}


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize(
    ("algorithm", "params", "gain"), [("boosting", SURE, 0.05), ("mlp", NETWORK, -0.003)]
)
def test_calibration_on_rows_that_chose_nothing(algorithm, params, gain, n_classes):
    X, y = noisy_labels(n_classes=n_classes)
    test_X, test_y = noisy_labels(4_000, n_classes, seed=1)
    errors, losses = {}, {}
    for calibrate in (False, True):
        model = DeliveryClassifier(
            algorithm, calibrate=calibrate, epochs=3, learner_params=params, random_state=0
        ).fit(X, y)
        probabilities = model.predict_proba(test_X)
        codes = np.searchsorted(model.classes_, test_y)
        errors[calibrate] = expected_calibration_error(probabilities, codes)
        losses[calibrate] = held_back_loss(probabilities, Rows(test_X, codes))
    assert losses[True] < losses[False] - gain
    if gain > 0:
        assert errors[True] < errors[False] / 2


def test_a_report_says_what_calibration_did():
    X, y = noisy_labels(2_000)
    params = {"random_state": 0, "epochs": 20}
    model = DeliveryClassifier(**params).fit(X, y)
    (report,) = model.fit_report_.calibration
    assert report.method == "platt"
    assert report.n_rows == 200
    calibration = model.learner_.calibration
    assert (calibration.scale, calibration.shift) == (report.scale, report.shift)
    assert report.applied is not calibration.changes_nothing
    assert DeliveryClassifier(calibrate=False, **params).fit(X, y).fit_report_.calibration == []
    few = DeliveryClassifier(**params).fit(X[:500], y[:500])  # too few to hold rows back
    assert few.fit_report_.calibration == []


@pytest.mark.parametrize("n_classes", [2, 4])
def test_temperature_and_platt_keep_the_order_of_rows(n_classes):
    X, y = noisy_labels(2_000, n_classes)
    params = {"random_state": 0, "epochs": 20}
    plain = DeliveryClassifier(calibrate=False, **params).fit(X, y)
    calibrated = DeliveryClassifier(**params).fit(X, y)
    if n_classes > 2:
        assert (plain.predict(X) == calibrated.predict(X)).all()
    else:
        order = np.argsort(plain.predict_proba(X)[:, 1], kind="stable")
        assert (np.diff(calibrated.predict_proba(X)[order, 1]) >= 0).all()


@pytest.mark.parametrize("n_classes", [2, 4])
def test_calibration_is_folded_into_the_leaves(n_classes, tmp_path):
    X, y = noisy_labels(2_000, n_classes)
    params = {"random_state": 0, "epochs": 20, "learner_params": SURE}
    plain = DeliveryClassifier(calibrate=False, **params).fit(X, y)
    calibrated = DeliveryClassifier(**params).fit(X, y)
    scale = float(calibrated.learner_.calibration.scale)
    assert abs(scale - 1) > 0.01
    leaves = []
    for name, model in (("plain", plain), ("calibrated", calibrated)):
        export = export_coreml(model, tmp_path / f"{name}.mlmodel")
        assert export.certificate.passed
        spec = CoreMLRuntime(export.model).spec
        nodes = spec.treeEnsembleClassifier.treeEnsemble.nodes
        leaves.append([leaf.evaluationValue for node in nodes for leaf in node.evaluationInfo])
    np.testing.assert_allclose(np.array(leaves[0]) * scale, leaves[1], rtol=1e-12)


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"scale": 0, "shift": 0}', b"\xff"])
def test_a_damaged_calibration_is_refused(content):
    X, y = noisy_labels(2_000)
    files = DeliveryClassifier(random_state=0, epochs=5).fit(X, y).learner_.to_files()
    files["calibration.json"] = content
    with pytest.raises(SavedModelError, match=r"calibration\.json must hold"):
        BoostingLearner.from_files(files, n_features=5, n_classes=2)


def test_folds_keep_homes_whole():
    """Rows of a home carry the same error: folds of rows would know it from its other rows."""
    rng = np.random.default_rng(5)
    home = np.repeat(np.arange(12), rng.integers(5, 60, 12))
    margins = rng.normal(0, 2, len(home))
    codes = (rng.random(len(home)) < expit(margins + rng.normal(0, 2, 12)[home])).astype(int)
    rows = Rows(margins[:, None], codes, groups=home)
    found = cross_fitted(margins, rows)
    for each in range(12):  # a home's probabilities do not depend on its own labels
        own = home == each
        turned = Rows(margins[:, None], np.where(own, 1 - codes, codes), groups=home)
        np.testing.assert_array_equal(cross_fitted(margins, turned)[own], found[own])
    assert fit_calibration(margins, rows)[1].cross_fitted_by == "home"
    alone = Rows(margins[:, None], codes, groups=np.zeros(len(home), dtype=int))
    for others in (alone, Rows(margins[:, None], codes)):  # one home makes no folds
        assert fit_calibration(margins, others)[1].cross_fitted_by == "row"
        assert not (cross_fitted(margins, others) == found).all()


def test_a_few_homes_that_all_gain_by_chance_are_no_evidence():
    """Of homes with errors of their own, a gain of rows alone is claimed more often."""
    changed = {"home": 0, "row": 0}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        home = np.repeat(np.arange(6), 50)
        margins = rng.normal(0, 2, 300)
        codes = (rng.random(300) < expit(margins + rng.normal(0, 1, 6)[home])).astype(int)
        for by, groups in (("home", home), ("row", None)):
            report = fit_calibration(margins, Rows(margins[:, None], codes, groups=groups))[1]
            changed[by] += report.applied
    assert changed["home"] < 0.6 * changed["row"]


def test_a_model_that_was_given_homes_is_calibrated_by_them():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3_000, 3)).astype(np.float32)
    y = (X[:, 0] + rng.normal(size=3_000) > 0).astype(int)
    home = np.array([f"home {k}" for k in rng.integers(0, 40, 3_000)])
    params = {"epochs": 6, "random_state": 0, "n_jobs": 1, "calibrate": True}
    for groups, by in ((home, "home"), (None, "row")):
        for algorithm, n_parts in (("boosting", 1), ("blend", 3)):
            model = DeliveryClassifier(algorithm, **params).fit(X, y, groups=groups)
            reports = model.fit_report_.calibration
            assert [each.cross_fitted_by for each in reports] == [by] * n_parts
