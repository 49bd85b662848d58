"""What cannot be exported exactly is refused by name and leaves nothing; the rest is right."""

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from novin_ml import DeliveryClassifier
from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.coreml._rows import feature_rows
from novin_ml.coreml.subject import Subject
from novin_ml.estimators import make_delivery_pipeline
from novin_ml.exceptions import NotExportableError
from novin_ml.features import training_rows
from novin_ml.simulation import simulate_deliveries
from tests.coreml.models import (
    booster,
    booster_proba,
    codes,
    delivery,
    mlp,
    objective,
    table,
    xgb_classifier,
)

X = table(200, 0)
TARGETS = np.column_stack([codes(X, 2), 1 - codes(X, 2), codes(X, 2)])


def trained(target, **params):
    params = {"nthread": 1, "max_depth": 3, **params}
    return xgboost.train(params, xgboost.DMatrix(X, target), 3)


def categorical(**params):
    frame = pd.DataFrame({"place": pd.Categorical(np.arange(200) % 6), "energy": X[:, 0]})
    params = {"n_estimators": 3, "n_jobs": 1, "enable_categorical": True, **params}
    return xgboost.XGBClassifier(**params).fit(frame, np.arange(200) % 2)


def stopped_early():
    """A Booster with more rounds than its best_iteration."""
    y = codes(X, 2)
    noise = xgboost.DMatrix(X, np.random.default_rng(1).permutation(y))
    fitted = xgboost.train(
        {"nthread": 1, **objective(2)},
        xgboost.DMatrix(X, y),
        20,
        evals=[(noise, "held_back")],
        early_stopping_rounds=2,
        verbose_eval=False,
    )
    assert fitted.best_iteration + 1 < fitted.num_boosted_rounds()
    return fitted


def multilabel_mlp(n_targets):
    model = MLPClassifier((3,), random_state=0)
    return model.partial_fit(X, TARGETS[:, :n_targets], classes=np.arange(n_targets))


def custom_objective(y_true, y_pred):
    return 1 / (1 + np.exp(-y_pred)) - y_true, np.full_like(y_pred, 0.25)


