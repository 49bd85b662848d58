"""Trees and forests of scikit-learn: exported as they are, with a proof for every input."""

import numpy as np
import pytest
from sklearn import ensemble, tree

from novin_ml.coreml import export_coreml
from novin_ml.coreml.converters import converter_for, parse_model
from novin_ml.exceptions import NotExportableError
from tests.coreml.given import BESIDE, BETWEEN, MISSING, X, exported
from tests.coreml.models import codes, table
from tests.coreml.second_opinion import onnx_predict_proba, with_array_input

CLASSIFIERS = [
    tree.DecisionTreeClassifier(random_state=0),
    tree.ExtraTreeClassifier(random_state=0),
    ensemble.RandomForestClassifier(8, random_state=0),
    ensemble.ExtraTreesClassifier(8, random_state=0, bootstrap=True, class_weight="balanced"),
]
REGRESSORS = [
    tree.DecisionTreeRegressor(random_state=0),
    tree.ExtraTreeRegressor(random_state=0),
    ensemble.RandomForestRegressor(8, random_state=0, criterion="absolute_error"),
    ensemble.ExtraTreesRegressor(8, random_state=0),
]


def named(models):
    return pytest.mark.parametrize("model", models, ids=lambda model: type(model).__name__)


@named(CLASSIFIERS)
@pytest.mark.parametrize("n_classes", [2, 5])
def test_classifiers(model, n_classes, tmp_path):
    labels = np.array([f"kind {code}" for code in codes(X, n_classes)])
    model.fit(X, labels, sample_weight=np.arange(300) % 3)
    runtime = exported(model, tmp_path)
    assert np.allclose(runtime.predict_proba(X), model.predict_proba(X), atol=1e-12)
    assert runtime.classes.tolist() == model.classes_.tolist()
    assert (runtime.predict_labels(X) == model.predict(X)).mean() > 0.99


@named(REGRESSORS)
def test_regressors(model, tmp_path):
    y = 1e5 * X[:, 0] + 3e5
    model.fit(X, y)
    runtime = exported(model, tmp_path)
    assert np.allclose(runtime.predict(X)["value"], model.predict(X), rtol=1e-12)


@named([*CLASSIFIERS, *REGRESSORS[:1], *REGRESSORS[3:]])
def test_missing_values_go_where_they_went(model, tmp_path):
    model.fit(MISSING, codes(MISSING, 3))
    runtime = exported(model, tmp_path)
    answer = getattr(model, "predict_proba", model.predict)(MISSING)
    assert np.allclose(runtime.predict(MISSING).select_dtypes(float).squeeze(), answer)


@named(CLASSIFIERS)
def test_thresholds_that_no_float32_number_equals(model, tmp_path):
    model.fit(BETWEEN, np.arange(300) % 7 % 2)
    assert np.allclose(exported(model, tmp_path).predict_proba(BESIDE), model.predict_proba(BESIDE))


@named([*CLASSIFIERS, *REGRESSORS])
@pytest.mark.parametrize("n_features", [1, 500])
def test_few_and_many_features(model, n_features, tmp_path):
    rows = table(60, 2, n_features=n_features)
    model.fit(rows, codes(np.hstack([rows, rows]), 2))
    exported(model, tmp_path)


@named([*CLASSIFIERS, *REGRESSORS])
def test_constant_columns_make_a_single_leaf(model, tmp_path):
    model.fit(np.ones((20, 3)), np.arange(20) % 2)
    exported(model, tmp_path)


@pytest.mark.parametrize(
    ("model", "y", "named"),
    [
        (ensemble.RandomForestClassifier(2), np.zeros(300), "two classes"),
        (tree.DecisionTreeClassifier(), np.column_stack([codes(X, 2)] * 2), "one output. Got 2"),
        (ensemble.ExtraTreesRegressor(2), X[:, :3], "one output. Got 3"),
        (tree.DecisionTreeClassifier(), codes(X, 2) * 1.0, r"\[0.0, 1.0\]"),
    ],
)
def test_refused(model, y, named, tmp_path):
    with pytest.raises(NotExportableError, match=named):
        export_coreml(model.fit(X, y), tmp_path / "model.mlmodel")
    assert not list(tmp_path.iterdir())


def test_labels_of_a_regressor_are_refused(tmp_path):
    model = tree.DecisionTreeRegressor(max_depth=2).fit(X, X[:, 0])
    with pytest.raises(NotExportableError, match="must be None for DecisionTreeRegressor"):
        export_coreml(model, tmp_path / "model.mlmodel", class_labels=["a", "b"])


def test_another_runtime_agrees():
    """onnxmltools converts the file, and onnxruntime evaluates it."""
    model = ensemble.RandomForestClassifier(6, random_state=0).fit(X, codes(X, 3))
    subject = parse_model(model)
    spec = converter_for(subject.learner).convert(subject)
    found = onnx_predict_proba(with_array_input(spec, 4), X[:40])
    assert np.allclose(found, model.predict_proba(X[:40]), atol=1e-6)
