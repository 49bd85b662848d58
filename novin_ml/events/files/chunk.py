"""A chunk of a file: values as they were sent, and their places, before validation."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from novin_ml.plain import as_python

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
    library = type(value).__module__.partition(".")[0]
    return str(value) if library in ("numpy", "pandas") else repr(value)


def printable(text: str) -> str:
    """Escape characters that no file can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


class Breach(NamedTuple):
    """A field of an event that breaks a rule; `row` is the row within the chunk."""

    row: int
    path: str
    expected: str
    got: str


class Refusal(NamedTuple):
    """A line or a request that is refused as a whole."""

    line: int
    field: str
    expected: str
    got: str


@dataclass
class Chunk:
    """A part of a file, decoded but not yet checked.

    Parameters
    ----------
    lines : sequence of int
        Line of each event, from 1.
    values : dict
        Values as sent, by field name: a list with None where missing, or a float array with NaN
        where missing. A field that is absent is missing in all events.
    places : list of str
        Place of each event within its line, e.g. ``"events[3]."``; empty if every event has a line
        of its own.
    breaches : list of Breach
        Faults of single events that decoding found.
    refusals : list of Refusal
        Lines and requests that could not be decoded at all.
    """

    lines: Sequence[int] | np.ndarray
    values: dict[str, Sequence[Any] | np.ndarray]
    places: list[str] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
