"""The features of a row in words: columns that belong together, and their wording."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from novin_ml.estimators.families import family_with_features
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
from novin_ml.evaluation.words._phrases import Phrasebook, Row, place
from novin_ml.features.spec import FeatureSpec

#: Keyed by family: two families may word a feature of the same name differently.
PHRASEBOOKS: dict[str, Phrasebook] = {
    "delivery": DELIVERY,
    "motion": MOTION,
    "chains": CHAINS,
    "behavior": BEHAVIOR,
}


@dataclass(frozen=True)
class Wording:
    """The value of a factor, as a number and in words.

    Attributes
    ----------
    value : float
    text : str
    """

    value: float
    text: str


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


def factors_of(
    specs: Sequence[FeatureSpec],
    family_specs: Sequence[FeatureSpec],
    phrasebook: Phrasebook | None = None,
) -> tuple[Factor, ...]:
    """Return the factors of the columns, in the order of their first column.

    Parameters
    ----------
    specs : sequence of FeatureSpec
        Specs of the columns.
    family_specs : sequence of FeatureSpec
        Specs of the features of the family, which have words.
    phrasebook : dict of str to Phrase, default=None
        The words; None takes those of the family with these features.

    Returns
    -------
    factors : tuple of Factor
        Each column belongs to exactly one factor.
    """
    own = tuple(spec.name for spec in family_specs)
    if phrasebook is None:
        family = family_with_features(own)
        phrasebook = {} if family is None else PHRASEBOOKS.get(family.name, {})
    place_of = {
        spec.name: i for i, spec in enumerate(specs) if spec.name in own and spec.unit != ""
    }
    factors, taken = [], set()
    for names, name, unit, describe in _JOINED_COLUMNS:
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
    def describe(row: Row) -> Wording:
        value = row[spec.name]
        phrase = phrasebook.get(spec.name)
        if phrase is None:
            return Wording(value, _without_phrase(value, spec))
        text = phrase.missing if math.isnan(value) else phrase.describe(value, spec, row)
        return Wording(value, text)

    return describe


def _without_phrase(value: float, spec: FeatureSpec) -> str:
    if math.isnan(value):
        return f"{spec.name} is missing"
    if spec.unit == "s":
        return f"{spec.name} is {span(value)}"
    return f"{spec.name} is {number(value)}{'' if spec.unit in ('', '1') else f' {spec.unit}'}"


def _hour(row: Row) -> Wording:
    minute = minute_of_day(row["hour_sin"], row["hour_cos"])
    known = not math.isnan(minute)
    return Wording(minute / 60, f"at {clock(minute)}" if known else "local time not known")


def _weekday(row: Row) -> Wording:
    minute = minute_of_week(row["weekday_sin"], row["weekday_cos"])
    known = not math.isnan(minute)
    return Wording(
        minute / 1440, f"on a {weekday(minute)}" if known else "day of the week not known"
    )


def _zone(row: Row) -> Wording:
    return Wording(row["zone_risk"], place(row["zone_risk"], row["zone_kind"]))


#: Columns that belong together: their names, the name and unit of the factor, and its wording.
_JOINED_COLUMNS: tuple[tuple[tuple[str, ...], str, str, Callable[[Row], Wording]], ...] = (
    (("hour_sin", "hour_cos"), "hour", "h", _hour),
    (("weekday_sin", "weekday_cos"), "weekday", "d", _weekday),
    (("zone_risk", "zone_kind"), "zone", "1", _zone),
)
