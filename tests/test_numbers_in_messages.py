"""No message has a scalar of numpy in it, whichever number was refused; and none that is fine is.

Every call is given scalars of all types, and lists, tuples, dicts and arrays of them. What it
refuses, it shows as Python writes it.
"""

import re
import tempfile

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier, export_coreml
from novin_ml.compute import amdahl_speedup, fit_scaling_law
from novin_ml.estimators import make_delivery_pipeline
from novin_ml.estimators.decisions import AlarmThreshold
from novin_ml.estimators.learners import boosting_fit, network_fit
from novin_ml.evaluation import (
    attribute,
    compare_answers,
    compare_many,
    conformalize,
    explain,
    permutation_importances,
    split_by_home,
    tune_threshold,
)
from novin_ml.events import Chains, Signals, chains_from_events, read_event, write_events
from novin_ml.features import (
    BehaviorFeatures,
    DeliveryFeatures,
    FeatureSpec,
    attach_context,
    training_rows,
)
from novin_ml.lifecycle import fit_fleet
from novin_ml.plain import as_python, shown
from novin_ml.simulation import simulate_deliveries, simulate_motions

# Here it does not matter whether a model was trained on what it is asked.
pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")

#: What numpy and pandas write that Python does not.
FOREIGN = re.compile(r"\bnp\.|\bnumpy\.\w*\d+\(|\bdtype=|\barray\(|\bTimestamp\(|<NA>|masked_")
VALUES = {
    "float64": np.float64(-1.5),
    "float32": np.float32(-0.1),
    "float16": np.float16(-7),
    "longdouble": np.longdouble(-2),
    "int64": np.int64(-3),
    "int8": np.int8(-99),
    "str": np.str_("zz"),
    "nan": np.float64("nan"),
    "infinity": np.float32("-inf"),
    "date": np.datetime64("2020-01-01"),
    "duration": np.timedelta64(-3, "s"),
    "complex": np.complex64(1),
    "list": [np.float64(-1)],
    "tuple": (np.int64(-1),),
    "array": np.array([-1.5]),
    "scalar array": np.array(-1.5),
    "texts": np.array(["a", "b"]),
    "Timestamp": pd.Timestamp("2020"),
}

X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
Y = X[:, 0] > 0
EVENTS = simulate_deliveries(300, random_state=0)
FEW = EVENTS.head(3)


@pytest.fixture(scope="module", name="models")
def fitted():
    rows, _ = training_rows(EVENTS)
    return {
        "trees": DeliveryClassifier(epochs=1, random_state=0).fit(X, Y),
        "network": DeliveryClassifier("mlp", epochs=1, random_state=0).fit(X, Y),
        "detector": BehaviorAnomalyDetector(n_estimators=3, random_state=0).fit(X),
        "pipeline": make_delivery_pipeline(epochs=1, random_state=0).fit(rows, rows["label"]),
    }


def fit(value, name, **params):
    return DeliveryClassifier(**{"epochs": 1, **params, name: value}).fit(X, Y)


def chains(**columns):
    table = {"home_id": ["a"], "start": [0.0], "observed_until": [5.0]}
    given = {"time": [1.0], "kind": [0], "zone": [0], "confidence": [0.5]}
    given |= {name: columns.pop(name) for name in list(columns) if name in given}
    return Chains(pd.DataFrame({**table, **columns}), [0, 1], *given.values())


def answers(**options):
    return compare_answers(["x", "y"] * 5, ["x"] * 10, ["y"] * 10, **options)


def of_metadata(name, value):
    return read_event({"type": "motion", "timestamp": 1.0, "metadata": {name: value}})


def exported(model, **options):
    with tempfile.TemporaryDirectory() as folder:
        return export_coreml(model, f"{folder}/m.mlmodel", **options)


def written(column, value):
    with tempfile.TemporaryDirectory() as folder:
        return write_events(FEW.assign(**{column: [value] * 3}), f"{folder}/x.jsonl")


