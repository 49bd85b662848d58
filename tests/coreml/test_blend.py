"""The blend as one Core ML model: parity, names, what the certificate finds, bytes, files."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, softmax

from novin_ml import DeliveryClassifier
from novin_ml.coreml import CoreMLRuntime, export_coreml, probes, verify_coreml
from novin_ml.coreml.certificate import certify
from novin_ml.coreml.converters import _registry as registry
from novin_ml.coreml.converters.boosting import intercept
from novin_ml.exceptions import SavedModelError
from tests.coreml.models import codes, table

CLASSES = (2, 3, 6)
SMALL = {"boosting": {"max_depth": 3}, "mlp": {"hidden_layer_sizes": (8,)}}
TOLERANCE = 1e-5


def trained(n_classes=3, *, shares="balanced", names=None, n_rows=400, **params):
    X = table(n_rows, 0, missing=0.1)
    y = codes(X, n_classes, shares)
    params = {"epochs": 6, "random_state": 0, "n_jobs": 1, "learner_params": SMALL} | params
    data = X if names is None else pd.DataFrame(X, columns=names)
    return DeliveryClassifier("blend", **params).fit(data, y)


def converted(model):
    subject = registry.parse_model(model)
    return subject, registry.converter_for(subject.learner).convert(subject)


def stages(spec):
    return spec.pipelineClassifier.pipeline.models


def stage_of(spec, kind, number=0):
    return [getattr(stage, kind) for stage in stages(spec) if stage.WhichOneof("Type") == kind][
        number
    ]


def layer_of(spec, name):
    network = stages(spec)[-1].neuralNetworkClassifier
    return next(layer for layer in network.layers if layer.name == name)


def passes(subject, spec):
    """Whether the answers on the certificate's rows agree, whatever the structure says."""
    return certify(spec, subject, reference_sha256="").answers_agree


def by_hand(learner, X):
    """The blend's probabilities in float64, from the booster's margins and the network's arrays."""
    booster, network, n_classes = learner.boosting.booster, learner.network, learner.n_classes
    margins = booster.inplace_predict(X, predict_type="margin").astype(np.float64)
    calibration = learner.boosting.calibration
    margins = margins * float(calibration.scale) + float(calibration.shift)
    layer = np.where(np.isnan(X), network.medians, X).astype(np.float64)
    layer = (layer - network.mean) * network.scale.astype(np.float64)
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        layer = np.maximum(layer @ weight + bias, 0)
    logits = layer @ network.weights[-1] + network.biases[-1]
    if n_classes == 2:
        parts = [np.column_stack([expit(-z), expit(z)]) for z in (margins, logits)]
    else:
        parts = [softmax(z, axis=1) for z in (margins, logits)]
    return float(learner.weight) * parts[0] + (1 - float(learner.weight)) * parts[1]


