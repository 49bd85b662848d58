"""The rows that a classifier is tested on, and their groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.evaluation._labels import label_texts
from novin_ml.evaluation._row_order import canonical_order
from novin_ml.evaluation.truth import CLEAN, GIVEN, best_truth
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_rows as check_rows
from novin_ml.features.attached import context_for
from novin_ml.foreign import require_rows
from novin_ml.plain import shown


def checked_rows(rows: Any, truth: str | None, pipeline: Any) -> tuple[Any, NDArray[np.int64], str]:
    """Return the labelled rows in one order, with their context, and the places in the given order.

    The last is the column of the right labels: the given one, or that of `best_truth`. Raise
    ValueError if there are no labelled rows.
    """
    require_rows(rows, "The 'rows' parameter")
    labelled, truth = truth or GIVEN, truth or best_truth(rows)
    if labelled not in rows.columns or not rows[labelled].notna().any():
        raise ValueError(
            f"The rows must have labels in a column {shown(labelled)} to be reported on. Got none. "
            "Label some, or name the column of the labels."
        )
    rows = check_rows(rows, "The report")
    if isinstance(rows, pd.DataFrame):
        rows = context_for(rows, pipeline)
    rows, given = in_one_order(rows[rows[labelled].notna().to_numpy(dtype=bool)])
    return rows, given, truth


def in_one_order(rows: Any) -> tuple[Any, NDArray[np.int64]]:
    """Return rows in their canonical order, and the places in which they were given."""
    order = canonical_order(rows)
    return rows.iloc[order], np.argsort(order)


def zones_of(rows: Any) -> NDArray[Any]:
    """Return the zone of each row; for a chain, the zone of its first event."""
    if isinstance(rows, pd.DataFrame):
        return label_texts(rows["zone"])
    return label_texts(rows.dtype_of("zone").categories.to_numpy()[rows.zone[rows.offsets[:-1]]])


def consent_of(rows: Any) -> NDArray[np.bool_]:
    """Return which rows have consent; no row has it if consent is not known."""
    if "consent" not in rows.columns:
        return np.zeros(len(rows), dtype=bool)
    return has_consent(rows)


def shown_homes(homes: NDArray[Any], consent: NDArray[np.bool_]) -> NDArray[Any]:
    """Return the displayed home of each row: a number, unless all rows of the home have consent."""
    found, codes = np.unique(homes, return_inverse=True)
    consents = np.bincount(codes, consent, len(found)) == np.bincount(codes, minlength=len(found))
    names = found.astype(object)
    names[~consents] = [f"(home {i} without consent)" for i in range(1, np.sum(~consents) + 1)]
    return names[codes]


def offsets_of(rows: Any) -> NDArray[np.float64]:
    """Return the seconds by which each row's local time is ahead of UTC; 0 if not known."""
    if "utc_offset" not in rows.columns:
        return np.zeros(len(rows))
    return np.nan_to_num(rows["utc_offset"].to_numpy(dtype=np.float64))


def hours_of(local_times: NDArray[np.float64]) -> list[str]:
    """Return the hour of the day of each time."""
    return [f"{int(hour):02d}:00" for hour in local_times % 86_400 // 3_600]


def other_labels(rows: Any, truth: str) -> tuple[str, NDArray[Any]] | None:
    """Return the labels that the numbers are not of, with their column; None without such.

    They are the annotators' beside clean ones, and the clean ones beside any others.
    """
    column = GIVEN if truth == CLEAN else CLEAN
    if column not in rows.columns or not rows[column].notna().all():
        return None
    return column, label_texts(rows[column])
