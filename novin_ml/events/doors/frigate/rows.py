"""Frigate's objects as rows, from its database, its API or its messages."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["ObjectRow", "row_of", "without_untold_ends"]

#: Frigate ends what was open at a crash so many seconds after it began.
_CRASH_S = 30.0
_EXACT_S = 1e-4
#: Up to 0.13 a row began so many seconds, at most, before the time in its id.
_BEFORE_S = 60.0


@dataclass(frozen=True)
class ObjectRow:
    """An object that Frigate followed, a sound that it heard, or an event that somebody made.

    Parameters
    ----------
    id : str
        Its id: when it began, and six letters.
    label : str
        What it is.
    camera : str
        Name of the camera.
    start : float
        When it began, in seconds since 1970.
    end : float or None
        When it ended; None if it did not, or the end is not told.
    zones : tuple of str
        Frigate's zones that it entered.
    type : str
        ``"object"``, ``"audio"`` or ``"api"``.
    top_score : float or None
        Best score, 0 to 1.
    sub_label : str or None
        What it is more exactly; it may be the name of a person, and is never shown.
    attributes : tuple of str
        Labels of its attributes.
    has_snapshot : bool
        Whether a picture was kept.
    is_false : bool
        Whether Frigate took it back.
    line : int
        Its place in the file.
    is_padded : bool
        Whether it was recorded as beginning before the time in its id.
    """

    id: str
    label: str
    camera: str
    start: float
    end: float | None
    zones: tuple[str, ...]
    type: str
    top_score: float | None
    sub_label: str | None
    attributes: tuple[str, ...]
    has_snapshot: bool
    is_false: bool
    line: int
    is_padded: bool = False

    @property
    def sensor(self) -> str:
        """Name of what sees such objects: the camera and the label."""
        return f"{self.camera}/{self.label}"


def row_of(document: Mapping[str, Any], line: int) -> ObjectRow | tuple[str, str, Any]:
    """Return an object, or the field that breaks a rule, what it must be, and what it is.

    Parameters
    ----------
    document : mapping
        A row of the table, an entry of the API or the `after` of a message, its JSON decoded.
    line : int
        Its place in the file.
    """
    for name in ("id", "label", "camera"):
        if not isinstance(document.get(name), str) or not document[name]:
            return name, "a text", document.get(name)
    start, end = _number(document.get("start_time")), _number(document.get("end_time"))
    if start is None:
        return "start_time", "a number of seconds since 1970", document.get("start_time")
    told = _number(document["id"].partition("-")[0])
    is_padded = told is not None and _EXACT_S < told - start <= _BEFORE_S
    found = document.get("data")
    data: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    score = _number(data.get("top_score"))
    if score is None:
        score = _number(document.get("top_score"))
    zones = document.get("zones")
    if not isinstance(zones, Sequence) or isinstance(zones, str) or not zones:
        zones = document.get("entered_zones")
    return ObjectRow(
        id=document["id"],
        label=document["label"],
        camera=document["camera"],
        start=told if is_padded and told is not None else start,
        end=end if end is not None and end >= start else None,
        zones=_texts(zones),
        type=data["type"] if isinstance(data.get("type"), str) else "object",
        top_score=score,
        sub_label=_sub_label(document.get("sub_label")),
        attributes=_attributes(data, document),
        has_snapshot=bool(document.get("has_snapshot", True)),
        is_false=document.get("false_positive") in (True, 1),
        line=line,
        is_padded=is_padded,
    )


def without_untold_ends(rows: Iterable[ObjectRow]) -> tuple[set[str], set[str]]:
    """Return the ids of rows whose end Frigate set at a start after a crash, and at a stop.

    After a crash it is 30 s after the beginning, exactly. At a stop all that is open ends at the
    same time, without a picture.
    """
    crashes, at_end = set(), dict[float, list[str]]()
    for row in rows:
        if row.end is None:
            continue
        if row.type == "object" and abs(row.end - row.start - _CRASH_S) < _EXACT_S:
            crashes.add(row.id)
        elif not row.has_snapshot:
            at_end.setdefault(row.end, []).append(row.id)
    stops = {each for ids in at_end.values() if len(ids) > 1 for each in ids}
    return crashes, stops


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    return tuple(each for each in values if isinstance(each, str))


def _sub_label(value: Any) -> str | None:
    """Return a sub-label: a text, or in messages a text with its score."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if len(value) else None
    return value if isinstance(value, str) else None


def _attributes(data: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return labels of attributes: a list of objects in the table, an object in messages."""
    found = data.get("attributes") or document.get("attributes") or ()
    if isinstance(found, Mapping):
        return _texts([*found])
    if not isinstance(found, Sequence) or isinstance(found, str):
        return ()
    return _texts([each.get("label") for each in found if isinstance(each, Mapping)])


def decoded(value: Any) -> Any:
    """Return a cell that holds JSON decoded, None if it is none."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
