"""What can still be read of a damaged database: rows are copied, and broken pages stepped over."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from novin_ml.events.doors.sqlite import SqliteDatabase, connected

__all__ = ["salvaged"]

_TABLES = ("schema_changes", "recorder_runs", "states_meta", "state_attributes", "states")
_CHUNK_ROWS = 500
_LAST_ROW = 1 << 62
UNREAD = "places of the damaged database could not be read. Repair a copy: sqlite3 FILE '.recover'"


@contextmanager
def salvaged(path: Path) -> Iterator[SqliteDatabase]:
    """Copy what can be read of a database, and open the copy.

    Parameters
    ----------
    path : Path
        The damaged database.

    Yields
    ------
    database : SqliteDatabase
        The copy, in a folder that is removed in the end. Its notes count the places that are lost.
    """
    with tempfile.TemporaryDirectory(prefix="novin-ml-") as folder:
        copy = Path(folder, path.name)
        with connected(path) as source, closing(sqlite3.connect(copy)) as target:
            source.text_factory = bytes
            n_lost = sum(_copy(source, target, table) for table in _TABLES)
            target.commit()
        with connected(copy) as connection:
            database = SqliteDatabase(connection, str(path))
            if n_lost:
                database.notes[UNREAD] = n_lost
            yield database


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> int:
    """Copy the rows of a table in the order of their numbers; return how many gaps there are."""
    try:
        found = source.execute("SELECT name FROM pragma_table_info(?)", [table]).fetchall()
    except sqlite3.DatabaseError:
        return 1
    # Names of columns come from the file: they are quoted.
    names = ['"' + name.decode("utf-8", "replace").replace('"', '""') + '"' for (name,) in found]
    if not names:
        return 0
    target.execute(f"CREATE TABLE {table} ({', '.join(names)})")
    marks = ", ".join("?" * len(names))
    read = f"SELECT rowid, {', '.join(names)} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"
    last, step, n_lost = 0, 0, 0
    while last + step < _LAST_ROW:
        rows: list[tuple[Any, ...]] | None
        try:
            rows = source.execute(read, [last + step, _CHUNK_ROWS if not step else 1]).fetchall()
        except sqlite3.DatabaseError:
            rows = _first_rows(source, read, last + step)
        if rows:  # a page that is reached twice gives rows again
            rows = [*_ascending(rows, last + step)] or None
        if rows:
            n_lost += step > 0
            target.executemany(
                f"INSERT INTO {table} VALUES ({marks})", (_texts(row[1:]) for row in rows)
            )
            last, step = rows[-1][0], 0
        elif rows is None:
            step = max(1, 2 * step)
        else:
            break
    return n_lost + (step > 0)


def _first_rows(source: sqlite3.Connection, read: str, after: int) -> list[tuple[Any, ...]] | None:
    """Return the rows before the place that is broken; None if there is none."""
    found = []
    try:
        for row in source.execute(read, [after, _CHUNK_ROWS]):
            found.append(row)
    except sqlite3.DatabaseError:
        pass
    return found or None


def _ascending(rows: list[tuple[Any, ...]], after: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows whose numbers are above all before them."""
    for row in rows:
        if row[0] > after:
            after = row[0]
            yield row


def _texts(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row whose texts are texts again, and whose other bytes are left out."""
    return tuple(
        cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell for cell in row
    )
