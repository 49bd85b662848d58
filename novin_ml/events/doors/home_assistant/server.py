"""The recorder's database on a server, MariaDB or PostgreSQL, by SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from novin_ml.events.doors.database import refusal
from novin_ml.exceptions import ExtraNotInstalledError, InvalidEventError
from novin_ml.optional import import_optional

__all__ = ["ServerDatabase", "is_url", "opened_server"]

_CHUNK_ROWS = 20_000
_DIALECTS = {"mysql": "mysql", "mariadb": "mysql", "postgresql": "postgresql"}
_URL = "mysql+pymysql://USER:PASSWORD@HOST/NAME or postgresql+psycopg://USER:PASSWORD@HOST/NAME"


def is_url(path: Any) -> bool:
    """Tell whether a path is the URL of a database."""
    return isinstance(path, str) and "://" in path


class ServerDatabase:
    """A database on a server that is open for reading.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        An open connection.
    name : str
        What messages call it, without a password.
    dialect : str
        ``"mysql"`` or ``"postgresql"``.
    """

    def __init__(self, connection: Any, name: str, dialect: str) -> None:
        self.name = name
        self.dialect = dialect
        self.notes: dict[str, int] = {}
        self._connection = connection
        self._library = import_optional("sqlalchemy", extra="doors", purpose="A database's URL")

    def columns(self, table: str) -> frozenset[str]:
        """Return the names of the columns of a table; none if there is no such table."""
        try:
            found = self._library.inspect(self._connection).get_columns(table)
        except self._library.exc.NoSuchTableError:
            return frozenset()
        except self._library.exc.SQLAlchemyError as error:
            raise _told(error, self.name) from None
        return frozenset(str(column["name"]) for column in found)

    def rows(self, sql: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query, of which so many are in memory as a chunk has."""
        streamed = self._connection.execution_options(stream_results=True, yield_per=_CHUNK_ROWS)
        try:
            with streamed.execute(self._library.text(sql), values) as result:
                for row in result:
                    yield tuple(row)
        except self._library.exc.SQLAlchemyError as error:
            raise _told(error, self.name) from None


@contextmanager
def opened_server(url: str) -> Iterator[ServerDatabase]:
    """Open a database of a server for reading.

    Parameters
    ----------
    url : str
        As in the option ``db_url`` of the recorder.

    Yields
    ------
    database : ServerDatabase
        All its queries see the database as it was at the first.

    Raises
    ------
    InvalidEventError
        If it cannot be opened. The message has no password.
    ExtraNotInstalledError
        If SQLAlchemy or the driver of the URL is not installed.
    """
    library = import_optional("sqlalchemy", extra="doors", purpose="Reading a database by its URL")
    try:
        parsed = library.engine.make_url(url)
        dialect = _DIALECTS.get(parsed.get_backend_name())
    except (library.exc.SQLAlchemyError, ValueError):
        dialect = None
    if dialect is None:
        raise refusal(
            "The URL of the database", f"one such as {_URL}", "another, which is not shown here",
            "Copy db_url of the recorder's configuration",
        )  # fmt: skip
    name = parsed.set(query={}).render_as_string(hide_password=True)
    try:
        engine = library.create_engine(parsed, hide_parameters=True)
    except ImportError as error:
        raise ExtraNotInstalledError(
            f"{name} needs the driver {error.name}, which is not installed. "
            'Install it with: pip install "novin-ml[doors]".'
        ) from None
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"}
    if dialect == "postgresql":
        options["postgresql_readonly"] = True
    try:
        try:
            connection = engine.connect()
        except library.exc.SQLAlchemyError as error:
            raise _told(error, name) from None
        with connection:
            yield ServerDatabase(connection.execution_options(**options), name, dialect)
    finally:
        engine.dispose()


def _told(error: Any, name: str) -> InvalidEventError:
    """Return an error of a driver, whose own words may have a user's secrets, by its name."""
    origin = getattr(error, "orig", None) or error
    kind = f"{type(origin).__module__.split('.')[0]}'s {type(origin).__name__}"
    return refusal(
        name, "a database that answers and may be read", kind,
        "Check the URL, the server and what the user may read",
    )  # fmt: skip
