"""A global prior: the habits of homes that consented, and how rare their scores were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.exceptions import InvalidParametersError
from novin_ml.features.activity.habits import Habits, Key, n_numbers, sensor_roles, with_past
from novin_ml.features.activity.history import ActivityHistory
from novin_ml.features.activity.table import ActivityRows
from novin_ml.formats import FORMATS, newer
from novin_ml.plain import shown

__all__ = ["SCORES", "HabitPrior", "score_bins", "scores_of_rows"]

#: Scores that are counted: the kind of their rows, and their column.
SCORES = {
    "transition": ("event", 2),
    "sensor_hour": ("event", 3),
    "silence": ("silence", 0),
    "still on": ("still on", 0),
}
_BITS, _N_BINS = 0.25, 256
_FORMAT = FORMATS["prior of habits"]


@dataclass(frozen=True, eq=False)
class HabitPrior:
    """What homes that consented do on an average day: a past for a home that has none.

    It knows kinds and zones, no homes and no sensors. A history that begins with it has counts as
    if an average home with these sensors had been observed for `n_days`; what the home does itself
    is added to them, so that it outweighs them after as many days. Nothing else changes: a phone
    goes on from these counts as from any others.

    Attributes
    ----------
    habits : dict of tuple to ndarray
        Means over homes, by kind and zone; see `novin_ml.federated.learn_prior`.
    bins : dict of str to ndarray of shape (256,)
        For the scores ``"transition"``, ``"sensor_hour"``, ``"silence"`` and ``"still on"``: in how
        many units a day the highest score lies in each quarter of a bit, mean over homes. A unit is
        an hour, a silence or an activation.
    n_homes : int
        Number of homes.
    n_days : float, default=7
        How many days of the home's own outweigh it.

    Examples
    --------
    >>> from novin_ml.federated import learn_prior
    >>> from novin_ml.simulation import simulate_behavior
    >>> logs = simulate_behavior(12, weeks=2, ends=True, random_state=0)
    >>> homes = {home: log for home, log in logs.groupby("home_id") if log["consent"].all()}
    >>> prior = learn_prior(homes).prior
    >>> history = prior.history("new", logs[["type", "location", "kind", "zone"]])
    >>> history.update({"type": "motion", "timestamp": 1.7e9})[0].values[1] != 0
    True
    """

    habits: Habits
    bins: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    n_homes: int = 0
    n_days: float = 7.0

    def history(
        self,
        home_id: str,
        sensors: pd.DataFrame,
        *,
        tick_minutes: int = 60,
        door_tick_minutes: int = 15,
        timezone: str = "UTC",
    ) -> ActivityHistory:
        """Return a history that begins with the prior.

        Parameters
        ----------
        home_id : str
            Name of the home.
        sensors : DataFrame
            Its sensors: an event table, or a list with `type`, `location`, `kind` and `zone`.
        tick_minutes, door_tick_minutes : int, default=60, 15
            As of `ActivityHistory`.
        timezone : str, default="UTC"
            As of `ActivityHistory`.

        Returns
        -------
        history : ActivityHistory
            It has seen no event yet.
        """
        history = ActivityHistory(
            home_id,
            tick_minutes=tick_minutes,
            door_tick_minutes=door_tick_minutes,
            timezone=timezone,
        )
        return with_past(history, self.habits, self.n_days, sensor_roles(sensors))

    def rarer(self, score: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how many units a day have at least a score.

        Parameters
        ----------
        score : {"transition", "sensor_hour", "silence", "still on"}
            The score.

        Returns
        -------
        scores : ndarray of shape (256,)
            Lower ends of the bins, in bits, ascending.
        units : ndarray of shape (256,)
            Units a day whose highest score is at least that, mean over homes.
        """
        units = np.cumsum(self.bins[score][::-1])[::-1]
        return np.linspace(0, (_N_BINS - 1) * _BITS, _N_BINS), units

    def to_dict(self) -> dict[str, Any]:
        """Return the prior as JSON holds it.

        Returns
        -------
        document : dict
            For `from_dict`.
        """
        return {
            "format": _FORMAT,
            "n_homes": self.n_homes,
            "n_days": self.n_days,
            "habits": [[list(key), row.tolist()] for key, row in sorted(self.habits.items())],
            "bins": {name: self.bins[name].tolist() for name in SCORES if name in self.bins},
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned.

        Parameters
        ----------
        document : mapping
            Not trusted: it may come from a file.

        Returns
        -------
        prior : HabitPrior
            The same.

        Raises
        ------
        InvalidParametersError
            If it is no such document, or of a later format.
        """
        refusal = None
        try:
            refusal = newer("A prior of habits", "prior of habits", document["format"])
            if refusal or document["format"] != _FORMAT:
                raise ValueError(f"format {document['format']}")
            habits = {
                tuple(map(str, key)): np.array(row, dtype=np.float64)
                for key, row in document["habits"]
            }
            bins = {
                name: np.array(document["bins"][name], dtype=np.float64)
                for name in SCORES
                if name in document["bins"]
            }
            prior = cls(habits, bins, int(document["n_homes"]), float(document["n_days"]))
            check_habits(habits)
            check_bins(bins)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise InvalidParametersError(
                refusal
                or "A prior of habits must be what HabitPrior.to_dict wrote, format 1. Got "
                f"{shown(error)}. Make it again with learn_prior."
            ) from None
        return prior

    def to_json(self) -> str:
        """Return the prior as a text for a file.

        Returns
        -------
        text : str
            One line of JSON.
        """
        return json.dumps(self.to_dict()) + "\n"


def read_prior(path: Path) -> HabitPrior:
    """Read the file of a prior; InvalidParametersError if it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise InvalidParametersError(
            f"{path} must be a prior of habits, as federated prior writes one. Got no JSON."
        ) from None
    return HabitPrior.from_dict(document)


def check_habits(habits: Mapping[Key, NDArray[np.float64]]) -> None:
    """Raise ValueError unless these can be the habits of homes."""
    for key, row in habits.items():
        size = n_numbers(key)
        if not size or row.shape != (size,):
            raise ValueError(f"an array of shape {row.shape} for {key!r}")
        if not np.isfinite(row).all() or (key[0] != "means" and row.min() < 0):
            raise ValueError(f"numbers for {key!r} that are negative or not finite")


def check_bins(bins: Mapping[str, NDArray[np.float64]]) -> None:
    """Raise ValueError unless these can be counts of scores."""
    for name, row in bins.items():
        if name not in SCORES or row.shape != (_N_BINS,):
            raise ValueError(f"an array of shape {row.shape} for {name!r}")
        if not np.isfinite(row).all() or row.min() < 0:
            raise ValueError(f"counts of {name!r} that are negative or not finite")


def scores_of_rows(rows: Mapping[str, ActivityRows], score: str) -> NDArray[np.float64]:
    """Return the highest score of each unit, ascending.

    Parameters
    ----------
    rows : dict of str to ActivityRows
        From `activity_rows`.
    score : str
        One of `SCORES`.

    Returns
    -------
    highest : ndarray of shape (n_units,), float64
        In bits.
    """
    kind, column = SCORES[score]
    of_kind = rows[kind]
    highest = pd.Series(of_kind.values[:, column].astype(np.float64)).groupby(of_kind.unit).max()
    return np.sort(highest.to_numpy())


def score_bins(highest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many scores are in each quarter of a bit; the last has all that are higher."""
    places = np.clip(np.floor(highest / _BITS), 0, _N_BINS - 1).astype(np.intp)
    return np.bincount(places, minlength=_N_BINS).astype(np.float64)
