"""Models of xgboost that the converter of boosting does not hold: values, scores, dart, vectors."""

import numpy as np
import pytest
import xgboost

from novin_ml.coreml import export_coreml
from novin_ml.exceptions import NotExportableError
from tests.coreml.given import MISSING, POSITIVE, X, answers_of, exported
from tests.coreml.models import codes, table

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*`booster=dart` is deprecated"),
    pytest.mark.filterwarnings("ignore:`XGBRF(Classifier|Regressor)` is deprecated"),
]

CLASSIFIERS = {
    "dart": {"booster": "dart", "rate_drop": 0.5},
    "vector leaves": {"multi_strategy": "multi_output_tree", "tree_method": "hist"},
    "missing=-999": {"missing": -999.0},
    "missing=0": {"missing": 0},
    "parallel trees": {"num_parallel_tree": 3, "subsample": 0.5},
}
OBJECTIVES = [
    *("reg:squarederror", "reg:squaredlogerror", "reg:absoluteerror", "reg:pseudohubererror"),
    *("reg:quantileerror", "reg:logistic", "count:poisson", "reg:gamma", "reg:tweedie"),
]
#: Their leaves are chosen after the tree stands.
ADAPTIVE = ("reg:absoluteerror", "reg:quantileerror")


def params(**more):
    return {"n_estimators": 6, "max_depth": 3, "n_jobs": 1, **more}


def marked(rows, missing):
    """Rows in which a number stands for missing values."""
    return np.where(np.isnan(rows), np.float32(missing), rows)


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("n_classes", [2, 4])
def test_classifiers(name, n_classes, tmp_path):
    options = CLASSIFIERS[name]
    rows = marked(MISSING, options["missing"]) if "missing" in options else MISSING
    model = xgboost.XGBClassifier(**params(**options)).fit(rows, codes(MISSING, n_classes))
    names = [f"kind {code}" for code in range(n_classes)]
    runtime = exported(model, tmp_path, data=rows, class_labels=names)
    assert runtime.classes.tolist() == names
    for given in (rows, MISSING):
        assert np.allclose(runtime.predict_proba(given), model.predict_proba(given), atol=1e-6)


def test_softmax_has_probabilities_too(tmp_path):
    model = xgboost.XGBClassifier(**params(objective="multi:softmax")).fit(X, codes(X, 3))
    runtime = exported(model, tmp_path)
    assert np.allclose(runtime.predict_proba(X), model.predict_proba(X), atol=1e-6)
    booster = model.get_booster()
    runtime = exported(booster, tmp_path)
    assert np.allclose(runtime.predict_proba(X), model.predict_proba(X), atol=1e-6)