REFUSED = {
    "gblinear": (
        lambda: xgboost.XGBClassifier(booster="gblinear", n_estimators=2, n_jobs=1).fit(
            X, codes(X, 2)
        ),
        {},
        "booster='gblinear'",
        "booster='gbtree'",
    ),
    "categorical": (categorical, {}, "categorical splits", "without enable_categorical"),
    "one-hot categories": (
        lambda: categorical(max_cat_to_onehot=20),
        {},
        "categorical splits",
        "without enable_categorical",
    ),
    "categorical booster": (
        lambda: categorical().get_booster(),
        {},
        "categorical splits",
        "without enable_categorical",
    ),
    "multilabel": (
        lambda: xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(X, TARGETS),
        {},
        "3 targets",
        "one model for each target",
    ),
    "one class": (
        lambda: xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(X, np.zeros(200, int)),
        {},
        "one class",
        "two classes",
    ),
    "one class, softprob": (
        lambda: trained(np.zeros(200), objective="multi:softprob", num_class=1),
        {},
        "one class",
        "two classes",
    ),
    "callable objective": (
        lambda: xgb_classifier(2, objective=custom_objective),
        {},
        "a callable objective",
        "binary:logistic or multi:softprob",
    ),
    "missing=None": (lambda: xgb_classifier(missing=None), {}, "missing=None", "missing=nan"),
    "missing changed later": (
        lambda: xgb_classifier().set_params(missing="NA"),
        {},
        "missing='NA'",
        "missing=nan",
    ),
    "linear classifier": (
        lambda: xgb_classifier(booster="gblinear"),
        {},
        "booster='gblinear'",
        "booster='gbtree'",
    ),
    "rounds beyond the best": (
        stopped_early,
        {},
        "best_iteration is",
        "booster.set_attr(best_iteration=None)",
    ),
    "booster without a model": (xgboost.Booster, {}, "a Booster without a model", "Train it"),
    "float labels": (xgb_classifier, {"class_labels": [0.5, 1.5, 2.5]}, "0.5", "class_labels"),
    "float labels of an MLP": (
        lambda: MLPClassifier((3,), random_state=0).partial_fit(
            X, codes(X, 2) + 0.0, classes=[0.0, 1.0]
        ),
        {},
        "[0.0, 1.0]",
        "class_labels",
    ),
    "mixed labels": (xgb_classifier, {"class_labels": ["a", 1, 2]}, "'a', 1, 2", "class_labels"),
    "bytes": (xgb_classifier, {"class_labels": [b"a", b"b", b"c"]}, "b'a'", "class_labels"),
    "no labels": (xgb_classifier, {"class_labels": [None, "b", "c"]}, "None", "class_labels"),
    "one label twice": (xgb_classifier, {"class_labels": ["a", "b", "a"]}, "'a'", "Rename one"),
    "labels beyond int64": (xgb_classifier, {"class_labels": [0, 1, 2**63]}, str(2**63), "64-bit"),
    "labels beyond UTF-8": (
        xgb_classifier,
        {"class_labels": ["a", "b", "\ud800"]},
        "UTF-8",
        "Pass",
    ),
    "too few labels": (xgb_classifier, {"class_labels": ["a", "b"]}, "'class_labels'", "3 labels"),
    "too few names": (xgb_classifier, {"feature_names": ["a"]}, "'feature_names'", "4 names"),
    "NUL in a label": (xgb_classifier, {"class_labels": ["a", "b", "b\0"]}, "NUL", "class_labels"),
    "NUL in a name": (
        xgb_classifier,
        {"feature_names": ["a", "b", "c", "d\0"]},
        "'d\\x00'",
        "Pass",
    ),
    "NUL in a column": (
        lambda: DeliveryClassifier(epochs=2).fit(
            pd.DataFrame(X, columns=["a", "b", "c", "d\0"]), codes(X, 2)
        ),
        {},
        "'d\\x00'",
        "Pass feature_names",
    ),
    "no rounds": (
        lambda: xgboost.train({"nthread": 1, **objective(2)}, xgboost.DMatrix(X, codes(X, 2)), 0),
        {},
        "a Booster of 0 rounds",
        "Train it for one round",
    ),
    "fixed threshold": (
        lambda: FixedThresholdClassifier(DeliveryClassifier(epochs=2)).fit(X, codes(X, 2)),
        {},
        "FixedThresholdClassifier",
        "model.estimator_,",
    ),
    "calibrated": (
        lambda: CalibratedClassifierCV(FrozenEstimator(delivery()), cv=2).fit(
            X, np.array(["label 0", "label 1"])[codes(X, 2)]
        ),
        {},
        "CalibratedClassifierCV",
        "model.estimator.estimator,",
    ),
    "ensemble of what is unknown": (
        lambda: GaussianNB().fit(X, codes(X, 2)),
        {},
        "GaussianNB",
        "Train one of novin_ml's estimators",
    ),
    "one name twice": (
        xgb_classifier,
        {"feature_names": ["a", "b", "c", "b"]},
        "'feature_names'",
        "differ",
    ),
    "a name of an output": (
        xgb_classifier,
        {"feature_names": ["a", "b", "label", "classProbability"]},
        "['label', 'classProbability']",
        "Pass feature_names",
    ),
    "multilabel MLP": (lambda: multilabel_mlp(3), {}, "multilabel", "one model for each label"),
    "multilabel MLP of two": (lambda: multilabel_mlp(2), {}, "multilabel", "one model for each"),
    "unknown estimator": (
        lambda: GaussianNB().fit(X, codes(X, 2)),
        {},
        "GaussianNB",
        "Train one of novin_ml's estimators",
    ),
    "no estimator": (lambda: None, {}, "NoneType", "Train one of novin_ml's estimators"),
    "pipeline with a scaler": (
        lambda: Pipeline(
            [("scale", StandardScaler()), ("model", DeliveryClassifier(epochs=2))]
        ).fit(X, codes(X, 2)),
        {},
        "StandardScaler",
        "Export the last step alone",
    ),
}

OBJECTIVES = (
    "binary:hinge",
    "binary:logitraw",
    "survival:cox",
)


