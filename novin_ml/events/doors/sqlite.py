"""Databases of SQLite, opened so that nothing is written and nothing is missed.

While a program runs, its last rows are in a ``-wal`` file beside the database. SQLite reads both if
the database is opened for reading only. It skips that file, without a word, in a database that it
is told to be immutable: so this is done only where there is no such file. Then no program has the
database open, and nothing is left beside it; if one opens it meanwhile, what was read is refused.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from novin_ml.events.doors.database import DamagedDatabaseError, refusal
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import plural

__all__ = [
    "MAGIC",
    "SqliteDatabase",
    "connected",
    "head_of_database",
    "opened_sqlite",
]

MAGIC = b"SQLite format 3\x00"
_WAL_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
#: Seconds to wait while another program has the database locked.
TIMEOUT_S = 10.0
_CHUNK_ROWS = 20_000
#: Steps of SQLite's machine: a row takes a few dozen, and some bytes of the file.
_STEPS_AT_ONCE, _STEPS_A_QUERY, _STEPS_A_BYTE = 1_000_000, 100_000_000, 100
_WHAT = "a database"


def head_of_database(path: Path, what: str = _WHAT) -> bytes:
    """Return the first bytes of a file, and refuse a -wal file without its database.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it must be, for messages.
    """
    wal = Path(f"{path}-wal")
    if not path.exists() and wal.exists():
        raise refusal(
            str(path), f"{what} beside its {wal.name}", "a -wal file alone",
            "Copy the .db and the -wal file together",
        )  # fmt: skip
    if path.exists() and not path.is_file():
        raise refusal(str(path), what, "a folder or a device", "Name the file")
    with path.open("rb") as stream:
        head = stream.read(len(MAGIC))
    if head[:4] in _WAL_MAGIC:
        raise refusal(
            str(path), what, "the -wal file of one", "Name the .db file, with this one beside it"
        )
    return head


class SqliteDatabase:
    """A database of SQLite that is open for reading.

    Parameters
    ----------
    connection : sqlite3.Connection
        An open connection.
    name : str
        What messages call it.
    what : str
        What it must be, for messages.
    """

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, name: str, what: str = _WHAT) -> None:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        self.name = name
        self.notes: dict[str, int] = {}
        self._connection = connection
        self._what = what
        _limit_work(connection)

    def columns(self, table: str) -> frozenset[str]:
        """Return the names of the columns of a table; none if there is no such table."""
        rows = self.rows("SELECT name FROM pragma_table_info(:name)", name=table)
        return frozenset(str(name) for (name,) in rows)

    def rows(self, sql: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query, of which so many are in memory as a chunk has."""
        try:
            with closing(self._connection.execute(sql, values)) as cursor:
                while chunk := cursor.fetchmany(_CHUNK_ROWS):
                    yield from chunk
        except sqlite3.Error as error:
            raise _told(error, self.name, self._what) from None


def _limit_work(connection: sqlite3.Connection) -> None:
    """End a query that takes far more steps than a file of its size has rows.

    Pages that hold each other, and views that never end, are no history of a home.
    """
    (n_bytes,) = connection.execute(
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    ).fetchone()
    most = _STEPS_A_QUERY + _STEPS_A_BYTE * n_bytes
    taken = 0

    def is_too_much() -> bool:
        nonlocal taken
        taken += _STEPS_AT_ONCE
        return taken > most

    connection.set_progress_handler(is_too_much, _STEPS_AT_ONCE)


@contextmanager
def opened_sqlite(path: Path, *, what: str = _WHAT) -> Iterator[SqliteDatabase]:
    """Open a database of SQLite for reading.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it must be, for messages.

    Yields
    ------
    database : SqliteDatabase
        All its queries see the database as it was at the first.

    Raises
    ------
    InvalidEventError
        If it cannot be read: locked, or damaged.
    """
    with connected(path, what) as connection:
        yield SqliteDatabase(connection, str(path), what)


@contextmanager
def connected(path: Path, what: str = _WHAT) -> Iterator[sqlite3.Connection]:
    """Connect to a database for reading, by the way that sees all of it and writes nothing."""
    wal = Path(f"{path}-wal")
    if _is_at_rest(path, wal):
        with _connected_at_rest(path, wal, what) as connection:
            yield connection
        return
    try:
        connection = _connect(path, "mode=ro")
    except sqlite3.Error as error:
        if isinstance(error, sqlite3.OperationalError) and "locked" not in str(error):
            if not _has_content(wal):
                with closing(_first_read(path, "immutable=1", what)) as connection:
                    yield connection
                return
            with (
                _copied(path, wal) as copy,
                closing(_first_read(copy, "mode=ro", what)) as own,
            ):
                yield own
            return
        raise _told(error, str(path), what) from None
    with closing(connection):
        yield connection


def _is_at_rest(path: Path, wal: Path) -> bool:
    """Whether a database has a -wal file while a program has it open, and there is none."""
    with path.open("rb") as stream:
        head = stream.read(20)
    return head[18:20] == b"\x02\x02" and not wal.exists()


@contextmanager
def _connected_at_rest(path: Path, wal: Path, what: str) -> Iterator[sqlite3.Connection]:
    before = _stamp(path, wal)
    with closing(_first_read(path, "immutable=1", what)) as connection:
        yield connection
    if _stamp(path, wal) != before:
        raise refusal(
            str(path), f"{what} that stays as it is while it is read",
            "one that another program began to write meanwhile", "Read it again",
        )  # fmt: skip


def _stamp(path: Path, wal: Path) -> tuple[int, int, bool]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, wal.exists()


def _first_read(path: Path, mode: str, what: str) -> sqlite3.Connection:
    try:
        return _connect(path, mode)
    except sqlite3.Error as error:
        raise _told(error, str(path), what) from None


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a database and begin to read it, so that all queries see the same states."""
    uri = f"{path.resolve().as_uri()}?{mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=TIMEOUT_S, isolation_level=None)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _has_content(wal: Path) -> bool:
    return wal.exists() and wal.stat().st_size > 0


@contextmanager
def _copied(path: Path, wal: Path) -> Iterator[Path]:
    """Copy a database with its -wal file, from a folder in which SQLite cannot open them."""
    with tempfile.TemporaryDirectory(prefix="novin-ml-") as folder:
        copy = Path(folder, path.name)
        for source in (path, wal):  # the copy of the lock file would be of another process
            shutil.copyfile(source, copy.with_name(source.name))
        yield copy


def _told(error: sqlite3.Error, name: str, what: str) -> InvalidEventError:
    """Return an error of SQLite as a sentence."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return refusal(
            name, "free to read",
            f"one that another program kept locked for {plural(TIMEOUT_S, 'second', form='g')}",
            "Try again, or read a copy of the .db and -wal files",
        )  # fmt: skip
    if "interrupted" in text:
        return refusal(
            name, f"{what} whose pages hold rows once",
            "one that goes on and on: its pages hold each other, or a view has no end",
            "Copy it again, or repair the copy: sqlite3 FILE '.recover'",
        )  # fmt: skip
    if "malformed" in text or "not a database" in text or "disk I/O" in text:
        return DamagedDatabaseError(
            name, f"{what} that SQLite can read", f"a damaged one: {text}",
            "Copy it again with its -wal file, or repair the copy: sqlite3 FILE '.recover'",
        )  # fmt: skip
    return refusal(
        name, f"{what} that SQLite can read", text, "Check the file, or read a copy of it"
    )
