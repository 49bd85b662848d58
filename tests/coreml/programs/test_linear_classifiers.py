"""Linear classifiers, alone and behind scalers: two classes and more, labels of both types."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from novin_ml import DeliveryClassifier
from novin_ml.coreml import CoreMLRuntime, export_coreml
from novin_ml.exceptions import NotExportableError
from tests.coreml.programs.cases import LABELS, check_classifier, classes, exported, rows

SCALERS = {
    "standard": StandardScaler(),
    "standard without mean": StandardScaler(with_mean=False),
    "standard without deviation": StandardScaler(with_std=False),
    "min max": MinMaxScaler(feature_range=(-1, 2)),
    "robust": RobustScaler(),
    "robust without center": RobustScaler(with_centering=False),
    "robust without scale": RobustScaler(with_scaling=False),
    "max abs": MaxAbsScaler(),
}
MODELS = {
    "logistic": LogisticRegression(max_iter=500),
    "logistic without intercept": LogisticRegression(fit_intercept=False, max_iter=500),
    "sgd": SGDClassifier(loss="log_loss", random_state=0),
}


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("labels", [None, LABELS], ids=["integers", "texts"])
@pytest.mark.parametrize("name", MODELS)
def test_models_behind_a_scaler(name, labels, n_classes, tmp_path):
    X = rows()
    model = make_pipeline(StandardScaler(), MODELS[name]).fit(X, classes(X, n_classes, labels))
    check_classifier(model, rows(seed=3), tmp_path)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", SCALERS)
def test_scalers(name, n_classes, tmp_path):
    X = rows()
    model = make_pipeline(SCALERS[name], StandardScaler(), LogisticRegression(max_iter=500))
    check_classifier(model.fit(X, classes(X, n_classes)), rows(seed=3), tmp_path)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_model_alone(n_classes, tmp_path):
    X = StandardScaler().fit_transform(rows())
    y = classes(X, n_classes)
    check_classifier(LogisticRegression().fit(X, y), X.astype(np.float32), tmp_path)


def test_with_chosen_strength(tmp_path):
    X = StandardScaler().fit_transform(rows())
    model = LogisticRegressionCV(Cs=3, cv=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model.fit(X, classes(X, 2))
    check_classifier(model, X.astype(np.float32), tmp_path)


def test_constant_columns_and_one_feature(tmp_path):
    X = np.full((60, 2), 7.0)
    X[:, 1] = np.arange(60)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, np.arange(60) > 30)
    check = exported(model, tmp_path).certificate
    assert check.max_error < 1e-12
    one = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[:, 1:], np.arange(60) > 30)
    exported(one, tmp_path)


def test_500_features(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 500))
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, np.arange(80) % 3)
    check_classifier(model, rng.normal(size=(20, 500)).astype(np.float32), tmp_path)


def test_names_of_columns(tmp_path):
    X = pd.DataFrame(rows(), columns=["energy", "peak height", "duration", "7"])
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, classes(rows(), 2))
    export = exported(model, tmp_path)
    assert CoreMLRuntime(export.model).input_names == ("energy", "peak_height", "duration", "_7")


def test_two_classes_are_a_glm_in_double(tmp_path):
    X = rows()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, classes(X, 2))
    export = export_coreml(model, tmp_path / "model.mlmodel")
    spec = CoreMLRuntime(export.model).spec
    stages = [stage.WhichOneof("Type") for stage in spec.pipelineClassifier.pipeline.models]
    assert stages == ["featureVectorizer", "scaler", "glmClassifier"]
    assert export.certificate.max_error < 1e-13


def test_other_losses_and_clipping_are_refused(tmp_path):
    X = rows()
    clipping = make_pipeline(MinMaxScaler(clip=True), LogisticRegression())
    huber = make_pipeline(StandardScaler(), SGDClassifier(loss="modified_huber"))
    for model, said in ((clipping, "clip=True"), (huber, "loss='modified_huber'")):
        with pytest.raises(NotExportableError, match=said):
            export_coreml(model.fit(X, classes(X, 2)), tmp_path / "model.mlmodel")


class Doubled(StandardScaler):
    def transform(self, X, copy=None):
        return 2 * super().transform(X)


def test_a_scaler_with_a_method_of_its_own_is_refused(tmp_path):
    X = rows()
    model = make_pipeline(Doubled(), LogisticRegression()).fit(X, classes(X, 2))
    with pytest.raises(NotExportableError, match="with its own transform"):
        export_coreml(model, tmp_path / "model.mlmodel")


def test_one_class_is_refused(tmp_path):
    X = StandardScaler().fit_transform(rows())
    model = LogisticRegression().fit(X, classes(X, 2))
    model.classes_ = model.classes_[:1]
    with pytest.raises(NotExportableError, match="two classes or more"):
        export_coreml(model, tmp_path / "model.mlmodel")


def test_a_search_is_its_best_model(tmp_path):
    X = StandardScaler().fit_transform(rows()).astype(np.float32)
    search = GridSearchCV(DeliveryClassifier(epochs=2, n_jobs=1), {"epochs": [2]}, cv=2)
    search.fit(X, np.array(LABELS)[classes(X, 2)])
    export = exported(search, tmp_path)
    info = CoreMLRuntime(export.model).metadata["user_defined"]
    assert info["novin_ml.estimator"] == "DeliveryClassifier"
    without = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, refit=False, cv=2)
    with pytest.raises(NotExportableError, match="refit=True"):
        export_coreml(without.fit(X, classes(X, 2)), tmp_path / "other.mlmodel")
