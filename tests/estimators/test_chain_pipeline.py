"""From chains to patterns in one pipeline, and to Core ML."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score

from novin_ml import EventChainClassifier, export_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.estimators import make_chain_pipeline
from novin_ml.estimators.rules import ChainRules
from novin_ml.events import training_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import CHAIN_FEATURES
from tests.estimators.tables import SMALL_NETWORK
from tests.features.chain_builders import random_chains

MLP = {"algorithm": "mlp", "learner_params": SMALL_NETWORK, "epochs": 30}


def labelled(n_chains=1_500, seed=0, longest=9):
    """Chains that the rules have labelled, one in ten wrongly."""
    chains = random_chains(n_chains, seed, longest=longest)
    labels = ChainRules().fit(chains).predict(chains).astype(object)
    rng = np.random.default_rng(seed)
    wrong = rng.random(n_chains) < 0.1
    noisy = np.where(wrong, rng.permutation(labels), labels)
    return chains.assign(label=noisy, clean_label=labels)


@pytest.fixture(scope="module")
def chains():
    return labelled()


@pytest.mark.parametrize("params", [{"epochs": 40}, MLP], ids=["boosting", "mlp"])
def test_learns_patterns_from_chains(chains, params):
    test = labelled(600, seed=1)
    model = make_chain_pipeline(random_state=0, n_jobs=1, **params)
    model.fit(chains, chains["label"], classifier__groups=chains["home_id"])
    assert model[-1].feature_specs_ == CHAIN_FEATURES
    clean = test["clean_label"].to_numpy()
    most_common = max(np.mean(clean == label) for label in model.classes_)
    assert np.mean(model.predict(test) == clean) > most_common + 0.1
    probabilities = model.predict_proba(test)
    assert probabilities.dtype == np.float32
    few = model.predict_proba(test[100:110])
    if model[-1].algorithm == "boosting":
        assert_array_equal(few, probabilities[100:110])
    else:  # a matrix product of more rows adds up in another order
        np.testing.assert_allclose(few, probabilities[100:110], atol=1e-6)


def test_is_split_cloned_and_cross_validated_as_an_estimator_of_tables(chains):
    model = make_chain_pipeline(epochs=5, random_state=0, n_jobs=1)
    scores = cross_val_score(model, chains, chains["label"], cv=3)
    assert scores.min() > 0.4
    by_home = cross_val_score(
        clone(model), chains, chains["label"], cv=GroupKFold(3), groups=chains["home_id"]
    )
    assert by_home.min() > 0.4
    assert_array_equal(cross_val_score(clone(model), chains, chains["label"], cv=3), scores)


def test_is_never_trained_on_chains_without_consent(chains):
    some = chains.assign(consent=np.arange(len(chains)) >= 3)
    model = make_chain_pipeline(epochs=2, n_jobs=1)
    with pytest.raises(InvalidEventError, match=r"'consent'.* 3 of 1500 .*training_events"):
        model.fit(some, some["label"])
    kept, n_dropped = training_events(some)
    assert n_dropped == 3
    model.fit(kept, kept["label"])
    assert len(model.predict(some)) == len(some)


@pytest.mark.parametrize("params", [{"epochs": 5}, MLP | {"epochs": 3}], ids=["boosting", "mlp"])
def test_its_last_step_exports_with_a_certificate(chains, params, tmp_path):
    model = make_chain_pipeline(random_state=0, n_jobs=1, **params)
    model.fit(chains[:400], chains["label"][:400])
    exported = export_coreml(model[-1], tmp_path / "patterns.mlmodel")
    assert exported.certificate.passed
    features = model[0].transform(chains[400:500])
    assert list(features.columns) == [spec.name for spec in CHAIN_FEATURES]
    probabilities = CoreMLRuntime(exported.model).predict_proba(features)
    np.testing.assert_allclose(probabilities, model.predict_proba(chains[400:500]), atol=1e-5)


def test_takes_any_table_of_numbers():
    X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    model = EventChainClassifier(epochs=2, n_jobs=1).fit(X, X[:, 0] > 0)
    assert [spec.name for spec in model.feature_specs_] == ["feature_0", "feature_1", "feature_2"]
