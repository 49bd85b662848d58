"""Lines of JSON, documents of JSON and tables of CSV without the rows of a home."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from novin_ml.exceptions import ForgetError
from novin_ml.files import replace_whole

#: What a home is called in rows.
NAMES = ("home_id", "user_id")
_SEPARATORS = (",", ";", "\t", "|")
_BOM = "\ufeff"


@dataclass(frozen=True)
class Without:
    """The rows of a text that are not of the home.

    Attributes
    ----------
    kept : list of str
        As they stand in the file; only what held rows of several homes is written anew.
    n_removed : int
        Events, chains or rows that are left out.
    """

    kept: list[str]
    n_removed: int


def without_home(path: Path, home: str) -> Without:
    """Return the text of a file without the rows of a home; nothing is written."""
    text = _text_of(path)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix in (".csv", ".tsv", ".tab"):
        return _csv(path, text, home)
    return _json(path, text, home)


def write_without(path: Path, found: Without) -> None:
    """Replace a text file by what was kept, whole or not at all."""
    content = "".join(found.kept).encode("utf-8")
    if path.name.lower().endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    with replace_whole(path) as new:
        new.write_bytes(content)


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
        if path.name.lower().endswith(".gz"):
            content = gzip.decompress(content)
        return content.decode("utf-8")
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise _unread(path, "text in UTF-8, or that compressed by gzip", str(error)) from None


def _csv(path: Path, text: str, home: str) -> Without:
    lines = [*_of_lines(text.removeprefix(_BOM))]
    separator = _separator_of(lines[0]) if lines else None
    if separator is None:
        return Without([], 0)
    header = [name.strip() for name in next(csv.reader([lines[0]], delimiter=separator))]
    columns = [place for place, name in enumerate(header) if name in NAMES]
    kept, n_removed, done = ([_BOM] if text.startswith(_BOM) else []) + [lines[0]], 0, 1
    reader = csv.reader(iter(lines[1:]), delimiter=separator, strict=True)
    try:
        for row in reader:
            raw = lines[done : 1 + reader.line_num]
            done = 1 + reader.line_num
            if any(place < len(row) and row[place].strip() == home for place in columns):
                n_removed += 1
            else:
                kept += raw
    except csv.Error as error:
        said = f"{error} in line {1 + reader.line_num}"
        raise _unread(path, "a table whose rows can be told apart", said) from None
    return Without(kept, n_removed)


def _separator_of(line: str) -> str | None:
    for separator in _SEPARATORS:
        try:
            names = next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            continue
        if {name.strip() for name in names} & {*NAMES}:
            return separator
    return None


def _json(path: Path, text: str, home: str) -> Without:
    body = text.removeprefix(_BOM)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return _lines(path, text, home)
    if isinstance(document, dict):
        # One event, one request or one chain: the only line of a file of lines.
        left, n_removed = _left_of(document, home)
        if not n_removed:
            return Without([text], 0)
        return Without([] if left is None else [_dumped(left)], n_removed)
    if not isinstance(document, list):
        return Without([text], 0)
    kept, n_removed = [], 0
    for each in document:
        left, n_of_each = _left_of(each, home)
        n_removed += n_of_each
        if left is not None:
            kept.append(left)
    return Without([json.dumps(kept, ensure_ascii=False) + "\n" if n_removed else text], n_removed)


def _lines(path: Path, text: str, home: str) -> Without:
    kept: list[str] = []
    n_removed = 0
    for number, line in enumerate(_of_lines(text), 1):
        if not line.strip(f"{_BOM} \t\r\n"):
            kept.append(line)
            continue
        try:
            value = json.loads(line.removeprefix(_BOM))
        except (ValueError, RecursionError):
            if home in line or json.dumps(home)[1:-1] in line:
                said = f"line {number}, which is no JSON and holds the name of the home"
                raise _unread(path, "lines of JSON", said) from None
            kept.append(line)
            continue
        left, n_of_line = _left_of(value, home)
        n_removed += n_of_line
        if left is not None:
            kept.append(line if not n_of_line else _dumped(left))
    return Without(kept, n_removed)


def _of_lines(text: str) -> Iterator[str]:
    lines = text.split("\n")
    yield from (f"{line}\n" for line in lines[:-1])
    if lines[-1]:
        yield lines[-1]


def _left_of(value: Any, home: str) -> tuple[Any, int]:
    """Return what is left of an event, a request or a chain (or None), and the events removed."""
    if not isinstance(value, dict):
        return value, 0
    events = value.get("events")
    if any(str(value.get(name)) == home for name in NAMES if name in value):
        return None, len(events) if isinstance(events, list) else 1
    if not isinstance(events, list):
        return value, 0
    left = [each for each in events if _left_of(each, home)[0] is not None]
    n_removed = len(events) - len(left)
    if n_removed and not left:
        return None, n_removed
    return ({**value, "events": left} if n_removed else value), n_removed


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _unread(path: Path, expected: str, got: str) -> ForgetError:
    return ForgetError(
        f"{path} must be {expected}, so that a home can be removed. Got {got}. Correct or move it; "
        "nothing was changed."
    )
