"""Batches of homes for the workers, and the events that are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from novin_ml.estimators.home_models import home_features, takes_events
from novin_ml.events.tables.check import checked_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import is_table
from novin_ml.lifecycle.fleet._homes import columns_of, rows_of, split_homes, times_of
from novin_ml.lifecycle.fleet._work import Home

#: Number of homes in a task, and bytes above which it has fewer: dask warns of tasks of 10 MB.
_BATCH_HOMES = 8
_BATCH_BYTES = 4_000_000
#: Column in which the features of a pipeline expect the home.
_HOME = "home_id"
_TIME = "timestamp"


@dataclass
class LeftOut:
    """Events that go to no worker, counted while the tables are split by home.

    Attributes
    ----------
    without_consent : list of str
        Homes of which no event has consent.
    partly : set of str
        Homes of which some events have none.
    n_events_without_consent, n_events_without_home : int
        Events that are left out.
    """

    without_consent: list[str] = field(default_factory=list)
    partly: set[str] = field(default_factory=set)
    n_events_without_consent: int = 0
    n_events_without_home: int = 0


@dataclass
class Batches:
    """Iterate over the homes of all tables in batches. Iteration touches no file.

    joblib takes the batches in another thread, where an error would be lost: it is kept.

    Attributes
    ----------
    events : DataFrame or iterable of DataFrames
    by : str
        Column of the home ids.
    estimator : BehaviorAnomalyDetector, HomeMonitor or Pipeline
    left_out : LeftOut
        Complete once all batches were taken.
    error : Exception or None
        The error that ended the iteration early.
    """

    events: Any
    by: str
    estimator: Any
    left_out: LeftOut = field(default_factory=LeftOut)
    error: Exception | None = None
    seen: set[str] = field(default_factory=set, repr=False)

    def __iter__(self) -> Iterator[list[Home]]:
        batch: list[Home] = []
        size = 0
        try:
            for home in self._homes():
                n_bytes = int(home.rows.memory_usage(index=False).sum())
                if batch and (len(batch) == _BATCH_HOMES or size + n_bytes > _BATCH_BYTES):
                    yield batch
                    batch, size = [], 0
                batch.append(home)
                size += n_bytes
        except Exception as error:
            self.error = error
        if batch:
            yield batch

    def _homes(self) -> Iterator[Home]:
        one = isinstance(self.events, pd.DataFrame) or is_table(self.events)
        tables = [self.events] if one else self.events
        homes_of = self._homes_of_events if takes_events(self.estimator) else self._homes_of_table
        for table in tables:
            yield from homes_of(table)

    def _homes_of_events(self, table: Any) -> Iterator[Home]:
        """Yield the homes of an event table, each checked alone: an error affects only its home."""
        if self.by != _HOME and isinstance(table, pd.DataFrame):
            table = table.drop(columns=_HOME, errors="ignore")  # it means something else
        fault: InvalidEventError | None = None
        if isinstance(table, pd.DataFrame) and self.by in table.columns:
            try:
                table = _home_first(table, _checked_table(table))
            except InvalidEventError as error:
                fault = error
        n_good = 0
        for home in self._homes_of_table(table, are_numbers=fault is None):
            checked = home if fault is None else _checked(home)
            n_good += not checked.fault
            yield checked
        if fault is not None and not n_good:
            raise fault

    def _homes_of_table(self, table: Any, *, are_numbers: bool = True) -> Iterator[Home]:
        of_events = takes_events(self.estimator)
        split = split_homes(table, self.by, needs_consent=of_events)
        columns = columns_of(self.estimator, table, self.by, are_numbers=are_numbers)
        self.left_out.n_events_without_consent += split.n_without_consent
        self.left_out.n_events_without_home += split.n_without_home
        for place, name in enumerate(split.names):
            if name in self.seen:
                raise InvalidEventError(
                    "The events of a home must all be in one table. "
                    f"Got more of {name!r} in another. Put them together."
                )
            self.seen.add(name)
            rows = rows_of(split, place, columns, events=of_events)
            if not len(rows):
                self.left_out.without_consent.append(name)
                continue
            if len(rows) < split.n_events[place]:
                self.left_out.partly.add(name)
            if of_events and (self.by != _HOME or not isinstance(rows[_HOME].iloc[0], str)):
                rows = _of_home(rows, name, self.by, home_features(self.estimator))
            yield Home(name, rows, times_of(split, place) if are_numbers else None)


def _checked_table(table: pd.DataFrame) -> pd.DataFrame:
    return checked_events(table, (_TIME,), "fit_fleet", reads_offset=True)


def _home_first(table: pd.DataFrame, checked: pd.DataFrame) -> pd.DataFrame:
    """Move a numeric home column to where `_of_home` puts it: the hash of a file depends on it."""
    if _HOME not in table.columns or not pd.api.types.is_numeric_dtype(table[_HOME]):
        return checked
    return checked[[_HOME, *(name for name in checked.columns if name != _HOME)]]


def _checked(home: Home) -> Home:
    """Check the events of one home, of a table in which some are wrong."""
    try:
        rows = _checked_table(home.rows)
    except InvalidEventError as error:
        return home._replace(fault=str(error))
    return home._replace(rows=rows, times=rows[_TIME].to_numpy())


def _of_home(rows: pd.DataFrame, name: str, by: str, features: Any) -> pd.DataFrame:
    """Return events with the name of the home in `home_id`, whichever column it came from."""
    unused = {_HOME, by} - ({by} & set(getattr(features, "inputs", rows.columns)) - {_HOME})
    rows = rows.drop(columns=list(unused), errors="ignore")
    rows.insert(0, _HOME, pd.Series([name] * len(rows), index=rows.index, dtype=object))
    return rows
