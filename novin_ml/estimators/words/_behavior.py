"""The phrases for features of a home's behavior, and for those of a monitor's forest."""

from __future__ import annotations

from novin_ml.estimators.words.phrases import RARITIES, Case, Part, Phrase, Phrasebook, missing
from novin_ml.estimators.words.said import Text

_EVENT = "this kind of event at this zone"
#: What each of `RARITIES` is about.
_CONTEXTS = (
    Text("event", _EVENT),
    Text("event_hour", f"{_EVENT} around this hour"),
    Text("event_mode", f"{_EVENT} in this mode of the home"),
    Text("event_order", f"{_EVENT} right after one like the event before"),
)
_FIRST = Case(Text("first_event", "the first event of the home"), (), "first")
_NO_RARITY = missing(Text("rarity.missing", "not known how usual this is"))
_RATIO = Part("digits", of="ratio")
#: A rarity in bits as "1 in n", to two significant digits.
_FREQUENCY: Phrase = (
    Case(Text("often", "more than half"), (), "ratio_below", 2),
    # No home has reported that many events.
    Case(Text("rare.million", "rare: less than 1 in a million"), (), "ratio_above", 1e6),
    Case(Text("rare", "rare: about 1 in {0}"), (_RATIO,), "ratio_from", 20),
    Case(Text("one_in", "about 1 in {0}"), (_RATIO,)),
)
_HOW_OFTEN = Part("cases", cases=_FREQUENCY)
_SINCE = Part("span", of="ratio", shift=-1.0)
_NONE_BEFORE = Case(Text("gap.none", "no event of the home before it"), (), "is")


def _rarity(what: Text) -> Phrase:
    told = Part("words", words=what)
    return (
        _NO_RARITY,
        _FIRST,
        Case(Text("never", "never seen before: {0}"), (told,), "never"),
        Case(Text("rarity", "{0} of the home's events: {1}"), (_HOW_OFTEN, told)),
    )


def _surprise(key: str, text: str) -> Phrase:
    return _NO_RARITY, _FIRST, Case(Text(key, text), (_HOW_OFTEN,))


def _excess(key: str, period: str) -> Phrase:
    # The ratio adds one to both sides, so it is no larger than that of the events.
    more = f"as many events as usual in the last {period}"
    return (
        missing(Text("excess.missing", "number of recent events not known")),
        Case(Text(f"{key}.none", f"no more events than usual in the last {period}"), (), "is"),
        # Below 1.05 two digits are "1".
        Case(Text(f"{key}.hardly", f"hardly more events than usual in the last {period}"), (),
             "ratio_below", 1.05),
        Case(Text(key, f"at least about {{0}} times {more}"), (_RATIO,)),
    )  # fmt: skip


def _unseen() -> Phrase:
    new = Part("new", names=_CONTEXTS)
    several = "never seen before: {0}, and {1} more of its circumstances"
    return (
        _NO_RARITY,
        _FIRST,
        Case(Text("unseen.none", "nothing about it that the home has not seen before"), (), "is"),
        # An event never seen at all was never seen in any hour either.
        Case(Text("unseen", several), (new, Part("number", of="more")), "new", 2),
        Case(Text("never", "never seen before: {0}"), (new,), "new", 1),
        Case(Text("unseen.some", "never seen before: something about it")),
    )


BEHAVIOR: Phrasebook = {
    "week_rarity": _rarity(
        Text("event_week", "an event at this zone, in this hour, on such a day (weekend or not)")
    ),
    **{name: _rarity(what) for name, what in zip(RARITIES, _CONTEXTS, strict=True)},
    "hour_surprise": _surprise(
        "hour_surprise", "{0} of such events at this zone come around this hour"
    ),
    "mode_hour_rarity": _rarity(
        Text("event_mode_hour", f"{_EVENT} in this mode of the home around this hour")
    ),
    "mode_hour_surprise": _surprise(
        "mode_hour_surprise",
        "{0} of such events at this zone in this mode of the home come around this hour",
    ),
    "order_surprise": _surprise(
        "order_surprise",
        "{0} of the events that follow one like the event before are of this kind at this zone",
    ),
    "unseen": _unseen(),
    "recent_rarity": (
        _NO_RARITY,
        Case(Text("recent.none", "nothing rare among the 8 events before"), (), "is"),
        Case(Text("recent", "the 8 events before it: {0} on average"), (_HOW_OFTEN,)),
    ),
    "gap": (
        missing(Text("gap.missing", "time since the home's last event not known")),
        _NONE_BEFORE,
        Case(Text("gap", "{0} after the home's last event"), (_SINCE,)),
    ),
    "gap_kind": (
        missing(Text("gap_kind.missing", "time since the last event of the kind not known")),
        _NONE_BEFORE,
        # True also if there was none since the home's first event.
        Case(Text("gap_kind", "no event of this kind for {0}"), (_SINCE,)),
    ),
    "hour_excess": _excess("hour_excess", "hour"),
    "day_excess": _excess("day_excess", "24 hours"),
}


_NO_MEAN = missing(Text("mean.missing", "not known how usual the last events are"))
_ABSOLUTE = Part("digits", of="absolute_ratio")
#: A rarity in bits as "1 in n", without a word of what is rare.
_ONE_IN: Phrase = (
    _FREQUENCY[0],
    Case(Text("one_in.million", "less than 1 in a million"), (), "ratio_above", 1e6),
    _FREQUENCY[-1],
)

MONITOR: Phrasebook = {
    **BEHAVIOR,
    "transition_mean": (
        _NO_MEAN,
        Case(
            Text(
                "transition_mean", "the last events: {0} on average of what follows such a sensor"
            ),
            (Part("cases", cases=_ONE_IN),),
        ),
    ),
    "sensor_hour_mean": (
        _NO_MEAN,
        Case(
            Text(
                "hour_mean.usual",
                "the last events: sensors as common around this hour as over the day",
            ),
            (),
            "absolute_ratio_below",
            1.05,
        ),
        Case(
            Text(
                "hour_mean.commoner",
                "the last events: sensors about {0} times commoner around this hour than over the "
                "day",
            ),
            (_ABSOLUTE,),
            "below",
        ),
        Case(
            Text(
                "hour_mean",
                "the last events: sensors about {0} times rarer around this hour than over the day",
            ),
            (_ABSOLUTE,),
        ),
    ),
}
