"""What chains are, from what their events are: events begin to stop of flat arrays are a chain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains.patterns import CHAIN_PATTERNS, NO_PATTERN
from novin_ml.events.ragged import offsets_of

IntArray = NDArray[np.int64]


def last_known(values: np.ndarray, is_known: np.ndarray, begin: IntArray, stop: IntArray) -> Any:
    """Return the last known of the values of each chain, missing (NaN or -1) without one."""
    where = np.maximum.accumulate(np.where(is_known, np.arange(len(values)), -1))[stop - 1]
    missing = np.nan if values.dtype.kind == "f" else -1
    return np.where(where >= begin, values[where], values.dtype.type(missing))


def any_of(mask: np.ndarray, begin: IntArray, stop: IntArray) -> NDArray[np.bool_]:
    """Tell in which chains a mask is true of any event."""
    return _count(mask, begin, stop) > 0


def _count(mask: np.ndarray, begin: IntArray, stop: IntArray) -> IntArray:
    """Count in each chain the events of which a mask is true."""
    total = offsets_of(mask)
    return total[stop] - total[begin]


def label_codes(labels: Any) -> tuple[IntArray, list[str]]:
    """Number labels, in the order in which the first of equally many is taken; -1 is none."""
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
