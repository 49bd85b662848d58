"""The log of homes that `BehaviorFeatures` remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features.behavior._codes import (
    MODE_NAMES,
    N_KINDS,
    N_ZONES,
    EventCodes,
    IntArray,
    name_codes,
)
from novin_ml.plain import plural


@dataclass(frozen=True)
class HomeLog:
    """Sorted events of homes, at 15 bytes each.

    Attributes
    ----------
    homes : dict of str to int
        Number of each home by its name.
    starts : ndarray of shape (n_homes + 1,), int64
        Position of the first event of each home, then the number of events.
    time : ndarray of shape (n_events,), int64
        Milliseconds since 1970, ascending within a home.
    offset : ndarray of shape (n_events,), int32
        Milliseconds by which local time is ahead of UTC.
    kind, zone, mode : ndarray of shape (n_events,), uint8
        Codes.
    """

    homes: dict[str, int]
    starts: IntArray
    time: IntArray
    offset: NDArray[np.int32]
    kind: NDArray[np.uint8]
    zone: NDArray[np.uint8]
    mode: NDArray[np.uint8]

    @classmethod
    def of(cls, codes: EventCodes, names: NDArray[np.object_]) -> HomeLog:
        """Make a log from events in any order."""
        codes = codes.take(codes.in_order())
        return cls(
            {name: number for number, name in enumerate(names)},
            np.searchsorted(codes.home, np.arange(len(names) + 1)),
            codes.time,
            codes.offset.astype(np.int32),
            codes.kind.astype(np.uint8),
            codes.zone.astype(np.uint8),
            codes.mode.astype(np.uint8),
        )

    def events_of(self, names: Sequence[str]) -> EventCodes:
        """Return the events of homes, numbered as in `names`; unknown homes have none."""
        number = np.array([self.homes.get(name, -1) for name in names], dtype=np.int64)
        start = np.where(number < 0, 0, self.starts[number])
        length = np.where(number < 0, 0, self.starts[number + 1] - start)
        home = np.repeat(np.arange(len(names)), length)
        ends = np.cumsum(length)
        rows = np.arange(len(home)) + np.repeat(start - (ends - length), length)
        return EventCodes(
            home,
            self.time[rows],
            self.offset[rows].astype(np.int64),
            self.kind[rows].astype(np.int64),
            self.zone[rows].astype(np.int64),
            self.mode[rows].astype(np.int64),
        )

    def to_arrays(self, vocabulary: Vocabulary) -> dict[str, NDArray[Any]]:
        """Return the log as arrays of numbers; names are concatenated UTF-8 texts.

        Names of kinds and zones are those of the vocabulary; what is missing has the code after the
        last of them.
        """
        arrays: dict[str, NDArray[Any]] = {}
        categories = _categories(vocabulary)
        for key, texts in (("homes", tuple(self.homes)), *categories.items()):
            encoded = [text.encode() for text in texts]
            arrays[f"{key}_text"] = np.frombuffer(b"".join(encoded), dtype=np.uint8)
            arrays[f"{key}_ends"] = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        for name in _COLUMNS:
            arrays[name] = getattr(self, name)
        for name, missing in (("kind", N_KINDS - 1), ("zone", N_ZONES - 1)):
            codes, n_names = arrays[name], len(categories[name])
            arrays[name] = np.where(codes == missing, np.uint8(n_names), codes)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], vocabulary: Vocabulary) -> HomeLog:
        """Read the arrays of `to_arrays`, even if the kinds and zones have changed since.

        Raises
        ------
        ValueError
            If the arrays are not those of a log.
        """
        lost = sorted({*_COLUMNS, "homes_text", "homes_ends"} - set(arrays))
        if lost:
            raise _damaged(f"none named {lost[0]!r}")
        columns = {}
        for name, dtype in _COLUMNS.items():
            columns[name] = arrays[name]
            if columns[name].dtype != dtype or columns[name].ndim != 1:
                raise _damaged(f"{name!r} of {columns[name].dtype}")
            if name != "starts" and len(columns[name]) != len(columns["time"]):
                raise _damaged(f"{name!r} of length {len(columns[name])}")
        homes = _texts(arrays, "homes")
        starts, time = columns["starts"], columns["time"]
        if len(starts) != len(homes) + 1 or len(set(homes)) != len(homes):
            raise _damaged(f"{plural(len(homes), 'home')} and {plural(len(starts), 'place')}")
        if starts[0] != 0 or starts[-1] != len(time) or (np.diff(starts) < 0).any():
            raise _damaged("homes that do not follow each other")
        goes_back = np.flatnonzero(np.diff(time) < 0) + 1
        if not np.isin(goes_back, starts).all():
            raise _damaged("events that are not in the order of time")
        missing = {"kind": N_KINDS - 1, "zone": N_ZONES - 1, "mode": len(MODE_NAMES)}
        for name, known in _categories(vocabulary).items():
            names = _texts(arrays, name)
            columns[name] = _translate(columns[name], names, known, missing[name])
        return cls({name: number for number, name in enumerate(homes)}, **columns)


_COLUMNS = {
    "time": np.int64,
    "starts": np.int64,
    "offset": np.int32,
    "kind": np.uint8,
    "zone": np.uint8,
    "mode": np.uint8,
}


def _categories(vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    names = name_codes(vocabulary)
    return {"kind": names.kinds, "zone": names.zones, "mode": MODE_NAMES}


def _texts(arrays: Mapping[str, NDArray[Any]], key: str) -> list[str]:
    text, ends = arrays[f"{key}_text"].tobytes(), arrays[f"{key}_ends"].tolist()
    return [text[start:end].decode() for start, end in zip([0, *ends], ends, strict=False)]


def _translate(
    codes: NDArray[np.uint8], names: list[str], known: tuple[str, ...], missing: int
) -> NDArray[np.uint8]:
    """Translate codes of one list of names into those of another."""
    if codes.max(initial=0) > len(names):
        raise _damaged(f"a code {codes.max()} of {plural(len(names), 'category')}")
    position = {name: number for number, name in enumerate(known)}
    new = [position.get(name, missing) for name in names]
    return np.array([*new, missing], dtype=np.uint8)[codes]


def _damaged(got: str) -> ValueError:
    return ValueError(
        f"The arrays must be those of a fitted BehaviorFeatures. Got {got}. Save it again."
    )
