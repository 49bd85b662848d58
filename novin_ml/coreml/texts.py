"""Texts that a caller gives for a model's metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from novin_ml.exceptions import NotExportableError
from novin_ml.plain import shown


def fits(text: str) -> bool:
    """Whether Core ML can hold a text: UTF-8 without NUL."""
    return not re.search("[\0\ud800-\udfff]", text)


def require_texts(texts: Mapping[str, Any]) -> None:
    """Raise NotExportableError unless each parameter is a text that fits, or None."""
    for name, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise NotExportableError(
                f"The {name!r} parameter must be a text. Got {shown(text)}. "
                "Pass it as text, or leave it out."
            )
        if text is not None and not fits(text):
            raise NotExportableError(
                f"The {name!r} parameter must be UTF-8 text without NUL. Got {shown(text)}. "
                "Leave such characters out."
            )


def checked_card(card: Any) -> Mapping[str, str]:
    """Return the entries of a card; refuse names of other entries."""
    if card is None:
        return {}
    wrong = [card]
    if isinstance(card, Mapping):
        wrong = [key for key, value in card.items() if not _is_entry(key, value)]
    if wrong:
        raise NotExportableError(
            "The 'card' parameter must have texts under names that begin with card_. "
            f"Got {shown(wrong[0])}. Pass what novin_ml.evaluation.card_metadata returns."
        )
    for key, value in card.items():
        if not (fits(key) and fits(value)):
            raise NotExportableError(
                "The 'card' parameter must be UTF-8 text without NUL. "
                f"Got {shown(value)} under {shown(key)}. Leave such characters out."
            )
    return dict(card)


def _is_entry(key: Any, value: Any) -> bool:
    return isinstance(key, str) and key.startswith("card_") and isinstance(value, str)
