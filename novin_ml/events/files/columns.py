"""Find the columns, or keys, of a file that hold a field, for all formats.

A field of the metadata may stand in an object ``metadata``, beside it under its whole path, or
beside it under its name, as tables have it. The first place that tells it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from novin_ml.events.fields import EVENT_FIELDS, EventField
from novin_ml.events.files.chunk import Breach, show
from novin_ml.events.refusals import OBJECT

Values = Sequence[Any] | np.ndarray
Take = Callable[[str, EventField], Values]

METADATA = "metadata"
#: Names of fields of the metadata where they do not stand in it.
BESIDE_METADATA = frozenset(
    name
    for field in EVENT_FIELDS
    if field.path.startswith(f"{METADATA}.")
    for name in (field.path, field.name)
)
_NAMES = frozenset(
    name for field in EVENT_FIELDS for name in (field.name, field.path, *field.aliases)
)


def gather(
    names: Iterable[str], take: Take, inner: Iterable[str] = (), take_inner: Take | None = None
) -> dict[str, Values]:
    """Return the values of each field that a table tells.

    Parameters
    ----------
    names : iterable of str
        Columns, or keys of events.
    take : callable
        Returns the values of a column, as the field's.
    inner : iterable of str
        Keys of the metadata.
    take_inner : callable
        Returns the values of such a key.
    """
    known, known_inner = set(names), set(inner)
    values: dict[str, Values] = {}
    for field in EVENT_FIELDS:
        outer, _, key = field.path.rpartition(".")
        found: list[Values] = []
        if take_inner is not None and outer and key in known_inner:
            found.append(take_inner(key, field))
        for name in dict.fromkeys((field.path, field.name, *field.aliases)):
            if name in known and not _is_full(found, field):
                found.append(take(name, field))
        if found:
            values[field.name] = found[0] if len(found) == 1 else _first_given(found, field)
    return values


def _is_full(found: list[Values], field: EventField) -> bool:
    """Tell whether the first place tells the field of every event already."""
    return bool(found) and not any(is_missing_field(value, field) for value in found[0])


def is_missing_field(value: Any, field: EventField) -> bool:
    """Tell whether a value means that its field is missing."""
    if value is None or (isinstance(value, float) and value != value):
        return True
    return field.type == "text" and isinstance(value, str) and field.is_absent(value)


def _first_given(found: list[Values], field: EventField) -> list[Any]:
    """Take the first value that is given; an empty text only where nothing else is."""
    told = []
    # Numbers of an array are none of JSON's, and would be refused.
    lists = [values.tolist() if isinstance(values, np.ndarray) else values for values in found]
    for values in zip(*lists, strict=True):
        first = next((value for value in values if not is_missing_field(value, field)), None)
        if first is None:
            first = next((value for value in values if isinstance(value, str)), None)
        told.append(first)
    return told


def doubled(names: Sequence[str]) -> list[str]:
    """Return the columns of the first field that a header names twice; aliases do not count."""
    meant: list[tuple[str, ...]] = [(field.name, field.path) for field in EVENT_FIELDS]
    meant += [(alias,) for field in EVENT_FIELDS for alias in field.aliases]
    for words in (*meant, (METADATA,)):
        found = [name for name in names if name in words]
        if len(found) > 1:
            return found
    return []


def open_metadata(
    sent: Iterable[Any], problem_of: Callable[[Any], tuple[str, str] | None] = lambda value: None
) -> tuple[list[Mapping[str, Any]], list[Breach]]:
    """Return the metadata of events, and those that are no objects.

    `problem_of` may return the path and what was got of a value that cannot be used.
    """
    metadata: list[Mapping[str, Any]] = []
    breaches = []
    for row, value in enumerate(sent):
        problem = problem_of(value)
        if problem is not None:
            breaches.append(Breach(row, problem[0], OBJECT, problem[1]))
        elif value is not None and not isinstance(value, dict):
            breaches.append(Breach(row, METADATA, OBJECT, show(value)))
        metadata.append(value if isinstance(value, dict) else {})
    return metadata, breaches
