"""The rows of a home's activity for a whole log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.tables.check import checked_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.activity.history import ActivityHistory, ActivityRow
from novin_ml.features.activity.specs import COLUMNS
from novin_ml.features.activity.steps import ACTIVITY_INPUTS, steps_of

__all__ = ["ActivityRows", "activity_rows"]


@dataclass(frozen=True)
class ActivityRows:
    """Rows of one kind, in the order of time.

    Attributes
    ----------
    time : ndarray of shape (n_rows,), float64
        Seconds since 1970.
    unit : ndarray of shape (n_rows,), int64
        Rows of one unit are one alarm.
    sensor : ndarray of shape (n_rows,), dtype object
        The sensor; empty for a silence.
    values : ndarray of shape (n_rows, n_columns), float32
        The columns of the kind.
    """

    time: NDArray[np.float64]
    unit: NDArray[np.int64]
    sensor: NDArray[np.object_]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def of(cls, rows: Iterable[ActivityRow], kind: str) -> ActivityRows:
        """Gather the rows of a kind.

        Parameters
        ----------
        rows : iterable of ActivityRow
            Rows of any kinds.
        kind : {"event", "silence", "still on"}
            The kind.

        Returns
        -------
        rows : ActivityRows
            Those of the kind, in their order.
        """
        chosen = [row for row in rows if row.kind == kind]
        return cls(
            np.array([row.time for row in chosen], dtype=np.float64) / 1000,
            np.array([row.unit for row in chosen], dtype=np.int64),
            np.array([row.sensor for row in chosen], dtype=object),
            np.array([row.values for row in chosen], dtype=np.float32).reshape(
                len(chosen), len(COLUMNS[kind])
            ),
        )


def activity_rows(
    events: pd.DataFrame, *, until: float | None = None, history: ActivityHistory | None = None
) -> dict[str, ActivityRows]:
    """Return the rows of a home's log: of its events, of its silences, and of what is still on.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table of one home, rows in any order; those of one time count in that order.
    until : float, optional
        Seconds since 1970, not before the last event. Ticks up to then have rows; None is the last
        event.
    history : ActivityHistory, optional
        What the home did before; it is continued. None begins a new one.

    Returns
    -------
    rows : dict of str to ActivityRows
        By kind: ``"event"``, ``"silence"`` and ``"still on"``.

    Raises
    ------
    InvalidEventError
        If columns are missing, a value breaks a rule, events are of several homes or earlier than
        what `history` has seen.

    Examples
    --------
    >>> from novin_ml.features import activity_rows
    >>> from novin_ml.simulation import simulate_behavior
    >>> rows = activity_rows(simulate_behavior(weeks=1, random_state=0))
    >>> sorted(rows), rows["silence"].values.shape[1]
    (['event', 'silence', 'still on'], 2)
    """
    events = checked_events(events, ACTIVITY_INPUTS, "activity_rows")
    homes = events["home_id"].unique()
    if len(homes) > 1:
        raise InvalidEventError(
            f"The log of an activity history must be of one home. Got events of {len(homes)}. "
            "Give each home a history of its own."
        )
    history = ActivityHistory() if history is None else history
    rows: list[ActivityRow] = []
    for step in steps_of(events.sort_values("timestamp", kind="stable")):
        rows += history.take(step)
    if until is not None:
        rows += history.advance(until)
    return {kind: ActivityRows.of(rows, kind) for kind in COLUMNS}
