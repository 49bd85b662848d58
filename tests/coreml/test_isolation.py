"""Isolation forests on the phone: scores within 1e-6 of Python's, and no flag another."""

import json

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import LocalOutlierFactor
from sklearn.utils.fixes import parse_version

from novin_ml import BehaviorAnomalyDetector, store
from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import AlarmAnswers, ClassAnswers
from novin_ml.coreml.certificate import certify
from novin_ml.coreml.converters import _registry as registry
from novin_ml.coreml.converters.isolation import leaf_values
from novin_ml.coreml.subject import REFERENCE_KIND, Subject
from novin_ml.estimators import make_behavior_pipeline
from novin_ml.estimators.learners import from_sklearn
from novin_ml.events import training_events
from novin_ml.exceptions import (
    CertificateError,
    NotExportableError,
    ParityError,
    SavedModelError,
    UnsupportedModelError,
)
from novin_ml.features import BEHAVIOR_FEATURES
from novin_ml.simulation import simulate_deliveries
from tests.coreml.forests import FORESTS, adversarial_rows, detector, forest, table
from tests.coreml.second_opinion import onnx_outputs

TOLERANCE = 1e-6


def stages(spec):
    return spec.pipeline.models


def trees_of(spec):
    return stages(spec)[0].treeEnsembleRegressor.treeEnsemble


def converted(model):
    subject = registry.parse_model(model)
    return subject, registry.converter_for(subject.learner).convert(subject)


def passes(subject, spec):
    """Whether the answers on the certificate's rows agree, whatever the structure says."""
    return certify(spec, subject, reference_sha256="").answers_agree


def assert_same(model, path, X):
    """Both numbers within the tolerance, and the flag the same away from ties."""
    outputs = CoreMLRuntime(path).predict_outputs(X)
    decision = model.decision_function(X)
    np.testing.assert_allclose(
        outputs["anomalyScore"], -model.score_samples(X), rtol=0, atol=TOLERANCE
    )
    np.testing.assert_allclose(outputs["decision"], decision, rtol=0, atol=TOLERANCE)
    clear = np.abs(decision) > TOLERANCE
    np.testing.assert_array_equal(outputs["decision"][clear] < 0, model.predict(X)[clear] == -1)


# The same answers. No row here is the certificate's own.


@pytest.mark.parametrize("name", FORESTS)
def test_exported_forest_is_the_trained_one(name, tmp_path):
    X, weight, params = FORESTS[name]
    model = forest(X, sample_weight=weight, **params)
    export = export_coreml(model, tmp_path / "forest.mlmodel")
    assert export.certificate.passed
    assert export.certificate.differ == 0
    assert export.certificate.tolerance == TOLERANCE
    n_features = model.n_features_in_
    training = table(n_features=n_features) if X is None or not hasattr(X, "dtype") else X
    training = np.asarray(training.todense() if hasattr(training, "todense") else training)
    fresh = np.concatenate(
        [training.astype(np.float32), 3 * table(300, n_features, 5), adversarial_rows(model, 300)]
    )
    assert_same(model, export.model, fresh)


@pytest.mark.parametrize("days", [None, 5, 60])
def test_exported_detector_is_the_trained_one(days, tmp_path):
    model = detector(days=days)
    export = export_coreml(model, tmp_path / "detector.mlmodel", data=table(90, seed=3))
    assert set(export.certificate.checks) == {"training_like", "random", "thresholds", "data"}
    X = np.concatenate([table(600), 4 * table(500, seed=7)])
    assert_same(model, export.model, X)
    own = CoreMLRuntime(export.model).metadata["user_defined"]
    decision = CoreMLRuntime(export.model).predict_outputs(X)["decision"]
    assert own["novin_ml.state"] == model.state_ == ("ready" if days == 60 else "learning")
    # One that is learning never alarms; this data has rows at which the other one does.
    assert (decision.min() < 0) == (days == 60)
    assert float(own["novin_ml.offset"]) == model.offset_
    note = "Still learning"
    text = CoreMLRuntime(export.model).metadata["short_description"]
    assert (note in text) == (days != 60)


