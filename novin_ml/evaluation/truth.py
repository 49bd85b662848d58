"""Which labels a number is of: those that annotators gave, or the clean ones of a simulation."""

from __future__ import annotations

from novin_ml.plain import shown

#: The columns of labels of a table.
GIVEN, CLEAN = "label", "clean_label"
_WORDS = {GIVEN: "annotators' labels", CLEAN: "clean labels", None: "labels that were passed"}


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
