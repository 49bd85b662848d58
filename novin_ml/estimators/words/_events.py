"""The phrases for features of deliveries and of motions."""

from __future__ import annotations

import re

from novin_ml.estimators.words.phrases import (
    HOME_MODE,
    LIMIT,
    NUMBER,
    SPAN,
    WINDOW,
    ZONE_KIND,
    Case,
    Part,
    Phrase,
    Phrasebook,
    counted,
    missing,
    quantity,
    risk,
    seconds,
)
from novin_ml.estimators.words.said import Text
from novin_ml.features import MOTION_FEATURES

_NO_SIGNAL = Text("no_signal", "no intensity signal")
_DURATION = seconds(Text("duration", "lasted {0}"), Text("duration.missing", "duration not known"))
_ENERGY = quantity(
    Text("energy", "energy {0} of at most 1"), Text("energy.missing", "energy not known")
)
_LIMIT = Part("cases", of="high", cases=LIMIT)
_WINDOW = Part("cases", of="window", cases=WINDOW)


def _seconds_after(key: str, what: str) -> Phrase:
    """Tell how long ago something was; a value at the limit means that it did not happen."""
    return (
        missing(Text(f"{key}.missing", f"time since {what} not known")),
        # Also true if it happened exactly at the limit.
        Case(Text(f"{key}.none", f"no {what.split()[-1]} for at least {{0}}"), (_LIMIT,), "high"),
        Case(Text(f"{key}.now", f"at the moment of {what}"), (), "is"),
        Case(Text(key, f"{{0}} after {what}"), (SPAN,)),
    )


def _events_in_window() -> Phrase:
    several = counted(
        "events_in_window",
        "{0} event of the home in {1}",
        "{0} events of the home in {1}",
        Text("events_in_window.missing", "number of events around it not known"),
        _WINDOW,
    )
    only = Text("events_in_window.only", "the only event of the home in {0}")
    return several[0], Case(only, (_WINDOW,), "is", 1), *several[1:]


DELIVERY: Phrasebook = {
    "duration": _DURATION,
    "energy": _ENERGY,
    "peak": quantity(Text("peak_of_1", "highest intensity {0} of at most 1"), _NO_SIGNAL),
    "variance": quantity(Text("variance", "variance of the intensity {0}"), _NO_SIGNAL),
    "zone_risk": risk("zone_risk", "the zone"),
    "zone_kind": ZONE_KIND,
    "seconds_since_doorbell": _seconds_after("after_doorbell", "the doorbell"),
    "silence_after": (
        missing(Text("zone_silence.missing", "silence after the event not known")),
        Case(
            Text("zone_silence.none", "no further event at the zone for at least {0}"),
            (_LIMIT,),
            "high",
        ),
        Case(Text("zone_silence", "the next event at the zone {0} later"), (SPAN,)),
    ),
    "events_in_window": _events_in_window(),
    "seconds_since_vehicle": _seconds_after("after_vehicle", "a vehicle"),
    "home_mode": HOME_MODE,
    "confidence": quantity(
        Text("confidence", "the sensor's own confidence is {0}"),
        Text("confidence.missing", "the sensor reports no confidence"),
    ),
}


def _number(key: str, english: str) -> Phrase:
    return quantity(Text(key, english), _NO_SIGNAL)


def _time(key: str, english: str, none: str) -> Phrase:
    return seconds(Text(key, english), _NO_SIGNAL, Text(f"{key}.none", none))


def _signed(key: str, none: str, positive: str, negative: str) -> Phrase:
    return (
        missing(_NO_SIGNAL),
        Case(Text(f"{key}.none", none), (), "is"),
        Case(Text(f"{key}.negative", negative), (Part("number", scale=-1.0),), "below"),
        Case(Text(key, positive), (NUMBER,)),
    )


_PERCENT = Part("number", scale=100.0)


def _band(name: str, what: str) -> Phrase:
    (spec,) = (each for each in MOTION_FEATURES if each.name == name)
    limits = re.findall(r"([\d.]+) to ([\d.]+) Hz", spec.meaning)[0]
    between = (Part("number", of="constant", shift=float(limit)) for limit in limits)
    text = Text(name, f"{{0}} % of the power {what}, {{1}} to {{2}} Hz")
    return missing(_NO_SIGNAL), Case(text, (_PERCENT, *between))


_NO_PERIOD = Case(Text("period.none", "nothing repeats"), (), "is")

MOTION: Phrasebook = {
    "duration": _DURATION,
    "energy": _ENERGY,
    "mean": _number("mean", "mean intensity {0}"),
    "variance": DELIVERY["variance"],
    "peak": _number("peak", "highest intensity {0}"),
    "norm": _number("norm", "norm of the intensity signal {0}"),
    "quartile_1": _number("quartile_1", "a quarter of the intensities is at most {0}"),
    "median": _number("median", "half of the intensities are at most {0}"),
    "quartile_3": _number("quartile_3", "three quarters of the intensities are at most {0}"),
    "skew": _signed(
        "skew",
        "intensities without skew",
        "intensities skewed by {0} to the high side",
        "intensities skewed by {0} to the low side",
    ),
    "kurtosis": _number("kurtosis", "weight of extreme intensities (kurtosis) {0}"),
    "rise_time": _time("rise_time", "rises to its peak within {0}", "rises at once"),
    "fall_time": _time("fall_time", "falls from its peak within {0}", "falls at once"),
    "active_fraction": quantity(
        Text("active_fraction", "{0} % of the time above half of the peak"), _NO_SIGNAL, _PERCENT
    ),
    "bursts": counted("bursts", "{0} burst of activity", "{0} bursts of activity", _NO_SIGNAL),
    "longest_burst": _time(
        "longest_burst", "longest burst of activity {0}", "no burst of activity"
    ),
    "mean_crossings": _number("mean_crossings", "crosses its mean this many times: {0} per second"),
    "jerk": _number("jerk", "intensity changes by {0} per second"),
    "slope": _signed(
        "slope",
        "intensity neither rises nor falls over the whole",
        "intensity rises by {0} per second",
        "intensity falls by {0} per second",
    ),
    "periodicity": (
        missing(_NO_SIGNAL),
        _NO_PERIOD,
        Case(Text("periodicity", "repeats itself, by {0} of at most 1"), (NUMBER,)),
    ),
    "period": (
        missing(_NO_SIGNAL),
        _NO_PERIOD,
        Case(Text("period", "repeats every {0}"), (SPAN,)),
    ),
    "spectral_centroid": _number("spectral_centroid", "mean frequency {0} Hz"),
    "share_slow": _band("share_slow", "in slow changes"),
    "share_steps": _band("share_steps", "at the pace of steps"),
}
