"""Convert tables to the named inputs of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from novin_ml.coreml.runtime.spec import Features, InputFeature
from novin_ml.exceptions import InvalidInputError
from novin_ml.plain import shown


def read_inputs(X: Any, inputs: tuple[InputFeature, ...]) -> Features:
    """Return each input as float32 of shape (n, width), from a table, a dict or a 2-d array."""
    by_position = len(inputs) == 1 and inputs[0].is_array
    if isinstance(X, pd.DataFrame) and not by_position:
        arrays = [feature.name for feature in inputs if feature.width > 1]
        if arrays:
            raise InvalidInputError(
                "A table must have one column per input, but this model also has MultiArray inputs "
                f"({', '.join(arrays)}); give a dict of arrays instead."
            )
        names = [feature.name for feature in inputs]
        _require_names(names, X.columns)
        _require_once(names, X.columns)
        if any(feature.kind == "stringType" for feature in inputs):
            return {f.name: _column(X[f.name], f) for f in inputs}
        return _split(_table(X[names]), inputs)
    if isinstance(X, Mapping):
        _require_names([feature.name for feature in inputs], X)
        return _same_length({f.name: _column(X[f.name], f) for f in inputs})
    texts = [feature.name for feature in inputs if feature.kind == "stringType"]
    if texts:
        raise InvalidInputError(
            "The inputs must come by name where some are text. Got an array, and text in "
            f"{', '.join(texts)}; give a table or a dict."
        )
    return _split(_table(X), inputs)


def _require_names(names: list[str], got: Any) -> None:
    missing = [name for name in names if name not in got]
    if missing:
        raise InvalidInputError(
            f"The table must have the model's inputs as columns. Got none named "
            f"{', '.join(map(repr, missing))}; add them, with NaN where values are missing."
        )


def _require_once(names: list[str], columns: pd.Index) -> None:
    twice = [name for name in names if columns.tolist().count(name) > 1]
    if twice:
        raise InvalidInputError(
            f"The table must have each of the model's inputs once. Got {twice[0]!r} as several "
            "columns; rename or drop the others."
        )


def _split(table: NDArray[np.float32], inputs: tuple[InputFeature, ...]) -> Features:
    widths = [feature.width for feature in inputs]
    if table.ndim != 2 or table.shape[1] != sum(widths):
        raise InvalidInputError(
            f"The table must have shape (n_rows, {sum(widths)}), one column per input value. "
            f"Got shape {table.shape} instead; the inputs are "
            f"{', '.join(feature.name for feature in inputs)}."
        )
    parts = np.split(table, np.cumsum(widths)[:-1], axis=1)
    return {feature.name: part for feature, part in zip(inputs, parts, strict=True)}


def _column(values: ArrayLike, feature: InputFeature) -> NDArray[Any]:
    if feature.kind == "stringType":
        return _texts(values, feature.name)
    if feature.kind == "int64Type":
        whole = np.asarray(values)
        if whole.dtype.kind in "iu":
            return whole.astype(np.int64).reshape(-1, 1)
    array = _table(values)
    array = array.reshape(-1, 1) if feature.width == 1 else np.atleast_2d(array)
    if array.ndim != 2 or array.shape[1] != feature.width:
        raise InvalidInputError(
            f"Input {feature.name!r} must have shape (n_rows, {feature.width}). "
            f"Got shape {array.shape} instead."
        )
    return array


def _texts(values: Any, name: str) -> NDArray[np.str_]:
    listed = np.asarray(values, dtype=object).ravel().tolist()
    if any(not isinstance(value, str) for value in listed):
        wrong = next(value for value in listed if not isinstance(value, str))
        raise InvalidInputError(f"Input {name!r} must be text. Got {shown(wrong)}.")
    return np.array(listed, dtype=np.str_).reshape(-1, 1)


def _same_length(features: Features) -> Features:
    lengths = {name: len(values) for name, values in features.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidInputError(f"All inputs must have as many rows. Got {lengths} instead.")
    return features


def _table(values: Any) -> NDArray[np.float32]:
    try:
        with np.errstate(over="ignore"):
            if isinstance(values, (pd.DataFrame, pd.Series)):
                return values.to_numpy(dtype=np.float32, na_value=np.nan)
            return np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            f"The inputs must be numbers, with NaN for missing values. Got: {error}"
        ) from error
