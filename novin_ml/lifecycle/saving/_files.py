"""Names of the files of a saved estimator, and checks of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

ESTIMATOR_FILE = "estimator.json"
ARRAYS_FILE = "arrays.npz"
RECORD_FILE = "training.npz"


def check(holds: bool, name: str, got: Any) -> None:
    """Raise ValueError, which refuses a saved estimator, unless a condition holds."""
    if not holds:
        raise ValueError(f"{name}={got!r}")


def checked_array(arrays: Mapping[str, np.ndarray], name: str, dtype: Any, ndim: int) -> np.ndarray:
    """Return an array after a check of its dtype and number of dimensions."""
    array = arrays[name]
    check(
        array.dtype == dtype and array.ndim == ndim, name, f"{array.dtype} of shape {array.shape}"
    )
    return array