@pytest.mark.filterwarnings("ignore:The detector keeps only:UserWarning")
def test_another_budget_is_exported_without_training_again(tmp_path):
    model = detector()
    strict = export_coreml(model, tmp_path / "strict.mlmodel")
    model.set_alarms_per_week(20)
    loose = export_coreml(model, tmp_path / "loose.mlmodel")
    X = 3 * table(500, seed=9)
    flagged = [CoreMLRuntime(e.model).predict_outputs(X)["decision"] < 0 for e in (strict, loose)]
    assert flagged[0].sum() < flagged[1].sum()
    np.testing.assert_array_equal(flagged[1], model.predict(X) == -1)


def test_comparisons_agree_in_float32_and_in_double():
    """Walk every tree node by node both ways, on values an ulp about scikit-learn's thresholds."""
    model = forest(table().astype(np.float64) / 3, n_estimators=20)
    _, spec = converted(model)
    nodes = {(node.treeId, node.nodeId): node for node in trees_of(spec).nodes}

    def log_score(row, goes):
        total = 0.0
        for tree in range(20):
            node = nodes[tree, 0]
            while not node.evaluationInfo:
                child = goes(row[node.branchFeatureIndex], node.branchFeatureValue)
                node = nodes[tree, node.trueChildNodeId if child else node.falseChildNodeId]
            total += node.evaluationInfo[0].evaluationValue
        return total

    rows = adversarial_rows(model, 300)
    in_float32 = [log_score(row, lambda x, t: x <= np.float32(t)) for row in rows]
    in_double = [log_score(row, lambda x, t: float(x) <= t) for row in rows]
    assert in_float32 == in_double
    np.testing.assert_allclose(np.exp(in_double), -model.score_samples(rows), rtol=1e-13)


def test_leaves_add_up_to_the_logarithm_of_the_score():
    model = forest(n_estimators=30)
    learner = from_sklearn(model)
    X = table(100, seed=2)
    denominator = learner.denominator
    expected = -np.log(2) / denominator * learner.path_lengths(X)
    np.testing.assert_allclose(expected, np.log(-model.score_samples(X)), rtol=1e-12)
    leaf = learner.feature < 0
    np.testing.assert_allclose(
        leaf_values(learner)[leaf], -np.log(2) / denominator * learner.path_length[leaf]
    )


def test_trees_by_another_converter_and_runtime():
    model = forest(n_estimators=20)
    _, spec = converted(model)
    rows = adversarial_rows(model, 60)
    name = stages(spec)[0].description.predictedFeatureName
    theirs = np.array([row[name].item() for row in onnx_outputs(stages(spec)[0], rows)])
    ours = CoreMLRuntime(stages(spec)[0]).predict_outputs(rows)[name]
    np.testing.assert_allclose(theirs, ours, atol=1e-6)
    np.testing.assert_allclose(np.exp(theirs), -model.score_samples(rows), atol=1e-6)


# What Xcode shows.


def test_both_outputs_are_plain_numbers_and_every_input_one_too():
    _, spec = converted(detector())
    for feature in (*spec.description.input, *spec.description.output):
        assert feature.type.WhichOneof("Type") == "doubleType"
    assert [output.name for output in spec.description.output] == ["anomalyScore", "decision"]
    kinds = [stage.WhichOneof("Type") for stage in stages(spec)]
    assert (
        kinds
        == ["treeEnsembleRegressor", "featureVectorizer", "neuralNetwork"]
        + ["arrayFeatureExtractor"] * 2
    )
    # What one stage gives, and the next one takes, is of one type: Apple's validator compares them.
    types = {feature.name: feature.type for feature in spec.description.input}
    for stage in stages(spec):
        for feature in stage.description.input:
            assert types[feature.name] == feature.type
        types |= {feature.name: feature.type for feature in stage.description.output}
    for feature in spec.description.output:
        assert types[feature.name] == feature.type


@pytest.fixture(scope="module")
def pipeline():
    events, _ = training_events(simulate_deliveries(1_500, n_homes=1, random_state=0))
    model = make_behavior_pipeline(n_estimators=8, max_samples=64, random_state=0)
    return model.fit(events, detector__timestamps=events["timestamp"]), events


