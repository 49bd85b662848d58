"""Phrases about features as tables of cases, and those that several families share.

A phrase is data, not code: the Swift package has the same cases, and goes through them alike.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from novin_ml.estimators.words._numbers import times
from novin_ml.estimators.words.said import Text, Value, Words
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features.behavior.specs import FLOOR
from novin_ml.features.orders import HOME_MODE_ORDER, ZONE_KIND_ORDER
from novin_ml.features.spec import FeatureSpec

#: The values of a row, by the name of the feature.
Row = Mapping[str, float]

#: Those of the SDK and more, each with a risk of its own among its kind.
ZONES = {zone.name: zone for zone in Vocabulary.home().zones}
#: Names by risk and the code of the kind, if it has one.
ZONE_OF: dict[tuple[float, float | None], str] = {
    (
        float(np.float32(zone.risk)),
        ZONE_KIND_ORDER.index(zone.kind) if zone.kind in ZONE_KIND_ORDER else None,
    ): zone.name
    for zone in ZONES.values()
}
#: The rarities that `unseen` counts.
RARITIES = ("place_rarity", "hour_rarity", "mode_rarity", "order_rarity")
_NEVER_BITS = -math.log2(FLOOR)
_ROUNDING = 1e-4


class Part(NamedTuple):
    """A value within a text.

    Attributes
    ----------
    kind : {"number", "digits", "span", "name", "new", "cases", "words", "zones"}
        How it is told: "name" takes the number as a position in `names`, "new" the first of
        `names` that the home never saw, "cases" tells the number by a phrase, "words" is constant,
        "zones" are all of that risk.
    of : {"value", "ratio", "absolute_ratio", "high", "window", "more", "constant"}
        The number: the value, the ratio that it is the logarithm of, the highest value of the
        feature, the window of its spec, how many more were never seen, or none.
    scale, shift : float
        The number is multiplied by `scale`, then `shift` is added.
    names : tuple of Text
    cases : tuple of Case
    words : Text or None
    """

    kind: str
    of: str = "value"
    scale: float = 1.0
    shift: float = 0.0
    names: tuple[Text, ...] = ()
    cases: tuple[Case, ...] = ()
    words: Text | None = None


class Case(NamedTuple):
    """A text for the values that pass a test.

    Attributes
    ----------
    text : Text
    parts : tuple of Part
        The values of the text.
    test : str
        One of "always", "missing", "is", "from", "below" and "high" of the value, "ratio_below",
        "ratio_from", "ratio_above" and "absolute_ratio_below" of the ratio that it is the logarithm
        of, "code", "risk", "first", "never" and "new".
    limit : float
        The number that the test compares with.
    """

    text: Text
    parts: tuple[Part, ...] = ()
    test: str = "always"
    limit: float = 0.0


#: The cases of a feature; the first one that holds is told. The last one always holds.
Phrase = tuple[Case, ...]
#: Phrases by the name of the feature.
Phrasebook = Mapping[str, Phrase]


@dataclass
class Context:
    """A value with all that a phrase asks about it."""

    value: float
    spec: FeatureSpec | None = None
    row: Row = field(default_factory=dict)

    def say(self, cases: Sequence[Case]) -> Words:
        """Return the words of the first case that holds."""
        case = next(each for each in cases if self._holds(each.test, each.limit))
        return Words(case.text.key, tuple(self._value(part) for part in case.parts))

    def _holds(self, test: str, limit: float) -> bool:
        value = self.value
        if test in _TESTS:
            return _TESTS[test](value, limit)
        if test == "high":
            return self.spec is not None and value >= self.spec.high
        if test == "risk":
            return any(risk == value for risk, _ in ZONE_OF)
        if test == "first":
            return self.row.get("gap") == 0
        if test == "never":
            bits = _log_of_home(self.row)
            return bits is not None and abs(value - bits - _NEVER_BITS) < _ROUNDING
        return len(_new_of(self.row)) >= limit

    def _value(self, part: Part) -> Value:
        if part.kind == "words" and part.words is not None:
            return Value("words", part.words.words())
        if part.kind == "new":
            return Value("words", part.names[_new_of(self.row)[0]].words())
        if part.kind == "zones":
            names = [name for (risk, _), name in ZONE_OF.items() if risk == self.value]
            return Value("any", tuple(zone_name(name).words() for name in names))
        number = self._number(part.of) * part.scale + part.shift
        if part.kind == "name":
            return Value("words", part.names[int(number)].words())
        if part.kind == "cases":
            return Value("words", Context(number, self.spec, self.row).say(part.cases))
        return Value(part.kind, number)

    def _number(self, of: str) -> float:
        if of == "high":
            return math.nan if self.spec is None else self.spec.high
        if of == "window":
            return _window_of(self.spec)
        if of == "more":
            return float(len(_new_of(self.row)) - 1)
        if of == "constant":
            return 0.0
        if of == "absolute_ratio":
            return times(abs(self.value))
        return times(self.value) if of == "ratio" else self.value


_TESTS = {
    "always": lambda value, limit: True,
    "missing": lambda value, limit: math.isnan(value),
    "is": lambda value, limit: value == limit,
    "from": lambda value, limit: value >= limit,
    "below": lambda value, limit: value < limit,
    "ratio_below": lambda value, limit: times(value) < limit,
    "ratio_from": lambda value, limit: times(value) >= limit,
    "ratio_above": lambda value, limit: times(value) > limit,
    "absolute_ratio_below": lambda value, limit: times(abs(value)) < limit,
    "code": lambda value, limit: value in range(int(limit)),
}


def _window_of(spec: FeatureSpec | None) -> float:
    found = re.search(r"in the last (\S+) s\b", spec.meaning) if spec is not None else None
    return float(found[1]) if found else math.nan


def _log_of_home(row: Row) -> float | None:
    """Return lg(N + 1), where N is the home's number of earlier events; None if not known.

    A single rarity cannot distinguish "never seen" from "rare", but all rarities of a row can. The
    rarity of something never seen is lg(4 (N + 1)), and `unseen` is lg(N + 1) times the number of
    such rarities among four.
    """
    unseen = row.get("unseen", math.nan)
    if row.get("gap") == 0:
        return 0.0
    for n in range(1, len(RARITIES) + 1) if unseen > 0 else ():
        never = unseen / n + _NEVER_BITS
        if sum(abs(row.get(name, math.nan) - never) < _ROUNDING for name in RARITIES) == n:
            return unseen / n
    return None


def _new_of(row: Row) -> list[int]:
    """Return the positions of the rarities of what the home never saw."""
    bits = _log_of_home(row)
    if bits is None:
        return []
    return [
        place
        for place, name in enumerate(RARITIES)
        if abs(row.get(name, math.nan) - bits - _NEVER_BITS) < _ROUNDING
    ]


def texts_of(cases: Sequence[Case]) -> Iterator[Text]:
    """Yield the texts of cases and of all within them."""
    for case in cases:
        yield case.text
        for part in case.parts:
            yield from part.names
            yield from texts_of(part.cases)
            if part.words is not None:
                yield part.words


NUMBER, SPAN = Part("number"), Part("span")


def missing(text: Text, *parts: Part) -> Case:
    """Tell that the value is missing."""
    return Case(text, parts, "missing")


def quantity(text: Text, without: Text, part: Part = NUMBER) -> Phrase:
    """Tell a number."""
    return missing(without), Case(text, (part,))


def seconds(text: Text, without: Text, none: Text | None = None) -> Phrase:
    """Tell a time span, and 0 by `none` if given."""
    zero = () if none is None else (Case(none, (), "is"),)
    return missing(without), *zero, Case(text, (SPAN,))


def counted(key: str, one: str, several: str, without: Text, *parts: Part) -> Phrase:
    """Tell a count with its noun: "no" for 0, and whole numbers in full."""
    return (
        missing(without),
        Case(Text(f"{key}.none", several.replace("{0}", "no")), (NUMBER, *parts), "is"),
        Case(Text(key, several, one=one), (NUMBER, *parts)),
    )


def spoken(name: str) -> str:
    """Return a name in plain words."""
    return "a zone that is not known" if name == "unknown" else name.replace("_", " ")


def zone_name(name: str) -> Text:
    """Return the text of a zone's name."""
    return Text(f"zone.{name}", spoken(name))


