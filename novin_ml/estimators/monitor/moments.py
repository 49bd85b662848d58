"""Rows of a monitor with what was known at them: the numbers behind its alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.alarm_budget import KindBudget
from novin_ml.estimators.monitor.rows import KINDS
from novin_ml.features.activity.facts import Facts
from novin_ml.plain import plural

__all__ = ["Moment", "positions_in_kind", "strongest_rows"]


@dataclass(frozen=True)
class Moment:
    """A row of a monitor, with what was known at it.

    Attributes
    ----------
    row : int
        Its number in what `HomeMonitor.score` returns for the same events.
    home_id : str
        The home.
    kind : {"event", "silence", "still on"}
        What the row is about.
    place : int
        Its number among the rows of its kind.
    time : float
        Seconds since 1970.
    sensor : str
        The sensor; empty for a silence.
    score : float
        In bits; higher is more unusual.
    alarm, unproven : bool
        Whether it is an alarm, and whether nothing proves yet how often such alarms come.
    facts : EventFacts, SilenceFacts or StillOnFacts
        What was known.
    features : ndarray of shape (1, 19), float32, or None
        The columns of the forest, for an event.
    by_forest : bool
        Whether the score of an event is that of the forest. Otherwise it is that of transitions.

    See Also
    --------
    novin_ml.evaluation.explain : The parts of the score, in words.

    Examples
    --------
    >>> from novin_ml.estimators import HomeMonitor
    >>> from novin_ml.simulation import simulate_behavior
    >>> log = simulate_behavior(weeks=4, ends=True, random_state=1).assign(consent=True)
    >>> late = log["timestamp"] >= log["timestamp"].iloc[0] + 21 * 86_400
    >>> monitor = HomeMonitor(n_estimators=10, random_state=0).fit(log[~late])
    >>> away = monitor.history_.longest_silence / 1000 + log[~late]["timestamp"].iloc[-1] + 86_400
    >>> [moment] = monitor.moments(log[log["timestamp"] > away], n_rows=1)
    >>> moment.kind, moment.facts.length > moment.facts.longest
    ('silence', True)
    """

    row: int
    home_id: str
    kind: str
    place: int
    time: float
    sensor: str
    score: float
    alarm: bool
    unproven: bool
    facts: Facts
    features: NDArray[np.float32] | None = None
    by_forest: bool = False


def strongest_rows(
    table: pd.DataFrame,
    budgets: Mapping[str, KindBudget],
    n_rows: int,
    among: NDArray[np.bool_] | None = None,
) -> list[int]:
    """Return the numbers of the most unusual rows, one for each alarm there may be.

    Parameters
    ----------
    table : DataFrame
        From `HomeMonitor.score`.
    budgets : dict of str to KindBudget
        Those of the monitor.
    n_rows : int
        Most rows.
    among : ndarray of shape (n_rows,), bool, default=None
        Rows that may be chosen; None is all.

    Returns
    -------
    rows : list of int
        The highest row of each clock hour of events, silence and activation, by how far it exceeds
        the threshold of its kind; while there is none, by its score.
    """
    score = table["score"].to_numpy(dtype=np.float64)
    threshold = table["kind"].map({kind: each.threshold for kind, each in budgets.items()})
    above = score - np.nan_to_num(threshold.to_numpy(dtype=np.float64), posinf=0.0)
    chosen = np.arange(len(table)) if among is None else np.flatnonzero(among)
    chosen = chosen[np.argsort(-above[chosen], kind="stable")]
    of_unit = table.iloc[chosen][["kind", "unit"]]
    first: list[int] = chosen[~of_unit.duplicated().to_numpy()][:n_rows].tolist()
    return first


def positions_in_kind(table: pd.DataFrame, rows: Sequence[int]) -> list[tuple[str, int]]:
    """Return kind and position in the rows of that kind, of rows by their numbers.

    Raises
    ------
    ValueError
        If there is no such row.
    """
    last = len(table) - 1
    wrong = [row for row in rows if not 0 <= row <= last]
    if wrong:
        raise ValueError(
            f"The row must be one of the {plural(len(table), 'row')} of these events, counted "
            f"from 0. Got {wrong[0]}. score writes them."
        )
    kinds = table["kind"].to_numpy()
    before = {kind: np.cumsum(kinds == kind) for kind in KINDS}
    return [(kinds[row], int(before[kinds[row]][row]) - 1) for row in rows]
