"""Boosting, AdaBoost and bagging of scikit-learn: exported as they are, or refused by name."""

import numpy as np
import pytest
from sklearn import ensemble
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier
from sklearn.utils import get_tags

from novin_ml.coreml import export_coreml
from novin_ml.exceptions import NotExportableError
from tests.coreml.given import BESIDE, BETWEEN, MISSING, POSITIVE, X, answers_of, exported, labels
from tests.coreml.models import codes, table

GRADIENT = ensemble.GradientBoostingClassifier
HIST = ensemble.HistGradientBoostingClassifier
CLASSIFIERS = {
    "gradient": GRADIENT(n_estimators=5, random_state=0),
    "gradient, from zero": GRADIENT(n_estimators=5, init="zero", subsample=0.5, random_state=0),
    "gradient, stopped early": GRADIENT(n_estimators=50, n_iter_no_change=2, random_state=0),
    "hist": HIST(max_iter=5, max_leaf_nodes=7),
    "hist, monotone": HIST(max_iter=5, monotonic_cst=[1, -1, 0, 0], interaction_cst="pairwise"),
    "hist, stopped early": HIST(max_iter=50, early_stopping=True, random_state=0),
    "adaboost": ensemble.AdaBoostClassifier(n_estimators=5, random_state=0),
    "adaboost of deep trees": ensemble.AdaBoostClassifier(
        ExtraTreeClassifier(max_depth=3), n_estimators=5, learning_rate=0.5, random_state=0
    ),
    "bagging": ensemble.BaggingClassifier(n_estimators=5, random_state=0),
    "bagging of columns": ensemble.BaggingClassifier(
        n_estimators=5, max_features=2, bootstrap_features=True, random_state=0
    ),
}
REGRESSORS = {
    **{
        f"gradient, {loss}": ensemble.GradientBoostingRegressor(n_estimators=5, loss=loss)
        for loss in ("squared_error", "absolute_error", "huber", "quantile")
    },
    **{
        f"hist, {loss}": ensemble.HistGradientBoostingRegressor(
            max_iter=5, loss=loss, quantile=0.4 if loss == "quantile" else None
        )
        for loss in ("squared_error", "absolute_error", "gamma", "poisson", "quantile")
    },
    "gradient, from zero": ensemble.GradientBoostingRegressor(n_estimators=5, init="zero"),
    "bagging": ensemble.BaggingRegressor(n_estimators=5, max_features=3, random_state=0),
}
classifiers = pytest.mark.parametrize("model", CLASSIFIERS.values(), ids=CLASSIFIERS)
regressors = pytest.mark.parametrize("model", REGRESSORS.values(), ids=REGRESSORS)
every = pytest.mark.parametrize(
    "model", [*CLASSIFIERS.values(), *REGRESSORS.values()], ids=[*CLASSIFIERS, *REGRESSORS]
)


@classifiers
@pytest.mark.parametrize(("n_classes", "kind"), [(2, int), (2, str), (5, str)])
def test_classifiers(model, n_classes, kind, tmp_path):
    if n_classes > 2 and getattr(model, "monotonic_cst", None):
        pytest.skip("Of many classes scikit-learn has no monotonic constraints.")
    model.fit(X, labels(n_classes, kind), sample_weight=1 + np.arange(300) % 3)
    runtime = exported(model, tmp_path, data=X)
    assert np.allclose(runtime.predict_proba(X), model.predict_proba(X), atol=1e-12)
    assert runtime.classes.tolist() == model.classes_.tolist()
    assert (runtime.predict_labels(X) == model.predict(X)).mean() > 0.99


@pytest.mark.parametrize("init", [None, "zero"])
def test_the_exponential_loss_has_a_link_of_its_own(init, tmp_path):
    model = GRADIENT(n_estimators=5, loss="exponential", init=init).fit(X, labels(2))
    runtime = exported(model, tmp_path)
    assert np.allclose(runtime.predict_proba(X), model.predict_proba(X), atol=1e-12)


