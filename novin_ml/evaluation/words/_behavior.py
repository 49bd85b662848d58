"""The phrases for features of a home's behavior.

A single rarity cannot distinguish "never seen" from "rare", but all rarities of a row can. The
rarity of something never seen is lg(4 (N + 1)), and `unseen` is lg(N + 1) times the number of such
rarities among four.
"""

from __future__ import annotations

import math

from novin_ml.evaluation.words._numbers import one_in, span, times, two_digits
from novin_ml.evaluation.words._phrases import Phrase, Phrasebook, Row
from novin_ml.features.behavior.specs import FLOOR
from novin_ml.features.spec import FeatureSpec

_EVENT = "this kind of event at this zone"
#: The rarities that `unseen` counts, and their words.
_CONTEXTS = {
    "place_rarity": _EVENT,
    "hour_rarity": f"{_EVENT} around this hour",
    "mode_rarity": f"{_EVENT} in this mode of the home",
    "order_rarity": f"{_EVENT} right after one like the event before",
}
_NEVER_BITS = -math.log2(FLOOR)
_ROUNDING = 1e-4
_FIRST = "the first event of the home"
_MISSING = "not known how usual this is"


def log_of_home(row: Row) -> float | None:
    """Return lg(N + 1), where N is the home's number of earlier events; None if not known."""
    unseen = row.get("unseen", math.nan)
    if row.get("gap") == 0:
        return 0.0
    for n in range(1, len(_CONTEXTS) + 1) if unseen > 0 else ():
        never = unseen / n + _NEVER_BITS
        if sum(abs(row.get(name, math.nan) - never) < _ROUNDING for name in _CONTEXTS) == n:
            return unseen / n
    return None


def _rarity(what: str) -> Phrase:
    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        if row.get("gap") == 0:
            return _FIRST
        bits = log_of_home(row)
        if bits is not None and abs(value - bits - _NEVER_BITS) < _ROUNDING:
            return f"never seen before: {what}"
        return f"{_frequency(value)} of the home's events: {what}"

    return Phrase(describe, _MISSING)


def _surprise(what: str, among: str) -> Phrase:
    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        if row.get("gap") == 0:
            return _FIRST
        return f"{_frequency(value)} of {among} {what}"

    return Phrase(describe, _MISSING)


def _frequency(bits: float) -> str:
    words = one_in(bits)
    return words if words == "more than half" else f"rare: {words}" if times(bits) >= 20 else words


def _unseen(value: float, spec: FeatureSpec, row: Row) -> str:
    if row.get("gap") == 0:
        return _FIRST
    if value == 0:
        return "nothing about it that the home has not seen before"
    bits = log_of_home(row)
    new = [
        what
        for name, what in _CONTEXTS.items()
        if bits is not None and abs(row[name] - bits - _NEVER_BITS) < _ROUNDING
    ]
    # An event never seen at all was never seen in any hour either.
    return f"never seen before: {new[0] if new else 'something about it'}" + (
        f", and {len(new) - 1} more of its circumstances" if len(new) > 1 else ""
    )


def _recent(value: float, spec: FeatureSpec, row: Row) -> str:
    if value == 0:
        return "nothing rare among the 8 events before"
    return f"the 8 events before it: {_frequency(value)} on average"


def _gap(value: float, spec: FeatureSpec, row: Row) -> str:
    if value == 0:
        return "no event of the home before it"
    return f"{span(times(value) - 1)} after the home's last event"


def _gap_kind(value: float, spec: FeatureSpec, row: Row) -> str:
    if value == 0:
        return "no event of the home before it"
    # True also if there was none since the home's first event.
    return f"no event of this kind for {span(times(value) - 1)}"


def _excess(period: str) -> Phrase:
    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        if value == 0:
            return f"no more events than usual in the last {period}"
        # The ratio adds one to both sides, so it is no larger than that of the events.
        ratio = two_digits(times(value))
        if ratio == "1":
            return f"hardly more events than usual in the last {period}"
        return f"at least about {ratio} times as many events as usual in the last {period}"

    return Phrase(describe, "number of recent events not known")


BEHAVIOR: Phrasebook = {
    "week_rarity": _rarity("an event at this zone, in this hour, on such a day (weekend or not)"),
    **{name: _rarity(what) for name, what in _CONTEXTS.items()},
    "hour_surprise": _surprise("come around this hour", "such events at this zone"),
    "mode_hour_rarity": _rarity(f"{_EVENT} in this mode of the home around this hour"),
    "mode_hour_surprise": _surprise(
        "come around this hour", "such events at this zone in this mode of the home"
    ),
    "order_surprise": _surprise(
        "are of this kind at this zone", "the events that follow one like the event before"
    ),
    "unseen": Phrase(_unseen, _MISSING),
    "recent_rarity": Phrase(_recent, _MISSING),
    "gap": Phrase(_gap, "time since the home's last event not known"),
    "gap_kind": Phrase(_gap_kind, "time since the last event of the kind not known"),
    "hour_excess": _excess("hour"),
    "day_excess": _excess("24 hours"),
}
