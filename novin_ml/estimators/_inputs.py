"""Checks of the rows to answer and to train on, and of their weights and times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from novin_ml.estimators._labels import checked_groups
from novin_ml.estimators.learners import Rows
from novin_ml.events.fields import field_named
from novin_ml.foreign import conversion_of, holds_dicts, kind_of
from novin_ml.plain import library_of, must_be_numbers, plural, shown


def rows_to_answer(
    estimator: Any, X: Any, *, allow_nan: bool, warn_without_names: bool = True
) -> np.ndarray:
    """Return checked rows for a fitted estimator, float32 in C order.

    scikit-learn's validation takes longer than the answer to one row. Rows that it would return
    unchanged are recognised by cheaper tests; all others go through it, and it words the errors.

    Parameters
    ----------
    estimator : object
        Has `__sklearn_is_fitted__` and, once fitted, `n_features_in_`.
    X : array-like of shape (n_samples, n_features)
    allow_nan : bool
        Whether NaN is a missing value. If False, NaN is refused, as infinity always is.
    warn_without_names : bool, default=True
        Whether to warn about an array if the estimator was fitted with feature names.
    """
    if not estimator.__sklearn_is_fitted__():
        check_is_fitted(estimator)
    names = getattr(estimator, "feature_names_in_", None)
    rows = X
    if type(X) is pd.DataFrame and names is not None:
        float32 = all(dtype == np.float32 for dtype in X.dtypes)
        if float32 and X.columns.tolist() == names.tolist():
            rows, names = np.ascontiguousarray(X.to_numpy()), None
    if (
        type(rows) is np.ndarray
        and (names is None or not warn_without_names)
        and rows.dtype == np.float32
        and rows.flags.c_contiguous
        and rows.ndim == 2
        and rows.shape[1] == estimator.n_features_in_
        and len(rows) > 0
        and not (np.isinf(rows).any() if allow_nan else not np.isfinite(rows).all())
    ):
        return rows
    require_table(X)
    with must_be_numbers("X"):
        return validate_data(
            estimator,
            X,
            reset=False,
            dtype=np.float32,
            order="C",
            ensure_all_finite="allow-nan" if allow_nan else True,
        )


def require_some_rows(X: Any) -> None:
    """Raise ValueError if there is no row to train on, and say where rows are usually lost."""
    if getattr(X, "shape", (1,))[:1] == (0,) or (isinstance(X, list) and not X):
        raise ValueError(
            "There must be rows to train on. Got none. If they are of events, see whether any "
            "has a label and consent: novin_ml.lifecycle.train says which is missing."
        )


def require_table(X: Any) -> None:
    """Raise ValueError if X is a table of a kind whose columns would be lost, or names one twice.

    Two columns of one name cannot be told apart. A mask would be ignored.
    """
    structured = getattr(getattr(X, "dtype", None), "names", None) is not None
    masked = isinstance(X, np.ma.MaskedArray) and bool(np.ma.getmaskarray(X).any())
    of_other = library_of(X) == "pyarrow" or hasattr(X, "collect")
    is_mapping = isinstance(X, Mapping) and not issparse(X)  # scipy's dok_array is one
    if X is None or is_mapping or isinstance(X, str) or holds_dicts(X) or structured or of_other:
        raise ValueError(
            "The 'X' parameter must be an array or a DataFrame of numbers, a row a sample. "
            f"Got {kind_of(X)}. {conversion_of(X, 'Make a pandas.DataFrame of it.')}"
        )
    if masked:
        raise ValueError(
            "The 'X' parameter must have NaN for missing values. Got a masked array. "
            "Pass numpy.ma.filled(X, numpy.nan)."
        )
    columns = list(getattr(X, "columns", ()))
    if len(set(columns)) < len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        raise ValueError(
            "The 'X' parameter must have columns whose names differ from each other. "
            f"Got {plural(columns.count(twice), 'column')} {shown(twice)}. Rename or drop one."
        )


def rows_to_train_on(
    X: np.ndarray,
    classes: np.ndarray,
    codes: np.ndarray,
    *,
    sample_weight: Any,
    class_weight: Any,
    groups: Any,
) -> tuple[Rows, np.ndarray | None]:
    """Return the rows that have a weight, and the group of each.

    Rows of weight 0 are left out before anything is counted, so that it makes no difference whether
    they were passed: neither to the weights of "balanced", nor to the drawing of groups.

    Parameters
    ----------
    X, codes : ndarray of shape (n_samples, n_features) and (n_samples,)
        All rows, with the class of each.
    classes : ndarray of shape (n_classes,)
        The labels.
    sample_weight, class_weight, groups : object
        As the user gave them.

    Returns
    -------
    rows : Rows
        Without weights if all of them are 1.
    groups : ndarray of shape (n_rows,) or None
        Counted from 0 in the order of their first rows.
    """
    codes_of_groups = checked_groups(X, groups)
    rows = Rows(X, codes)
    if sample_weight is None and class_weight is None:
        return rows, codes_of_groups
    is_scalar = isinstance(sample_weight, (np.ndarray, np.generic)) and not sample_weight.ndim
    if is_scalar and not isinstance(sample_weight, Real):
        raise ValueError(
            "The 'sample_weight' parameter must have a weight for every row. "
            f"Got {shown(sample_weight)}. Pass a list or an array."
        )
    with must_be_numbers("sample_weight"):
        weight = _check_sample_weight(sample_weight, X, dtype=np.float32, ensure_non_negative=True)
    if class_weight is not None:
        of_classes = _class_weights(classes, codes[weight > 0], class_weight)
        with np.errstate(over="ignore", under="ignore"):
            weight = weight * of_classes[codes]
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError(
            "The weights of rows, sample_weight times class_weight, must be finite float32 numbers "
            f"from 0 on. Got {float(weight[~(np.isfinite(weight) & (weight >= 0))][0])}. "
            "Pass other weights."
        )
    if not weight.any():
        raise ValueError(
            "At least one row must have a positive weight, sample_weight times class_weight. "
            "Got only zeros."
        )
    counting = np.flatnonzero(weight)
    learnt = np.unique(codes[counting])
    if len(learnt) < 2:
        raise ValueError(
            "The rows with a positive weight must be of at least two classes. "
            f"Got one class, {shown(classes[learnt[0]])}. Give rows of another class a weight."
        )
    rows = Rows(X, codes, None if (weight[counting] == 1).all() else weight)
    if len(counting) == len(weight):
        return rows, codes_of_groups
    if codes_of_groups is not None:
        codes_of_groups = pd.factorize(codes_of_groups[counting])[0]
    return rows.take(counting), codes_of_groups


def _class_weights(classes: np.ndarray, codes: np.ndarray, class_weight: Any) -> np.ndarray:
    """Return the weight of each class, float32; `codes` are those of the rows that count."""
    if isinstance(class_weight, dict):
        # Look up by label: scikit-learn confuses the text "0" in a dict with the number.
        labels = classes.tolist()
        unknown = [label for label in class_weight if label not in labels]
        if unknown:
            raise ValueError(
                f"The 'class_weight' parameter must have labels that occur, {labels}, as keys. "
                f"Got {shown(unknown[0])}. Correct or remove it."
            )
        weights = _numbers({label: class_weight.get(label, 1.0) for label in labels})
    else:
        counts = np.bincount(codes, minlength=len(classes))
        weights = len(codes) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return weights.astype(np.float32)


def _numbers(weights: dict[Any, Any]) -> np.ndarray:
    for label, weight in weights.items():
        if not isinstance(weight, Real) or not 0 <= float(weight) < math.inf:
            raise ValueError(
                "The 'class_weight' parameter must have finite numbers from 0 on as values. "
                f"Got {shown(weight)} for {shown(label)}. Pass such a number."
            )
    return np.array([float(weight) for weight in weights.values()])


_TIME = field_named("timestamp")


def checked_timestamps(X: np.ndarray, timestamps: Any) -> np.ndarray:
    given = column_or_1d(timestamps)
    check_consistent_length(X, given)
    if given.dtype.kind not in "fiu":
        raise ValueError(
            f"The 'timestamps' parameter must be numbers, seconds since 1970. Got {given.dtype}. "
            "Read events with novin_ml.events.read_events, or convert them."
        )
    times = np.ascontiguousarray(given, dtype=np.float64)
    wrong = ~((times >= _TIME.low) & (times <= _TIME.high))
    if wrong.any():
        raise ValueError(
            "The 'timestamps' parameter must be seconds since 1970, up to the year 2200. "
            f"Got {shown(times[wrong][0])}. Convert milliseconds, or drop these rows."
        )
    return times