def test_softprob_of_two_classes(tmp_path):
    data = xgboost.DMatrix(X, codes(X, 2))
    booster = xgboost.train({"objective": "multi:softprob", "num_class": 2, "nthread": 1}, data, 4)
    assert np.allclose(
        exported(booster, tmp_path).predict_proba(X), booster.predict(xgboost.DMatrix(X)), atol=1e-6
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("forest", [False, True])
def test_values_go_through_the_link_of_their_objective(objective, forest, tmp_path):
    options = {"quantile_alpha": 0.3} if objective == "reg:quantileerror" else {}
    if forest:
        if objective in ADAPTIVE and int(xgboost.__version__.split(".")[0]) < 3:
            pytest.skip("xgboost 2 trains no forest with this objective.")
        options |= {"num_parallel_tree": 4, "subsample": 0.7}
    y = codes(X, 2) * 0.8 + 0.1 if objective == "reg:logistic" else POSITIVE
    model = xgboost.XGBRegressor(**params(objective=objective, **options)).fit(X, y)
    runtime = exported(model, tmp_path, data=X)
    assert np.allclose(answers_of(runtime, X), model.predict(X), rtol=1e-5, atol=1e-6)
    exported(model.get_booster(), tmp_path)


@pytest.mark.parametrize("missing", [np.nan, -999, 0.5])
@pytest.mark.parametrize("objective", ["reg:squarederror", "count:poisson"])
def test_values_with_missing_features(missing, objective, tmp_path):
    rows = marked(MISSING, missing)
    model = xgboost.XGBRegressor(**params(missing=missing, objective=objective))
    model.fit(rows, codes(MISSING, 5))
    assert np.allclose(
        answers_of(exported(model, tmp_path, data=rows), rows), model.predict(rows), rtol=1e-5
    )


@pytest.mark.parametrize("forest", [xgboost.XGBRFClassifier, xgboost.XGBRFRegressor])
def test_random_forests(forest, tmp_path):
    model = forest(**params()).fit(X, codes(X, 3))
    answer = getattr(model, "predict_proba", model.predict)(X)
    assert np.allclose(answers_of(exported(model, tmp_path), X), answer, atol=1e-6)


@pytest.mark.parametrize("objective", ["rank:pairwise", "rank:ndcg", "rank:map"])
def test_a_ranker_is_a_score(objective, tmp_path):
    model = xgboost.XGBRanker(**params(objective=objective))
    model.fit(X, codes(X, 2), group=[100, 200])
    assert np.allclose(answers_of(exported(model, tmp_path), X), model.predict(X), atol=1e-6)


def test_early_stopping_keeps_the_best_rounds(tmp_path):
    model = xgboost.XGBRegressor(**params(n_estimators=60, early_stopping_rounds=2))
    noise = np.random.default_rng(0).normal(size=100)
    model.fit(X[:200], X[:200, 0], eval_set=[(X[200:], noise)], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    assert np.allclose(answers_of(exported(model, tmp_path), X), model.predict(X), atol=1e-6)


@pytest.mark.parametrize("n_features", [1, 500])
def test_few_and_many_features(n_features, tmp_path):
    rows = table(80, 2, n_features=n_features)
    model = xgboost.XGBRegressor(**params(objective="reg:gamma")).fit(rows, np.exp(rows[:, 0]))
    exported(model, tmp_path)


def test_constant_columns_make_single_leaves(tmp_path):
    model = xgboost.XGBRegressor(**params()).fit(np.ones((20, 3)), np.arange(20.0))
    exported(model, tmp_path)


def test_an_objective_of_ones_own_leaves_the_margin_of_a_booster(tmp_path):
    """Its predict answers with the sum, so that is what is exported."""
    data = xgboost.DMatrix(X, POSITIVE)
    model = xgboost.train({"nthread": 1}, data, 3, obj=lambda p, d: own_objective(d.get_label(), p))
    answer = model.predict(xgboost.DMatrix(X))
    assert np.allclose(answers_of(exported(model, tmp_path), X), answer, atol=1e-6)


def own_objective(y, predicted):
    return predicted - y, np.ones_like(y)


@pytest.mark.parametrize(
    ("make", "named", "remedy"),
    [
        (lambda: xgboost.XGBRegressor(**params(missing="NA")), "missing='NA'", "missing=nan"),
        (lambda: xgboost.XGBRegressor(**params(objective=own_objective)), "callable", "Train with"),
        (
            lambda: xgboost.XGBRegressor(**params(objective="survival:cox")),
            "objective='survival:cox'",
            "'count:poisson'",
        ),
        (
            lambda: xgboost.XGBRegressor(
                **params(objective="reg:quantileerror", quantile_alpha=[0.2, 0.8])
            ),
            "targets",
            "one model for each",
        ),
    ],
)
def test_refused(make, named, remedy, tmp_path):
    model = make()
    missing = model.missing
    model.set_params(missing=np.nan).fit(X, POSITIVE)
    model.set_params(missing=missing)
    with pytest.raises(NotExportableError) as caught:
        export_coreml(model, tmp_path / "model.mlmodel")
    assert named in str(caught.value)
    assert remedy in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_labels_of_a_value_are_refused(tmp_path):
    model = xgboost.XGBRegressor(**params()).fit(X, POSITIVE)
    for given in (model, model.get_booster()):
        with pytest.raises(NotExportableError, match="has no classes"):
            export_coreml(given, tmp_path / "model.mlmodel", class_labels=["a", "b"])
