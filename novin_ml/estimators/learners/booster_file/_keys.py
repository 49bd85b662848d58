"""What the objects of a document must hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Keys:
    """How objects are held against the keys that they must have.

    Attributes
    ----------
    allow_others : bool
        Whether further keys are passed over. xgboost's reader does so with those that it does not
        know; those that it knows it walks along.
    """

    allow_others: bool

    def require(self, found: Collection[str], needed: Collection[str], what: str) -> None:
        """Raise ValueError unless an object has these keys."""
        missing, others = set(needed) - set(found), set(found) - set(needed)
        if missing:
            raise ValueError(f"{what} without {min(missing)!r}")
        if others and not self.allow_others:
            raise ValueError(f"{what} with {min(others)!r}")

    def part(self, of: Mapping[str, Any], key: str, needed: Collection[str]) -> dict[str, Any]:
        """Return an object of an object."""
        found = of[key]
        if not isinstance(found, dict):
            raise ValueError(f"{key} that is no object")
        self.require(found, needed, key)
        return found


def whole_number(text: Any) -> int:
    """Return the number from 0 that a text of digits is, or raise ValueError."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(f"{text!r} where a whole number should be")
    return int(text)


def real_number(text: Any) -> float:
    """Return the number that a text as xgboost writes it is, or raise ValueError."""
    if not isinstance(text, str) or not re.fullmatch(
        r"-?[0-9]{1,40}(\.[0-9]{1,40})?([Ee][+-]?[0-9]{1,3})?", text
    ):
        raise ValueError(f"{text!r} where a number should be")
    return float(text)
