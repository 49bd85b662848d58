"""The history of one home, updated event by event."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events import read_event
from novin_ml.events.tables.check import checked_events
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.features._own_home import require_own_home
from novin_ml.features.base import shown_vocabulary
from novin_ml.features.behavior._batch import past_of
from novin_ml.features.behavior._codes import (
    BEHAVIOR_INPUTS,
    MINUTE,
    MODE_CODES,
    N_MODES,
    N_ZONES,
    NO_PAIR,
    Cells,
    EventCodes,
    Moment,
    encode_events,
    name_codes,
)
from novin_ml.features.behavior._document import CellNames
from novin_ml.features.behavior.formulas import (
    HOUR_COS,
    HOUR_SIN,
    Past,
    behavior_columns,
    rarity_of,
    remembered,
)
from novin_ml.features.behavior.specs import BEHAVIOR_FEATURES, DAY_MINUTES, HOUR_MINUTES, RECENT

# Numbers of Python, which are faster to take one by one.
_SIN, _COS = HOUR_SIN.tolist(), HOUR_COS.tolist()
_RARITY = [spec.name for spec in BEHAVIOR_FEATURES].index("mode_hour_rarity")


class BehaviorHistory:
    """The history of one home, which computes the features of its events one by one.

    `update` returns the same bits as `BehaviorFeatures` for a whole log. Its time and memory do not
    grow with the log. This algorithm runs on the device.

    Parameters
    ----------
    home_id : str, default=None
        Name of the home. Events that name another home are refused; None accepts all events.
    timezone : str, default="UTC"
        IANA name of the home's time zone, for events that carry no offset from UTC.
    vocabulary : Vocabulary or None, default=None
        The kinds and zones to read events by; None is `Vocabulary.sdk`.

    Attributes
    ----------
    home_id : str or None
        Name of the home.
    timezone : str
        IANA name of its time zone.
    vocabulary : Vocabulary
        That of its kinds and zones.
    n_events : int
        Number of events so far.

    See Also
    --------
    BehaviorFeatures : The same features for the logs of many homes at once, and the formulas.

    Notes
    -----
    The state is bounded, however long the log is:

    - the counts that are not 0 of 8 tables: (kind, zone); (kind, zone) by hour of the day; (kind,
      zone, mode); (kind, zone, mode) by hour; hour; (zone, whether at the weekend, hour); previous
      (kind, zone); and (previous kind and zone, kind, zone). With the kinds and zones of the SDK,
      together they have 83,274 cells;
    - the number of events of each minute of the last day that had any;
    - the times of the first event, of the last event, and of the last event of each kind;
    - the kind and zone of the last event, and the rarities of the last 8 events;
    - the events of the current instant. They do not see each other. When a later event comes, they
      are added to the rest, in the order of their codes of kind, zone and mode, then of offset.

    Examples
    --------
    >>> from novin_ml.features import BehaviorHistory
    >>> history = BehaviorHistory()
    >>> for day in range(30):
    ...     _ = history.update({"type": "door", "timestamp": 1.7e9 + 86_400 * day})
    >>> row = history.update({"type": "glass_break", "timestamp": 1.7e9 + 86_400 * 30})
    >>> history.n_events, row.shape, float(row[3])  # place_rarity: log2(31 / 0.25), about
    (31, (17,), 6.9375)
    """

    def __init__(
        self,
        home_id: str | None = None,
        *,
        timezone: str = "UTC",
        vocabulary: Vocabulary | None = None,
    ) -> None:
        find_timezone(timezone)  # refuses a name that is none
        self.vocabulary = checked_vocabulary(vocabulary)
        self._codes = name_codes(self.vocabulary)
        self.home_id = home_id
        self.timezone = timezone
        self.n_events = 0
        self._present: list[_Seen] = []
        self._time = -1  # events of the current instant
        self._n_before = 0
        self._counts: dict[int, int] = {}
        self._first = 0
        self._last = 0
        self._last_of_kind: dict[int, int] = {}
        self._previous = NO_PAIR
        self._rarity: deque[int] = deque(maxlen=RECENT)
        self._hour = _Window(HOUR_MINUTES)
        self._day = _Window(DAY_MINUTES)

    @classmethod
    def from_events(cls, log: pd.DataFrame, *, timezone: str = "UTC") -> Self:
        """Start from the log of one home.

        Parameters
        ----------
        log : DataFrame of shape (n_events, n_columns)
            Event table of at most one home, rows in any order. Consent is not needed, because a
            history is not training. A missing `utc_offset` is 0.
        timezone : str, default="UTC"
            IANA name of the home's time zone, for later events that carry no offset from UTC.

        Returns
        -------
        history : BehaviorHistory
            The history after an `update` with each of the events, in the order of time.

        Raises
        ------
        InvalidEventError
            If the log has events of several homes, lacks columns, or breaks a rule of the fields.
        ValueError
            If the time zone is not known.
        """
        log = checked_events(log, BEHAVIOR_INPUTS, cls.__name__)
        vocabulary = shown_vocabulary(log)
        codes, homes = encode_events(log, vocabulary)
        if len(homes) > 1:
            raise InvalidEventError(
                f"The log of a {cls.__name__} must be of one home. Got events of {len(homes)}. "
                "Make one history for each home."
            )
        home_id = homes[0] if len(homes) else None
        return cls._from_codes(codes.take(codes.in_order()), home_id, timezone, vocabulary)

    @classmethod
    def _from_codes(
        cls, codes: EventCodes, home_id: str | None, timezone: str, vocabulary: Vocabulary
    ) -> Self:
        """Start from the sorted events of one home."""
        history = cls(home_id, timezone=timezone, vocabulary=vocabulary)
        if len(codes) == 0:
            return history
        past, cells = past_of(codes)
        rarity = rarity_of(past)
        pair = codes.kind * N_ZONES + codes.zone
        before = int(np.searchsorted(codes.time, codes.time[-1]))  # the current instant
        history.n_events, history._n_before = len(codes), before
        history._time = int(codes.time[-1])
        if before:
            history._first = int(codes.time[0])
            cell, count = np.unique([table[:before] for table in cells], return_counts=True)
            history._counts = dict(zip(cell.tolist(), count.tolist(), strict=True))
            history._last, history._previous = int(codes.time[before - 1]), int(pair[before - 1])
            # The last value of a repeated key wins.
            history._last_of_kind = dict(
                zip(codes.kind[:before].tolist(), codes.time[:before].tolist(), strict=True)
            )
            history._rarity.extend(rarity[max(before - RECENT, 0) : before].tolist())
            minutes, count = np.unique(codes.time[:before] // MINUTE, return_counts=True)
            for minute, number in zip(minutes.tolist(), count.tolist(), strict=True):
                history._hour.add(minute, number)
                history._day.add(minute, number)
        for row in range(before, len(codes)):
            content = int(pair[row]) * N_MODES + int(codes.mode[row])
            history._present.append(
                _Seen(
                    content,
                    int(codes.offset[row]),
                    int(codes.kind[row]),
                    Cells(*(int(table[row]) for table in cells)),
                    int(rarity[row]),
                )
            )
        return history

    def update(self, event: Mapping[str, Any] | pd.Series) -> NDArray[np.float32]:
        """Compute the features of the home's next event, and add it to the history.

        Parameters
        ----------
        event : mapping or Series
            An event as the SDK sends it, or a row of an event table: what
            `novin_ml.events.read_event` reads.

        Returns
        -------
        row : ndarray of shape (17,), float32
            Columns as in `BEHAVIOR_FEATURES`.

        Raises
        ------
        InvalidEventError
            If the event breaks a rule, belongs to another home, or is earlier than a previous
            event. The history is then unchanged.
        """
        row = read_event(event, timezone=self.timezone, vocabulary=self.vocabulary)
        return self.take(self.checked(row))

    def checked(self, row: Mapping[str, Any]) -> CodedEvent:
        """Check an event that was read by the history's vocabulary, and change nothing.

        Parameters
        ----------
        row : dict
            From `novin_ml.events.read_event`.

        Returns
        -------
        event : CodedEvent
            For `take`, which then cannot refuse it.

        Raises
        ------
        InvalidEventError
            If the event belongs to another home, or is earlier than a previous event.
        """
        require_own_home(self.home_id, row["home_id"])
        time, offset = round(row["timestamp"] * 1000), round(row["utc_offset"] * 1000)
        if time < self._time:
            raise InvalidEventError(
                "The events of a history must come in the order of time, the next at "
                f"{self._time / 1000:.3f} s or later. Got one at {time / 1000:.3f} s. Start again "
                "from the whole log with BehaviorHistory.from_events."
            )
        kind, zone = self._codes.kind[row["kind"]], self._codes.zone[row["zone"]]
        return CodedEvent(time, offset, kind, zone, MODE_CODES[row["home_mode"]])

    def take(self, event: CodedEvent) -> NDArray[np.float32]:
        """Compute the features of an event that was checked, and add it, as `update` does.

        Parameters
        ----------
        event : CodedEvent
            From `checked`.

        Returns
        -------
        row : ndarray of shape (17,), float32
            As that of `update`.
        """
        time, offset, kind, zone, mode = event
        if time > self._time:
            self._close_instant()
            self._time = time
        moment = Moment.of(time, offset)
        pair = kind * N_ZONES + zone
        cells = Cells.of(pair, zone, mode, moment, self._previous)
        past = self._past(time, kind, moment, cells)
        minute = past.minute_of_day
        columns = (_SIN[minute], _COS[minute], *behavior_columns(past))
        rarity = remembered(columns[_RARITY])
        self._present.append(_Seen(pair * N_MODES + mode, offset, kind, cells, rarity))
        self.n_events += 1
        return np.array(columns, dtype=np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Return the history as a dict, so that a phone can continue it.

        Returns
        -------
        history : dict
            A dict for `json.dumps`; the ``BehaviorHistory`` of the Swift package decodes it. It
            has kinds, zones and modes by name. Its size does not grow with the log.

        Examples
        --------
        >>> from novin_ml.features import BehaviorHistory
        >>> history = BehaviorHistory("a")
        >>> _ = history.update({"type": "door", "timestamp": 1.7e9})
        >>> _ = history.update({"type": "motion", "timestamp": 1.7e9 + 9})
        >>> written = history.to_dict()
        >>> written["events"], written["previous"]
        (2, 'door unknown')
        >>> sorted(written["counts"])[:3]
        ['hour 22', 'order - - door unknown', 'pair door unknown']
        """
        names = CellNames(self.vocabulary)
        last_of_kind: dict[str, int] = {}
        for kind, time in self._last_of_kind.items():
            name = names.kind(kind)
            last_of_kind[name] = max(time, last_of_kind.get(name, 0))
        return {
            "home_id": self.home_id,
            "events": self.n_events,
            "time": self._time,
            "first": self._first,
            "last": self._last,
            "last_of_kind": last_of_kind,
            "previous": names.pair(self._previous),
            "rarities": list(self._rarity),
            "minutes": self._day.minutes(),
            "present": [
                names.content(seen.content) | {"offset": seen.offset, "rarity": seen.rarity}
                for seen in self._present
            ],
            "counts": names.counts(self._counts),
        }

    def _past(self, time: int, kind: int, moment: Moment, cells: Cells) -> Past:
        count = self._counts.get
        before, after = (moment.hour + 23) % 24 - moment.hour, (moment.hour + 1) % 24 - moment.hour
        minute = time // MINUTE
        first = self._first if self._n_before else time
        # By position, which takes half a microsecond less than by name.
        return Past(
            moment.minute_of_day,  # minute_of_day
            self._n_before,  # events
            count(cells.pair, 0),  # pair
            count(cells.pair_hour, 0),  # pair_hour
            count(cells.pair_hour + before, 0),  # pair_hour_before
            count(cells.pair_hour + after, 0),  # pair_hour_after
            count(cells.pair_mode, 0),  # pair_mode
            count(cells.pair_mode_hour, 0),  # mode_hour
            count(cells.pair_mode_hour + before, 0),  # mode_hour_before
            count(cells.pair_mode_hour + after, 0),  # mode_hour_after
            count(cells.week, 0),  # week
            count(cells.previous, 0),  # previous
            count(cells.order, 0),  # order
            count(cells.hour, 0),  # hour
            count(cells.hour + before, 0),  # hour_before
            self._hour.total(minute),  # in_hour
            self._day.total(minute),  # in_day
            time - first,  # elapsed
            time - self._last if self._n_before else 0,  # gap
            time - self._last_of_kind.get(kind, first),  # gap_kind
            sum(self._rarity),  # recent
        )

    def _close_instant(self) -> None:
        """Move the events of the current instant into the past."""
        if not self._present:
            return
        if self._n_before == 0:
            self._first = self._time
        self._present.sort()
        for seen in self._present:
            for cell in seen.cells:
                self._counts[cell] = self._counts.get(cell, 0) + 1
            self._last_of_kind[seen.kind] = self._time
            self._rarity.append(seen.rarity)
        minute = self._time // MINUTE
        self._hour.add(minute, len(self._present))
        self._day.add(minute, len(self._present))
        self._last = self._time
        self._previous = self._present[-1].content // N_MODES
        self._n_before = self.n_events
        self._present.clear()


