"""What the decoders of files hand to validation: values as sent, and where they stood."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

_LONGEST = 60  # characters of a value in a message


def show(value: object) -> str:
    """Write a value into a message, in at most a line: what JSON can hold, as JSON.

    A phone that reads the same JSON says the same; what is longer loses its middle.
    """
    text = "nothing" if value is None else _written(value)
    if len(text) <= _LONGEST:
        return text
    head = (_LONGEST - len(_GAP)) // 2
    return text[:head] + _GAP + text[len(text) - (_LONGEST - len(_GAP) - head) :]


_GAP = "..."


def _written(value: object) -> str:
    """Write a value as JSON; what JSON has no form for, as Python does."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    try:
        return printable(json.dumps(value, ensure_ascii=False, default=repr))
    except (TypeError, ValueError, RecursionError):  # keys that are no texts, and the like
        return reprlib.repr(value)


def printable(text: str) -> str:
    """Escape what no file could hold."""
    return text.encode("utf-8", "backslashreplace").decode()


class Breach(NamedTuple):
    """A field of an event that breaks a rule: row within the chunk, path, expected, got."""

    row: int
    path: str
    expected: str
    got: str


class Refusal(NamedTuple):
    """A line, or a request, refused as a whole."""

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
        By field name, the values as sent: a list with None where missing, or a float array
        with NaN where missing. A field that is not there is missing everywhere.
    places : list of str
        Where each event stood within its line, e.g. ``"events[3]."``; empty where every event
        has a line of its own.
    breaches : list of Breach
        What decoding found wrong with single events.
    refusals : list of Refusal
        What could not be decoded at all.
    """

    lines: Sequence[int] | np.ndarray
    values: dict[str, Sequence[Any] | np.ndarray]
    places: list[str] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
