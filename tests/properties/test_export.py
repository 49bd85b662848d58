"""Laws of export and of saving, over random small models."""

import json
import tempfile
from pathlib import Path

import numpy as np
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from novin_ml import DeliveryClassifier, export_coreml, verify_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.coreml.input_names import GENERATED_NAMES, SWIFT_KEYWORDS
from novin_ml.lifecycle import load_estimator, save_estimator

label_texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0"), max_size=12
)


@st.composite
def boosters(draw):
    """A Booster, and rows at and beside each of its thresholds."""
    n_classes = draw(st.sampled_from((2, 3, 5)))
    n_features = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from((1e-20, 1.0, 1e9)))
    X = (rng.normal(size=(60, n_features)) * scale).astype(np.float32)
    if draw(st.booleans()):
        X = np.round(X / scale).astype(np.float32)
    X[rng.random(X.shape) < draw(st.sampled_from((0.0, 0.3, 1.0)))] = np.nan
    y = rng.integers(0, n_classes, len(X))
    y[:n_classes] = np.arange(n_classes)
    params = {
        "nthread": 1,
        "max_depth": draw(st.integers(1, 6)),
        "eta": draw(st.sampled_from((0.1, 0.5, 1.0))),
        "min_child_weight": draw(st.sampled_from((0.0, 1.0))),
        "tree_method": draw(st.sampled_from(("hist", "exact"))),
        "num_parallel_tree": draw(st.sampled_from((1, 1, 2))),
        "objective": "binary:logistic" if n_classes == 2 else "multi:softprob",
    }
    if n_classes > 2:
        params["num_class"] = n_classes
    if draw(st.booleans()):
        params["base_score"] = draw(st.floats(0.01, 0.99))
    model = xgboost.train(params, xgboost.DMatrix(X, y), draw(st.integers(1, 4)))
    return model, n_classes, np.concatenate([X, threshold_rows(model, X, rng)])


def threshold_rows(model, X, rng):
    trees = json.loads(model.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]
    rows = []
    for tree in trees:
        for feature, threshold in zip(tree["split_indices"], tree["split_conditions"], strict=True):
            value = np.float32(threshold)
            for near in (value, *np.nextafter(value, np.float32([-np.inf, np.inf]))):
                row = X[rng.integers(len(X))].copy()
                row[feature] = near
                rows.append(row)
    return np.array(rows, dtype=np.float32)


def answers(model, X):
    answer = model.predict(xgboost.DMatrix(X, feature_names=model.feature_names))
    return np.column_stack([1 - answer, answer]) if answer.ndim == 1 else answer


@given(boosters(), st.data())
def test_an_exported_booster_is_the_booster(drawn, data):
    model, n_classes, rows = drawn
    labels = data.draw(
        st.lists(label_texts, min_size=n_classes, max_size=n_classes, unique=True)
        | st.lists(
            st.integers(-(2**63), 2**63 - 1), min_size=n_classes, max_size=n_classes, unique=True
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        export = export_coreml(model, Path(folder) / "model.mlmodel", class_labels=labels)
        assert export.certificate.passed
        assert verify_coreml(export.model) == export.certificate
        runtime = CoreMLRuntime(export.model)
    assert runtime.classes.tolist() == labels
    expected = answers(model, rows)
    np.testing.assert_allclose(runtime.predict_proba(rows), expected, rtol=0, atol=1e-6)
    best = np.sort(expected, axis=1)
    clear = best[:, -1] - best[:, -2] > 2e-6
    named = np.array(labels, dtype=runtime.classes.dtype)[expected.argmax(axis=1)]
    np.testing.assert_array_equal(runtime.predict_labels(rows)[clear], named[clear])


TAKEN_NAMES = {"label", "classProbability", *SWIFT_KEYWORDS, *GENERATED_NAMES}


@given(boosters(), st.data())
def test_names_of_features_change_no_check(drawn, data):
    model, _, rows = drawn
    names = data.draw(
        st.lists(
            label_texts.filter(lambda name: name not in TAKEN_NAMES),
            min_size=rows.shape[1],
            max_size=rows.shape[1],
            unique=True,
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        plain = export_coreml(model, Path(folder) / "plain.mlmodel")
        named = export_coreml(model, Path(folder) / "named.mlmodel", feature_names=names)
        assert named.certificate.checks == plain.certificate.checks
        inputs = CoreMLRuntime(named.model).input_names
    assert len(set(inputs)) == len(names)
    for name, got in zip(names, inputs, strict=True):
        assert got.isascii()
        assert got.isidentifier()
        assert got == name or not (name.isascii() and name.isidentifier())


@given(
    algorithm=st.sampled_from(("boosting", "mlp")),
    labels=st.lists(label_texts, min_size=2, max_size=4, unique=True)
    | st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=4, unique=True)
    | st.just([False, True]),
    missing=st.sampled_from((0.0, 0.3)),
    seed=st.integers(0, 2**32 - 1),
    weighted=st.booleans(),
)
def test_a_saved_estimator_is_the_estimator(algorithm, labels, missing, seed, weighted):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, 3)).astype(np.float32)
    X[rng.random(X.shape) < missing] = np.nan
    y = np.array(labels)[np.arange(40) % len(labels)]
    weight = {label: 1.0 + i for i, label in enumerate(dict.fromkeys(y.tolist()))}
    model = DeliveryClassifier(
        algorithm, epochs=2, random_state=seed, class_weight=weight if weighted else None
    ).fit(X, y)
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_estimator(save_estimator(model, Path(folder) / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.get_params() == model.get_params()
