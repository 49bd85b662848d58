"""How many rows and columns a tree of the isolation forest sees."""

from __future__ import annotations

from numbers import Integral

from novin_ml.plain import plural


def rows_of_a_tree(max_samples: int | float | str, n_rows: int) -> int:
    """Return how many rows a tree sees.

    Parameters
    ----------
    max_samples : int, float or "auto"
        A number, or a share of the rows; ``"auto"`` is 256, or all if there are fewer.
    n_rows : int
        Rows to train on.

    Returns
    -------
    rows : int
        At most `n_rows` of a number; at least 2 of a share.
    """
    if isinstance(max_samples, str):
        return min(256, n_rows)
    if isinstance(max_samples, Integral):
        return min(int(max_samples), n_rows)
    return max(2, int(max_samples * n_rows))


def columns_of_a_tree(max_features: int | float, n_features: int) -> int:
    """Return how many columns a tree sees.

    Parameters
    ----------
    max_features : int or float
        A number, or a share of the columns.
    n_features : int
        Columns to train on.

    Returns
    -------
    columns : int
        At least 1.

    Raises
    ------
    ValueError
        If the number is above `n_features`.
    """
    if not isinstance(max_features, Integral):
        return max(1, int(max_features * n_features))
    if max_features > n_features:
        raise ValueError(
            f"The 'max_features' parameter must be at most the {plural(n_features, 'feature')} "
            "there are. "
            f"Got {max_features} instead. Pass a smaller number, or 1.0 for all."
        )
    return int(max_features)
