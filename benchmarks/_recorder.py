"""Recorder databases of Home Assistant with events of simulated homes, for benchmarks and pages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from novin_ml.simulation import simulate_behavior

#: The columns of schema 50 that a reader needs, and its indexes.
SCHEMA = """
CREATE TABLE schema_changes (change_id INTEGER PRIMARY KEY, schema_version INTEGER);
CREATE TABLE recorder_runs (run_id INTEGER PRIMARY KEY, start DATETIME, "end" DATETIME);
CREATE TABLE state_attributes (attributes_id INTEGER PRIMARY KEY, shared_attrs TEXT);
CREATE TABLE states_meta (metadata_id INTEGER PRIMARY KEY, entity_id VARCHAR(255));
CREATE TABLE states (state_id INTEGER PRIMARY KEY, state VARCHAR(255), last_changed_ts FLOAT,
    last_updated_ts FLOAT, attributes_id INTEGER, metadata_id INTEGER);
CREATE INDEX ix_states_metadata_id_last_updated_ts ON states (metadata_id, last_updated_ts);
INSERT INTO schema_changes VALUES (1, 50);
"""
CLASSES = {"motion": "motion", "door": "door", "window": "window", "smoke": "smoke"}
#: Of 100 rows so many are of other entities, and so many repeat "on" with new attributes.
OTHERS, REPEATS = 42, 20


def write_states(path: Path, n_states: int, n_entities: int = 60) -> None:
    """Write a database of so many states, of binary sensors and others, in the order of time."""
    rng = np.random.default_rng(0)
    start = 1_704_067_200.0
    connection = _create(path, start)
    names = [f"binary_sensor.sensor_{n}" for n in range(n_entities)]
    names += [f"sensor.temperature_{n}" for n in range(n_entities)]
    connection.executemany("INSERT INTO states_meta VALUES (?, ?)", enumerate(names))
    for n in range(n_entities):
        attributes = {"device_class": "motion", "friendly_name": f"Hallway {n} Motion"}
        connection.execute(
            "INSERT INTO state_attributes VALUES (?, ?)", [n, json.dumps(attributes)]
        )

    def rows() -> Iterator[tuple]:
        is_on = np.zeros(n_entities, dtype=bool)
        kinds = rng.integers(100, size=n_states)
        entities = rng.integers(n_entities, size=n_states)
        for place, (kind, entity) in enumerate(zip(kinds.tolist(), entities.tolist(), strict=True)):
            time = start + 1_000 + 2.5 * place
            if kind < OTHERS:
                yield str(20 + entity / 10), None, time, None, n_entities + entity
                continue
            is_repeated = is_on[entity] and kind < OTHERS + REPEATS
            is_on[entity] ^= not is_repeated
            state = "on" if is_on[entity] else "off"
            yield state, time - 1 if is_repeated else None, time, entity, entity

    connection.executemany(
        "INSERT INTO states (state, last_changed_ts, last_updated_ts, attributes_id, metadata_id) "
        "VALUES (?, ?, ?, ?, ?)",
        rows(),
    )
    connection.commit()
    connection.close()


def write_home(folder: Path, days: int) -> None:
    """Write the configuration folder of a simulated home that was observed for some days."""
    weeks = -(-days // 7)
    events = simulate_behavior(1, weeks=weeks, unusual_per_month=4, ends=True, random_state=3)
    events = events[events["timestamp"] < events["timestamp"].min() + 86_400 * days]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "home-assistant_v2.db"
    path.unlink(missing_ok=True)
    connection = _create(path, float(events["timestamp"].iloc[0]) - 86_400)
    keys: dict[tuple[str, str], int] = {}
    rows = []
    for kind, location, begin, end, mode in zip(
        events["kind"].astype(str), events["zone"].astype(str), events["timestamp"], events["end"],
        events["home_mode"].astype(str), strict=True,
    ):  # fmt: skip
        key = keys.setdefault((kind, location), len(keys) + 1)
        rows += [("on", begin, key), ("off", end if end > begin else begin + 1.0, key)]
        rows.append(("disarmed" if mode == "home" else f"armed_{mode}", begin - 0.001, 0))
    connection.execute("INSERT INTO states_meta VALUES (0, 'alarm_control_panel.home')")
    for (kind, location), key in keys.items():
        name = f"{location.replace('_', ' ').title()} {kind.title()}"
        entity = f"binary_sensor.{location}_{kind}"
        attributes = {"device_class": CLASSES.get(kind), "friendly_name": name}
        connection.execute("INSERT INTO states_meta VALUES (?, ?)", [key, entity])
        connection.execute(
            "INSERT INTO state_attributes VALUES (?, ?)", [key, json.dumps(attributes)]
        )
        rows.append(("off", float(events["timestamp"].iloc[0]) - 3_600, key))
    rows.sort(key=lambda row: row[1])
    connection.executemany(
        "INSERT INTO states (state, last_updated_ts, attributes_id, metadata_id) "
        "VALUES (?, ?, ?, ?)",
        ((state, time, key, key) for state, time, key in rows),
    )
    connection.commit()
    connection.close()
    _write_registries(folder, keys)


def _create(path: Path, start: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    text = datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    connection.execute("INSERT INTO recorder_runs VALUES (1, ?, NULL)", [text])
    return connection


def _write_registries(folder: Path, keys: dict[tuple[str, str], int]) -> None:
    storage = folder / ".storage"
    storage.mkdir(exist_ok=True)
    entities = [
        {
            "entity_id": f"binary_sensor.{location}_{kind}",
            "original_device_class": CLASSES.get(kind),
            "original_name": kind.replace("_", " ").title(),
        }
        for kind, location in keys
    ]
    for name, data in (
        ("core.entity_registry", {"entities": entities}),
        ("core.config", {"time_zone": "Europe/Berlin"}),
    ):
        (storage / name).write_text(json.dumps({"version": 1, "data": data}), encoding="utf-8")
