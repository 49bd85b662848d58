"""Rows of the caller for the check of a model."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.coreml.subject import Subject, numbered
from novin_ml.exceptions import NotExportableError
from novin_ml.plain import plural, without_numpy


def feature_rows(data: Any, subject: Subject) -> np.ndarray:
    """Return the caller's feature rows as float32 in the order of the inputs; one at least.

    Rows with missing values are left out if the model has no answer to them.
    """
    names = [spec.name for spec in subject.specs]
    if isinstance(data, pd.DataFrame):
        data = _columns_in_order(data, names, list(subject.columns))
    try:
        with np.errstate(over="ignore"):
            rows = np.ascontiguousarray(data, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise NotExportableError(
            "The 'data' parameter must be a table of numbers. "
            f"Got another value: {without_numpy(str(error))}. Compute the features first."
        ) from None
    if rows.ndim != 2 or rows.shape[1] != len(names):
        raise NotExportableError(
            f"The data must be of shape (n_rows, {len(names)}), one column for each input. "
            f"Got {rows.shape}."
        )
    if np.isinf(rows).any():
        raise NotExportableError(
            "The data must be finite in float32, or NaN. Got infinity. Drop these rows."
        )
    n_given, needed = len(rows), ""
    if not subject.allows_missing:
        rows, needed = rows[~np.isnan(rows).any(axis=1)], " without missing values"
    if not len(rows):
        raise NotExportableError(
            f"The data must have a row{needed} to check on. Got {plural(n_given, 'row')} and "
            "none of these. Pass other rows, or no data."
        )
    return rows


def _columns_in_order(data: pd.DataFrame, *choices: list[str]) -> pd.DataFrame:
    if choices[-1] == numbered(len(choices[-1])) and len(data.columns):
        data = _named_by_number(data, choices[-1])
    data = data.rename(columns=str)
    for names in choices:
        if set(names) <= set(data.columns):
            twice = [name for name in names if data.columns.tolist().count(name) > 1]
            if twice:
                raise NotExportableError(
                    f"The data must have each column once. Got {twice[0]!r} twice. Rename one."
                )
            return data[names]
    absent = [name for name in choices[0] if name not in data.columns]
    raise NotExportableError(
        f"The data must have a column for each input of the model. Got none for {absent}. "
        "Add them, or compute the features first."
    )


def _named_by_number(data: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return a table whose columns are whole numbers with the names of columns without names.

    An estimator remembers no numbers: it takes the columns of such a table in their order. So 0, 1,
    ... are found by number, and other numbers, if there are as many, by their place.
    """
    columns = data.columns.tolist()
    if any(isinstance(c, bool) or not isinstance(c, Integral) for c in columns):
        return data
    if set(range(len(names))) <= set(columns):
        return data.rename(columns=dict(enumerate(names)))
    return data.set_axis(names, axis=1) if len(columns) == len(names) else data
