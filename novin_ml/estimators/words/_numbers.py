"""Numbers in English, rounded as each function says, and the points of the clock."""

from __future__ import annotations

import math

_DAY, _WEEK = 1440, 10080  # minutes
_LONGEST = 86_400e6  # seconds
# Largest distance of sine and cosine from the circle: float32, and a scaler and its inverse.
_ON_CIRCLE = 1e-3


def span_parts(seconds: float) -> list[tuple[str, str]]:
    """Return a time span as units and numbers.

    It is to 0.1 s below a minute, to 1 s below an hour, then to a minute; a million days are the
    longest.

    Parameters
    ----------
    seconds : float
        From 0 on.
    """
    if 0 < seconds < 0.05:
        return [("short", "0.1")]
    if round(seconds, 1) < 60:
        return [("s", f"{round(seconds, 1):g}")]
    if round(seconds) < 3600:
        return _parts(round(seconds), (("min", 60), ("s", 1)))
    if seconds >= _LONGEST:
        return [("long", "1,000,000")]
    minutes = round(seconds / 60)
    units = (("h", 60), ("min", 1))
    return _parts(minutes, units if minutes < 2 * _DAY else (("d", _DAY), *units))


def _parts(value: int, units: tuple[tuple[str, int], ...]) -> list[tuple[str, str]]:
    parts = []
    for unit, size in units:
        whole, value = divmod(value, size)
        parts += [(unit, f"{whole:,}")] if whole else []
    return parts


def number(value: float) -> str:
    """Return a number to three significant digits; whole ones below a million in full."""
    if value == round(value) and abs(value) < 1e6:
        return str(round(value))
    if abs(value) < 999.5:
        return f"{value:.3g}"
    return f"{float(f'{value:.3g}'):,.0f}"


def two_digits(value: float) -> str:
    """Return a positive number to two significant digits, without an exponent below 10^12."""
    rounded = float(f"{value:.1e}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def times(bits: float) -> float:
    """Return the inverse of `line_log2`."""
    whole = math.floor(bits)
    return math.ldexp(1 + (bits - whole), min(whole, 1000))


def minute_of_day(sine: float, cosine: float) -> float:
    """Return the minute of the day of a point on the circle; NaN if it is not on the circle."""
    return _turn(sine, cosine) * _DAY


def minute_of_week(sine: float, cosine: float) -> float:
    """Return the minutes since Monday 00:00 of a point on the circle; NaN if not on the circle."""
    return _turn(sine, cosine) * _WEEK


def clock(minute: float) -> str:
    """Return a time of day, to the nearest minute: "03:10"."""
    hours, minutes = divmod(round(minute) % _DAY, 60)
    return f"{hours:02d}:{minutes:02d}"


def weekday(minute: float) -> int:
    """Return the day of a minute of the week, from Monday 0, rounded to the nearest minute."""
    return round(minute) % _WEEK // _DAY


def _turn(sine: float, cosine: float) -> float:
    if not abs(math.hypot(sine, cosine) - 1) < _ON_CIRCLE:
        return math.nan
    return math.atan2(sine, cosine) / (2 * math.pi) % 1
