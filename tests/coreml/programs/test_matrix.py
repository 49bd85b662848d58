"""Every class of model, step and wrapper, with its options: exported and proved.

The rows here are none of the certificate's.
"""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD
from sklearn.ensemble import (
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import (
    RFE,
    SelectFromModel,
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    BayesianRidge,
    ElasticNet,
    GammaRegressor,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Perceptron,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
    TweedieRegressor,
)
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.svm import LinearSVC, LinearSVR

from novin_ml.coreml import CoreMLRuntime
from tests.coreml.programs.cases import (
    LABELS,
    check_classifier,
    classes,
    exported,
    given,
    rows,
    values,
)


def scaled(*steps):
    return make_pipeline(StandardScaler(), *steps)


def small_mlp(**params):
    return MLPClassifier((6, 5), max_iter=20, random_state=0, **params)


def table(n_rows=200, seed=0):
    """Numbers, of which some are missing, texts and integers."""
    X, with_missing = rows(n_rows, seed), rows(n_rows, seed, missing=0.1)
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "energy": X[:, 0],
            "peak": with_missing[:, 1],
            "room": np.array(["hall", "porch", "配達"], dtype=object)[rng.integers(0, 3, n_rows)],
            "zone": rng.integers(0, 4, n_rows),
        }
    )


def by_column(encoder, numbers=None):
    numbers = numbers or make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    return make_column_transformer((numbers, ["energy", "peak"]), (encoder, ["room", "zone"]))


def logistic(**params):
    return LogisticRegression(max_iter=500, **params)


CLASSIFIERS = {
    "imputer": lambda: make_pipeline(
        SimpleImputer(add_indicator=True), StandardScaler(), logistic()
    ),
    "imputer after scaler": lambda: scaled(SimpleImputer(strategy="median"), logistic()),
    "constant": lambda: scaled(SimpleImputer(strategy="constant", fill_value=-1.0), logistic()),
    "pca": lambda: scaled(PCA(2), logistic()),
    "whitened pca": lambda: scaled(PCA(2, whiten=True), logistic()),
    "pca in parts": lambda: scaled(IncrementalPCA(3), StandardScaler(), logistic()),
    "svd": lambda: scaled(TruncatedSVD(2), logistic()),
    "squares": lambda: scaled(PolynomialFeatures(2), logistic()),
    "cubes": lambda: scaled(
        PolynomialFeatures(3, interaction_only=True, include_bias=False), logistic()
    ),
    "l1": lambda: scaled(Normalizer("l1"), logistic()),
    "l2": lambda: scaled(Normalizer("l2"), logistic()),
    "max": lambda: scaled(Normalizer("max"), logistic()),
    "best": lambda: make_pipeline(SelectKBest(k=2), StandardScaler(), logistic()),
    "best percentile": lambda: scaled(SelectPercentile(percentile=50), logistic()),
    "varying": lambda: scaled(VarianceThreshold(0.5), logistic()),
    "from model": lambda: scaled(SelectFromModel(logistic()), logistic()),
    "eliminated": lambda: scaled(RFE(logistic(), n_features_to_select=2), PCA(2), logistic()),
    "passthrough": lambda: scaled("passthrough", None, logistic()),
    "mlp": lambda: scaled(small_mlp()),
    "mlp tanh": lambda: scaled(small_mlp(activation="tanh")),
    "mlp logistic": lambda: scaled(small_mlp(activation="logistic")),
    "mlp identity": lambda: scaled(small_mlp(activation="identity")),
    "union": lambda: scaled(
        FeatureUnion([("pca", PCA(2)), ("all", MinMaxScaler())], transformer_weights={"pca": 0.5}),
        logistic(),
    ),
    "grid": lambda: GridSearchCV(scaled(logistic()), {"logisticregression__C": [1, 0.1]}, cv=2),
    "voting": lambda: VotingClassifier(
        [("linear", scaled(logistic())), ("mlp", scaled(small_mlp()))],
        voting="soft",
        weights=[2, 1],
    ),
    "sigmoid": lambda: CalibratedClassifierCV(scaled(LinearSVC()), cv=3),
    "sigmoid of probabilities": lambda: CalibratedClassifierCV(scaled(small_mlp()), cv=2),
    "isotonic": lambda: CalibratedClassifierCV(scaled(LinearSVC()), cv=3, method="isotonic"),
    "one model": lambda: CalibratedClassifierCV(
        scaled(logistic()), cv=3, ensemble=False, method="isotonic"
    ),
    "one vs rest": lambda: OneVsRestClassifier(scaled(logistic())),
    "stacking": lambda: StackingClassifier(
        [("linear", scaled(logistic())), ("svc", scaled(LinearSVC()))],
        scaled(logistic()),
        passthrough=True,
        cv=2,
    ),
}
if "temperature" in str(CalibratedClassifierCV._parameter_constraints["method"]):
    CLASSIFIERS |= {
        "temperature": lambda: CalibratedClassifierCV(
            scaled(LinearSVC()), cv=3, method="temperature"
        ),
        "temperature of probabilities": lambda: CalibratedClassifierCV(
            scaled(small_mlp()), cv=2, method="temperature"
        ),
    }
