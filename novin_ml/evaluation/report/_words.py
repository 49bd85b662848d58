"""Numbers and names as readers see them; names come from data and cannot be trusted."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from novin_ml.estimators.decisions import BETTING, NO_BOUND
from novin_ml.plain import plural


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share in percent; a dash if it is not known."""
    if value is None or math.isnan(value):
        return "-"
    return f"{100 * value:.{digits}f} %"


def between(low: float | None, high: float | None, digits: int = 1) -> str:
    """Return the ends of an interval of a share."""
    if low is None or high is None:
        return "-"
    return f"{100 * low:.{digits}f} to {percent(high, digits)}"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with `digits` significant digits; a dash if it is not known."""
    if value is None or math.isnan(value):
        return "-"
    return f"{value:.{digits}g}"


def upper_words(threshold: dict[str, Any]) -> str:
    """Return the upper bound on the false alarms of a threshold, or that there is none."""
    bound, upper = threshold["bound"], number(threshold["false_per_home_week_upper"])
    if bound == NO_BOUND:
        return "no bound stated"
    return f"at most {upper} ({'exact of clipped rates' if bound == BETTING else 'approximate'})"


def day(seconds: float) -> str:
    """Return the UTC date of a time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def moment(seconds: float, utc_offset: float = 0.0) -> str:
    """Return a time in the home's local time, with the weekday."""
    return datetime.fromtimestamp(seconds + utc_offset, UTC).strftime("%a %Y-%m-%d %H:%M")


def points(value: float | None) -> str:
    """Return a difference of shares in points, with its sign; a dash if it is not known."""
    return "-" if value is None or math.isnan(value) else f"{100 * value:+.1f}"


def sentence(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def held_back(data: dict[str, Any]) -> str:
    """Return a sentence on whether the rows were used in training, as far as known."""
    if data["is_training"]:
        return (
            "These are the rows that the model was trained on: the numbers flatter it. Test it on "
            "rows of other homes, or of later weeks."
        )
    seen = data["seen"]
    if seen["known"]:
        remedy = " Test it on other homes." if seen["n_homes_asked"] else " Leave them out."
        return f"{seen['sentence']}{remedy * seen['flatters']}"
    return (
        "These are not exactly the training rows. Whether some of them are is not known here; "
        "rows that it was trained on flatter a model."
    )


def certificate_words(certificate: dict[str, Any]) -> list[str]:
    """Return two sentences: the result of a certificate, and whether Core ML itself was run."""
    megabytes = f"{certificate['model_bytes'] / 1e6:.2f} MB"
    outcome = "passed" if certificate["passed"] else "FAILED"
    core_ml = certificate.get("core_ml", {"ran": False, "reason": "not known why"})
    proven = (
        f"The certificate {outcome}: on {plural(certificate['rows'], 'row')} the exported "
        "model, evaluated by novin_ml's own runtime, is off by at most "
        f"{number(certificate['max_error'])} "
        f"(allowed: {number(certificate['tolerance'])}). It takes {megabytes}."
    )
    if core_ml["ran"]:
        return [proven, f"Core ML itself agreed on {plural(core_ml['rows'], 'row')}."]
    return [
        proven,
        f"Core ML itself was not asked ({core_ml['reason']}): run novin-ml verify on a Mac.",
    ]
