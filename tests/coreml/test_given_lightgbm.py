"""Models of LightGBM: exported as they are, or refused by name; where LightGBM is installed."""

import warnings

import numpy as np
import pandas as pd
import pytest

from novin_ml.coreml import export_coreml
from novin_ml.exceptions import NotExportableError
from tests.coreml.given import BESIDE, BETWEEN, MISSING, POSITIVE, X, answers_of, exported, labels
from tests.coreml.models import codes, table

lightgbm = pytest.importorskip("lightgbm", reason="LightGBM, an extra, is not installed")

OPTIONS = {"n_estimators": 6, "num_leaves": 7, "n_jobs": 1, "verbose": -1, "random_state": 0}
BOOSTING = {
    "gbdt": {},
    "dart": {"boosting_type": "dart", "drop_rate": 0.5},
    "rf": {"boosting_type": "rf", "subsample": 0.6, "subsample_freq": 1},
    "a steep sigmoid": {"sigmoid": 2.5},
    "extra trees": {"extra_trees": True, "min_child_samples": 3},
}


def proba(model, rows):
    answer = np.asarray(model.booster_.predict(rows))
    return np.column_stack([1 - answer, answer]) if answer.ndim == 1 else answer


@pytest.mark.parametrize("boosting", BOOSTING)
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("rows", [X, MISSING], ids=["whole", "missing"])
def test_classifiers(boosting, n_classes, rows, tmp_path):
    model = lightgbm.LGBMClassifier(**OPTIONS, **BOOSTING[boosting])
    model.fit(rows, labels(n_classes))
    runtime = exported(model, tmp_path, data=MISSING)
    for given in (X, MISSING):
        assert np.allclose(runtime.predict_proba(given), proba(model, given), atol=1e-12)
    assert runtime.classes.tolist() == model.classes_.tolist()
    runtime = exported(model.booster_, tmp_path)
    assert np.allclose(runtime.predict_proba(MISSING), proba(model, MISSING), atol=1e-12)


@pytest.mark.parametrize(
    "objective",
    [
        *("regression", "regression_l1", "huber", "fair", "quantile", "mape"),
        *("poisson", "gamma", "tweedie", "cross_entropy"),
    ],
)
def test_values(objective, tmp_path):
    y = POSITIVE / POSITIVE.max()
    model = lightgbm.LGBMRegressor(**OPTIONS, objective=objective).fit(X, y)
    runtime = exported(model, tmp_path, data=MISSING)
    assert np.allclose(answers_of(runtime, MISSING), model.booster_.predict(MISSING), rtol=2e-6)


def test_a_ranker_is_a_score(tmp_path):
    model = lightgbm.LGBMRanker(**OPTIONS).fit(X, codes(X, 2), group=[100, 200])
    assert np.allclose(answers_of(exported(model, tmp_path), X), model.booster_.predict(X))


def test_names_of_columns_and_early_stopping(tmp_path):
    frame = pd.DataFrame(X, columns=["duration", "energy", "peak", "zone risk"])
    model = lightgbm.LGBMClassifier(**{**OPTIONS, "n_estimators": 60})
    noise = np.random.default_rng(0).permutation(codes(X, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LightGBM 4.7 has another name for eval_set
        model.fit(
            frame,
            codes(X, 2),
            eval_set=[(frame, noise)],
            callbacks=[lightgbm.early_stopping(2, verbose=False)],
        )
    assert model.best_iteration_ < 60
    runtime = exported(model, tmp_path)
    assert runtime.input_names[0] == "duration"
    assert np.allclose(runtime.predict_proba(X), proba(model, X), atol=1e-12)


def test_thresholds_that_no_float32_number_equals(tmp_path):
    model = lightgbm.LGBMClassifier(**OPTIONS, min_child_samples=1)
    model.fit(BETWEEN, np.arange(300) % 7 % 2)
    assert np.allclose(
        answers_of(exported(model, tmp_path), BESIDE), proba(model, BESIDE), atol=1e-12
    )


@pytest.mark.parametrize("n_features", [1, 500])
def test_few_and_many_features(n_features, tmp_path):
    rows = table(80, 2, n_features=n_features)
    exported(lightgbm.LGBMRegressor(**OPTIONS).fit(rows, rows[:, 0]), tmp_path)


def test_constant_columns_make_single_leaves(tmp_path):
    model = lightgbm.LGBMClassifier(**OPTIONS).fit(np.ones((60, 3)), np.arange(60) % 2)
    exported(model, tmp_path)


@pytest.mark.parametrize(
    ("options", "named", "remedy"),
    [
        ({"linear_tree": True}, "linear_tree=True", "linear_tree=False"),
        ({"zero_as_missing": True}, "zero_as_missing=True", "zero_as_missing=False"),
        ({"objective": "multiclassova"}, "objective='multiclassova'", "'multiclass'"),
        ({"objective": "regression", "reg_sqrt": True}, "reg_sqrt=True", "square root"),
        ({"categorical_feature": [0]}, "categorical splits", "Encode"),
    ],
)
def test_refused(options, named, remedy, tmp_path):
    rows = np.where(np.abs(X) < 0.5, 0, X)
    kept = (
        {"categorical_feature": options.pop("categorical_feature")}
        if ("categorical_feature" in options)
        else {}
    )
    rows[:, 0] = np.abs(rows[:, 0]).round() if kept else rows[:, 0]
    is_value = options.get("objective") == "regression"
    model = (lightgbm.LGBMRegressor if is_value else lightgbm.LGBMClassifier)(
        **OPTIONS, min_child_samples=2, **options
    )
    model.fit(rows, POSITIVE if is_value else codes(rows, 3), **kept)
    with pytest.raises(NotExportableError) as caught:
        export_coreml(model, tmp_path / "model.mlmodel")
    assert named in str(caught.value)
    assert remedy in str(caught.value)
    assert not list(tmp_path.iterdir())
