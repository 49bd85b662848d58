"""Ring's history: a JSON list of events of doorbells and cameras, the newest first."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from novin_ml.events.doors.home_assistant.phases import Phases
from novin_ml.events.doors.home_assistant.registries import Entity
from novin_ml.events.doors.home_assistant.schema import seconds_of
from novin_ml.events.doors.logs.rails import Log, finished, text_in
from novin_ml.events.doors.report import DoorReport
from novin_ml.events.doors.texts import document_in, head_of, opened_text
from novin_ml.events.files.sources import file_refusal
from novin_ml.events.shown import show

__all__ = ["read", "recognise"]

_WHAT = "Ring's history: a JSON list of events"
_CLASSES = {"motion": "motion", "ding": "doorbell"}


def recognise(path: str | os.PathLike[str]) -> str | None:
    """Tell by what a file is recognised as Ring's history."""
    head = head_of(path)
    if re.match(r"\s*\[\s*\{", head) and '"created_at"' in head and '"kind"' in head:
        return "its entries with kind and created_at"
    return None


def read(path: str | os.PathLike[str], **options: Any) -> tuple[pd.DataFrame, DoorReport]:
    """Read Ring's history; the options are those of `finished`. No event tells its end."""
    source = opened_text(path, _WHAT)
    try:
        document = document_in(source, _WHAT)
        log = Log(source.name)
    finally:
        source.close()
    if not isinstance(document, list):
        raise file_refusal(log.name, _WHAT, show(document), "Export the list of events")
    found: dict[tuple[str, str], dict[float, int]] = {}
    names: dict[str, str] = {}
    seen: set[str] = set()
    for place, entry in enumerate(document, 1):
        if not isinstance(entry, Mapping):
            log.reject(place, "an event of Ring: a JSON object", show(entry))
            continue
        own_id = text_in(entry, "id_str") or str(entry.get("id", f"entry {place}"))
        if own_id in seen:
            log.not_events["the same id again, of another page"] += 1
            continue
        seen.add(own_id)
        time, kind = seconds_of(entry.get("created_at")), text_in(entry, "kind")
        if time is None or kind is None:
            key = "created_at" if time is None else "kind"
            log.reject(place, "a date and time" if time is None else "a text",
                       show(entry.get(key)), key)  # fmt: skip
            continue
        device = entry.get("doorbot")
        device = device if isinstance(device, Mapping) else {}
        name = text_in(device, "description") or f"device {device.get('id', 'without id')}"
        sensor = f"{name}/{kind}"
        names[sensor] = name
        found.setdefault((sensor, kind), {})[time] = place
    for (sensor, kind), times in found.items():
        phases = Phases(sensor)
        for time, place in sorted(times.items()):
            phases.starts.append(time)
            phases.ends.append(float("nan"))
            phases.rows.append(place)
        name = names[sensor]
        log.sensors.append((phases, Entity(_CLASSES.get(kind, kind), kind, name, name, name)))
    return finished("ring", log, **options)
