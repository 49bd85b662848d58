"""Check a vocabulary: names, limits and duplicates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from numbers import Real
from typing import Any

import pandas as pd

from novin_ml.events.kinds import KIND_GROUPS, EventKind
from novin_ml.events.shown import show
from novin_ml.events.vocabulary.limits import MAX_KINDS, MAX_SENSORS, MAX_ZONES
from novin_ml.events.vocabulary.sensors import UNSEEN, Sensor
from novin_ml.events.vocabulary.words import words_of
from novin_ml.events.zones import ZONE_KINDS, Zone
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import kind_of

MATCHINGS = ("words", "substring")
LIMITS = {"kinds": MAX_KINDS, "zones": MAX_ZONES, "sensors": MAX_SENSORS}
#: Kinds that the patterns of chains are made of.
NEEDED_KINDS = ("motion", "doorbell", "glass_break")
_CLASSES: dict[str, Any] = {"kinds": EventKind, "zones": Zone, "sensors": Sensor}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_NAME = 60
_LONGEST_TEXT = 200


def check_vocabulary(vocabulary: Any) -> None:
    """Raise InvalidEventError if a name, a limit or an entry is wrong."""
    if not isinstance(vocabulary.name, str) or not 0 < len(vocabulary.name) <= _LONGEST_NAME:
        raise refusal("name", f"a text of 1 to {_LONGEST_NAME} characters", vocabulary.name)
    if vocabulary.matching not in MATCHINGS:
        raise refusal("matching", " or ".join(map(repr, MATCHINGS)), vocabulary.matching)
    for name, most in LIMITS.items():
        _check_list(name, getattr(vocabulary, name), most)
    _check_kinds(vocabulary.kinds)
    _check_zones(vocabulary.zones)
    _check_sensors(vocabulary.sensors)
    _check_matching(vocabulary)
    for kind in vocabulary.kinds:
        found = vocabulary.kind_of(kind.name)
        if found != kind.name:
            raise refusal(
                f"kind {kind.name!r}", "recognised by its own name", found,
                "Raise its precedence, or match by words",
            )  # fmt: skip


def refusal(what: str, expected: str, got: Any, remedy: str = "Correct it") -> InvalidEventError:
    """Return the error of a vocabulary."""
    return InvalidEventError(
        f"The {what} of a vocabulary must be {expected}. Got {show(got)} instead. {remedy}."
    )


def refuse_no_texts(events: Any, purpose: str) -> None:
    """Refuse a table without the texts of kinds, zones and sensors."""
    columns = events.columns if isinstance(events, pd.DataFrame) else ()
    missing = [name for name in ("type", "location") if name not in columns]
    if missing:
        got = f"one without {', '.join(missing)}" if len(columns) else kind_of(events)
        raise InvalidEventError(
            f"{purpose} needs an event table with the columns type, location. Got {got} "
            "instead. Read events with novin_ml.events.read_events."
        )


def _check_list(name: str, entries: Sequence[Any], most: int) -> None:
    if len(entries) > most:
        raise refusal(
            f"number of {name}", f"at most {most:,}", len(entries),
            "Name the ones that matter; the others are recognised by their kind and zone",
        )  # fmt: skip
    taken: dict[str, str] = {}
    for entry in entries:
        if not isinstance(entry, _CLASSES[name]):
            raise refusal(name, f"all of the class {_CLASSES[name].__name__}", repr(entry))
        is_name = isinstance(entry.name, str) and len(entry.name) <= _LONGEST_NAME
        if not is_name or not _NAME.fullmatch(entry.name):
            raise refusal(
                f"name of one of the {name}",
                f"a small letter of ASCII and then small letters, digits or _, at most "
                f"{_LONGEST_NAME} characters",
                entry.name,
            )
        # A phone writes "back_yard" as backYard, and knows no other difference than case.
        twin = taken.setdefault(entry.name.replace("_", ""), entry.name)
        if sum(other.name == entry.name for other in entries) > 1 or twin != entry.name:
            raise refusal(
                name, "named differently, apart from underscores",
                entry.name if twin == entry.name else f"{twin} and {entry.name}",
                "Name each once",
            )  # fmt: skip


def _check_kinds(kinds: Sequence[EventKind]) -> None:
    names = [kind.name for kind in kinds]
    if names[-1:] != ["other"] or kinds[-1].texts:
        raise refusal("last kind", "'other', without texts", names[-1] if names else None)
    missing = [name for name in NEEDED_KINDS if name not in names]
    if missing:
        raise refusal("kinds", f"among others {', '.join(NEEDED_KINDS)}", f"none of {missing[0]}")
    for kind in kinds:
        _check_texts(f"texts of the kind {kind.name!r}", kind.texts)
        if kind.name != "other" and not kind.texts:
            raise refusal(f"texts of the kind {kind.name!r}", "at least one", None)
        if not isinstance(kind.precedence, int) or isinstance(kind.precedence, bool):
            raise refusal(f"precedence of the kind {kind.name!r}", "an integer", kind.precedence)
        if kind.group not in KIND_GROUPS:
            raise refusal(
                f"group of the kind {kind.name!r}", f"one of {', '.join(KIND_GROUPS)}", kind.group
            )
    if not any(kind.group == "opening" for kind in kinds):
        raise refusal("kinds", "among others one of the group opening", None)


def _check_zones(zones: Sequence[Zone]) -> None:
    names = [zone.name for zone in zones]
    if names[-1:] != ["unknown"]:
        raise refusal("last zone", "'unknown'", names[-1] if names else None)
    for zone in zones:
        _check_texts(f"aliases of the zone {zone.name!r}", zone.aliases)
        is_number = isinstance(zone.risk, Real) and not isinstance(zone.risk, bool)
        if not is_number or not 0 <= float(zone.risk) <= 1:
            raise refusal(f"risk of the zone {zone.name!r}", "a number from 0 to 1", zone.risk)
        if zone.kind not in ZONE_KINDS:
            raise refusal(
                f"kind of the zone {zone.name!r}", f"one of {', '.join(ZONE_KINDS)}", zone.kind
            )


def _check_sensors(sensors: Sequence[Sensor]) -> None:
    by_key: dict[Any, str] = {}
    for sensor in sensors:
        if sensor.name == UNSEEN:
            raise refusal("sensors", f"named otherwise than {UNSEEN!r}", sensor.name)
        for name in ("type", "location"):
            text = getattr(sensor, name)
            if text is not None:
                _check_texts(f"{name} of the sensor {sensor.name!r}", (text,))
        if sensor.key == (None, None):
            raise refusal(f"type or location of the sensor {sensor.name!r}", "a text", None)
        twin = by_key.setdefault(sensor.key, sensor.name)
        if twin != sensor.name:
            raise refusal("sensors", "told apart by type and location", f"{twin} and {sensor.name}")


def _check_matching(vocabulary: Any) -> None:
    by_words = vocabulary.matching == "words"
    kinds = [(text, kind.name) for kind in vocabulary.kinds for text in kind.texts]
    zones = [(text, zone.name) for zone in vocabulary.zones for text in (zone.name, *zone.aliases)]
    for name, texts in (("kinds", kinds), ("zones", zones)):
        owners: dict[Any, str] = {}
        for text, owner in texts:
            key: Any = words_of(text) if by_words else text
            if by_words and not key:
                raise refusal(f"texts of {owner!r}", "words, where words are matched", text)
            if not by_words and text != text.lower():
                raise refusal(
                    f"texts of {owner!r}", "in lower case, where substrings are matched", text
                )
            other = owners.setdefault(key, owner)
            if other != owner:
                raise refusal(
                    name, "told apart by their texts", f"{text!r} of both {other} and {owner}",
                    "Leave it to one of them",
                )  # fmt: skip


def _check_texts(what: str, texts: Any) -> None:
    if not isinstance(texts, tuple):
        raise refusal(what, "a tuple of texts", repr(texts))
    for text in texts:
        if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_TEXT:
            raise refusal(what, f"texts of 1 to {_LONGEST_TEXT} characters", text)
