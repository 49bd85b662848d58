"""The phrases of all families, and the texts that belong to no feature alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from novin_ml.estimators.words._behavior import BEHAVIOR, MONITOR
from novin_ml.estimators.words._chains import CHAINS, NAMES, an_event_of, kind_at
from novin_ml.estimators.words._events import DELIVERY, MOTION
from novin_ml.estimators.words.phrases import (
    ZONES,
    Phrase,
    Phrasebook,
    spoken,
    texts_of,
)
from novin_ml.estimators.words.said import Text
from novin_ml.features.spec import FeatureSpec

#: Keyed by family: two families may word a feature of the same name differently.
PHRASEBOOKS: dict[str, Phrasebook] = {
    "delivery": DELIVERY,
    "motion": MOTION,
    "chains": CHAINS,
    "behavior": BEHAVIOR,
    "monitor": MONITOR,
}

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_INDOORS = ("garage", "transition", "interior")
#: The begin of the phrases that tell a kind by its position in a vocabulary.
_BEGINS = {"first_kind": ("first", "begins with"), "last_kind": ("last", "ends with")}

AT_HOUR = Text("hour", "at {0}")
NO_HOUR = Text("hour.missing", "local time not known")
ON_DAYS = tuple(Text(f"weekday.{day.lower()}", f"on a {day}") for day in _DAYS)
NO_DAY = Text("weekday.missing", "day of the week not known")
ZONE_WITH_RISK = Text("zone_with_risk", "{0}, risk {1}")
#: A feature without a phrase is told by its name.
MISSING = Text("column.missing", "{0} is missing")
SPAN_OF = Text("column.span", "{0} is {1}")
NUMBER_OF = Text("column", "{0} is {1}")
QUANTITY_OF = Text("column.unit", "{0} is {1} {2}")

#: The parts of time spans, and what joins a list.
UNITS = (
    Text("unit.short", "less than {0} s"),
    Text("unit.s", "{0} s"),
    Text("unit.min", "{0} min"),
    Text("unit.h", "{0} h"),
    Text("unit.d", "{0} days", one="{0} day"),
    Text("unit.long", "at least {0} days"),
    Text("or", "{0} or {1}"),
)


def place_of(zone: str) -> Text:
    """Return the text of where a zone is."""
    if zone == "unknown":
        return Text("place.unknown", "at a zone that is not known")
    where = "in" if ZONES[zone].kind in _INDOORS else "at"
    return Text(f"place.{zone}", f"{where} the {spoken(zone)}")


def phrase_of(phrasebook: Phrasebook, spec: FeatureSpec) -> Phrase | None:
    """Return the phrase of a feature, or None."""
    if spec.name in _BEGINS and spec.name in phrasebook:
        kinds = spec.meaning.partition("(")[2].rstrip(")").split(", ")
        return kind_at(*_BEGINS[spec.name], tuple(kinds))
    return phrasebook.get(spec.name)


def all_texts() -> Iterator[Text]:
    """Yield all texts, some of them more than once."""
    for phrasebook in PHRASEBOOKS.values():
        yield from texts_of([case for phrase in phrasebook.values() for case in phrase])
    yield from map(an_event_of, (*NAMES, "lawn", "oven"))  # one of each article
    yield from map(place_of, ZONES)
    yield from (AT_HOUR, NO_HOUR, *ON_DAYS, NO_DAY, ZONE_WITH_RISK)
    yield from (MISSING, SPAN_OF, NUMBER_OF, QUANTITY_OF, *UNITS)


def english_texts(texts: Iterable[Text]) -> dict[str, str | dict[str, str]]:
    """Return the table of texts by key.

    A text that differs for 1 has the forms "one" and "other".

    Raises
    ------
    ValueError
        If one key has two texts.
    """
    table: dict[str, str | dict[str, str]] = {}
    for text in texts:
        forms = {"one": text.one, "other": text.english} if text.one else text.english
        if table.setdefault(text.key, forms) != forms:
            raise ValueError(f"A key must have one text. Got {forms!r} for {text.key!r}.")
    return dict(sorted(table.items()))
