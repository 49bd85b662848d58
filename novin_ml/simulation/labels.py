"""Labels of an annotator who sometimes slips, and the right ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from novin_ml.simulation.draws import chance


def annotate(
    rng: np.random.Generator, clean: np.ndarray, n_labels: int, error: float
) -> np.ndarray:
    """Return the labels of an annotator who sometimes slips.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    clean : ndarray of shape (n,), int
        Positions of the right labels.
    n_labels : int
        Number of different labels.
    error : float
        Chance of a slip: any of the other labels, all equally likely.

    Returns
    -------
    labels : ndarray of shape (n,), int
        Positions of the labels that are given.
    """
    wrong = chance(rng, len(clean), error)
    slip = rng.integers(1, n_labels, size=len(clean))
    return (clean + wrong * slip) % n_labels


def add_labels(
    table: pd.DataFrame,
    names: tuple[str, ...],
    label: np.ndarray,
    clean: np.ndarray,
    labelled: np.ndarray | bool = True,
) -> None:
    """Add the columns ``label`` and ``clean_label`` to a table, in place.

    Parameters
    ----------
    table : DataFrame of shape (n, n_columns)
        Event table.
    names : tuple of str
        The labels.
    label, clean : ndarray of shape (n,), int
        Positions in `names` of the labels that were given, and of those that are right.
    labelled : ndarray of shape (n,), bool, default=True
        Which rows have labels; the others get None.
    """
    texts = np.array(names, dtype=object)
    for column, codes in (("label", label), ("clean_label", clean)):
        values = np.where(labelled, texts[codes], None)
        table[column] = pd.Series(values, dtype=object)
