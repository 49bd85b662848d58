"""`decision_prior_weight`: the posterior divided by the classes' shares to a power."""

import json

import numpy as np
import pytest
from sklearn.metrics import recall_score

from novin_ml import DeliveryClassifier, MotionClassifier, export_coreml, verify_coreml
from novin_ml.estimators import make_chain_pipeline
from novin_ml.estimators.rules import ChainRules
from novin_ml.evaluation import build_report, evaluate
from novin_ml.evaluation.report._page import classifier_page
from novin_ml.events import training_events
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_chains

ALGORITHMS = ["boosting", "mlp", "blend", "forest"]


def rows_of(n_classes, n_rows=400):
    """Return features and labels of which the first is by far the commonest."""
    rng = np.random.default_rng(n_classes)
    codes = np.minimum(rng.geometric(0.7, n_rows) - 1, n_classes - 1)
    X = rng.normal(codes[:, None], 1.5, (n_rows, 3)).astype(np.float32)
    return X, np.array(["common", "rare", "seldom"])[codes]


def model_of(algorithm, n_classes, **params):
    kind = DeliveryClassifier if n_classes == 2 else MotionClassifier
    X, y = rows_of(n_classes)
    return kind(algorithm, epochs=8, random_state=0, **params).fit(X, y), X, y


def divided(posterior, prior, weight):
    powers = posterior.astype(np.float64) / prior**weight
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_posterior_is_divided_by_the_prior_to_a_power(algorithm, n_classes):
    plain, X, y = model_of(algorithm, n_classes)
    model, *_ = model_of(algorithm, n_classes, decision_prior_weight=0.7)
    counts = np.unique(y, return_counts=True)[1]
    np.testing.assert_allclose(model.class_prior_, (counts + 0.5) / (400 + n_classes / 2))
    found = model.predict_proba(X)
    assert found.dtype == np.float32
    if algorithm == "blend":
        parts = [
            divided(part.predict_proba(X), model.class_prior_, 0.7)
            for part in (plain.learner_.boosting, plain.learner_.network)
        ]
        expected = np.tensordot(plain.learner_.shares, parts, 1)
    else:
        expected = divided(plain.predict_proba(X), model.class_prior_, 0.7)
    np.testing.assert_allclose(found, expected, atol=2e-6)
    # A fitted model is changed without refitting, and back.
    np.testing.assert_array_equal(plain.set_decision_prior_weight(0.7).predict_proba(X), found)
    np.testing.assert_allclose(
        model.without_decision_prior().predict_proba(X),
        plain.set_decision_prior_weight(0.0).predict_proba(X),
        atol=1e-6,
    )
    np.testing.assert_array_equal(model.predict_proba(X), found)
    recalls = [recall_score(y, each.predict(X), average="macro") for each in (plain, model)]
    assert recalls[0] < recalls[1]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_saved_and_exported_divides_too(algorithm, n_classes, tmp_path):
    model, X, _ = model_of(algorithm, n_classes, decision_prior_weight=1.0)
    save_estimator(model, tmp_path / "saved")
    loaded = load_estimator(tmp_path / "saved")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.class_prior_, model.class_prior_)
    export_coreml(model, tmp_path / "model.mlmodel")
    certificate = verify_coreml(tmp_path / "model.mlmodel", estimator=loaded)
    assert certificate.passed


def test_weights_of_rows_are_the_shares():
    X, y = rows_of(2)
    model = DeliveryClassifier(
        epochs=3, class_weight="balanced", decision_prior_weight=1.0, random_state=0
    ).fit(X, y)
    np.testing.assert_allclose(model.class_prior_, [0.5, 0.5], atol=1e-6)


def test_new_probabilities_have_no_thresholds_of_old_ones():
    model, *_ = model_of("boosting", 2)
    model.set_thresholds({"rare": 0.5}).set_decision_prior_weight(0.5)
    assert not model.decisions_


@pytest.mark.parametrize("weight", [-0.1, 1.1, "all", None])
def test_a_weight_that_is_none_is_refused(weight):
    with pytest.raises(ValueError, match=r"'decision_prior_weight' parameter .* must be a float"):
        model_of("boosting", 2, decision_prior_weight=weight)
    model, *_ = model_of("boosting", 2)
    with pytest.raises(ValueError, match=r"'weight' parameter .* must be a float"):
        model.set_decision_prior_weight(weight)


def test_both_figures_are_shown(tmp_path):
    chains = simulate_chains(600, random_state=0)
    train, _ = training_events(chains)
    model = make_chain_pipeline(epochs=5, decision_prior_weight=0.8, random_state=0)
    model.fit(train, train["label"])
    test = simulate_chains(400, random_state=1)
    headline = evaluate(model, ChainRules(), test, quiet_label="no_pattern")
    effect = headline.prior
    truth = test["clean_label"].to_numpy(dtype=object).astype(str)
    for found, each in [
        ((effect.accuracy, effect.mean_recall), model),
        (
            (effect.undivided_accuracy, effect.undivided_mean_recall),
            make_chain_pipeline(epochs=5, random_state=0).fit(train, train["label"]),
        ),
    ]:
        answer = each.predict(test).astype(str)
        assert found == pytest.approx(
            (np.mean(answer == truth), recall_score(truth, answer, average="macro"))
        )
    assert effect.mean_recall > effect.undivided_mean_recall
    report = build_report(model, test, truth="clean_label")
    assert report.prior == effect
    assert json.loads(json.dumps(report.to_document()))["prior"]["weight"] == 0.8
    assert "to the power of 0.8: accuracy" in classifier_page(report)
