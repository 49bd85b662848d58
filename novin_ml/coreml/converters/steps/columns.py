"""What chooses columns, and what puts the work of several transformers side by side."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.registry import refused, register_step, transformed
from novin_ml.coreml.converters.steps.scalers import scaled
from novin_ml.coreml.program.builder import Builder, Value, taken, width_of

_CHOOSERS = (
    "GenericUnivariateSelect",
    "RFE",
    "RFECV",
    "SelectFdr",
    "SelectFpr",
    "SelectFromModel",
    "SelectFwe",
    "SelectKBest",
    "SelectPercentile",
    "SequentialFeatureSelector",
    "VarianceThreshold",
)


@register_step(
    *(f"sklearn.{name}" for name in _CHOOSERS),
    role="transform",
    form="no stage for inputs; else an arrayFeatureExtractor",
    refuses=("no column left",),
)
def choose(model: Any, value: Value, builder: Builder) -> Value:
    """The columns that were chosen."""
    places = np.flatnonzero(model.get_support()).tolist()
    if not places:
        raise refused(model, "no column left", "Train it so that it keeps one")
    return taken(builder, value, places)


@register_step("sklearn.ColumnTransformer", role="transform", form="its transformers side by side")
def column_transformer(model: Any, value: Value, builder: Builder) -> Value:
    """Each transformer on its columns, in the order of the list; then the remainder."""
    names = list(getattr(model, "feature_names_in_", []))
    weights = model.transformer_weights or {}
    made: list[Any] = []
    for name, transformer, chosen in model.transformers_:
        places = _places(chosen, names, model.n_features_in_)
        if not len(places) or (isinstance(transformer, str) and transformer == "drop"):
            continue
        part = taken(builder, value, places)
        if not _hands_on(transformer):
            part = transformed(transformer, part, builder)
        made.extend(_weighted(part, weights.get(name), builder))
    return tuple(made)


@register_step("sklearn.FeatureUnion", role="transform", form="its transformers side by side")
def feature_union(model: Any, value: Value, builder: Builder) -> Value:
    """Each transformer on all columns."""
    weights = model.transformer_weights or {}
    made: list[Any] = []
    for name, transformer in model.transformer_list:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        part = value if _hands_on(transformer) else transformed(transformer, value, builder)
        made.extend(_weighted(part, weights.get(name), builder))
    return tuple(made)


def _weighted(part: Value, weight: float | None, builder: Builder) -> Value:
    if weight is None or weight == 1:
        return part
    n = width_of(part)
    return (scaled(part, builder, np.zeros(n), np.full(n, float(weight))),)


def _hands_on(transformer: Any) -> bool:
    """Whether columns are handed on: after fitting, a FunctionTransformer without function."""
    if isinstance(transformer, str):
        return transformer == "passthrough"
    return type(transformer).__name__ == "FunctionTransformer" and transformer.func is None


def _places(chosen: Any, names: list[Any], n: int) -> list[int]:
    """Return the places of columns as a ColumnTransformer was given them."""
    if isinstance(chosen, slice):
        if isinstance(chosen.start, str) or isinstance(chosen.stop, str):
            first = 0 if chosen.start is None else names.index(chosen.start)
            last = n if chosen.stop is None else names.index(chosen.stop) + 1
            return list(range(first, last))[:: chosen.step or 1]
        return list(range(n))[chosen]
    with warnings.catch_warnings():
        # scikit-learn 1.6 warns whoever reads the columns of a remainder of what 1.7 changes.
        warnings.filterwarnings("ignore", "\\s*The format of the columns", FutureWarning)
        one = isinstance(chosen, str | int | np.integer)
        listed: list[Any] = [chosen] if one else list(chosen)
    if listed and all(isinstance(each, bool | np.bool_) for each in listed):
        return [place for place, is_chosen in enumerate(listed) if is_chosen]
    return [names.index(each) if isinstance(each, str) else int(each) % n for each in listed]
