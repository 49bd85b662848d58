"""An event log as sorted arrays, which is cut into chains."""

from __future__ import annotations

from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains._summaries import label_codes
from novin_ml.events.chains.table import mode_codes
from novin_ml.events.consent import has_consent
from novin_ml.events.fields import CHAIN_COLUMNS, EVENT_FIELDS, EventField
from novin_ml.events.files.chunk import show
from novin_ml.events.kinds import KIND_DTYPE, event_kind
from novin_ml.events.ragged import offsets_of
from novin_ml.events.zones import ZONE_DTYPE, normalize_zones
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import conversion_of, kind_of

IntArray = NDArray[np.int64]

_REQUIRED = ("home_id", "timestamp", "kind", "zone")
_LABELS = tuple(field.name for field in EVENT_FIELDS if field.is_label)
_FIELDS = {field.name: field for field in EVENT_FIELDS}


class EventLog(NamedTuple):
    """Events sorted by home, time, and then by all other columns."""

    homes: NDArray[np.object_]
    home: IntArray
    time: NDArray[np.float64]
    kind: NDArray[np.int8]
    zone: NDArray[np.int8]
    confidence: NDArray[np.float32]
    utc_offset: NDArray[np.float32]
    home_mode: NDArray[np.int8]
    consent: NDArray[np.bool_]
    labels: dict[str, IntArray]
    names: dict[str, list[str]]


def sorted_log(events: Any) -> EventLog:
    is_table = isinstance(events, pd.DataFrame)
    missing = [name for name in _REQUIRED if not is_table or name not in events.columns]
    if missing:
        remedy = conversion_of(events, "Read events with novin_ml.events.read_events.")
        raise InvalidEventError(
            "The events of chains must be an event table (a pandas DataFrame) with the columns "
            f"{', '.join(_REQUIRED)}. Got {kind_of(events)} without "
            f"{', '.join(missing)}. {remedy}"
        )
    home, homes = _homes(events["home_id"])
    time = _numbers(events["timestamp"])
    numbers = {
        name: _numbers(events[name]).astype(np.float32)
        if name in events
        else np.full(len(events), np.nan, dtype=np.float32)
        for name in ("confidence", "utc_offset")
    }
    columns: dict[str, Any] = {
        "kind": _codes(events["kind"], KIND_DTYPE, "other"),
        "zone": _codes(events["zone"], ZONE_DTYPE, "unknown"),
        **numbers,
        "home_mode": _modes(events["home_mode"])
        if "home_mode" in events
        else np.full(len(events), -1, dtype=np.int8),
        "consent": has_consent(events) if "consent" in events else np.zeros(len(events), bool),
    }
    labels, names = {}, {}
    for name in (name for name in _LABELS if name in events):
        labels[name], names[name] = label_codes(events[name])
    order = _order(home, time, [*columns.values(), *labels.values()])
    return EventLog(
        homes, home[order], time[order],
        **{name: column[order] for name, column in columns.items()},
        labels={name: codes[order] for name, codes in labels.items()},
        names=names,
    )  # fmt: skip


def _homes(column: pd.Series) -> tuple[IntArray, NDArray[np.object_]]:
    """Number the homes in the order of their names."""
    codes, found = pd.factorize(column)
    names = np.array([*map(str, found), _FIELDS["home_id"].default], dtype=object)
    homes, place = np.unique(names, return_inverse=True)
    return place.reshape(-1)[codes].astype(np.int64), homes


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    """Return the numbers of a column, NaN where missing; refuse other values, with their row."""
    field = _FIELDS[str(column.name)]
    wrong: Any
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = np.zeros(len(numbers), dtype=bool)
    else:
        values = column.astype(object).where(column.notna(), None).tolist()
        wrong = np.array([not _is_number(value) for value in values], dtype=bool)
        known = [None if is_wrong else value for is_wrong, value in zip(wrong, values, strict=True)]
        numbers = np.array(known, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        wrong |= (numbers < field.low) | (numbers > field.high)
    if field.required:
        wrong |= np.isnan(numbers)
    if wrong.any():
        raise _refusal(field, column, int(np.argmax(wrong)))
    return numbers


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, Real) and not isinstance(value, bool))


def _modes(column: pd.Series) -> NDArray[np.int8]:
    field = _FIELDS["home_mode"]
    if column.dtype != CHAIN_COLUMNS["home_mode"]:
        wrong = (column.notna() & ~column.isin(field.choices)).to_numpy()
        if wrong.any():
            raise _refusal(field, column, int(np.argmax(wrong)))
    return mode_codes(column)


def _refusal(field: EventField, column: pd.Series, row: int) -> InvalidEventError:
    is_text = field.type == "time" and not pd.api.types.is_numeric_dtype(column)
    expected = "a number of seconds since 1970" if is_text else field.expected
    remedy = (
        "Read dates and times with novin_ml.events.read_events, or turn them into seconds by "
        "(times - pd.Timestamp(0)) / pd.Timedelta(seconds=1)"
        if is_text
        else "Correct it or leave the row out"
    )
    got = column.iloc[row]
    got = got.item() if isinstance(got, np.number) else got
    return InvalidEventError(
        f"Row {row} of the event table: {field.name} must be {expected}. "
        f"Got {show(got)} instead. {remedy}."
    )


def _codes(column: pd.Series, dtype: pd.CategoricalDtype, absent: str) -> NDArray[np.int8]:
    """Return the codes of kinds or zones; columns of texts are read as words of a vendor."""
    if column.dtype != dtype:
        column = (event_kind if dtype is KIND_DTYPE else normalize_zones)(column)
    codes = np.asarray(column.cat.codes, dtype=np.int8)
    return np.where(codes < 0, np.int8(dtype.categories.tolist().index(absent)), codes)


def _order(home: IntArray, time: NDArray[np.float64], others: list[np.ndarray]) -> IntArray:
    """Sort by home, time and then all other columns, so that the order of rows does not matter."""
    order = np.lexsort((time, home))
    t, h = time[order], home[order]
    same = (t[1:] == t[:-1]) & (h[1:] == h[:-1])
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if len(tied):
        rows = order[tied]
        group = offsets_of(~same)[tied]
        keys = [np.where(column[rows] != column[rows], 2, column[rows]) for column in others]
        order[tied] = rows[np.lexsort((*keys[::-1], group))]
    return order
