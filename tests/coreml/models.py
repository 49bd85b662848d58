"""Small data and models of every kind that can be exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost
from sklearn.neural_network import MLPClassifier

from novin_ml import DeliveryClassifier

N_FEATURES = 4


def table(
    n_rows: int, seed: int, *, missing: float = 0.0, n_features: int = N_FEATURES
) -> np.ndarray:
    """Float32 rows, a share of the values missing."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    X[rng.random(X.shape) < missing] = np.nan
    return X


def codes(X: np.ndarray, n_classes: int, shares: str = "balanced") -> np.ndarray:
    """A class of each row, from the first feature or two and noise; every class has rows.

    `shares` is "balanced", "skewed" (the first class has nine rows of ten) or "rare" (the last
    class has four rows).
    """
    rng = np.random.default_rng(len(X))
    signal = np.nan_to_num(X[:, :2]).sum(axis=1) + 0.3 * rng.normal(size=len(X))
    if shares == "balanced":
        cuts = np.arange(1, n_classes) / n_classes
    elif shares == "skewed":
        cuts = 0.9 + 0.1 * np.arange(n_classes - 1) / (n_classes - 1)
    else:
        last = 1 - 4 / len(X)
        cuts = np.append(last * np.arange(1, n_classes - 1) / (n_classes - 1), last)
    rank = np.argsort(np.argsort(signal)) / len(X)
    return np.digitize(rank, cuts)


@dataclass(frozen=True)
class Trained:
    """A fitted object, its labels, what it answers to rows, and how to export it."""

    model: Any
    labels: list[Any]
    predict_proba: Callable[[np.ndarray], np.ndarray]
    options: dict[str, Any]


def objective(n_classes: int) -> dict[str, Any]:
    """Parameters of xgboost for so many classes."""
    if n_classes == 2:
        return {"objective": "binary:logistic"}
    return {"objective": "multi:softprob", "num_class": n_classes}


def booster(n_classes: int = 3, rounds: int = 4, missing: float = 0.0, **params: Any) -> Any:
    """A small booster."""
    X = table(200, 0, missing=missing)
    params = {"max_depth": 3, "nthread": 1, **objective(n_classes), **params}
    return xgboost.train(params, xgboost.DMatrix(X, codes(X, n_classes)), rounds)


def xgb_classifier(n_classes: int = 3, **params: Any) -> Any:
    """A small XGBClassifier."""
    X = table(200, 0)
    params = {"n_estimators": 4, "max_depth": 3, "n_jobs": 1, **params}
    return xgboost.XGBClassifier(**params).fit(X, codes(X, n_classes))


def mlp(n_classes: int = 3, **params: Any) -> Any:
    """A small MLPClassifier, after a few epochs and without their warning."""
    return _partly_fitted(table(200, 0), codes(table(200, 0), n_classes), params)


def _partly_fitted(X: np.ndarray, y: np.ndarray, params: dict[str, Any]) -> Any:
    model = MLPClassifier(**{"hidden_layer_sizes": (6,), "random_state": 0, **params})
    for _ in range(3):
        model.partial_fit(X, y, classes=np.unique(y))
    return model


def delivery(algorithm: str = "boosting", n_classes: int = 2, **params: Any) -> Any:
    """A small DeliveryClassifier with text labels."""
    X = table(300, 0, missing=0.1)
    y = np.array([f"label {i}" for i in range(n_classes)])[codes(X, n_classes)]
    params = {"epochs": 4, "random_state": 0, "n_jobs": 1, **params}
    return DeliveryClassifier(algorithm, **params).fit(X, y)


def train(
    algorithm: str,
    X: np.ndarray,
    y: np.ndarray,
    labels: list[Any],
    *,
    weight: np.ndarray | None = None,
    stops_early: bool = False,
    params: dict[str, Any],
) -> Trained:
    """Train one of five kinds of models on classes `y`, which `labels` name.

    Early stopping watches rows whose labels are noise, so that it does stop before the end.
    """
    n_classes = len(labels)
    noise = np.random.default_rng(1).permutation(y)
    if algorithm.startswith("our "):
        model = DeliveryClassifier(
            algorithm.removeprefix("our "),
            epochs=params.pop("epochs", 4),
            early_stopping=stops_early,
            validation_fraction=0.3,
            learner_params=params,
            random_state=0,
            n_jobs=1,
        )
        named = np.array(labels)[noise if stops_early else y]
        model.fit(X, named, sample_weight=weight)
        order = [labels.index(label.item()) for label in model.classes_]
        assert len(order) == n_classes
        return Trained(model, model.classes_.tolist(), model.predict_proba, {})
    if algorithm == "MLPClassifier":
        model = _partly_fitted(X, np.array(labels)[y], params)
        return Trained(model, model.classes_.tolist(), model.predict_proba, {})
    rounds = params.pop("epochs", 4)
    named = {"class_labels": labels}
    if algorithm == "XGBClassifier":
        early: dict[str, Any] = {}
        if stops_early:
            rounds, early = 12, {"eval_set": [(X, noise)]}
            params["early_stopping_rounds"] = 2
        classifier = xgboost.XGBClassifier(n_estimators=rounds, n_jobs=1, **params)
        classifier.fit(X, y, sample_weight=weight, verbose=False, **early)
        return Trained(classifier, labels, classifier.predict_proba, named)
    matrix = xgboost.DMatrix(X, y, weight=weight)
    params = {"nthread": 1, **objective(n_classes), **params}
    if stops_early:
        fitted = xgboost.train(
            params,
            matrix,
            12,
            evals=[(xgboost.DMatrix(X, noise), "held_back")],
            early_stopping_rounds=2,
            verbose_eval=False,
        )
        assert fitted.best_iteration + 1 < fitted.num_boosted_rounds()
        fitted = fitted[: fitted.best_iteration + 1]
    else:
        fitted = xgboost.train(params, matrix, rounds)
    return Trained(fitted, labels, lambda rows: booster_proba(fitted, rows), named)


def booster_proba(fitted: Any, X: np.ndarray) -> np.ndarray:
    """Class probabilities of a Booster, by its own predict."""
    names = fitted.feature_names
    answer = fitted.predict(xgboost.DMatrix(X, feature_names=names))
    return np.column_stack([1 - answer, answer]) if answer.ndim == 1 else answer
