"""Databases as the recorder of Home Assistant makes them, in versions of its schema.

The definitions are written after the tables in its `models.py` of 2022.4 (25) and `db_schema.py` of
2023.2 (33), 2023.4 (41) and 2025.4 (50): the columns of states, and what a reader needs of others.
"""

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime

#: Columns of `states` from a version on, and until another.
STATES = [
    (25, 99, "state_id INTEGER NOT NULL PRIMARY KEY"),
    (25, 99, "entity_id VARCHAR(255)"),
    (25, 99, "state VARCHAR(255)"),
    (25, 99, "attributes TEXT"),
    (25, 99, "event_id INTEGER"),
    (25, 99, "last_changed DATETIME"),
    (31, 99, "last_changed_ts FLOAT"),
    (43, 99, "last_reported_ts FLOAT"),
    (25, 99, "last_updated DATETIME"),
    (31, 99, "last_updated_ts FLOAT"),
    (25, 99, "old_state_id INTEGER"),
    (25, 99, "attributes_id INTEGER"),
    (36, 99, "context_id_bin BLOB"),
    (38, 99, "metadata_id INTEGER"),
]
TABLES = [
    (25, "CREATE TABLE schema_changes (change_id INTEGER PRIMARY KEY, schema_version INTEGER)"),
    (25, 'CREATE TABLE recorder_runs (run_id INTEGER PRIMARY KEY, start DATETIME, "end" DATETIME)'),
    (25, "CREATE TABLE state_attributes (attributes_id INTEGER PRIMARY KEY, shared_attrs TEXT)"),
    (38, "CREATE TABLE states_meta (metadata_id INTEGER PRIMARY KEY, entity_id VARCHAR(255))"),
    (38, "CREATE INDEX ix ON states (metadata_id, last_updated_ts)"),
]
VERSIONS = [25, 28, 31, 33, 35, 36, 38, 41, 42, 43, 48, 50]


@dataclass
class Recording:
    """What a recorder kept.

    `is_half` says of a row by its number whether it still has the form of the version before.
    """

    version: int = 50
    start: float | None = None
    rows: list = field(default_factory=list)
    is_half: object = None
    runs: list = field(default_factory=list)

    def add(self, entity, state, time, *, changed=None, **attributes):
        self.rows.append((entity, state, time, changed, attributes))
        return self

    def write(self, path):
        """Write it; rows are numbered as they were added."""
        connection = sqlite3.connect(path)
        columns = [text for first, last, text in STATES if first <= self.version <= last]
        connection.execute(f"CREATE TABLE states ({', '.join(columns)})")
        for first, sql in TABLES:
            if first <= self.version:
                connection.execute(sql)
        connection.execute("INSERT INTO schema_changes VALUES (1, ?)", [self.version])
        starts = [*self.runs, *([] if self.start is None else [self.start])]
        for number, start in enumerate(starts):
            connection.execute(
                "INSERT INTO recorder_runs VALUES (?, ?, NULL)", [number, as_text(start)]
            )
        for number, row in enumerate(self.rows, 1):
            self._insert(connection, number, row, self.is_half and self.is_half(number))
        connection.commit()
        connection.close()
        return path

    def _insert(self, connection, number, row, is_old):
        entity, state, time, changed, attributes = row
        values = {"state_id": number, "state": state}
        if self.version >= 31 and not (is_old and self.version < 38):
            values |= {"last_updated_ts": time, "last_changed_ts": changed}
        else:
            if changed is None and self.version == 25:  # later versions leave it out
                changed = time
            values |= {"last_updated": as_text(time), "last_changed": as_text(changed)}
        text = json.dumps(attributes)
        if is_old and self.version == 25:
            values["attributes"] = text
        else:
            key = shared(connection, "state_attributes", "shared_attrs", text)
            values["attributes_id"] = key
        if self.version >= 38 and not is_old:
            values["metadata_id"] = shared(connection, "states_meta", "entity_id", entity)
        else:
            values["entity_id"] = entity
        marks = ", ".join("?" * len(values))
        connection.execute(
            f"INSERT INTO states ({', '.join(values)}) VALUES ({marks})", [*values.values()]
        )


def shared(connection, table, column, text):
    """Return the key of a text, which is kept once."""
    found = connection.execute(f"SELECT rowid FROM {table} WHERE {column} = ?", [text]).fetchone()
    if found:
        return found[0]
    return connection.execute(f"INSERT INTO {table} ({column}) VALUES (?)", [text]).lastrowid


def as_text(seconds):
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def write_registries(folder, entities=(), devices=(), areas=(), time_zone="Europe/Berlin", **more):
    """Write `.storage` of a configuration folder."""
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    files = {
        "core.entity_registry": {"entities": list(entities)},
        "core.device_registry": {"devices": list(devices)},
        "core.area_registry": {"areas": list(areas)},
        "core.config": {"time_zone": time_zone, **more},
    }
    for name, data in files.items():
        (storage / name).write_text(json.dumps({"version": 1, "key": name, "data": data}))
    return folder


def write_home(folder, start=1_714_521_600.0, days=4):
    """Write the configuration folder of a small home: its hall, its kitchen and its front door."""
    recording = Recording(start=start - 86_400)
    sensors = {"hall": ("motion", 40), "kitchen": ("motion", 25), "front_door": ("door", 8)}
    for name, (kind, _) in sensors.items():
        recording.add(f"binary_sensor.{name}", "off", start - 80_000, device_class=kind)
    recording.add("alarm_control_panel.home", "disarmed", start - 80_000)
    for day in range(days):
        for name, (kind, number) in sensors.items():
            for n in range(number):
                time = start + day * 86_400 + 7 * 3600 + n * 50_000 / number + len(name)
                more = {"device_class": kind, "friendly_name": name.replace("_", " ").title()}
                recording.add(f"binary_sensor.{name}", "on", time, **more)
                recording.add(f"binary_sensor.{name}", "off", time + 20 + n % 7, **more)
    write_registries(folder)
    recording.write(folder / "home-assistant_v2.db")
    return folder
