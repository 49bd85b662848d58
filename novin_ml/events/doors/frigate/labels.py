"""What Frigate's labels are to us: kinds of events, and weak labels of deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from novin_ml.events.doors.frigate.rows import ObjectRow
from novin_ml.events.doors.mapping import NOT_READ, DoorMapping
from novin_ml.events.vocabulary.vocabulary import Vocabulary

__all__ = ["DELIVERY", "hints_of", "is_package", "kind_of_row"]

#: The weak label that packages and carriers give.
DELIVERY = "delivery"
_KINDS = {
    "person": "motion",
    **dict.fromkeys(("car", "truck", "bus", "motorcycle", "bicycle"), "vehicle"),
    **dict.fromkeys(("dog", "cat"), "pet"),
}
#: Carriers, by the names that Frigate's models and their users give them.
_CARRIERS = frozenset(
    (
        *("amazon", "an_post", "canada_post", "delivery_person", "dhl", "dpd", "fedex", "gls"),
        *("hermes", "nzpost", "postnl", "postnord", "purolator", "royal_mail", "ups", "usps"),
    )
)
_PACKAGE = "package"
#: A package that appears so long after a person came was laid down by the person, perhaps.
_LATER_S = 60.0


def is_package(row: ObjectRow) -> bool:
    """Tell whether an object is a package, which is no event but hints at a delivery."""
    return row.type == "object" and row.label.lower() == _PACKAGE


def kind_of_row(
    row: ObjectRow, mapping: DoorMapping, vocabulary: Vocabulary
) -> tuple[str | None, str]:
    """Return the kind of an object, or None if it is no event, and what told it."""
    mapped = mapping.of(row.sensor, (row.label, row.camera)).kind
    if mapped is None:
        named = (mapping.entities.get(f"{row.sensor}@{zone}") for zone in row.zones)
        mapped = next((each.kind for each in named if each is not None and each.kind), None)
    if mapped is not None:
        return (None if mapped == NOT_READ else mapped), "the mapping"
    by = f"label {row.label}"
    if row.type == "audio":
        kind: str | None = "sound"
    elif row.type == "api":
        kind = "doorbell" if "doorbell" in row.label.lower() else None
    else:
        kind = _KINDS.get(row.label.lower())
    return (kind if any(each.name == kind for each in vocabulary.kinds) else None), by


def hints_of(rows: Sequence[ObjectRow], packages: Iterable[ObjectRow]) -> list[str | None]:
    """Return what hints at a delivery, of each object that is an event; None if nothing does."""
    by_camera: dict[str, list[ObjectRow]] = {}
    for package in packages:
        by_camera.setdefault(package.camera, []).append(package)
    return [_hint(row, by_camera.get(row.camera, ())) for row in rows]


def _hint(row: ObjectRow, packages: Iterable[ObjectRow]) -> str | None:
    if row.type != "object":
        return None
    # Of a sub-label only a carrier: else it may be the name of a person.
    for named in (row.sub_label, *row.attributes):
        name = (named or "").strip().lower().replace(" ", "_")
        if name in _CARRIERS:
            return f"sub_label {name}"
    if row.label.lower() != "person":
        return None
    last = row.start if row.end is None else row.end
    for package in packages:
        if row.start <= package.start <= last + _LATER_S:
            return f"package {package.start - row.start:.0f} s after it began"
    return None
