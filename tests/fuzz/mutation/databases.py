"""Databases of SQLite: cells of other types, tables and columns that are others, and bytes."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress

from tests.fuzz.mutation import raw

_VALUES = (
    None,
    0,
    -1,
    2**62,
    -1e300,
    1e308,
    "",
    "x",
    "nan",
    b"",
    b"\xff\xfe",
    "1e999",
    "[" * 20_000,
)
_VALUES += ("{", "9" * 500, "\ud7ff", "off", "on", "unavailable", 1.7e9, "2024-01-01 00:00:00")
_VALUES += ("x" * 200_000, bytes(16), '{"device_class": 3}', "{}", "null", float("inf"))


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return a database with one to four changes."""
    if rng.random() < 0.4:
        return raw.changed(content, rng)
    with closing(sqlite3.connect(":memory:")) as base:
        try:
            base.deserialize(content)
            tables = [
                row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            for _ in range(rng.choice((1, 1, 2, 4))):
                _once(base, rng.choice(tables), rng)
            base.commit()
            return bytes(base.serialize())
        except (sqlite3.Error, IndexError):
            return raw.changed(content, rng)


def _once(base: sqlite3.Connection, table: str, rng: random.Random) -> None:
    columns = [row[1] for row in base.execute(f"PRAGMA table_info('{table}')")]
    column = rng.choice(columns)
    how = rng.randrange(8)
    with suppress(sqlite3.Error, UnicodeError):
        if how == 0:
            base.execute(f'DROP TABLE "{table}"')
        elif how == 1:
            base.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "{column}_x"')
        elif how == 2:
            base.execute(f'DELETE FROM "{table}" WHERE rowid % ? = 0', [rng.randrange(1, 5)])
        elif how == 3:
            base.execute(f'UPDATE "{table}" SET "{column}" = ?', [rng.choice(_VALUES)])
        else:
            base.execute(
                f'UPDATE "{table}" SET "{column}" = ? WHERE rowid % 7 = ?',
                [rng.choice(_VALUES), rng.randrange(7)],
            )
