"""The columns of two tables that are compared: numbers, and categories by their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.exceptions import InvalidEventError
from novin_ml.lifecycle.drift._rows import Rows
from novin_ml.plain import plural

#: Categories of a column that are compared; the rarer ones are one category.
MOST_CATEGORIES = 24
OTHERS = "(others)"
#: Features that say which weekdays a table has, and nothing of its homes.
CALENDAR = "weekday"
_HOURS = 4
_NUMBERS = ("confidence", "duration", "energy", "sample_rate")
_COUNTED = ("kind", "zone", "sensor")
_CATEGORIES = (*_COUNTED, "home_mode", "state", "type")
#: Columns of tables that say whose a row is, or what somebody says of it.
_BESIDE = {"home_id", "timestamp", "start", "consent", "utc_offset"} | {
    field.name for field in EVENT_FIELDS if field.is_label
}


@dataclass(frozen=True)
class Column:
    """A column of the rows of both tables.

    Attributes
    ----------
    name, group : str
        Its name, and what it is of: ``"events"``, ``"features"``, ``"predictions"`` or
        ``"alarms"``.
    rows : tuple of Rows
        The rows of the reference, and those of the current table.
    values : tuple of ndarray
        Their values: float64, NaN where missing; or codes of `categories`, -1 where missing.
    categories : tuple of str
        Names of the categories; empty for numbers.
    has_shares, has_rates : bool
        Whether shares of the categories, and their numbers a day, are compared.
    can_miss : bool
        Whether the share of missing values is compared.
    """

    name: str
    group: str
    rows: tuple[Rows, Rows]
    values: tuple[NDArray[Any], NDArray[Any]]
    categories: tuple[str, ...] = ()
    has_shares: bool = True
    has_rates: bool = False
    can_miss: bool = True

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.values[0].dtype.kind == "f"

    def is_known(self, side: int) -> NDArray[np.bool_]:
        """Tell which values of a table are not missing."""
        values = self.values[side]
        known: NDArray[np.bool_] = ~np.isnan(values) if self.is_number else values >= 0
        return known


def number_column(name: str, group: str, rows: tuple[Rows, Rows], values: Sequence[Any]) -> Column:
    """Return a column of numbers; infinite ones count as missing."""
    both = []
    for each in values:
        numbers = np.array(each, dtype=np.float64)
        numbers[~np.isfinite(numbers)] = np.nan
        both.append(numbers)
    return Column(name, group, rows, (both[0], both[1]))


def category_column(
    name: str, group: str, rows: tuple[Rows, Rows], values: Sequence[Any], **options: Any
) -> Column:
    """Return a column of categories; the rarest, by the homes that have them, become one."""
    objects = [np.asarray(each, dtype=object) for each in values]
    places, distinct = pd.factorize(np.concatenate(objects))
    texts = [str(each) for each in distinct]
    cut = len(objects[0])
    having: dict[str, int] = {}
    for place, of in zip((places[:cut], places[cut:]), rows, strict=True):
        seen = place >= 0
        pairs = np.unique(of.home[seen] * len(texts) + place[seen]) % max(len(texts), 1)
        for number, count in enumerate(np.bincount(pairs, minlength=len(texts)).tolist()):
            having[texts[number]] = having.get(texts[number], 0) + count
    kept = sorted(having, key=lambda value: (-having[value], value))
    if len(kept) > MOST_CATEGORIES:
        kept = [*kept[: MOST_CATEGORIES - 1], OTHERS]
    code_of = {text: code for code, text in enumerate(kept)}
    code = np.array([*(code_of.get(text, len(kept) - 1) for text in texts), -1])[places]
    codes = code[:cut].astype(np.int64), code[cut:].astype(np.int64)
    return Column(name, group, rows, codes, tuple(kept), **options)


def event_columns(
    tables: tuple[pd.DataFrame, pd.DataFrame], rows: tuple[Rows, Rows]
) -> list[Column]:
    """Return the fields of two event tables: how many, of what, when, and what the sensors say."""
    nothing = [np.zeros(len(each), np.int64) for each in tables]
    columns = [
        Column(
            "events", "events", rows, (nothing[0], nothing[1]), ("all events",),
            has_shares=False, has_rates=True, can_miss=False,
        )
    ]  # fmt: skip
    hours = [_local_hours(each) for each in tables]
    columns.append(category_column("hour", "events", rows, hours, can_miss=False))
    for name in _in_both(_CATEGORIES, tables):
        values = [each[name].astype(object) for each in tables]
        columns.append(category_column(name, "events", rows, values, has_rates=name in _COUNTED))
    for name in _in_both(_NUMBERS, tables):
        columns.append(number_column(name, "events", rows, [each[name] for each in tables]))
    if _in_both(("raw",), tables):
        columns.append(_raw_column(tables, rows))
    return columns


def own_columns(
    names: Sequence[str] | None,
    tables: tuple[pd.DataFrame, pd.DataFrame],
    rows: tuple[Rows, Rows],
    *,
    group: str = "features",
) -> list[Column]:
    """Return columns that are no fields of events: those of these names, or all of both tables.

    Raises
    ------
    InvalidEventError
        If a name is not in both tables.
    """
    if names is None:
        names = [
            each
            for each in tables[0].columns
            if each not in _BESIDE and each in tables[1] and not str(each).startswith(CALENDAR)
        ]
    columns = []
    for name in names:
        for table, which in zip(tables, ("reference", "current"), strict=True):
            if name not in table:
                raise InvalidEventError(
                    f"Each of 'columns' must be a column of both tables. Got {name!r}, which "
                    f"'{which}' lacks. It has {plural(table.shape[1], 'column')}: "
                    f"{', '.join(map(str, table.columns[:20]))}. Pass one of these."
                )
        values = [table[name] for table in tables]
        if all(pd.api.types.is_numeric_dtype(each) for each in values):
            columns.append(
                number_column(
                    str(name),
                    group,
                    rows,
                    [each.to_numpy(np.float64, na_value=np.nan) for each in values],
                )
            )
        else:
            objects = [each.astype(object) for each in values]
            columns.append(category_column(str(name), group, rows, objects))
    return columns


def _in_both(names: Sequence[str], tables: Sequence[pd.DataFrame]) -> list[str]:
    return [name for name in names if all(name in each for each in tables)]


def _local_hours(table: pd.DataFrame) -> NDArray[Any]:
    """Return the part of the home's day: UTC's, where the offset is not known."""
    seconds = table["timestamp"].to_numpy(np.float64)
    if "utc_offset" in table:
        seconds = seconds + np.nan_to_num(table["utc_offset"].to_numpy(np.float64))
    first = (seconds % 86_400 // (3600 * _HOURS)).astype(np.int64) * _HOURS
    names = [f"{hour:02d} to {hour + _HOURS:02d} h" for hour in range(0, 24, _HOURS)]
    return np.asarray(names, dtype=object)[first // _HOURS]


def _raw_column(tables: tuple[pd.DataFrame, pd.DataFrame], rows: tuple[Rows, Rows]) -> Column:
    """Return whether motions come with their raw signal; other events have none."""
    codes = []
    for table in tables:
        has_raw = table["raw"].notna().to_numpy()
        is_motion = has_raw
        if "kind" in table:
            is_motion = has_raw | (table["kind"].astype(object) == "motion").to_numpy()
        codes.append(np.where(is_motion, np.where(has_raw, 0, 1), -1))
    return Column(
        "raw", "events", rows, (codes[0], codes[1]), ("with raw signal", "without raw signal"),
        can_miss=False,
    )  # fmt: skip