def test_metadata_of_a_pipeline_from_events(pipeline, tmp_path):
    model, events = pipeline
    export = export_coreml(model, tmp_path / "home.mlmodel", data=model[0].transform(events))
    assert export.certificate.checks["data"].rows == len(events)
    runtime = CoreMLRuntime(export.model)
    assert runtime.input_names == tuple(spec.name for spec in BEHAVIOR_FEATURES)
    for feature, spec in zip(runtime.spec.description.input, BEHAVIOR_FEATURES, strict=True):
        assert spec.meaning in feature.shortDescription
        if spec.unit not in ("", "1"):
            assert f"unit {spec.unit}" in feature.shortDescription
    for feature in runtime.spec.description.output:
        assert feature.shortDescription == AlarmAnswers.outputs[feature.name]
    own = {
        key.removeprefix("novin_ml."): value
        for key, value in runtime.metadata["user_defined"].items()
    }
    last = model[-1]
    assert own["estimator"] == "BehaviorAnomalyDetector"
    assert own["algorithm"] == "isolation"
    assert own["training_data_sha256"] == last.training_data_["sha256"]
    assert own["training_rows"] == str(len(events))
    assert float(own["training_days"]) == last.n_days_
    assert float(own["alarms_per_week"]) == 1.0
    assert float(own["confidence"]) == 0.95
    assert float(own["offset"]) == last.offset_
    assert "threshold" not in own
    assert json.loads(own["feature_order"]) == list(runtime.input_names)
    scores = runtime.predict_outputs(model[0].transform(events))["anomalyScore"]
    np.testing.assert_allclose(scores, -model.score_samples(events), rtol=0, atol=TOLERANCE)


def test_names_of_a_table_of_ones_own(tmp_path):
    frame = pd.DataFrame(table(), columns=["energy", "two words", "stage_x", "ü"])
    model = IsolationForest(n_estimators=5, random_state=0).fit(frame)
    export = export_coreml(model, tmp_path / "forest.mlmodel", data=frame)
    runtime = CoreMLRuntime(export.model)
    assert runtime.input_names == ("energy", "two_words", "stage_x", "__")
    assert runtime.metadata["user_defined"]["novin_ml.contamination"] == "auto"
    assert "novin_ml.state" not in runtime.metadata["user_defined"]
    renamed = export_coreml(model, tmp_path / "other.mlmodel", feature_names=list("abcd"))
    assert CoreMLRuntime(renamed.model).input_names == tuple("abcd")


def test_a_hundred_trees_of_256_rows_are_below_300_kb(tmp_path):
    X = np.random.default_rng(0).normal(size=(2_000, 12)).astype(np.float32)
    for model in (
        IsolationForest(n_estimators=100, random_state=0).fit(X),
        BehaviorAnomalyDetector(random_state=0).fit(X),
    ):
        export = export_coreml(model, tmp_path / "forest.mlmodel")
        assert export.model.stat().st_size < 300_000
        assert export.certificate.max_error <= TOLERANCE


# The certificate.


def test_certificate_names_what_it_compared(tmp_path):
    export = export_coreml(detector(), tmp_path / "detector.mlmodel", data=table(50, seed=3))
    written = json.loads(export.certificate_file.read_text())
    assert written["choices"] == export.certificate.choices == "flags"
    assert written["passed"] is True
    assert written["flags_differ"] == 0
    assert written["max_error"] <= written["tolerance"] == TOLERANCE
    assert "labels_differ" not in json.dumps(written)
    for check in written["checks"].values():
        assert set(check) == {"rows", "max_error", "flags_differ", "ties", "rounded"}
    assert verify_coreml(export.model, data=table(50, seed=3)) == export.certificate
    package = export_coreml(detector(), tmp_path / "other.mlpackage")
    assert verify_coreml(package.model).passed


def test_two_exports_are_the_same_bytes(tmp_path):
    for name in "ab":
        export_coreml(detector(), tmp_path / name / "model.mlmodel")
    for path in (tmp_path / "a").rglob("*.*"):
        if path.is_file():
            assert (
                path.read_bytes()
                == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
            )


def test_rows_with_missing_values_are_not_compared(tmp_path):
    rows = table(50, seed=3)
    rows[::2, 1] = np.nan
    export = export_coreml(detector(), tmp_path / "detector.mlmodel", data=rows)
    assert export.certificate.checks["data"].rows == 25
    with pytest.raises(NotExportableError, match="without missing values"):
        verify_coreml(export.model, data=rows[::2])


