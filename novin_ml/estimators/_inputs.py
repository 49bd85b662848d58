"""Checks of what `fit` is given beside the features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    column_or_1d,
)


def classes_and_codes(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes and the class of each row, counted from 0."""
    absent = int(pd.isna(y).sum())
    if absent:
        raise ValueError(
            f"Every row must have a label. Got {absent} missing of {len(y)}. Drop these rows."
        )
    check_classification_targets(y)
    classes, codes = np.unique(column_or_1d(y), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"The labels must have at least two classes. Got one class, {classes.tolist()[0]!r}. "
            "Add rows of another class."
        )
    return classes, codes


def checked_groups(X: np.ndarray, groups: Any) -> np.ndarray | None:
    """Return the group of each row, counted from 0."""
    if groups is None:
        return None
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


def row_weights(
    X: np.ndarray,
    classes: np.ndarray,
    codes: np.ndarray,
    sample_weight: Any,
    class_weight: Any,
) -> np.ndarray | None:
    """Return the weight of each row, float32, or None if all count the same."""
    if sample_weight is None and class_weight is None:
        return None
    weight = _check_sample_weight(sample_weight, X, dtype=np.float32, ensure_non_negative=True)
    if class_weight is not None:
        weight = weight * _class_weights(classes, codes, class_weight)[codes]
    if not weight.any():
        raise ValueError(
            "A row at least must have a positive weight, sample_weight times class_weight. "
            "Got only zeros."
        )
    return weight


def _class_weights(classes: np.ndarray, codes: np.ndarray, class_weight: Any) -> np.ndarray:
    # By code: scikit-learn takes the text "0" in a dict for the number.
    if isinstance(class_weight, dict):
        labels = classes.tolist()
        unknown = [label for label in class_weight if label not in labels]
        if unknown:
            raise ValueError(
                f"The 'class_weight' parameter must have labels that occur, {labels}, as keys. "
                f"Got {unknown[0]!r}. Correct or remove it."
            )
        class_weight = {
            code: class_weight[label] for code, label in enumerate(labels) if label in class_weight
        }
    weights = compute_class_weight(class_weight, classes=np.arange(len(classes)), y=codes)
    return weights.astype(np.float32)
