"""The recall of a model at the number of false alarms of the hand-written rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from novin_ml.evaluation._labels import check_lengths, label_texts, share_of
from novin_ml.events.chains.patterns import NO_PATTERN
from novin_ml.plain import plural


@dataclass(frozen=True)
class RecallAtAlarms:
    """Recall of one label with no more false alarms than the rules give.

    Attributes
    ----------
    label : str
        The label.
    n_rows : int
        Number of rows whose right label it is.
    n_false : int
        False alarms of the rules: rows that they answer with the label but that have another one.
    rules_recall, model_recall : float
        Share of the rows of the label that are found; NaN without such rows.
    threshold : float
        The threshold of the model: it finds a row whose probability of the label is at least this.
    """

    label: str
    n_rows: int
    n_false: int
    rules_recall: float
    model_recall: float
    threshold: float


def recall_at_alarms(
    truth: ArrayLike,
    probability: ArrayLike,
    classes: ArrayLike,
    rules: ArrayLike,
    quiet_label: str = NO_PATTERN,
) -> tuple[RecallAtAlarms, ...]:
    """Compare the recall of a model and of the rules at the same number of false alarms.

    For each label separately, the threshold of the model is the lowest one that gives no more false
    alarms than the rules do. Rows with the same probability are found together or not at all.

    Parameters
    ----------
    truth : array-like of shape (n_rows,)
        The right label of each row.
    probability : array-like of shape (n_rows, n_classes)
        Probabilities of the model, in the order of `classes`.
    classes : array-like of shape (n_classes,)
        Labels of the model.
    rules : array-like of shape (n_rows,)
        Answer of the rules for each row.
    quiet_label : str, default="no_pattern"
        The label that raises no alarm; it is left out.

    Returns
    -------
    comparison : tuple of RecallAtAlarms
        One entry for each other label of `classes`, in their order.

    Raises
    ------
    ValueError
        If the arrays do not fit together.

    See Also
    --------
    mean_gain : The mean gain over the labels, one number.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.evaluation import recall_at_alarms
    >>> chance = np.array([0.9, 0.6, 0.7, 0.1])
    >>> fire, = recall_at_alarms(
    ...     ["fire", "fire", "no", "no"], np.column_stack([chance, 1 - chance]), ["fire", "no"],
    ...     ["fire", "no", "fire", "no"], quiet_label="no",
    ... )
    >>> fire.rules_recall, fire.model_recall, fire.n_false
    (0.5, 1.0, 1)
    """
    truth, rules = label_texts(truth), label_texts(rules)
    scores, names = np.asarray(probability, dtype=np.float64), label_texts(classes)
    check_lengths(truth=truth, rules=rules, probability=scores)
    if scores.ndim != 2 or scores.shape[1] != len(names):
        raise ValueError(
            f"probability must have a column for each of the {plural(len(names), 'class')}. "
            f"Got the shape {scores.shape} instead."
        )
    comparison = []
    for column, label in enumerate(names.tolist()):
        if label == quiet_label:
            continue
        is_label, score = truth == label, scores[:, column]
        n_false = int(np.sum((rules == label) & ~is_label))
        threshold = float(lowest_threshold(score[~is_label], n_false))
        comparison.append(
            RecallAtAlarms(
                label=label,
                n_rows=int(is_label.sum()),
                n_false=n_false,
                rules_recall=share_of(rules[is_label] == label),
                model_recall=share_of(score[is_label] >= threshold),
                threshold=threshold,
            )
        )
    return tuple(comparison)


def mean_gain(comparison: tuple[RecallAtAlarms, ...]) -> float:
    """Return the mean gain in recall of the model over the rules, averaged over labels.

    Parameters
    ----------
    comparison : tuple of RecallAtAlarms
        From `recall_at_alarms`.

    Returns
    -------
    gain : float
        Mean of ``model_recall - rules_recall``, -1 to 1. Labels without rows are left out; NaN if
        no label has rows.
    """
    gains = [each.model_recall - each.rules_recall for each in comparison if each.n_rows]
    return float(np.mean(gains)) if gains else float("nan")


def lowest_threshold(others: np.ndarray, n_allowed: int) -> np.floating[Any]:
    """Return the lowest threshold that at most `n_allowed` of the scores reach.

    Parameters
    ----------
    others : ndarray of shape (n_rows,), floating
        Scores.
    n_allowed : int
        Number of scores that may reach it.

    Returns
    -------
    threshold : floating
        The threshold in the dtype of the scores; ``-inf`` if all of them may reach it.
    """
    above = others.dtype.type(np.inf)
    if n_allowed >= len(others):
        return -above
    place = len(others) - 1 - n_allowed
    found: np.floating[Any] = np.nextafter(np.partition(others, place)[place], above)
    return found
