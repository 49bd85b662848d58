"""The phrases for features of deliveries and of motions."""

from __future__ import annotations

import re

from novin_ml.evaluation.words._numbers import at_least, count, last, number, span
from novin_ml.evaluation.words._phrases import (
    HOME_MODE,
    ZONE_KIND,
    Phrase,
    Phrasebook,
    Row,
    quantity,
    risk,
    seconds,
    seconds_after,
)
from novin_ml.features.spec import FeatureSpec

_NO_SIGNAL = "no intensity signal"


def _silence(value: float, spec: FeatureSpec, row: Row) -> str:
    if value >= spec.high:
        return f"no further event at the zone for at least {at_least(spec.high)}"
    return f"the next event at the zone {span(value)} later"


def _events_in_window(value: float, spec: FeatureSpec, row: Row) -> str:
    found = re.search(r"in the last (\S+) s\b", spec.meaning)
    window = f"the last {last(float(found[1]))}" if found else "the window"
    if value == 1:
        return f"the only event of the home in {window}"
    return f"{count(value, 'event')} of the home in {window}"


DELIVERY: Phrasebook = {
    "duration": seconds("lasted {}", "duration not known"),
    "energy": quantity("energy", "energy not known", " of at most 1"),
    "peak": quantity("highest intensity", _NO_SIGNAL, " of at most 1"),
    "variance": quantity("variance of the intensity", _NO_SIGNAL),
    "zone_risk": risk("the zone"),
    "zone_kind": ZONE_KIND,
    "seconds_since_doorbell": seconds_after("the doorbell"),
    "silence_after": Phrase(_silence, "silence after the event not known"),
    "events_in_window": Phrase(_events_in_window, "number of events around it not known"),
    "seconds_since_vehicle": seconds_after("a vehicle"),
    "home_mode": HOME_MODE,
    "confidence": quantity("the sensor's own confidence is", "the sensor reports no confidence"),
}


def _per_second(what: str) -> Phrase:
    return quantity(what, _NO_SIGNAL, " per second")


def _share(what: str) -> Phrase:
    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        return f"{number(100 * value)} % {what}"

    return Phrase(describe, _NO_SIGNAL)


def _band(what: str) -> Phrase:
    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        found = re.search(r"[\d.]+ to [\d.]+ Hz", spec.meaning)
        limits = f", {found[0]}" if found else ""
        return f"{number(100 * value)} % of the power {what}{limits}"

    return Phrase(describe, _NO_SIGNAL)


def _bursts(value: float, spec: FeatureSpec, row: Row) -> str:
    return count(value, "burst of activity", "bursts of activity")


def _skew(value: float, spec: FeatureSpec, row: Row) -> str:
    if value == 0:
        return "intensities without skew"
    return (
        f"intensities skewed by {number(abs(value))} to the {'high' if value > 0 else 'low'} side"
    )


def _slope(value: float, spec: FeatureSpec, row: Row) -> str:
    if value == 0:
        return "intensity neither rises nor falls over the whole"
    return f"intensity {'rises' if value > 0 else 'falls'} by {number(abs(value))} per second"


def _period(value: float, spec: FeatureSpec, row: Row) -> str:
    return "nothing repeats" if value == 0 else f"repeats every {span(value)}"


def _periodicity(value: float, spec: FeatureSpec, row: Row) -> str:
    return "nothing repeats" if value == 0 else f"repeats itself, by {number(value)} of at most 1"


MOTION: Phrasebook = {
    "duration": seconds("lasted {}", "duration not known"),
    "energy": quantity("energy", "energy not known", " of at most 1"),
    "mean": quantity("mean intensity", _NO_SIGNAL),
    "variance": quantity("variance of the intensity", _NO_SIGNAL),
    "peak": quantity("highest intensity", _NO_SIGNAL),
    "norm": quantity("norm of the intensity signal", _NO_SIGNAL),
    "quartile_1": quantity("a quarter of the intensities is at most", _NO_SIGNAL),
    "median": quantity("half of the intensities are at most", _NO_SIGNAL),
    "quartile_3": quantity("three quarters of the intensities are at most", _NO_SIGNAL),
    "skew": Phrase(_skew, _NO_SIGNAL),
    "kurtosis": quantity("weight of extreme intensities (kurtosis)", _NO_SIGNAL),
    "rise_time": seconds("rises to its peak within {}", _NO_SIGNAL, "rises at once"),
    "fall_time": seconds("falls from its peak within {}", _NO_SIGNAL, "falls at once"),
    "active_fraction": _share("of the time above half of the peak"),
    "bursts": Phrase(_bursts, _NO_SIGNAL),
    "longest_burst": seconds("longest burst of activity {}", _NO_SIGNAL, "no burst of activity"),
    "mean_crossings": _per_second("crosses its mean this many times:"),
    "jerk": _per_second("intensity changes by"),
    "slope": Phrase(_slope, _NO_SIGNAL),
    "periodicity": Phrase(_periodicity, _NO_SIGNAL),
    "period": Phrase(_period, _NO_SIGNAL),
    "spectral_centroid": quantity("mean frequency", _NO_SIGNAL, " Hz"),
    "share_slow": _band("in slow changes"),
    "share_steps": _band("at the pace of steps"),
}
