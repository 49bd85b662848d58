"""What the certificate holds, that it can fail, and that files which do not belong are refused."""

import hashlib
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import xgboost
from sklearn.pipeline import Pipeline

from novin_ml import DeliveryClassifier
from novin_ml.coreml import CoreMLRuntime, export_coreml, probes, verify_coreml
from novin_ml.coreml.certificate import certify
from novin_ml.coreml.converters import _registry as registry
from novin_ml.estimators import make_delivery_pipeline
from novin_ml.estimators.learners import BoostingLearner, NetworkLearner
from novin_ml.estimators.learners._size import tree_bytes
from novin_ml.exceptions import (
    CertificateError,
    NotExportableError,
    NovinError,
    ParityError,
    SavedModelError,
)
from novin_ml.features import DELIVERY_FEATURES, DeliveryFeatures, training_rows
from novin_ml.simulation import simulate_deliveries
from tests.coreml.models import booster, codes, delivery, mlp, table, xgb_classifier

UP, DOWN = np.float32(np.inf), np.float32(-np.inf)


def converted(model):
    """The subject and the spec of a model."""
    subject = registry.parse_model(model)
    return subject, registry.converter_for(subject.learner).convert(subject)


def trees_of(spec):
    return spec.treeEnsembleClassifier.treeEnsemble


def branches(spec):
    return [node for node in trees_of(spec).nodes if not node.evaluationInfo]


def leaves(spec):
    return [node for node in trees_of(spec).nodes if node.evaluationInfo]


def asked_before(spec, node):
    """Whether a node above asks for the same feature: it may keep missing values away."""
    feature = node.branchFeatureIndex
    parents = {
        child: parent
        for parent in branches(spec)
        if parent.treeId == node.treeId
        for child in (parent.trueChildNodeId, parent.falseChildNodeId)
    }
    while (node := parents.get(node.nodeId)) is not None:
        if node.branchFeatureIndex == feature:
            return True
    return False


def passes(subject, spec):
    """Whether the answers on the certificate's rows agree, whatever the structure says."""
    return certify(spec, subject, reference_sha256="").answers_agree


# It can fail.


@pytest.mark.parametrize("n_classes", [2, 3])
def test_every_wrong_node_is_found(n_classes):
    subject, spec = converted(booster(n_classes, rounds=2, missing=0.1))
    assert passes(subject, spec)
    for node in branches(spec):
        threshold = node.branchFeatureValue
        for to in (UP, DOWN):
            node.branchFeatureValue = float(np.nextafter(np.float32(threshold), to))
            assert not passes(subject, spec)
        node.branchFeatureValue = threshold
        if asked_before(spec, node):
            continue
        node.missingValueTracksTrueChild = not node.missingValueTracksTrueChild
        assert not passes(subject, spec)
        node.missingValueTracksTrueChild = not node.missingValueTracksTrueChild
    for leaf in leaves(spec):
        leaf.evaluationInfo[0].evaluationValue += 1e-4
        assert not passes(subject, spec)
        leaf.evaluationInfo[0].evaluationValue -= 1e-4
    assert passes(subject, spec)


def wrong_feature(spec):
    node = branches(spec)[0]
    node.branchFeatureIndex = (node.branchFeatureIndex + 1) % 4


def wrong_class(spec):
    leaf = leaves(spec)[0].evaluationInfo[0]
    leaf.evaluationIndex = (leaf.evaluationIndex + 1) % 3


def wrong_intercept(spec):
    trees_of(spec).basePredictionValue[1] += 1e-5


def wrong_labels(spec):
    labels = spec.treeEnsembleClassifier.int64ClassLabels.vector
    labels[:] = [labels[1], labels[0], labels[2]]


def wrong_transform(spec):
    spec.treeEnsembleClassifier.postEvaluationTransform = 0


@pytest.mark.parametrize(
    "spoil", [wrong_feature, wrong_class, wrong_intercept, wrong_labels, wrong_transform]
)
def test_wrong_trees_are_found(spoil):
    subject, spec = converted(booster(3))
    spoil(spec)
    assert not passes(subject, spec)


def layers(spec):
    return spec.pipelineClassifier.pipeline.models[-1].neuralNetworkClassifier.layers


def wrong_weight(spec):
    layers(spec)[0].innerProduct.weights.floatValue[3] += 0.01


def wrong_bias(spec):
    layers(spec)[-2].innerProduct.bias.floatValue[0] += 0.001


