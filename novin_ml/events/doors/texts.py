"""Texts that other programs wrote: their beginning, their lines, or one JSON document."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from novin_ml.events.files.json_text import BOM, nests_too_deep
from novin_ml.events.files.lines import MAX_DOCUMENT_BYTES, lines_of
from novin_ml.events.files.sources import Readable, Source, encoding_of, file_refusal
from novin_ml.exceptions import InvalidEventError

__all__ = ["document_in", "head_of", "lines_in", "opened_text"]

_HEAD_BYTES = 1 << 16
_FIRST_BYTES = 64


def head_of(path: Readable) -> str:
    """Return the beginning of a text, decompressed; empty if the file is none."""
    try:
        source = _source(path)
    except (InvalidEventError, OSError, ValueError):
        return ""
    try:
        head = source.open().read(_HEAD_BYTES)
    finally:
        source.close()
    return head.removeprefix(BOM).decode("utf-8", "replace")


def opened_text(path: Readable, what: str) -> Source:
    """Open a text, which may be compressed or in UTF-16, or refuse a file that is empty.

    Parameters
    ----------
    path : path or file object
        The file.
    what : str
        What it must be, for messages.
    """
    if isinstance(path, str | os.PathLike) and os.path.isdir(path):
        raise file_refusal(os.fspath(path), what, "a folder", "Name one file in it")
    source = _source(path)
    if not source.head.strip():
        source.close()
        raise file_refusal(source.name, what, "an empty file", "Export it again")
    return source


def _source(path: Readable) -> Source:
    """Open a text; one that marks itself as UTF-16, as spreadsheets write it, is read as such."""
    encoding = None
    if isinstance(path, str | os.PathLike):
        with open(path, "rb") as stream:
            encoding = encoding_of(stream.read(_FIRST_BYTES))
    return Source(path, encoding)


def lines_in(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text that are not blank, with their numbers from 1."""
    for number, line in enumerate(lines_of(source.open()), 1):
        text = line.removeprefix(BOM) if number == 1 else line
        decoded = text.decode("utf-8", "replace").strip("\r\n")
        if decoded.strip():
            yield number, decoded


def document_in(source: Source, what: str) -> Any:
    """Return a text as one JSON document.

    Raises
    ------
    InvalidEventError
        If it is none, or nested too deep.
    """
    text = source.open().read(MAX_DOCUMENT_BYTES + 1)
    if len(text) > MAX_DOCUMENT_BYTES:
        most = f"{MAX_DOCUMENT_BYTES // 1_000_000} MB"
        raise file_refusal(
            source.name, f"{what} of at most {most}", "more", "Export it in parts, as of a month"
        )
    text = text.removeprefix(BOM)
    if nests_too_deep(text):
        raise file_refusal(source.name, what, "JSON of too many levels", "Export it again")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise file_refusal(
            source.name, what, f"text that is no JSON: {error}", "Export it again, whole"
        ) from None
