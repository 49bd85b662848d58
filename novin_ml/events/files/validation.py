"""Check columns of values as sent by the table of fields, and convert them to their types.

Whole columns are checked at once; single values are looked at only where a column has some that
break a rule. A value of the wrong type becomes infinite, which is outside every limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.events.fields import EVENT_FIELDS, EventField, field_named, says_true
from novin_ml.events.files.chunk import Breach, show
from novin_ml.events.timestamps import localize, parse_iso, utc_offsets
from novin_ml.plain import plural

_NUMBER_TYPES = frozenset({int, float, type(None)})
_TEXT_TYPES = frozenset({str, type(None)})

# So few texts are checked one by one, which is faster than to find equal ones first.
_FEW = 16

Values = Sequence[Any] | np.ndarray
Rows = Sequence[int] | np.ndarray


def check_columns(
    values: Mapping[str, Values], n_events: int, zone: ZoneInfo
) -> tuple[dict[str, np.ndarray], list[Breach]]:
    """Check the values of `n_events` events.

    Parameters
    ----------
    values : dict
        By field name, values as sent; see `Chunk`.
    n_events : int
        Number of events.
    zone : ZoneInfo
        Time zone of homes whose events tell no offset from UTC.

    Returns
    -------
    columns : dict of array, each of shape (n_events,)
        Typed columns; what broke a rule is missing in them.
    breaches : list of Breach
        What broke a rule, field by field.
    """
    columns: dict[str, np.ndarray] = {}
    breaches: list[Breach] = []
    clocks = {"timestamp": (np.full(n_events, np.nan), np.zeros(n_events, dtype=bool))}
    for field in EVENT_FIELDS:
        sent = values.get(field.name)
        bad: Rows = ()
        if sent is None:
            if not field.is_always_there:
                continue
            columns[field.name] = _missing(field, n_events)
            if field.required:
                breaches += (
                    Breach(row, field.path, field.expected, show(None)) for row in range(n_events)
                )
            continue
        if field.type == "text":
            column, bad = _check_texts(sent, field)
        elif field.type == "number":
            column, bad = _check_numbers(sent, field)
        elif field.type == "time":
            column, *clock, bad = _check_times(sent, field)
            clocks[field.name] = (clock[0], clock[1])
        elif field.type == "samples":
            column, bad, got = _check_samples(sent, field)
            breaches += (Breach(row, field.path, field.expected, got[row]) for row in bad)
            bad = ()
        else:
            column, bad = _check_flags(sent)
        breaches += (Breach(int(row), field.path, field.expected, show(sent[row])) for row in bad)
        columns[field.name] = column
    told = columns["utc_offset"].astype(np.float64)
    offsets_told, is_local = clocks["timestamp"]
    told = np.where(np.isnan(told), offsets_told, told)
    columns["timestamp"], columns["utc_offset"] = _place_in_time(
        columns["timestamp"], told, is_local, zone
    )
    time = field_named("timestamp")
    for row in _outside(columns["timestamp"], time):  # within the limits only in local time
        breaches.append(Breach(int(row), time.path, time.expected, show(values["timestamp"][row])))
    if "end" in clocks:
        breaches += _place_ends(columns, values["end"], clocks["end"][1], told, zone)
    return columns, breaches


def _place_ends(
    columns: dict[str, np.ndarray],
    sent: Values,
    is_local: np.ndarray,
    told: np.ndarray,
    zone: ZoneInfo,
) -> list[Breach]:
    """Convert ends to UTC, by the clock of their event, and find those before its timestamp."""
    field = field_named("end")
    begin = columns["timestamp"]
    local = columns["end"]
    end, _ = _place_in_time(local.copy(), told.copy(), is_local, zone)
    # When clocks are put back they show an hour twice: an end may be its second time.
    again = np.flatnonzero(is_local & np.isnan(told) & (end < begin))
    if again.size:
        end[again] = localize(local[again], zone, again=True)
    bad = np.flatnonzero((end < begin) | (end < field.low) | (end > field.high))
    end[bad] = np.nan
    columns["end"] = end
    return [Breach(int(row), field.path, field.expected, show(sent[row])) for row in bad.tolist()]


def _outside(numbers: np.ndarray, field: EventField) -> np.ndarray:
    """Find the numbers outside the limits of a field, NaN among them."""
    return np.flatnonzero(~((numbers >= field.low) & (numbers <= field.high)))


def _missing(field: EventField, n_events: int) -> np.ndarray:
    """Return the column of a field that no event has."""
    if field.type in ("number", "time"):
        filler = 0.0 if field.required else np.nan if field.default is None else field.default
        return np.full(n_events, filler, dtype=field.dtype)
    if field.type == "flag":
        return np.zeros(n_events, dtype=bool)
    return np.full(n_events, field.default, dtype=object)


def _check_texts(sent: Values, field: EventField) -> tuple[np.ndarray, np.ndarray]:
    if len(sent) <= _FEW:
        return _check_few_texts(sent, field)
    texts = np.empty(len(sent), dtype=object)
    texts[:] = sent
    bad = np.zeros(len(sent), dtype=bool)
    if not set(map(type, sent)) <= _TEXT_TYPES:
        bad[:] = [type(value) not in _TEXT_TYPES for value in sent]
        texts[bad] = None
    codes, uniques = pd.factorize(texts)
    bad |= np.array([*(breaks(text, field) for text in uniques), field.required], dtype=bool)[codes]
    told = (field.default if field.is_absent(text) else text for text in uniques)
    known = np.array([*told, field.default], dtype=object)
    return known[codes], np.flatnonzero(bad)


def _check_few_texts(sent: Values, field: EventField) -> tuple[np.ndarray, np.ndarray]:
    column = np.empty(len(sent), dtype=object)
    bad = []
    for row, value in enumerate(sent):
        is_text = type(value) is str
        column[row] = value if is_text and not field.is_absent(value) else field.default
        if breaks(value, field) if is_text else value is not None or field.required:
            bad.append(row)
    return column, np.array(bad, dtype=np.intp)


def breaks(text: str, field: EventField) -> bool:
    """Tell whether a text breaks the rule of a field."""
    if not text:
        return field.required
    if field.max_length is not None and len(text) > field.max_length:
        return True
    if field.choices and text not in field.choices:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no file can hold
        return True
    return False


def _check_flags(sent: Values) -> tuple[np.ndarray, list[int]]:
    column = np.array([value is True for value in sent], dtype=bool)
    if column.all() or str not in set(map(type, sent)):
        return column, []
    return column, [
        row for row, value in enumerate(sent) if type(value) is str and says_true(value)
    ]


def _check_numbers(sent: Values, field: EventField) -> tuple[np.ndarray, np.ndarray]:
    numbers = _to_floats(sent)
    missing = np.isnan(numbers)
    bad = _outside(np.where(missing, field.low, numbers), field)
    numbers[bad] = np.nan
    if field.default is not None:
        numbers[missing] = float(field.default)
    return numbers.astype(field.dtype), bad


def _to_floats(sent: Values) -> np.ndarray:
    """Convert numbers to float64, None to NaN, and everything else (also NaN) to infinity."""
    if isinstance(sent, np.ndarray):
        return sent.astype(np.float64)
    if set(map(type, sent)) <= _NUMBER_TYPES:
        try:
            numbers = np.array(sent, dtype=np.float64)
        except OverflowError:  # an integer of more than 308 digits
            pass
        else:
            if np.count_nonzero(np.isnan(numbers)) == sent.count(None):
                return numbers
    return np.array([_to_float(value) for value in sent], dtype=np.float64)


def _to_float(value: Any) -> float:
    if value is None:
        return np.nan
    try:
        number = float(value) if type(value) in (int, float) else np.inf
    except OverflowError:
        return np.inf
    return np.inf if np.isnan(number) else number


def _check_times(
    sent: Values, field: EventField
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    offsets = np.full(len(sent), np.nan)
    is_local = np.zeros(len(sent), dtype=bool)
    types = set() if isinstance(sent, np.ndarray) else set(map(type, sent))
    if types == {str}:
        seconds, offsets, is_local = parse_iso(list(sent))
    else:
        seconds = _to_floats(sent)
        if str in types:
            rows = [row for row, value in enumerate(sent) if type(value) is str]
            texts = [sent[row] for row in rows]
            seconds[rows], offsets[rows], is_local[rows] = parse_iso(texts)
    if field.required:
        bad = _outside(seconds, field)
        seconds[bad], is_local[bad] = 0.0, False
        return seconds, offsets, is_local, bad
    is_sent = (
        ~np.isnan(sent)
        if isinstance(sent, np.ndarray)
        else np.array([value is not None for value in sent], dtype=bool)
    )
    bad = np.flatnonzero(is_sent & ~((seconds >= field.low) & (seconds <= field.high)))
    seconds[bad], is_local[bad] = np.nan, False
    return seconds, offsets, is_local, bad


def _place_in_time(
    seconds: np.ndarray, offsets: np.ndarray, is_local: np.ndarray, zone: ZoneInfo
) -> tuple[np.ndarray, np.ndarray]:
    """Convert local times to UTC, and find the offsets that are not given."""
    untold = np.isnan(offsets)
    rows = np.flatnonzero(is_local & ~untold)
    seconds[rows] -= offsets[rows]
    rows = np.flatnonzero(is_local & untold)
    if rows.size:
        seconds[rows] = localize(seconds[rows], zone)
    rows = np.flatnonzero(untold)
    if rows.size:
        offsets[rows] = utc_offsets(seconds[rows], zone)
    return seconds, offsets.astype(np.float32)


def _check_samples(
    sent: Values, field: EventField
) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
    """Check all signals together, as one column of samples."""
    column = np.empty(len(sent), dtype=object)
    got: dict[int, str] = {}
    rows: list[int] = []
    for row, value in enumerate(sent):
        if value is None:
            continue
        if not isinstance(value, list | np.ndarray):
            got[row] = show(value)
        elif len(value) > (field.max_length or 0):
            got[row] = f"{plural(len(value), 'sample')}"
        else:
            rows.append(row)
    signals = [sent[row] for row in rows]
    if signals and all(isinstance(signal, np.ndarray) for signal in signals):
        flat: Values = np.concatenate(signals)
    else:
        flat = list(chain.from_iterable(signals))
    numbers = _to_floats(flat)
    good = np.isnan(numbers) | ((numbers >= field.low) & (numbers <= field.high))
    with np.errstate(over="ignore"):  # of numbers that are refused below
        samples = numbers.astype(np.float32)
    ends = list(accumulate(map(len, signals)))
    is_good = bool(good.all())
    for row, begin, end in zip(rows, [0, *ends], ends, strict=False):
        if is_good or good[begin:end].all():
            column[row] = samples[begin:end].copy()
        else:
            first = int(np.argmin(good[begin:end]))
            got[row] = f"{show(sent[row][first])} as sample {first}"
    return column, np.array(sorted(got), dtype=int), got
