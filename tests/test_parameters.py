"""Misspelt parameters: the public class or function is named, and the nearest name is offered."""

import importlib
import inspect
import pickle
import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import Pipeline

import novin_ml
from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier, EventChainClassifier
from novin_ml.estimators import make_chain_pipeline, make_delivery_pipeline
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.evaluation import explain
from novin_ml.features import DeliveryFeatures
from novin_ml.lifecycle import train
from novin_ml.parameters import nearest
from novin_ml.simulation import simulate_deliveries

PACKAGES = ("events", "simulation", "features", "estimators", "estimators.rules", "evaluation")
PACKAGES += ("coreml", "lifecycle", "compute")
EVENTS = simulate_deliveries(300, random_state=0)
X = np.random.default_rng(0).normal(size=(40, 2))
Y = X[:, 0] > 0


@pytest.mark.parametrize(
    ("call", "error", "owner", "offered"),
    [
        (lambda: DeliveryClassifier(epoch=3), TypeError, "DeliveryClassifier", "epochs"),
        (lambda: EventChainClassifier(early_stop=1), TypeError, "EventChainClassifier", "early_st"),
        (lambda: BehaviorAnomalyDetector(alarm_per_week=1), TypeError, "Behavior", "alarms_per_w"),
        (lambda: DeliveryFeatures(windows=3), TypeError, "DeliveryFeatures", "window"),
        (lambda: make_delivery_pipeline(n_job=1), TypeError, "DeliveryClassifier", "n_jobs"),
        (lambda: make_chain_pipeline(seed=1), TypeError, "EventChainClassifier", "Correct or"),
        (lambda: train("delivery", EVENTS, epoch=1), TypeError, "DeliveryClassifier", "epochs"),
        (lambda: explain(None, X, tops=1), TypeError, "explain", "top"),
        (
            lambda: DeliveryClassifier().set_params(max_byte=1),
            ValueError,
            "DeliveryClassifier",
            "max_bytes",
        ),
        (
            lambda: make_delivery_pipeline().set_params(classifier__epoch=1),
            ValueError,
            "DeliveryClassifier",
            "epochs",
        ),
        (
            lambda: make_delivery_pipeline().set_params(features__widow=1),
            ValueError,
            "DeliveryFeatures",
            "window",
        ),
        (
            lambda: BehaviorAnomalyDetector().set_params(maxsamples=1),
            ValueError,
            "BehaviorAnomalyDetector",
            "max_samples",
        ),
        (lambda: DeliveryRules().set_params(window=1), ValueError, "DeliveryRules", "Correct or"),
        (
            lambda: DeliveryClassifier(learner_params={"max_dept": 3}).fit(X, Y),
            ValueError,
            "learner_params",
            "max_depth",
        ),
        (
            lambda: DeliveryClassifier("mlp", learner_params={"hidden_layers": 3}).fit(X, Y),
            ValueError,
            "learner_params",
            "hidden_layer_sizes",
        ),
        (
            lambda: DeliveryClassifier("blend", learner_params={"boost": {}}).fit(X, Y),
            ValueError,
            "learner_params",
            "boosting",
        ),
    ],
)
def test_a_misspelt_parameter_names_the_public_class_and_the_nearest_name(
    call, error, owner, offered
):
    with pytest.raises(error, match=owner) as raised:
        call()
    message = str(raised.value)
    assert offered in message.partition("Got ")[2]
    assert "\n" not in message
    assert not re.search(r"FamilyClassifier|EventFeatures|EventRules|__init__|\b_\w", message)


def public():
    for package in PACKAGES:
        module = importlib.import_module(f"novin_ml.{package}")
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing) and not (inspect.isclass(thing) and issubclass(thing, Exception)):
                yield f"{package}.{name}"


@pytest.mark.parametrize("name", sorted(set(public())))
def test_no_call_of_a_public_name_speaks_of_a_private_one(name):
    package, _, short = name.rpartition(".")
    call = getattr(importlib.import_module(f"novin_ml.{package}"), short)
    with pytest.raises(TypeError) as raised:
        call(misspelt_name=1)
    message = str(raised.value)
    assert not re.search(r"FamilyClassifier|\b_[a-z]\w*\(", message)
    assert short in message or short.startswith("make_") or "EnumType" in message


def test_too_many_positions_name_the_public_class():
    with pytest.raises(TypeError, match=r"^DeliveryClassifier must be called with .*by name\.$"):
        DeliveryClassifier("mlp", 3)


ESTIMATORS = [name for name in novin_ml.__all__ if hasattr(getattr(novin_ml, name), "get_params")]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_checked_constructors_keep_what_scikit_learn_asks_of_them(name):
    kind = getattr(novin_ml, name)
    model = kind(random_state=3)
    assert (
        list(inspect.signature(kind).parameters)
        == list(inspect.signature(kind.__init__).parameters)[1:]
    )
    assert clone(model).get_params() == model.get_params()
    assert pickle.loads(pickle.dumps(model)).get_params() == model.get_params()
    assert model.set_params(random_state=4) is model
    assert Pipeline([("a", model)]).set_params(a__random_state=5)["a"].random_state == 5


def test_nearest():
    assert nearest("zzz", ["epochs"]) == ""
    assert nearest(3, ["epochs"]) == ""
