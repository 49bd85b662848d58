"""Labels in a file of their own: read, and given to the events that they are of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.timestamps import find_timezone, localize, parse_iso
from novin_ml.events.training_record import homes_and_times
from novin_ml.exceptions import BuildError
from novin_ml.plain import plural, shown

_HOME, _LABEL, _TIME, _START, _END = "home_id", "label", "timestamp", "start", "end"
_HOW = (
    "Write a row for each label: home_id, label, and timestamp, or start and end of a time that it "
    "is of."
)
Times = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LabelFile:
    """Labels of times of homes.

    Attributes
    ----------
    path : Path
        The file.
    homes, labels : ndarray of shape (n_labels,), object
        Of which home, and the label.
    first, last : ndarray of shape (n_labels,), int64
        From when to when, both included, in milliseconds since 1970.
    """

    path: Path
    homes: NDArray[Any]
    labels: NDArray[Any]
    first: Times
    last: Times
    _used: NDArray[np.bool_] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_used", np.zeros(len(self.homes), dtype=bool))

    def given_to(self, rows: Any) -> Any:
        """Return events or chains with their labels; those that have one keep it.

        Raises
        ------
        BuildError
            If the rows have no times of homes, or the file gives a row two labels.
        """
        found = homes_and_times(rows)
        if found is None:
            raise BuildError(
                f"data.labels must be of rows with a home and a time. Got {self.path} for rows "
                f"of {', '.join(map(str, rows.columns))}. Put their labels beside them."
            )
        homes, times = found[0].astype(str), np.rint(found[1] * 1000).astype(np.int64)
        labels = np.full(len(times), None, dtype=object)
        order = np.lexsort([times, homes])
        begins = dict(zip(*np.unique(homes[order], return_index=True), strict=True))
        counts = pd.Series(homes).value_counts()
        for number, home in enumerate(self.homes):
            if home not in begins:
                continue
            of_home = order[begins[home] : begins[home] + counts[home]]
            place = np.searchsorted(times[of_home], [self.first[number], self.last[number] + 1])
            named = of_home[place[0] : place[1]]
            other = [row for row in named if labels[row] not in (None, self.labels[number])]
            if other:
                raise BuildError(
                    f"{self.path} must give an event one label. Got {shown(labels[other[0]])} and "
                    f"{shown(self.labels[number])} of {shown(home)} at "
                    f"{times[other[0]] / 1000:.3f}. Correct it."
                )
            labels[named] = self.labels[number]
            self._used[number] |= len(named) > 0
        if _LABEL in rows.columns:
            own = rows[_LABEL].astype(object).to_numpy()
            labels = np.where(pd.notna(own), own, labels)
        return rows.assign(label=labels)

    @property
    def unused(self) -> str:
        """A sentence about the rows of the file that no event fits; empty if each fits one."""
        rows = np.flatnonzero(~self._used)
        if not len(rows):
            return ""
        first = rows[0]
        return (
            f"{self.path}: {plural(len(rows), 'row')} of {len(self._used):,} "
            f"{'is' if len(rows) == 1 else 'are'} of no event, the first of home "
            f"{shown(self.homes[first])} at {self.first[first] / 1000:.3f}."
        )


def read_labels(
    path: Path, *, timezone: str, separator: str | None = None, encoding: str | None = None
) -> LabelFile:
    """Read a CSV file of labels.

    Parameters
    ----------
    path : Path
        Its columns are ``home_id``, ``label``, and ``timestamp``, or ``start`` and ``end``.
    timezone : str
        IANA time zone of times that tell none.
    separator, encoding : str or None
        Of the file: a comma and UTF-8 by default.

    Returns
    -------
    labels : LabelFile
        The labels.

    Raises
    ------
    BuildError
        If it is no such file. The message names row and column.
    """
    try:
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, sep=separator or ",", encoding=encoding
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError) as error:
        said = str(error).strip().splitlines()[0]
        raise BuildError(f"{path} must be a CSV file of labels. Got: {said}. {_HOW}") from None
    if not isinstance(table.index, pd.RangeIndex):
        raise BuildError(
            f"{path} must be a CSV file of labels. Got a row with more values than columns. {_HOW}"
        )
    table = table.fillna("")
    times = [_TIME] if _TIME in table else [_START, _END]
    for name in (_HOME, _LABEL, *times):
        if name not in table:
            raise BuildError(f"{path} must have the column {name!r}. Got {list(table)}. {_HOW}")
    for name in (_HOME, _LABEL):
        _require(path, (table[name].str.strip() != "").to_numpy(), table, name, "a text")
    first, last = (_milliseconds(path, table, name, timezone) for name in (times[0], times[-1]))
    _require(path, first <= last, table, times[-1], "a time that is not before the start")
    homes, labels = (table[name].to_numpy(dtype=object) for name in (_HOME, _LABEL))
    return LabelFile(path, homes, labels, first, last)


def _milliseconds(path: Path, table: pd.DataFrame, name: str, timezone: str) -> Times:
    numbers = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64, copy=True)
    texts = np.flatnonzero(np.isnan(numbers))
    if len(texts):
        seconds, _, is_local = parse_iso(table[name].iloc[texts].tolist())
        known = is_local & ~np.isnan(seconds)
        seconds[known] = localize(seconds[known], find_timezone(timezone))
        numbers[texts] = seconds
    expected = "a time: seconds since 1970, or ISO 8601 such as 2026-11-29T12:00:00+01:00"
    _require(path, np.abs(numbers) < 1e11, table, name, expected)
    return np.rint(numbers * 1000).astype(np.int64)


def _require(
    path: Path, fine: NDArray[np.bool_], table: pd.DataFrame, name: str, expected: str
) -> None:
    if not fine.all():
        row = int(np.flatnonzero(~fine)[0])
        raise BuildError(
            f"{path}: {name} must be {expected}. Got {shown(table[name].iloc[row])} in row "
            f"{row + 1}. Correct it."
        )
