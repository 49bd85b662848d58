"""The kinds of event, found in the `type` that a vendor sends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from novin_ml.events._unique import map_to_category

__all__ = ["EVENT_KINDS", "KINDS", "KIND_DTYPE", "KIND_GROUPS", "EventKind", "event_kind"]


@dataclass(frozen=True)
class EventKind:
    """A kind of event, and the texts by which a vendor's `type` is recognised.

    Parameters
    ----------
    name : str
        Its name in the `kind` column.
    texts : tuple of str
        The lower-cased type of such an event contains one of these.
    precedence : int
        If a type contains texts of several kinds, the kind of the highest precedence counts. Of
        equal precedences the first in `EVENT_KINDS` counts.
    group : str
        Name that kinds share if they are one step of a chain, such as ``"opening"`` for doors and
        windows.

    Examples
    --------
    >>> from novin_ml.events import EventKind
    >>> EventKind("cat_flap", ("cat flap", "catflap"), precedence=1).group
    'other'
    """

    name: str
    texts: tuple[str, ...]
    precedence: int
    group: str = "other"


#: The kinds that the SDK knows, and ``"other"``, which has no texts. A code of the `kind` column is
#: a position in this table: a new kind takes one line, before ``"other"``.
#
# A recognised object has precedence over a mere sensation, and that over the place: "pet_motion" is
# a pet, "doorbell_motion" is motion seen by the doorbell's camera (nobody rang), "outdoor_sound" is
# a sound, "backdoor_window" is the window in the back door.
EVENT_KINDS: tuple[EventKind, ...] = (
    EventKind("motion", ("motion",), 50, "motion"),
    EventKind("doorbell", ("doorbell", "chime"), 40, "doorbell"),
    EventKind("door", ("door",), 10, "opening"),
    EventKind("window", ("window",), 20, "opening"),
    EventKind(
        "glass_break", ("glass_break", "glassbreak", "glass-break", "glass break"), 90, "alarm"
    ),
    EventKind("sound", ("sound",), 30),
    EventKind("vehicle", ("vehicle",), 60),
    EventKind("pet", ("pet",), 60),
    EventKind("face", ("face",), 60),
    EventKind("smoke", ("smoke",), 80, "alarm"),
    EventKind("fire", ("fire",), 80, "alarm"),
    EventKind("other", (), 0),
)

#: The kinds that the SDK knows; an event of any other type is of the kind ``"other"``.
KINDS: tuple[str, ...] = tuple(kind.name for kind in EVENT_KINDS if kind.texts)


def groups_of(kinds: Sequence[EventKind]) -> tuple[str, ...]:
    """Return the groups of kinds, each once, in the order of the table."""
    return tuple(dict.fromkeys(kind.group for kind in kinds))


#: The groups of kinds, each once, in the order of `EVENT_KINDS`.
KIND_GROUPS: tuple[str, ...] = groups_of(EVENT_KINDS)

#: The dtype of the `kind` column: `KINDS` and ``"other"``.
KIND_DTYPE = pd.CategoricalDtype([kind.name for kind in EVENT_KINDS])


def by_precedence(kinds: Sequence[EventKind]) -> list[EventKind]:
    """Return the kinds from the highest precedence on, equal ones in the order of the table."""
    return sorted(kinds, key=lambda kind: -kind.precedence)


def texts_by_precedence(kinds: Sequence[EventKind]) -> tuple[tuple[str, str], ...]:
    """Return texts with the names of their kinds; the first text that a type contains counts."""
    return tuple((text, kind.name) for kind in by_precedence(kinds) for text in kind.texts)


def kind_in(text: object, texts: Sequence[tuple[str, str]]) -> str:
    """Return the kind of the first text that a type contains, after lower-casing it."""
    if isinstance(text, str):
        lowered = text.lower()
        for part, kind in texts:
            if part in lowered:
                return kind
    return "other"


_KIND_OF_TEXT = texts_by_precedence(EVENT_KINDS)


def _kind_of(text: object) -> str:
    return kind_in(text, _KIND_OF_TEXT)


def event_kind(types: Iterable[object]) -> pd.Series:
    """Find the kind of each event by the texts that its type contains.

    Parameters
    ----------
    types : iterable of str, shape (n_events,)
        Types as the vendor sends them. A Series keeps its index.

    Returns
    -------
    kinds : Series of dtype `KIND_DTYPE`, shape (n_events,)
        One of `KINDS`, or ``"other"``.

    Examples
    --------
    >>> from novin_ml.events import event_kind
    >>> list(event_kind(["front_motion", "Doorbell", "GlassBreak", "doorbell_motion", "leak"]))
    ['motion', 'doorbell', 'glass_break', 'motion', 'other']
    """
    return map_to_category(types, _kind_of, KIND_DTYPE)
