"""Labels of an event table that say that there is none, as readers of files take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.fields import EVENT_FIELDS

_LABELS = tuple(field for field in EVENT_FIELDS if field.is_label)


def without_absent_labels(events: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which blank labels, and words such as ``NA``, are missing.

    A reader of files takes them so. In a table they would be a class, which a model then learns.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table; labels that are no texts stay as they are.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        The table itself if it has no such label.
    """
    new: dict[str, Any] = {}
    for field in _LABELS:
        if field.name not in events.columns:
            continue
        column = events[field.name]
        try:
            codes, found = pd.factorize(column)
        except TypeError:  # lists have no hash, and are no texts
            continue
        is_absent = [isinstance(label, str) and field.is_absent(label) for label in found]
        if any(is_absent):
            rows = np.append(is_absent, False)[codes].astype(bool)
            new[field.name] = column.where(~rows, None).array
    if not new:
        return events
    table = events.copy(deep=False)
    for name, labels in new.items():
        table[name] = labels
    return table
