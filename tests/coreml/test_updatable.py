"""Models that a phone can train: their form, certificate, manifest and what is refused."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.coreml.converters import parse_model
from novin_ml.coreml.converters.updatable import convert_updatable, updatable_subject
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.structure import compare_structure
from novin_ml.coreml.update_settings import UpdateSettings
from novin_ml.estimators import WeightLayout, get_weights, weight_layout, weights_sha256
from novin_ml.exceptions import CertificateError, NotExportableError, ParityError, SavedModelError
from novin_ml.lifecycle import certificate_beside, save_estimator
from tests.coreml.models import booster, delivery, mlp, table
from tests.coreml.seals import sealed
from tests.coreml.test_certificate import converted as converted_plainly
from tests.coreml.test_isolation import detector
from tests.coreml.test_weights import network

SGD = {"optimizer": "sgd", "momentum": 0.5, "learning_rate": 0.1, "batch_size": 12, "epochs": 3}


def converted(model, update_params=None):
    subject = updatable_subject(parse_model(model), update_params)
    return subject, convert_updatable(subject)


def last_network(spec):
    return spec.pipelineClassifier.pipeline.models[-1].neuralNetworkClassifier


@pytest.mark.parametrize("suffix", ["mlmodel", "mlpackage"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_it_is_certified_as_a_plain_model(tmp_path, capsys, n_classes, suffix):
    model = network(n_classes)
    export = export_coreml(model, tmp_path / f"model.{suffix}", updatable=True)
    assert capsys.readouterr().out == ""  # the builder's own function for the loss prints
    spec = read_spec(export.model)
    stages = spec.pipelineClassifier.pipeline.models
    assert [stage.isUpdatable for stage in stages] == [False, False, False, True]
    assert [spec.isUpdatable, spec.specificationVersion] == [True, 4]
    training = [feature.name for feature in spec.description.trainingInput]
    assert training == [*(feature.name for feature in spec.description.input), "label"]
    assert all(feature.shortDescription for feature in spec.description.trainingInput)
    trained = [layer.name for layer in last_network(spec).layers if layer.isUpdatable]
    assert trained == ["dense_1", "dense_2", "dense_3"]
    assert export.certificate.structure.compared
    assert export.certificate.passed
    X = table(200, 1, missing=0.1)
    answers = CoreMLRuntime(export.model).predict_proba(X)
    assert np.abs(answers - model.predict_proba(X)).max() < 1e-6
    assert verify_coreml(export.model).not_checked == ()
    assert verify_coreml(export.model, estimator=model).not_checked == ()


def test_models_of_scikit_learn_and_integer_labels_are_taken(tmp_path):
    export = export_coreml(mlp(2), tmp_path / "model.mlmodel", updatable=True, class_labels=[4, 7])
    spec = read_spec(export.model)
    assert spec.description.trainingInput[-1].type.WhichOneof("Type") == "int64Type"
    assert verify_coreml(export.model).passed


def test_the_optimizer_is_in_the_model(tmp_path):
    export = export_coreml(
        network(), tmp_path / "a.mlmodel", updatable=True, update_params={**SGD, "seed": 7}
    )
    update = last_network(read_spec(export.model)).updateParams
    sgd = update.optimizer.sgdOptimizer
    assert [sgd.learningRate.defaultValue, sgd.momentum.defaultValue] == [0.1, 0.5]
    assert list(sgd.miniBatchSize.set.values) == [1, 2, 4, 8, 12]
    assert sgd.miniBatchSize.defaultValue == 12
    assert [update.epochs.defaultValue, list(update.epochs.set.values)] == [3, [1, 2, 3]]
    assert [update.seed.defaultValue, update.shuffle.defaultValue] == [7, True]
    default = last_network(converted(network())[1]).updateParams
    adam = default.optimizer.adamOptimizer
    assert [adam.beta1.defaultValue, adam.eps.defaultValue] == [0.9, 1e-8]
    assert not default.HasField("seed")


def of(spec):
    return last_network(spec).updateParams


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda s: setattr(s, "isUpdatable", False), "isUpdatable must be True"),
        (
            lambda s: setattr(s.pipelineClassifier.pipeline.models[1], "isUpdatable", True),
            r"models\[1\]\.isUpdatable must be False",
        ),
        (lambda s: setattr(last_network(s).layers[0], "isUpdatable", False), r"layers\[0\]\.isUpd"),
        (
            lambda s: setattr(last_network(s).layers[0].innerProduct.bias, "isUpdatable", False),
            r"bias\.isUpdatable must be True",
        ),
        (lambda s: s.description.trainingInput.pop(), "trainingInput must have 5 entries"),
        (lambda s: setattr(of(s).epochs, "defaultValue", 4), r"epochs\.defaultValue must be 3"),
        (lambda s: of(s).epochs.set.values.append(9), r"epochs\.set\.values must have 3"),
        (
            lambda s: setattr(of(s).optimizer.sgdOptimizer.momentum, "defaultValue", 0.9),
            r"momentum\.defaultValue must be 0\.5",
        ),
        (
            lambda s: setattr(of(s).optimizer.sgdOptimizer.learningRate.range, "maxValue", 2),
            r"range\.maxValue must be 1",
        ),
        (lambda s: of(s).optimizer.adamOptimizer.SetInParent(), "OptimizerType must be sgdOptim"),
        (lambda s: setattr(of(s).seed, "defaultValue", 1), "seed must be absent"),
        (
            lambda s: setattr(
                of(s).lossLayers[0].categoricalCrossEntropyLossLayer, "target", "label"
            ),
            "target must be 'classProbability_true'",
        ),
        (lambda s: of(s).lossLayers.add(), "lossLayers must have 1 entry"),
    ],
)
def test_what_differs_is_named(tmp_path, damage, named):
    subject, spec = converted(network(), SGD)
    assert compare_structure(spec, subject).passed
    damage(spec)
    assert not compare_structure(spec, subject).passed
    export = export_coreml(network(), tmp_path / "a.mlmodel", updatable=True, update_params=SGD)
    sealed(export.model, damage)
    with pytest.raises(ParityError, match=rf"part by part: .*{named}"):
        verify_coreml(export.model)


def test_a_plain_model_is_not_taken_for_an_updatable_one():
    _, spec = converted(network())
    difference = compare_structure(spec, parse_model(network())).difference
    assert "specificationVersion must be 1. Got 4" in difference
    _, plain = converted_plainly(network())
    plain.isUpdatable = True
    difference = compare_structure(plain, parse_model(network())).difference
    assert difference == "isUpdatable must be False. Got True"


def test_without_a_reference_the_settings_are_said_not_to_be_checked(tmp_path):
    model = network()
    export = export_coreml(model, tmp_path / "a.mlmodel", updatable=True, update_params=SGD)
    for file in sorted(export.reference.iterdir()):
        file.unlink()
    export.reference.rmdir()
    certificate = verify_coreml(export.model, estimator=model)
    assert any("How a phone trains the model" in said for said in certificate.not_checked)
    with pytest.raises(NotExportableError, match="must be a network"):
        verify_coreml(export.model, estimator=delivery())


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_manifest_says_what_each_weight_is(tmp_path, n_classes):
    model = network(n_classes)
    export = export_coreml(model, tmp_path / "model.mlmodel", updatable=True)
    assert export.weights_manifest == tmp_path / "model.weights.json"
    manifest = json.loads(export.weights_manifest.read_text())
    values = get_weights(model)
    layout = WeightLayout.from_dict({k: manifest[k] for k in ("n_values", "tensors")})
    assert layout == weight_layout(model)
    assert manifest["weights_sha256"] == weights_sha256(layout, values)
    assert [manifest[k] for k in ("format", "dtype", "byte_order")] == [2, "float32", "little"]
    layers = {
        layer.name: layer.innerProduct for layer in last_network(read_spec(export.model)).layers
    }
    for tensor in layout.tensors:
        own = getattr(layers[tensor.layer], "weights" if tensor.role == "weight" else "bias")
        part = values[tensor.offset : tensor.offset + tensor.size]
        assert np.array_equal(np.array(own.floatValue, np.float32), part)


def test_verify_compares_the_manifest(tmp_path):
    export = export_coreml(network(), tmp_path / "model.mlmodel", updatable=True)
    file = export.weights_manifest
    text = file.read_text()
    file.write_text(text.replace('"offset": 0', '"offset": 1'))
    with pytest.raises(CertificateError, match=r"model\.weights\.json must say what the weights"):
        verify_coreml(export.model)
    file.unlink()
    with pytest.raises(SavedModelError, match=r"model\.weights\.json must be beside the model"):
        verify_coreml(export.model)
    file.mkdir()
    with pytest.raises(CertificateError, match=r"model\.weights\.json must be as export_coreml"):
        verify_coreml(export.model)
    with pytest.raises(NotExportableError, match="Got a folder with other files"):
        export_coreml(network(), export.model, updatable=True)


def test_a_plain_export_takes_the_manifest_of_an_earlier_one_away(tmp_path):
    path = tmp_path / "model.mlmodel"
    manifest = export_coreml(network(), path, updatable=True).weights_manifest
    export = export_coreml(network(), path)
    assert export.weights_manifest is None
    assert not manifest.exists()
    assert {file.name for file in tmp_path.iterdir()} == {
        "model.mlmodel",
        "model.certificate.json",
        "model.reference",
    }
    manifest.write_text('{"mine": 1}')  # somebody else's file of that name stays
    export_coreml(network(), path)
    assert manifest.read_text() == '{"mine": 1}'
    assert verify_coreml(path).passed


def test_two_exports_are_the_same_bytes(tmp_path):
    model = network()
    first, second = (
        export_coreml(model, tmp_path / name, updatable=True) for name in ("a.mlmodel", "b.mlmodel")
    )
    assert first.model.read_bytes() == second.model.read_bytes()
    assert first.weights_manifest.read_bytes() == second.weights_manifest.read_bytes()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (delivery, "boosting"),
        (lambda: delivery("blend"), "blend"),
        (lambda: booster(3), "boosting"),
        (detector, "isolation"),
    ],
)
def test_trees_are_refused_by_name(tmp_path, make, kind):
    with pytest.raises(
        NotExportableError,
        match=rf"^An updatable model must be a network: .*Got a learner of '{kind}'\. Train a",
    ):
        export_coreml(make(), tmp_path / "model.mlmodel", updatable=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"epochs": 0}, r"'epochs' parameter of update_params must be an int in the range \[1"),
        ({"epochs": 1.5}, "'epochs' parameter of update_params must be an int"),
        ({"learning_rate": 0}, "'learning_rate' parameter of update_params must be a float"),
        ({"learning_rate": float("nan")}, "'learning_rate' parameter of update_params"),
        ({"batch_size": -1}, "'batch_size' parameter of update_params"),
        ({"optimizer": "rmsprop"}, "'optimizer' parameter of update_params must be a str among"),
        ({"momentum": 0.9}, "'momentum' entry of update_params must come with optimizer='sgd'"),
        ({**SGD, "beta_1": 0.9}, "'beta_1' entry of update_params must come with optimizer='adam'"),
        ({"momentum": 1, "optimizer": "sgd"}, "'momentum' parameter of update_params"),
        ({"epoch": 3}, "must be one of optimizer, .* Got 'epoch'. Did you mean 'epochs'?"),
        ([3], r"'update_params' parameter must be a dict .* Got \[3\]"),
    ],
)
def test_parameters_are_checked(params, said):
    with pytest.raises(NotExportableError, match=said):
        export_coreml(network(), "model.mlmodel", updatable=True, update_params=params)


def test_parameters_come_with_updatable():
    with pytest.raises(NotExportableError, match=r"must come with updatable=True\. Got \{'epochs'"):
        export_coreml(network(), "model.mlmodel", update_params={"epochs": 3})


def test_settings_go_round():
    for given in (None, SGD, {"seed": np.int64(3), "learning_rate": np.float32(0.5), "epochs": 1}):
        settings = UpdateSettings.of(given)
        document = json.loads(json.dumps(settings.to_document()))
        assert UpdateSettings.of(document) == settings
    assert UpdateSettings.of({"batch_size": 1}).batch_sizes == [1]
    assert UpdateSettings.of(None).batch_sizes == [1, 2, 4, 8, 16, 32]


def test_its_certificate_is_of_the_saved_estimator(tmp_path):
    model = network()
    place = save_estimator(model, tmp_path / "delivery")
    export_coreml(model, tmp_path / "delivery.mlmodel", updatable=True)
    assert certificate_beside(place, model).path == tmp_path / "delivery.certificate.json"
    assert "is not of this training" in certificate_beside(place, network(3)).fault


def test_the_command_writes_one(tmp_path):
    place = save_estimator(network(), tmp_path / "delivery")
    out = tmp_path / "delivery.mlmodel"
    result = CliRunner().invoke(app, ["export", str(place), "--out", str(out), "--updatable"])
    assert result.exit_code == 0, result.output
    assert f"what each weight is: {tmp_path / 'delivery.weights.json'}" in result.output
    assert read_spec(out).isUpdatable
    result = CliRunner().invoke(app, ["verify", str(out)])
    assert result.exit_code == 0, result.output
