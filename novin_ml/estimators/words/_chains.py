"""The phrases for features of chains."""

from __future__ import annotations

from novin_ml.estimators.words.phrases import (
    HOME_MODE,
    NUMBER,
    SPAN,
    Case,
    Part,
    Phrase,
    Phrasebook,
    counted,
    missing,
    quantity,
    risk,
    seconds,
    spoken,
)
from novin_ml.estimators.words.said import Text
from novin_ml.events.kinds import EVENT_KINDS, KIND_GROUPS
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.events.zones import ZONE_KINDS
from novin_ml.features.chains.specs import COURIER, LONGEST_QUIET, OPENING_WINDOW

#: Kinds of other vocabularies are named by their columns.
NAMES = tuple(kind.name for kind in Vocabulary.home().kinds)
_ALONE = Text("single_event", "a single event")
_NO_COUNT = Text("count.missing", "number not known")
_CONFIDENCE = Text("confidences.missing", "no sensor reports confidence")


def _a(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def an_event_of(kind: str) -> Text:
    """Return the text for an event of a kind."""
    if kind == "other":
        return Text("event_of.other", "an event of an unknown kind")
    if kind not in NAMES:
        article = _a(kind)
        return Text(f"event_of.{article}", f"{article} {{0}} event", given=spoken(kind))
    return Text(f"event_of.{kind}", f"{_a(kind)} {spoken(kind)} event")


def _kind(name: str) -> Part:
    return Part("words", words=Text(f"kind.{name}", spoken(name)))


def _constant(milliseconds: float) -> Part:
    return Part("span", of="constant", shift=milliseconds / 1000)


def _group(name: str) -> Part:
    members = [spoken(kind.name) for kind in EVENT_KINDS if kind.group == name]
    text = " or ".join(members) if name != "other" else "an event of another kind"
    return Part("words", words=Text(f"group.{name}", text))


def _count(key: str, one: str, several: str) -> Phrase:
    return counted(key, f"{{0}} {one}", f"{{0}} {several}", _NO_COUNT)


def _events_of(kind: str) -> Phrase:
    if kind == "other":
        return _count("events_of_other", "event of an unknown kind", "events of unknown kinds")
    return counted("events_of", "{0} {1} event", "{0} {1} events", _NO_COUNT, _kind(kind))


def _at(zone_kind: str) -> Phrase:
    return _count(
        f"events_at.{zone_kind}",
        f"event at {_a(zone_kind)} {zone_kind} zone",
        f"events at {zone_kind} zones",
    )


def _transition(before: str, after: str) -> Phrase:
    what, key = "{0} directly after {1}", "directly_after"
    groups = (_group(after), _group(before))
    return (
        missing(Text(f"{key}.missing", f"number of times of {what} not known"), *groups),
        Case(Text(f"{key}.never", f"never {what}"), groups, "is", 0),
        Case(Text(f"{key}.once", f"once {what}"), groups, "is", 1),
        Case(Text(key, f"{{2}} times {what}"), (*groups, NUMBER)),
    )


def _since(kind: str) -> Phrase:
    parts: tuple[Part, ...] = ()
    key, what, place = "since_other", "event of an unknown kind", "{0}"
    if kind != "other":
        key, what, place, parts = "since", "{0} event", "{1}", (_kind(kind),)
    return (
        missing(Text(f"{key}.none", f"no {what}"), *parts),
        Case(Text(f"{key}.now", f"last {what} at the end"), parts, "is"),
        Case(Text(key, f"last {what} {place} before the end"), (*parts, SPAN)),
    )


def _gap(key: str, text: str, none: str) -> Phrase:
    return seconds(Text(key, text), _ALONE, Text(f"{key}.none", none))


def _quiet() -> Phrase:
    most = LONGEST_QUIET / 1000
    after = "after the motion at the doorbell"
    limits = tuple(map(_constant, COURIER))
    never = "no motion directly after a doorbell at its zone, {0} to {1} later"
    return (
        missing(Text("quiet.missing", never), *limits),
        Case(
            Text("quiet.least", f"quiet at the zone for at least {{0}} {after}"),
            (SPAN,),
            "from",
            most,
        ),
        Case(Text("quiet", f"quiet at the zone for {{0}} {after}"), (SPAN,)),
    )


def _silence() -> Phrase:
    text = "the home was watched for {0} after the last event"
    return (
        missing(Text("watched.missing", "silence after the last event not known")),
        Case(Text("watched.least", text.replace("{0}", "at least {0}")), (SPAN,), "high"),
        Case(Text("watched", text), (SPAN,)),
    )


def kind_at(place: str, before: str, kinds: tuple[str, ...] = NAMES) -> Phrase:
    """Tell a kind by its position among those of a vocabulary."""
    names = tuple(map(an_event_of, kinds))
    return (
        missing(Text(f"{place}_kind.missing", f"{place} event not known")),
        Case(Text(f"{place}_kind", f"{before} {{0}}"), (Part("name", names=names),), "code",
             len(kinds)),
        Case(Text(f"{place}_kind.unknown", f"{before} an unknown kind")),
    )  # fmt: skip


def _openings(key: str, where: str) -> Phrase:
    noun = "door or window event"
    return counted(
        key,
        f"{{0}} {noun} {where} {{1}}",
        f"{{0}} {noun}s {where} {{1}}",
        Text("openings.missing", "number of door or window events not known"),
        _constant(OPENING_WINDOW),
    )


def _changes(key: str, one: str, several: str, where: str, rest: str) -> Phrase:
    without = Text(f"{key}.missing", f"number of {several} {where} not known")
    return counted(key, f"{{0}} {one} {where} {rest}", f"{{0}} {several} {where} {rest}", without)


CHAINS: Phrasebook = {
    "events": _count("events", "event", "events"),
    **{f"n_{name}": _events_of(name) for name in NAMES},
    **{f"n_at_{kind}": _at(kind) for kind in ZONE_KINDS},
    "zones": _count("zones", "zone", "zones"),
    **{
        f"{before}_to_{after}": _transition(before, after)
        for before in KIND_GROUPS
        for after in KIND_GROUPS
    },
    "gap_min": _gap("gap_min", "shortest time between two events {0}", "two events at once"),
    "gap_mean": _gap("gap_mean", "mean time between events {0}", "all events at once"),
    "gap_max": _gap("gap_max", "longest time between two events {0}", "all events at once"),
    "gap_std": _gap("gap_std", "times between events vary by {0}", "evenly spaced events"),
    "gap_last": _gap("gap_last", "last event {0} after the one before", "last two events at once"),
    "duration": seconds(
        Text("chain", "{0} from the first event to the last"),
        Text("duration.missing", "duration not known"),
        Text("chain.none", "at once"),
    ),
    "first_kind": kind_at("first", "begins with"),
    "last_kind": kind_at("last", "ends with"),
    **{f"since_{name}": _since(name) for name in NAMES},
    "openings_in_15s": _openings("openings_within", "within"),
    "openings_last_15s": _openings("openings_last", "in the last"),
    "doorbell_motion_gap": seconds(
        Text("doorbell_motion", "motion at the zone {0} after the doorbell"),
        Text("doorbell_motion.missing", "no motion directly after a doorbell at its zone"),
        Text("doorbell_motion.none", "motion at the zone at the moment of the doorbell"),
    ),
    "doorbell_motion_quiet": _quiet(),
    "motion_opening_motion_gap": seconds(
        Text("motion_twice", "motion, a door or window, and motion, at most {0} apart"),
        Text("motion_twice.missing", "no door or window between two motions"),
        Text("motion_twice.none", "motion, a door or window, and motion at once"),
    ),
    "glass_break_motion_gap": seconds(
        Text("glass_break_motion", "motion {0} after a glass break"),
        Text("glass_break_motion.missing", "no motion directly after a glass break"),
        Text("glass_break_motion.none", "motion at the moment of a glass break"),
    ),
    "motion_zones": _count("motion_zones", "zone with motion", "zones with motion"),
    "zone_changes": _changes("zone_changes", "change", "changes", "of zone", "from event to event"),
    "zone_revisits": _changes("zone_revisits", "return", "returns", "to a zone", "left before"),
    "risk_max": risk("risk_max", "the riskiest zone"),
    "risk_last": risk("risk_last", "the last zone"),
    "confidence_min": quantity(
        Text("confidence_min", "least confidence of a sensor {0}"), _CONFIDENCE
    ),
    "confidence_mean": quantity(
        Text("confidence_mean", "mean confidence of the sensors {0}"), _CONFIDENCE
    ),
    "confidence_max": quantity(
        Text("confidence_max", "highest confidence of a sensor {0}"), _CONFIDENCE
    ),
    "confidence_last": quantity(
        Text("confidence_last", "confidence of the last sensor {0}"),
        Text("confidence_last.missing", "the last sensor reports none"),
    ),
    "silence_after": _silence(),
    "home_mode": HOME_MODE,
}
