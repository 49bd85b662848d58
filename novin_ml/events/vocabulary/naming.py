"""The name of a sensor: that of the vocabulary, or else its type and location."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.vocabulary._checks import refuse_no_texts
from novin_ml.events.vocabulary.columns import vocabulary_of
from novin_ml.events.vocabulary.sensors import UNSEEN

__all__ = ["named_senders", "sensor_name", "sensor_names"]

_TEXTS = ("type", "location")


def sensor_name(type: object, location: object, kind: object = None) -> str:
    """Return the name of a sensor that is not in the vocabulary.

    Parameters
    ----------
    type, location : str or None
        As the vendor writes them.
    kind : str or None, default=None
        The kind, used if the type is missing.

    Returns
    -------
    name : str
        The type and, if known, the location.
    """
    what = next((text for text in (type, kind) if isinstance(text, str) and text), "event")
    return f"{what} at {location}" if isinstance(location, str) and location else what


#: What a vendor writes: a type and a location.
Texts = tuple[str | None, str | None]


def named_senders(
    events: pd.DataFrame,
) -> tuple[tuple[str, ...], NDArray[np.int32], tuple[Texts | None, ...]]:
    """Return the names of the sensors of a table, and the sensor of each event.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table.

    Returns
    -------
    names : tuple of str
        Those of the vocabulary, if it names sensors, in its order, and ``"unseen"``; or else those
        of types and locations, sorted. Empty, if the table does not have the columns.
    codes : ndarray of shape (n_events,), int32
        Positions in `names`.
    texts : tuple of (type, location) or None
        What each sender of a name sends; None where several do. Empty if the vocabulary names
        sensors.
    """
    by_vocabulary = _has_named(events)
    needed = {"sensor"} if by_vocabulary else {*_TEXTS}
    if not len(events) or not needed <= set(events.columns):
        return (), np.zeros(len(events), dtype=np.int32), ()
    if by_vocabulary:
        column = events["sensor"].cat
        names = tuple(column.categories)
        codes = np.asarray(column.codes, dtype=np.int32)
        return names, np.where(codes < 0, np.int32(names.index(UNSEEN)), codes), ()
    (kind, kinds), (place, places) = (pd.factorize(events[name]) for name in _TEXTS)
    # A missing text has the code -1, and the last place of these lists.
    whats, wheres = [*kinds, None], [*places, None]
    pairs, of_event = np.unique(
        (kind % len(whats)) * len(wheres) + place % len(wheres), return_inverse=True
    )
    told = [(_text(whats[at // len(wheres)]), _text(wheres[at % len(wheres)])) for at in pairs]
    of_pairs = [sensor_name(*texts) for texts in told]
    texts_of: dict[str, Texts | None] = {}
    for name, texts in zip(of_pairs, told, strict=True):
        texts_of[name] = texts if texts_of.get(name, texts) == texts else None
    places_of = {name: place for place, name in enumerate(sorted(set(of_pairs)))}
    return (
        tuple(places_of),
        np.array([places_of[name] for name in of_pairs], dtype=np.int32)[of_event],
        tuple(texts_of[name] for name in places_of),
    )


def _text(value: object) -> str | None:
    """Return a text; one that is empty says nothing."""
    return value if isinstance(value, str) and value else None


def sensor_names(events: Any) -> tuple[str, ...]:
    """Return the names of the sensors of a table of events, for `ChainFeatures`.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table with the columns ``type`` and ``location``, or the column ``sensor``, if its
        vocabulary names sensors.

    Returns
    -------
    names : tuple of str
        Sorted, and without ``"unseen"``.

    Raises
    ------
    InvalidEventError
        If the table does not have the columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.events import sensor_names
    >>> events = pd.DataFrame({"type": ["motion", "door"], "location": ["hall", None]})
    >>> sensor_names(events)
    ('door', 'motion at hall')
    """
    by_vocabulary = isinstance(events, pd.DataFrame) and _has_named(events)
    if not (by_vocabulary and "sensor" in events):
        refuse_no_texts(events, "sensor_names")
    names, codes, _ = named_senders(events)
    found = {names[code] for code in np.unique(codes)}
    return tuple(sorted(found - {UNSEEN} if by_vocabulary else found))


def _has_named(events: pd.DataFrame) -> bool:
    """Tell whether the vocabulary of a table names sensors."""
    vocabulary = vocabulary_of(events)
    return vocabulary is not None and bool(vocabulary.sensors)
