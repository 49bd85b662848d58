"""Summaries of the events of chains. A chain is the events `begin` to `stop` of flat arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains.patterns import CHAIN_PATTERNS, NO_PATTERN
from novin_ml.events.ragged import offsets_of

IntArray = NDArray[np.int64]


def last_known(values: np.ndarray, is_known: np.ndarray, begin: IntArray, stop: IntArray) -> Any:
    """Return the last known value of each chain; NaN or -1 if there is none."""
    where = np.maximum.accumulate(np.where(is_known, np.arange(len(values)), -1))[stop - 1]
    missing = np.nan if values.dtype.kind == "f" else -1
    return np.where(where >= begin, values[where], values.dtype.type(missing))


def any_of(mask: np.ndarray, begin: IntArray, stop: IntArray) -> NDArray[np.bool_]:
    """Tell in which chains a mask is true for any event."""
    return _count(mask, begin, stop) > 0


def _count(mask: np.ndarray, begin: IntArray, stop: IntArray) -> IntArray:
    """Count the events of each chain for which a mask is true."""
    total = offsets_of(mask)
    return total[stop] - total[begin]


def label_codes(labels: Any) -> tuple[IntArray, list[str]]:
    """Number labels in the order that decides between equally frequent ones; -1 is no label."""
    codes, found = pd.factorize(np.asarray(labels, dtype=object))
    names = sorted(set(found) - {*CHAIN_PATTERNS, NO_PATTERN}, key=str)
    names = [*CHAIN_PATTERNS, *names, NO_PATTERN]
    place = {name: code for code, name in enumerate(names)}
    return np.array([*(place[name] for name in found), -1], dtype=np.int64)[codes], names


def most_common_label(
    codes: IntArray, names: list[str], begin: IntArray, stop: IntArray
) -> np.ndarray:
    """Return the label of each chain, from the numbers of `label_codes`."""
    best = np.where(any_of(codes >= 0, begin, stop), len(names) - 1, -1)
    most = np.zeros(len(begin), dtype=np.int64)
    for code in np.unique(codes[(codes >= 0) & (codes < len(names) - 1)]).tolist():
        n_events = _count(codes == code, begin, stop)
        best[n_events > most] = code
        most = np.maximum(most, n_events)
    return np.array([*names, None], dtype=object)[best]
