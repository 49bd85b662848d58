"""Trees behind other steps: what maps each column alone is folded into the thresholds."""

import warnings

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from novin_ml.coreml import CoreMLRuntime, export_coreml
from novin_ml.exceptions import NotExportableError
from tests.coreml.programs.cases import (
    LABELS,
    check_classifier,
    classes,
    exported,
    given,
    rows,
    values,
)
from tests.coreml.programs.test_matrix import assert_proved, by_column, scaled, table

CLASSIFIERS = {
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "forest": lambda: RandomForestClassifier(8, random_state=0),
    "extra": lambda: ExtraTreesClassifier(8, random_state=0),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=6, random_state=0),
    "adaboost": lambda: AdaBoostClassifier(n_estimators=5, random_state=0),
    "bagging": lambda: BaggingClassifier(n_estimators=4, random_state=0),
    "histograms": lambda: HistGradientBoostingClassifier(max_iter=6, random_state=0),
    "xgboost": lambda: xgboost.XGBClassifier(n_estimators=6, n_jobs=1),
}
SCALERS = (
    StandardScaler(),
    MinMaxScaler((-5, 3)),
    RobustScaler(),
    MaxAbsScaler(),
    make_pipeline(MinMaxScaler(), StandardScaler()),
)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_scalers_are_folded(name, n_classes, tmp_path):
    X = rows()
    for scaler in SCALERS[: 1 if n_classes == 3 else None]:
        model = make_pipeline(scaler, CLASSIFIERS[name]()).fit(X, classes(X, n_classes))
        export = check_classifier(model, rows(seed=3), tmp_path)
        assert_proved(export.certificate)
        assert export.certificate.structure.nodes > 10
        stages = CoreMLRuntime(export.model).spec.pipelineClassifier.pipeline.models
        assert not any(stage.WhichOneof("Type") == "scaler" for stage in stages)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_threshold_is_folded_exactly(name, tmp_path):
    """At the float32 number where a node turns, and one ulp to either side, nothing differs."""
    X = rows(60)
    model = make_pipeline(StandardScaler(), RobustScaler(), CLASSIFIERS[name]())
    export = exported(model.fit(X, classes(X, 2)), tmp_path)
    check = export.certificate.checks["thresholds"]
    assert check.rows >= 25
    assert check.max_error < 1e-6
    assert check.differ == 0


@pytest.mark.parametrize("name", ["forest", "boosting", "histograms", "xgboost"])
def test_imputers_are_folded(name, tmp_path):
    X = rows(missing=0.2)
    model = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler(), CLASSIFIERS[name]())
    model.fit(X, classes(X, 2))
    export = check_classifier(model, rows(seed=3, missing=0.2), tmp_path)
    assert export.certificate.checks["missing"].rows > 1000


@pytest.mark.parametrize("name", ["histograms", "xgboost"])
def test_missing_values_behind_a_scaler(name, tmp_path):
    X = rows(missing=0.2)
    model = make_pipeline(StandardScaler(), CLASSIFIERS[name]()).fit(X, classes(X, 2))
    check_classifier(model, rows(seed=3, missing=0.2), tmp_path)


@pytest.mark.parametrize("name", ["forest", "boosting", "xgboost"])
@pytest.mark.parametrize("encoder", [OneHotEncoder(handle_unknown="ignore"), OrdinalEncoder()])
def test_categories(name, encoder, tmp_path):
    model = make_pipeline(by_column(encoder), CLASSIFIERS[name]()).fit(table(), classes(rows(), 3))
    export = check_classifier(model, table(seed=3), tmp_path)
    kinds = {
        feature.name: feature.type.WhichOneof("Type")
        for feature in CoreMLRuntime(export.model).spec.description.input
    }
    assert kinds["room"] == "stringType"
    assert kinds["zone"] == "int64Type"
    assert kinds["energy"] == "doubleType"


WRAPPERS = {
    "voting": lambda: VotingClassifier(
        [("linear", scaled(LogisticRegression())), ("forest", CLASSIFIERS["forest"]())],
        voting="soft",
    ),
    "sigmoid": lambda: CalibratedClassifierCV(CLASSIFIERS["boosting"](), cv=2),
    "isotonic": lambda: CalibratedClassifierCV(CLASSIFIERS["forest"](), cv=2, method="isotonic"),
    "stacking": lambda: StackingClassifier(
        [("linear", scaled(LogisticRegression())), ("forest", CLASSIFIERS["forest"]())], cv=2
    ),
}


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", WRAPPERS)
def test_wrappers(name, n_classes, tmp_path):
    X = rows()
    model = WRAPPERS[name]().fit(X, classes(X, n_classes, LABELS))
    assert_proved(check_classifier(model, rows(seed=3), tmp_path).certificate)


def test_a_threshold_of_a_forest(tmp_path):
    X = rows()
    model = FixedThresholdClassifier(CLASSIFIERS["forest"](), threshold=0.3)
    export = exported(model.fit(X, classes(X, 2)), tmp_path)
    runtime = CoreMLRuntime(export.model)
    answers = runtime.predict_outputs(given(rows(seed=3), runtime.input_names))
    np.testing.assert_array_equal(answers["label"], model.predict(rows(seed=3)))


REGRESSORS = {
    "tree": DecisionTreeRegressor(random_state=0),
    "forest": RandomForestRegressor(8, random_state=0),
    "boosting": GradientBoostingRegressor(n_estimators=6, random_state=0),
    "counts": HistGradientBoostingRegressor(loss="poisson", max_iter=6, random_state=0),
    "xgboost": xgboost.XGBRegressor(n_estimators=6, n_jobs=1),
}


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressors(name, tmp_path):
    X, y = rows(), np.exp(values(rows()) / 40)
    model = make_pipeline(StandardScaler(), REGRESSORS[name]).fit(X, y)
    export = exported(model, tmp_path)
    runtime = CoreMLRuntime(export.model)
    answers = runtime.predict_outputs(given(rows(seed=3), runtime.input_names))
    np.testing.assert_allclose(answers["value"], model.predict(rows(seed=3)), rtol=1e-5)
    assert_proved(export.certificate)


def test_what_mixes_columns_before_trees_is_refused(tmp_path):
    X = rows()
    turned = make_pipeline(StandardScaler(), RandomForestClassifier(3, random_state=0))
    turned.fit(X, classes(X, 2))
    turned.steps[0][1].scale_ = -turned.steps[0][1].scale_
    mixing = make_pipeline(PCA(2), CLASSIFIERS["forest"]()).fit(X, classes(X, 2))
    for model, said in ((mixing, "mixes columns"), (turned, "turns a column round")):
        with pytest.raises(NotExportableError, match=f"{said}.*Train the trees without it"):
            export_coreml(model, tmp_path / "model.mlmodel")


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_lightgbm(n_classes, missing, tmp_path):
    lightgbm = pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    params = {"n_estimators": 5, "verbose": -1, "num_threads": 1}
    X = rows(missing=missing)
    model = make_pipeline(StandardScaler(), lightgbm.LGBMClassifier(**params))
    model.fit(pd.DataFrame(X, columns=list("abcd")), classes(X, n_classes))
    new = pd.DataFrame(rows(seed=3, missing=missing), columns=list("abcd"))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        check_classifier(model, new, tmp_path)
