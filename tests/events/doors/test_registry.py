"""The doors are registered once, and all are called alike."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.cli.app import COMMANDS
from novin_ml.events.doors import DOORS, DoorReport, find_door
from novin_ml.exceptions import InvalidEventError

OPTIONS = {"home_id", "consent", "timezone", "mapping", "vocabulary", "max_duration"}


@pytest.mark.parametrize("name", DOORS)
def test_a_door_has_a_reader_and_a_recogniser(name):
    door = DOORS[name]
    module = import_module(door.module)
    assert {door.reader, door.recogniser} <= set(module.__all__)
    parameters = inspect.signature(getattr(module, door.reader)).parameters
    takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    assert takes_all or set(parameters) >= OPTIONS
    assert [*inspect.signature(getattr(module, door.recogniser)).parameters] == ["path"]
    assert find_door(name) is door


def test_each_door_is_a_command():
    assert [*COMMANDS["import"]] == ["auto", *DOORS]
    with pytest.raises(InvalidEventError, match=r"A door must be one of .* Got 'frigat'"):
        find_door("frigat")


def iso(seconds):
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def as_casas(phases):
    for at, sensor, state in phases:
        moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
        yield f"{moment:%Y-%m-%d %H:%M:%S} {sensor}_motion {state.upper()}"


def as_history(phases):
    first = {sensor: "off" for _, sensor, _ in phases}
    rows = [(1.7e9 - 60, sensor, state) for sensor, state in first.items()] + phases
    yield json.dumps([
        [
            {"entity_id": f"binary_sensor.{sensor}_motion", "state": state, "last_changed": iso(at),
             "attributes": {"device_class": "motion"}}
            for at, own, state in rows if own == sensor
        ]
        for sensor in first
    ])  # fmt: skip


def as_table(phases):
    yield "entity_id,state,last_changed"
    for sensor in {sensor for _, sensor, _ in phases}:
        yield f"binary_sensor.{sensor}_motion,off,{iso(1.7e9 - 60)}"
        for at, own, state in phases:
            if own == sensor:
                yield f"binary_sensor.{sensor}_motion,{state},{iso(at)}"


def as_messages(phases):
    for at, sensor, state in phases:
        yield f"{iso(at)} zigbee2mqtt/{sensor} {json.dumps({'occupancy': state == 'on'})}"


WRITERS = {"casas": as_casas, "ha-history": as_history, "zigbee2mqtt": as_messages}
SENSORS = ("hall", "kitchen", "porch")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SENSORS), st.integers(1, 900), st.integers(1, 900)),
                max_size=12, min_size=1))  # fmt: skip
def test_phases_that_are_known_come_back_by_every_door(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("known")
    clock = dict.fromkeys(SENSORS, 1.7e9)
    changes, known = [], []
    for sensor, pause, length in drawn:
        begin, end = clock[sensor] + pause, clock[sensor] + pause + length
        clock[sensor] = end
        changes += [(begin, sensor, "on"), (end, sensor, "off")]
        known.append((begin, end, sensor))
    changes.sort(key=lambda change: change[0])
    for number, (door, write) in enumerate([*WRITERS.items(), ("ha-history", as_table)]):
        path = folder / f"{number}.txt"
        path.write_text("\n".join(write(changes)))
        events, report = DOORS[door].read(path, home_id="h", timezone="UTC")
        assert isinstance(report, DoorReport)
        assert (report.read.n_rejected, report.not_read) == (0, ())
        found = sorted(
            (begin, end, next(name for name in SENSORS if name in location))
            for begin, end, location in zip(
                events["timestamp"], events["end"], events["location"], strict=True
            )
        )
        assert found == sorted(known)
        assert set(events["kind"]) == {"motion"}
        assert events["duration"].tolist() == (events["end"] - events["timestamp"]).tolist()
