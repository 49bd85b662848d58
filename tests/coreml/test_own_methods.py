"""An heir with methods of its own answers otherwise than what is exported: it is refused."""

import functools
import types

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.ensemble import IsolationForest
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

from novin_ml import (
    BehaviorAnomalyDetector,
    DeliveryClassifier,
    EventChainClassifier,
    MotionClassifier,
)
from novin_ml.coreml import CoreMLRuntime, export_coreml
from novin_ml.estimators.base import FamilyClassifier
from novin_ml.exceptions import NotExportableError
from novin_ml.features.spec import FeatureSpec
from tests.coreml.forests import detector, forest
from tests.coreml.forests import table as usual
from tests.coreml.models import booster, codes, delivery, mlp, table, xgb_classifier

X = table(200, 0)
Y = codes(X, 2)
SMALL = {
    xgboost.XGBClassifier: {"n_estimators": 2, "n_jobs": 1},
    MLPClassifier: {"hidden_layer_sizes": (3,), "tol": 1.0, "random_state": 0},
    IsolationForest: {"n_estimators": 2, "random_state": 0},
    BehaviorAnomalyDetector: {"n_estimators": 2, "random_state": 0},
    DeliveryClassifier: {"epochs": 2, "random_state": 0},
    MotionClassifier: {"epochs": 2, "random_state": 0},
    EventChainClassifier: {"epochs": 2, "random_state": 0},
}
CLASSIFIERS = [c for c in SMALL if c not in (IsolationForest, BehaviorAnomalyDetector)]
DETECTORS = [IsolationForest, BehaviorAnomalyDetector]


def overriding(family, name):
    """An heir of a class that does the same by a method of its own."""

    def method(self, *args, **kwargs):
        return getattr(family, name)(self, *args, **kwargs)

    # fit's parameters are read by scikit-learn's metadata routing.
    return type("Own", (family,), {name: functools.wraps(getattr(family, name))(method)})


def refused(model, folder, name):
    with pytest.raises(NotExportableError, match=rf"must answer by the methods of .*{name}") as e:
        export_coreml(model, folder / "model.mlmodel")
    assert "\n" not in str(e.value)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["predict", "predict_proba", "fit"])
@pytest.mark.parametrize("family", CLASSIFIERS)
def test_a_classifier_with_a_method_of_its_own_is_refused(family, name, tmp_path):
    model = overriding(family, name)(**SMALL[family]).fit(X, Y)
    refused(model, tmp_path, name)


@pytest.mark.parametrize("name", ["predict", "fit", "decision_function", "score_samples"])
@pytest.mark.parametrize("family", DETECTORS)
def test_a_detector_with_a_method_of_its_own_is_refused(family, name, tmp_path):
    model = overriding(family, name)(**SMALL[family]).fit(usual())
    refused(model, tmp_path, name)


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("family", [xgboost.XGBClassifier, DeliveryClassifier, MLPClassifier])
def test_an_heir_that_answers_otherwise_is_not_exported(family, named, tmp_path):
    class Mirrored(family):
        def predict_proba(self, X):
            return super().predict_proba(X)[:, ::-1]

    rows = pd.DataFrame(X, columns=list("wxyz")) if named else X
    refused(Mirrored(**SMALL[family]).fit(rows, Y), tmp_path, "predict_proba")


def test_labels_that_a_predict_of_its_own_changes(tmp_path):
    """Its probabilities are those of the class: only its labels were wrong on the phone."""

    class Careful(xgboost.XGBClassifier):
        def predict(self, X):
            return (self.predict_proba(X)[:, 1] > 0.9).astype(int)

    refused(Careful(n_estimators=3, n_jobs=1).fit(X, Y), tmp_path, "predict")


@pytest.mark.parametrize("first", [True, False])
def test_a_mixin_counts_where_it_is_asked_first(first, tmp_path):
    class Mixin:
        def predict(self, X):
            return super().predict(X)

    family = xgboost.XGBClassifier
    bases = (Mixin, family) if first else (family, Mixin)
    model = type("Mixed", bases, {})(n_estimators=2, n_jobs=1).fit(X, Y)
    if first:
        refused(model, tmp_path, "predict")
    else:
        assert export_coreml(model, tmp_path / "model.mlmodel").certificate.passed


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: xgb_classifier(2), "predict"),
        (lambda: xgb_classifier(2), "predict_proba"),
        (lambda: mlp(2), "predict"),
        (delivery, "predict"),
        (delivery, "predict_proba"),
        (forest, "decision_function"),
        (detector, "predict"),
        (lambda: booster(2), "predict"),
    ],
)
def test_a_method_that_was_replaced_on_the_object_is_refused(make, name, tmp_path):
    model = make()
    right = getattr(model, name)
    setattr(model, name, types.MethodType(lambda self, X: right(X), model))
    refused(model, tmp_path, name)


def test_heirs_of_booster_and_pipeline(tmp_path):
    class OwnBooster(xgboost.Booster):
        def predict(self, *args, **kwargs):
            return super().predict(*args, **kwargs)

    model = OwnBooster(model_file=bytearray(booster(2).save_raw("ubj")))
    refused(model, tmp_path, "predict")

    class OwnPipeline(Pipeline):
        def predict(self, X):
            return super().predict(X)

    refused(OwnPipeline([("model", delivery())]), tmp_path, "predict")
    # The last step is asked for its own methods, too.
    step = overriding(DeliveryClassifier, "predict")(**SMALL[DeliveryClassifier]).fit(X, Y)
    refused(Pipeline([("model", step)]), tmp_path, "predict")


def test_an_heir_that_sets_data_alone_is_exported(tmp_path):
    class Doors(FamilyClassifier):
        family_specs = (FeatureSpec("angle", "deg", 0.0, 180.0, "how far it is open"),)

    class Named(xgboost.XGBClassifier):
        purpose = "doors"

        def get_xgb_params(self):
            return super().get_xgb_params()

        def describe(self):
            return self.purpose

    frame = pd.DataFrame(X, columns=["angle", "b", "c", "d"])
    export = export_coreml(Doors(epochs=2).fit(frame, Y), tmp_path / "doors.mlmodel")
    assert "unit deg" in CoreMLRuntime(export.model).spec.description.input[0].shortDescription
    model = Named(n_estimators=2, n_jobs=1).fit(frame, Y)
    export = export_coreml(model, tmp_path / "named.mlmodel")
    np.testing.assert_allclose(
        CoreMLRuntime(export.model).predict_proba(frame), model.predict_proba(frame), atol=1e-6
    )
