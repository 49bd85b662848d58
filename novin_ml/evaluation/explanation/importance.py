"""Importance of features in a whole model: the loss when a feature is shuffled."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import permutation_importance
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from novin_ml.estimators.families import find_family
from novin_ml.estimators.steps import last_step
from novin_ml.estimators.words import Factor, factors_of
from novin_ml.evaluation._row_order import keys_of_columns
from novin_ml.evaluation.comparison.bootstrap import group_codes
from novin_ml.features.spec import specs_for
from novin_ml.plain import shown
from novin_ml.validation import Interval, validate_params

_LEAST = np.finfo(np.float32).tiny
_COUNT = Interval(Integral, 1, None, closed="left")


@dataclass(frozen=True)
class FeatureImportance:
    """The importance of a feature: how much worse a model gets if it is shuffled.

    Attributes
    ----------
    name : str
        Name of the feature; or ``hour``, ``weekday`` or ``zone``, which stand for two features
        that are shuffled together.
    log_loss, accuracy : float
        Mean rise of the log loss, and mean fall of the accuracy, when the feature is shuffled.
    log_loss_std, accuracy_std : float
        Standard deviations over the shuffles. They do not include the variation of the rows.
    meaning : str
        Meaning of the features.
    columns : tuple of str
        Names of the features.
    """

    name: str
    log_loss: float
    log_loss_std: float
    accuracy: float
    accuracy_std: float
    meaning: str
    columns: tuple[str, ...]


@validate_params(
    {"max_rows": [_COUNT], "n_repeats": [_COUNT], "random_state": ["random_state"]},
    prefer_skip_nested_validation=False,
)
def permutation_importances(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    max_rows: int = 2_000,
    n_repeats: int = 5,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = 0,
) -> tuple[FeatureImportance, ...]:
    """Measure how much a classifier's answers depend on each feature.

    Parameters
    ----------
    estimator : Pipeline or classifier
        Fitted, with ``predict_proba`` and ``classes_``; any scikit-learn classifier. For a
        pipeline, the features before the last step are shuffled.
    X : DataFrame, Chains or array-like of shape (n_rows, n_columns)
        Input of the estimator. Use rows that it was not trained on to measure what generalises.
    y : array-like of shape (n_rows,)
        The right labels, from ``classes_``.
    groups : array-like of shape (n_rows,), default=None
        Group of each row, such as its home. If there are more than `max_rows` rows, whole groups
        are drawn until they have that many.
    max_rows : int, default=2000
        Number of rows that are enough.
    n_repeats : int, default=5
        Number of shuffles of each feature.
    n_jobs : int or None, default=None
        Number of threads or processes of joblib.
    random_state : int, RandomState or None, default=0
        Seeds the sample and the shuffles.

    Returns
    -------
    importances : tuple of FeatureImportance
        The largest rise of the log loss first.

    Raises
    ------
    ValueError
        If the estimator is not such a classifier, or rows and labels do not match.

    See Also
    --------
    explain : Explain the answer for one row.
    sklearn.inspection.permutation_importance : The implementation of the shuffles.

    Notes
    -----
    If two features carry the same information, each may seem unimportant: the model still has the
    other one.

    The order of the rows does not matter, unless some of more than `max_rows` are drawn without
    `groups`.

    References
    ----------
    L. Breiman, "Random forests", Machine Learning 45, 2001.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import DeliveryClassifier
    >>> from novin_ml.evaluation import permutation_importances
    >>> X = np.random.default_rng(0).normal(size=(300, 3))
    >>> model = DeliveryClassifier(epochs=10, random_state=0).fit(X, X[:, 1] > 0)
    >>> permutation_importances(model, X, X[:, 1] > 0)[0].name
    'feature_1'
    """
    model = last_step(estimator)
    if not (hasattr(model, "predict_proba") and hasattr(model, "classes_")):
        raise ValueError(
            "The 'estimator' parameter must be a fitted classifier with probabilities. "
            f"Got a {type(model).__name__}. Fit one."
        )
    y = np.asarray(y)
    check_consistent_length(X, y)
    if not len(y):
        raise ValueError("The 'X' parameter must have rows to shuffle. Got none. Pass some.")
    codes = {label: code for code, label in enumerate(model.classes_.tolist())}
    unknown = [label for label in y.tolist() if label not in codes]
    if unknown:
        raise ValueError(
            f"The labels must be of {list(codes)}. Got {shown(unknown[0])}. Leave out such rows."
        )
    rng = check_random_state(random_state)
    kept = _sample(len(y), groups, int(max_rows), rng)
    X = X.iloc[kept] if hasattr(X, "iloc") else np.asarray(X)[kept]
    features = estimator[:-1].transform(X) if isinstance(estimator, Pipeline) else X
    truth = np.array([codes[label] for label in y[kept].tolist()])
    # Shuffles are of places: in the order of their content, rows in any order are shuffled alike.
    order = np.lexsort((*keys_of_columns(pd.DataFrame(features)), truth))
    features = features.iloc[order] if hasattr(features, "iloc") else np.asarray(features)[order]
    factors, names = _factors(model, features)
    # One column of row numbers for each factor shuffles the columns of a factor together.
    places = np.repeat(np.arange(len(kept))[:, np.newaxis], len(factors), axis=1)
    found = permutation_importance(
        _FactorClassifier(model, features, factors),
        places,
        truth[order],
        scoring=_scores,
        n_repeats=int(n_repeats),
        n_jobs=n_jobs,
        random_state=rng,
    )
    log_loss, accuracy = found["neg_log_loss"], found["accuracy"]
    return tuple(
        FeatureImportance(
            name=factors[i].name,
            log_loss=float(log_loss.importances_mean[i]),
            log_loss_std=float(log_loss.importances_std[i]),
            accuracy=float(accuracy.importances_mean[i]),
            accuracy_std=float(accuracy.importances_std[i]),
            meaning=factors[i].meaning,
            columns=tuple(names[column] for column in factors[i].columns),
        )
        for i in np.argsort(-log_loss.importances_mean, kind="stable")
    )


class _FactorClassifier(ClassifierMixin, BaseEstimator):
    """A fitted classifier of rows in which each factor may come from a different row."""

    def __init__(self, model: Any, features: Any, factors: tuple[Factor, ...]) -> None:
        self.model = model
        self.features = features
        self.factors = factors

    def fit(self, X: Any, y: Any) -> _FactorClassifier:
        """Do nothing: the classifier is fitted."""
        return self

    def predict_proba(self, places: np.ndarray) -> np.ndarray:
        """Return the probabilities of the rows that `places`, (n_rows, n_factors), selects."""
        values = np.array(self.features)
        mixed = np.empty_like(values)
        for factor, place in zip(self.factors, places.T, strict=True):
            for column in factor.columns:
                mixed[:, column] = values[place, column]
        rows: Any = mixed
        if isinstance(self.features, pd.DataFrame):
            rows = pd.DataFrame(mixed, columns=self.features.columns)
            if not (self.features.dtypes == mixed.dtype).all():
                rows = rows.astype(self.features.dtypes)
        return np.asarray(self.model.predict_proba(rows), dtype=np.float64)


def _scores(model: _FactorClassifier, places: np.ndarray, codes: np.ndarray) -> dict[str, float]:
    probabilities = model.predict_proba(places)
    of_class = probabilities[np.arange(len(codes)), codes]
    return {
        "neg_log_loss": float(np.log(np.maximum(of_class, _LEAST)).mean()),
        "accuracy": float((probabilities.argmax(axis=1) == codes).mean()),
    }


def _sample(n_rows: int, groups: Any, max_rows: int, rng: np.random.RandomState) -> np.ndarray:
    """Return the rows of randomly drawn groups until there are enough, in their order."""
    if n_rows <= max_rows:
        return np.arange(n_rows)
    if groups is None:
        return np.sort(rng.choice(n_rows, max_rows, replace=False))
    codes, n_groups = group_codes(groups, n_rows)
    check_consistent_length(codes, np.arange(n_rows))
    order = rng.permutation(n_groups)
    sizes = np.bincount(codes, minlength=n_groups)[order].cumsum()
    drawn = order[: np.searchsorted(sizes, max_rows) + 1]
    return np.flatnonzero(np.isin(codes, drawn))


def _factors(model: Any, features: Any) -> tuple[tuple[Factor, ...], list[str]]:
    family = find_family(model)
    if family is not None:
        specs = model.feature_specs_
    else:
        columns = getattr(features, "columns", None)
        if columns is None:
            columns = [f"feature_{i}" for i in range(np.shape(features)[1])]
        specs = specs_for([str(name) for name in columns])
    return factors_of(specs, None if family is None else family.name), [spec.name for spec in specs]
