"""A chunk of a file: values as they were sent, and their places, before validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from novin_ml.events.shown import printable as printable
from novin_ml.events.shown import show as show


class Foreign:
    """A value of a type that no event has, such as Python's bytes: each field refuses it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


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
    names : list of str
        Columns of the table, or keys of the events.
    """

    lines: Sequence[int] | np.ndarray
    values: dict[str, Sequence[Any] | np.ndarray]
    places: list[str] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    names: Sequence[str] = ()