CALLS = {
    **{
        f"DeliveryClassifier({name})": lambda _, v, name=name: fit(v, name)
        for name in DeliveryClassifier().get_params()
    },
    **{
        f"BehaviorAnomalyDetector({name})": lambda _, v, name=name: BehaviorAnomalyDetector(
            **{"n_estimators": 2, name: v}
        ).fit(X)
        for name in BehaviorAnomalyDetector().get_params()
    },
    **{
        f"boosting: {name}": lambda _, v, name=name: fit({name: v}, "learner_params")
        for name in [*boosting_fit._CONSTRAINTS, "zoo"]
    },
    **{
        f"mlp: {name}": lambda _, v, name=name: fit({name: v}, "learner_params", algorithm="mlp")
        for name in [*network_fit._CONSTRAINTS, "zoo"]
    },
    "blend: zoo": lambda _, v: fit({"zoo": v}, "learner_params", algorithm="blend"),
    "blend: mlp": lambda _, v: fit({"mlp": v}, "learner_params", algorithm="blend"),
    "class_weight": lambda _, v: fit({True: v}, "class_weight"),
    "sample_weight": lambda _, v: DeliveryClassifier(epochs=1).fit(X, Y, sample_weight=v),
    "groups": lambda _, v: DeliveryClassifier(epochs=1).fit(X, Y, groups=v),
    "y": lambda _, v: DeliveryClassifier(epochs=1).fit(X, [v] * 60),
    "X": lambda _, v: DeliveryClassifier(epochs=1).fit(v, Y),
    "X to answer": lambda models, v: models["trees"].predict(v),
    "columns": lambda _, v: DeliveryClassifier().fit(pd.DataFrame(X, columns=[str, v, v]), Y),
    "thresholds": lambda models, v: models["trees"].set_thresholds(v),
    "threshold": lambda models, v: models["trees"].set_thresholds({True: v}),
    "AlarmThreshold": lambda _, v: AlarmThreshold("a", v),
    "abstention": lambda models, v: models["trees"].set_abstention(v),
    "timestamps": lambda _, v: BehaviorAnomalyDetector(n_estimators=2).fit(X, timestamps=[v] * 60),
    "alarms_per_week": lambda models, v: models["detector"].set_alarms_per_week(v),
    "explain top": lambda models, v: explain(models["trees"], X[:1], top=v),
    "explain label": lambda models, v: explain(models["trees"], X[:1], label=v),
    "explain row": lambda models, v: explain(models["trees"], v),
    "explain n_samples": lambda models, v: explain(models["network"], X[:1], n_samples=v),
    "attribute label": lambda models, v: attribute(models["trees"], X[:1], label=v),
    "importances": lambda models, v: permutation_importances(models["trees"], X, [v] * 60),
    **{
        f"compare {name}": lambda _, v, name=name: answers(**{name: v})
        for name in ("confidence", "power", "difference", "n_resamples", "random_state")
    },
    "compare_many against": lambda models, v: compare_many(
        dict.fromkeys("ab", models["trees"]), X, labels=Y, against=v
    ),
    "budget": lambda models, v: tune_threshold(
        models["pipeline"], EVENTS, false_alarms_per_week=v, labels=["delivery"]
    ),
    "budget's label": lambda models, v: tune_threshold(
        models["pipeline"], EVENTS, false_alarms_per_week=1.0, labels=[v]
    ),
    "truth": lambda models, v: conformalize(models["pipeline"], EVENTS, error_rate=0.1, truth=v),
    "error_rate": lambda models, v: conformalize(models["trees"], X, Y, error_rate=v),
    "test_fraction": lambda _, v: split_by_home(EVENTS, v),
    "prevalence": lambda _, v: simulate_deliveries(20, prevalence=v),
    "annotator_error": lambda _, v: simulate_motions(20, annotator_error=v),
    "n_homes": lambda _, v: simulate_motions(20, n_homes=v),
    "window of chains": lambda _, v: chains_from_events(FEW, v),
    "max_events": lambda _, v: chains_from_events(FEW, max_events=v),
    "window of context": lambda _, v: attach_context(FEW, v),
    "another context": lambda _, v: DeliveryFeatures(window=v).fit(attach_context(FEW)),
    "one_home": lambda _, v: BehaviorFeatures(one_home=v).fit(FEW),
    "seconds": lambda _, v: fit_scaling_law(v, 1),
    "cores": lambda _, v: fit_scaling_law([1.0, 2.0], v),
    "rows": lambda _, v: fit_scaling_law([1.0, 2.0], 1, [v, v]),
    "predicted rows": lambda _, v: fit_scaling_law([1.0, 1.0, 2.0], 1).predict(2, rows=v),
    "serial_fraction": lambda _, v: amdahl_speedup(v, 2),
    "class_labels": lambda models, v: exported(models["trees"], class_labels=v),
    "labels": lambda models, v: exported(models["trees"], class_labels=[v, v]),
    "feature_names": lambda models, v: exported(models["trees"], feature_names=[v, "a", "b"]),
    "author": lambda models, v: exported(models["trees"], author=v),
    "data": lambda models, v: exported(models["trees"], data=v),
    "range of a feature": lambda _, v: FeatureSpec("a", "s", v, np.float64(-9e9), "m"),
    "name of a feature": lambda _, v: FeatureSpec(v if isinstance(v, str) else "a b", "", 0, 1, ""),
    "timezone": lambda _, v: read_event({"type": "motion", "timestamp": 1.0}, timezone=v),
    "timestamp": lambda _, v: read_event({"type": "motion", "timestamp": v}),
    **{
        f"metadata.{name}": lambda _, v, name=name: of_metadata(name, v)
        for name in ("location", "home_mode", "duration", "energy", "raw", "sample_rate")
    },
    **{
        f"written {name}": lambda _, v, name=name: written(name, v)
        for name in ("home_id", "type", "home_mode", "location", "label")
    },
    "signal": lambda _, v: Signals.from_arrays([v]),
    "sample_rate": lambda _, v: Signals.from_arrays([[0.1]], [v]),
    "start of a chain": lambda _, v: chains(start=[v]),
    "home_mode of a chain": lambda _, v: chains(home_mode=[v]),
    "kind of a chain": lambda _, v: chains(kind=[v]),
    "confidence of a chain": lambda _, v: chains(confidence=[v]),
    "random_state of a fleet": lambda _, v: fit_fleet(FEW, out="unused", random_state=v),
    "column of a fleet": lambda _, v: fit_fleet(FEW, out="unused", by=str(v), random_state=v),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore")
def test_a_refused_number_is_shown_as_python_writes_it(models, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    messages = []
    for value in VALUES.values():
        try:
            CALLS[name](models, value)
        except (ValueError, TypeError) as error:
            messages.append(str(error))
    assert messages
    assert [message for message in messages if FOREIGN.search(message)] == []


@pytest.mark.parametrize("algorithm", ["boosting", "mlp", "blend"])
def test_a_number_of_numpy_is_the_number(algorithm):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 3)).astype(np.float32)
    y = rows[:, 0] > 0
    trees = {"max_depth": 99, "max_bin": 99, "learning_rate": 0.5, "patience": 3}
    network = {"hidden_layer_sizes": (4, 3), "learning_rate_init": 0.25, "patience": 3}
    of_learner = {"boosting": trees, "mlp": network, "blend": {"boosting": trees, "mlp": network}}

    def small(value):  # as few bits as hold it
        if isinstance(value, dict):
            return {name: small(each) for name, each in value.items()}
        if isinstance(value, tuple):
            return tuple(small(each) for each in value)
        kind = {bool: np.bool_, int: np.int8, float: np.float16}[type(value)]
        return kind(value)

    params = {
        "epochs": 5,
        "early_stopping": True,
        "validation_fraction": 0.25,
        "calibrate": True,
        "class_weight": {True: 2.0},
        "learner_params": of_learner[algorithm],
        "n_jobs": 1,
        "random_state": 3,
        "verbose": 0,
    }
    numbers = {name: small(value) for name, value in params.items()}
    expected = DeliveryClassifier(algorithm, **params).fit(rows, y)
    given = DeliveryClassifier(algorithm, max_bytes=np.int32(5_000_000), **numbers).fit(rows, y)
    assert_array_equal(given.predict_proba(rows), expected.predict_proba(rows))
    assert given.fit_report_ == expected.fit_report_


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.1), "0.1"),
        (np.longdouble("0.5"), "0.5"),
        (np.float16("inf"), "inf"),
        (np.True_, "True"),
        (np.str_("it's"), '"it\'s"'),
        (np.datetime64("2020-01-01"), "'2020-01-01'"),
        (np.timedelta64(3, "s"), "'3 seconds'"),
        (pd.Timestamp("2020-01-01"), "'2020-01-01 00:00:00'"),
        ({np.int64(1): (np.float64(2), [np.bool_(False)])}, "{1: (2.0, [False])}"),
        (np.array([[1, 2]]), "[[1, 2]]"),
        (np.array(["a"], dtype=object), "['a']"),
        ("np.float64(1)", "'np.float64(1)'"),
        (None, "None"),
    ],
)
def test_shown(value, text):
    assert shown(value) == text


def test_long_values_are_cut():
    text = shown(np.arange(10**6))
    assert len(text) == 200
    assert text.endswith("...")


def test_numbers_of_python_are_equal_and_of_its_types():
    given = {"a": (np.int8(9), np.float32(0.1)), "b": [np.bool_(True), np.longdouble(0.5)]}
    got = as_python(given)
    assert got == {"a": (9, float(np.float32(0.1))), "b": [True, 0.5]}
    assert [type(each) for each in (*got["a"], *got["b"])] == [int, float, bool, float]
    assert as_python("text") == "text"
