"""Where the database of Home Assistant lies."""

from __future__ import annotations

from pathlib import Path

from novin_ml.events.doors.database import refusal
from novin_ml.events.doors.sqlite import MAGIC, head_of_database

__all__ = ["DATABASE_NAME", "WHAT", "find_database"]

DATABASE_NAME = "home-assistant_v2.db"
#: What messages say that it must be.
WHAT = "a database of Home Assistant"


def find_database(path: Path) -> Path:
    """Return the database at a path, which may be the configuration folder.

    Parameters
    ----------
    path : Path
        The file or the folder.

    Returns
    -------
    database : Path
        A file that begins as one of SQLite.

    Raises
    ------
    InvalidEventError
        If there is none, or it is empty or another file.
    """
    if path.is_dir():
        path = path / DATABASE_NAME
        if not path.exists():
            raise refusal(
                str(path.parent), f"a configuration folder with {DATABASE_NAME}",
                "a folder without it",
                "Name the folder of configuration.yaml, or the database itself; if the recorder "
                "has a db_url, pass that",
            )  # fmt: skip
    head = head_of_database(path, WHAT)
    if not head:
        raise refusal(str(path), WHAT, "an empty file", "Copy it again")
    if head != MAGIC:
        raise refusal(str(path), f"{WHAT} in SQLite", "another file", "Name the .db file")
    return path