@pytest.mark.filterwarnings("ignore:.*`booster=(dart|gblinear)` is deprecated")
@pytest.mark.filterwarnings(r"ignore:[\s\S]*are not used")
@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name_with_the_remedy(name, tmp_path):
    make, options, named, remedy = REFUSED[name]
    model = make()
    with pytest.raises(NotExportableError) as caught:
        export_coreml(model, tmp_path / "model.mlmodel", **options)
    assert named in str(caught.value)
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", OBJECTIVES)
def test_other_objectives_are_refused(name, tmp_path):
    extra = {"num_class": 3} if name.startswith("multi:") else {}
    model = trained(codes(X, 3 if extra else 2), objective=name, **extra)
    with pytest.raises(NotExportableError, match=r"Got objective=.*Train with one of"):
        export_coreml(model, tmp_path / "model.mlmodel")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["model", "model.onnx", "model.mlmodel.zip", "model.MLMODEL"])
def test_wrong_suffix_is_refused(name, tmp_path):
    with pytest.raises(NotExportableError, match=r"'path'.*\.mlmodel.*\.mlpackage"):
        export_coreml(booster(2), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("model", [DeliveryClassifier(), xgboost.XGBClassifier(), MLPClassifier()])
def test_unfitted_estimators_are_refused(model, tmp_path):
    # scikit-learn's own NotFittedError, a ValueError.
    with pytest.raises(ValueError, match="fit"):
        export_coreml(model, tmp_path / "model.mlmodel")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        np.zeros((3, 5)),
        np.zeros(4),
        pd.DataFrame({"feature_0": [1.0], "feature_1": [1.0]}),
        [["a"]],
        [["a", "b", "c", "d"]],
        [[1.0], [1.0, 2.0]],
        pd.DataFrame({f"feature_{i}": ["a"] for i in range(4)}),
        [[np.inf, 0, 0, 0]],
        [[1e39, 0, 0, 0]],
        np.zeros((0, 4)),
        pd.DataFrame({f"feature_{i}": [] for i in range(4)}),
    ],
)
def test_data_that_is_no_table_of_the_features_is_refused(data, tmp_path):
    with pytest.raises(NotExportableError, match=r"[Tt]he '?data'? .*must"):
        export_coreml(booster(2), tmp_path / "model.mlmodel", data=data)
    assert list(tmp_path.iterdir()) == []


def test_data_of_which_no_row_is_left_is_refused(tmp_path):
    gaps = np.where(np.eye(4) > 0, np.nan, 0)
    with pytest.raises(NotExportableError, match=r"a row without missing values .* Got 4 rows"):
        export_coreml(mlp(), tmp_path / "model.mlmodel", data=gaps)
    assert list(tmp_path.iterdir()) == []
    export = export_coreml(mlp(), tmp_path / "model.mlmodel")
    for data in (gaps, np.zeros((0, 4))):
        with pytest.raises(NotExportableError, match="a row without missing values"):
            verify_coreml(export.model, data=data)
    export = export_coreml(booster(2), tmp_path / "trees.mlmodel", data=gaps)
    assert export.certificate.checks["data"].rows == 4
    with pytest.raises(NotExportableError, match="Got 0 rows"):
        verify_coreml(export.model, data=np.zeros((0, 4)))


def require_equal(export, expected, rows):
    np.testing.assert_allclose(
        CoreMLRuntime(export.model).predict_proba(rows), expected, rtol=0, atol=1e-6
    )


@pytest.mark.parametrize(
    "params",
    [
        {"scale_pos_weight": 5.0},
        {"tree_method": "approx"},
        {"tree_method": "exact", "gamma": 1.0},
        {"monotone_constraints": (1, 0, 0, -1)},
        {"interaction_constraints": [["0", "1"], ["2", "3"]], "_names": list("0123")},
        {"max_leaves": 4, "max_depth": 0, "grow_policy": "lossguide"},
        {"learning_rate": 1.0, "reg_lambda": 0.0, "min_child_weight": 0.0, "max_depth": 8},
        {"base_score": 1e-6},
        {"max_delta_step": 0.5},
        {"sampling_method": "uniform", "subsample": 0.4},
    ],
    ids=lambda params: next(iter(params)),
)
def test_other_options_are_exported_right(params, tmp_path):
    params = dict(params)
    names = params.pop("_names", None)
    rows = X if names is None else pd.DataFrame(X, columns=names)
    model = xgboost.XGBClassifier(n_estimators=5, n_jobs=1, **params).fit(rows, codes(X, 2))
    export = export_coreml(model, tmp_path / "model.mlmodel")
    fresh = table(200, 5, missing=0.2)
    shown = fresh if names is None else pd.DataFrame(fresh, columns=names)
    require_equal(export, model.predict_proba(shown), fresh)


