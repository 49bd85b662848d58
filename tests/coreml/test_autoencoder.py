"""Autoencoders of homes on the phone: their score, their training form, and their weights."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from novin_ml import BehaviorAnomalyDetector, coreml
from novin_ml.cli.app import app
from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.coreml.converters import converter_for, parse_model
from novin_ml.coreml.converters.updatable import convert_updatable, updatable_subject
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.structure import compare_structure
from novin_ml.estimators import get_weights, model_sha256, set_weights, weight_layout
from novin_ml.exceptions import ParityError, UnsupportedModelError
from novin_ml.federated import Update, aggregate_folder, write_update
from novin_ml.lifecycle import save_estimator
from tests.coreml.forests import detector, table
from tests.coreml.seals import sealed

TOLERANCE = 1e-5


def autoencoder(days=60, **params):
    params = {"hidden_layer_sizes": (5, 3), "epochs": 6} | params
    return detector(days=days, algorithm="autoencoder", learner_params=params)


def network_of(spec):
    (found,) = [m for m in spec.pipeline.models if m.WhichOneof("Type") == "neuralNetwork"]
    return found.neuralNetwork


@pytest.mark.parametrize("updatable", [False, True])
@pytest.mark.parametrize(
    ("days", "params"), [(60, {}), (5, {}), (60, {"activation": "relu"}), (60, {"epochs": 1})]
)
def test_the_exported_network_is_the_trained_one(tmp_path, days, params, updatable):
    model = autoencoder(days, **params)
    export = export_coreml(model, tmp_path / "home.mlmodel", updatable=updatable)
    assert export.certificate.passed
    assert export.certificate.structure.compared
    assert export.certificate.tolerance == TOLERANCE
    X = np.concatenate([table(600), 4 * table(500, seed=7)])
    outputs = CoreMLRuntime(export.model).predict_outputs(X)
    shape = (len(X), 1) if updatable else (len(X),)
    assert {name: values.shape for name, values in outputs.items()} == {
        "anomalyScore": shape,
        "decision": shape,
    }
    score, decision = outputs["anomalyScore"].ravel(), outputs["decision"].ravel()
    np.testing.assert_allclose(score, -model.score_samples(X), rtol=0, atol=TOLERANCE)
    clear = np.abs(model.decision_function(X)) > TOLERANCE
    np.testing.assert_array_equal(decision[clear] < 0, model.predict(X)[clear] == -1)
    assert (decision.min() < 0) == (days == 60)  # while learning it never alarms
    assert verify_coreml(export.model, estimator=model).not_checked == ()


def test_a_phone_trains_it_by_the_mean_squared_error(tmp_path):
    model = autoencoder()
    params = {"epochs": 3, "optimizer": "sgd"}
    export = export_coreml(model, tmp_path / "a.mlmodel", updatable=True, update_params=params)
    spec = read_spec(export.model)
    assert [spec.isUpdatable, spec.specificationVersion] == [True, 4]
    assert [each.isUpdatable for each in spec.pipeline.models] == [False, False, True]
    network = network_of(spec)
    trained = [layer.name for layer in network.layers if layer.isUpdatable]
    assert trained == ["dense_1", "dense_2", "dense_3"]
    (loss,) = network.updateParams.lossLayers
    squares = loss.meanSquaredErrorLossLayer
    (last,) = [layer for layer in network.layers if layer.name == "dense_3"]
    assert squares.input == last.output[0]
    assert network.updateParams.epochs.defaultValue == 3
    # The target has the width and the type of what is compared with it, in the pipeline too.
    for description in (spec.description, spec.pipeline.models[-1].description):
        target = description.trainingInput[-1]
        assert target.name == squares.target
        assert list(target.type.multiArrayType.shape) == [4]
    manifest = json.loads(export.weights_manifest.read_text())
    assert manifest["model_sha256"] == model_sha256(model)
    assert manifest["target"]["name"] == squares.target
    X = table(50, seed=3)
    mean, scale = (np.array(manifest["target"][k], np.float32) for k in ("mean", "scale"))
    assert np.array_equal((X - mean) * scale, model.learner_.network.inputs_of(X))


def weights(spec):
    return network_of(spec).layers


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda s: setattr(s.pipeline.models[-1], "isUpdatable", False), "isUpdatable must be"),
        (lambda s: setattr(weights(s)[0], "isUpdatable", False), r"layers\[0\]\.isUpdatable"),
        (
            lambda s: setattr(
                network_of(s).updateParams.lossLayers[0].meanSquaredErrorLossLayer, "input", "score"
            ),
            "input must be 'reconstruction'",
        ),
        (lambda s: s.description.trainingInput.pop(), "trainingInput must have 5"),
        (
            lambda s: setattr(
                next(x for x in weights(s) if x.name == "mean_square").innerProduct.weights,
                "isUpdatable",
                True,
            ),
            "isUpdatable must be False",
        ),
    ],
)
def test_what_differs_is_named(tmp_path, damage, named):
    subject = updatable_subject(parse_model(autoencoder()), None)
    spec = convert_updatable(subject)
    assert compare_structure(spec, subject).passed
    damage(spec)
    assert not compare_structure(spec, subject).passed
    export = export_coreml(autoencoder(), tmp_path / "a.mlmodel", updatable=True)
    sealed(export.model, damage)
    with pytest.raises(ParityError, match=rf"part by part: .*{named}"):
        verify_coreml(export.model)


def test_every_weight_is_compared():
    subject = parse_model(autoencoder())
    spec = converter_for(subject.learner).convert(subject)
    for layer in network_of(spec).layers:
        if layer.WhichOneof("layer") != "innerProduct":
            continue
        before = layer.innerProduct.weights.floatValue[0]
        layer.innerProduct.weights.floatValue[0] += 1e-3
        assert not compare_structure(spec, subject).passed
        layer.innerProduct.weights.floatValue[0] = before
    assert compare_structure(spec, subject).passed


@pytest.mark.parametrize("updatable", [False, True])
def test_new_weights_make_the_model_of_the_estimator_that_has_them(tmp_path, updatable):
    model = autoencoder()
    path = export_coreml(model, tmp_path / "model.mlmodel", updatable=updatable).model
    values = get_weights(model)
    assert coreml.weight_layout(path) == weight_layout(model)
    assert coreml.get_weights(path).tobytes() == values.tobytes()
    export = coreml.set_weights(path, values / 2, tmp_path / "new.mlmodel")
    changed = set_weights(model, values / 2)
    expected = export_coreml(changed, tmp_path / "expected.mlmodel", updatable=updatable)
    assert export.model.read_bytes() == expected.model.read_bytes()
    assert export.certificate == expected.certificate
    X = 5 * table(300, seed=2)
    outputs = CoreMLRuntime(export.model).predict_outputs(X)
    np.testing.assert_allclose(
        outputs["anomalyScore"].ravel(), -changed.score_samples(X), rtol=0, atol=TOLERANCE
    )
    assert np.abs(changed.score_samples(X) - model.score_samples(X)).max() > 0.01
    # Its threshold was of other scores: it is learning, on the phone too, and never alarms.
    assert changed.state_ == "learning"
    assert outputs["decision"].min() >= 0
    assert (model.predict(X) == -1).any()


def test_a_forest_has_no_weights(tmp_path):
    path = export_coreml(detector(), tmp_path / "forest.mlmodel").model
    with pytest.raises(UnsupportedModelError, match=r"Got a pipeline\. Export a classifier with"):
        coreml.get_weights(path)


def test_homes_average_their_autoencoders_by_files(tmp_path):
    model = autoencoder()
    start, folder = get_weights(model), tmp_path / "inbox"
    folder.mkdir()
    of = bytes.fromhex(model_sha256(model))
    for home in range(12):
        write_update(
            Update(start + np.float32(0.25), 40 + home, of), folder / f"{home}.novinupdate"
        )
    classifier_sized = Update(start[:-1], 40, of)
    write_update(classifier_sized, folder / "short.novinupdate")
    result = aggregate_folder(folder, model)
    assert result.count.accepted == 12
    assert sum(result.count.rejected.values()) == 1
    np.testing.assert_allclose(get_weights(result.model), start + 0.25, atol=1e-6)
    assert result.model.state_ == "learning"
    seconds = 1.7e9 + np.linspace(0, 60 * 86_400.0, 600)
    ready = result.model.calibrate(table(600), timestamps=seconds)
    assert ready.state_ == "ready"
    export = export_coreml(ready, tmp_path / "next.mlmodel", updatable=True)
    assert json.loads(export.weights_manifest.read_text())["model_sha256"] == result.sha256


def test_the_commands_aggregate_and_export_it(tmp_path):
    model = autoencoder()
    place, folder = save_estimator(model, tmp_path / "home"), tmp_path / "inbox"
    folder.mkdir()
    of, start = bytes.fromhex(model_sha256(model)), get_weights(model)
    for home in range(10):
        update = Update(start * np.float32(1.01), 9 + home, of)
        write_update(update, folder / f"{home}.novinupdate")
    out = tmp_path / "next.mlmodel"
    arguments = ["federated", "aggregate", folder, "--model", place, "--out", tmp_path / "next"]
    result = CliRunner().invoke(app, [*map(str, arguments), "--coreml", str(out)])
    assert result.exit_code == 0, result.output
    assert read_spec(out).isUpdatable
    assert verify_coreml(out).passed


def test_a_row_of_one_feature_is_taken(tmp_path):
    X = table(200, 1)
    params = {"hidden_layer_sizes": (2,), "epochs": 2}
    model = BehaviorAnomalyDetector(
        algorithm="autoencoder", learner_params=params, random_state=0
    ).fit(X)
    for updatable in (False, True):
        export = export_coreml(model, tmp_path / "one.mlmodel", updatable=updatable)
        assert export.certificate.passed
