"""Values as JSON holds them: one function for every report and document."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON holds it.

    Dataclasses and dicts become dicts with text keys, arrays and tuples lists, numbers of numpy
    those of Python, paths texts, NaN and infinity None. Other values are returned as they are.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.plain import plain
    >>> plain({"counts": np.array([1, 2]), "share": np.float32("nan")})
    {'counts': [1, 2], 'share': None}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
