"""The phrases for features of chains."""

from __future__ import annotations

from novin_ml.evaluation.words._numbers import count, number, span
from novin_ml.evaluation.words._phrases import (
    HOME_MODE,
    Phrase,
    Phrasebook,
    Row,
    quantity,
    risk,
    seconds,
    spoken,
)
from novin_ml.events.kinds import EVENT_KINDS, KIND_GROUPS
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.events.zones import ZONE_KINDS
from novin_ml.features.chains.specs import COURIER, LONGEST_QUIET, OPENING_WINDOW
from novin_ml.features.spec import FeatureSpec

#: Kinds of other vocabularies are named by their columns.
_NAMES = tuple(kind.name for kind in Vocabulary.home().kinds)
_ALONE = "a single event"
_NO_ANSWER = "no motion directly after a doorbell at its zone"
_COURIER = " to ".join(span(limit / 1000) for limit in COURIER)
_WINDOW = span(OPENING_WINDOW / 1000)


def _a(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _event_of(kind: str) -> str:
    if kind == "other":
        return "an event of an unknown kind"
    return f"{_a(kind)} {spoken(kind)} event"


def _group(name: str) -> str:
    if name == "other":
        return "an event of another kind"
    members = [spoken(kind.name) for kind in EVENT_KINDS if kind.group == name]
    return " or ".join(members)


def _counted(one: str, several: str = "") -> Phrase:
    return Phrase(lambda value, spec, row: count(value, one, several), "number not known")


def _events_of(kind: str) -> Phrase:
    if kind == "other":
        return _counted("event of an unknown kind", "events of unknown kinds")
    return _counted(f"{spoken(kind)} event")


def _at(zone_kind: str) -> Phrase:
    return _counted(f"event at {_a(zone_kind)} {zone_kind} zone", f"events at {zone_kind} zones")


def _transition(before: str, after: str) -> Phrase:
    what = f"{_group(after)} directly after {_group(before)}"

    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        if value == 0:
            return f"never {what}"
        return f"{'once' if value == 1 else f'{number(value)} times'} {what}"

    return Phrase(describe, f"number of times of {what} not known")


def _since(kind: str) -> Phrase:
    what = f"last {spoken(kind)} event" if kind != "other" else "last event of an unknown kind"
    none = f"no {spoken(kind)} event" if kind != "other" else "no event of an unknown kind"
    return seconds(f"{what} {{}} before the end", none, f"{what} at the end")


def _quiet(value: float, spec: FeatureSpec, row: Row) -> str:
    if value >= LONGEST_QUIET / 1000:
        return f"quiet at the zone for at least {span(value)} after the motion at the doorbell"
    return f"quiet at the zone for {span(value)} after the motion at the doorbell"


def _silence(value: float, spec: FeatureSpec, row: Row) -> str:
    limit = "at least " if value >= spec.high else ""
    return f"the home was watched for {limit}{span(value)} after the last event"


def _kind_at(place: str, before: str) -> Phrase:
    """Describe a kind by its position among those that the spec names."""

    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        kinds = spec.meaning.partition("(")[2].rstrip(")").split(", ")
        known = value in range(len(kinds))
        return f"{before} {_event_of(kinds[int(value)]) if known else 'an unknown kind'}"

    return Phrase(describe, f"{place} event not known")


CHAINS: Phrasebook = {
    "events": _counted("event"),
    **{f"n_{name}": _events_of(name) for name in _NAMES},
    **{f"n_at_{kind}": _at(kind) for kind in ZONE_KINDS},
    "zones": _counted("zone"),
    **{
        f"{before}_to_{after}": _transition(before, after)
        for before in KIND_GROUPS
        for after in KIND_GROUPS
    },
    "gap_min": seconds("shortest time between two events {}", _ALONE, "two events at once"),
    "gap_mean": seconds("mean time between events {}", _ALONE, "all events at once"),
    "gap_max": seconds("longest time between two events {}", _ALONE, "all events at once"),
    "gap_std": seconds("times between events vary by {}", _ALONE, "evenly spaced events"),
    "gap_last": seconds("last event {} after the one before", _ALONE, "last two events at once"),
    "duration": seconds("{} from the first event to the last", "duration not known", "at once"),
    "first_kind": _kind_at("first", "begins with"),
    "last_kind": _kind_at("last", "ends with"),
    **{f"since_{name}": _since(name) for name in _NAMES},
    "openings_in_15s": Phrase(
        lambda value, spec, row: f"{count(value, 'door or window event')} within {_WINDOW}",
        "number of door or window events not known",
    ),
    "openings_last_15s": Phrase(
        lambda value, spec, row: f"{count(value, 'door or window event')} in the last {_WINDOW}",
        "number of door or window events not known",
    ),
    "doorbell_motion_gap": seconds(
        "motion at the zone {} after the doorbell",
        _NO_ANSWER,
        "motion at the zone at the moment of the doorbell",
    ),
    "doorbell_motion_quiet": Phrase(
        _quiet,
        f"no motion directly after a doorbell at its zone, {_COURIER} later",
    ),
    "motion_opening_motion_gap": seconds(
        "motion, a door or window, and motion, at most {} apart",
        "no door or window between two motions",
        "motion, a door or window, and motion at once",
    ),
    "glass_break_motion_gap": seconds(
        "motion {} after a glass break",
        "no motion directly after a glass break",
        "motion at the moment of a glass break",
    ),
    "motion_zones": _counted("zone with motion", "zones with motion"),
    "zone_changes": Phrase(
        lambda value, spec, row: f"{count(value, 'change')} of zone from event to event",
        "number of changes of zone not known",
    ),
    "zone_revisits": Phrase(
        lambda value, spec, row: f"{count(value, 'return')} to a zone left before",
        "number of returns to a zone not known",
    ),
    "risk_max": risk("the riskiest zone"),
    "risk_last": risk("the last zone"),
    "confidence_min": quantity("least confidence of a sensor", "no sensor reports confidence"),
    "confidence_mean": quantity("mean confidence of the sensors", "no sensor reports confidence"),
    "confidence_max": quantity("highest confidence of a sensor", "no sensor reports confidence"),
    "confidence_last": quantity("confidence of the last sensor", "the last sensor reports none"),
    "silence_after": Phrase(_silence, "silence after the last event not known"),
    "home_mode": HOME_MODE,
}
