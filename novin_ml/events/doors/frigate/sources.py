"""Frigate's database, the JSON of its API and its messages: where its rows come from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from novin_ml.events.doors.frigate.rows import ObjectRow, decoded, row_of
from novin_ml.events.doors.logs.rails import Log
from novin_ml.events.doors.sqlite import MAGIC, head_of_database, opened_sqlite
from novin_ml.events.doors.texts import document_in, head_of, lines_in, opened_text
from novin_ml.events.files.sources import Source, file_refusal
from novin_ml.events.shown import show
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import plural

__all__ = ["read_rows", "recognise"]

WHAT = "Frigate's database, the JSON of its API, or its messages"
DATABASE_NAME = "frigate.db"
_NEEDED = ("id", "label", "camera", "start_time")
_WANTED = (
    "end_time", "zones", "top_score", "false_positive", "has_snapshot", "sub_label", "data",
)  # fmt: skip
_TOPIC = re.compile(r"\S+/events\s+\{")
_LIMIT = 100


def recognise(path: str | os.PathLike[str]) -> str | None:
    """Tell by what a path is recognised as Frigate's."""
    try:
        file = _file_of(path)
        if _is_database(file):
            with opened_sqlite(file) as database:
                found = set(_NEEDED) <= database.columns("event")
            return "its table event with camera and start_time" if found else None
    except (InvalidEventError, OSError):
        return None
    head = head_of(file)
    keys = ('"camera"', '"start_time"', '"label"')
    if not all(key in head for key in keys):
        return None
    if head.lstrip().startswith("["):
        return "its entries with camera, label and start_time"
    return "its messages with before and after" if '"after"' in head else None


def read_rows(path: str | os.PathLike[str], log: Log) -> Iterator[ObjectRow]:
    """Yield the objects of a database, of the JSON of the API or of messages, one for each id.

    Raises
    ------
    InvalidEventError
        If the file is none of these, or lacks a column that is needed.
    """
    file = _file_of(path)
    if _is_database(file):
        documents = _of_database(file, log)
    else:
        documents = _of_text(file, log)
    for line, document in documents:
        row = row_of(document, line)
        if isinstance(row, ObjectRow):
            yield row
        else:
            field, expected, got = row
            log.reject(line, expected, show(got), field)


def _file_of(path: str | os.PathLike[str]) -> Path:
    file = Path(path)
    if not file.is_dir():
        return file
    if not (file / DATABASE_NAME).exists():
        raise file_refusal(
            str(file), f"a folder with {DATABASE_NAME}, or a file", "a folder without it",
            "Name the database itself",
        )  # fmt: skip
    return file / DATABASE_NAME


def _is_database(file: Path) -> bool:
    return head_of_database(file, WHAT) == MAGIC


def _of_database(file: Path, log: Log) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with opened_sqlite(file, what="Frigate's database") as database:
        columns = database.columns("event")
        missing = [name for name in _NEEDED if name not in columns]
        if missing:
            raise file_refusal(
                str(file), f"{WHAT} with a table event that has {', '.join(_NEEDED)}",
                "a database without that table" if not columns
                else f"one without {', '.join(missing)}",
                "Name Frigate's frigate.db",
            )  # fmt: skip
        names = [*_NEEDED, *(name for name in _WANTED if name in columns)]
        rows = database.rows(f"SELECT {', '.join(names)} FROM event")
        line = 0
        try:
            for line, cells in enumerate(rows, 1):
                row = dict(zip(names, cells, strict=True))
                row |= {name: decoded(row[name]) for name in ("zones", "data") if name in row}
                yield line, row
        except InvalidEventError as error:
            if not line:
                raise
            log.notes.append(f"{error} What could be read is read: {plural(line, 'row')}.")


def _of_text(file: Path, log: Log) -> Iterator[tuple[int, Mapping[str, Any]]]:
    source = opened_text(file, WHAT)
    try:
        if source.head.lstrip()[:1] == b"[":
            document = document_in(source, WHAT)
            found: Iterator[tuple[int, Any]] = enumerate(document, 1)
            if len(document) == _LIMIT:
                log.notes.append(
                    f"The file has {_LIMIT} entries, the API's own limit: older ones are missing, "
                    "perhaps. Ask for more with limit, before and after."
                )
        else:
            found = iter(_last_messages(source, log).values())
        for line, entry in found:
            if isinstance(entry, Mapping):
                yield line, entry
            else:
                log.reject(line, "an object of Frigate", show(entry))
    finally:
        source.close()


def _last_messages(source: Source, log: Log) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """Return the last message of each id, which knows all that those before it said.

    The message that ends it is the last, wherever it stands in the file.
    """
    ended: set[str] = set()
    last: dict[str, tuple[int, Mapping[str, Any]]] = {}
    n_lines = 0
    for line, text in lines_in(source):
        n_lines += 1
        topic, brace, rest = text.partition("{")
        if not brace or (topic.strip() and not _TOPIC.search(text)):
            log.not_events["line of another topic"] += 1
            continue
        try:
            message = json.loads(brace + rest)
        except (ValueError, RecursionError):
            message = None
        after = message.get("after") if isinstance(message, Mapping) else None
        if not isinstance(after, Mapping) or not isinstance(after.get("id"), str):
            log.reject(line, "a message of Frigate with after, whole", show(text))
            continue
        name = after["id"]
        log.not_events["further message of the same id"] += name in last
        if name not in ended:
            last[name] = line, after
        if message.get("type") == "end":
            ended.add(name)
    if not last:
        raise file_refusal(
            source.name, WHAT, "text without a message of Frigate",
            "Write them with mosquitto_sub -v -t frigate/events",
        )  # fmt: skip
    return last
