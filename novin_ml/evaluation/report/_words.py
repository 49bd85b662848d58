"""Numbers and names as a reader sees them. Names come from data: nobody may trust them."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime
from typing import Any

_LONGEST = 60


def shown(text: Any, longest: int = _LONGEST) -> str:
    """Return a name without what is invisible or turns text around, cut to a length."""
    kept = [
        " " if unicodedata.category(letter).startswith("Z") else letter
        for letter in str(text)
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    ]
    name = "".join(kept).strip() or "(no name)"
    return name if len(name) <= longest else name[: longest - 1] + "…"


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share in percent; a dash if it is not known."""
    if value is None or math.isnan(value):
        return "-"
    return f"{100 * value:.{digits}f} %"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits; a dash if it is not known."""
    if value is None or math.isnan(value):
        return "-"
    return f"{value:.{digits}g}"


def points(value: float) -> str:
    """Return a difference of shares in points, with its sign."""
    return f"{100 * value:+.1f}"


def day(seconds: float) -> str:
    """Return the UTC date of a time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def moment(seconds: float, utc_offset: float = 0.0) -> str:
    """Return a time as a home's clock shows it, with its weekday."""
    return datetime.fromtimestamp(seconds + utc_offset, UTC).strftime("%a %Y-%m-%d %H:%M")


def plural(n: int, one: str, more: str | None = None) -> str:
    """Return a count with its noun."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"


def verdict(gain: tuple[float, float, float], n_homes: int) -> str:
    """Say in one sentence whether the model is better than the rules."""
    mean, low, high = gain
    between = f"{points(low)} to {points(high)} points with 95 % confidence"
    if n_homes < 2:
        return (
            f"The model is {points(mean)} points from the hand-written rules on these rows; one "
            "home says nothing of others."
        )
    if low > 0:
        return f"The model is better than the hand-written rules: {points(mean)} points, {between}."
    if high < 0:
        return f"The model is worse than the hand-written rules: {points(mean)} points, {between}."
    return (
        "These rows do not tell whether the model or the hand-written rules are better: "
        f"{points(mean)} points, {between}. Test on more homes."
    )
