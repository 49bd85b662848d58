"""Arrays of chains: conversion that loses nothing, and the messages of what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.fields import CHAIN_COLUMNS, HOME_MODES
from novin_ml.events.files.chunk import show
from novin_ml.events.vocabulary.naming import Texts
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import shown

# Meaning of each column, and the remedy if a value is something else.
_CODES = "a position in the categories of {0}, 0 to {1}"
_NAMES = "Look names up by {0}.categories.get_indexer, or use chains_from_events"
_MEANINGS: dict[str, tuple[str, str]] = {
    "offsets": ("whole numbers of events", "Use chains_from_events"),
    "confidence": ("a number from 0 to 1, NaN where there is none", "Correct it"),
    "utc_offset": ("a number of seconds, NaN where there is none", "Correct it"),
    "n_left_out": ("a number of events, at least 0", "Leave it out where it is not known"),
}
#: Arrays of positions in the categories of a vocabulary.
CODES = ("kind", "zone", "sensor")
_TIME = (
    "a number of seconds since 1970",
    "Use read_events and chains_from_events, which take dates and times",
)


def numbers(values: Any, name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Convert numbers to a dtype; refuse numbers that a cast would change silently."""
    array = np.asarray(values)
    if array.dtype == dtype or array.size == 0:
        return array.astype(dtype, copy=False)
    if array.dtype.kind == "O":  # numbers among which None is missing
        is_number = [
            each is None or (isinstance(each, Real) and not isinstance(each, bool))
            for each in array.ravel().tolist()
        ]
        if not all(is_number):
            raise refusal(name, array.ravel()[is_number.index(False)])
        array = array.astype(np.float64)
    if array.dtype.kind not in "iuf":
        raise refusal(name, array.ravel()[0])
    if dtype.kind == "i":
        limits = np.iinfo(dtype)
        with np.errstate(invalid="ignore"):
            wrong = ~((array >= limits.min) & (array <= limits.max) & (array == np.rint(array)))
        if wrong.any():
            raise refusal(name, array[wrong][0])
    return array.astype(dtype)


def refusal(name: str, got: Any, vocabulary: Vocabulary | None = None) -> InvalidEventError:
    """Return the error of a value of chains; kinds, zones and sensors are of a vocabulary."""
    if name in CODES:
        vocabulary = vocabulary or Vocabulary.sdk()
        dtype = getattr(vocabulary, f"{name}_dtype")
        is_sdk = vocabulary == Vocabulary.sdk()
        categories = f"{name.upper()}_DTYPE" if is_sdk else f"vocabulary.{name}_dtype"
        meaning = _CODES.format(categories, len(dtype.categories) - 1)
        remedy = _NAMES.format(categories)
    else:
        meaning, remedy = _MEANINGS.get(name, _TIME)
    owner = "an event" if name in (*CODES, "confidence", "timestamp") else "chains"
    got = got.item() if isinstance(got, np.generic) and got.dtype.kind in "iufbU" else got
    return InvalidEventError(
        f"The {name} of {owner} must be {meaning}. Got {show(got)} instead. {remedy}."
    )


def mode_codes(modes: pd.Series) -> NDArray[np.int8]:
    """Return the positions of home modes in `HOME_MODES`, -1 where missing."""
    # Dtypes are equal whatever the order of their categories, which the codes follow.
    if modes.dtype == CHAIN_COLUMNS["home_mode"] and [*modes.cat.categories] == [*HOME_MODES]:
        return np.asarray(modes.cat.codes, dtype=np.int8)
    codes, found = pd.factorize(modes)
    places = pd.Index(HOME_MODES, dtype=object).get_indexer(pd.Index(found, dtype=object))
    if (places < 0).any():
        raise InvalidEventError(
            f"The home_mode of a chain must be one of {', '.join(HOME_MODES)}. "
            f"Got {shown(found[int(np.argmin(places))])} instead. Correct it or leave it out."
        )
    known: NDArray[np.int8] = np.array([*places, -1], dtype=np.int8)
    return known[codes]


def together(
    told: Sequence[tuple[NDArray[np.int32] | None, tuple[Texts | None, ...]]],
) -> tuple[NDArray[np.int32] | None, tuple[Texts | None, ...]]:
    """Put positions in lists of texts one after the other; none are known if one's are not."""
    places: dict[Texts | None, int] = {}
    found = []
    for text, texts in told:
        if text is None:
            return None, ()
        of_texts = [places.setdefault(each, len(places)) for each in texts]
        found.append(np.array(of_texts, dtype=np.int32)[text])
    return np.concatenate(found), tuple(places)
