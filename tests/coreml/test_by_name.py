"""Values are given, and answers found, by their names: what stands where decides nothing.

A phone calls ``prediction(duration: ..., peak: ...)`` and reads ``classProbability["delivery"]``.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.coreml.certificate import certify
from novin_ml.coreml.comparison import ask, compare
from novin_ml.coreml.converters import _registry as registry
from novin_ml.coreml.device import CoreMLDevice
from novin_ml.coreml.swift import _golden
from novin_ml.exceptions import (
    CertificateError,
    InvalidInputError,
    NovinError,
    ParityError,
    UnsupportedModelError,
)
from tests.coreml.forests import detector
from tests.coreml.forests import table as usual
from tests.coreml.models import booster, codes, delivery, mlp, objective, table, xgb_classifier
from tests.coreml.seals import sealed
from tests.coreml.test_certificate import converted, passes

KINDS = {
    "trees": lambda: booster(3),
    "XGBClassifier": lambda: xgb_classifier(3),
    "network": lambda: delivery("mlp", 3),
    "MLPClassifier": lambda: mlp(3),
    "blend": lambda: delivery("blend", 3),
    "forest": lambda: delivery("forest", 3),
    "divided forest": lambda: delivery("forest", 3, decision_prior_weight=0.5),
    "detector": detector,
}


def rename_inputs(spec, new):
    """Give the inputs of a spec, and of the stages that read them, other names."""
    for feature in spec.description.input:
        feature.name = new.get(feature.name, feature.name)
    kind = spec.WhichOneof("Type")
    if kind == "featureVectorizer":
        for column in spec.featureVectorizer.inputList:
            column.inputColumn = new.get(column.inputColumn, column.inputColumn)
    if kind.startswith("pipeline"):
        part = getattr(spec, kind)
        for stage in (part if kind == "pipeline" else part.pipeline).models:
            rename_inputs(stage, new)


def exchanged(spec):
    first, second = (feature.name for feature in spec.description.input[:2])
    rename_inputs(spec, {first: second, second: first})


def backwards(spec):
    names = [feature.name for feature in spec.description.input]
    rename_inputs(spec, dict(zip(names, names[::-1], strict=True)))


@pytest.mark.parametrize("spoil", [exchanged, backwards])
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_with_exchanged_names_is_not_certified(kind, spoil):
    subject, spec = converted(KINDS[kind]())
    assert passes(subject, spec)
    spoil(spec)
    assert not passes(subject, spec)


@pytest.mark.parametrize("spoil", [exchanged, backwards])
def test_a_converter_that_exchanges_names_leaves_no_file(spoil, tmp_path, monkeypatch):
    learner = type(converted(booster(3))[0].learner)
    right = registry._CONVERTERS[learner]

    def convert(subject):
        spec = right.convert(subject)
        spoil(spec)
        return spec

    wrong = registry.Converter(convert, right.tolerance, right.exact)
    monkeypatch.setitem(registry._CONVERTERS, learner, wrong)
    with pytest.raises(ParityError, match="nothing was written"):
        export_coreml(booster(3), tmp_path / "model.mlmodel")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["trees", "network", "detector"])
def test_verify_finds_exchanged_names(kind, tmp_path):
    export = export_coreml(KINDS[kind](), tmp_path / "model.mlmodel")
    sealed(export.model, exchanged)
    with pytest.raises(ParityError):
        verify_coreml(export.model)


def test_the_order_of_inputs_decides_nothing():
    """The same model whose vectorizer is fed from inputs that are declared in another order."""
    subject, spec = converted(mlp(3))
    inputs = list(spec.description.input)
    assert inputs[0].name != inputs[-1].name
    del spec.description.input[:]
    spec.description.input.extend(reversed(inputs))
    assert passes(subject, spec)


def never_chosen(spec):
    """Exchange two labels that no row gets."""
    labels = spec.treeEnsembleClassifier.int64ClassLabels.vector
    labels[:] = [labels[0], labels[2], labels[1]]


def one_sided():
    """A subject and a spec of three classes, of which the first is always the most probable."""
    import xgboost

    y = codes(table(200, 0), 3)
    # Each leaf must hold rows of the first class, whatever the version begins with.
    params = {"max_depth": 2, "eta": 0.1, "nthread": 1, "min_child_weight": 5e3, **objective(3)}
    matrix = xgboost.DMatrix(table(200, 0), y, weight=np.array([1e4, 100, 1])[y])
    return converted(xgboost.train(params, matrix, 2))


def test_probabilities_are_found_by_their_labels():
    subject, spec = one_sided()
    assert set(CoreMLRuntime(spec).predict_labels(table(200, 1)).tolist()) == {0}
    assert passes(subject, spec)
    never_chosen(spec)
    certificate = certify(spec, subject, reference_sha256="")
    assert certificate.differ == 0
    assert not certificate.passed


def test_the_order_of_labels_decides_nothing():
    subject, spec = converted(booster(3))
    for leaf in spec.treeEnsembleClassifier.treeEnsemble.nodes:
        for info in leaf.evaluationInfo:
            info.evaluationIndex = 2 - info.evaluationIndex
    ensemble = spec.treeEnsembleClassifier.treeEnsemble
    ensemble.basePredictionValue[:] = list(ensemble.basePredictionValue)[::-1]
    assert not passes(subject, spec)
    labels = spec.treeEnsembleClassifier.int64ClassLabels.vector
    labels[:] = list(labels)[::-1]
    assert passes(subject, spec)


def test_a_detector_with_exchanged_outputs_is_not_certified():
    subject, spec = converted(detector())
    last = spec.pipeline.models[-2:]
    names = [stage.description.output[0].name for stage in last]
    for stage, name in zip(last, names[::-1], strict=True):
        stage.description.output[0].name = name
    assert sorted(names) == ["anomalyScore", "decision"]
    assert not passes(subject, spec)


def renamed_input(spec):
    rename_inputs(spec, {spec.description.input[0].name: "other"})


def one_input_more(spec):
    spec.description.input.add().CopyFrom(spec.description.input[0])
    spec.description.input[-1].name = "other"


def renamed_output(spec):
    spec.description.output[0].name = "other"


def renamed_output_and_prediction(spec):
    description = spec.description
    name = description.output[0].name
    description.output[0].name = "other"
    for field in ("predictedFeatureName", "predictedProbabilitiesName"):
        if getattr(description, field) == name:
            setattr(description, field, "other")


def renamed_prediction(spec):
    spec.description.predictedFeatureName = "other"


def no_outputs(spec):
    del spec.description.output[:]


def other_label(spec):
    spec.treeEnsembleClassifier.int64ClassLabels.vector[0] = 9


def one_label_less(spec):
    del spec.treeEnsembleClassifier.int64ClassLabels.vector[:]


SPOILT = [
    renamed_input,
    one_input_more,
    renamed_output,
    renamed_output_and_prediction,
    renamed_prediction,
    no_outputs,
    other_label,
    one_label_less,
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_other_names_are_one_sentence_to_who_verifies(spoil, tmp_path):
    export = export_coreml(xgb_classifier(3), tmp_path / "model.mlmodel", class_labels=[4, 5, 6])
    sealed(export.model, spoil)
    with pytest.raises((ParityError, CertificateError)) as caught:
        verify_coreml(export.model)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("spoil", [renamed_input, renamed_output, no_outputs])
@pytest.mark.parametrize("kind", KINDS)
def test_other_names_are_one_sentence_of_every_kind(kind, spoil):
    subject, spec = converted(KINDS[kind]())
    spoil(spec)
    with pytest.raises(NovinError) as caught:
        certify(spec, subject, reference_sha256="")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("spoil", [renamed_output, renamed_input])
def test_a_converter_that_renames_is_one_sentence(spoil, tmp_path, monkeypatch):
    learner = type(converted(booster(3))[0].learner)
    right = registry._CONVERTERS[learner]

    def convert(subject):
        spec = right.convert(subject)
        spoil(spec)
        return spec

    monkeypatch.setitem(registry._CONVERTERS, learner, registry.Converter(convert, 1e-6))
    with pytest.raises(ParityError, match="'other'"):
        export_coreml(booster(3), tmp_path / "model.mlmodel")
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_nothing_computes_is_named():
    _, spec = converted(booster(3))
    renamed_output(spec)
    with pytest.raises(UnsupportedModelError, match="'other'"):
        CoreMLRuntime(spec).predict(table(3, 0))
    _, spec = converted(delivery("blend", 3))
    spec.pipelineClassifier.pipeline.models[0].description.output.add().name = "other"
    with pytest.raises(UnsupportedModelError, match=r"position 0 .*'other'"):
        CoreMLRuntime(spec).predict(table(3, 0))


def test_the_device_is_asked_by_name(monkeypatch):
    """Core ML takes a dictionary; a stand-in for it answers as the runtime does."""
    subject, spec = converted(delivery("boosting", 3))
    exchanged(spec)

    class Model:
        def __init__(self, spec):
            self.runtime = CoreMLRuntime(spec)

        def predict(self, values):
            assert all(type(value) is float for value in values.values())
            outputs = self.runtime.predict_outputs({n: [v] for n, v in values.items()})
            shares = dict(
                zip(self.runtime.classes.tolist(), outputs["classProbability"][0], strict=True)
            )
            return {"label": outputs["label"][0], "classProbability": shares}

    models = SimpleNamespace(models=SimpleNamespace(MLModel=Model))
    monkeypatch.setattr("novin_ml.coreml.device.coremltools", lambda: models)
    rows = table(60, 5)
    check = compare(subject, CoreMLDevice(spec, subject), rows, 1e-6)
    assert not check.max_error <= 1e-6
    exchanged(spec)
    check = compare(subject, CoreMLDevice(spec, subject), rows, 1e-6)
    assert check.max_error <= 1e-6
    assert check.differ == 0


def test_golden_vectors_are_answers_to_names():
    subject, spec = converted(delivery("boosting", 3))
    exchanged(spec)
    whole = _golden._Model(None, CoreMLRuntime(spec), subject)
    with pytest.raises(ParityError, match="golden vectors"):
        _golden._numbers(whole, table(60, 5))


def test_asking_gives_no_value_without_its_name():
    subject, spec = converted(detector())
    numbers, flags = ask(subject, CoreMLRuntime(spec), usual(20))
    assert numbers.shape == (20, 2)
    assert flags.shape == (20,)
    renamed_input(spec)
    with pytest.raises(InvalidInputError, match="'other'"):
        ask(subject, CoreMLRuntime(spec), usual(20))
