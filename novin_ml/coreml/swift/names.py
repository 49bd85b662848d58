"""Names of models and labels as Swift identifiers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from novin_ml.coreml.input_names import SWIFT_KEYWORDS
from novin_ml.exceptions import NotExportableError


def lower_camel(name: str) -> str:
    """Return a name such as ``package_drop`` as a Swift member, ``packageDrop``."""
    words = re.findall("[A-Za-z0-9]+", name)
    text = words[0].lower() if words and words[0].isupper() else "".join(words[:1])
    text = text[:1].lower() + text[1:] + "".join(word[:1].upper() + word[1:] for word in words[1:])
    if not text or text[0].isdigit():
        text = f"_{text}"
    return f"`{text}`" if text in SWIFT_KEYWORDS else text


#: Members that the enumerations have, and words that are no case.
_MEMBERS = frozenset(
    [
        *("aliases", "allCases", "byPrecedence", "code", "group", "hash", "hashValue", "init"),
        *("kind", "name", "parts", "phrases", "rawValue", "risk", "self", "texts"),
    ]
)


def case_name(name: str) -> str:
    """Return a name of a vocabulary as the case of an enumeration."""
    text = lower_camel(name)
    return f"{text.strip('`')}_" if text.strip("`") in _MEMBERS else text


def upper_camel(name: str) -> str:
    """Return a name such as ``delivery_boosting`` as a Swift type, ``DeliveryBoosting``."""
    text = lower_camel(name).strip("`")
    return text[:1].upper() + text[1:]


def require_names(names: Sequence[str]) -> None:
    """Raise NotExportableError unless one package can hold models of these names.

    Parameters
    ----------
    names : sequence of str
        Names of the models.
    """
    wrong = [name for name in names if not re.fullmatch("[A-Za-z][A-Za-z0-9_.-]*", name)]
    if wrong:
        raise NotExportableError(
            "A model in a Swift package must have a name of letters, digits, '_', '-' and '.', a "
            f"letter first. Got {wrong[0]!r}. Rename its file or folder."
        )
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(upper_camel(name).lower(), name)
        if other is not name or list(names).count(name) > 1:
            raise NotExportableError(
                f"Models in a Swift package must have names that differ in letters and digits. "
                f"Got {other!r} and {name!r}. Rename one."
            )
