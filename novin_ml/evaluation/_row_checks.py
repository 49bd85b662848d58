"""Checks of the rows of homes before anything is counted: columns, homes, known labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.families import family_with_labels
from novin_ml.events import ChannelSignals
from novin_ml.foreign import require_rows
from novin_ml.plain import plural, shown


def check_columns(rows: Any, columns: Iterable[str]) -> None:
    """Raise ValueError if rows are no table of events or chains, or it lacks one of the columns."""
    require_rows(rows, "The rows")
    for column in columns:
        if column not in rows.columns:
            raise ValueError(
                f"The rows must have a column {shown(column)}. Got {list(map(str, rows.columns))}. "
                "Add it to the table."
            )


def check_homes(homes: Any) -> None:
    """Raise ValueError if a row has no home."""
    n_missing = int(pd.isna(np.asarray(homes, dtype=object)).sum())
    if n_missing:
        raise ValueError(
            f"Each row must have a home. Got {plural(n_missing, 'row')} without. Leave these rows "
            "out, or give each a 'home_id'."
        )


def check_known(labels: np.ndarray, classes: np.ndarray) -> None:
    """Raise ValueError if the text of a label is not a label of the model."""
    unknown = ~np.isin(labels, classes)
    if unknown.all() and len(labels):
        of_rows, of_model = (family_with_labels(set(map(str, each))) for each in (labels, classes))
        if of_rows is not None and of_rows is not of_model:
            raise ValueError(
                f"The rows must have labels of the model, {classes.tolist()}. Got those of the "
                f"family {of_rows.name}, such as {str(labels[0])!r}. Pass a model of "
                f"{of_rows.name}, or rows that are labelled for this one."
            )
    if unknown.any():
        raise ValueError(
            f"The labels must be of {classes.tolist()}. Got {str(labels[unknown][0])!r}. "
            "Train a model on rows with that label, or leave them out."
        )


def times_of(rows: Any) -> np.ndarray:
    """Return when rows happened, in seconds since 1970; NaN for signals, which have no times."""
    if isinstance(rows, ChannelSignals):
        return np.full(len(rows), np.nan)
    return np.asarray(rows["timestamp" if isinstance(rows, pd.DataFrame) else "start"], np.float64)


def require_times(times: np.ndarray, purpose: str) -> None:
    """Raise ValueError if rows have no times: weeks cannot be counted."""
    if np.isnan(times).any():
        raise ValueError(
            f"{purpose} must be of rows with times, events or chains. Got signals, which have "
            "none. Choose what needs no weeks: conformalize, compare or evaluate."
        )