def wrong_median(spec):
    spec.pipelineClassifier.pipeline.models[1].imputer.imputedDoubleArray.vector[2] += 0.1


def wrong_shift(spec):
    spec.pipelineClassifier.pipeline.models[2].scaler.shiftValue[0] += 0.01


def wrong_scale(spec):
    spec.pipelineClassifier.pipeline.models[2].scaler.scaleValue[1] *= 1.01


def wrong_activation(spec):
    layers(spec)[1].activation.tanh.SetInParent()


def not_a_number(spec):
    layers(spec)[0].innerProduct.weights.floatValue[0] = np.nan


@pytest.mark.parametrize(
    "spoil",
    [
        wrong_weight,
        wrong_bias,
        wrong_median,
        wrong_shift,
        wrong_scale,
        wrong_activation,
        not_a_number,
    ],
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_wrong_networks_are_found(spoil, n_classes):
    subject, spec = converted(delivery("mlp", n_classes))
    assert passes(subject, spec)
    spoil(spec)
    assert not passes(subject, spec)


@pytest.mark.parametrize(
    ("model", "learner", "spoil"),
    [
        (lambda: booster(3), BoostingLearner, wrong_intercept),
        (lambda: delivery("mlp"), NetworkLearner, wrong_shift),
        (lambda: delivery("mlp"), NetworkLearner, not_a_number),
    ],
)
def test_a_wrong_converter_leaves_no_file(model, learner, spoil, tmp_path, monkeypatch):
    right = registry.converter_for(registry.parse_model(model()).learner)

    def convert(subject):
        spec = right.convert(subject)
        spoil(spec)
        return spec

    wrong = registry.Converter(convert, right.tolerance, right.exact)
    monkeypatch.setitem(registry._CONVERTERS, learner, wrong)
    with pytest.raises(ParityError, match="nothing was written") as caught:
        export_coreml(model(), tmp_path / "model.mlmodel")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_the_earlier_one(tmp_path, monkeypatch):
    export = export_coreml(booster(3), tmp_path / "model.mlmodel")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    right = registry.converter_for(registry.parse_model(booster(3)).learner)

    def convert(subject):
        spec = right.convert(subject)
        wrong_intercept(spec)
        return spec

    monkeypatch.setitem(registry._CONVERTERS, BoostingLearner, registry.Converter(convert, 1e-6))
    with pytest.raises(ParityError):
        export_coreml(booster(3, rounds=5), export.model)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_hundreds_of_rounds_are_held_against_trees_added_in_float64():
    # xgboost adds 1,800 leaves in float32 and is off by more than the tolerance.
    model = booster(6, rounds=250, max_depth=4, min_child_weight=0, eta=0.5)
    subject, spec = converted(model)
    certificate = certify(spec, subject, reference_sha256="")
    assert certificate.passed
    assert certificate.rounded == sum(check.rounded for check in certificate.checks.values())
    assert 0 < certificate.rounded < certificate.rows / 10
    assert json.loads(certificate.to_json())["rounded"] == certificate.rounded
    trees_of(spec).basePredictionValue[0] += 1e-5
    assert not passes(subject, spec)


# What it looks at.


def path_of(tree, row):
    """(Feature, threshold) of the nodes that a row passes in a tree of xgboost's own JSON."""
    node, path = 0, []
    while tree["left_children"][node] >= 0:
        feature = tree["split_indices"][node]
        threshold = np.float32(tree["split_conditions"][node])
        path.append((feature, threshold))
        value = row[feature]
        left = bool(tree["default_left"][node]) if np.isnan(value) else value < threshold
        node = tree["left_children" if left else "right_children"][node]
    return path


def test_every_threshold_is_met_at_its_value_and_one_ulp_to_either_side():
    model = booster(3, rounds=3, max_depth=5, min_child_weight=0, missing=0.1)
    _, spec = converted(model)
    forests = list(probes.tree_ensembles(spec, 4))
    quantiles = probes.value_table(forests, 4, None)
    rng = np.random.default_rng(0)
    rows = probes.threshold_rows(forests, quantiles, rng, allows_missing=True)
    trees = json.loads(model.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]

    met = {(*pair, row[pair[0]]) for row in rows for tree in trees for pair in path_of(tree, row)}
    pairs = {
        (feature, np.float32(threshold))
        for tree in trees
        for feature, threshold, left in zip(
            tree["split_indices"], tree["split_conditions"], tree["left_children"], strict=True
        )
        if left >= 0
    }
    assert len(pairs) > 40
    for feature, threshold in pairs:
        below, above = np.nextafter(threshold, DOWN), np.nextafter(threshold, UP)
        for value in (below, threshold, above):
            assert (feature, threshold, value) in met
    assert len(rows) == 5 * len(branches(spec)) > 5 * len(pairs)  # the fifth is missing


@pytest.mark.parametrize("scale", [1e-42, 1e-20, 1e30, 1e36])
def test_extreme_features(scale, tmp_path):
    X = (table(200, 0).astype(np.float64) * scale).astype(np.float32)
    model = DeliveryClassifier(epochs=3).fit(X, codes(table(200, 0), 2))
    export = export_coreml(model, tmp_path / "model.mlmodel")
    got = CoreMLRuntime(export.model).predict_proba(X)
    np.testing.assert_allclose(got, model.predict_proba(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
def test_content_and_file(algorithm, tmp_path):
    extra = table(50, 3)
    model = delivery(algorithm)
    export = export_coreml(model, tmp_path / "model.mlmodel", data=extra)
    certificate = export.certificate

    kinds = {"training_like", "random", "missing", "thresholds", "data"}
    assert set(certificate.checks) == (kinds if algorithm == "boosting" else kinds - {"thresholds"})
    assert certificate.checks["data"].rows == 50
    assert certificate.rows == sum(check.rows for check in certificate.checks.values()) > 12_000
    assert certificate.labels_differ == 0
    assert export.model.stat().st_size == certificate.model_bytes

    written = json.loads(export.certificate_file.read_text())
    assert written["passed"] is True
    assert written["rows"] == certificate.rows
    assert written["max_error"] == certificate.max_error <= written["tolerance"]
    assert set(written["checks"]) == set(certificate.checks)
    assert set(written["versions"]) >= {"novin_ml", "coremltools", "xgboost", "numpy"}
    assert written["protocol"] == 5
    assert (written["proof"] is None) == (algorithm == "mlp")
    assert written["choices"] == "labels"
    assert written["labels_differ"] == 0
    assert written["file_sha256"] == hashlib.sha256(export.model.read_bytes()).hexdigest()
    assert written["hashed_by"] == "sha256sum MODEL.mlmodel"
    # A model that names its certificate could not be hashed as a file.
    entries = CoreMLRuntime(export.model).metadata["user_defined"]
    assert "novin_ml.certificate_sha256" not in entries


def test_probes_are_finite():
    # Estimators refuse infinity, so their own answer to it cannot be asked.
    X = np.where(table(200, 0) > 0, np.finfo(np.float32).max, 0).astype(np.float32)
    model = DeliveryClassifier(epochs=3).fit(X, codes(table(200, 0), 2))
    _, spec = converted(model)
    node = branches(spec)[0]
    node.branchFeatureValue = float(np.finfo(np.float32).max)
    forests = list(probes.tree_ensembles(spec, 4))
    quantiles = probes.value_table(forests, 4, model.feature_summary_)
    rows = probes.threshold_rows(forests, quantiles, np.random.default_rng(0), allows_missing=True)
    assert len(rows)
    assert not np.isinf(rows).any()


def test_bare_mlp_has_no_rows_with_missing_values(tmp_path):
    export = export_coreml(mlp(3), tmp_path / "model.mlmodel")
    assert set(export.certificate.checks) == {"training_like", "random"}
    assert verify_coreml(export.model).passed


# Metadata.


def test_metadata_of_a_pipeline_from_events(tmp_path):
    events, _ = training_rows(simulate_deliveries(400, random_state=0))
    model = make_delivery_pipeline(epochs=5).fit(events, events["label"])
    export = export_coreml(
        model,
        tmp_path / "model.mlmodel",
        description="Deliveries.",
        author="The team",
        license="BSD-3-Clause",
        version="1.2.3",
    )
    runtime = CoreMLRuntime(export.model)
    assert runtime.input_names == tuple(spec.name for spec in DELIVERY_FEATURES)
    for feature, spec in zip(runtime.spec.description.input, DELIVERY_FEATURES, strict=True):
        assert feature.type.WhichOneof("Type") == "doubleType"
        assert spec.meaning in feature.shortDescription
        if spec.unit not in ("", "1"):
            assert f"unit {spec.unit}" in feature.shortDescription
        if np.isfinite(spec.low):
            assert f"range {spec.low:g} to {spec.high:g}" in feature.shortDescription
    assert runtime.output_names == ("label", "classProbability")
    assert all(output.shortDescription for output in runtime.spec.description.output)
    metadata = runtime.metadata
    assert metadata["short_description"] == "Deliveries."
    assert (metadata["author"], metadata["license"]) == ("The team", "BSD-3-Clause")
    assert metadata["version"] == "1.2.3"
    own = {key.removeprefix("novin_ml."): value for key, value in metadata["user_defined"].items()}
    assert json.loads(own["feature_order"]) == list(runtime.input_names)
    assert json.loads(own["feature_units"]) == [spec.unit for spec in DELIVERY_FEATURES]
    assert json.loads(own["versions"])["xgboost"] == xgboost.__version__
    assert own["training_data_sha256"] == model[-1].training_data_["sha256"]
    assert own["training_rows"] == str(len(events))
    assert own["threshold"] == "0.5"
    assert own["estimator"] == "DeliveryClassifier"
    assert own["algorithm"] == "boosting"


def test_descriptions_are_of_the_features_as_the_pipeline_computes_them(tmp_path):
    events = simulate_deliveries(400, random_state=0)
    features = DeliveryFeatures(window=30, silence=5).set_output(transform="pandas")
    rows = features.transform(events)[events["label"].notna()]
    labels = events["label"].dropna()
    model = Pipeline(
        [("features", features), ("model", DeliveryClassifier(epochs=3).fit(rows, labels))]
    )
    export = export_coreml(model, tmp_path / "model.mlmodel")
    shown = {
        feature.name: feature.shortDescription
        for feature in CoreMLRuntime(export.model).spec.description.input
    }
    for spec in features.feature_specs:
        assert spec.meaning in shown[spec.name]
    assert features.feature_specs != DELIVERY_FEATURES
    assert "range 0 to 30" in shown["seconds_since_doorbell"]
    assert "range 0 to 5" in shown["silence_after"]


def test_description_by_default_names_labels_and_rounding(tmp_path):
    export = export_coreml(delivery("mlp", 3), tmp_path / "model.mlmodel")
    metadata = CoreMLRuntime(export.model).metadata
    assert "label 0, label 1, label 2" in metadata["short_description"]
    assert "float32" in metadata["short_description"]
    assert "novin_ml.threshold" not in metadata["user_defined"]


# Files.


def files_of(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "model", [lambda: delivery("mlp", 3), delivery, lambda: booster(3), lambda: mlp(2)]
)
def test_two_exports_are_the_same_bytes(model, tmp_path):
    estimator = model()
    for name in ("a", "b"):
        export_coreml(estimator, tmp_path / name / "model.mlmodel", author="us")
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    export_coreml(estimator, tmp_path / "a" / "model.mlmodel", author="us")
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "model.mlmodel",
        "model.certificate.json",
        "model.reference",
    }


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
def test_package(algorithm, tmp_path):
    model = delivery(algorithm, 3)
    path = tmp_path / "new" / "model.mlpackage"
    for _ in range(2):
        export = export_coreml(model, path)
        assert export.model.is_dir()
        assert verify_coreml(path).rows == export.certificate.rows
    rows = table(50, 8, missing=0.1)
    tolerance = export.certificate.tolerance
    np.testing.assert_allclose(
        CoreMLRuntime(path).predict_proba(rows), model.predict_proba(rows), rtol=0, atol=tolerance
    )
    plain = export_coreml(model, tmp_path / "plain.mlmodel")
    of_file = replace(
        export.certificate,
        file_sha256=hashlib.sha256(plain.model.read_bytes()).hexdigest(),
        hashed_by="sha256sum MODEL.mlmodel",
    )
    assert plain.certificate == of_file
    next(path.rglob("*.mlmodel")).write_bytes(plain.model.read_bytes()[:-1])
    with pytest.raises(NovinError):
        verify_coreml(path)


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
def test_verify_repeats_the_certificate_on_more_rows(algorithm, tmp_path):
    export = export_coreml(delivery(algorithm, 3), tmp_path / "model.mlmodel")
    assert verify_coreml(export.model) == export.certificate
    again = verify_coreml(str(export.model), data=table(70, 9, missing=0.1))
    assert again.passed
    assert again.checks["data"].rows == 70


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return export_coreml(delivery(), tmp_path_factory.mktemp("exported") / "model.mlmodel")


@pytest.fixture
def copied(exported, tmp_path):
    shutil.copytree(exported.model.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "model.mlmodel"


def flip(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("share", np.linspace(0, 0.999, 24).round(3))
def test_an_edited_model_is_refused(copied, share):
    flip(copied, int(share * copied.stat().st_size))
    with pytest.raises(NovinError):
        verify_coreml(copied)


def test_a_model_that_was_changed_and_still_reads_is_refused(copied):
    spec = CoreMLRuntime(copied).spec
    trees_of(spec).basePredictionValue[0] += 1e-9
    copied.write_bytes(spec.SerializeToString(deterministic=True))
    with pytest.raises(SavedModelError, match="must be the model that was certified"):
        verify_coreml(copied)


@pytest.mark.parametrize("name", ["model", "certificate_file", "reference"])
def test_files_of_two_exports_are_not_taken_for_one(name, tmp_path):
    """A reader may see them so while an export replaces another, path after path."""
    X = table(60, seed=1)
    exports = [
        export_coreml(
            DeliveryClassifier(epochs=epochs).fit(X, codes(X, 2)),
            tmp_path / which / "model.mlmodel",
        )
        for epochs, which in ((1, "old"), (2, "new"))
    ]
    source, target = (getattr(export, name) for export in exports)
    if source.is_dir():
        shutil.rmtree(target)
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
    expected = r"must be the (model|reference) that .*, of SHA-256 [0-9a-f]{64}\. Got "
    with pytest.raises(CertificateError, match=expected):
        verify_coreml(exports[1].model)


def test_an_edited_certificate_is_refused(copied):
    path = copied.with_suffix(".certificate.json")
    path.write_text(path.read_text().replace("e-08", "e-09"))
    with pytest.raises(CertificateError, match=r"must say what is found again.*max_error must be"):
        verify_coreml(copied)
    path.write_text("{}")
    with pytest.raises(CertificateError, match="must be as export_coreml wrote it"):
        verify_coreml(copied)


@pytest.mark.parametrize(
    "name", ["manifest.json", "subject.json", "booster.ubj", "feature_summary.npy"]
)
def test_an_edited_or_absent_reference_is_refused(copied, name):
    path = copied.with_suffix(".reference") / name
    flip(path, path.stat().st_size // 2)
    with pytest.raises(SavedModelError):
        verify_coreml(copied)
    path.unlink()
    with pytest.raises(SavedModelError):
        verify_coreml(copied)


@pytest.mark.parametrize("other", ["model.mlmodel", "model.certificate.json", "model.reference"])
def test_files_of_another_export_are_refused(copied, other, tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    export_coreml(delivery(epochs=5), folder / "model.mlmodel")
    place = copied.parent / other
    if place.is_dir():
        shutil.rmtree(place)
        shutil.copytree(folder / other, place)
    else:
        shutil.copy(folder / other, place)
    with pytest.raises(SavedModelError, match="SHA-256"):
        verify_coreml(copied)


@pytest.mark.parametrize("other", ["model.mlmodel", "model.certificate.json", "model.reference"])
def test_missing_files_are_named(copied, other):
    place = copied.parent / other
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    with pytest.raises(SavedModelError, match=other):
        verify_coreml(copied)


def test_a_model_that_nobody_certified_is_refused(copied):
    spec = CoreMLRuntime(copied).spec
    spec.description.metadata.userDefined.clear()
    copied.write_bytes(spec.SerializeToString())
    with pytest.raises(CertificateError, match="must be the model that was certified"):
        verify_coreml(copied)


@pytest.mark.parametrize(
    "other",
    [
        "model.mlmodel",
        "model.certificate.json",
        "model.reference/manifest.json",
        "model.reference/subject.json",
        "model.reference/booster.ubj",
    ],
)
@pytest.mark.parametrize("n_kept", [0, 40])
def test_truncated_files_fail_the_certificate(copied, other, n_kept):
    path = copied.parent / other
    path.write_bytes(path.read_bytes()[:n_kept])
    with pytest.raises(CertificateError):
        verify_coreml(copied)


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", "7", '{"file_sha256": 1}', '{"protocol": 5}', "\xff"]
)
def test_a_certificate_that_is_none_is_refused(copied, text):
    copied.with_suffix(".certificate.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CertificateError, match=r"certificate\.json must be as export_coreml wrote"):
        verify_coreml(copied)


def test_a_package_without_its_model_fails_the_certificate(tmp_path):
    export = export_coreml(delivery(), tmp_path / "model.mlpackage")
    next(export.model.rglob("*.mlmodel")).unlink()
    with pytest.raises(CertificateError):
        verify_coreml(export.model)
    (export.model / "Manifest.json").unlink()
    with pytest.raises(CertificateError):
        verify_coreml(export.model)


@pytest.mark.parametrize("other", ["model.mlmodel", "model.certificate.json", "model.reference"])
def test_a_missing_file_is_no_failed_certificate(copied, other):
    place = copied.parent / other
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    with pytest.raises(SavedModelError) as caught:
        verify_coreml(copied)
    assert not isinstance(caught.value, CertificateError)


# Bytes.


def test_long_labels_are_within_the_budget_or_refused(tmp_path):
    model = delivery("boosting", max_bytes=12_000)
    export_coreml(model, tmp_path / "model.mlmodel")
    before = files_of(tmp_path)
    long = [letter * 10_000 for letter in "ab"]
    for options in ({"class_labels": long}, {"feature_names": [c * 5_000 for c in "abcd"]}):
        with pytest.raises(
            NotExportableError, match=r"12,000 bytes .max_bytes.*Shorten.*larger max_bytes"
        ):
            export_coreml(model, tmp_path / "model.mlmodel", **options)
    assert files_of(tmp_path) == before
    model.set_params(max_bytes=None)
    export_coreml(model, tmp_path / "model.mlmodel", class_labels=long)


@pytest.mark.parametrize(
    "model",
    [
        lambda: booster(2, rounds=150, max_depth=2),
        lambda: booster(6, rounds=30, missing=0.2),
        lambda: booster(3, rounds=5, max_depth=9, min_child_weight=0),
        lambda: booster(3, rounds=5, gamma=2.0, max_depth=6),
        lambda: booster(3, rounds=5, gamma=2.0, max_depth=6, tree_method="exact"),
        lambda: booster(2, rounds=3, gamma=1e9),
        lambda: booster(3, rounds=3, num_parallel_tree=3, subsample=0.5),
        lambda: booster(2, rounds=3, max_leaves=9, grow_policy="lossguide", max_depth=0),
        lambda: xgb_classifier(6).get_booster(),
    ],
)
def test_bytes_of_trees_are_counted_exactly(model):
    model = model()
    _, spec = converted(model)
    nodes = trees_of(spec).nodes
    expected = np.zeros(1 + max(node.treeId for node in nodes), dtype=np.int64)
    for node in nodes:
        size = node.ByteSize()
        assert size < 128
        expected[node.treeId] += size + 2
    np.testing.assert_array_equal(tree_bytes(model), expected)


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
@pytest.mark.parametrize("n_classes", [2, 6])
@pytest.mark.parametrize("max_bytes", [12_000, 20_000, 60_000])
def test_exported_file_keeps_to_the_budget(algorithm, n_classes, max_bytes, tmp_path):
    model = delivery(
        algorithm,
        n_classes,
        max_bytes=max_bytes,
        epochs=1_000 if algorithm == "boosting" else 2,
        learner_params=None if algorithm == "boosting" else {"hidden_layer_sizes": (128, 128)},
        early_stopping=False,
    )
    report = model.size_report_
    export = export_coreml(model, tmp_path / "model.mlmodel")
    size = export.model.stat().st_size
    assert size <= report.model_bytes <= max_bytes
    assert report.max_bytes == max_bytes
    assert report.bound
    assert str(max_bytes) in report.cost
    # The budget is used: one more round would be too many.
    assert size > max_bytes - (12_000 if algorithm == "boosting" else max_bytes // 3)


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
def test_budget_that_is_wide_enough_costs_nothing(algorithm):
    report = delivery(algorithm).size_report_
    assert not report.bound
    assert "cost nothing" in report.cost
    assert delivery(algorithm, max_bytes=None).size_report_.max_bytes is None


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
@pytest.mark.parametrize("max_bytes", [1, 3_000, 4_420])
def test_budget_too_small(algorithm, max_bytes):
    with pytest.raises(ValueError, match=r"'max_bytes' parameter must leave room.*Got \d+"):
        delivery(algorithm, max_bytes=max_bytes)
