"""What a reader asks of a database, SQLite's or a server's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from novin_ml.exceptions import InvalidEventError

__all__ = ["DamagedDatabaseError", "Database", "refusal"]


class Database(Protocol):
    """A database that is open for reading.

    Attributes
    ----------
    name : str
        What messages call it: a path, or a URL without its password.
    dialect : str
        ``"sqlite"``, ``"mysql"`` or ``"postgresql"``.
    """

    name: str
    dialect: str

    def columns(self, table: str) -> frozenset[str]:
        """Return the names of the columns of a table; none if there is no such table."""
        ...

    def rows(self, sql: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query, of which so many are in memory as a chunk has."""
        ...

    @property
    def notes(self) -> Mapping[str, int]:
        """Sentences on what could not be read, with a count of each."""
        ...


class DamagedDatabaseError(InvalidEventError):
    """A database of which a part cannot be read; another part may be."""

    def __init__(self, name: str, expected: str, got: str, remedy: str) -> None:
        super().__init__(_sentence(name, expected, got, remedy))


def refusal(name: str, expected: str, got: str, remedy: str) -> InvalidEventError:
    """Return the error of a database that is refused as a whole."""
    return InvalidEventError(_sentence(name, expected, got, remedy))


def _sentence(name: str, expected: str, got: str, remedy: str) -> str:
    return f"{name} must be {expected}. Got {got}. {remedy}."