def test_every_wrong_node_is_found():
    subject, spec = converted(forest(n_estimators=2, max_samples=32, contamination=0.1))
    assert passes(subject, spec)
    nodes = {(node.treeId, node.nodeId): node for node in trees_of(spec).nodes}

    def values(tree, number):
        node = nodes[tree, number]
        if node.evaluationInfo:
            return {node.evaluationInfo[0].evaluationValue}
        return values(tree, node.trueChildNodeId) | values(tree, node.falseChildNodeId)

    n_thresholds = 0
    for node in nodes.values():
        if node.evaluationInfo:
            value = node.evaluationInfo[0].evaluationValue
            node.evaluationInfo[0].evaluationValue = value + 1e-4
            assert not passes(subject, spec)
            node.evaluationInfo[0].evaluationValue = value
            continue
        sides = (node.trueChildNodeId, node.falseChildNodeId)
        if set.intersection(*(values(node.treeId, side) for side in sides)):
            continue  # A leaf of each side gives the same: that answer may not change.
        n_thresholds += 1
        threshold = node.branchFeatureValue
        for toward in (np.inf, -np.inf):
            moved = np.nextafter(np.float32(threshold), np.float32(toward))
            node.branchFeatureValue = float(moved)
            assert not passes(subject, spec)
        node.branchFeatureValue = threshold
    assert n_thresholds > 5
    assert passes(subject, spec)


def wrong_offset(spec):
    stages(spec)[2].neuralNetwork.layers[1].activation.linear.beta += 1e-4


def wrong_sign(spec):
    stages(spec)[2].neuralNetwork.layers[1].activation.linear.alpha = 1


def wrong_function(spec):
    stages(spec)[2].neuralNetwork.layers[0].unary.type = 6  # ABS


def wrong_base(spec):
    trees_of(spec).basePredictionValue[0] = 1e-4


def wrong_comparison(spec):
    for node in trees_of(spec).nodes:
        if not node.evaluationInfo:
            node.nodeBehavior = 1  # BranchOnValueLessThan


def swapped_outputs(spec):
    inputs = [stage.description.input[0] for stage in stages(spec)[3:]]
    inputs[0].name, inputs[1].name = inputs[1].name, inputs[0].name


@pytest.mark.parametrize(
    "spoil",
    [wrong_offset, wrong_sign, wrong_function, wrong_base, wrong_comparison, swapped_outputs],
)
@pytest.mark.parametrize("model", [detector, forest])
def test_wrong_parts_are_found(spoil, model):
    subject, spec = converted(model())
    spoil(spec)
    assert not passes(subject, spec)


def test_a_wrong_flag_is_found_where_both_numbers_are_right():
    class AlwaysQuiet(AlarmAnswers):
        def chosen(self, outputs):
            return np.zeros_like(super().chosen(outputs))

    subject, spec = converted(forest(contamination=0.2))
    object.__setattr__(subject, "answers", AlwaysQuiet(subject.answers.offset))
    certificate = certify(spec, subject, reference_sha256="")
    assert certificate.max_error <= TOLERANCE
    assert certificate.differ > 0
    assert not certificate.passed
    with pytest.raises(ParityError, match="other flags"):
        certificate.require_passed("forest")


def test_decisions_within_the_tolerance_of_zero_are_ties():
    answers = AlarmAnswers(-0.5)
    numbers = np.array([[0.5, 0.0], [0.5, 9e-7], [0.5, -9e-7], [0.5, 2e-6], [0.5, -2e-6]])
    assert answers.ties(numbers, TOLERANCE).tolist() == [True, True, True, False, False]
    assert answers.choice(numbers).tolist() == [False, False, True, False, True]


