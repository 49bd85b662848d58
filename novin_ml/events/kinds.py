"""The kinds of event, found in the `type` that a vendor sends."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from novin_ml.events._unique import map_to_category

__all__ = ["KINDS", "KIND_DTYPE", "event_kind"]

# Searched from the top; the first text that the lower-cased type contains decides. What was
# recognised stands before what was merely sensed, and that before the place where it was sensed:
# "pet_motion" is a pet, "doorbell_motion" is motion seen by the doorbell's camera (nobody rang),
# "outdoor_sound" is a sound, "backdoor_window" is the window in the back door.
_KIND_OF_TEXT: tuple[tuple[str, str], ...] = (
    ("glass_break", "glass_break"),
    ("glassbreak", "glass_break"),
    ("glass-break", "glass_break"),
    ("glass break", "glass_break"),
    ("smoke", "smoke"),
    ("fire", "fire"),
    ("vehicle", "vehicle"),
    ("pet", "pet"),
    ("face", "face"),
    ("motion", "motion"),
    ("doorbell", "doorbell"),
    ("chime", "doorbell"),
    ("sound", "sound"),
    ("window", "window"),
    ("door", "door"),
)

#: The kinds that the SDK knows; an event of any other type is of the kind ``"other"``.
KINDS: tuple[str, ...] = (
    "motion",
    "doorbell",
    "door",
    "window",
    "glass_break",
    "sound",
    "vehicle",
    "pet",
    "face",
    "smoke",
    "fire",
)

#: The dtype of the `kind` column: `KINDS` and ``"other"``.
KIND_DTYPE = pd.CategoricalDtype([*KINDS, "other"])


def _kind_of(text: object) -> str:
    if isinstance(text, str):
        lowered = text.lower()
        for part, kind in _KIND_OF_TEXT:
            if part in lowered:
                return kind
    return "other"


def event_kind(types: Iterable[object]) -> pd.Series:
    """Find the kind of each event by substring, whatever the vendor put around it.

    Parameters
    ----------
    types : iterable of str, shape (n_events,)
        Types as sent. A Series keeps its index.

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