TABLES = {
    "one hot": lambda: make_pipeline(by_column(OneHotEncoder(handle_unknown="ignore")), logistic()),
    "one hot, first dropped": lambda: make_pipeline(
        by_column(OneHotEncoder(drop="first")), logistic()
    ),
    "one hot, one of two dropped": lambda: make_pipeline(
        by_column(OneHotEncoder(drop="if_binary", sparse_output=False)), logistic()
    ),
    "ordinal": lambda: make_pipeline(by_column(OrdinalEncoder()), logistic()),
    "ordinal with unknown": lambda: make_pipeline(
        by_column(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
        small_mlp(),
    ),
    "one column as it is": lambda: make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), ["room"]),
            ("drop", ["zone"]),
            remainder="passthrough",
        ),
        SimpleImputer(),
        logistic(),
    ),
    "sliced": lambda: make_pipeline(
        make_column_transformer(
            (SimpleImputer(), slice("energy", "peak")),
            (OneHotEncoder(), [False, False, True, True]),
        ),
        logistic(),
    ),
}


def fitted(make, X, y):
    model = make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers(name, n_classes, tmp_path):
    missing = 0.1 if name.startswith(("imputer", "constant")) else 0.0
    X = rows(missing=missing)
    model = fitted(CLASSIFIERS[name], X, classes(X, n_classes, LABELS))
    certificate = check_classifier(model, rows(seed=3, missing=missing), tmp_path).certificate
    assert_proved(certificate)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", TABLES)
def test_tables(name, n_classes, tmp_path):
    X = table()
    model = fitted(TABLES[name], X, classes(rows(), n_classes))
    certificate = check_classifier(model, table(seed=3), tmp_path).certificate
    assert_proved(certificate)


def assert_proved(certificate):
    """The bound holds for training-like rows, which are in the box."""
    assert certificate.proof.bound >= certificate.checks["training_like"].max_error
    # Behind a division by a norm or a sum that may be next to nothing, the bound says nothing.
    said = "(proved)" if certificate.proof.bound < 0.5 else "says nothing"
    assert said in certificate.statement


DECISIONS = {
    "svc": lambda: scaled(LinearSVC()),
    "ridge": lambda: scaled(RidgeClassifier()),
    "hinge": lambda: scaled(SGDClassifier(random_state=0)),
    "perceptron": lambda: scaled(Perceptron(random_state=0)),
    "svc after pca": lambda: scaled(PCA(2), LinearSVC()),
    "stacked ridge": lambda: StackingClassifier(
        [("linear", scaled(logistic())), ("svc", scaled(LinearSVC()))], RidgeClassifier(), cv=2
    ),
    "searched": lambda: GridSearchCV(scaled(LinearSVC()), {"linearsvc__C": [1, 0.1]}, cv=2),
}


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("labels", [None, LABELS], ids=["integers", "texts"])
@pytest.mark.parametrize("name", DECISIONS)
def test_classifiers_without_probabilities(name, labels, n_classes, tmp_path):
    X = rows()
    model = fitted(DECISIONS[name], X, classes(X, n_classes, labels))
    export = exported(model, tmp_path)
    runtime = CoreMLRuntime(export.model)
    assert runtime.output_names == ("label", "decision")
    new = rows(seed=3)
    answers = runtime.predict_outputs(given(new, runtime.input_names))
    expected = model.decision_function(new)
    np.testing.assert_allclose(answers["decision"], expected, atol=export.certificate.tolerance)
    np.testing.assert_array_equal(answers["label"], model.predict(new))
    assert_proved(export.certificate)


