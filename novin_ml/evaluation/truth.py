"""Which labels a number is of: those that annotators gave, or the clean ones of a simulation."""

from __future__ import annotations

from typing import Any

import pandas as pd

from novin_ml.plain import shown

#: The columns of labels of a table.
GIVEN, CLEAN = "label", "clean_label"
_WORDS = {GIVEN: "annotators' labels", CLEAN: "clean labels", None: "labels that were passed"}


def best_truth(rows: Any) -> str:
    """Return the column of labels that numbers are of unless another one is named.

    Parameters
    ----------
    rows : DataFrame or Chains
        Labelled rows.

    Returns
    -------
    truth : {"label", "clean_label"}
        The clean labels of a simulation if each labelled row has one; otherwise the labels that
        people gave.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.evaluation.truth import best_truth
    >>> rows = pd.DataFrame({"label": ["a", "b", None], "clean_label": ["a", "a", None]})
    >>> best_truth(rows), best_truth(rows[["label"]])
    ('clean_label', 'label')
    """
    if GIVEN not in rows.columns:
        return GIVEN
    if CLEAN not in rows.columns:
        return GIVEN
    given, clean = (pd.Series(rows[column]).to_numpy(dtype=object) for column in (GIVEN, CLEAN))
    labelled = ~pd.isna(given)
    if pd.isna(clean[labelled]).any():
        return GIVEN
    # Labels of other words, which somebody wrote over those of the simulation, have no clean ones.
    alike = {*map(str, given[labelled])} & {*map(str, clean[labelled])}
    return CLEAN if alike else GIVEN


def words_for_labels(truth: str | None) -> str:
    """Return what the labels of a column are called wherever numbers of them are shown.

    Parameters
    ----------
    truth : str or None
        Name of the column; None if labels were passed beside the rows.

    Examples
    --------
    >>> from novin_ml.evaluation.truth import words_for_labels
    >>> words_for_labels("label"), words_for_labels("clean_label"), words_for_labels("seen_by_us")
    ("annotators' labels", 'clean labels', "labels of the column 'seen_by_us'")
    """
    return _WORDS.get(truth) or f"labels of the column {shown(truth)}"