@pytest.mark.filterwarnings("ignore:.*XGBRFClassifier.* is deprecated:FutureWarning")
def test_random_forest_of_xgboost(tmp_path):
    model = xgboost.XGBRFClassifier(n_estimators=7, n_jobs=1, random_state=0).fit(X, codes(X, 3))
    export = export_coreml(model, tmp_path / "model.mlmodel")
    require_equal(export, model.predict_proba(table(200, 5)), table(200, 5))


def test_base_margin_of_training(tmp_path):
    model = xgboost.XGBClassifier(n_estimators=3, n_jobs=1)
    model.fit(X, codes(X, 2), base_margin=np.linspace(-3, 3, len(X)))
    export = export_coreml(model, tmp_path / "model.mlmodel")
    require_equal(export, model.predict_proba(X), X)


def test_continued_training(tmp_path):
    model = xgboost.XGBClassifier(n_estimators=3, n_jobs=1)
    model.fit(X, codes(X, 3), xgb_model=xgb_classifier(3).get_booster())
    export = export_coreml(model, tmp_path / "model.mlmodel")
    require_equal(export, model.predict_proba(X), X)


def test_stopped_booster_once_its_rounds_are_said(tmp_path):
    model = stopped_early()
    best = model[: model.best_iteration + 1]
    export = export_coreml(best, tmp_path / "best.mlmodel")
    require_equal(export, booster_proba(best, X), X)
    model.set_attr(best_iteration=None)
    export = export_coreml(model, tmp_path / "all.mlmodel")
    require_equal(export, booster_proba(model, X), X)


def test_columns_of_any_type_and_name_and_the_given_model_unchanged(tmp_path):
    frame = pd.DataFrame(
        {
            "steps taken": np.arange(200) % 7,
            "is open": np.arange(200) % 2 == 0,
            "énergie": X[:, 0],
            "énergie ": X[:, 1],
        }
    )
    y = (frame["steps taken"] + frame["is open"]) % 3
    model = xgboost.XGBClassifier(n_estimators=4, n_jobs=1).fit(frame, y)
    before = model.predict_proba(frame)
    raw = bytes(model.get_booster().save_raw("ubj"))

    export = export_coreml(model, tmp_path / "model.mlmodel")

    assert bytes(model.get_booster().save_raw("ubj")) == raw
    assert model.get_booster().feature_names == list(frame.columns)
    np.testing.assert_array_equal(model.predict_proba(frame), before)
    runtime = CoreMLRuntime(export.model)
    assert runtime.input_names[:2] == ("steps_taken", "is_open")
    assert len(set(runtime.input_names)) == 4
    assert all(name.isascii() and name.isidentifier() for name in runtime.input_names)
    require_equal(export, before, frame.to_numpy(dtype=np.float32))


@pytest.mark.parametrize("types", [["i", "int", "q", "float"], ["i", "i", "i", "i"]])
def test_feature_types_of_a_booster(types, tmp_path):
    rows = np.column_stack([X[:, 0] > 0, np.round(X[:, 1] * 3), X[:, 2], X[:, 3]])
    if set(types) == {"i"}:
        rows = rows > 0
    matrix = xgboost.DMatrix(rows.astype(np.float32), codes(X, 2), feature_types=types)
    model = xgboost.train({"nthread": 1, **objective(2)}, matrix, 5)
    expected = booster_proba_of(model, matrix)
    export = export_coreml(model, tmp_path / "model.mlmodel")
    require_equal(export, expected, rows.astype(np.float32))
    np.testing.assert_array_equal(booster_proba_of(model, matrix), expected)


def booster_proba_of(model, matrix):
    second = model.predict(matrix)
    return np.column_stack([1 - second, second])


