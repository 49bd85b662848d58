"""Values as JSON holds them, and as messages show them: one function for each."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from itertools import islice
from pathlib import Path
from typing import Any

_LONGEST_SHOWN = 200


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


def shown(value: Any) -> str:
    """Return a value as Python writes it, for a message: no numpy or pandas scalar is in it.

    Arrays, lists and other long values are cut after about 200 characters.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.plain import shown
    >>> shown(np.float64(0.5)), shown([np.int64(1), np.str_("a")]), shown(np.float32("nan"))
    ('0.5', "[1, 'a']", 'nan')
    """
    text = repr(_python(value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def _python(value: Any) -> Any:
    """Return a value with each scalar of numpy in it as one of Python."""
    if isinstance(value, dict):
        return {_python(key): _python(item) for key, item in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_python(item) for item in islice(value, _LONGEST_SHOWN))
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        # Dates and decimals have no number of Python that says as much: those stay texts.
        return _python(list(value[:_LONGEST_SHOWN])) if value.shape else _scalar(value)
    return value


def _scalar(value: Any) -> Any:
    kind = value.dtype.kind
    if kind in "mM":
        return str(value)
    if kind == "f":
        # The shortest digits of its own type: of float32, 0.1 and not 0.10000000149011612.
        return float(str(value))
    return value.item()
