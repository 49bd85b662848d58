"""The kinds and zones of `Vocabulary.home`: those of the SDK, and more for real homes."""

from __future__ import annotations

from collections.abc import Iterable

from novin_ml.events.kinds import EVENT_KINDS, EventKind
from novin_ml.events.zones import ZONES, Zone

#: More texts for the kinds of the SDK. Each is matched by whole words, so that "car" is in no
#: carport and no carpet.
_MORE_TEXTS: dict[str, tuple[str, ...]] = {
    "motion": ("movement", "moving", "pir"),
    "doorbell": ("door bell", "ding"),
    "door": ("frontdoor", "backdoor", "sidedoor", "maindoor", "garagedoor", "gate"),
    "glass_break": ("broken glass", "glass shatter"),
    "sound": ("noise", "audio"),
    "vehicle": ("car", "truck", "bus", "motorcycle", "bicycle", "bike"),
    "pet": ("animal", "dog", "cat"),
    "smoke": ("smokedetector", "smokealarm"),
    "fire": ("flame",),
}

#: A person seen is more than a motion. What only says that something opens, or is on, gives way to
#: the name of what it is on: a "door contact" is a door.
_MORE_KINDS = (
    EventKind("contact", ("contact", "opening", "opened", "magnetic", "reed"), 5, "opening"),
    EventKind("occupancy", ("occupancy", "occupied"), 45, "motion"),
    EventKind("presence", ("presence", "pressure", "bed", "seat"), 4, "motion"),
    EventKind("person", ("person", "human", "people"), 60),
    EventKind("lock", ("lock", "unlock", "locked", "unlocked", "deadbolt"), 25),
    EventKind("leak", ("leak", "leakage", "flood", "moisture"), 75, "alarm"),
    EventKind(
        "carbon_monoxide",
        ("carbon monoxide", "co alarm", "co detector", "co sensor"),
        85,
        "alarm",
    ),
    EventKind("siren", ("siren",), 70, "alarm"),
    EventKind("switch", ("switch", "button", "light", "lamp", "remote"), 3),
    EventKind(
        "appliance",
        (
            "appliance", "plug", "outlet", "electric", "flush", "oven", "stove", "microwave",
            "toaster", "fridge", "refrigerator", "freezer", "dishwasher", "washer", "dryer",
            "washing machine", "kettle", "coffee machine", "tv", "television",
        ),
        3,
    ),
)  # fmt: skip

_MORE_NAMES: dict[str, tuple[str, ...]] = {
    "front_door": ("main_door", "maindoor"),
    "living_room": ("living", "sitting_room", "family_room"),
    "bedroom": ("bed_room", "masterbedroom", "guestroom"),
    "kitchen": ("dining_room",),
}

_MORE_ZONES = (
    Zone("bathroom", 0.29, "interior", ("bath", "bath_room", "shower", "basin", "ensuite")),
    Zone("toilet", 0.28, "interior", ("wc", "restroom", "lavatory", "powder_room")),
    Zone("office", 0.38, "interior", ("study", "workroom", "work_room")),
    Zone("stairs", 0.32, "transition", ("stair", "staircase", "stairway", "stairwell")),
    Zone("hall", 0.31, "transition", ("lobby", "landing")),
    Zone("entrance", 0.60, "entry", ("entry", "entryway", "foyer", "vestibule")),
    Zone("laundry", 0.34, "interior", ("laundry_room", "utility", "utility_room")),
    Zone("basement", 0.48, "interior"),
    Zone("nursery", 0.42, "interior", ("kids_room", "childrens_room", "baby_room")),
    Zone("attic", 0.36, "interior", ("loft",)),
    Zone("cellar", 0.46, "interior"),
)


def _kinds() -> Iterable[EventKind]:
    for kind in EVENT_KINDS[:-1]:
        texts = kind.texts + _MORE_TEXTS.get(kind.name, ())
        yield EventKind(kind.name, texts, kind.precedence, kind.group)
    yield from _MORE_KINDS
    yield EVENT_KINDS[-1]


def _zones() -> Iterable[Zone]:
    *known, unknown = ZONES.values()
    for zone in known:
        names = zone.aliases + _MORE_NAMES.get(zone.name, ())
        yield Zone(zone.name, zone.risk, zone.kind, names)
    yield from _MORE_ZONES
    yield unknown


#: Those of the SDK come first, so that codes and names stay what they are.
HOME_KINDS: tuple[EventKind, ...] = tuple(_kinds())
HOME_ZONES: tuple[Zone, ...] = tuple(_zones())
