"""Whether a model was trained on the rows, or the homes, that it is measured on."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom
from sklearn.pipeline import Pipeline

from novin_ml.estimators.home_models import home_features
from novin_ml.estimators.steps import steps_of
from novin_ml.evaluation._labels import check_lengths
from novin_ml.events.chains.table import Chains
from novin_ml.events.fields import UNKNOWN_HOME
from novin_ml.events.tables.check import checked_rows
from novin_ml.events.training_record import (
    EVENTS,
    FEATURES,
    Keys,
    TrainingRecord,
    event_keys,
    feature_keys,
    homes_and_times,
)
from novin_ml.exceptions import TrainingDataWarning
from novin_ml.plain import plain, plural

# More rows are found by chance so rarely.
_CHANCE = 0.001
# Of these modules are the frames between a warning and whoever called the library.
_INSIDE = {"novin_ml", "sklearn", "contextlib"}


@dataclass(frozen=True)
class SeenInTraining:
    """How many of some rows, and of their homes, a model was trained on.

    Attributes
    ----------
    known : bool
        Whether the model keeps a record of its training that these rows can be looked up in.
    n_rows, n_rows_asked, n_rows_seen : int
        Numbers of rows, of rows that the record can look up, and of rows that it finds among those
        of the training.
    false_positive_rate : float
        Share of rows that were not trained on and are found all the same: by the filter and, if
        rows are known by their numbers alone, because tables repeat them.
    rows_flatter : bool
        Whether so many rows are seen by chance with a probability below 0.001.
    n_homes, n_homes_asked, n_homes_seen : int
        The same of the homes that have a name; 0 if homes are not known.
    """

    known: bool
    n_rows: int
    n_rows_asked: int = 0
    n_rows_seen: int = 0
    false_positive_rate: float = 0.0
    rows_flatter: bool = False
    n_homes: int = 0
    n_homes_asked: int = 0
    n_homes_seen: int = 0

    @property
    def flatters(self) -> bool:
        """Whether rows or homes of the training are among these."""
        return self.rows_flatter or self.n_homes_seen > 0

    @property
    def sentence(self) -> str:
        """What is known, in a sentence."""
        if not self.known:
            return (
                "Whether the model was trained on these rows is not known: it has no record of its "
                "training."
            )
        seen = self.n_rows_seen if self.rows_flatter else 0
        among = _of(seen, self.n_rows, self.n_rows_asked, "row")
        if self.n_homes_asked:
            homes = _of(self.n_homes_seen, self.n_homes, self.n_homes_asked, "home")
            among = f"{among} and on {homes}"
        flatter = ", which flatter it" if self.flatters else ""
        return f"The model was trained on {among} here{flatter}."

    @property
    def remedy(self) -> str:
        """What to do if they flatter, in a sentence."""
        if self.n_homes_asked:
            return "Measure it on other homes: see novin_ml.evaluation.split_by_home."
        return "Leave them out."

    def to_document(self) -> dict[str, Any]:
        """Return the numbers, `flatters` and `sentence` as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            The attributes, and what follows from them.
        """
        document: dict[str, Any] = plain(
            vars(self) | {"flatters": self.flatters, "sentence": self.sentence}
        )
        return document


def seen_in_training(
    model: Any, rows: Any, *, features: ArrayLike | None = None, homes: ArrayLike | None = None
) -> SeenInTraining:
    """Count the rows, and the homes, that a model was trained on.

    Parameters
    ----------
    model : Pipeline, classifier, detector or monitor
        Fitted. Others than those of novin_ml keep no record.
    rows : DataFrame, Chains or array-like of shape (n_rows, n_features)
        Events, chains, or features of which the model is to be measured.
    features : array-like of shape (n_rows, n_features) or None, default=None
        Features of the rows, if the model is a classifier without its pipeline.
    homes : array-like of shape (n_rows,) or None, default=None
        Homes of the rows, where these do not name them.

    Returns
    -------
    seen : SeenInTraining
        The counts; ``seen.flatters`` says whether any are of the training.

    Notes
    -----
    A pipeline knows rows by their home and time, a classifier alone by their numbers in float32.
    Homes are known by their names, which must be of one kind in all files; homes without a name are
    not counted. A classifier alone knows the homes only if its ``groups`` were texts. The baseline
    of a home knows the events that it remembers: these may be of its home.

    Rows are looked up in a Bloom filter of at most 65,536 bytes, which takes other rows for rows of
    the training with a chance below 0.01 % up to 26,000 rows, and of 0.8 % from 52,428 on.
    Of more rows than that a share is kept, and asked for. Homes are kept as hashes of 8 bytes, at
    most a million.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import seen_in_training, split_by_home
    >>> from novin_ml.features import training_rows
    >>> from novin_ml.simulation import simulate_deliveries
    >>> train, test = split_by_home(simulate_deliveries(1000, random_state=0), 0.3, 0)
    >>> rows, _ = training_rows(train)
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> seen_in_training(model, test).flatters
    False
    >>> print(seen_in_training(model, rows[:100]).sentence)
    The model was trained on 100 of the 100 rows and on ... which flatter it.
    """
    rows = checked_rows(rows, "seen_in_training")
    n_rows = len(rows) if features is None else len(np.asarray(features))
    if hasattr(home_features(model), "homes_"):
        n_seen = home_features(model).count_remembered(rows)
        return SeenInTraining(True, n_rows, n_rows, n_seen, 0.0, n_seen > 0)
    record, keys = _looked_up(model, rows, features)
    if record is None or keys is None:
        return SeenInTraining(False, n_rows)
    asked, seen = record.has_rows(keys)
    chance = _chance(record)
    n_asked, n_seen = (len(np.unique(keys[mask])) for mask in (asked, seen))
    names = _homes_of(rows, homes)
    asked_homes, seen_homes = (
        record.has_homes(names)
        if names is not None and record.n_homes
        else (np.zeros(0, bool),) * 2
    )
    return SeenInTraining(
        known=True,
        n_rows=n_rows,
        n_rows_asked=int(asked.sum()),
        n_rows_seen=int(seen.sum()),
        false_positive_rate=chance,
        rows_flatter=bool(n_seen and binom.sf(n_seen - 1, n_asked, chance) < _CHANCE),
        n_homes=len(asked_homes),
        n_homes_asked=int(asked_homes.sum()),
        n_homes_seen=int(seen_homes.sum()),
    )


def warn_of_training_data(
    model: Any,
    rows: Any,
    *,
    features: ArrayLike | None = None,
    homes: ArrayLike | None = None,
) -> SeenInTraining:
    """Count as `seen_in_training` does, and warn where the library was called if rows flatter."""
    seen = seen_in_training(model, rows, features=features, homes=homes)
    if seen.flatters:
        warnings.warn(f"{seen.sentence} {seen.remedy}", TrainingDataWarning, stacklevel=_outside())
    return seen


def rows_of_new_homes(model: Any, rows: Any) -> NDArray[np.bool_]:
    """Tell which rows are of homes that a model was not trained on.

    Parameters
    ----------
    model : Pipeline, classifier or detector
        Fitted.
    rows : DataFrame, Chains or ChannelSignals
        Rows with `home_id`.

    Returns
    -------
    new : ndarray of shape (n_rows,), bool
        True for the rows of other homes. All are False if the model keeps no record of its homes:
        then nobody can tell.

    Examples
    --------
    >>> from novin_ml.evaluation import rows_of_new_homes
    >>> from novin_ml.lifecycle import train
    >>> from novin_ml.simulation import simulate_deliveries
    >>> events = simulate_deliveries(1000, random_state=0)
    >>> result = train("delivery", events, epochs=2)
    >>> sorted(set(events["home_id"][rows_of_new_homes(result.pipeline, events)]))
    ['home_0003', 'home_0009']
    """
    rows = checked_rows(rows, "rows_of_new_homes", need=("home_id",))
    record = next((each for each in _records(model) if each.n_homes), None)
    homes = np.asarray(rows["home_id"], dtype=object)
    if record is None:
        return np.zeros(len(homes), dtype=bool)
    names = sorted({str(name) for name in homes if not pd.isna(name)} - {UNKNOWN_HOME})
    asked, seen = record.has_homes(names)
    new = {name for name, is_new in zip(names, asked & ~seen, strict=True) if is_new}
    return np.array([str(home) in new for home in homes], dtype=bool)


def homes_trained_on(model: Any) -> int | None:
    """Return how many homes with a name a model was trained on; None if it is not known."""
    if hasattr(home_features(model), "homes_"):
        return len(home_features(model).homes_)
    for record in _records(model):
        if record.n_homes:
            return record.n_homes
    return None


def _records(model: Any) -> list[TrainingRecord]:
    """Return the records of a model; that of events is before that of features."""
    records = [getattr(step, "training_record_", None) for step in steps_of(model)]
    return [record for record in records if record is not None]


def _outside() -> int:
    """Return the stack level, for the caller's warning, of the first frame outside the library."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in _INSIDE:
        frame, level = frame.f_back, level + 1
    return level


