"""The file of an isolation forest: a few small arrays without redundancy, of short integers.

Thresholds and children are stored only for nodes that are not leaves. A child is stored as its
position in its tree. Path lengths are computed from the counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from novin_ml.estimators.learners.isolation._trees import Trees
from novin_ml.estimators.learners.packing import (
    checked,
    narrowed,
    pack_splits,
    shortest,
    unpack_splits,
    widened,
)


def packed(trees: Trees) -> dict[str, np.ndarray]:
    """Return the arrays of a forest's file."""
    return pack_splits(trees) | {
        "count_less_1": shortest(trees.count - 1),  # 256 rows fit into a byte
        "max_samples": np.array(trees.max_samples, dtype=np.int64),
    }


def unpacked(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the fields of a forest; their contents are not checked.

    Raises
    ------
    KeyError, ValueError
        If an array is missing, or of another type or size.
    """
    return unpack_splits(arrays) | {
        "count": narrowed(widened(arrays, "count_less_1") + 1),
        "max_samples": int(checked(arrays, "max_samples", (np.dtype(np.int64),), 0)),
    }
