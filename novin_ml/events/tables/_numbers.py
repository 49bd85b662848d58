"""Numbers and times of an event table, whatever pandas keeps them in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.fields import EventField
from novin_ml.events.tables.offsets import in_another_unit, wrong_offsets
from novin_ml.events.tables.refusal import SPANS, refusal
from novin_ml.events.tables.values import as_float, is_missing, is_number, seconds_of
from novin_ml.events.timestamps import localize

_SECOND = np.timedelta64(1, "s")


def check_numbers(
    column: pd.Series, field: EventField, *, is_read: bool = False
) -> NDArray[Any] | None:
    """Return a column of numbers as its field has it, or None if it is so already.

    `is_read` allows what readers do: offsets from UTC that no clock has today.

    Raises
    ------
    InvalidEventError
        If a value is no number, or none that the field takes.
    """
    if column.dtype == field.dtype:
        numbers, is_new = column.to_numpy(), False
    else:
        with np.errstate(over="ignore"):
            numbers, is_new = _to_floats(column, field).astype(field.dtype), True
    _refuse_outside(column, numbers, field, is_read=is_read)
    return numbers if is_new else None


def check_times(
    column: pd.Series, field: EventField, zone: ZoneInfo | None
) -> NDArray[np.float64] | None:
    """Return a column of times as seconds since 1970, or None if it is so already.

    Raises
    ------
    InvalidEventError
        If a value is no time, outside the limits, or of a clock that nobody names.
    """
    is_new = column.dtype != field.dtype
    if is_new and len(column) and _is_short(column.dtype):
        raise refusal(column, 0, field, "Keep times as float64: float32 rounds them to 128 s")
    seconds = _to_seconds(column, field, zone) if is_new else column.to_numpy()
    _refuse_outside(column, seconds, field)
    return seconds if is_new else None


def _is_short(dtype: Any) -> bool:
    """Tell whether numbers of a dtype are too short for whole seconds since 1970."""
    if dtype.kind != "f":
        return False
    plain = getattr(dtype, "subtype", getattr(dtype, "numpy_dtype", dtype))
    return bool(plain.itemsize < 8)


def _refuse_outside(
    column: pd.Series, numbers: NDArray[Any], field: EventField, *, is_read: bool = False
) -> None:
    """Raise the error of the first number that the field does not take, or that is missing."""
    # As numbers of the column have them: float32 rounds 0.01 to less.
    low, high = (np.dtype(field.dtype).type(limit) for limit in (field.low, field.high))
    is_inside = (
        np.fmin.reduce(numbers, initial=low) >= low
        and np.fmax.reduce(numbers, initial=high) <= high
        and not (field.required and np.isnan(numbers).any())
    )
    is_offset = field.name == "utc_offset"
    if is_inside and not is_offset:
        return
    wrong = (numbers < low) | (numbers > high)
    if field.required:
        wrong |= np.isnan(numbers)
    if is_offset:
        wrong |= in_another_unit(numbers) if is_read else wrong_offsets(numbers)
    if wrong.any():
        raise refusal(column, int(np.argmax(wrong)), field)


def _to_floats(column: pd.Series, field: EventField) -> NDArray[np.float64]:
    kind = "O" if isinstance(column.dtype, pd.CategoricalDtype) else column.dtype.kind
    if kind in "iuf":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if kind == "m" and field.name in SPANS:
        return _spans(column)
    if kind == "O" or kind in "UST":
        return _of_objects(column, field)
    raise refusal(column, _first_known(column), field)


def _spans(column: pd.Series) -> NDArray[np.float64]:
    if isinstance(column.dtype, pd.ArrowDtype):
        column = pd.Series(column.array._to_timedeltaarray())
    # In their own unit: centuries pass the nanoseconds of 64 bits.
    return np.asarray(column.to_numpy() / _SECOND, dtype=np.float64)


def _of_objects(column: pd.Series, field: EventField) -> NDArray[np.float64]:
    """Convert single values: numbers, or else lengths of time, among which some are missing."""
    numbers = np.full(len(column), np.nan)
    takes: type | tuple[type, ...] | None = None
    for row, value in enumerate(column.tolist()):
        if is_missing(value):
            continue
        of = _kind_of(value, field)
        takes = takes or of
        if of is None or of is not takes:  # a number among timedeltas is of no known unit
            raise refusal(column, row, field)
        numbers[row] = seconds_of(value) if of is np.timedelta64 else as_float(value)
    return numbers


def _kind_of(value: Any, field: EventField) -> type | None:
    if isinstance(value, timedelta | np.timedelta64):
        return np.timedelta64 if field.name in SPANS else None
    return float if is_number(value) else None


def _first_known(column: pd.Series) -> int:
    return int(np.argmax(column.notna().to_numpy(dtype=bool)))


def _to_seconds(column: pd.Series, field: EventField, zone: ZoneInfo | None) -> NDArray[np.float64]:
    dtype = column.dtype
    if not isinstance(dtype, pd.CategoricalDtype):
        if dtype.kind == "M" and not _is_of_days(dtype):
            return _of_dates(column, field, zone)
        if dtype.kind not in "OM":
            return _to_floats(column, field)
    values = column.astype(object).tolist()
    is_date = np.fromiter(map(_is_date, values), bool, len(values))
    if not is_date.any():
        return _to_floats(column, field)
    is_other = ~is_date & ~np.fromiter(map(is_missing, values), bool, len(values))
    if is_other.any():  # the fewer are wrong
        fewer = is_date if is_date.sum() < is_other.sum() else is_other
        raise refusal(column, int(np.argmax(fewer)), field)
    rows = np.flatnonzero(is_date)
    moments: list[pd.Timestamp] = []
    for row in rows.tolist():
        moment = _moment(values[row])
        if moment is None:
            raise refusal(column, row, field)
        moments.append(moment)
    is_naive = np.array([moment.tzinfo is None for moment in moments])
    if is_naive.any() and zone is None:
        raise refusal(column, int(rows[is_naive][0]), field)
    seconds = np.full(len(values), np.nan)
    for naive in np.unique(is_naive):
        part = [moment for moment, each in zip(moments, is_naive, strict=True) if each == naive]
        dates = pd.Series(pd.to_datetime(part, utc=not naive))
        seconds[rows[is_naive == naive]] = _of_dates(dates, field, zone)
    return seconds


def _is_of_days(dtype: Any) -> bool:
    """Tell whether dates of Arrow are without a time, as those of Python are, which are refused."""
    return isinstance(dtype, pd.ArrowDtype) and dtype.type is date


def _moment(value: Any) -> pd.Timestamp | None:
    """Return a date and time, None if it is too far away for pandas."""
    try:
        return pd.Timestamp(value)
    except (ValueError, OverflowError):
        return None


def _is_date(value: Any) -> bool:
    if isinstance(value, np.datetime64):
        return not np.isnat(value)
    return isinstance(value, datetime) and value is not pd.NaT


def _of_dates(column: pd.Series, field: EventField, zone: ZoneInfo | None) -> NDArray[np.float64]:
    """Convert a column of dates and times; one without a zone is of the clocks of `zone`."""
    is_naive = zone_of_dates(column) is None
    if is_naive and zone is None:
        raise refusal(column, _first_known(column), field)
    seconds = _since_1970(column)
    known = ~np.isnan(seconds)
    if is_naive and zone is not None and known.any():
        seconds[known] = localize(seconds[known], zone)
    return seconds


def zone_of_dates(column: pd.Series) -> Any:
    """Return the time zone of a column of dates and times; None if it has none."""
    dtype: Any = column.dtype
    if isinstance(dtype, pd.ArrowDtype):
        return getattr(dtype.pyarrow_dtype, "tz", None)
    return getattr(dtype, "tz", None)


def _since_1970(column: pd.Series) -> NDArray[np.float64]:
    """Return seconds since 1970 on the clock of the column's zone in UTC, NaN where missing."""
    if isinstance(column.dtype, pd.ArrowDtype):
        column = pd.Series(column.array._to_datetimearray())
    dates = column.array
    if getattr(dates, "tz", None) is not None:
        dates = dates.tz_convert("UTC").tz_localize(None)
    moments = np.asarray(dates)
    whole = moments.astype("datetime64[s]")
    rest = (moments - whole) / _SECOND  # apart, for whole nanoseconds pass the digits of a float64
    seconds = whole.astype(np.int64).astype(np.float64) + rest
    seconds[np.isnat(moments)] = np.nan
    return np.asarray(seconds, dtype=np.float64)
