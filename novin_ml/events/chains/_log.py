"""An event log as sorted arrays, which is cut into chains."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains._summaries import label_codes
from novin_ml.events.consent import has_consent
from novin_ml.events.fields import EVENT_FIELDS, UNKNOWN_HOME
from novin_ml.events.ragged import offsets_of
from novin_ml.events.tables.check import checked_events
from novin_ml.events.tables.labels import without_absent_labels
from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY, vocabulary_of
from novin_ml.events.vocabulary.naming import Texts, named_senders
from novin_ml.events.vocabulary.sensors import UNSEEN
from novin_ml.events.vocabulary.vocabulary import Vocabulary

IntArray = NDArray[np.int64]

_REQUIRED = ("home_id", "timestamp", "kind", "zone")
_LABELS = tuple(field.name for field in EVENT_FIELDS if field.is_label)


class EventLog(NamedTuple):
    """Events sorted by home, time, and then by all other columns.

    A sensor is one that the vocabulary names; a sender is any, as `named_senders` names it. There
    are no `sender_names` if the table does not tell them. A state is 1 for on and open, 0 for off
    and closed, -1 if none is told.
    """

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
    sensor: NDArray[np.int16] | None
    vocabulary: Vocabulary
    sender_names: tuple[str, ...]
    sender_texts: tuple[Texts | None, ...]
    sender: NDArray[np.int32]
    state: NDArray[np.int8]
    end: NDArray[np.float64]


def sorted_log(events: Any) -> EventLog:
    events = checked_events(events, _REQUIRED, "chains_from_events", reads_offset=True)
    events = without_absent_labels(events)
    home, homes = _homes(events["home_id"])
    time = events["timestamp"].to_numpy()
    numbers = {
        name: events[name].to_numpy()
        if name in events
        else np.full(len(events), np.nan, dtype=np.float32)
        for name in ("confidence", "utc_offset")
    }
    vocabulary = vocabulary_of(events) or DEFAULT_VOCABULARY
    columns: dict[str, Any] = {
        "kind": _codes(events["kind"], "other"),
        "zone": _codes(events["zone"], "unknown"),
        **numbers,
        "home_mode": np.asarray(events["home_mode"].cat.codes, dtype=np.int8)
        if "home_mode" in events
        else np.full(len(events), -1, dtype=np.int8),
        "consent": has_consent(events) if "consent" in events else np.zeros(len(events), bool),
    }
    labels, names = {}, {}
    for name in (name for name in _LABELS if name in events):
        labels[name], names[name] = label_codes(events[name])
    sensor = None
    if vocabulary.sensors and "sensor" in events:
        sensor = _codes(events["sensor"], UNSEEN, np.int16)
    last = [] if sensor is None else [sensor]
    sender_names, sender, sender_texts = named_senders(events)
    state, end = _activity(events)
    others = [*columns.values(), *labels.values(), *last, sender, state, end]
    order = _order(home, time, others)
    return EventLog(
        homes, home[order], time[order],
        **{name: column[order] for name, column in columns.items()},
        labels={name: codes[order] for name, codes in labels.items()},
        names=names,
        sensor=None if sensor is None else sensor[order],
        vocabulary=vocabulary,
        sender_names=sender_names,
        sender_texts=sender_texts,
        sender=sender[order],
        state=state[order],
        end=np.where(end < 0, np.nan, end)[order],
    )  # fmt: skip


def _homes(column: pd.Series) -> tuple[IntArray, NDArray[np.object_]]:
    """Number the homes in the order of their names."""
    codes, found = pd.factorize(column)
    names = np.array([*map(str, found), UNKNOWN_HOME], dtype=object)
    homes, place = np.unique(names, return_inverse=True)
    return place.reshape(-1)[codes].astype(np.int64), homes


def _codes(column: pd.Series, absent: str, dtype: Any = np.int8) -> NDArray[Any]:
    """Return the codes of kinds, zones or sensors, that of `absent` where missing."""
    codes = np.asarray(column.cat.codes, dtype=dtype)
    return np.where(codes < 0, dtype(column.cat.categories.tolist().index(absent)), codes)


def _activity(events: pd.DataFrame) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return the state of each event, and the end that it tells, -1 where it tells none."""
    state = np.full(len(events), -1, dtype=np.int8)
    if "state" in events:
        texts = events["state"].astype(object)
        state[texts.isin(["on", "open"])] = 1
        state[texts.isin(["off", "closed"])] = 0
    if "end" not in events:
        return state, np.full(len(events), -1.0)
    end = events["end"].to_numpy(dtype=np.float64)
    return state, np.where(np.isnan(end), -1.0, end)


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
