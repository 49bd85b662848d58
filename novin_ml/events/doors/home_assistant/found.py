"""The events of a home while they are found: those of all entities, and what was not read."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from novin_ml.events.doors.home_assistant.guessing import (
    Guess,
    guess_kind,
    guess_location,
    kind_of_press,
)
from novin_ml.events.doors.home_assistant.modes import Modes
from novin_ml.events.doors.home_assistant.phases import Phases
from novin_ml.events.doors.home_assistant.registries import Entity
from novin_ml.events.doors.mapping import DoorMapping
from novin_ml.events.doors.report import NotRead, SensorRead
from novin_ml.events.fields import field_named
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.plain import plural, toml_text

__all__ = ["FoundEvents"]

#: A duration is a number of milliseconds in the database, and of this many digits here.
_DIGITS = 6
#: A sensor whose shortest of so many durations is so long seems to hold: it would always loiter.
_HOLDS_S, _ENOUGH = 30.0, 20
_LATEST = field_named("end").high


class FoundEvents:
    """The events of a home, entity by entity.

    Parameters
    ----------
    mapping : DoorMapping
        What a person says of the entities.
    vocabulary : Vocabulary
        That of the events.

    Attributes
    ----------
    not_events : Counter
        Rows that look like an event and are none, by reason.
    """

    def __init__(self, mapping: DoorMapping, vocabulary: Vocabulary) -> None:
        self.not_events: Counter[str] = Counter()
        self._mapping = mapping
        self._vocabulary = vocabulary
        self._is_motion = {kind.name: kind.group == "motion" for kind in vocabulary.kinds}
        self._names: list[str] = []
        self._areas: list[str | None] = []
        self._kinds: list[Guess] = []
        self._locations: list[Guess] = []
        self._lengths: list[int] = []
        self._types: list[list[str] | None] = []
        self._starts = array("d")
        self._ends = array("d")
        self._not_read: list[NotRead] = []
        self._shortest: list[float | None] = []
        self._n_cut = 0

    def add(self, phases: Phases, entity: Entity) -> str | None:
        """Add the phases of an entity; return its kind, or None if it is not read."""
        kind = guess_kind(phases.entity, entity, self._mapping, self._vocabulary)
        if kind.value is None:
            remedy = f'[entities.{toml_text(phases.entity)}] kind = "..."'
            self._not_read.append(NotRead(phases.entity, kind.by, len(phases.starts), remedy))
            return None
        self.not_events.update(phases.not_events)
        if not phases.starts:
            return None
        hold = self._mapping.of(phases.entity, (entity.area_id, entity.area)).hold
        ends = phases.ends
        if hold:
            pairs = zip(phases.starts, phases.ends, strict=True)
            ends = array(
                "d", (max(start, end - hold) if end == end else end for start, end in pairs)
            )
        self._names.append(phases.entity)
        self._areas.append(entity.area)
        self._kinds.append(kind)
        self._locations.append(
            guess_location(phases.entity, entity, self._mapping, self._vocabulary)
        )
        self._lengths.append(len(phases.starts))
        self._types.append(None)
        self._starts.extend(phases.starts)
        self._ends.extend(ends)
        return kind.value

    def set_kinds(self, event_types: list[str | None]) -> None:
        """Set the kinds of the presses that were added last by what each press was."""
        kind = self._kinds[-1].value or "doorbell"
        self._types[-1] = [kind_of_press(kind, each, self._vocabulary) for each in event_types]

    def values(self, modes: Modes, max_duration: float | None) -> dict[str, Any]:
        """Return the columns of all events in the order of time."""
        starts, ends = np.array(self._starts), np.array(self._ends)
        ends[~((ends >= starts) & (ends <= _LATEST))] = np.nan
        lengths = np.array(self._lengths, dtype=np.intp)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        kinds = np.empty(len(starts), dtype=object)
        begin = 0
        for kind, own, length in zip(self._kinds, self._types, self._lengths, strict=True):
            kinds[begin : begin + length] = kind.value if own is None else own
            begin += length
        is_motion = np.array([self._is_motion[kind] for kind in kinds], dtype=bool)
        durations = np.where(is_motion, np.round(ends - starts, _DIGITS), np.nan)
        parts = np.split(durations, np.cumsum(lengths)[:-1]) if len(lengths) else []
        self._shortest = [_least(part) for part in parts]
        if max_duration is not None:
            self._n_cut = int(np.count_nonzero(durations > max_duration))
            durations = np.fmin(durations, np.where(np.isnan(durations), np.nan, max_duration))
        locations = np.array([guess.value for guess in self._locations] or [None], dtype=object)
        order = np.argsort(starts, kind="stable")
        found: dict[str, Any] = {
            "type": kinds[order].tolist(),
            "timestamp": starts[order],
            "location": locations[owner[order]].tolist() if len(order) else [],
            "home_mode": modes.at(starts[order]),
            "duration": durations[order],
            "end": ends[order],
        }
        return found

    def sensors(self) -> tuple[SensorRead, ...]:
        """Return the entities that were read, those of the most events first."""
        shortest = self._shortest or [None] * len(self._names)
        found = [
            SensorRead(
                name,
                kind.value or "other",
                self._vocabulary.zone_of(location.value),
                location.value or "",
                length,
                kind.by,
                location.by,
                least,
                area,
            )
            for name, kind, location, length, least, area in zip(
                self._names,
                self._kinds,
                self._locations,
                self._lengths,
                shortest,
                self._areas,
                strict=True,
            )
        ]
        return tuple(sorted(found, key=lambda sensor: (-sensor.n_events, sensor.name)))

    def not_read(self) -> tuple[NotRead, ...]:
        """Return the entities that were not read, those of the most phases first."""
        return tuple(sorted(self._not_read, key=lambda each: (-each.n_active, each.name)))

    def notes(self) -> Iterator[str]:
        """Return sentences on durations."""
        if self._n_cut:
            yield f"{plural(self._n_cut, 'duration')} cut to the longest allowed."
        for sensor in self.sensors():
            least = sensor.shortest
            if least is not None and least >= _HOLDS_S and sensor.n_events >= _ENOUGH:
                yield (
                    f"{sensor.name} was never on for less than {least:.1f} s in "
                    f"{plural(sensor.n_events, 'event')}: it seems to hold. Set its hold in a "
                    "mapping, or each motion there is a long one."
                )


def _least(durations: np.ndarray) -> float | None:
    known = durations[~np.isnan(durations)]
    return float(known.min()) if known.size else None