def _looked_up(
    model: Any, rows: Any, features: ArrayLike | None
) -> tuple[TrainingRecord | None, Keys | None]:
    """Return a record of the model and the keys of the rows in it, or None."""
    of_kind = {record.identity: record for record in _records(model)}
    found = homes_and_times(rows)
    if EVENTS in of_kind and found is not None:
        return of_kind[EVENTS], event_keys(*found)
    if FEATURES not in of_kind:
        return None, None
    if features is None:
        is_alone = not isinstance(model, Pipeline)
        if is_alone and isinstance(rows, Chains):
            return None, None
        features = rows if is_alone else model[:-1].transform(rows)
    keys = feature_keys(features)
    if isinstance(rows, (pd.DataFrame, Chains)):
        check_lengths(rows=np.arange(len(rows)), features=keys)
    return of_kind[FEATURES], keys


def _homes_of(rows: Any, homes: ArrayLike | None) -> ArrayLike | None:
    return rows["home_id"] if "home_id" in getattr(rows, "columns", ()) else homes


def _chance(record: TrainingRecord) -> float:
    """Return the chance that a row which was not trained on is found.

    Tables of numbers repeat rows. A new row repeats one with about the share of the rows that were
    there more than once (I. J. Good, "The population frequencies of species and the estimation of
    population parameters", Biometrika 40, 1953).
    """
    by_filter = record.false_positive_rate
    if record.identity == EVENTS:
        return by_filter
    repeats = (record.n_rows - record.n_once + 1) / (record.n_rows + 1)
    return by_filter + (1 - by_filter) * repeats


def _of(n_seen: int, n: int, n_asked: int, what: str) -> str:
    some = f"{n_seen:,}" if n_seen else "none"
    told = "" if n_asked == n else f" (it can tell of {n_asked:,})"
    return f"{some} of the {plural(n, what)}{told}"
