"""Documents of JSON and TOML that others may have written: whatever they hold, they are parsed, or
refused by a ValueError of one sentence.

The parsers of the standard library raise RecursionError for what is nested deeply, and tomllib
takes a time that grows with the square of the parts of a key.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

#: A file that people write by hand has no more.
MAX_TOML_BYTES = 1_000_000
#: Of a key, and so dots of a line.
_MOST_PARTS = 1_000


def parse_json(content: str | bytes) -> Any:
    """Return what a JSON text holds; raises ValueError if it is none, or nested too deeply."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("lists or objects that are nested too deeply") from None


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a TOML file holds; raises as `toml_bytes` and `parse_toml` do."""
    return parse_toml(toml_bytes(path))


def toml_bytes(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a TOML file; raises ValueError if it is larger than 1 MB."""
    with Path(path).open("rb") as stream:
        content = stream.read(MAX_TOML_BYTES + 1)
    if len(content) > MAX_TOML_BYTES:
        raise ValueError(f"more than {MAX_TOML_BYTES:,} bytes")
    return content


def parse_toml(content: bytes) -> dict[str, Any]:
    """Return what TOML holds; raises ValueError if it is none, or has a key of a thousand parts."""
    text = content.decode("utf-8").replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") >= _MOST_PARTS:
            raise ValueError(f"a key of {_MOST_PARTS:,} parts in line {number}")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("lists or tables that are nested too deeply") from None
    except (AttributeError, IndexError, TypeError) as error:  # of tomllib itself
        raise ValueError(f"something that its reader cannot parse: {error}") from None