@pytest.mark.parametrize("shares", ["balanced", "skewed", "rare"])
@pytest.mark.parametrize("n_classes", CLASSES)
def test_exported_model_is_the_trained_one(n_classes, shares, tmp_path):
    model = trained(n_classes, shares=shares, early_stopping=True)
    export = export_coreml(model, tmp_path / "model.mlmodel")
    certificate = export.certificate
    assert certificate.passed
    assert certificate.tolerance == TOLERANCE
    assert {"training_like", "random", "missing"} <= set(certificate.checks)
    fresh = np.concatenate([2 * table(300, 7, missing=0.3), np.full((1, 4), np.nan, np.float32)])
    runtime = CoreMLRuntime(export.model)
    got = runtime.predict_proba(fresh)
    np.testing.assert_allclose(got, model.predict_proba(fresh), rtol=0, atol=1e-6)
    np.testing.assert_allclose(got, by_hand(model.learner_, fresh), rtol=0, atol=1e-6)
    top = np.sort(got, axis=1)
    clear = top[:, -1] - top[:, -2] > 1e-5
    np.testing.assert_array_equal(runtime.predict_labels(fresh)[clear], model.predict(fresh)[clear])


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_ends_of_the_weight(weight, tmp_path):
    model = trained(3)
    model.learner_ = replace(model.learner_, weight=np.float32(weight))
    export = export_coreml(model, tmp_path / "model.mlpackage")
    X = table(200, 3, missing=0.2)
    part = model.learner_.boosting if weight else model.learner_.network
    got = CoreMLRuntime(export.model).predict_proba(X)
    np.testing.assert_allclose(got, part.predict_proba(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize("n_classes", CLASSES)
def test_form_of_the_pipeline(n_classes):
    model = trained(n_classes)
    _, spec = converted(model)
    kinds = [stage.WhichOneof("Type") for stage in stages(spec)]
    n_margins = 1 if n_classes == 2 else n_classes
    assert kinds == [
        *["treeEnsembleRegressor"] * n_margins,
        "featureVectorizer",
        "featureVectorizer",
        "imputer",
        "scaler",
        "neuralNetworkClassifier",
    ]
    names = [feature.name for feature in spec.description.input]
    for regressor in stages(spec)[:n_margins]:
        # The probes number features as the inputs are numbered.
        assert [feature.name for feature in regressor.description.input] == names
    base = [s.treeEnsembleRegressor.treeEnsemble for s in stages(spec)[:n_margins]]
    assert [b for e in base for b in e.basePredictionValue] == intercept(
        model.learner_.boosting.booster, n_classes
    )
    for ensemble in base:
        assert ensemble.numPredictionDimensions == 1
        ids = sorted({node.treeId for node in ensemble.nodes})
        assert ids == list(range(model.fit_report_.parts[0].epochs_kept))
        assert all(node.relativeHitRate == 0 for node in ensemble.nodes)


def test_margins_are_those_of_xgboost():
    model = trained(3, shares="rare")
    _, spec = converted(model)
    X = table(300, 4, missing=0.2)
    got = [CoreMLRuntime(stage).predict_outputs(X) for stage in stages(spec)[:3]]
    margins = np.column_stack([next(iter(outputs.values())) for outputs in got])
    expected = model.learner_.boosting.booster.inplace_predict(X, predict_type="margin")
    np.testing.assert_allclose(margins, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "names",
    [
        ["stage_margin_0", "stage_margins", "stage_features", "stage_scaled"],
        ["stage_", "stage__margin_0", "mixture", "dense_1"],
        ["softmax_of_trees", "share_of_network", "logits_of_trees", "stage_imputed"],
    ],
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_features_named_like_the_stages(names, n_classes, tmp_path):
    model = trained(n_classes, names=names)
    export = export_coreml(model, tmp_path / "model.mlmodel")
    runtime = CoreMLRuntime(export.model)
    assert runtime.input_names == tuple(names)
    made = [out.name for stage in stages(runtime.spec)[:-1] for out in stage.description.output]
    assert len({*made, *names}) == len(made) + len(names)
    rows = pd.DataFrame(table(50, 9), columns=names)
    np.testing.assert_allclose(
        runtime.predict_proba(rows), model.predict_proba(rows), rtol=0, atol=1e-6
    )


# The certificate.


@pytest.mark.parametrize("n_classes", [2, 3])
def test_every_threshold_is_probed_and_every_wrong_one_found(n_classes):
    model = trained(n_classes, epochs=2)
    subject, spec = converted(model)
    forests = list(probes.tree_ensembles(spec, 4))
    assert len(forests) == (1 if n_classes == 2 else n_classes)
    splits = [
        node
        for stage in stages(spec)
        for node in stage.treeEnsembleRegressor.treeEnsemble.nodes
        if not node.evaluationInfo
    ]
    certificate = certify(spec, subject, reference_sha256="")
    assert certificate.passed
    assert certificate.checks["thresholds"].rows == 5 * len(splits)
    for number in range(len(forests)):
        for node in stages(spec)[number].treeEnsembleRegressor.treeEnsemble.nodes:
            if node.evaluationInfo:
                continue
            right = node.branchFeatureValue
            for to in (np.float32(np.inf), np.float32(-np.inf)):
                node.branchFeatureValue = float(np.nextafter(np.float32(right), to))
                assert not passes(subject, spec)
            node.branchFeatureValue = right
    assert passes(subject, spec)


def wrong_leaf(spec):
    nodes = stage_of(spec, "treeEnsembleRegressor", -1).treeEnsemble.nodes
    next(node for node in nodes if node.evaluationInfo).evaluationInfo[0].evaluationValue += 0.01


def wrong_intercept(spec):
    stage_of(spec, "treeEnsembleRegressor").treeEnsemble.basePredictionValue[0] += 0.001


def wrong_missing(spec):
    nodes = stage_of(spec, "treeEnsembleRegressor").treeEnsemble.nodes
    nodes[0].missingValueTracksTrueChild = not nodes[0].missingValueTracksTrueChild


def wrong_feature(spec):
    nodes = stage_of(spec, "treeEnsembleRegressor").treeEnsemble.nodes
    nodes[0].branchFeatureIndex = (nodes[0].branchFeatureIndex + 1) % 4


def wrong_order_of_inputs(spec):
    inputs = stages(spec)[0].description.input
    inputs[0].name, inputs[1].name = inputs[1].name, inputs[0].name


def wrong_weight(spec):
    layer_of(spec, "share_of_trees").activation.linear.alpha += 0.001


def wrong_layer(spec):
    layer_of(spec, "dense_1").innerProduct.weights.floatValue[0] += 0.01


def wrong_median(spec):
    stage_of(spec, "imputer").imputedDoubleArray.vector[1] += 0.1


def wrong_scale(spec):
    stage_of(spec, "scaler").scaleValue[0] *= 1.01


def wrong_classes(spec):
    labels = stages(spec)[-1].neuralNetworkClassifier.int64ClassLabels.vector
    labels[0], labels[1] = labels[1], labels[0]


def parts_swapped(spec):
    first, second = (
        layer_of(spec, f"share_of_{name}").activation.linear for name in ("trees", "network")
    )
    first.alpha, second.alpha = second.alpha, first.alpha


@pytest.mark.parametrize(
    "spoil",
    [
        wrong_leaf,
        wrong_intercept,
        wrong_missing,
        wrong_feature,
        wrong_order_of_inputs,
        wrong_weight,
        wrong_layer,
        wrong_median,
        wrong_scale,
        wrong_classes,
        parts_swapped,
    ],
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_wrong_blends_are_found(spoil, n_classes):
    model = trained(n_classes)
    # Unlike shares, so that swapping them shows.
    model.learner_ = replace(model.learner_, weight=np.float32(0.7))
    subject, spec = converted(model)
    assert passes(subject, spec)
    spoil(spec)
    assert not passes(subject, spec)


@pytest.mark.parametrize("n_classes", [3, 6])
def test_margins_of_two_classes_swapped_are_found(n_classes):
    subject, spec = converted(trained(n_classes))
    inputs = stages(spec)[n_classes].featureVectorizer.inputList
    inputs[0].inputColumn, inputs[1].inputColumn = inputs[1].inputColumn, inputs[0].inputColumn
    assert not passes(subject, spec)


def test_rounding_of_many_trees_is_told_apart():
    """A booster adds hundreds of leaves in float32; the certificate asks the same trees exactly."""
    model = trained(3, epochs=3)
    subject, _ = converted(model)
    X = table(200, 6, missing=0.2)
    exact = registry.converter_for(subject.learner).exact(subject.learner, X)
    np.testing.assert_allclose(exact, model.predict_proba(X), rtol=0, atol=1e-6)
    assert exact.dtype == np.float64


# Files.


@pytest.mark.parametrize("suffix", [".mlmodel", ".mlpackage"])
def test_verify_from_files(suffix, tmp_path):
    export = export_coreml(trained(3), tmp_path / f"model{suffix}", class_labels=["a", "b", "c"])
    again = verify_coreml(export.model, data=table(100, 11, missing=0.2))
    assert again.passed
    assert again.checks["data"].rows == 100
    (export.reference / "blend.json").write_text('{"weight": 0.25}')
    with pytest.raises(SavedModelError):
        verify_coreml(export.model)


@pytest.mark.parametrize("n_classes", CLASSES)
@pytest.mark.parametrize("max_bytes", [40_000, 150_000, None])
def test_bytes_are_estimated(n_classes, max_bytes, tmp_path):
    model = trained(
        n_classes,
        max_bytes=max_bytes,
        epochs=150,
        early_stopping=False,
        learner_params={"boosting": {"max_depth": 6, "min_child_weight": 0}},
    )
    size = export_coreml(model, tmp_path / "model.mlmodel").model.stat().st_size
    report = model.size_report_
    if max_bytes is None:
        assert report.model_bytes == pytest.approx(size, rel=0.05)
        return
    # What is set aside for descriptions is generous; the trees are counted exactly.
    assert size <= report.model_bytes <= max_bytes
    assert report.model_bytes - size < 4_000 + 0.02 * size
    assert report.bound
