"""Thresholds that keep a distance from the probabilities of the rows they were chosen on.

The probabilities of an exported model differ from those of Python in the last digits. If a
threshold is one float32 step from the probability of a row, these digits decide: they can add a
false alarm, and with trees, where many rows share a probability, many.
"""

from __future__ import annotations

import numpy as np

# Largest shift of a number, as a multiple of p (1 - p): at most 0.001, and less near 0 and 1, where
# probabilities crowd and are exact to more digits.
_REACH = 0.004


def widest_gap_above(start: np.float32, probabilities: np.ndarray) -> np.float32:
    """Return a number from `start` to 0.001 above it, in the middle of the widest gap.

    Parameters
    ----------
    start : float32
    probabilities : ndarray, float32
        The values that define the gaps.

    Returns
    -------
    number : float32
        Never below `start`.
    """
    low, p = float(start), probabilities.astype(np.float64)
    high = low + _REACH * max(0.0, abs(low) * (1 - abs(low)))
    edges = np.concatenate([[low], np.sort(p[(p > low) & (p < high)]), [high]])
    widest = int(np.diff(edges).argmax())
    return np.float32((edges[widest] + edges[widest + 1]) / 2)


def widest_gap_below(start: np.float32, probabilities: np.ndarray) -> np.float32:
    """Return a number from `start` to 0.001 below it, in the middle of the widest gap."""
    return -widest_gap_above(np.float32(-start), -probabilities)
