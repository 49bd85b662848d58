"""Zigbee2MQTT's messages: lines of time, topic and payload, as mosquitto_sub writes them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from novin_ml.events.doors.home_assistant.phases import Phases, phases_of
from novin_ml.events.doors.home_assistant.registries import Entity
from novin_ml.events.doors.home_assistant.schema import StateRow
from novin_ml.events.doors.logs.rails import Log, finished
from novin_ml.events.doors.report import DoorReport
from novin_ml.events.doors.texts import head_of, lines_in, opened_text
from novin_ml.events.files.sources import file_refusal
from novin_ml.events.shown import show
from novin_ml.events.timestamps import parse_iso
from novin_ml.plain import plural

__all__ = ["read", "recognise"]

_WHAT = "lines of time, topic and payload of Zigbee2MQTT"
_TOPIC = "zigbee2mqtt/"
_REMEDY = "Write them with mosquitto_sub -F '%I %t %p' -t 'zigbee2mqtt/#'"
_LINE = re.compile(r"(?:(\S+)[ \t]+)?(zigbee2mqtt/\S.*?)[ \t]+(\{.*|\S+)")
#: Properties that are on or off, with the class of a sensor, and the value that means on.
_PROPERTIES: dict[str, tuple[str, bool]] = {
    "occupancy": ("motion", True),
    "presence": ("presence", True),
    "contact": ("opening", False),
    "smoke": ("smoke", True),
    "vibration": ("vibration", True),
    "tamper": ("tamper", True),
    "water_leak": ("moisture", True),
    "gas": ("gas", True),
    "carbon_monoxide": ("carbon_monoxide", True),
}
_WORDS = {"true": True, "false": False}


def recognise(path: str | os.PathLike[str]) -> str | None:
    """Tell by what a file is recognised as messages of Zigbee2MQTT."""
    lines = [line for line in head_of(path).splitlines() if line.strip()][:20]
    return f"its topic {_TOPIC}" if any(_LINE.match(line) for line in lines) else None


def read(path: str | os.PathLike[str], **options: Any) -> tuple[pd.DataFrame, DoorReport]:
    """Read messages of Zigbee2MQTT; the options are those of `finished`."""
    source = opened_text(path, _WHAT)
    try:
        log = Log(source.name)
        messages = [*_messages(source, log)]
    finally:
        source.close()
    states: dict[str, list[StateRow]] = {}
    presses: dict[str, Phases] = {}
    for line, time, device, payload in messages:
        if payload is None:  # it is offline: what it says next may have begun before
            for sensor, rows in states.items():
                if sensor.startswith(f"{device}/"):
                    rows.append(StateRow(sensor, "unavailable", time, time, True, line))
            continue
        for name, value in payload.items():
            sensor = f"{device}/{name}"
            if name in _PROPERTIES and isinstance(value, bool):
                state = "on" if value is _PROPERTIES[name][1] else "off"
                rows = states.setdefault(sensor, [])
                rows.append(StateRow(sensor, state, time, time, True, line))
            elif name == "action" and isinstance(value, str) and value:
                pressed = presses.setdefault(sensor, Phases(sensor))
                pressed.starts.append(time)
                pressed.ends.append(float("nan"))
                pressed.rows.append(line)
    for sensor, rows in states.items():
        rows.sort(key=lambda row: (row.time, row.row))
        for phases in phases_of(rows, []):
            log.sensors.append((phases, _entity(sensor)))
    log.sensors += [(phases, _entity(sensor)) for sensor, phases in presses.items()]
    return finished("zigbee2mqtt", log, **options)


def _entity(sensor: str) -> Entity:
    device, _, name = sensor.rpartition("/")
    words = device.replace("_", " ").replace("/", " ")
    by_class = _PROPERTIES[name][0] if name in _PROPERTIES else name
    return Entity(by_class, name, words, device, device)


def _messages(source: Any, log: Log) -> Iterator[tuple[int, float, str, Mapping[str, Any] | None]]:
    """Yield line, time, device and what it said, None if it is offline."""
    n_timeless = 0
    for line, text in lines_in(source):
        found = _LINE.fullmatch(text.strip())
        if found is None:
            log.reject(line, _WHAT, show(text))
            continue
        clock, topic, written = found.groups()
        time = _seconds(clock)
        if time is None:
            n_timeless += 1
            log.reject(line, "a time with an offset, as of mosquitto_sub -F '%I %t %p'",
                       show(clock), "time")  # fmt: skip
            continue
        message = _message(topic.removeprefix(_TOPIC), written)
        if message is not None:
            yield line, time, *message
    if n_timeless and n_timeless == len(log.rejects) and not log.sensors:
        _refuse_timeless(log, n_timeless, source)


def _refuse_timeless(log: Log, n_timeless: int, source: Any) -> None:
    """Refuse a file of which no line has a time."""
    if n_timeless == sum(1 for _ in lines_in(source)):
        raise file_refusal(
            log.name, "lines with a time", f"{plural(n_timeless, 'line')} without any", _REMEDY
        )


def _seconds(clock: str | None) -> float | None:
    """Return a time with an offset in seconds since 1970; mosquitto_sub's %U is such a number."""
    if clock is None:
        return None
    try:
        return float(clock)
    except ValueError:
        seconds, _, is_local = parse_iso([clock])
        return None if is_local[0] or seconds[0] != seconds[0] else float(seconds[0])


def _message(topic: str, written: str) -> tuple[str, Mapping[str, Any] | None] | None:
    """Return a device with what it said; None for messages that no device sends."""
    device, _, last = topic.rpartition("/")
    if topic.startswith("bridge/") or last in ("set", "get"):
        return None
    if last == "availability":
        return (device, None) if "offline" in written else None
    if written.startswith("{"):
        try:
            payload = json.loads(written)
        except (ValueError, RecursionError):
            return None
        return (topic, payload) if isinstance(payload, Mapping) else None
    if last in _PROPERTIES and written in _WORDS:
        return device, {last: _WORDS[written]}
    return None
