"""Columns of dates and of numbers as the checks of files take them, with no bit lost."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.events.fields import EventField, field_named
from novin_ml.events.timestamps import offsets_of_clock

__all__ = ["as_texts", "exact_numbers"]


def exact_numbers(numbers: np.ndarray, field: EventField) -> np.ndarray:
    """Return numbers as float64, NaN where missing.

    A limit that their type rounds is the limit still: 0.01 is less as a float32.
    """
    if numbers.dtype.kind != "f" or numbers.dtype == np.float64:
        return numbers.astype(np.float64)
    exact = numbers.astype(np.float64)
    for limit in (field.low, field.high):
        exact[numbers == numbers.dtype.type(limit)] = limit
    return exact


def as_texts(utc: np.ndarray, clock: Any) -> list[str | None]:
    """Return dates and times as ISO 8601 texts, with the offset of the column's clock.

    So they are read as the same texts of a CSV file. One that is too far away for any calendar
    stays a text of its own, and is refused with its row.

    Parameters
    ----------
    utc : datetime64 array of shape (n,)
        Times in UTC, or local ones without a clock.
    clock : str, tzinfo or None
        Time zone of the column.
    """
    tails: list[str] = [""] * len(utc)
    if clock is not None:
        seconds = utc.astype("datetime64[s]").astype(np.int64)
        time = field_named("timestamp")
        rows = np.flatnonzero((seconds >= time.low) & (seconds <= time.high))
        ahead = np.zeros(len(utc), dtype="timedelta64[s]")
        ahead[rows] = offsets_of_clock(seconds[rows], clock)
        utc = utc + ahead
        names = {each: _tail(each) for each in np.unique(ahead.astype(np.int64)).tolist()}
        tails = [names[each] for each in ahead.astype(np.int64).tolist()]
    return [
        None if missing else text + tail
        for text, tail, missing in zip(
            np.datetime_as_string(utc).tolist(), tails, np.isnat(utc).tolist(), strict=True
        )
    ]


def _tail(ahead: int) -> str:
    sign = "-" if ahead < 0 else "+"
    minutes, seconds = divmod(abs(ahead), 60)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