def test_answers_of_a_device_row_by_row():
    """What coremltools' predict returns on macOS: a dictionary for each row."""
    alarm = AlarmAnswers(-0.5)
    outputs = alarm.of_device([{"anomalyScore": 0.4, "decision": 0.1, "other": 1}] * 2)
    assert alarm.numbers(outputs, None).tolist() == [[0.4, 0.1]] * 2
    assert alarm.chosen(outputs).tolist() == [False, False]
    labels = ClassAnswers(["b", "a"])
    outputs = labels.of_device([{"label": "a", "classProbability": {"a": 0.7, "b": 0.3}}])
    assert labels.numbers(outputs, np.array(["b", "a"])).tolist() == [[0.3, 0.7]]
    assert labels.chosen(outputs).tolist() == ["a"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["answers"].update(choices="evil"),
        lambda d: d["answers"].update(choices="labels"),
        lambda d: d["answers"].pop("offset"),
        lambda d: d["answers"].update(offset="x"),
        lambda d: d.update(answers=3),
        lambda d: d.update(learner="boosting"),
    ],
)
def test_other_references_are_refused(change, tmp_path):
    export = export_coreml(detector(), tmp_path / "detector.mlmodel")
    files = store.read_folder(export.reference, REFERENCE_KIND)
    document = json.loads(files["subject.json"])
    change(document)
    files["subject.json"] = json.dumps(document).encode()
    with pytest.raises(SavedModelError):
        Subject.load(store.write_folder(files, tmp_path / "other", REFERENCE_KIND))


def test_a_certificate_of_a_later_protocol_is_refused(tmp_path):
    export = export_coreml(detector(), tmp_path / "detector.mlmodel")
    text = export.certificate_file.read_text().replace('"protocol": 5', '"protocol": 6')
    export.certificate_file.write_text(text)
    with pytest.raises(CertificateError, match=r"protocol 5 or older\. Got protocol 6"):
        verify_coreml(export.model)


# What is refused.


def with_missing_values():
    X = table()
    X[::3, 1] = np.nan
    return forest(X)


def test_a_forest_trained_with_missing_values_is_refused_or_right(tmp_path):
    """scikit-learn 1.6 trains the same trees as without knowing of them; later ones remember."""
    model = with_missing_values()
    if parse_version(sklearn.__version__) < parse_version("1.7"):
        export = export_coreml(model, tmp_path / "forest.mlmodel")
        assert_same(model, export.model, table(300, seed=5))
        return
    with pytest.raises(NotExportableError, match="without missing values"):
        export_coreml(model, tmp_path / "forest.mlmodel")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        (forest, {"class_labels": ["a", "b"]}, NotExportableError, "IsolationForest, which has no"),
        (detector, {"class_labels": ["a"]}, NotExportableError, "'class_labels'.*no classes"),
        (forest, {"feature_names": list("abc")}, NotExportableError, "4 names"),
        (
            forest,
            {"feature_names": ["decision", "b", "c", "d"]},
            NotExportableError,
            "'anomalyScore' or 'decision'",
        ),
        (lambda: clone(forest()), {}, NotFittedError, "not fitted"),
        (lambda: clone(detector()), {}, NotFittedError, "not fitted"),
        (
            lambda: LocalOutlierFactor(novelty=True).fit(table()),
            {},
            NotExportableError,
            "IsolationForest.*LocalOutlierFactor",
        ),
        (lambda: forest(max_samples=1), {}, NotExportableError, "two rows.*max_samples=1"),
    ],
)
def test_what_is_refused_leaves_nothing(model, options, error, message, tmp_path):
    with pytest.raises(error, match=message):
        export_coreml(model(), tmp_path / "model.mlmodel", **options)
    assert list(tmp_path.iterdir()) == []


# The runtime's part of it.


def extractor(indexes, width=3, output=None):
    types = coremltools().models.datatypes
    build = coremltools().models.array_feature_extractor.create_array_feature_extractor
    return build([("x", types.Array(width))], "y", indexes, output)


def test_extractor_takes_elements_by_index():
    X = np.arange(6.0).reshape(2, 3)
    assert CoreMLRuntime(extractor(1)).predict_outputs(X)["y"].tolist() == [1, 4]
    assert CoreMLRuntime(extractor([2, 0])).predict_outputs(X)["y"].tolist() == [[2, 0], [5, 3]]


def no_index(spec):
    del spec.arrayFeatureExtractor.extractIndex[:]


def too_far(spec):
    spec.arrayFeatureExtractor.extractIndex[0] = 3


def two_for_a_number(spec):
    spec.arrayFeatureExtractor.extractIndex.append(1)


@pytest.mark.parametrize("damage", [no_index, too_far, two_for_a_number])
def test_extractors_that_are_refused(damage):
    spec = extractor(0)
    damage(spec)
    with pytest.raises(UnsupportedModelError, match="arrayFeatureExtractor must extract"):
        CoreMLRuntime(spec)
