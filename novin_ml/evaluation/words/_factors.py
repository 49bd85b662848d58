"""The features of a row in words: columns that say one thing together, and what they say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from novin_ml.estimators.families import Family
from novin_ml.evaluation.words._behavior import BEHAVIOR
from novin_ml.evaluation.words._chains import CHAINS
from novin_ml.evaluation.words._events import DELIVERY, MOTION
from novin_ml.evaluation.words._numbers import (
    clock,
    minute_of_day,
    minute_of_week,
    number,
    span,
    weekday,
)
from novin_ml.evaluation.words._phrases import Book, Row, place
from novin_ml.features.spec import FeatureSpec

#: The words of each family's features, by the family's name: two families have a feature of one
#: name and other words. Features without words are named with their value.
BOOKS: dict[str, Book] = {
    "delivery": DELIVERY,
    "motion": MOTION,
    "chains": CHAINS,
    "behavior": BEHAVIOR,
}


@dataclass(frozen=True)
class Said:
    """A value of one column, or of several that say one thing, in words.

    Attributes
    ----------
    value : float
    text : str
    """

    value: float
    text: str


@dataclass(frozen=True)
class Factor:
    """One column, or several that mean one thing: a point on the clock, a zone.

    Attributes
    ----------
    name : str
        Of the column, or of what the columns mean.
    unit : str
        Of the value.
    meaning : str
    columns : tuple of int
        Positions in the feature row.
    say : callable
        From a row's values by name to `Said`.
    """

    name: str
    unit: str
    meaning: str
    columns: tuple[int, ...]
    say: Callable[[Row], Said]


def factors_of(specs: Sequence[FeatureSpec], family: Family | None) -> tuple[Factor, ...]:
    """Return what the columns mean, in the order of their first column.

    Parameters
    ----------
    specs : sequence of FeatureSpec
        Of the columns.
    family : Family or None
        Whose features they are; None if of another model, for which there are no words.
    """
    own = {spec.name for spec in family.features().feature_specs} if family else set()
    book = BOOKS.get(family.name, {}) if family else {}
    place_of = {
        spec.name: i for i, spec in enumerate(specs) if spec.name in own and spec.unit != ""
    }
    factors, taken = [], set()
    for names, name, unit, say in _TOGETHER:
        if all(each in place_of for each in names):
            columns = tuple(place_of[each] for each in names)
            taken |= set(columns)
            meaning = "; ".join(f"{each}: {specs[place_of[each]].meaning}" for each in names)
            factors.append(Factor(name, unit, meaning, columns, say))
    for i, spec in enumerate(specs):
        if i not in taken:
            say = _say_by(book if spec.name in place_of else {}, spec)
            factors.append(Factor(spec.name, spec.unit, spec.meaning, (i,), say))
    return tuple(sorted(factors, key=lambda factor: factor.columns))


def _say_by(book: Book, spec: FeatureSpec) -> Callable[[Row], Said]:
    def say(row: Row) -> Said:
        value = row[spec.name]
        phrase = book.get(spec.name)
        if phrase is None:
            return Said(value, _plainly(value, spec))
        text = phrase.missing if math.isnan(value) else phrase.say(value, spec, row)
        return Said(value, text)

    return say


def _plainly(value: float, spec: FeatureSpec) -> str:
    if math.isnan(value):
        return f"{spec.name} is missing"
    if spec.unit == "s":
        return f"{spec.name} is {span(value)}"
    return f"{spec.name} is {number(value)}{'' if spec.unit in ('', '1') else f' {spec.unit}'}"


def _hour(row: Row) -> Said:
    minute = minute_of_day(row["hour_sin"], row["hour_cos"])
    known = not math.isnan(minute)
    return Said(minute / 60, f"at {clock(minute)}" if known else "local time not known")


def _weekday(row: Row) -> Said:
    minute = minute_of_week(row["weekday_sin"], row["weekday_cos"])
    known = not math.isnan(minute)
    return Said(minute / 1440, f"on a {weekday(minute)}" if known else "day of the week not known")


def _zone(row: Row) -> Said:
    return Said(row["zone_risk"], place(row["zone_risk"], row["zone_kind"]))


#: Columns that say one thing: their names, its name and unit, and what it says.
_TOGETHER: tuple[tuple[tuple[str, ...], str, str, Callable[[Row], Said]], ...] = (
    (("hour_sin", "hour_cos"), "hour", "h", _hour),
    (("weekday_sin", "weekday_cos"), "weekday", "d", _weekday),
    (("zone_risk", "zone_kind"), "zone", "1", _zone),
)