#: A span as a limit.
LIMIT: Phrase = (
    Case(Text("limit.minute", "a minute"), (), "is", 60),
    Case(Text("limit.hour", "an hour"), (), "is", 3600),
    Case(Text("limit.span", "{0}"), (SPAN,)),
)
#: A span that ends now.
WINDOW: Phrase = (
    missing(Text("window.unknown", "the window")),
    Case(Text("window.minute", "the last minute"), (), "is", 60),
    Case(Text("window.hour", "the last hour"), (), "is", 3600),
    Case(Text("window.span", "the last {0}"), (SPAN,)),
)


def risk(key: str, whose: str) -> Phrase:
    """Tell the risk of a zone, and name the zones that have it."""
    return (
        missing(Text(f"{key}.missing", f"risk of {whose} not known")),
        Case(
            Text(f"{key}.of", f"risk of {whose} {{0}}, as of {{1}}"),
            (NUMBER, Part("zones", names=tuple(map(zone_name, ZONES)))),
            "risk",
        ),
        Case(Text(key, f"risk of {whose} {{0}}"), (NUMBER,)),
    )


HOME_MODE: Phrase = (
    missing(Text("home_mode.missing", "the home's mode is not reported")),
    Case(
        Text("home_mode", "the home is in {0} mode"),
        (Part("name", names=tuple(Text(f"mode.{name}", name) for name in HOME_MODE_ORDER)),),
        "code",
        len(HOME_MODE_ORDER),
    ),
    Case(Text("home_mode.unknown", "the home is in a mode that is not known")),
)
ZONE_KIND: Phrase = (
    missing(Text("zone_kind.missing", "kind of the zone not known")),
    Case(
        Text("zone_kind", "at a zone of the kind {0}"),
        (
            Part(
                "name", names=tuple(Text(f"kind_of_zone.{name}", name) for name in ZONE_KIND_ORDER)
            ),
        ),
        "code",
        len(ZONE_KIND_ORDER),
    ),
    Case(Text("zone_kind.unknown", "at a zone of no known kind")),
)
