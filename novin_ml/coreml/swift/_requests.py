"""Requests of events for golden vectors: simulated homes, and requests at the limits."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from itertools import cycle, islice, product
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events import MAX_REQUEST_EVENTS, events_from_json
from novin_ml.events.chains.files import chain_documents
from novin_ml.events.files.writing import event_documents
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import VocabularyWarning
from novin_ml.features import BehaviorHistory
from novin_ml.simulation import (
    simulate_behavior,
    simulate_chains,
    simulate_deliveries,
    simulate_motions,
)

#: Time of the events at the limits; a Tuesday.
_TIME = 1_735_689_600.0
_SEED = 8
_N_HOMES = 3
_MOST_SAMPLES = 120
# Fields that no feature reads, or that name labels.
_LEFT_OUT = ("label", "clean_label", "consent")


def requests(family: str) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each request of a family, as an app would send it.

    All events of a request are from one home, in order of time.
    """
    for number, events in enumerate(_SIMULATED[family]()):
        yield f"simulated_{number}", _text(events)
    for name, events in _EDGES.items():
        yield name, _text(events)
    for name, events in _OWN_EDGES.get(family, {}).items():
        yield name, _text(events)


def later_requests(history: BehaviorHistory) -> Iterator[tuple[str, str]]:
    """Yield the name and text of requests whose events follow those in a home's history."""
    known = history.to_dict()
    home = {} if known["home_id"] is None else {"home_id": known["home_id"]}
    for hours in (1, 30):
        events = [
            {
                "type": kind,
                "timestamp": round(known["time"] / 1000 + 3600 * hours + step, 3),
                **home,
                "metadata": {"location": zone},
            }
            for step, (kind, zone) in enumerate(_LATER)
        ]
        yield f"{hours}_hours_later", _text(events)


