"""The kind and the zone of an entity, guessed from its class, its names and its area."""

from __future__ import annotations

from typing import NamedTuple

from novin_ml.events.doors.events import location_in
from novin_ml.events.doors.home_assistant.registries import Entity
from novin_ml.events.doors.mapping import NOT_READ, DoorMapping
from novin_ml.events.vocabulary.vocabulary import Vocabulary

__all__ = ["Guess", "guess_kind", "guess_location", "kind_of_press"]

#: Kinds by device class, the one that fits best first: the first that the vocabulary has counts.
_KINDS = {
    "motion": ("motion",),
    "moving": ("motion",),
    "occupancy": ("occupancy", "motion"),
    "door": ("door",),
    "garage_door": ("door",),
    "window": ("window",),
    "smoke": ("smoke",),
    "sound": ("sound",),
    "doorbell": ("doorbell",),
}


class Guess(NamedTuple):
    """A value, or None, and what told it."""

    value: str | None
    by: str


def guess_kind(name: str, entity: Entity, mapping: DoorMapping, vocabulary: Vocabulary) -> Guess:
    """Return the kind of the events of an entity, or None with the reason why it is not read."""
    mapped = mapping.of(name, (entity.area_id, entity.area)).kind
    if mapped is not None:
        return Guess(None, "the mapping") if mapped == NOT_READ else Guess(mapped, "the mapping")
    if entity.platform == "group":
        return Guess(None, "a group, which repeats its members")
    known = {kind.name for kind in vocabulary.kinds}
    by_class = entity.device_class
    if by_class == "opening":
        names = (entity.full_name, entity.own_name)
        is_window = any(vocabulary.kind_of(each) == "window" for each in names)
        kinds: tuple[str, ...] = ("window",) if is_window else ("door",)
    elif by_class is not None:
        kinds = _KINDS.get(by_class, ())
    else:
        kind = vocabulary.kind_of(entity.own_name)
        if kind == "other":
            return Guess(None, "no device class, and no kind in its name")
        return Guess(kind, f"name {entity.own_name}")
    kind_found = next((kind for kind in kinds if kind in known), None)
    return Guess(kind_found, f"device class {by_class}")


def kind_of_press(kind: str, event_type: str | None, vocabulary: Vocabulary) -> str:
    """Return the kind of a press of a doorbell, which also sends motions."""
    says_motion = kind == "doorbell" and "motion" in (event_type or "").lower()
    has_motion = any(each.name == "motion" for each in vocabulary.kinds)
    return "motion" if says_motion and has_motion else kind


def guess_location(
    name: str, entity: Entity, mapping: DoorMapping, vocabulary: Vocabulary
) -> Guess:
    """Return the location of an entity: its zone follows from it by the vocabulary."""
    own = entity.full_name
    if vocabulary.zone_of(own) != "unknown":
        guess = Guess(location_in(None, own, vocabulary), f"name {own}")
    elif entity.area is not None:
        guess = Guess(location_in(None, entity.area, vocabulary), f"area {entity.area}")
    else:
        guess = Guess(location_in(None, own or name, vocabulary), f"name {own or name}")
    mapped = mapping.of(name, (entity.area_id, entity.area)).zone
    if mapped is None:
        return guess
    if vocabulary.zone_of(guess.value) == mapped:
        return Guess(guess.value, "the mapping")
    return Guess(location_in(mapped, own, vocabulary), "the mapping")
