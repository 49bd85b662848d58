"""Select the events that may be used for training."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd

from novin_ml.events.tables.check import checked_rows
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import require_rows

__all__ = ["training_events"]


class _Table(Protocol):
    """A table of events or of chains, as far as consent needs it."""

    @property
    def columns(self) -> Any: ...

    def __getitem__(self, key: Any) -> Any: ...


Events = TypeVar("Events", bound=_Table)


def training_events(events: Events) -> tuple[Events, int]:
    """Keep the labelled events, or chains of events, whose home consents.

    If features look at other events of the home, call `novin_ml.features.training_rows` instead. It
    keeps events without consent out of these features as well.

    Parameters
    ----------
    events : DataFrame or Chains
        The event table, or a table of chains, with a column `label`.

    Returns
    -------
    labelled : DataFrame or Chains
        The events or chains that have a label and consent, in their order, with a new index.
    n_dropped_without_consent : int
        Number of labelled events or chains that are left out because consent is not true.

    Raises
    ------
    InvalidEventError
        If the table has no column `label` or `consent`, or a value of an event breaks the rule of
        its field.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.events import training_events
    >>> table = pd.DataFrame({"consent": [True, False, True], "label": ["a", "b", None]})
    >>> labelled, n_dropped = training_events(table)
    >>> labelled["label"].tolist(), n_dropped
    (['a'], 1)
    """
    require_rows(events, "Events to train on")
    events = checked_rows(events, "training_events")
    if "label" not in events.columns:
        raise InvalidEventError(
            "Events to train on must have a column 'label'. Got a table without one instead. "
            "Give each event that was annotated a 'label' in the file."
        )
    consent = has_consent(events)
    is_labelled = events["label"].notna().to_numpy(dtype=bool)
    labelled = events[is_labelled & consent]
    if isinstance(labelled, pd.DataFrame):
        labelled = labelled.reset_index(drop=True)
    return labelled, int(np.count_nonzero(is_labelled & ~consent))


def has_consent(events: _Table) -> np.ndarray:
    """Tell which events may be used for training: those whose consent is literally true.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns), or Chains
        The event table, or a table of chains.

    Returns
    -------
    mask : ndarray of shape (n_events,), bool
        False where consent is missing, and where it is anything but a boolean.

    Raises
    ------
    InvalidEventError
        If the table has no column `consent`.
    """
    if "consent" not in events.columns:
        raise InvalidEventError(
            "Events to train on must have a column 'consent'. Got a table without one instead. "
            "Set it to True for the events whose home lets them be trained on."
        )
    consent = events["consent"]
    if consent.dtype == bool:
        return consent.to_numpy(dtype=bool)
    return np.array(
        [isinstance(value, (bool, np.bool_)) and bool(value) for value in consent], dtype=bool
    )
