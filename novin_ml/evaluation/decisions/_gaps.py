"""Thresholds that keep a distance from the probabilities of the rows that chose them.

An exported model's probabilities differ from Python's in the last digits. On a number that is one
float32 step from a row's probability these decide: an alarm more than were allowed, and with trees,
where many rows have one probability, many more.
"""

from __future__ import annotations

import numpy as np

# How far a number may be moved, as a multiple of p (1 - p): 0.001 at most, and less near 0 and 1,
# where probabilities crowd and are exact to more digits.
_REACH = 0.004


def widest_gap_above(start: np.float32, probabilities: np.ndarray) -> np.float32:
    """Return a number from `start` to 0.001 above it, in the middle of the widest gap there.

    Parameters
    ----------
    start : float32
    probabilities : ndarray, float32
        Between which there are gaps.

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
    """Return a number from `start` to 0.001 below it, in the middle of the widest gap there."""
    return -widest_gap_above(np.float32(-start), -probabilities)
