"""Lengths of time as people write them."""

from __future__ import annotations

import re

from novin_ml.exceptions import InvalidParametersError
from novin_ml.plain import shown

_SECONDS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*")


def seconds_of(text: str) -> float:
    """Return the seconds of a text such as "8h".

    Parameters
    ----------
    text : str
        A number above 0 and s, min, h or d.

    Returns
    -------
    seconds : float
        Seconds.

    Raises
    ------
    InvalidParametersError
        If it is something else.

    Examples
    --------
    >>> from novin_ml.compute import seconds_of
    >>> seconds_of("8h"), seconds_of("1.5 min")
    (28800.0, 90.0)
    """
    found = _WRITTEN.fullmatch(str(text).lower())
    if found is None or found[2] not in _SECONDS or not 0 < float(found[1]) < 1e9:
        raise InvalidParametersError(
            f"A length of time must be a number above 0 and one of {', '.join(_SECONDS)}, such as "
            f"8h. Got {shown(text)}. Write it so."
        )
    return float(found[1]) * _SECONDS[found[2]]


def in_words(seconds: float) -> str:
    """Return a length of time in the unit that fits."""
    unit = next((u for u in ("d", "h", "min") if seconds >= 2 * _SECONDS[u]), "s")
    return (
        f"{seconds / _SECONDS[unit]:.2g} {unit}"
        if seconds < 9.95 * _SECONDS[unit]
        else (f"{seconds / _SECONDS[unit]:,.0f} {unit}")
    )
