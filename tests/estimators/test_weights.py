"""The weights of a network as one vector, and the form with an output for each of two classes."""

import hashlib
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier

from novin_ml import DeliveryClassifier
from novin_ml.estimators import (
    WeightLayout,
    get_weights,
    make_delivery_pipeline,
    model_sha256,
    set_weights,
    weight_layout,
    weights_sha256,
)
from novin_ml.estimators.learners import Calibration, NetworkLearner
from novin_ml.exceptions import InvalidParametersError, SavedModelError, UnsupportedLearnerError
from novin_ml.features import training_rows
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_deliveries
from tests.estimators.tables import SMALL_NETWORK, classifier, table
from tests.estimators.test_learners import learner_of


@pytest.fixture(scope="module", params=[2, 3])
def trained(request):
    X, y = table(300, n_classes=request.param, missing=0.1)
    model = classifier("mlp", epochs=2, learner_params={"hidden_layer_sizes": (6, 5)})
    return model.fit(X, y), X


def others(model, seed=1):
    """Return weights that a phone might have trained: both outputs of two differ from 0."""
    n = weight_layout(model).n_values
    return np.random.default_rng(seed).normal(size=n).astype(np.float32)


def by_hand(learner, values, X):
    """Answer as the phone does: layer by layer, with weights (outputs, inputs) and a softmax."""
    layer = (np.where(np.isnan(X), learner.medians, X) - learner.mean) * learner.scale
    tensors = {(t.layer, t.role): t for t in weight_layout(learner).tensors}
    names = sorted({name for name, _ in tensors})
    for name in names:
        weight, bias = (
            values[t.offset : t.offset + t.size].reshape(t.shape)
            for t in (tensors[name, "weight"], tensors[name, "bias"])
        )
        layer = layer @ weight.T.astype(np.float64) + bias
        if name != names[-1]:
            layer = np.maximum(layer, 0)
    powers = np.exp(layer - layer.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_the_vector_is_what_the_phone_computes_with(trained):
    model, X = trained
    layout, values = weight_layout(model), get_weights(model)
    n_classes = len(model.classes_)
    shapes = [(6, X.shape[1]), (6,), (5, 6), (5,), (n_classes, 5), (n_classes,)]
    assert [tensor.shape for tensor in layout.tensors] == shapes
    assert values.shape == (layout.n_values,)
    assert values.dtype == np.float32
    assert np.abs(by_hand(model.learner_, values, X) - model.predict_proba(X)).max() < 1e-6


def test_a_model_has_exactly_the_weights_that_are_set(trained):
    model, X = trained
    before, values = model.predict_proba(X), others(model)
    again = set_weights(model, values)
    assert type(again) is type(model)
    assert np.array_equal(get_weights(again), values)
    assert np.abs(by_hand(model.learner_, values, X) - again.predict_proba(X)).max() < 1e-6
    assert np.abs(again.predict_proba(X) - before).max() > 0.1
    values[:] = 0  # a copy was taken, and the model stays as it was
    assert get_weights(again).any()
    assert np.array_equal(model.predict_proba(X), before)


def test_own_weights_change_nothing(trained):
    model, X = trained
    again = set_weights(model, get_weights(model))
    assert np.abs(again.predict_proba(X) - model.predict_proba(X)).max() < 1e-6
    assert np.array_equal(get_weights(again), get_weights(model))


def test_two_outputs_are_saved_calibrated_and_take_parameters():
    learner, X = learner_of("mlp", 2)
    both = learner.with_two_outputs()
    assert [bias.size for bias in (learner.biases[-1], both.biases[-1])] == [1, 2]
    assert both.with_two_outputs() is both
    assert learner_of("mlp", 3)[0].with_two_outputs().biases[-1].size == 3
    trained = set_weights(both, others(both))
    for each in (both, trained):
        assert each.margins(X).shape == (len(X), 1)
        again = NetworkLearner.from_files(each.to_files(), n_features=3, n_classes=2)
        assert np.array_equal(again.predict_proba(X), each.predict_proba(X))
        same = each.with_parameters(again.parameters())
        assert np.array_equal(same.predict_proba(X), each.predict_proba(X))
        for change in (
            Calibration(np.float32(0.5), np.float32(0.25)),
            Calibration(np.float32(1), np.float32(0), (np.float32(-2),)),
        ):
            expected = change(each.margins(X))
            assert each.with_calibration(change).margins(X) == pytest.approx(expected, abs=1e-5)
    assert both.margins(X) == pytest.approx(learner.margins(X), abs=1e-6)


def test_other_numbers_of_outputs_are_not_loaded():
    three = learner_of("mlp", 3)[0].to_files()
    one, two = learner_of("mlp", 2)[0], learner_of("mlp", 2)[0].with_two_outputs()
    for files, n_classes, got in (
        (three, 2, "3 outputs"),
        (one.to_files(), 3, "1 output"),
        (two.to_files(), 3, "2 outputs"),
    ):
        with pytest.raises(SavedModelError, match=f"Got: {got}. Save"):
            NetworkLearner.from_files(files, n_features=3, n_classes=n_classes)


def test_a_pipeline_keeps_its_features_and_is_saved(tmp_path):
    rows, _ = training_rows(simulate_deliveries(300, random_state=0))
    model = make_delivery_pipeline(
        algorithm="mlp", epochs=1, learner_params=SMALL_NETWORK, random_state=0
    )
    model.fit(rows, rows["label"])
    values = others(model)
    again = set_weights(model, values)
    assert again[0] is model[0]
    assert np.array_equal(get_weights(again), values)
    save_estimator(again, tmp_path / "again")
    loaded = load_estimator(tmp_path / "again")
    assert np.array_equal(get_weights(loaded), values)
    assert np.array_equal(loaded.predict_proba(rows), again.predict_proba(rows))


def test_the_hash_is_of_layout_and_values(trained):
    model, _ = trained
    layout, values = weight_layout(model), others(model)
    text = json.dumps(layout.to_dict(), sort_keys=True, separators=(",", ":")).encode()
    content = text + struct.pack(f"<{len(values)}f", *values)
    assert weights_sha256(layout, values) == hashlib.sha256(content).hexdigest()
    assert weights_sha256(layout, values.astype(">f4")) == weights_sha256(layout, values)
    last = values.copy()
    last[-1] = np.nextafter(last[-1], np.float32(9))
    assert weights_sha256(layout, last) != weights_sha256(layout, values)
    assert WeightLayout.from_dict(json.loads(json.dumps(layout.to_dict()))) == layout


def test_the_hash_of_a_model_covers_all_that_decides_its_probabilities(trained):
    model, _ = trained
    learner = model.learner_
    parts = [weights_sha256(weight_layout(model), get_weights(model))]
    said = f'{{"activation":"{learner.activation}","n_classes":{learner.n_classes}}}'.encode()
    numbers = [*learner.medians, *learner.mean, *learner.scale]
    parts.append(hashlib.sha256(said + struct.pack(f"<{len(numbers)}f", *numbers)).hexdigest())
    expected = hashlib.sha256(bytes.fromhex("".join(parts))).hexdigest()
    assert model_sha256(model) == model_sha256(learner) == expected
    assert model_sha256(learner.with_two_outputs()) == expected
    for name in ("medians", "mean", "scale"):
        other = getattr(learner, name).copy()
        other[-1] = np.nextafter(other[-1], np.float32(9))
        assert model_sha256(replace(learner, **{name: other})) != expected
    activation = "tanh" if learner.activation == "relu" else "relu"
    assert model_sha256(replace(learner, activation=activation)) != expected
    assert model_sha256(set_weights(model, others(model))) != expected


@pytest.mark.parametrize(
    ("damage", "got"),
    [
        (list, "list"),
        (lambda v: v.astype(np.float64), "dtype float64"),
        (lambda v: v[:-1], r"shape \(\d+,\)"),
        (lambda v: v.reshape(1, -1), r"shape \(1, \d+\)"),
        (lambda v: np.append(v[:-1], np.float32(np.nan)), r"nan at place \d+"),
        (lambda v: np.append(np.float32(-np.inf), v[1:]), "-inf at place 0"),
    ],
)
def test_values_of_another_form_are_refused_in_one_sentence(trained, damage, got):
    model, _ = trained
    values = damage(get_weights(model))
    n = weight_layout(model).n_values
    expected = (
        f"^The 'values' parameter must be an array of {n} finite values of dtype float32. Got "
        f"{got}. Take them from get_weights of a model with the same layers.$"
    )
    for call in (
        lambda: set_weights(model, values),
        lambda: weights_sha256(weight_layout(model), values),
    ):
        with pytest.raises(InvalidParametersError, match=expected):
            call()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("n_values"),
        lambda d: d["tensors"].pop(),
        lambda d: d["tensors"].reverse(),
        lambda d: d["tensors"][1].update(offset=0),
        lambda d: d["tensors"][0].update(shape=[8, 3.0]),
        lambda d: d["tensors"][0].update(shape=[0, 3]),
        lambda d: d["tensors"][0].update(shape=[8, 3, 1]),
        lambda d: d["tensors"][0].update(layer="dense_2"),
        lambda d: d.update(tensors=None),
        lambda d: d.update(tensors=[], n_values=0),
    ],
)
def test_another_layout_is_refused(change):
    document = WeightLayout.of_shapes([(8, 3), (2, 8)]).to_dict()
    change(document)
    with pytest.raises(InvalidParametersError, match=r"each right behind the one before\. Got"):
        WeightLayout.from_dict(document)


def test_what_has_no_weights_is_refused_by_name():
    X, y = table(100)
    boosting = DeliveryClassifier(epochs=1).fit(X, y)
    for model, got in (
        (boosting, "DeliveryClassifier of 'boosting'"),
        (MLPClassifier((3,)).partial_fit(X, y, classes=[0, 1]), "MLPClassifier"),
        (3, "int"),
    ):
        for call in (weight_layout, get_weights, lambda m: set_weights(m, np.zeros(1))):
            with pytest.raises(UnsupportedLearnerError, match=f"must be a network.*Got {got}. T"):
                call(model)
    with pytest.raises(NotFittedError):
        get_weights(DeliveryClassifier("mlp"))
