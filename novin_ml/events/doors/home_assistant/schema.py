"""The tables of the recorder, of all versions of their schema, by the columns that exist."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from novin_ml.events.doors.database import Database, refusal
from novin_ml.exceptions import DoorWarning

__all__ = ["NEWEST_SCHEMA", "OLDEST_SCHEMA", "Recorder", "StateRow"]

#: The versions of the schema that the tests have.
OLDEST_SCHEMA, NEWEST_SCHEMA = 25, 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Seconds since 1970 of a date and time in UTC, by dialect: to sort by, not to read.
_SECONDS = {
    "sqlite": "(julianday({0}) - 2440587.5) * 86400.0",
    "mysql": "timestampdiff(MICROSECOND, '1970-01-01', {0}) / 1000000.0",
    "postgresql": "extract(epoch FROM {0})",
}


class StateRow(NamedTuple):
    """A row of the table of states.

    Parameters
    ----------
    entity : str
        Id of the entity.
    state : str or None
        Its state; None or empty of one that was removed.
    time : float
        When the row was written, in seconds since 1970.
    changed : float
        When the state began.
    is_change : bool
        Whether the row says that the state began with it.
    row : int
        Number of the row.
    """

    entity: str
    state: str | None
    time: float
    changed: float
    is_change: bool
    row: int


class Recorder:
    """The tables of a recorder.

    Parameters
    ----------
    database : Database
        Open for reading.

    Attributes
    ----------
    version : int or None
        Version of the schema, if the database tells it.
    n_without_time : int
        Rows of states without a time, which are left out.

    Raises
    ------
    InvalidEventError
        If tables or columns are missing; the message names them.

    Warns
    -----
    DoorWarning
        If the schema is newer than `NEWEST_SCHEMA`.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.n_without_time = 0
        self._states = database.columns("states")
        self._has_meta = {"metadata_id", "entity_id"} <= database.columns("states_meta") and (
            "metadata_id" in self._states
        )
        shared = database.columns("state_attributes")
        self._has_shared = {"attributes_id", "shared_attrs"} <= shared and (
            "attributes_id" in self._states
        )
        self._has_runs = "start" in database.columns("recorder_runs")
        self._refuse_incomplete()
        self.version = self._version()
        self._entity = self._entity_column()

    def runs(self) -> list[float]:
        """Return the starts of the recorder's runs, in seconds since 1970, in order."""
        if not self._has_runs:
            return []
        rows = self.database.rows("SELECT start FROM recorder_runs")
        return sorted(second for (start,) in rows if (second := seconds_of(start)) is not None)

    def states(self, *domains: str) -> Iterator[StateRow]:
        """Return the states of all entities of domains, those of an entity together, in order."""
        entity, order = self._entity
        where = " OR ".join(f"{entity} LIKE :d{n}" for n in range(len(domains)))
        values = {f"d{n}": f"{domain}.%" for n, domain in enumerate(domains)}
        yield from self._state_rows(where, f"{order}, {self._time_order}, s.state_id", values)

    def states_of(self, names: Sequence[str]) -> Iterator[StateRow]:
        """Return the states of some entities, in the order of time."""
        where = " OR ".join(f"{self._entity[0]} = :e{n}" for n in range(len(names)))
        values = {f"e{n}": name for n, name in enumerate(names)}
        yield from self._state_rows(where, f"{self._time_order}, s.state_id", values)

    def attributes(self, row: int) -> str | None:
        """Return the attributes of a row of states as JSON."""
        sql = f"SELECT {self._attributes} FROM {self._joined} WHERE s.state_id = :row"
        found = next(iter(self.database.rows(sql, row=row)), (None,))[0]
        return found if isinstance(found, str) else None

    def _state_rows(self, where: str, order: str, values: dict[str, Any]) -> Iterator[StateRow]:
        columns = [self._entity[0], "s.state", "s.state_id"]
        columns += [
            f"s.{name}" if name in self._states else "NULL"
            for name in ("last_updated_ts", "last_updated", "last_changed_ts", "last_changed")
        ]
        sql = f"SELECT {', '.join(columns)} FROM {self._with_names} WHERE {where} ORDER BY {order}"
        for entity, state, row, updated, updated_text, changed, changed_text in self.database.rows(
            sql, **values
        ):
            time = updated if type(updated) is float else seconds_of(updated, updated_text)
            if time is None:
                self.n_without_time += 1
                continue
            began = changed if type(changed) is float else seconds_of(changed, changed_text)
            is_change = began is None or began == time
            yield StateRow(entity, state, time, time if began is None else began, is_change, row)

    @property
    def _time_order(self) -> str:
        found = []
        if "last_updated_ts" in self._states:
            found.append("s.last_updated_ts")
        if "last_updated" in self._states and self._has_old_times():
            found.append(_SECONDS[self.database.dialect].format("s.last_updated"))
        return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"

    def _has_old_times(self) -> bool:
        """Whether a row has its time as a text only, as before schema 31."""
        if "last_updated_ts" not in self._states:
            return True
        sql = "SELECT 1 FROM states WHERE last_updated_ts IS NULL AND last_updated IS NOT NULL"
        return any(self.database.rows(f"{sql} LIMIT 1"))

    @property
    def _with_names(self) -> str:
        if not self._has_meta:
            return "states s"
        return "states s LEFT JOIN states_meta m ON m.metadata_id = s.metadata_id"

    @property
    def _joined(self) -> str:
        if not self._has_shared:
            return "states s"
        return "states s LEFT JOIN state_attributes a ON a.attributes_id = s.attributes_id"

    @property
    def _attributes(self) -> str:
        own = "attributes" in self._states
        if not self._has_shared:
            return "s.attributes" if own else "NULL"
        return "coalesce(a.shared_attrs, s.attributes)" if own else "a.shared_attrs"

    def _entity_column(self) -> tuple[str, str]:
        """Return what gives the entity of a row, and what sorts by it.

        During the migration to schema 38 some rows have it in their own column, others by a key.
        """
        if not self._has_meta:
            return "s.entity_id", "s.entity_id"
        if "entity_id" not in self._states:
            return "m.entity_id", "s.metadata_id"
        sql = "SELECT 1 FROM states WHERE metadata_id IS NULL LIMIT 1"
        if any(self.database.rows(sql)):
            return "coalesce(m.entity_id, s.entity_id)", "coalesce(m.entity_id, s.entity_id)"
        return "m.entity_id", "s.metadata_id"

    def _refuse_incomplete(self) -> None:
        missing = [name for name in ("state_id", "state") if name not in self._states]
        if not self._has_meta and "entity_id" not in self._states:
            missing.append("entity_id or metadata_id")
        if not {"last_updated_ts", "last_updated"} & self._states:
            missing.append("last_updated_ts or last_updated")
        if not self._states:
            raise refusal(
                self.database.name, "a database of Home Assistant's recorder",
                "one without a table 'states'",
                "It is of another program: name home-assistant_v2.db",
            )  # fmt: skip
        if missing:
            raise refusal(
                self.database.name, "a database of Home Assistant's recorder",
                f"one whose table 'states' lacks {', '.join(missing)}",
                "Read one of a version since 2022.4, or one that is migrated",
            )  # fmt: skip

    def _version(self) -> int | None:
        if "schema_version" not in self.database.columns("schema_changes"):
            return None
        found = next(iter(self.database.rows("SELECT max(schema_version) FROM schema_changes")))[0]
        if not isinstance(found, int):
            return None
        if found > NEWEST_SCHEMA:
            warnings.warn(
                f"{self.database.name} has the schema {found}; {NEWEST_SCHEMA} is the newest that "
                "is tested. It is read by the columns that it has. Compare the number of events.",
                DoorWarning,
                stacklevel=4,
            )
        return found


def seconds_of(*values: Any) -> float | None:
    """Return the first value that is a time, in seconds since 1970; text without offset is UTC."""
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:  # more digits than a time has
                continue
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                continue
        if isinstance(value, datetime):
            if value.tzinfo is None:
                value = value.replace(tzinfo=UTC)
            return (value - _EPOCH).total_seconds()
    return None