@regressors
def test_regressors(model, tmp_path):
    model.fit(X, POSITIVE)
    runtime = exported(model, tmp_path, data=X)
    assert np.allclose(answers_of(runtime, X), model.predict(X), rtol=2e-6)


@every
def test_missing_values(model, tmp_path):
    if not get_tags(model).input_tags.allow_nan:
        with pytest.raises(ValueError, match="NaN"):
            model.fit(MISSING, codes(MISSING, 2) + 1)
        return
    model.fit(MISSING, codes(MISSING, 2) + 1)
    runtime = exported(model, tmp_path, data=MISSING)
    answer = getattr(model, "predict_proba", model.predict)(MISSING)
    assert np.allclose(answers_of(runtime, MISSING), answer, rtol=2e-6)


@classifiers
def test_thresholds_that_no_float32_number_equals(model, tmp_path):
    model.fit(BETWEEN, np.arange(300) % 7 % 2)
    assert np.allclose(
        answers_of(exported(model, tmp_path), BESIDE), model.predict_proba(BESIDE), atol=1e-12
    )


@every
@pytest.mark.parametrize("n_features", [1, 500])
def test_few_and_many_features(model, n_features, tmp_path):
    if getattr(model, "monotonic_cst", None) or getattr(model, "max_features", 0) in (2, 3):
        pytest.skip("Its parameters are about four features.")
    rows = table(80, 2, n_features=n_features)
    model.fit(rows, codes(np.hstack([rows, rows]), 2) + 1)
    exported(model, tmp_path)


@every
def test_constant_columns_make_single_leaves(model, tmp_path):
    model.fit(np.ones((40, 4)), (np.arange(40) > 10) + 1)
    exported(model, tmp_path)


def test_a_bag_whose_trees_met_some_classes_only(tmp_path):
    y = np.array(["a"] * 298 + ["b", "c"])
    model = ensemble.BaggingClassifier(n_estimators=6, max_samples=0.05, random_state=0).fit(X, y)
    runtime = exported(model, tmp_path)
    assert np.allclose(runtime.predict_proba(X), model.predict_proba(X), atol=1e-12)


@pytest.mark.parametrize(
    ("model", "y", "named", "remedy"),
    [
        (
            GRADIENT(n_estimators=2, init=LogisticRegression()),
            2,
            "init=LogisticReg",
            "without init",
        ),
        (HIST(max_iter=2, categorical_features=[1]), 2, "categorical ones, [1]", "Encode"),
        (ensemble.AdaBoostRegressor(n_estimators=2), 0, "weighted median", "RandomForestRegressor"),
        (
            ensemble.AdaBoostClassifier(LogisticRegression(), n_estimators=2),
            2,
            "LogisticRegression",
            "over trees",
        ),
        (ensemble.BaggingClassifier(LogisticRegression(), 2), 2, "LogisticReg", "over trees"),
        (ensemble.BaggingRegressor(DecisionTreeRegressor(), 2), "several", "one output", "each"),
        (GRADIENT(n_estimators=2), "text", "must have names", "sequence"),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else None,
)
def test_refused(model, y, named, remedy, tmp_path):
    targets = {2: codes(X, 2), 0: X[:, 0], "several": X[:, :2], "text": codes(X, 2)}[y]
    rows = np.abs(X).round() if y == 2 else X
    options = {"class_labels": "ab"} if y == "text" else {}
    with pytest.raises(NotExportableError) as caught:
        export_coreml(model.fit(rows, targets), tmp_path / "model.mlmodel", **options)
    assert (named in str(caught.value) and remedy in str(caught.value)) or y == "text"
    assert not list(tmp_path.iterdir())


def test_a_subclass_that_answers_otherwise_is_refused(tmp_path):
    class Contrary(DecisionTreeClassifier):
        def predict_proba(self, X):
            return super().predict_proba(X)[:, ::-1]

    with pytest.raises(NotExportableError, match="its own predict_proba"):
        export_coreml(Contrary(max_depth=2).fit(X, codes(X, 2)), tmp_path / "model.mlmodel")