def vocabulary_requests(vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield requests with the names, texts and sensors of a vocabulary, and with their like."""
    types = [text for kind in vocabulary.kinds for text in (kind.name, *kind.texts)]
    places = [name for zone in vocabulary.zones for name in (zone.name, *zone.aliases)]
    types += [sensor.type for sensor in vocabulary.sensors if sensor.type]
    places += [sensor.location for sensor in vocabulary.sensors if sensor.location]
    n_events = max(len(types), len(places))
    events = [
        _event(spell(types[i % len(types)]), 7.0 * i, respell(places[i % len(places)]))
        for i, (spell, respell) in enumerate(islice(cycle(product(_SPELLINGS, repeat=2)), n_events))
    ]
    for first in range(0, n_events, MAX_REQUEST_EVENTS):
        yield f"vocabulary_{first}", _text(events[first : first + MAX_REQUEST_EVENTS])


def memory_requests(features: Any, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield requests of the sensors that have columns of their own: on and off, and what ended.

    Parameters
    ----------
    features : object
        The transformer of a model. Only that of chains with columns of sensors or zones has any.
    vocabulary : Vocabulary
        That of its names.
    """
    sensors, zones = (getattr(features, name, None) or () for name in ("sensors", "zones"))
    texts = [_texts_of(name, vocabulary) for name in sensors]
    texts += [("motion", zone) for zone in zones]
    if not texts:
        return
    rng = np.random.default_rng(_SEED)
    for number in range(_N_HOMES):
        events, seconds = [], 0.0
        for _ in range(MAX_REQUEST_EVENTS // 2):
            seconds += float(rng.choice([0.0, 0.25, 7.5, 61.0, 4_000.0, 700_000.0]))
            kind, zone = texts[rng.integers(len(texts))]
            told: dict[str, Any] = {}
            if rng.random() < 0.5:
                told["state"] = str(rng.choice(["on", "off", "open", "closed"]))
            if rng.random() < 0.3:
                told["end"] = _TIME + seconds + float(rng.choice([0.0, 5.0, 900.0]))
            event = _event(kind, seconds, zone, **told)
            events.append(event | {"consent": bool(rng.random() < 0.8)})
        yield f"memory_{number}", _text(events)


def _texts_of(name: str, vocabulary: Vocabulary) -> tuple[str, str | None]:
    """Return the type and the location that a sensor sends."""
    named = next((sensor for sensor in vocabulary.sensors if sensor.name == name), None)
    if named is not None:
        return named.type or "motion", named.location
    kind, _, location = name.partition(" at ")
    return kind, location or None


#: How vendors write a name, and what only looks like it.
_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str, str.upper, str.title, lambda text: f"PIR{text.title().replace('_', '')}2",
    lambda text: f"x{text}", lambda text: f"{text}s-left",
)  # fmt: skip


def read_request(text: str, vocabulary: Vocabulary) -> pd.DataFrame:
    """Return the event table of a request."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VocabularyWarning)  # requests at the edges are meant so
        return events_from_json(text, strict=True, vocabulary=vocabulary)


def _text(events: list[dict[str, Any]]) -> str:
    return json.dumps({"events": events}, ensure_ascii=False)


def _event(kind: str, seconds: float, zone: str | None = None, **metadata: Any) -> dict[str, Any]:
    where = metadata if zone is None else {"location": zone, **metadata}
    event = {"type": kind, "timestamp": round(_TIME + seconds, 6), "home_id": "home"}
    return event | ({"metadata": where} if where else {})


def of_homes(table: pd.DataFrame, most: int) -> list[list[dict[str, Any]]]:
    """Return the first events of each home as JSON, without long signals."""
    homes: dict[str, list[dict[str, Any]]] = {}
    for event in map(_shortened, event_documents(table)):
        events = homes.setdefault(event["home_id"], [])
        if len(events) < most:
            events.append(event)
    return list(homes.values())


def _shortened(event: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in event.items() if key not in _LEFT_OUT}
    metadata = kept.get("metadata", {})
    if "raw" in metadata:
        metadata["raw"] = metadata["raw"][:_MOST_SAMPLES]
    return kept


def _deliveries() -> list[list[dict[str, Any]]]:
    return of_homes(simulate_deliveries(60, n_homes=_N_HOMES, random_state=_SEED), 25)


def _motions() -> list[list[dict[str, Any]]]:
    return of_homes(simulate_motions(24, n_homes=_N_HOMES, random_state=_SEED), 8)


def _behavior() -> list[list[dict[str, Any]]]:
    events = simulate_behavior(weeks=3, usual_weeks=2, unusual_per_month=8, random_state=_SEED)
    return of_homes(events, MAX_REQUEST_EVENTS)


def _chains() -> list[list[dict[str, Any]]]:
    chains = simulate_chains(30, n_homes=_N_HOMES, no_pattern=0.5, random_state=_SEED)
    homes: dict[str, list[dict[str, Any]]] = {}
    for chain in chain_documents(chains):
        events = homes.setdefault(chain["home_id"], [])
        if len(events) + len(chain["events"]) <= MAX_REQUEST_EVENTS:
            own = {key: chain[key] for key in ("home_id", "utc_offset")}
            events += [{**event, **own} for event in chain["events"]]
    return list(homes.values())


_SIMULATED = {
    "delivery": _deliveries,
    "motion": _motions,
    "chains": _chains,
    "behavior": _behavior,
}

_EDGES: dict[str, list[dict[str, Any]]] = {
    "no_events": [],
    "nothing_but_type_and_time": [_event("motion", 0)],
    "unknown_type_and_place": [_event("sensor_7", 0, "the moon")],
    "everything_null": [
        {
            "type": "doorbell",
            "timestamp": _TIME,
            "home_id": "home",
            "confidence": None,
            "metadata": {"location": None, "home_mode": None, "duration": None, "raw": None},
        }
    ],
    "offset_in_the_time": [{"type": "door", "timestamp": "2025-01-01T07:30:00.250+01:00"}],
    "the_same_instant": [_event("door", 0, "front_door"), _event("door", 0, "front_door")],
    "limits": [
        _event("glassbreak", 0, "bedroom", duration=0, energy=1, home_mode="vacation"),
        {**_event("smoke", 0.001), "confidence": 1},
        {**_event("smoke", 0.002), "confidence": 0},
    ],
}

_LATER = (("motion", "hallway"), ("door", "front_door"), ("glass_break", "bedroom"))

_WINDOWS = {
    # At the window of a minute, and a millisecond beyond it.
    "a_minute_apart": [_event("doorbell", 0, "porch"), _event("motion", 60, "porch")],
    "just_over_a_minute": [_event("doorbell", 0, "porch"), _event("motion", 60.001, "porch")],
    # At the silence of 20 seconds.
    "silence_broken_at_20": [
        _event("doorbell", 0, "front_door"),
        _event("motion", 5, "front_door"),
        _event("motion", 25, "front_door"),
    ],
}

_SIGNALS: dict[str, dict[str, Any]] = {
    "no_samples": {"raw": []},
    "one_sample": {"raw": [0.5]},
    "two_samples": {"raw": [0.25, 0.75]},
    "constant": {"raw": [0.3] * 12},
    "silent": {"raw": [0.0] * 5},
    "duration_and_energy_alone": {"duration": 12.5, "energy": 0.4},
    "another_rate": {"raw": [round(0.5 + 0.4 * (-1) ** (i // 5), 2) for i in range(90)]}
    | {"sample_rate": 30},
}

# The edges of what the features of one family look at, and those of others do not.
_OWN_EDGES: dict[str, dict[str, list[dict[str, Any]]]] = {
    "delivery": _WINDOWS,
    "motion": {name: [_event("motion", 0, **signal)] for name, signal in _SIGNALS.items()},
    "chains": _WINDOWS,
}
