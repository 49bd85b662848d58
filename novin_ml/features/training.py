"""The rows of an event table to train on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from novin_ml.events.consent import has_consent, training_events
from novin_ml.events.tables.check import checked_events
from novin_ml.events.tables.labels import without_absent_labels
from novin_ml.features.context import CONTEXT_INPUTS, attach_context


def training_rows(
    events: pd.DataFrame,
    window: float | Sequence[float] = 60.0,
    silence: float | Sequence[float] = 20.0,
) -> tuple[pd.DataFrame, int]:
    """Return labelled events with consent, with their context attached.

    An event without consent enters no training set, nor the context of another event.

    Parameters
    ----------
    events : DataFrame
        The event table, with a column `label`.
    window, silence : float or sequence of float
        In seconds, as in `attach_context`. A search needs all that it tries.

    Returns
    -------
    rows : DataFrame
        Labelled events with consent and their context, with a new index.
    n_dropped_without_consent : int
        Number of labelled events that were left out because they have no consent.

    Raises
    ------
    InvalidEventError
        If the table is not an event table, has no column `label` or `consent`, or a value breaks
        the rule of its field.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, n_dropped = training_rows(simulate_deliveries(1000, random_state=0))
    >>> len(rows) + n_dropped
    1000
    """
    events = without_absent_labels(checked_events(events, CONTEXT_INPUTS, "training_rows"))
    _, n_dropped = training_events(events)
    consenting = events[has_consent(events)]
    rows, _ = training_events(attach_context(consenting, window, silence))
    return rows, n_dropped
