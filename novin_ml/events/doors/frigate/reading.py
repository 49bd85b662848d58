"""Read what Frigate saw and heard as events."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from novin_ml.events.doors.events import (
    door_vocabulary,
    events_of_door,
    require_home,
)
from novin_ml.events.doors.frigate.labels import DELIVERY, hints_of, is_package, kind_of_row
from novin_ml.events.doors.frigate.places import Places
from novin_ml.events.doors.frigate.rows import ObjectRow, without_untold_ends
from novin_ml.events.doors.frigate.sources import read_rows, recognise
from novin_ml.events.doors.logs.rails import Log, require_timezone, with_rejects
from novin_ml.events.doors.mapping import DoorMapping
from novin_ml.events.doors.report import DoorReport, NotRead, SensorRead, WeakLabel
from novin_ml.events.files.report import ReadReport
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.plain import plural, toml_text

__all__ = ["read_frigate", "recognise"]

#: A car that parks is present for hours.
_HOURS_S = 3600.0
_DIGITS = 6


def read_frigate(
    path: str | os.PathLike[str],
    *,
    home_id: str,
    consent: bool = False,
    timezone: str | None = None,
    mapping: DoorMapping | None = None,
    vocabulary: Vocabulary | None = None,
    max_duration: float | None = None,
) -> tuple[pd.DataFrame, DoorReport]:
    """Read what Frigate saw and heard as events.

    A person is a motion, cars and other vehicles are vehicles, dogs and cats pets, what is heard is
    a sound, and what a doorbell's integration adds is a doorbell. Other labels, such as packages
    and birds, are no events, unless a mapping gives them a kind.

    Parameters
    ----------
    path : path
        The database ``frigate.db`` or its folder; the JSON of ``/api/events``; or messages of the
        topic ``frigate/events``, a line each, with or without the topic before it.
    home_id : str
        The home of all events.
    consent : bool, default=False
        Whether the home lets these events be trained on. Nothing in the files says so.
    timezone : str
        IANA name of the home's time zone, which Frigate does not keep.
    mapping : DoorMapping or None, default=None
        What a person says: of sensors, which are named by camera, label and zone, such as
        ``"front/person@porch"`` or ``"front/person"`` where no zone was entered; and, as areas, of
        Frigate's zones, of labels and of cameras.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read by. None is `Vocabulary.home`.
    max_duration : float or None, default=None
        Longest duration in seconds: a longer one, as of a car that parks, is cut to it, and counted
        in the report. None keeps all.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        The event table in the order of time. `confidence` is the best score; `duration` is how long
        the object was there, in seconds. After the columns of events come `weak_label`
        (``"delivery"`` or None) and `weak_label_by`, what hints at it: a carrier as a sub-label, or
        a package that appeared. Nobody confirmed them.
    report : DoorReport
        What was read, what was not and what would map it. Its `weak_labels` have the packages too.

    Raises
    ------
    InvalidEventError
        If the file cannot be read, lacks columns, or is another one; if no time zone is named; if
        the mapping names a kind or zone that the vocabulary does not have.
    ValueError
        If the time zone is not known.

    Warns
    -----
    VocabularyWarning
        If the vocabulary does not recognise more than 5 % of the types or of the locations.

    Notes
    -----
    The zone is the one of the highest risk among those that the object entered, or else that of the
    camera. An end is missing if the object is still there, if Frigate crashed (it then sets the end
    30 s after the beginning) or was stopped (all that is open ends at once, without a picture); so
    are the ends of sounds, which last as long as Frigate waits for the next one. Sub-labels are
    read only if they name a carrier: others may be names of persons, and never leave the file.

    Examples
    --------
    >>> import json
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from novin_ml.events.doors import read_frigate
    >>> seen = {"id": "1700000000.5-abcdef", "camera": "porch", "label": "person", "zones": [],
    ...         "start_time": 1700000000.5, "end_time": 1700000012.5, "has_snapshot": True,
    ...         "sub_label": "ups", "data": {"type": "object", "top_score": 0.9}}
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "events.json")
    ...     _ = path.write_text(json.dumps([seen]))
    ...     events, report = read_frigate(path, home_id="mine", timezone="Europe/Berlin")
    >>> events[["kind", "zone", "duration", "weak_label", "weak_label_by"]].iloc[0].to_dict()
    {'kind': 'motion', 'zone': 'porch', 'duration': 12.0, 'weak_label': 'delivery',
     'weak_label_by': 'sub_label ups'}
    """
    require_home(home_id)
    log = Log(os.fspath(path))
    clock = require_timezone(timezone, log.name)
    known = door_vocabulary(vocabulary)
    mapping = DoorMapping() if mapping is None else mapping
    mapping.check(known)
    rows = sorted(read_rows(path, log), key=lambda row: (row.start, row.id))
    is_false = [row for row in rows if row.is_false]
    log.not_events["taken back as false"] += len(is_false)
    rows = [row for row in rows if not row.is_false]
    kinds = {(row.sensor, row.type, row.zones): row for row in rows}
    found = {key: kind_of_row(row, mapping, known) for key, row in kinds.items()}
    told = [found[row.sensor, row.type, row.zones] for row in rows]
    kept = [(row, *each) for row, each in zip(rows, told, strict=True) if each[0] is not None]
    places = Places(mapping, known)
    seen = [_Seen(row, kind or "", by, *places.of(row)) for row, kind, by in kept]
    ends = _Ends(rows, mapping, max_duration)
    events, read = events_of_door(
        _values(seen, ends), source=log.name, home_id=home_id, consent=consent, timezone=clock,
        vocabulary=known, lines=[each.row.line for each in seen],
    )  # fmt: skip
    packages = [row for row in rows if is_package(row)]
    hints = hints_of([each.row for each in seen], packages)
    events = _with_weak(events, read, seen, hints)
    left_out = [(row, by) for row, (kind, by) in zip(rows, told, strict=True) if kind is None]
    report = DoorReport(
        "frigate", with_rejects(read, log.rejects), _sensors(seen, events, read, known),
        _not_read(left_out), {why: n for why, n in log.not_events.items() if n},
        (*log.notes, *_notes(seen, ends, packages, hints)), clock, _weak(seen, packages, hints),
    )  # fmt: skip
    return events, report


class _Seen(NamedTuple):
    """An object that is an event."""

    row: ObjectRow
    kind: str
    kind_by: str
    sensor: str
    location: str | None
    location_by: str


class _Ends:
    """The ends of objects that are told, and how long objects were there."""

    def __init__(
        self, rows: Sequence[ObjectRow], mapping: DoorMapping, longest: float | None
    ) -> None:
        self.crashes, self.stops = without_untold_ends(rows)
        self.untold = self.crashes | self.stops
        self.mapping = mapping
        self.longest = longest
        self.n_cut = 0
        self.n_hours = 0

    def end(self, seen: _Seen) -> float:
        row = seen.row
        if row.end is None or row.type != "object" or row.id in self.untold:
            return float("nan")
        hold = self.mapping.of(seen.sensor, (row.label, row.camera)).hold
        return max(row.start, row.end - hold) if hold else row.end

    def duration(self, seen: _Seen) -> float:
        length = round(self.end(seen) - seen.row.start, _DIGITS)
        self.n_hours += length > _HOURS_S
        if self.longest is not None and length > self.longest:
            self.n_cut += 1
            return self.longest
        return length


def _values(seen: Sequence[_Seen], ends: _Ends) -> dict[str, Any]:
    scores = [each.row.top_score for each in seen]
    return {
        "type": [each.kind for each in seen],
        "timestamp": np.array([each.row.start for each in seen], dtype=np.float64),
        "location": [each.location for each in seen],
        # What an integration adds has no score, which Frigate writes as zero.
        "confidence": [
            None if each.row.type == "api" and not score else score
            for each, score in zip(seen, scores, strict=True)
        ],
        "duration": np.array([ends.duration(each) for each in seen], dtype=np.float64),
        "end": np.array([ends.end(each) for each in seen], dtype=np.float64),
    }


def _with_weak(
    events: pd.DataFrame,
    read: ReadReport,
    seen: Sequence[_Seen],
    hints: Sequence[str | None],
) -> pd.DataFrame:
    """Return the events with the columns of weak labels, which no reader takes for labels."""
    refused = set(read.rejects["line"])
    kept = [hint for each, hint in zip(seen, hints, strict=True) if each.row.line not in refused]
    return events.assign(
        weak_label=pd.Series([hint and DELIVERY for hint in kept], dtype=object),
        weak_label_by=pd.Series(kept, dtype=object),
    )


def _weak(
    seen: Sequence[_Seen], packages: Sequence[ObjectRow], hints: Sequence[str | None]
) -> tuple[WeakLabel, ...]:
    found = [
        WeakLabel(each.row.start, each.sensor, DELIVERY, hint, True)
        for each, hint in zip(seen, hints, strict=True)
        if hint is not None
    ]
    own = {each.row.id for each in seen}
    found += [
        WeakLabel(row.start, row.sensor, DELIVERY, "a package", False)
        for row in packages
        if row.id not in own
    ]
    return tuple(sorted(found))


def _sensors(
    seen: Sequence[_Seen], events: pd.DataFrame, read: ReadReport, vocabulary: Vocabulary
) -> tuple[SensorRead, ...]:
    refused = set(read.rejects["line"])
    kept = [each for each in seen if each.row.line not in refused]
    durations = events["duration"].to_numpy()
    places: dict[str, list[int]] = {}
    for place, each in enumerate(kept):
        places.setdefault(each.sensor, []).append(place)
    found = []
    for name, own in places.items():
        first = kept[own[0]]
        known = durations[own][~np.isnan(durations[own])]
        found.append(
            SensorRead(
                name, first.kind, vocabulary.zone_of(first.location), first.location or "",
                len(own), first.kind_by, first.location_by,
                float(known.min()) if known.size else None, first.row.camera,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda sensor: (-sensor.n_events, sensor.name)))


def _not_read(left_out: Sequence[tuple[ObjectRow, str]]) -> tuple[NotRead, ...]:
    counts = Counter((row.sensor, row.label, by) for row, by in left_out)
    return tuple(
        NotRead(sensor, by, count, f'[areas.{toml_text(label)}] kind = "..."')
        for (sensor, label, by), count in sorted(counts.items(), key=lambda item: -item[1])
    )


def _notes(
    seen: Sequence[_Seen],
    ends: _Ends,
    packages: Sequence[ObjectRow],
    hints: Sequence[str | None],
) -> Iterator[str]:
    own = {each.row.id for each in seen}
    for ids, why in ((ends.crashes, "after a crash"), (ends.stops, "at a stop")):
        if n := len(own & ids):
            yield f"{plural(n, 'end')} that Frigate set {why}: missing here."
    if ends.n_cut:
        yield f"{plural(ends.n_cut, 'duration')} cut to the longest allowed."
    elif ends.n_hours:
        yield (
            f"{plural(ends.n_hours, 'object was', 'objects were')} there for more than an hour, as "
            "cars that park are. A longest duration cuts them (max_duration, --max-duration)."
        )
    if n := sum(each.row.is_padded for each in seen):
        yield (
            f"{plural(n, 'row')} of Frigate up to 0.13, with seconds recorded before: they begin "
            "at the time in their id; their durations have the seconds recorded after."
        )
    n_hints = sum(hint is not None for hint in hints)
    if n_hints or packages:
        yield (
            f"Weak labels: {plural(n_hints, 'event')} and {plural(len(packages), 'package')} hint "
            "at deliveries (column weak_label). Nobody confirmed them."
        )
