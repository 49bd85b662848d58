"""Phrases about features, and those that several families share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from novin_ml.evaluation.words._numbers import at_least, number, span
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features.orders import HOME_MODE_ORDER, ZONE_KIND_ORDER
from novin_ml.features.spec import FeatureSpec

#: The values of a row, by the name of the feature.
Row = Mapping[str, float]

#: Those of the SDK and more, each with a risk of its own among its kind.
_ZONES = {zone.name: zone for zone in Vocabulary.home().zones}
_ZONE_OF: dict[tuple[float, float | None], str] = {
    (
        float(np.float32(zone.risk)),
        ZONE_KIND_ORDER.index(zone.kind) if zone.kind in ZONE_KIND_ORDER else None,
    ): zone.name
    for zone in _ZONES.values()
}
_INDOORS = ("garage", "transition", "interior")


class Phrase(NamedTuple):
    """A way to describe the value of a feature in words.

    Attributes
    ----------
    describe : callable
        ``describe(value, spec, row)`` returns the words for a value that is not missing.
    missing : str
        Words for a missing value.
    """

    describe: Callable[[float, FeatureSpec, Row], str]
    missing: str = "not known"


#: Phrases by the name of the feature.
Phrasebook = Mapping[str, Phrase]


def quantity(before: str, missing: str, after: str = "") -> Phrase:
    """Describe a number between two texts."""
    return Phrase(lambda value, spec, row: f"{before} {number(value)}{after}", missing)


def seconds(template: str, missing: str, none: str = "") -> Phrase:
    """Describe a time span by a template with ``{}``, and 0 by `none` if given."""
    return Phrase(
        lambda value, spec, row: none if none and value == 0 else template.format(span(value)),
        missing,
    )


def seconds_after(what: str) -> Phrase:
    """Describe how long ago something was; a value at the limit means that it did not happen."""

    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        if value >= spec.high:
            # Also true if it happened exactly at the limit.
            return f"no {what.split()[-1]} for at least {at_least(spec.high)}"
        return f"at the moment of {what}" if value == 0 else f"{span(value)} after {what}"

    return Phrase(describe, f"time since {what} not known")


def code(names: tuple[str, ...], template: str, unknown: str, missing: str) -> Phrase:
    """Describe a code by its name."""
    return Phrase(
        lambda value, spec, row: (
            template.format(names[int(value)]) if value in range(len(names)) else unknown
        ),
        missing,
    )


def risk(whose: str) -> Phrase:
    """Describe the risk of a zone, and name the zones that have it."""

    def describe(value: float, spec: FeatureSpec, row: Row) -> str:
        text = f"risk of {whose} {number(value)}"
        names = [spoken(name) for (of_zone, _), name in _ZONE_OF.items() if of_zone == value]
        return f"{text}, as of {' or '.join(names)}" if names else text

    return Phrase(describe, f"risk of {whose} not known")


HOME_MODE = code(
    HOME_MODE_ORDER,
    "the home is in {} mode",
    "the home is in a mode that is not known",
    "the home's mode is not reported",
)
ZONE_KIND = Phrase(lambda value, spec, row: _kind_of_zone(value), "kind of the zone not known")


def _kind_of_zone(value: float) -> str:
    known = value in range(len(ZONE_KIND_ORDER))
    return f"at a zone of {f'the kind {ZONE_KIND_ORDER[int(value)]}' if known else 'no known kind'}"


def place(zone_risk: float, zone_kind: float) -> str:
    """Describe the zone with this risk and kind, or what is known about it."""
    known = not math.isnan(zone_kind)
    name = _ZONE_OF.get((zone_risk, zone_kind if known else None))
    if name is None:
        parts = [_kind_of_zone(zone_kind) if known else ZONE_KIND.missing]
        parts += [] if math.isnan(zone_risk) else [f"risk {number(zone_risk)}"]
        return ", ".join(parts)
    if name == "unknown":
        return "at a zone that is not known"
    return f"{'in' if _ZONES[name].kind in _INDOORS else 'at'} the {spoken(name)}"


def spoken(name: str) -> str:
    """Return a name in plain words."""
    return "a zone that is not known" if name == "unknown" else name.replace("_", " ")
