"""The vocabulary of the columns of a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import shown

__all__ = [
    "DEFAULT_VOCABULARY",
    "UNNAMED_VOCABULARY",
    "checked_vocabulary",
    "of_vocabulary",
    "read_by",
    "refuse_others",
    "vocabulary_of",
]

#: The vocabulary of readers that are given none.
DEFAULT_VOCABULARY = Vocabulary.sdk()
#: That of a model, a package or a table of chains that names none.
UNNAMED_VOCABULARY = Vocabulary.sdk()


def checked_vocabulary(vocabulary: Any) -> Vocabulary:
    """Return a vocabulary, or the default for None; refuse anything else.

    Parameters
    ----------
    vocabulary : object
        Value of a parameter.

    Returns
    -------
    vocabulary : Vocabulary
        The same, or the default.

    Raises
    ------
    InvalidEventError
        If it is not a vocabulary.
    """
    if vocabulary is None:
        return DEFAULT_VOCABULARY
    if not isinstance(vocabulary, Vocabulary):
        raise InvalidEventError(
            "The 'vocabulary' parameter must be a novin_ml.events.Vocabulary or None. "
            f"Got {shown(vocabulary)} instead. Read a file with Vocabulary.from_toml."
        )
    return vocabulary


def vocabulary_of(events: pd.DataFrame) -> Vocabulary | None:
    """Return the vocabulary that the columns of a table show, or None if they show none.

    The categories of `kind` and `zone` carry it as the name of their index, which filters, copies
    and concatenations keep. Without it, the categories tell the built-in vocabularies apart.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table.

    Returns
    -------
    vocabulary : Vocabulary or None
        That of its columns.
    """
    for name in ("kind", "zone"):
        dtype = events[name].dtype if name in events else None
        if not isinstance(dtype, pd.CategoricalDtype):
            continue
        categories = dtype.categories
        if isinstance(categories.name, Vocabulary):
            return categories.name
        for known in (Vocabulary.sdk(), Vocabulary.home()):
            own = known.kind_dtype if name == "kind" else known.zone_dtype
            if categories.equals(own.categories):
                return known
    return None


def of_vocabulary(
    events: pd.DataFrame, vocabulary: Vocabulary | None, purpose: str
) -> pd.DataFrame:
    """Return a table with the vocabulary of a model, or refuse it.

    If a table was read with the other built-in vocabulary, its kinds and zones are found again from
    its texts. So a model gives the same answers whichever of the two is the default.
    """
    if vocabulary is None:
        return events
    shown_by_table = vocabulary_of(events)
    if shown_by_table is None or shown_by_table == vocabulary:
        return events
    has_texts = {"type", "location"} <= set(events.columns)
    if has_texts and shown_by_table.is_built_in and vocabulary.is_built_in:
        return vocabulary.apply(events)
    refuse_others(shown_by_table, vocabulary, purpose)
    return events


def read_by(events: pd.DataFrame, vocabulary: Vocabulary | None) -> pd.DataFrame:
    """Return a table whose kinds and zones are found by a vocabulary, if its texts are known.

    A table without texts, or of that vocabulary, is returned as it is.
    """
    has_texts = {"type", "location"} <= set(events.columns)
    if vocabulary is None or not has_texts or vocabulary_of(events) in (None, vocabulary):
        return events
    return vocabulary.apply(events)


def refuse_others(got: Vocabulary | None, vocabulary: Vocabulary | None, purpose: str) -> None:
    """Raise InvalidEventError if two vocabularies differ; None agrees with any."""
    if got is None or vocabulary is None or got == vocabulary:
        return
    raise InvalidEventError(
        f"{purpose} must have events of one vocabulary, {vocabulary!r}. Got those of {got!r} "
        "instead. Read them with read_events(..., vocabulary=model[0].vocabulary_), or find kinds "
        "and zones again with model[0].vocabulary_.apply(events)."
    )
