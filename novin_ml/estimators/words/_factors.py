"""The features of a row in words: columns that belong together, and their wording."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from novin_ml.estimators.words import phrasebooks as books
from novin_ml.estimators.words._numbers import minute_of_day, minute_of_week, weekday
from novin_ml.estimators.words.language import ENGLISH
from novin_ml.estimators.words.phrases import ZONE_KIND, ZONE_OF, Context, Phrasebook, Row
from novin_ml.estimators.words.said import Value, Words
from novin_ml.features.spec import FeatureSpec


@dataclass(frozen=True)
class Wording:
    """The value of a factor, as a number and in words.

    Attributes
    ----------
    value : float
    words : Words
    text : str
        The words in English.
    """

    value: float
    words: Words

    @property
    def text(self) -> str:
        """The words in English."""
        return ENGLISH.text(self.words)


@dataclass(frozen=True)
class Factor:
    """One column, or several that belong together: a point on the clock, a zone.

    Attributes
    ----------
    name : str
        Name of the column, or of what the columns mean together.
    unit : str
        Unit of the value.
    meaning : str
    columns : tuple of int
        Positions in the feature row.
    describe : callable
        ``describe(row)`` returns the `Wording`; `row` maps names to values.
    """

    name: str
    unit: str
    meaning: str
    columns: tuple[int, ...]
    describe: Callable[[Row], Wording]


def factors_of(specs: Sequence[FeatureSpec], family: str | None) -> tuple[Factor, ...]:
    """Return the factors of the columns, in the order of their first column.

    Parameters
    ----------
    specs : sequence of FeatureSpec
        Specs of the columns. One with an empty unit is told by its name.
    family : str or None
        Name of the family that words them; None tells them by their names.

    Returns
    -------
    factors : tuple of Factor
        Each column belongs to exactly one factor.
    """
    phrasebook = books.PHRASEBOOKS.get(family or "", {})
    place_of = {spec.name: i for i, spec in enumerate(specs) if spec.unit != ""}
    factors, taken = [], set()
    for names, name, unit, describe in JOINED_COLUMNS:
        if all(each in place_of for each in names):
            columns = tuple(place_of[each] for each in names)
            taken |= set(columns)
            meaning = "; ".join(f"{each}: {specs[place_of[each]].meaning}" for each in names)
            factors.append(Factor(name, unit, meaning, columns, describe))
    for i, spec in enumerate(specs):
        if i not in taken:
            describe = _describer(phrasebook if spec.name in place_of else {}, spec)
            factors.append(Factor(spec.name, spec.unit, spec.meaning, (i,), describe))
    return tuple(sorted(factors, key=lambda factor: factor.columns))


def _describer(phrasebook: Phrasebook, spec: FeatureSpec) -> Callable[[Row], Wording]:
    phrase = books.phrase_of(phrasebook, spec)

    def describe(row: Row) -> Wording:
        value = row[spec.name]
        if phrase is None:
            return Wording(value, _without_phrase(value, spec))
        return Wording(value, Context(value, spec, row).say(phrase))

    return describe


def _without_phrase(value: float, spec: FeatureSpec) -> Words:
    name = Value("text", spec.name)
    if math.isnan(value):
        return Words(books.MISSING.key, (name,))
    if spec.unit == "s":
        return Words(books.SPAN_OF.key, (name, Value("span", value)))
    number = Value("number", value)
    if spec.unit in ("", "1"):
        return Words(books.NUMBER_OF.key, (name, number))
    return Words(books.QUANTITY_OF.key, (name, number, Value("text", spec.unit)))


def _hour(row: Row) -> Wording:
    minute = minute_of_day(row["hour_sin"], row["hour_cos"])
    known = not math.isnan(minute)
    words = Words(books.AT_HOUR.key, (Value("clock", minute),)) if known else books.NO_HOUR.words()
    return Wording(minute / 60, words)


def _weekday(row: Row) -> Wording:
    minute = minute_of_week(row["weekday_sin"], row["weekday_cos"])
    known = not math.isnan(minute)
    words = books.ON_DAYS[weekday(minute)].words() if known else books.NO_DAY.words()
    return Wording(minute / 1440, words)


def _zone(row: Row) -> Wording:
    """Tell the zone with this risk and kind, or what is known about it."""
    risk, kind = row["zone_risk"], row["zone_kind"]
    name = ZONE_OF.get((risk, None if math.isnan(kind) else kind))
    if name is not None:
        return Wording(risk, books.place_of(name).words())
    words = Context(kind).say(ZONE_KIND)
    if not math.isnan(risk):
        words = Words(books.ZONE_WITH_RISK.key, (Value("words", words), Value("number", risk)))
    return Wording(risk, words)


#: Columns that belong together: their names, the name and unit of the factor, and its wording.
JOINED_COLUMNS: tuple[tuple[tuple[str, ...], str, str, Callable[[Row], Wording]], ...] = (
    (("hour_sin", "hour_cos"), "hour", "h", _hour),
    (("weekday_sin", "weekday_cos"), "weekday", "d", _weekday),
    (("zone_risk", "zone_kind"), "zone", "1", _zone),
)