class CodedEvent(NamedTuple):
    """An event as a history takes it: milliseconds, and codes."""

    time: int
    offset: int
    kind: int
    zone: int
    mode: int


class _Seen(NamedTuple):
    """An event of the current instant; events that compare equal are identical."""

    content: int
    offset: int
    kind: int
    cells: Cells
    rarity: int


class _Window:
    """The number of events in the last minutes."""

    def __init__(self, minutes: int) -> None:
        self._minutes = minutes
        self._by_minute: deque[tuple[int, int]] = deque()
        self._total = 0

    def add(self, minute: int, number: int) -> None:
        """Add events of a minute, which is the latest so far."""
        if self._by_minute and self._by_minute[-1][0] == minute:
            number_before = self._by_minute.pop()[1]
            self._by_minute.append((minute, number_before + number))
        else:
            self._by_minute.append((minute, number))
        self._total += number
        self.total(minute)

    def minutes(self) -> list[list[int]]:
        """Return the minutes that had events, with their counts."""
        return [list(minute) for minute in self._by_minute]

    def total(self, minute: int) -> int:
        """Count the events in the minutes up to this one, and drop those further back."""
        while self._by_minute and self._by_minute[0][0] <= minute - self._minutes:
            self._total -= self._by_minute.popleft()[1]
        return self._total
