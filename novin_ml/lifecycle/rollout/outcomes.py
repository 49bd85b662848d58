"""What homes reported under each variant, as means over homes at each day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from novin_ml.exceptions import OutcomesError
from novin_ml.plain import shown

COLUMNS = ("home_id", "date", "variant", "value")
EXPOSURE = "exposure"
_HOW = "One row a home and day: home_id, date, variant, value and, if it is not 1, exposure."


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Sums of two variants by home and day.

    Attributes
    ----------
    days : DatetimeIndex of shape (n_days,)
        All days from the first to the last, those without a row too.
    homes : Index of shape (n_homes,)
        Homes that ever had one of the variants.
    value, exposure : ndarray of shape (n_homes, n_days), float64
        Sums from the day on which the home got the variant of that day, up to that day.
    variant : ndarray of shape (n_homes, n_days), int8
        1 for the candidate, 0 for the control, -1 before the first row of the home.
    since : ndarray of shape (n_homes, n_days), int64
        Position of the day on which the home got the variant of that day.
    """

    days: pd.DatetimeIndex
    homes: pd.Index
    value: np.ndarray
    exposure: np.ndarray
    variant: np.ndarray
    since: np.ndarray

    def means(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the means of the homes of the control and of the candidate, up to a day."""
        exposure = self.exposure[:, day]
        seen = exposure > 0
        of = self.variant[:, day]
        mean = np.divide(self.value[:, day], exposure, out=np.zeros(len(of)), where=seen)
        return mean[seen & (of == 0)], mean[seen & (of == 1)]


def read_outcomes(table: pd.DataFrame, control: str, candidate: str) -> Outcomes:
    """Return the outcomes of two variants.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, 4 or 5)
        See `look_at_rollout`.
    control, candidate : str
        Names of the variants; rows of others are left out.

    Raises
    ------
    OutcomesError
        If a column is missing or holds something else than it should.
    """
    rows = _checked(table)
    known = set(rows["variant"])
    for name in (control, candidate):
        if name not in known:
            raise OutcomesError(
                f"The column 'variant' must name {name!r}. Got {sorted(known)}. "
                "Name the control and the candidate as the table does."
            )
    if control == candidate:
        raise OutcomesError(f"Control and candidate must be two variants. Got {control!r} twice.")
    days = pd.date_range(rows["date"].min(), rows["date"].max(), freq="D")
    # A home that moves on to a third variant counts with what it had reported until then.
    rows = rows[rows["variant"].isin([control, candidate])]
    homes = pd.Index(sorted(rows["home_id"].unique()))
    place = (homes.get_indexer(pd.Index(rows["home_id"])), days.get_indexer(pd.Index(rows["date"])))
    shape = (len(homes), len(days))
    value, exposure = np.zeros(shape), np.zeros(shape)
    variant = np.full(shape, -1, dtype=np.int8)
    np.add.at(value, place, rows["value"])
    np.add.at(exposure, place, rows[EXPOSURE])
    variant[place] = (rows["variant"] == candidate).to_numpy()
    _fill_forward(variant)
    since = _since(variant)
    return Outcomes(
        days=days,
        homes=homes,
        value=_sums_since(value, since),
        exposure=_sums_since(exposure, since),
        variant=variant,
        since=since,
    )


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        raise OutcomesError(f"Outcomes must be a DataFrame. Got {shown(table)}. {_HOW}")
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise OutcomesError(
            f"Outcomes must have the column {missing[0]!r}. Got {list(map(str, table))}. {_HOW}"
        )
    if table.empty:
        raise OutcomesError(f"Outcomes must have rows. Got none. {_HOW}")
    rows = pd.DataFrame(index=range(len(table)))
    for name in ("home_id", "variant"):
        values = table[name].astype(object).reset_index(drop=True)
        _require(values.notna() & (values.astype(str).str.strip() != ""), name, values, "a text")
        rows[name] = values.astype(str)
    given = table["date"].reset_index(drop=True)
    dates = pd.to_datetime(given, errors="coerce", format="ISO8601")
    _require(dates.notna(), "date", given, "a date such as 2026-11-29")
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)  # the day of the home's own clock
    rows["date"] = dates.dt.normalize()
    for name in ("value", EXPOSURE):
        given = table[name] if name in table else pd.Series(1.0, table.index)
        given = given.reset_index(drop=True)
        numbers = pd.to_numeric(given, errors="coerce").astype("float64")
        fine = numbers.between(0 if name == EXPOSURE else -np.inf, np.inf, inclusive="left")
        fine &= numbers > -np.inf
        _require(fine, name, given, "a number" + (" from 0" if name == EXPOSURE else ""))
        rows[name] = numbers
    twice = rows.groupby(["home_id", "date"])["variant"].transform("nunique") > 1
    _require(~twice, "variant", rows["variant"], "one a home and day", "Keep one of them")
    return rows


def _require(
    fine: pd.Series, name: str, values: pd.Series, expected: str, remedy: str = "Mend it"
) -> None:
    if not fine.all():
        row = int(np.flatnonzero(~fine.to_numpy())[0])
        raise OutcomesError(
            f"The column {name!r} of outcomes must be {expected}. Got {shown(values[row])} in row "
            f"{row}. {remedy}, or leave the row out."
        )


def _fill_forward(variant: np.ndarray) -> None:
    for day in range(1, variant.shape[1]):
        unknown = variant[:, day] == -1
        variant[unknown, day] = variant[unknown, day - 1]


def _since(variant: np.ndarray) -> np.ndarray:
    since = np.zeros(variant.shape, dtype=np.int64)
    for day in range(1, variant.shape[1]):
        same = variant[:, day] == variant[:, day - 1]
        since[:, day] = np.where(same, since[:, day - 1], day)
    return since


def _sums_since(daily: np.ndarray, since: np.ndarray) -> np.ndarray:
    """Return sums from the day in `since` up to each day."""
    sums = np.concatenate([np.zeros((len(daily), 1)), np.cumsum(daily, axis=1)], axis=1)
    return sums[:, 1:] - np.take_along_axis(sums, since, axis=1)
