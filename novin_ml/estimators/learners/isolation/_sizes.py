"""How many rows and columns a tree of the isolation forest sees."""

from __future__ import annotations

from numbers import Integral


def rows_of_a_tree(max_samples: int | float | str, n_rows: int) -> int:
    """Return the rows of a tree; ``"auto"`` is 256, or all if there are fewer."""
    if isinstance(max_samples, str):
        return min(256, n_rows)
    if isinstance(max_samples, Integral):
        return min(int(max_samples), n_rows)
    return max(2, int(max_samples * n_rows))


def columns_of_a_tree(max_features: int | float, n_features: int) -> int:
    """Return the columns of a tree, or refuse more than there are."""
    if not isinstance(max_features, Integral):
        return max(1, int(max_features * n_features))
    if max_features > n_features:
        raise ValueError(
            f"The 'max_features' parameter must be at most the {n_features} features there are. "
            f"Got {max_features} instead. Pass a smaller number, or 1.0 for all."
        )
    return int(max_features)
