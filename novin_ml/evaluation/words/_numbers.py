"""Numbers in words, rounded as each function says."""

from __future__ import annotations

import math

from novin_ml.plain import plural

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY, _WEEK = 1440, 10080  # minutes
# Largest distance of sine and cosine from the circle: float32, and a scaler and its inverse.
_ON_CIRCLE = 1e-3


def span(seconds: float) -> str:
    """Return a time span: to 0.1 s below a minute, to 1 s below an hour, then to a minute."""
    if seconds < 0:
        return f"-{span(-seconds)}"
    if 0 < seconds < 0.05:
        return "less than 0.1 s"
    if round(seconds, 1) < 60:
        return f"{round(seconds, 1):g} s"
    if round(seconds) < 3600:
        return _two(round(seconds), 60, "min", "s")
    minutes = round(seconds / 60)
    return _two(minutes, 60, "h", "min") if minutes < 2 * _DAY else _days(minutes)


def last(seconds: float) -> str:
    """Return the name of a span that ends now: "minute", "hour", or as `span`."""
    return {60.0: "minute", 3600.0: "hour"}.get(seconds, span(seconds))


def at_least(seconds: float) -> str:
    """Return a span as a limit: "a minute", "an hour", or as `span`."""
    return {60.0: "a minute", 3600.0: "an hour"}.get(seconds, span(seconds))


def number(value: float) -> str:
    """Return a number to three significant digits; whole ones below a million in full."""
    if value == round(value) and abs(value) < 1e6:
        return str(round(value))
    if abs(value) < 999.5:
        return f"{value:.3g}"
    return f"{float(f'{value:.3g}'):,.0f}"


def count(value: float, one: str, several: str = "", none: str = "no") -> str:
    """Return a count with its noun: "no" for 0, and whole numbers in full."""
    if value == 0:
        return f"{none} {several or one + 's'}"
    return f"{number(value)} {one if value == 1 else several or one + 's'}"


def one_in(bits: float) -> str:
    """Return a rarity in bits as "1 in n", to two significant digits.

    Bits are those of the features of behavior, linear between powers of two.
    """
    ratio = times(bits)
    if ratio < 2:
        return "more than half"
    if ratio > 1e6:
        return "less than 1 in a million"  # no home has reported that many events
    return f"about 1 in {two_digits(ratio)}"


def two_digits(value: float) -> str:
    """Return a positive number to two significant digits, without an exponent below 10^12."""
    digits = 1 - math.floor(math.log10(value))
    rounded = round(value, digits)
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


def weekday(minute: float) -> str:
    """Return the day of a minute of the week, rounded to the nearest minute."""
    return _DAYS[round(minute) % _WEEK // _DAY]


def _turn(sine: float, cosine: float) -> float:
    if not abs(math.hypot(sine, cosine) - 1) < _ON_CIRCLE:
        return math.nan
    return math.atan2(sine, cosine) / (2 * math.pi) % 1


def _two(value: int, size: int, large: str, small: str) -> str:
    whole, rest = divmod(value, size)
    return f"{whole} {large}" + (f" {rest} {small}" if rest else "")


def _days(minutes: int) -> str:
    days, rest = divmod(minutes, _DAY)
    return f"{plural(days, 'day')}" + (
        f" {_two(rest, 60, 'h', 'min').removeprefix('0 h ')}" if rest else ""
    )
