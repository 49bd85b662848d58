"""From an event table to the rows that may be trained on."""

from __future__ import annotations

import pandas as pd

from novin_ml.events.consent import has_consent, training_events
from novin_ml.features.context import attach_context


def training_rows(
    events: pd.DataFrame, window: float = 60.0, silence: float = 20.0
) -> tuple[pd.DataFrame, int]:
    """Attach the context of labelled events, and leave out all that has no consent.

    An event without consent is in no training set, and not in the context of another event either.

    Parameters
    ----------
    events : DataFrame
        The event table, with a column `label`.
    window, silence : float
        Seconds, as in `attach_context`.

    Returns
    -------
    rows : DataFrame
        Labelled events with consent, their context attached, numbered anew.
    n_dropped_without_consent : int
        Labelled events that were left out because consent is not true.

    Raises
    ------
    InvalidEventError
        If the table has no column `label` or `consent`, or is no event table.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, n_dropped = training_rows(simulate_deliveries(1000, random_state=0))
    >>> len(rows) + n_dropped
    1000
    """
    _, n_dropped = training_events(events)
    consenting = events[has_consent(events)]
    rows, _ = training_events(attach_context(consenting, window, silence))
    return rows, n_dropped
