"""Texts, categories, signals and consent of an event table, whatever pandas keeps them in."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from numbers import Integral
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

from novin_ml.events.fields import EventField, says_true
from novin_ml.events.tables.refusal import refusal


def check_categories(
    column: pd.Series,
    field: EventField,
    dtype: pd.CategoricalDtype,
    find: Callable[[str], str | None],
) -> pd.Categorical | None:
    """Return a column as categories of `dtype`, or None if it is so already.

    Parameters
    ----------
    column : Series
        Texts, or categories in any order.
    field : EventField
        What a value must be.
    dtype : CategoricalDtype
        The categories.
    find : callable
        Returns the category that a text means, None for no category.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        # Dtypes are equal whatever the order of their categories, which the codes follow.
        if column.dtype.categories.equals(dtype.categories) and not column.dtype.ordered:
            return None
        codes, found = column.cat.codes.to_numpy(), column.cat.categories
    else:
        try:
            codes, found = pd.factorize(column)
        except TypeError:  # a list or a dict, which has no hash
            raise refusal(column, _first_unhashable(column), field) from None
    known = set(dtype.categories)
    places = np.full(len(found) + 1, -1)
    for place, value in enumerate(found.tolist()):
        if isinstance(value, str) and not value.strip():
            continue  # an empty text is missing, as in a file
        meant = (value if value in known else find(value)) if isinstance(value, str) else None
        if meant is not None:
            places[place] = dtype.categories.get_loc(meant)
        elif (codes == place).any():
            raise refusal(column, int(np.argmax(codes == place)), field)
    return pd.Categorical.from_codes(places[codes], dtype=dtype)


def _first_unhashable(column: pd.Series) -> int:
    values = enumerate(column.tolist())
    return next(row for row, value in values if not isinstance(value, Hashable))


def check_texts(column: pd.Series, field: EventField) -> NDArray[np.object_] | None:
    """Return a column of texts, or None if it is one already; numbers are made texts in ids.

    Raises
    ------
    InvalidEventError
        If a value is no text, or an id is both a number and a text.
    """
    if isinstance(column.dtype, pd.StringDtype):
        return None
    is_category = isinstance(column.dtype, pd.CategoricalDtype)
    known = column.cat.categories if is_category else column.to_numpy(dtype=object)
    if column.dtype.kind == "O" and _are_texts(known):
        return None
    values = column.astype(object)
    missing = values.isna().to_numpy(dtype=bool)
    texts = np.full(len(values), None, dtype=object)
    sent: dict[str, type] = {}
    for row, value in enumerate(values.tolist()):
        if missing[row]:
            continue
        text = _text_of(value, field)
        if text is None or sent.setdefault(text, type(value)) is not type(value):
            raise refusal(column, row, field)
        texts[row] = text
    return texts


def _are_texts(values: Any) -> bool:
    # Without a pass over what is missing first, of which usually nothing is.
    if infer_dtype(values, skipna=False) == "string":
        return True
    return infer_dtype(values, skipna=True) in ("string", "empty")


def _text_of(value: Any, field: EventField) -> str | None:
    if isinstance(value, str):
        return str(value)
    if field.name != "home_id" or isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))  # pandas has integers as floats where some are missing
    return str(value) if isinstance(value, UUID) else None


def check_signals(column: pd.Series, field: EventField) -> NDArray[np.object_] | None:
    """Return a column of signals, or None if it is one already; `signals_in` checks the samples.

    Raises
    ------
    InvalidEventError
        If a value is no list of numbers.
    """
    values = column.to_numpy(dtype=object)
    for row in _strange(values):
        value = values[row]
        if not (value is pd.NA or (isinstance(value, float | np.floating) and value != value)):
            raise refusal(column, row, field)
    if column.dtype == object:
        return None
    signals = np.full(len(values), None, dtype=object)  # Arrow's lists
    for row, value in enumerate(values):
        if isinstance(value, np.ndarray | list | tuple):
            signals[row] = np.asarray(value, dtype=np.float32)
    return signals


def _strange(values: NDArray[np.object_]) -> list[int]:
    plain = (np.ndarray, list, tuple, type(None))
    if set(map(type, values)) <= set(plain):
        return []
    return [row for row, value in enumerate(values) if not isinstance(value, plain)]


def check_consent(column: pd.Series, field: EventField) -> NDArray[np.bool_] | None:
    """Return nullable booleans as booleans, False where missing.

    Anything else that is not a boolean is no consent, as in a file, and stays as it is.

    Raises
    ------
    InvalidEventError
        If a text says true: it may be meant, but consent is never guessed.
    """
    if column.dtype == bool:
        return None
    if column.dtype.kind == "b":
        return column.to_numpy(dtype=bool, na_value=False)
    for row, value in enumerate(column.tolist()):
        if isinstance(value, str) and says_true(value):
            raise refusal(column, row, field)
    return None
