"""Weights of a network in a model file, and what a model answers that was given others."""

import json
from pathlib import Path

import numpy as np
import pytest

from novin_ml import coreml
from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.structure import compare_structure
from novin_ml.estimators import get_weights, model_sha256, set_weights, weights_sha256
from novin_ml.estimators import weight_layout as layout_of_estimator
from novin_ml.exceptions import (
    InvalidParametersError,
    NotExportableError,
    ParityError,
    SavedModelError,
    UnsupportedModelError,
)
from tests.coreml.models import delivery, table
from tests.coreml.seals import sealed
from tests.coreml.test_certificate import converted, layers

FIXTURES = Path(__file__).parents[1] / "fixtures" / "v0_1"


def network(n_classes=2, **params):
    params = {"hidden_layer_sizes": (7, 5), **params}
    return delivery("mlp", n_classes, epochs=2, learner_params=params)


def others(model, seed=1):
    """Return weights that a phone might have trained: both outputs of two differ from 0."""
    n = layout_of_estimator(model).n_values
    return (0.3 * np.random.default_rng(seed).normal(size=n)).astype(np.float32)


def last_dense(spec):
    return [layer for layer in layers(spec) if layer.name.startswith("dense_")][-1].innerProduct


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_model_with_other_weights_is_exported(tmp_path, n_classes):
    model = set_weights(network(n_classes), others(network(n_classes)))
    export = export_coreml(model, tmp_path / "model.mlmodel")
    assert export.certificate.structure.compared
    X = table(200, 1, missing=0.1)
    answers = CoreMLRuntime(export.model).predict_proba(X)
    assert np.abs(answers - model.predict_proba(X)).max() < 1e-6
    assert verify_coreml(export.model).passed
    assert verify_coreml(export.model, estimator=model).passed
    with pytest.raises(ParityError, match=r"part by part"):
        verify_coreml(export.model, estimator=network(n_classes))


def test_each_of_two_outputs_is_compared():
    subject, spec = converted(set_weights(network(), others(network())))
    assert compare_structure(spec, subject).passed
    # One number is added to both logits: no probability changes.
    bias = [layer for layer in layers(spec) if layer.name.startswith("dense_")][
        -1
    ].innerProduct.bias
    for place in (0, 1):
        bias.floatValue[place] += 0.5
    assert "innerProduct.bias.floatValue[0] must be" in compare_structure(spec, subject).difference


def test_one_output_of_two_classes_is_exported_as_before():
    _, spec = converted(network())
    last = last_dense(spec)
    assert last.outputChannels == 2
    assert not any(last.weights.floatValue[:5])
    assert get_weights(network())[-2] == last.bias.floatValue[0] == 0


