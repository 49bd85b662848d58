"""One baseline per home, for thousands of homes: fitted in parallel, one small file each."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from novin_ml.estimators.behavior import BehaviorAnomalyDetector, make_behavior_pipeline
from novin_ml.exceptions import InvalidEventError
from novin_ml.lifecycle.fleet._files import home_files, home_path, remove_half_written
from novin_ml.lifecycle.fleet._homes import columns_of, rows_of, split_homes, times_of
from novin_ml.lifecycle.fleet._work import Home, Outcome, Plan, fit_homes, settings_hash
from novin_ml.lifecycle.saving._transformers import FEATURES

#: A task is so many homes, or fewer if they are this large: dask warns of tasks of 10 MB.
_BATCH_HOMES = 8
_BATCH_BYTES = 4_000_000
#: Where the features of a pipeline look for the home.
_HOME = "home_id"


@dataclass(frozen=True)
class FleetReport:
    """What became of the homes of a fleet.

    Attributes
    ----------
    fitted : tuple of str
        Homes that were fitted in this run.
    skipped : tuple of str
        Homes whose file was there, whole, and of the same rows, parameters and seed.
    failed : dict of str to str
        Homes that could not be fitted, each with the reason. A file of an earlier run stays, unless
        some of the home's events are without consent.
    without_consent : tuple of str
        Homes none of whose events has consent: they are not fitted.
    removed : tuple of str
        Homes of the two kinds above whose file of an earlier run was deleted: it remembers events
        that may have no consent any more.
    n_replaced : int
        Fitted homes whose file was there, damaged or of other rows, parameters or seed.
    n_learning, n_ready : int
        Fitted and skipped homes by the `state_` of their baseline.
    n_events_without_consent : int
        Events left out because their consent is not true.
    n_events_without_home : int
        Events left out because their home is not known.
    n_bytes : int
        Size of the files of fitted and skipped homes.
    seconds : float
        Wall time.
    stage_seconds : dict of str to float
        Seconds of the workers, summed over the homes: "check" (is it done?), "fit" and "write".
    """

    fitted: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: dict[str, str]
    without_consent: tuple[str, ...]
    removed: tuple[str, ...]
    n_replaced: int
    n_learning: int
    n_ready: int
    n_events_without_consent: int
    n_events_without_home: int
    n_bytes: int
    seconds: float
    stage_seconds: dict[str, float]

    def __str__(self) -> str:
        homes = (self.fitted, self.skipped, self.failed, self.without_consent)
        return (
            f"{sum(map(len, homes)):,} homes: {len(self.fitted):,} fitted, "
            f"{len(self.skipped):,} done before, {len(self.failed):,} failed, "
            f"{len(self.without_consent):,} without consent; {len(self.removed):,} files removed; "
            f"{self.n_ready:,} ready, {self.n_learning:,} learning; "
            f"{self.n_events_without_consent:,} events without consent, "
            f"{self.n_events_without_home:,} without home; {self.seconds:.1f} s"
        )


def fit_fleet(
    events: pd.DataFrame | Iterable[pd.DataFrame],
    by: str = "home_id",
    *,
    out: str | Path,
    estimator: BehaviorAnomalyDetector | Pipeline | None = None,
    n_jobs: int | None = None,
    random_state: Any = None,
) -> FleetReport:
    """Fit a baseline of each home and write each to a file of its own.

    The homes are fitted by joblib: in processes of this machine with `n_jobs`, or by a cluster
    under ``joblib.parallel_config("dask")``.

    Parameters
    ----------
    events : DataFrame, or iterable of DataFrames
        The event table of many homes, or for a bare detector a feature table: every column but
        `by`, "timestamp" and "consent" is a feature. Of several tables, which need not fit into
        memory together, each has all events of its homes.
    by : str, default="home_id"
        Column of the home ids, text or whole numbers. To the features of a pipeline it is the
        column `home_id`, as text.
    out : str or Path
        Folder of the files; created. Every worker must reach it by this path.
    estimator : BehaviorAnomalyDetector or Pipeline, default=None
        Cloned for each home. None is ``make_behavior_pipeline()``, from events. A bare detector is
        fitted on a feature table, with the column "timestamp" as its `timestamps`; without that
        column a home keeps learning.
    n_jobs : int, default=None
        Processes; None is 1, or what ``joblib.parallel_config`` says. A dask cluster uses all its
        workers.
    random_state : int, RandomState instance or None, default=None
        What the seeds of the homes come from. A home's seed depends on this and on its id alone,
        so its model does not depend on the other homes, their order or the workers. With None a
        run is not repeatable, and files that are there are kept whatever their seed.

    Returns
    -------
    report : FleetReport

    Raises
    ------
    InvalidEventError
        If a table lacks a column, a home is in two tables, or an event table has no `consent`. What
        is wrong with one home alone is in the report instead.
    ValueError
        If a parameter is wrong.

    See Also
    --------
    load_fleet : Opens the files.

    Notes
    -----
    Only events whose consent is true are used; a feature table without a column "consent" is used
    as a whole. Events of an unknown home are left out. A file remembers the events that it was
    fitted on: of a home that withdraws its consent, that is whose events are there and none
    consents, an earlier file is deleted. A home without any event in `events` keeps its file:
    delete what is not to be served any longer.

    Files are written in one step, and a run that was interrupted goes on when it is repeated: a
    home whose file is whole and of the same rows, parameters, seed and version of novin_ml is
    skipped, any other is fitted again and its file replaced. Only one run at a time may write to a
    folder.

    When a worker is killed, dask gives its homes to another one. joblib's own processes cannot do
    that: the run ends with an error, the files written so far stay, and a repeated run fits the
    rest. Homes that kill every worker, for want of memory, make joblib wait for dask without end.

    Examples
    --------
    >>> import tempfile, numpy as np, pandas as pd
    >>> from novin_ml import BehaviorAnomalyDetector
    >>> from novin_ml.lifecycle import fit_fleet, load_fleet
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame(rng.normal(size=(300, 2)), columns=["gap", "rarity"])
    >>> table["home_id"] = np.repeat(["ash", "birch", "cedar"], 100)
    >>> folder = tempfile.mkdtemp()
    >>> report = fit_fleet(table, out=folder, estimator=BehaviorAnomalyDetector(), random_state=0)
    >>> report.fitted
    ('ash', 'birch', 'cedar')
    >>> load_fleet(folder)["birch"].n_features_in_
    2
    >>> fit_fleet(
    ...     table, out=folder, estimator=BehaviorAnomalyDetector(), random_state=0
    ... ).skipped
    ('ash', 'birch', 'cedar')
    """
    start = time.perf_counter()
    estimator = _checked(estimator)
    root = int(check_random_state(random_state).randint(2**31 - 1))
    settings = settings_hash(estimator, None if random_state is None else root)
    folder = Path(out).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    remove_half_written(folder)
    there = {path.name for path in home_files(folder)}
    batches = _Batches(events, by, estimator, folder)
    plan = Plan(folder, estimator, root, settings)
    # A batch is large enough to be a task of its own.
    parallel = joblib.Parallel(n_jobs=n_jobs, prefer="processes", batch_size=1)
    work = joblib.delayed(fit_homes)
    try:
        outcomes = list(chain.from_iterable(parallel(work(plan, homes) for homes in batches)))
    finally:
        remove_half_written(folder)
    if batches.error is not None:
        raise batches.error
    return _report(outcomes, batches, folder, there, time.perf_counter() - start)


def _checked(estimator: Any) -> BehaviorAnomalyDetector | Pipeline:
    if estimator is None:
        estimator = make_behavior_pipeline()
    *before, last = (
        [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    )
    can_be_saved = len(before) <= 1 and all(type(step).__name__ in FEATURES for step in before)
    if not isinstance(last, BehaviorAnomalyDetector) or not can_be_saved:
        raise ValueError(
            "The 'estimator' parameter must be a BehaviorAnomalyDetector, alone or behind features "
            f"in a pipeline. Got {estimator!r} instead. Call make_behavior_pipeline()."
        )
    for step in (*before, last):
        step._validate_params()
    return estimator


@dataclass
class _Batches:
    """The homes of all tables, some at a time, and what was left out on the way.

    joblib takes batches in a thread of its own, where an error would never be seen: it is kept.
    """

    events: Any
    by: str
    estimator: Any
    folder: Path
    n_without_consent: int = 0
    n_without_home: int = 0
    error: Exception | None = None
    seen: set[str] = field(default_factory=set)
    #: Homes of which all events, or some, are without consent.
    without_consent: list[str] = field(default_factory=list)
    partly: set[str] = field(default_factory=set)
    removed: list[str] = field(default_factory=list)

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
        tables = [self.events] if isinstance(self.events, pd.DataFrame) else self.events
        for table in tables:
            split = split_homes(table, self.by, needs_consent=is_pipeline)
            columns = columns_of(self.estimator, table, self.by)
            self.n_without_consent += split.n_without_consent
            self.n_without_home += split.n_without_home
            for place, name in enumerate(split.names):
                if name in self.seen:
                    raise InvalidEventError(
                        "The events of a home must all be in one table. "
                        f"Got more of {name!r} in another. Put them together."
                    )
                self.seen.add(name)
                rows = rows_of(split, place, columns, events=is_pipeline)
                if not len(rows):
                    self.without_consent.append(name)
                    self.remove(name)
                    continue
                if len(rows) < split.n_events[place]:
                    self.partly.add(name)
                if is_pipeline and (self.by != _HOME or not isinstance(rows[_HOME].iloc[0], str)):
                    rows = _of_home(rows, name, self.by, self.estimator[0])
                yield Home(name, rows, times_of(split, place))

    def remove(self, name: str) -> None:
        """Delete the file of a home, which remembers events without consent."""
        path = home_path(self.folder, name)
        if path.is_file():
            path.unlink()
            self.removed.append(name)


def _of_home(rows: pd.DataFrame, name: str, by: str, features: Any) -> pd.DataFrame:
    """Return events whose `home_id` is a home's name, which they had in another column or form."""
    unused = {_HOME, by} - ({by} & set(getattr(features, "inputs", rows.columns)) - {_HOME})
    rows = rows.drop(columns=list(unused), errors="ignore")
    rows.insert(0, _HOME, pd.Series([name] * len(rows), index=rows.index, dtype=object))
    return rows


