"""A vocabulary as a document of texts, numbers, lists and dicts, and as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from novin_ml.documents import read_toml
from novin_ml.events.kinds import EventKind
from novin_ml.events.shown import show
from novin_ml.events.vocabulary._checks import refusal
from novin_ml.events.vocabulary.sensors import Sensor
from novin_ml.events.zones import Zone
from novin_ml.exceptions import InvalidEventError
from novin_ml.formats import format_of
from novin_ml.plain import toml_text

_CLASSES: dict[str, Any] = {"kinds": EventKind, "zones": Zone, "sensors": Sensor}
_LISTS = {"kinds": "texts", "zones": "aliases"}
_KEYS = ("name", "extends", "matching", *_CLASSES)
_NONE = "none"


def as_document(vocabulary: Any) -> dict[str, Any]:
    """Return everything in a vocabulary."""
    document: dict[str, Any] = {
        "name": vocabulary.name,
        "extends": _NONE,
        "matching": vocabulary.matching,
    }
    for name in _CLASSES:
        entries = [asdict(entry) for entry in getattr(vocabulary, name)]
        document[name] = [
            {
                key: [*value] if isinstance(value, tuple) else value
                for key, value in entry.items()
                if value is not None
            }
            for entry in entries
        ]
    return document


def as_toml(document: Mapping[str, Any]) -> str:
    """Write a document of a vocabulary as TOML."""
    lines = [f"{key} = {toml_text(document[key])}" for key in ("name", "extends", "matching")]
    for name in _CLASSES:
        for entry in document[name]:
            lines += ["", f"[[{name}]]"]
            lines += [f"{key} = {toml_text(value)}" for key, value in entry.items()]
    return "\n".join(lines) + "\n"


def toml_document(path: Path) -> dict[str, Any]:
    """Read a TOML file, or raise InvalidEventError."""
    try:
        return read_toml(path)
    except ValueError as error:
        raise InvalidEventError(
            f"{path} must be a TOML file in UTF-8. Got one that cannot be read: {error}. "
            "Correct it."
        ) from None


def read_document(document: Any, bases: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a vocabulary.

    Parameters
    ----------
    document : mapping
        As `as_document` returns it, or a part of it.
    bases : mapping
        Vocabularies that a document may extend.
    """
    if not isinstance(document, Mapping):
        raise InvalidEventError(
            f"A vocabulary must be a document of texts and lists. Got {show(document)} instead. "
            "Make one with to_dict or to_toml."
        )
    if refused := format_of(document, "A vocabulary", "vocabulary"):
        raise InvalidEventError(refused)
    _check_keys(document, ("format", *_KEYS), "key")
    extends = document.get("extends", "home")
    if extends not in (*bases, _NONE):
        raise _unknown("'extends'", extends, (*bases, _NONE))
    base = bases.get(extends)
    params: dict[str, Any] = {
        "name": document.get("name", "own"),
        "matching": document.get("matching", base.matching if base else "words"),
    }
    for name in _CLASSES:
        known = getattr(base, name) if base else ()
        params[name] = _extended(known, _entries(document, name), name)
    own = {entry.name for name in _CLASSES for entry in params[name]}
    if params["name"] in bases and not own <= _names_in(bases[params["name"]]):
        raise refusal(
            "name", f"another than {params['name']!r}, which is built in", params["name"],
            "Give it a name of its own",
        )  # fmt: skip
    return params


def _names_in(vocabulary: Any) -> set[str]:
    return {entry.name for name in _CLASSES for entry in getattr(vocabulary, name)}


def _check_keys(given: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    for key in given:
        if key not in known:
            raise _unknown(what, key, known)


def _unknown(what: str, got: Any, known: tuple[str, ...]) -> InvalidEventError:
    near = get_close_matches(str(got), known, n=1, cutoff=0.0)
    return refusal(what, f"one of {', '.join(known)}", got, f"The nearest is {near[0]!r}")


def _entries(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = document.get(name, [])
    if not isinstance(entries, list | tuple) or not all(isinstance(e, Mapping) for e in entries):
        raise refusal(name, "a list of tables, such as [[" + name + "]] in TOML", entries)
    known = tuple(field.name for field in fields(_CLASSES[name]))
    found = []
    for entry in entries:
        _check_keys(entry, known, f"key of one of the {name}")
        if "name" not in entry:
            raise refusal(f"entries in the {name}", "named", dict(entry), "Add a name")
        listed = _LISTS.get(name)
        found.append(
            {
                key: tuple(value) if key == listed and isinstance(value, list) else value
                for key, value in entry.items()
            }
        )
    return found


def _extended(known: tuple[Any, ...], entries: list[dict[str, Any]], name: str) -> list[Any]:
    """Add entries before the last one, or to the one of the same name."""
    table = {entry.name: entry for entry in known}
    last = table.popitem()[1] if known and name != "sensors" else None
    seen: set[str] = set()
    for entry in entries:
        own = entry["name"]
        if own in seen:
            raise refusal(name, "named differently", own, "Name each once")
        seen.add(own)
        if own in table:
            table[own] = _with(table[own], entry, _LISTS.get(name, ""))
        elif last is not None and own == last.name:
            last = _with(last, entry, _LISTS.get(name, ""))
        else:
            table[own] = _made(name, entry)
    return [*table.values(), *([] if last is None else [last])]


def _with(known: Any, entry: dict[str, Any], listed: str) -> Any:
    changes = dict(entry)
    if isinstance(changes.get(listed), tuple):
        before = getattr(known, listed)
        changes[listed] = before + tuple(t for t in changes[listed] if t not in before)
    return replace(known, **changes)


def _made(name: str, entry: dict[str, Any]) -> Any:
    """Make an entry; missing values get defaults."""
    usual: dict[str, Any] = {}
    if name == "kinds":
        usual = {"texts": (entry["name"],), "precedence": 10}
    elif name == "zones":
        usual = {"risk": 0.5, "kind": "interior"}
    return _CLASSES[name](**(usual | entry))
