"""Check that a table has everything that training a classifier needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.families import Family, family_with_labels
from novin_ml.events.chains.table import Chains
from novin_ml.events.channel_signals import ChannelSignals
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_rows
from novin_ml.exceptions import InvalidEventError

_HOME = "home_id"


def trainable_rows(family: Family, table: Any) -> tuple[Any, NDArray[np.bool_]]:
    """Check that a classifier can be trained on a table.

    Parameters
    ----------
    family : Family
        The family to train.
    table : object
        The table to train on.

    Returns
    -------
    table : DataFrame or Chains
        The table, checked.
    mask : ndarray of shape (n_rows,), bool
        The rows with a label and consent.

    Raises
    ------
    InvalidEventError
        If the table is of other rows, has none, or lacks a column.
    ValueError
        If no row has a label and consent, all have the same label, or labels are of another family.
    """
    rows = family.rows_in(table).name
    takes_chains = rows == "chains"
    tables = {"chains": Chains, "signals": ChannelSignals}
    if not isinstance(table, tables.get(rows, pd.DataFrame)):
        remedy = (
            "Make chains with novin_ml.events.chains_from_events"
            if takes_chains
            else "Read events with novin_ml.events.read_events"
        )
        wanted = "chains (novin_ml.events.Chains)" if takes_chains else "an event table"
        raise InvalidEventError(
            f"The {family.name} family is trained on {wanted}. "
            f"Got a {type(table).__name__}. {remedy}."
        )
    table = checked_rows(table, "train")
    if _HOME not in table.columns:
        raise InvalidEventError(
            f"The {rows} must name their home in a column {_HOME!r}. Got a table without it. "
            "Add it; one name for all is enough to train without a test."
        )
    n_rows = len(table)
    if n_rows == 0:
        raise ValueError(f"There must be {rows} to train on. Got none. Pass a longer log.")
    consent = has_consent(table)
    labels = table["label"] if "label" in table.columns else pd.Series([None] * n_rows)
    is_labelled = labels.notna().to_numpy(dtype=bool)
    if not is_labelled.any():
        raise ValueError(
            f"The {rows} to train on must have a label. Got none: {n_rows:,} of {n_rows:,} {rows} "
            "have no label. Give those that were looked at a 'label'."
        )
    mask: NDArray[np.bool_] = is_labelled & consent
    if not mask.any():
        raise ValueError(_without_consent(rows, table, is_labelled, consent))
    _check_labels(family, rows, labels[is_labelled], labels[mask])
    return table, mask


def _without_consent(
    rows: str, table: Any, is_labelled: NDArray[np.bool_], consent: NDArray[np.bool_]
) -> str:
    n_rows, n_labelled = len(table), int(np.count_nonzero(is_labelled))
    if consent.any():
        return (
            f"The {rows} to train on must have a label and consent. Got none: {n_labelled:,} of "
            f"{n_labelled:,} labelled {rows} have no consent. Label {rows} of homes that consent."
        )
    return no_consent(table, rows, n_rows)


def no_consent(table: Any, rows: str, n_rows: int) -> str:
    """Return the error that no row has consent, with the values in its place."""
    others = [
        value
        for value in table["consent"].dropna().unique().tolist()
        if not isinstance(value, bool)
    ]
    seen = f" ({others[0]!r} is not true)" if others else ""
    return (
        f"The {rows} to train on must have consent. Got none: {n_rows:,} of {n_rows:,} {rows} have "
        f"no consent{seen}. Ask for consent, and set 'consent' to true where a home gives it."
    )


def _check_labels(family: Family, rows: str, labels: pd.Series, trainable: pd.Series) -> None:
    names = sorted({str(label) for label in labels})
    other = family_with_labels(names)
    if other is not None and other is not family:
        raise ValueError(
            f"The {rows} must have labels of {family.name}, such as {family.labels[0]!r}. Got "
            f"{_first(names)}, which are those of {other.name}. Train {other.name} on them."
        )
    if family.positive_label not in {None, *trainable}:
        with_consent = " and consent" if family.positive_label in {*labels} else ""
        raise ValueError(
            f"Some {rows} must have the label {family.positive_label!r}{with_consent} to "
            f"train {family.name}. Got {_first(sorted({str(label) for label in trainable}))}. "
            "Label them, or train another kind of model."
        )
    if trainable.nunique() < 2:
        raise ValueError(
            f"The {rows} to train on must have two labels or more. Got {trainable.iloc[0]!r} for "
            f"all {len(trainable):,} that have a label and consent. Label rows of "
            "another kind, too."
        )


def _first(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:3]))
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