def _report(
    outcomes: list[Outcome], batches: _Batches, folder: Path, there: set[str], seconds: float
) -> FleetReport:
    replaced = {
        outcome.name
        for outcome in outcomes
        if outcome.status == "fitted" and home_path(folder, outcome.name).name in there
    }
    # A worker that was killed may have written a home which another one then found done.
    skipped = tuple(
        outcome.name
        for outcome in outcomes
        if outcome.status == "skipped" and home_path(folder, outcome.name).name in there
    )
    failed = {outcome.name: outcome.reason for outcome in outcomes if outcome.status == "failed"}
    for name in failed:
        if name in batches.partly:
            batches.remove(name)
    left = {*skipped, *failed}
    return FleetReport(
        fitted=tuple(outcome.name for outcome in outcomes if outcome.name not in left),
        skipped=skipped,
        failed=failed,
        without_consent=tuple(batches.without_consent),
        removed=tuple(batches.removed),
        n_replaced=len(replaced),
        n_learning=sum(outcome.state == "learning" for outcome in outcomes),
        n_ready=sum(outcome.state == "ready" for outcome in outcomes),
        n_events_without_consent=batches.n_without_consent,
        n_events_without_home=batches.n_without_home,
        n_bytes=sum(outcome.n_bytes for outcome in outcomes),
        seconds=seconds,
        stage_seconds={
            stage: sum(outcome.seconds[place] for outcome in outcomes)
            for place, stage in enumerate(("check", "fit", "write"))
        },
    )