@pytest.mark.parametrize("updatable", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_file_has_the_weights_of_its_estimator(tmp_path, n_classes, updatable):
    model = network(n_classes)
    suffix = "mlpackage" if updatable else "mlmodel"
    path = export_coreml(model, tmp_path / f"model.{suffix}", updatable=updatable).model
    assert coreml.weight_layout(path) == layout_of_estimator(model)
    assert coreml.get_weights(path).tobytes() == get_weights(model).tobytes()
    hashes = [
        weights_sha256(layout, values)
        for layout, values in (
            (coreml.weight_layout(path), coreml.get_weights(path)),
            (layout_of_estimator(model), get_weights(model)),
        )
    ]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("updatable", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_new_weights_make_the_model_of_the_estimator_that_has_them(tmp_path, n_classes, updatable):
    model = network(n_classes)
    options = {"author": "You", "version": "2", "updatable": updatable}
    if updatable:
        options["update_params"] = {"optimizer": "sgd", "epochs": 2}
    path = export_coreml(model, tmp_path / "model.mlmodel", **options).model
    values = others(model)
    export = coreml.set_weights(path, values, tmp_path / "new.mlmodel")
    estimator = set_weights(model, values)
    # It is, byte for byte, what an export of that estimator writes.
    expected = export_coreml(estimator, tmp_path / "expected.mlmodel", **options)
    assert export.model.read_bytes() == expected.model.read_bytes()
    assert export.certificate == expected.certificate
    X = table(300, 2, missing=0.1)
    before, after = (CoreMLRuntime(each).predict(X) for each in (path, export.model))
    same = CoreMLRuntime(expected.model).predict(X)
    assert after.equals(same)
    assert np.abs(after.iloc[:, 1:] - before.iloc[:, 1:]).to_numpy().max() > 0.1
    assert (after["label"] == estimator.predict(X)).all()
    assert np.abs(after.iloc[:, 1:].to_numpy() - estimator.predict_proba(X)).max() < 1e-6
    # A certificate and a reference of its own.
    assert verify_coreml(export.model).not_checked == ()
    assert verify_coreml(export.model, estimator=estimator).passed
    with pytest.raises(ParityError, match="part by part"):
        verify_coreml(export.model, estimator=model)
    if updatable:
        manifest = json.loads(export.weights_manifest.read_text())
        assert manifest["weights_sha256"] == weights_sha256(layout_of_estimator(model), values)
        assert manifest["model_sha256"] == model_sha256(estimator)


def test_a_model_is_given_weights_in_its_place_and_loses_its_card(tmp_path):
    model = network()
    card = {"card_accuracy": "0.99"}
    path = export_coreml(model, tmp_path / "model.mlmodel", card=card, updatable=True).model
    assert "novin_ml.card_accuracy" in CoreMLRuntime(path).metadata["user_defined"]
    before = {file.name for file in tmp_path.iterdir()}
    for seed in (1, 2):
        coreml.set_weights(path, others(model, seed), path)
    assert np.array_equal(coreml.get_weights(path), others(model, 2))
    assert "novin_ml.card_accuracy" not in CoreMLRuntime(path).metadata["user_defined"]
    assert {file.name for file in tmp_path.iterdir()} == before
    assert verify_coreml(path).passed


def test_a_model_that_is_not_the_certified_one_gets_no_weights(tmp_path):
    path = export_coreml(network(), tmp_path / "model.mlmodel").model
    values = coreml.get_weights(path)
    sealed(path, lambda spec: last_dense(spec).bias.floatValue.__setitem__(0, 9))
    with pytest.raises(ParityError, match="part by part"):
        coreml.set_weights(path, values, tmp_path / "new.mlmodel")
    path.with_suffix(".certificate.json").unlink()
    with pytest.raises(SavedModelError, match="must be beside the model"):
        coreml.set_weights(path, values, tmp_path / "new.mlmodel")
    assert not (tmp_path / "new.mlmodel").exists()


def test_values_and_places_are_checked_before_anything_is_written(tmp_path):
    path = export_coreml(network(), tmp_path / "model.mlmodel", updatable=True).model
    values = coreml.get_weights(path)
    values[3] = np.inf
    with pytest.raises(InvalidParametersError, match="Got inf at place 3"):
        coreml.set_weights(path, values, tmp_path / "new.mlmodel")
    with pytest.raises(NotExportableError, match=r"must end in one of .*Got .*new\.txt"):
        coreml.set_weights(path, values, tmp_path / "new.txt")
    assert len(list(tmp_path.iterdir())) == 4


def halved(spec):
    weights = last_dense(spec).weights
    del weights.floatValue[:]
    weights.float16Value = b"\0\0" * 4


def shorter(spec):
    del last_dense(spec).bias.floatValue[0]


@pytest.mark.parametrize(
    ("model", "damage", "got"),
    [
        (delivery, None, "a treeEnsembleClassifier"),
        (lambda: delivery("blend"), None, "a blend of trees and a network"),
        (network, halved, "quantised weights in dense_3"),
        (network, shorter, "1 value in dense_3 of 2"),
        (network, lambda s: setattr(layers(s)[0], "name", "other"), "a layer 'other' of other"),
    ],
)
def test_other_models_have_no_weights(tmp_path, model, damage, got):
    path = export_coreml(model(), tmp_path / "model.mlmodel").model
    if damage is not None:
        spec = read_spec(path)
        damage(spec)
        path.write_bytes(spec.SerializeToString())
    for call in (coreml.get_weights, coreml.weight_layout):
        with pytest.raises(UnsupportedModelError, match=rf"must be a network.*Got {got}.*Export a"):
            call(path)


def test_a_detector_and_a_model_of_0_1_have_none():
    path = FIXTURES / "behavior" / "anomaly.mlmodel"
    with pytest.raises(UnsupportedModelError, match="Got a pipeline"):
        coreml.get_weights(path)
