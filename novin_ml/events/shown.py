"""Values as messages show them."""

from __future__ import annotations

import json
import reprlib

from novin_ml.plain import as_python, library_of

__all__ = ["printable", "show"]

_LONGEST = 60  # characters of a value in a message


def show(value: object) -> str:
    """Return a value as text for a message: as JSON, if JSON can hold it.

    The phone writes the same text. A text of more than 60 characters loses its middle.
    """
    text = "nothing" if value is None else _written(value)
    if len(text) <= _LONGEST:
        return text
    head = (_LONGEST - len(_GAP)) // 2
    return text[:head] + _GAP + text[len(text) - (_LONGEST - len(_GAP) - head) :]


_GAP = "..."


def _written(value: object) -> str:
    """Return a value as JSON, or as Python writes it if JSON cannot hold it."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    value = as_python(value)
    try:
        return printable(json.dumps(value, ensure_ascii=False, default=_text_of))
    except (TypeError, ValueError, RecursionError):  # keys that are no texts, and the like
        return reprlib.repr(value)


def _text_of(value: object) -> str:
    return str(value) if library_of(value) in ("numpy", "pandas") else repr(value)


def printable(text: str) -> str:
    """Escape characters that no file can hold."""
    return text.encode("utf-8", "backslashreplace").decode()
