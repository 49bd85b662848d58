"""The homes of all tables in batches for the workers, and what is left out on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import is_table
from novin_ml.lifecycle.fleet._homes import columns_of, rows_of, split_homes, times_of
from novin_ml.lifecycle.fleet._work import Home

#: A task is so many homes, or fewer if they are this large: dask warns of tasks of 10 MB.
_BATCH_HOMES = 8
_BATCH_BYTES = 4_000_000
#: Where the features of a pipeline look for the home.
_HOME = "home_id"


@dataclass
class LeftOut:
    """What of the tables goes to no worker, counted while the homes are told apart.

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
    """The homes of all tables, some at a time. Iterating touches no file.

    joblib takes batches in a thread of its own, where an error would never be seen: it is kept.

    Attributes
    ----------
    events : DataFrame or iterable of DataFrames
    by : str
        Column of the home ids.
    estimator : BehaviorAnomalyDetector or Pipeline
    left_out : LeftOut
        Complete once all batches were taken.
    error : Exception or None
        What ended the homes too early.
    """

    events: Any
    by: str
    estimator: Any
    left_out: LeftOut = field(default_factory=LeftOut)
    error: Exception | None = None

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
        is_pipeline = isinstance(self.estimator, Pipeline)
        one = isinstance(self.events, pd.DataFrame) or is_table(self.events)
        tables = [self.events] if one else self.events
        seen: set[str] = set()
        for table in tables:
            split = split_homes(table, self.by, needs_consent=is_pipeline)
            columns = columns_of(self.estimator, table, self.by)
            self.left_out.n_events_without_consent += split.n_without_consent
            self.left_out.n_events_without_home += split.n_without_home
            for place, name in enumerate(split.names):
                if name in seen:
                    raise InvalidEventError(
                        "The events of a home must all be in one table. "
                        f"Got more of {name!r} in another. Put them together."
                    )
                seen.add(name)
                rows = rows_of(split, place, columns, events=is_pipeline)
                if not len(rows):
                    self.left_out.without_consent.append(name)
                    continue
                if len(rows) < split.n_events[place]:
                    self.left_out.partly.add(name)
                if is_pipeline and (self.by != _HOME or not isinstance(rows[_HOME].iloc[0], str)):
                    rows = _of_home(rows, name, self.by, self.estimator[0])
                yield Home(name, rows, times_of(split, place))


def _of_home(rows: pd.DataFrame, name: str, by: str, features: Any) -> pd.DataFrame:
    """Return events whose `home_id` is a home's name, which they had in another column or form."""
    unused = {_HOME, by} - ({by} & set(getattr(features, "inputs", rows.columns)) - {_HOME})
    rows = rows.drop(columns=list(unused), errors="ignore")
    rows.insert(0, _HOME, pd.Series([name] * len(rows), index=rows.index, dtype=object))
    return rows
