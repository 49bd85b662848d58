"""Other libraries' classifiers, with the settings of novin_ml's learners."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from benchmarks._report import Report
from benchmarks.fit import bare_xgboost
from benchmarks.suite._data import Part
from novin_ml.estimators.learners import Rows, hold_out
from novin_ml.estimators.learners.boosting_defaults import default_rounds
from novin_ml.estimators.learners.network_fit import DEFAULT_EPOCHS

#: xgboost's own default, which novin_ml leaves as it is.
XGBOOST_L2 = 1.0


class Peer(NamedTuple):
    """Another library: how it trains, answers and is stored."""

    name: str
    fit: Callable[[Part], Any]
    predict: Callable[[Any, np.ndarray], np.ndarray]
    n_bytes: Callable[[Any], int]


def held_back(part: Part) -> tuple[Rows, Rows]:
    """Divide as `FamilyClassifier` does with the seed 0."""
    return hold_out(Rows(part.X, part.label), None, 0.1, check_random_state(0))


def boosting_peers(
    settings: dict[str, Any], n_classes: int, threads: int, report: Report
) -> list[Peer]:
    """Return xgboost, LightGBM and HistGradientBoosting with the same settings.

    HistGradientBoosting knows no least sum of hessians in a leaf, and has 20 rows at least.
    """

    def classes_of(margins: np.ndarray) -> np.ndarray:
        return (margins > 0.5).astype(int) if margins.ndim == 1 else margins.argmax(axis=1)

    peers = [
        Peer(
            "xgboost",
            lambda part: bare_xgboost(
                part.X, part.label, settings, n_classes, threads, default_rounds(len(part.X))
            ),
            lambda booster, X: classes_of(
                booster.inplace_predict(X, iteration_range=(0, booster.best_iteration + 1))
            ),
            lambda booster: len(booster[: booster.best_iteration + 1].save_raw("ubj")),
        )
    ]
    try:
        import lightgbm
    except ImportError:
        report.say("lightgbm is not installed and left out.")
    else:
        params = {
            "objective": "binary" if n_classes == 2 else "multiclass",
            "learning_rate": settings["learning_rate"],
            "max_bin": settings["max_bin"],
            "max_depth": settings["max_depth"],
            "num_leaves": settings.get("max_leaves", 2 ** settings["max_depth"]),
            "min_sum_hessian_in_leaf": settings["min_child_weight"],
            "lambda_l2": settings.get("reg_lambda", XGBOOST_L2),
            "feature_fraction_bynode": settings.get("colsample_bynode", 1.0),
            "num_threads": threads,
            "verbosity": -1,
        }
        if n_classes > 2:
            params["num_class"] = n_classes

        def fit_lightgbm(part: Part) -> Any:
            train, test = held_back(part)
            data = lightgbm.Dataset(train.X, train.codes, params={"max_bin": params["max_bin"]})
            return lightgbm.train(
                params,
                data,
                default_rounds(len(part.X)),
                valid_sets=[lightgbm.Dataset(test.X, test.codes, reference=data)],
                callbacks=[lightgbm.early_stopping(settings["patience"], verbose=False)],
            )

        peers.append(
            Peer(
                "LightGBM",
                fit_lightgbm,
                lambda booster, X: classes_of(booster.predict(X, num_threads=threads)),
                lambda booster: len(booster.model_to_string().encode()),
            )
        )

    def fit_histogram(part: Part) -> Any:
        train, test = held_back(part)
        model = HistGradientBoostingClassifier(
            learning_rate=settings["learning_rate"],
            max_iter=default_rounds(len(part.X)),
            max_leaf_nodes=settings.get("max_leaves", 2 ** settings["max_depth"]),
            max_depth=settings["max_depth"],
            max_bins=settings["max_bin"] - 1,
            l2_regularization=settings.get("reg_lambda", XGBOOST_L2),
            max_features=settings.get("colsample_bynode", 1.0),
            early_stopping=True,
            n_iter_no_change=settings["patience"],
            random_state=0,
        )
        with threadpool_limits(threads):
            return model.fit(train.X, train.codes, X_val=test.X, y_val=test.codes)

    def predict_histogram(model: Any, X: np.ndarray) -> np.ndarray:
        with threadpool_limits(threads):
            return model.predict(X)

    peers.append(
        Peer("HistGradientBoosting", fit_histogram, predict_histogram, lambda m: len(pickled(m)))
    )
    return peers


def network_peer(settings: dict[str, Any], threads: int) -> Peer:
    """Return scikit-learn's own training of the same network, in float32."""

    def fit(part: Part) -> Any:
        steps = (SimpleImputer(strategy="median"), StandardScaler())
        X = part.X
        for step in steps:
            X = step.fit_transform(X)
        model = MLPClassifier(
            settings["hidden_layer_sizes"],
            activation=settings["activation"],
            alpha=settings["alpha"],
            learning_rate_init=settings["learning_rate_init"],
            batch_size=int(np.clip(0.9 * len(X) // 100, 32, 512)),
            early_stopping=True,
            validation_fraction=0.1,
            n_iter_no_change=settings["patience"],
            tol=0.0,
            max_iter=DEFAULT_EPOCHS,
            random_state=0,
        )
        with threadpool_limits(threads), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return (*steps, model.fit(X.astype(np.float32), part.label))

    def predict(steps: Any, X: np.ndarray) -> np.ndarray:
        for step in steps[:-1]:
            X = step.transform(X)
        return steps[-1].predict(X.astype(np.float32))

    return Peer("scikit-learn's MLPClassifier", fit, predict, lambda steps: len(pickled(steps)))


def pickled(model: Any) -> bytes:
    """Return what scikit-learn's users store."""
    return pickle.dumps(model)
