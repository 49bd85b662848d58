"""Checks of a home's activity that is read from JSON."""

from __future__ import annotations

from typing import Any

from novin_ml.plain import shown

#: What a history remembers beside its counts and activations, and the types in JSON.
STATE: dict[str, tuple[type, ...]] = {
    "time": (int, type(None)),
    "offset": (int,),
    "day": (int,),
    "previous": (str, type(None)),
    "last_event": (int,),
    "means": (list,),
    "n_activations": (int,),
    "changed": (int,),
    "is_active": (bool,),
    "silence": (float,),
}
_HOME: dict[str, tuple[type, ...]] = {"home_id": (str, type(None)), "timezone": (str,)}
#: Sensor, number, start, end, and whether it is of a door. Names are no keys: Swift takes two of
#: them for one if they differ only in how Unicode composes a letter.
_ACTIVATION: tuple[tuple[type, ...], ...] = ((str,), (int,), (int,), (int, type(None)), (bool,))
#: More milliseconds since 1970 than any event has: a tick for each hour up to it is too many.
_FURTHEST = 10**13


def check_document(document: dict[str, Any]) -> None:
    """Refuse what `ActivityHistory.to_dict` does not write; its `counts` are checked apart.

    Raises
    ------
    KeyError
        If a part is absent.
    ValueError
        If a part has other types, or a time that no event has.
    """
    for name, types in (_HOME | STATE).items():
        _check(type(document[name]) in types and _is_near(document[name]), name, document[name])
    means = document["means"]
    _check([*map(type, means)] == [float, float], "means", means)
    on = document["on"]
    _check(type(on) is list, "on", on)
    for each in on:
        _check(type(each) is list and len(each) == len(_ACTIVATION), "on", each)
        for value, types in zip(each, _ACTIVATION, strict=True):
            _check(type(value) in types and _is_near(value), "on", each)


def _is_near(value: Any) -> bool:
    return type(value) is not int or abs(value) <= _FURTHEST


def _check(holds: bool, name: str, got: Any) -> None:
    if not holds:
        raise ValueError(
            f"The {name!r} of a history must be one that to_dict wrote. Got {shown(got)}. "
            "Save it again."
        )
