"""Names of a user's own for the fields of events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.events.files.columns import METADATA
from novin_ml.plain import shown

__all__ = ["check_names", "renamed"]

Value = TypeVar("Value")
_KNOWN = {METADATA, *(name for field in EVENT_FIELDS for name in (field.name, field.path))}


def check_names(columns: Mapping[str, str] | None) -> dict[str, str]:
    """Return the field that each name of the user's own means.

    Raises
    ------
    ValueError
        If it is no mapping, names no field, or one field twice.
    """
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise ValueError(
            "The 'columns' parameter must be a mapping of names of your own to fields, such as "
            f"{{'ts': 'timestamp'}}. Got {shown(columns)} instead."
        )
    for own, field in columns.items():
        if field not in _KNOWN:
            near = get_close_matches(str(field), sorted(_KNOWN), 1)
            raise ValueError(
                "The 'columns' parameter must map names of your own to fields of "
                f"novin_ml.events.EVENT_FIELDS. Got {shown(field)} for {shown(own)} instead."
                + (f" Did you mean {near[0]!r}?" if near else "")
            )
    meant = [*columns.values()]
    if twice := sorted({field for field in meant if meant.count(field) > 1}):
        raise ValueError(
            "The 'columns' parameter must name one column for each field. Got several for "
            f"{twice[0]!r}. Leave all but one out."
        )
    return dict(columns)


def renamed(
    pairs: Iterable[tuple[str, Value]], names: Mapping[str, str]
) -> list[tuple[str, Value]]:
    """Return what is under names of the user's own under those of fields.

    What has such a name already is left out then: it is not what the user says.
    """
    given = [*pairs]
    taken = {names[name] for name, _ in given if name in names}
    return [
        (names.get(name, name), value)
        for name, value in given
        if name in names or name not in taken
    ]
