"""Sections of a novin.toml: their keys, and the rules of their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar, get_type_hints

from novin_ml.exceptions import BuildError
from novin_ml.lifecycle.weeks import week_of_monday
from novin_ml.parameters import nearest
from novin_ml.plain import shown

Section = TypeVar("Section")
#: The default of a key that has none.
REQUIRED = object()


@dataclass(frozen=True)
class Key:
    """The rule of a value of a key.

    Attributes
    ----------
    expected : str
        The end of the sentence "... must be".
    accepts : callable
        Tells whether a value is that.
    purpose : str
        What the key is for: the reference table of the documentation has it.
    """

    expected: str
    accepts: Callable[[Any], bool]
    purpose: str = ""

    def about(self, purpose: str) -> Key:
        """Return the same rule for a key of this purpose."""
        return replace(self, purpose=purpose)


def read_section(cls: type[Section], document: Any, file: str, where: str) -> Section:
    """Return a section, or raise BuildError for the first key or value that is wrong."""
    if not isinstance(document, Mapping):
        raise wrong_value(file, where, "a table of keys", document)
    known = {each.name: each for each in fields(cls)}  # type: ignore[arg-type]
    hints = get_type_hints(cls, include_extras=True)
    for name in document:
        if name not in known:
            raise unknown_key(file, where, name, list(known))
    values: dict[str, Any] = {}
    for name, each in known.items():
        place = f"{where}.{name}" if where else name
        if is_dataclass(hints[name]):
            values[name] = read_section(hints[name], document.get(name, {}), file, place)
            continue
        rule: Key = hints[name].__metadata__[0]
        if name in document:
            if not rule.accepts(document[name]):
                raise wrong_value(file, place, rule.expected, document[name])
            values[name] = document[name]
        elif each.default is MISSING and each.default_factory is MISSING:
            raise BuildError(
                f"{file}: [{where}] must have the key {name!r}, {rule.expected}. Got none. Add it."
            )
    return cls(**values)


def keys_of(cls: type) -> Iterator[tuple[str, Key, Any]]:
    """Yield name, rule and default of the keys of a section, without its own sections."""
    hints = get_type_hints(cls, include_extras=True)
    for each in fields(cls):
        if not is_dataclass(hints[each.name]):
            made = each.default_factory
            default = each.default if made is MISSING else made()
            known = hints[each.name].__metadata__[0]
            yield each.name, known, REQUIRED if default is MISSING else default


def wrong_value(file: str, place: str, expected: str, got: Any) -> BuildError:
    """Return the error of a value that is not what its key takes."""
    return BuildError(f"{file}: {place} must be {expected}. Got {shown(got)}. Correct it.")


def unknown_key(file: str, where: str, name: str, known: list[str]) -> BuildError:
    """Return the error of a key that a section does not have."""
    place = f"[{where}]" if where else "the file"
    remedy = nearest(name, known) or " Correct or remove it."
    return BuildError(
        f"{file}: {place} must have keys of {', '.join(known)}. Got {shown(name)}.{remedy}"
    )


def is_number(value: Any, low: float, high: float = math.inf, *, above: bool = False) -> bool:
    """Tell whether a value is a finite number in a range; `above` leaves out its low end."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and (low < value if above else low <= value) and value <= high


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _are_mondays(value: Any) -> bool:
    try:
        return _is_texts(value) and all(week_of_monday(each) is not None for each in value)
    except ValueError:
        return False


TEXT = Key("a text", lambda value: isinstance(value, str) and bool(value))
TEXTS = Key("a list of texts", _is_texts)
SOME_TEXTS = Key("a list of one text or more", lambda value: _is_texts(value) and bool(value))
MONDAYS = Key("a list of dates of Mondays, such as 2026-05-11", _are_mondays)
SHARE = Key("a number from 0 to 1", lambda value: is_number(value, 0, 1))
FRACTION = Key(
    "a number above 0 and below 1",
    lambda value: is_number(value, 0, 1, above=True) and value < 1,
)
NOT_NEGATIVE = Key("a number of 0 or more", lambda value: is_number(value, 0))
POSITIVE = Key("a number above 0", lambda value: is_number(value, 0, above=True))
WHOLE = Key(
    "a whole number of 1 or more",
    lambda value: isinstance(value, int) and is_number(value, 1),
)
SEED = Key(
    "a whole number from 0 to 4294967295",
    lambda value: isinstance(value, int) and is_number(value, 0, 2**32 - 1),
)
TABLE = Key("a table of keys", lambda value: isinstance(value, Mapping))
SHARES = Key(
    "a table of numbers from 0 to 1 by label",
    lambda value: (
        isinstance(value, Mapping) and all(is_number(each, 0, 1) for each in value.values())
    ),
)


def one_of(*names: str) -> Key:
    """Return the rule of a value that is one of some texts."""
    return Key(f"one of {', '.join(names)}", lambda value: value in names)
