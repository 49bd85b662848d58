"""SimpleImputer: replaces missing numbers, and says which were missing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.registry import refused, register_step
from novin_ml.coreml.program.builder import Builder, Value, taken
from novin_ml.exceptions import NotExportableError


@register_step(
    "sklearn.SimpleImputer",
    role="transform",
    form="an imputer, in double; an indicator is a tree for each column",
    refuses=("texts", "missing_values other than NaN", "a step before it that mixes columns"),
)
def impute(model: Any, value: Value, builder: Builder) -> Value:
    """Replace NaN in each column; columns that were always missing are left out."""
    missing = model.missing_values
    if not isinstance(missing, float) or not math.isnan(missing):
        raise refused(
            model, f"missing_values={missing!r}", "Train it with missing_values=nan and NaN"
        )
    try:
        fill = np.asarray(model.statistics_, dtype=np.float64)
    except (TypeError, ValueError):
        raise refused(
            model, "texts", "A String input is never missing: fill it in before, in the app"
        ) from None
    vector = builder.joined(value)
    if not vector.is_stage:
        raise NotExportableError(
            "A SimpleImputer must come before the steps that mix columns, whose numbers are never "
            "missing. Got it after one. Put it first, or leave it out."
        )
    kept = np.flatnonzero(~np.isnan(fill))
    keeps_all = len(kept) == len(fill) or getattr(model, "keep_empty_features", False)
    values = np.where(np.isnan(fill), 0.0, fill)
    spread = np.maximum(np.abs(values), 1.0)
    builder.spread(value, values - 4 * spread, values + 4 * spread, is_guess=True)
    filled = builder.add("impute", [vector], vector.width, arrays={"values": values})
    made: Value = (filled,) if keeps_all else taken(builder, (filled,), kept.tolist())
    if model.add_indicator:
        places = [int(place) for place in model.indicator_.features_]
        if places:
            made += (builder.add("is_missing", [vector], len(places), places=places),)
    return made
