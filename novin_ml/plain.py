"""Values as JSON holds them, and as messages show them: one function for each."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def toml_text(value: Any) -> str:
    """Return a text, a number or a list as TOML."""
    # What JSON escapes, TOML reads likewise; it wants DEL escaped too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def shown(value: Any) -> str:
    """Return a value as Python writes it, for a message: no scalar of numpy or pandas is in it.

    Arrays, lists and other long values are cut after about 200 characters.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.plain import shown
    >>> shown(np.float64(0.5)), shown([np.int64(1), np.str_("a")]), shown(np.float32("nan"))
    ('0.5', "[1, 'a']", 'nan')
    """
    text = repr(_converted(value, _readable, _LONGEST_SHOWN))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def plural(n: float, one: str, more: str | None = None, *, form: str = ",") -> str:
    """Return a count with its noun, which is in the plural unless 1 is shown.

    Examples
    --------
    >>> from novin_ml.plain import plural
    >>> plural(1, "home"), plural(1234, "labelled row"), plural(0, "leaf", "leaves")
    ('1 home', '1,234 labelled rows', '0 leaves')
    >>> plural(2, "class"), plural(0, "entry"), plural(1.2, "day", form=".0f"), plural(2, "epoch")
    ('2 classes', '0 entries', '1 day', '2 epochs')
    """
    count = format(n, form)
    if count == "1":
        return f"1 {one}"
    if more is None and re.search("[^aeiou]y$", one):
        more = f"{one[:-1]}ies"
    elif more is None:
        hisses = one.endswith(("s", "x", "ch", "sh")) and not one.endswith("epoch")
        more = one + ("es" if hisses else "s")
    return f"{count} {more}"


def as_python(value: Any) -> Any:
    """Return a value with each scalar of numpy in it as the equal one of Python.

    A number of few bits overflows in arithmetic, and JSON holds none: 99 as int8 is too large a
    number of epochs to be doubled.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.plain import as_python
    >>> as_python({"max_bin": np.int8(99), "rates": (np.float32(0.5),)})
    {'max_bin': 99, 'rates': (0.5,)}
    """
    return _converted(value, _exact, None)


@contextmanager
def must_be_numbers(name: str) -> Iterator[None]:
    """Name the parameter whose text numpy cannot convert to a number."""
    try:
        yield
    except ValueError as error:
        before, found, text = str(error).partition("could not convert string to float: ")
        if before or not found:
            raise
        raise ValueError(
            f"The {name!r} parameter must be numbers. Got {without_numpy(text)}. "
            "Encode texts as numbers, or leave them out."
        ) from None
    except TypeError as error:
        if "NAType" not in str(error):
            raise
        raise ValueError(
            f"The {name!r} parameter must have NaN for missing values. Got pandas.NA among "
            "objects. Convert such columns by astype('Float32')."
        ) from None


def without_numpy(message: str) -> str:
    """Return numpy's own message with the texts in it as Python writes them."""
    return re.sub(r"\bnp\.(?:str|bytes)_\((b?(['\"]).*?\2)\)", r"\1", message)


def library_of(value: Any) -> str:
    """Return the name of the library that a value's class is of, such as "numpy"."""
    return type(value).__module__.partition(".")[0]


def _converted(value: Any, scalar: Callable[[Any], Any], most: int | None) -> Any:
    """Return a value with its scalars of numpy converted, and at most so many items of a list."""
    if isinstance(value, dict):
        return {_converted(k, scalar, most): _converted(v, scalar, most) for k, v in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_converted(item, scalar, most) for item in islice(value, most))
    library = library_of(value)
    if library == "numpy" and hasattr(value, "tolist") and hasattr(value, "dtype"):
        is_array = bool(value.shape)
        return _converted(list(value[:most]), scalar, most) if is_array else scalar(value)
    if library == "pandas" and hasattr(value, "isoformat") and most is not None:
        return str(value)
    return value


def _exact(scalar: Any) -> Any:
    value = scalar.item()
    if scalar.dtype.kind in "mM":
        return str(scalar)  # an integer would be a number without its unit
    return value if not hasattr(value, "dtype") else float(value)  # longer than float64


def _readable(scalar: Any) -> Any:
    kind = scalar.dtype.kind
    if kind in "mM":
        return str(scalar)  # an integer would not say which unit it counts
    if kind == "f":
        # The shortest digits of its own type: of float32, 0.1 and not 0.10000000149011612.
        return float(str(scalar))
    return scalar.item()
