"""Labels as texts, and the small checks that all counts of answers share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def share_of(mask: np.ndarray) -> float:
    """Return the share of true elements, or NaN if there are no elements."""
    return float(np.mean(mask)) if len(mask) else float("nan")


def label_texts(labels: ArrayLike) -> np.ndarray:
    """Return labels as an array of texts, which compare quickly.

    A whole number gives the same text as an integer and as a float; pandas turns integers into
    floats if some are missing.
    """
    given = np.asarray(labels, dtype=object)
    if len(given) and isinstance(given[0], float):
        given = pd.Series(given).infer_objects().to_numpy()
    if given.dtype.kind == "f" and np.all(given == np.floor(given)) and np.isfinite(given).all():
        given = given.astype(np.int64)
    return given.astype(object).astype(str)


def check_lengths(**columns: np.ndarray) -> None:
    """Raise ValueError unless these have the same number of rows."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            f"{', '.join(lengths)} must have as many rows as each other. "
            f"Got {', '.join(map(str, lengths.values()))}."
        )
