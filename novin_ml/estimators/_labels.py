"""Labels and groups of rows, as numpy holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, column_or_1d

from novin_ml.plain import shown

#: What pandas infers of an array of objects -> the kinds of numpy's types for it.
_PLAIN = {"integer": "iu", "boolean": "b", "floating": "f"}


def plain_labels(y: Any) -> Any:
    """Return labels as an array of a plain type: integers, booleans, floats, or str objects.

    scikit-learn turns the nullable integers and booleans of pandas into floats, and takes a missing
    label of a list for the text "nan".

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        What is no list, array or column is returned as it is: scikit-learn checks it.

    Raises
    ------
    ValueError
        If a label is missing, or if they are of several types.
    """
    if hasattr(y, "to_pandas"):  # a column of Arrow or polars
        y = y.to_pandas()
    if isinstance(y, pd.DataFrame) and y.shape[1] == 1:
        return plain_labels(y.iloc[:, 0])[:, np.newaxis]  # scikit-learn warns of the shape
    if isinstance(y, (list, tuple)):
        _require_labels(_objects(y))
        if len({isinstance(label, str) for label in y}) > 1:  # numpy would make texts of all
            raise _of_several_kinds(y)
        return np.asarray(y)
    if isinstance(y, np.ma.MaskedArray):
        y = np.ma.filled(y.astype(object), None)
    if isinstance(y, (pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        _require_labels(y)
        nullable = pd.api.types.is_extension_array_dtype(y.dtype)
        y = np.asarray(y.astype(object) if nullable else y)
    if not isinstance(y, np.ndarray) or y.ndim != 1:
        return y
    if y.dtype.kind == "T":  # numpy's texts of any length, which scikit-learn does not know
        y = y.astype(object)
    _require_labels(y)
    if y.dtype.kind != "O":
        return y.astype(y.dtype.newbyteorder("="), copy=False)
    kind = pd.api.types.infer_dtype(y, skipna=False)
    if kind in _PLAIN:
        made = np.array(y.tolist())
        return made if made.dtype.kind in _PLAIN[kind] else y  # -1 and 2**63 fit into no type
    if kind == "string":
        return y if all(type(label) is str for label in y) else _objects([str(each) for each in y])
    raise _of_several_kinds(y)


def _of_several_kinds(y: Any) -> ValueError:
    return ValueError(
        "The 'y' parameter must have labels of one kind: texts, integers or booleans. Got objects "
        f"of type {' and '.join(sorted({type(label).__name__ for label in y}))}. "
        "Turn them into texts."
    )


def classes_and_codes(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes and the class of each row, counted from 0."""
    check_classification_targets(y)
    classes, codes = np.unique(column_or_1d(y), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            "The labels must have at least two classes. "
            f"Got one class, {shown(classes.tolist()[0])}. "
            "Add rows of another class."
        )
    return classes, codes


def checked_groups(X: np.ndarray, groups: Any) -> np.ndarray | None:
    """Return the group of each row, counted from 0 in the order of their first rows."""
    if groups is None:
        return None
    if isinstance(groups, (list, tuple)):
        groups = _objects(groups)
    elif not hasattr(groups, "dtype") or getattr(groups, "ndim", 1) != 1:
        groups = column_or_1d(groups)
    check_consistent_length(X, groups)
    codes, _ = pd.factorize(groups)
    absent = int((codes < 0).sum())
    if absent:
        raise ValueError(
            "The 'groups' parameter must have a group for every row. "
            f"Got {absent} missing. Fill them in or drop these rows."
        )
    return codes


def _objects(values: list | tuple) -> np.ndarray:
    """Return a list as an array that keeps the types of its elements: 1 and "1" differ."""
    objects = np.empty(len(values), dtype=object)
    objects[:] = [tuple(value) if isinstance(value, list) else value for value in values]
    return objects


def _require_labels(y: Any) -> None:
    missing = np.asarray(pd.isna(y))
    if missing.ndim == 1 and missing.any():
        raise ValueError(
            "The 'y' parameter must have a label for every row. "
            f"Got {int(missing.sum())} missing of {len(missing)}, the first in row "
            f"{int(missing.argmax())}, counted from 0. Drop the rows without a label."
        )
