"""Encoders of categories: texts are String inputs, and whole numbers Int64."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.registry import refused, register_step
from novin_ml.coreml.program.builder import Builder, Column, Value, taken
from novin_ml.exceptions import NotExportableError
from novin_ml.plain import shown

_REFUSED = (
    "categories that are neither texts nor whole numbers",
    "missing values as a category",
    "infrequent categories",
    "a step before it",
)


@register_step(
    "sklearn.OneHotEncoder", role="transform", form="a oneHotEncoder per column", refuses=_REFUSED
)
def one_hot(model: Any, value: Value, builder: Builder) -> Value:
    """One number per category, without those that are dropped."""
    if any(each is not None for each in getattr(model, "infrequent_categories_", [])):
        raise refused(
            model, "infrequent categories", "Train it without min_frequency and max_categories"
        )
    made: list[Any] = []
    dropped = [None] * len(value) if model.drop_idx_ is None else list(model.drop_idx_)
    for part, own, drop in zip(value, model.categories_, dropped, strict=True):
        categories = _categories(model, own)
        op = builder.categorical(
            _column(model, part), categories, refuses_unknown=model.handle_unknown == "error"
        )
        kept = [place for place in range(len(categories)) if place != drop]
        if kept:
            made.extend(taken(builder, (op,), kept))
    return tuple(made)


@register_step(
    "sklearn.OrdinalEncoder",
    role="transform",
    form="a oneHotEncoder per column, and a glmRegressor of its codes",
    refuses=(*_REFUSED, "unknown_value=nan"),
)
def ordinal(model: Any, value: Value, builder: Builder) -> Value:
    """The place of each category, or a number for unknown ones."""
    if any(each is not None for each in getattr(model, "infrequent_categories_", [])):
        raise refused(
            model, "infrequent categories", "Train it without min_frequency and max_categories"
        )
    takes_unknown = model.handle_unknown == "use_encoded_value"
    unknown = float(model.unknown_value) if takes_unknown else 0.0
    if math.isnan(unknown):
        raise refused(model, "unknown_value=nan", "Train it with a number, such as -1")
    made: list[Any] = []
    for part, own in zip(value, model.categories_, strict=True):
        categories = _categories(model, own)
        op = builder.categorical(
            _column(model, part), categories, refuses_unknown=not takes_unknown
        )
        codes = np.arange(len(categories)) - unknown
        arrays = {"weights": codes[None, :], "offset": np.array([unknown])}
        made.append(builder.add("linear", [op], 1, arrays=arrays))
    return tuple(made)


def _column(model: Any, part: Any) -> Column:
    if not isinstance(part, Column):
        raise NotExportableError(
            f"A {type(model).__name__} must be the first step of its columns. Got one after "
            "another step. Put it first, in a ColumnTransformer."
        )
    return part


def _categories(model: Any, own: Any) -> list[Any]:
    """Return categories as text or integers."""
    values = [each.item() if isinstance(each, np.generic) else each for each in own]
    if all(isinstance(each, str) for each in values):
        return values
    if any(each is None or each != each for each in values):
        raise refused(
            model, "missing values as a category", "Fill them in with a text before training"
        )
    whole = [
        isinstance(each, Real)
        and not isinstance(each, bool)
        and (isinstance(each, Integral) or float(each).is_integer())
        and abs(float(each)) <= 2**24
        for each in values
    ]
    if not all(whole):
        wrong = values[whole.index(False)]
        raise refused(
            model,
            f"the category {shown(wrong)}",
            "Train it on texts, or on whole numbers up to 2**24",
        )
    return [int(each) for each in values]
