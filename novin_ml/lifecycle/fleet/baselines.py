"""Load, save and apply the baseline of one home, alone or in a fleet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from novin_ml.estimators.home_models import home_features, state_of
from novin_ml.events.tables.check import checked_events
from novin_ml.exceptions import HomeMismatchError, SavedModelError
from novin_ml.lifecycle.fleet._files import HomeRecord, home_files, read_record, write_home
from novin_ml.lifecycle.fleet.models import is_fleet, load_fleet
from novin_ml.lifecycle.saving.estimators import SUFFIX, save_estimator
from novin_ml.plain import plural

__all__ = ["events_of_home", "first_homes", "load_home", "save_baseline"]

_HOME = "home_id"
_SHOWN = 5  # homes that a message names


def load_home(folder: str | Path, home: str | None) -> Any:
    """Load the baseline of one home of a fleet.

    Parameters
    ----------
    folder : str or Path
        Folder that `fit_fleet` wrote.
    home : str or None
        The home; None is refused.

    Returns
    -------
    estimator : BehaviorAnomalyDetector, HomeMonitor or Pipeline
        Answers bit for bit as it did when it was fitted.

    Raises
    ------
    HomeMismatchError
        If no home is named, or the home has no baseline.
    SavedModelError
        If there is no such folder, or the home's file is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.lifecycle import fit_fleet, load_home
    >>> from novin_ml.simulation import simulate_behavior
    >>> events = simulate_behavior(1, weeks=1, random_state=1).assign(consent=True)
    >>> folder = tempfile.mkdtemp()
    >>> report = fit_fleet(events, out=folder, random_state=0)
    >>> load_home(folder, "home_0001")[-1].state_
    'learning'
    """
    fleet = load_fleet(folder)
    if home is None:
        raise HomeMismatchError(
            f"{folder} holds the baselines of {plural(len(home_files(fleet.folder)), 'home')}, "
            "and one must be named. Got none.",
            f"Name it with 'home', or load one of its {SUFFIX} files.",
        )
    if home not in fleet:
        raise HomeMismatchError(
            f"The 'home' parameter must be a home with a baseline in {folder}. Got {home!r}. "
            f"There are {first_homes(fleet)}."
        )
    return fleet[home]


def save_baseline(pipeline: Any, path: str | Path, home: str | None = None) -> Path:
    """Save a baseline in its place, in a fleet or alone.

    A file of a fleet stays part of the fleet. The next `fit_fleet` fits the home again, because
    the file differs from what it would write.

    Parameters
    ----------
    pipeline : Pipeline, HomeMonitor or BehaviorAnomalyDetector
        Fitted baseline of the home.
    path : str or Path
        Folder of a fleet, one of its files, or a path for `save_estimator`.
    home : str or None, default=None
        The home, if `path` is the folder of a fleet.

    Returns
    -------
    path : Path
        The file or folder that was written.

    Raises
    ------
    HomeMismatchError
        If `path` is the folder of a fleet and `home` is None.
    SavedModelError
        As `save_estimator`.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.lifecycle import fit_fleet, load_home, save_baseline
    >>> from novin_ml.simulation import simulate_behavior
    >>> events = simulate_behavior(1, weeks=1, random_state=1).assign(consent=True)
    >>> folder = tempfile.mkdtemp()
    >>> report = fit_fleet(events, out=folder, random_state=0)
    >>> baseline = load_home(folder, "home_0001")
    >>> _ = baseline[-1].set_alarms_per_week(2.0)
    >>> path = save_baseline(baseline, folder, "home_0001")
    >>> load_home(folder, "home_0001")[-1].alarms_per_week
    2.0
    """
    path = Path(path)
    if is_fleet(path):
        if home is None:
            raise HomeMismatchError(
                f"{path} holds the baselines of many homes, and one must be named. Got none.",
                "Name it with 'home'.",
            )
        path = load_fleet(path).path_of(home)
    if path.suffix != SUFFIX:
        return save_estimator(pipeline, path)
    try:
        record = read_record(path)
    except SavedModelError:  # a file of one baseline alone, or none yet
        return save_estimator(pipeline, path)
    write_home(path, pipeline, HomeRecord(record.home_id, "", state_of(pipeline)))
    return path


def events_of_home(pipeline: Any, events: pd.DataFrame, home: str | None = None) -> pd.DataFrame:
    """Return the events that a baseline can score.

    Scores of events of another home would mean nothing, because history and threshold belong to
    the home of the baseline.

    Parameters
    ----------
    pipeline : Pipeline or HomeMonitor
        A fitted baseline behind its features, or a monitor.
    events : DataFrame
        The event table, of one home or of many.
    home : str or None, default=None
        Keep the events of this home. None demands that all are of the baseline's home.

    Returns
    -------
    events : DataFrame
        With their index.

    Raises
    ------
    HomeMismatchError
        If the home is not the baseline's, or events of another home are left, or none.

    Examples
    --------
    >>> from novin_ml.lifecycle import events_of_home, train_baseline
    >>> from novin_ml.simulation import simulate_behavior
    >>> events = simulate_behavior(2, weeks=1, random_state=1).assign(consent=True)
    >>> first = events[events["home_id"] == "home_0001"]
    >>> baseline = train_baseline(first, random_state=0).pipeline
    >>> len(events_of_home(baseline, events, "home_0001")) == len(first)
    True
    """
    events = checked_events(events, (_HOME,), "events_of_home")
    known = getattr(home_features(pipeline), "homes_", None)
    if known is None:  # features that were not fitted tell no home
        known = events[_HOME].unique()
    if home is not None:
        if home not in known:
            raise HomeMismatchError(
                f"The 'home' parameter must be the baseline's, {first_homes(known)}. Got {home!r}."
            )
        events = events[events[_HOME] == home]
    others = [name for name in events[_HOME].unique() if name not in known]
    if others or not len(events):
        raise HomeMismatchError(
            f"The events must be of the baseline's home, {first_homes(known)}. "
            f"Got {'events of ' + first_homes(others) if others else 'none of it'}.",
            "Pass the events of its home alone, or name it with 'home'.",
        )
    return events


def first_homes(homes: Iterable[Any]) -> str:
    """Return the first homes, and the number of the others, in words.

    Parameters
    ----------
    homes : iterable of str
        Their ids.

    Returns
    -------
    words : str
        Up to five ids, and how many more there are.
    """
    homes = list(homes)
    text = ", ".join(map(repr, homes[:_SHOWN]))
    return text + (f" and {len(homes) - _SHOWN:,} more" if len(homes) > _SHOWN else "")
