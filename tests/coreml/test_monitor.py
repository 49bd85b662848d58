"""The model of a monitor: its forest, its curves and thresholds, and what covers them."""

import json

import numpy as np
import pytest

from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.coreml.certificate import PROTOCOL
from novin_ml.coreml.claims import claim_difference
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.subject import Subject
from novin_ml.coreml.swift._families import ModelFacts
from novin_ml.coreml.swift._monitor_streams import golden_streams
from novin_ml.estimators import HomeMonitor, MonitorStream
from novin_ml.estimators.tails import Curve
from novin_ml.events import Vocabulary
from novin_ml.features import ActivityHistory, BehaviorHistory
from novin_ml.simulation import simulate_behavior

DAY = 86_400


@pytest.fixture(scope="module")
def monitor():
    log = simulate_behavior(weeks=4, ends=True, random_state=2).assign(consent=True)
    return HomeMonitor(n_estimators=20, random_state=0).fit(log)


@pytest.fixture(scope="module")
def export(monitor, tmp_path_factory):
    return export_coreml(monitor, tmp_path_factory.mktemp("monitor") / "house.mlmodel")


def test_the_forest_is_certified_with_the_columns_of_set_2(monitor, export):
    runtime = CoreMLRuntime(export.model)
    assert export.certificate.passed
    names = list(runtime.input_names)
    assert names[-2:] == ["transition_mean", "sensor_hour_mean"]
    assert len(names) == 19
    entries = runtime.metadata["user_defined"]
    assert entries["novin_ml.family"] == "monitor"
    assert entries["novin_ml.feature_set"] == "2"
    verify_coreml(export.model, estimator=monitor)


def test_the_decision_is_that_of_the_forest_alone(monitor, export):
    rng = np.random.default_rng(0)
    X = rng.normal(3, 6, size=(400, 19)).astype(np.float32)
    score = -monitor.detector_.score_samples(X)
    bits = monitor.forest_tail_.bits(score)
    threshold = monitor.budgets_["event"].threshold
    offset = ModelFacts.of(CoreMLRuntime(export.model)).offset
    near = np.abs(bits - threshold) < 1e-6
    assert ((-score - offset < 0) == (bits > threshold))[~near].all()
    assert 0 < (bits > threshold).mean() < 1


def test_a_curve_and_its_inverse(monitor):
    curve = monitor.forest_tail_.curve
    assert Curve.from_dict(json.loads(json.dumps(curve.to_dict()))) == curve
    bits = np.linspace(curve.bits_at[0], curve.bits_at[-1] + 5, 60)
    assert curve.bits([curve.score_at(each) for each in bits]) == pytest.approx(bits)
    assert curve.score_at(curve.bits_at[0] - 1) == -np.inf


@pytest.mark.parametrize("change", ["threshold", "curve"])
def test_an_edited_threshold_or_curve_is_noticed(export, change):
    subject = Subject.load(export.reference)
    document = json.loads(subject.info["monitor"])
    if change == "threshold":
        document["kinds"]["silence"]["threshold"] += 1
    else:
        document["curves"]["transition"]["bits"][0] += 0.5
    spec = read_spec(export.model)
    spec.description.metadata.userDefined["novin_ml.monitor"] = json.dumps(document)
    versions = json.loads(export.certificate_file.read_text())["versions"]
    clause, _ = claim_difference(spec, subject, versions, PROTOCOL)
    assert "monitor" in clause


def assert_golden(monitor, export):
    facts = ModelFacts.of(CoreMLRuntime(export.model))
    history = monitor.features_.history(monitor.home_id_)
    streams = golden_streams(facts, Subject.load(export.reference), history, monitor.history_)
    assert [each["continued"] for each in streams] == [False, False, True]
    n_alarms = 0
    for golden in streams:
        stream = MonitorStream(monitor)
        if not golden["continued"]:  # the same monitor on a home of which nothing is known
            stream._activity = ActivityHistory()
            stream._behavior = BehaviorHistory(vocabulary=monitor.features_.vocabulary_)
        for step in golden["steps"]:
            if "advance" in step:
                rows = stream.advance(step["advance"])
            else:
                rows = stream.update(json.loads(step["json"])["events"][0])
            expected = sorted(step["rows"], key=lambda row: row["time"])
            times = (rows["time"] * 1000).round().astype(int).tolist()
            assert times == [row["time"] for row in expected]
            found = sorted(zip(rows["kind"], rows["score"], rows["alarm"], strict=True))
            told = sorted((row["kind"], row["score"], row["is_alarm"]) for row in expected)
            assert [each[::2] for each in found] == [each[::2] for each in told]
            assert [each[1] for each in found] == pytest.approx([each[1] for each in told])
            n_alarms += sum(row["is_alarm"] for row in expected) if golden["continued"] else 0
    assert n_alarms > 0


def test_golden_streams_are_those_of_the_monitor(monitor, export):
    assert_golden(monitor, export)


def test_golden_streams_are_read_by_the_vocabulary_of_the_model(tmp_path):
    """Kinds of its own: what the SDK reads as a door has no ticks of a door."""
    texts = {"contact": ["door", "window"], "motion": ["motion"], "doorbell": ["bell"],
             "glass_break": ["glass"], "other": []}  # fmt: skip
    kinds = [{"name": name, "texts": texts[name]} for name in texts]
    kinds[0]["group"] = "opening"
    zones = [{"name": name, "kind": name, "risk": 0.5} for name in ("outdoor", "unknown")]
    vocabulary = Vocabulary.from_dict(
        {"name": "own", "extends": "none", "kinds": kinds, "zones": zones}
    )
    log = vocabulary.apply(simulate_behavior(weeks=4, ends=True, random_state=2))
    own = HomeMonitor(n_estimators=5, random_state=0).fit(log.assign(consent=True))
    assert_golden(own, export_coreml(own, tmp_path / "house.mlmodel"))