THRESHOLDS = {
    "fixed": lambda: FixedThresholdClassifier(scaled(logistic()), threshold=0.3),
    "of the first label": lambda: FixedThresholdClassifier(
        scaled(logistic()), threshold=0.3, pos_label="delivery"
    ),
    "of a decision": lambda: FixedThresholdClassifier(scaled(LinearSVC()), threshold=0.3),
    "usual": lambda: FixedThresholdClassifier(scaled(small_mlp())),
    "tuned": lambda: TunedThresholdClassifierCV(scaled(small_mlp()), cv=2),
    "searched": lambda: GridSearchCV(
        FixedThresholdClassifier(scaled(logistic())), {"threshold": [0.2]}, cv=2
    ),
}


@pytest.mark.parametrize("name", THRESHOLDS)
def test_thresholds_are_kept(name, tmp_path):
    X = rows()
    model = fitted(THRESHOLDS[name], X, classes(X, 2, LABELS))
    export = exported(model, tmp_path)
    runtime = CoreMLRuntime(export.model)
    new = rows(seed=3)
    answers = runtime.predict_outputs(given(new, runtime.input_names))
    np.testing.assert_array_equal(answers["label"], model.predict(new))
    assert_proved(export.certificate)
    if name == "fixed":
        assert runtime.metadata["user_defined"]["novin_ml.threshold"] == "0.3"
        second = answers["classProbability"][:, 1] >= 0.5
        assert np.any(np.array(LABELS)[second.astype(int)] != answers["label"])


REGRESSORS = {
    "linear": LinearRegression,
    "ridge": Ridge,
    "lasso": Lasso,
    "elastic net": ElasticNet,
    "svr": LinearSVR,
    "sgd": SGDRegressor,
    "huber": HuberRegressor,
    "bayesian": BayesianRidge,
    "quantile": lambda: QuantileRegressor(alpha=0.01),
    "tweedie": lambda: TweedieRegressor(power=0),
    "mlp": lambda: MLPRegressor(hidden_layer_sizes=(6,), max_iter=30, random_state=0),
    "linear after pca": lambda: make_pipeline(PCA(2), LinearRegression()),
    "linear of squares": lambda: make_pipeline(PolynomialFeatures(2), Ridge()),
    "voting": lambda: VotingRegressor([("a", Ridge()), ("b", Lasso())], weights=[1, 3]),
    "stacking": lambda: StackingRegressor([("a", Ridge()), ("b", Lasso())], cv=2),
}
COUNTS = {
    "poisson": PoissonRegressor,
    "gamma": GammaRegressor,
    "tweedie": lambda: TweedieRegressor(power=1.5),
}


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressors(name, tmp_path):
    X = rows()
    model = fitted(lambda: scaled(REGRESSORS[name]()), X, values(X))
    export = exported(model, tmp_path)
    check_values(export, model, atol=export.certificate.tolerance)
    assert_proved(export.certificate)


@pytest.mark.parametrize("name", COUNTS)
def test_exponential_regressors(name, tmp_path):
    X = rows()
    model = fitted(lambda: scaled(COUNTS[name]()), X, np.exp(values(X) / 40))
    export = exported(model, tmp_path)
    check_values(export, model, rtol=1e-5)
    assert export.certificate.proof.is_relative
    assert_proved(export.certificate)


def check_values(export, model, **tolerance):
    runtime = CoreMLRuntime(export.model)
    assert runtime.output_names == ("value",)
    new = rows(seed=3)
    answers = runtime.predict_outputs(given(new, runtime.input_names))
    np.testing.assert_allclose(answers["value"], model.predict(new), **tolerance)
