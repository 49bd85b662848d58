"""The context of events: the attached one, or one computed from the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from novin_ml.features.context import (
    COLUMNS_OF,
    attach_context,
    further_name,
    has_context,
)

#: For each option, the column that depends on it and is never NaN.
_NEVER_MISSING = {"window": "events_in_window", "silence": "silence_after"}


def with_context(events: pd.DataFrame, window: float, silence: float) -> pd.DataFrame:
    """Return events with the attached context, or with one computed from the table.

    Raises
    ------
    ValueError
        If no attached context has this window and silence.
    """
    if not has_context(events):
        return attach_context(events, window, silence)
    chosen = {}
    for option, value in (("window", window), ("silence", silence)):
        attached = events[f"context_{option}"].to_numpy()
        differs = attached != np.float32(value)
        if not differs.any():
            continue
        of_value = {name: further_name(name, value) for name in COLUMNS_OF[option]}
        known = of_value[_NEVER_MISSING[option]]
        if (
            not set(of_value.values()).issubset(events.columns)
            or events.loc[differs, known].isna().any()
        ):
            first = attached[differs][0]
            raise ValueError(
                f"The {option!r} parameter must be that of the context which is attached to the "
                f"events, {first:g} s. Got {value:g} s instead. Set {option}={first:g}, or "
                f"attach the context with {option}={value:g}, or with {option}=[{first:g}, "
                f"{value:g}] to try both, while the table holds all events."
            )
        for name, further in of_value.items():
            chosen[name] = np.where(differs, events[further], events[name])
    return events.assign(**chosen) if chosen else events


def context_for(events: pd.DataFrame, *models: Any) -> pd.DataFrame:
    """Return events with the attached context, or with one that serves all of these models.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table. If it has a context, that is kept.
    *models : object
        Pipelines, or searches over pipelines. Those whose features have a `window` and a `silence`
        of their own find these beside the default ones.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        What `attach_context` returns.
    """
    if has_context(events):
        return events
    lengths: dict[str, list[float]] = {"window": [60.0], "silence": [20.0]}
    for model in models:
        pipeline = getattr(model, "best_estimator_", model)
        features = pipeline[0] if isinstance(pipeline, Pipeline) else None
        if all(hasattr(features, name) for name in lengths):
            for name, those in lengths.items():
                those.append(getattr(features, name))
    return attach_context(events, **lengths)
