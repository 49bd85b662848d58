"""Trees of other libraries: whatever is drawn, the exported model is the model, for every input."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn import ensemble, tree

from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml

CLASSES = (
    tree.DecisionTreeClassifier,
    ensemble.RandomForestClassifier,
    ensemble.ExtraTreesClassifier,
    ensemble.GradientBoostingClassifier,
    ensemble.HistGradientBoostingClassifier,
    ensemble.AdaBoostClassifier,
    ensemble.BaggingClassifier,
)
VALUES = (
    tree.DecisionTreeRegressor,
    ensemble.RandomForestRegressor,
    ensemble.ExtraTreesRegressor,
    ensemble.GradientBoostingRegressor,
    ensemble.HistGradientBoostingRegressor,
    ensemble.BaggingRegressor,
)
#: A few numbers, so that rows fall on thresholds; some lie between float32 neighbours.
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 1 + 2.0**-24, 1 + 2.0**-23, -1e30, 1e-40, 0.1, 2.5, 7.0])


@st.composite
def fitted(draw):
    """An estimator of other people, fitted on a table that is drawn, and rows of their own."""
    n_rows, n_features = draw(st.integers(12, 40)), draw(st.integers(1, 4))
    shape = (n_rows, n_features)
    X = np.array(
        draw(st.lists(NUMBERS, min_size=n_rows * n_features, max_size=n_rows * n_features))
    )
    X = X.reshape(shape)
    seed = draw(st.integers(0, 99))
    n_trees = draw(st.integers(1, 6))
    kind = draw(st.sampled_from([*CLASSES, *VALUES]))
    options = {"random_state": seed}
    if kind.__name__.startswith("Hist"):
        options |= {"max_iter": n_trees, "min_samples_leaf": 2}
    elif "n_estimators" in kind().get_params():
        options["n_estimators"] = n_trees
    else:
        options["max_depth"] = n_trees
    if kind in CLASSES:
        n_classes = draw(st.integers(2, 4))
        y = np.arange(n_rows) % n_classes
        # AdaBoost needs a tree that is better than chance.
        X[:, 0] = np.where(y == 0, 7.0, X[:, 0])
        y = np.array([f"kind {code}" for code in y]) if draw(st.booleans()) else y
    else:
        scale = 10.0 ** draw(st.integers(-6, 6))
        y = np.random.default_rng(seed).normal(size=n_rows) * scale
    weight = 1 + np.arange(n_rows) % draw(st.integers(1, 3))
    return kind(**options).fit(X, y, sample_weight=weight), X.astype(np.float32)


@given(fitted())
def test_an_export_is_the_model(drawn):
    model, rows = drawn
    with tempfile.TemporaryDirectory() as folder:
        export = export_coreml(model, Path(folder) / "model.mlmodel", data=rows)
        certificate = export.certificate
        assert certificate.max_error <= min(certificate.proof.bound, certificate.tolerance)
        assert certificate.proof.nodes == certificate.structure.nodes
        assert verify_coreml(export.model, data=rows).proof == certificate.proof
        runtime = CoreMLRuntime(export.model)
    if runtime.classes is None:
        got, expected = runtime.predict(rows)["value"].to_numpy(), model.predict(rows)
    else:
        got, expected = runtime.predict_proba(rows), model.predict_proba(rows)
    assert np.abs(got - expected).max() <= certificate.tolerance
