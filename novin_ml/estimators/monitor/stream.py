"""A home's monitor event by event and tick by tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.monitor.home import HomeMonitor
from novin_ml.estimators.monitor.rows import alarm_table
from novin_ml.events import read_event
from novin_ml.features.activity import ActivityRow, ActivityRows
from novin_ml.features.activity.specs import COLUMNS

__all__ = ["MonitorStream"]


class MonitorStream:
    """Follow one home after training: score each event and each tick.

    Parameters
    ----------
    monitor : HomeMonitor
        Fitted. It is not changed.
    timezone : str, default="UTC"
        IANA name of the home's time zone, for events that carry no offset from UTC.

    See Also
    --------
    HomeMonitor.score : The same rows, bit for bit, for many events at once.

    Examples
    --------
    >>> from novin_ml.estimators import HomeMonitor, MonitorStream
    >>> from novin_ml.simulation import simulate_behavior
    >>> log = simulate_behavior(weeks=3, random_state=1).assign(consent=True)
    >>> stream = MonitorStream(HomeMonitor(n_estimators=10, random_state=0).fit(log))
    >>> last = log["timestamp"].iloc[-1]
    >>> stream.advance(to=last + 6 * 3600)["kind"].unique().tolist()
    ['silence']
    """

    def __init__(self, monitor: HomeMonitor, *, timezone: str = "UTC") -> None:
        check_is_fitted(monitor)
        self._monitor = monitor
        self._behavior = monitor.features_.history(monitor.home_id_, timezone=timezone)
        self._activity = monitor.history_.copy()
        self._activity.timezone = timezone

    def update(self, event: Mapping[str, Any] | pd.Series) -> pd.DataFrame:
        """Score the ticks up to the home's next event, and the event.

        Parameters
        ----------
        event : mapping or Series
            An event as the SDK sends it, or a row of an event table.

        Returns
        -------
        rows : DataFrame of shape (n_rows, 8)
            As `HomeMonitor.score` returns them.

        Raises
        ------
        InvalidEventError
            If the event breaks a rule, is of another home, or goes back in time. The stream is then
            unchanged.
        """
        row = read_event(
            event, timezone=self._behavior.timezone, vocabulary=self._behavior.vocabulary
        )
        # Both histories check the event before one of them takes it.
        step, coded = self._activity.checked(row), self._behavior.checked(row)
        rows, behavior = self._activity.take(step), self._behavior.take(coded)
        has_row = bool(rows) and rows[-1].kind == "event"
        return self._table(rows, behavior[np.newaxis] if has_row else behavior[np.newaxis][:0])

    def advance(self, to: float) -> pd.DataFrame:
        """Move time on without an event, and score all ticks since.

        Parameters
        ----------
        to : float
            Seconds since 1970.

        Returns
        -------
        rows : DataFrame of shape (n_rows, 8)
            As `HomeMonitor.score` returns them.

        Raises
        ------
        InvalidEventError
            If `to` goes back in time, or is no number.
        """
        rows = self._activity.advance(to)
        n_columns = len(self._monitor.features_.feature_specs)
        return self._table(rows, np.empty((0, n_columns), dtype=np.float32))

    def _table(self, rows: list[ActivityRow], behavior: np.ndarray) -> pd.DataFrame:
        monitor = self._monitor
        by_kind = {kind: ActivityRows.of(rows, kind) for kind in COLUMNS}
        scores = monitor.scores_of(behavior, by_kind)
        return alarm_table(monitor.home_id_, monitor.budgets_, by_kind, scores)