def test_bare_mlp_fitted_on_a_table_with_names(tmp_path):
    frame = pd.DataFrame(X.astype(np.float64), columns=["a b", "c", "d", "e"])
    model = MLPClassifier((5,), random_state=0)
    model.partial_fit(frame, codes(X, 3), classes=[0, 1, 2])
    export = export_coreml(model, tmp_path / "model.mlmodel", data=np.where(X > 2, np.nan, X))
    assert CoreMLRuntime(export.model).input_names == ("a_b", "c", "d", "e")
    got = CoreMLRuntime(export.model).predict_proba(X)
    np.testing.assert_allclose(got, model.predict_proba(frame), rtol=0, atol=1e-5)
    assert "missing" not in export.certificate.checks


def test_pipeline_from_events_and_an_heir_of_pipeline(tmp_path):
    class OwnPipeline(Pipeline):
        pass

    events, _ = training_rows(simulate_deliveries(400, random_state=0))
    pipeline = make_delivery_pipeline(epochs=5, random_state=0).fit(events, events["label"])
    features = pipeline[0].transform(events)
    for number, model in enumerate((pipeline, OwnPipeline(pipeline.steps))):
        export = export_coreml(model, tmp_path / f"{number}.mlmodel", data=features)
        require_equal(export, pipeline.predict_proba(events), features)
        assert export.certificate.checks["data"].rows == len(events)


@pytest.mark.parametrize(
    "make",
    [
        lambda: DeliveryClassifier(epochs=2),
        lambda: xgboost.XGBClassifier(n_estimators=2, n_jobs=1),
    ],
)
def test_data_by_the_names_of_training_or_of_the_inputs(make, tmp_path):
    frame = pd.DataFrame(X, columns=["f a", "f_a", "b", "c"])
    model = make().fit(frame, codes(X, 2))
    export = export_coreml(model, tmp_path / "model.mlmodel", data=frame)
    assert export.certificate.checks["data"].rows == len(X)
    assert verify_coreml(export.model, data=frame[["c", "b", "f_a", "f a"]]).passed
    names = CoreMLRuntime(export.model).input_names
    assert names == ("f_a_2", "f_a", "b", "c")
    subject = Subject.load(export.reference)
    shown = feature_rows(frame[["c", "b", "f_a", "f a"]], subject)
    np.testing.assert_array_equal(shown, X)
    np.testing.assert_array_equal(feature_rows(frame.set_axis(names, axis=1), subject), X)
    with pytest.raises(NotExportableError, match=r"Got none for \['f_a_2'\]"):
        feature_rows(frame.drop(columns="f a"), subject)


def test_columns_of_training_that_are_numbers(tmp_path):
    frame = pd.DataFrame(X)
    model = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(frame, codes(X, 2))
    export = export_coreml(model, tmp_path / "model.mlmodel", data=frame)
    assert export.certificate.checks["data"].rows == len(X)


@pytest.mark.parametrize("suffixes", [(".mlmodel", ".mlpackage"), (".mlpackage", ".mlmodel")])
def test_a_model_of_the_same_name_keeps_its_certificate(suffixes, tmp_path):
    first, second = (tmp_path / f"model{suffix}" for suffix in suffixes)
    export_coreml(booster(2), first)
    with pytest.raises(NotExportableError, match=f"Got {first.name} beside it. Choose another"):
        export_coreml(booster(3), second)
    assert not second.exists()
    assert verify_coreml(first).passed


def test_names_and_labels_of_the_caller(tmp_path):
    model = mlp(3)
    export = export_coreml(
        model,
        tmp_path / "model.mlmodel",
        feature_names=["w", "x", "y", "z"],
        class_labels=["no", "yes", "maybe"],
    )
    runtime = CoreMLRuntime(export.model)
    assert runtime.input_names == ("w", "x", "y", "z")
    assert runtime.classes.tolist() == ["no", "yes", "maybe"]
    assert [
        CoreMLRuntime(export_coreml(delivery(a), tmp_path / f"{a}.mlmodel").model).classes[1]
        for a in ("boosting", "mlp")
    ] == ["label 1", "label 1"]


def test_nothing_of_others_is_overwritten(tmp_path):
    theirs = tmp_path / "model.reference"
    theirs.mkdir()
    (theirs / "notes.txt").write_text("years of work")
    with pytest.raises(NotExportableError, match=r"model\.reference"):
        export_coreml(booster(2), tmp_path / "model.mlmodel")
    assert (theirs / "notes.txt").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["model.reference"]
