"""An event log as sorted arrays, from which chains are cut."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events._chain_summaries import label_codes
from novin_ml.events._ragged import offsets_of
from novin_ml.events.chains import mode_codes
from novin_ml.events.consent import has_consent
from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.events.kinds import KIND_DTYPE, event_kind
from novin_ml.events.zones import ZONE_DTYPE, normalize_zones
from novin_ml.exceptions import InvalidEventError

IntArray = NDArray[np.int64]

_REQUIRED = ("home_id", "timestamp", "kind", "zone")
_LABELS = tuple(field.name for field in EVENT_FIELDS if field.is_label)
_FIELDS = {field.name: field for field in EVENT_FIELDS}


class EventLog(NamedTuple):
    """Events by home, then time, then everything else that could tell simultaneous ones apart."""

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
    missing = [name for name in _REQUIRED if name not in getattr(events, "columns", ())]
    if missing or not isinstance(events, pd.DataFrame):
        raise InvalidEventError(
            "The events of chains must be an event table (a pandas DataFrame) with the columns "
            f"{', '.join(_REQUIRED)}. Got {type(events).__name__} without "
            f"{', '.join(missing) or 'rows'}. Read events with novin_ml.events.read_events."
        )
    home, homes = _homes(events["home_id"])
    time = _times(events["timestamp"])
    numbers = {
        name: events[name].to_numpy(dtype=np.float32, na_value=np.nan)
        if name in events
        else np.full(len(events), np.nan, dtype=np.float32)
        for name in ("confidence", "utc_offset")
    }
    columns: dict[str, Any] = {
        "kind": _codes(events["kind"], KIND_DTYPE, "other"),
        "zone": _codes(events["zone"], ZONE_DTYPE, "unknown"),
        **numbers,
        "home_mode": mode_codes(events["home_mode"])
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


def _times(column: pd.Series) -> NDArray[np.float64]:
    time = column.to_numpy(dtype=np.float64, na_value=np.nan)
    field = _FIELDS["timestamp"]
    wrong = np.flatnonzero(~((time >= field.low) & (time <= field.high)))
    if len(wrong):
        raise InvalidEventError(
            f"Row {wrong[0]} of the event table: timestamp must be {field.expected}. "
            f"Got {time[wrong[0]]} instead. Correct it or leave the row out."
        )
    return time


def _codes(column: pd.Series, dtype: pd.CategoricalDtype, absent: str) -> NDArray[np.int8]:
    """Return the codes of kinds or zones; those not in their dtype are read as a vendor's words."""
    if column.dtype != dtype:
        column = (event_kind if dtype is KIND_DTYPE else normalize_zones)(column)
    codes = np.asarray(column.cat.codes, dtype=np.int8)
    return np.where(codes < 0, np.int8(dtype.categories.tolist().index(absent)), codes)


def _order(home: IntArray, time: NDArray[np.float64], others: list[np.ndarray]) -> IntArray:
    """Sort by home and time; what is simultaneous by the other columns, so that it is in an order
    that does not depend on that of the rows.
    """
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
