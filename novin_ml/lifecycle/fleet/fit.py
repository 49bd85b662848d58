"""Fit the baselines of thousands of homes in parallel, each into a small file."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from novin_ml.estimators.behavior import BehaviorAnomalyDetector, make_behavior_pipeline
from novin_ml.estimators.families import find_family
from novin_ml.estimators.home_models import is_monitor
from novin_ml.estimators.monitor import HomeMonitor
from novin_ml.estimators.steps import steps_of
from novin_ml.lifecycle.fleet._batches import Batches
from novin_ml.lifecycle.fleet._files import home_files, home_path, remove_half_written
from novin_ml.lifecycle.fleet._withdrawal import remove_withdrawn
from novin_ml.lifecycle.fleet._work import Outcome, Plan, fit_homes, settings_hash
from novin_ml.lifecycle.fleet.report import FleetReport, fleet_report
from novin_ml.lifecycle.saving.transformers import transformers
from novin_ml.validation import validate_parameter_constraints


def fit_fleet(
    events: pd.DataFrame | Iterable[pd.DataFrame],
    by: str = "home_id",
    *,
    out: str | Path,
    estimator: BehaviorAnomalyDetector | HomeMonitor | Pipeline | None = None,
    n_jobs: int | None = None,
    random_state: Any = None,
) -> FleetReport:
    """Fit a baseline for each home and write each to its own file.

    The homes are fitted by joblib: in processes of this machine with `n_jobs`, or by a cluster
    under ``joblib.parallel_config("dask")``.

    Parameters
    ----------
    events : DataFrame, or iterable of DataFrames
        The event table of many homes. For a detector without features, a feature table: every
        column except `by`, "timestamp" and "consent" is a feature. Several tables need not fit
        into memory together; each must have all events of its homes.
    by : str, default="home_id"
        Column of the home ids, text or integers. The features of a pipeline get it as text in the
        column `home_id`.
    out : str or Path
        Folder of the files; created if necessary. Every worker must reach it by this path.
    estimator : BehaviorAnomalyDetector, HomeMonitor or Pipeline, default=None
        Cloned for each home. None means ``make_behavior_pipeline()``. A detector without features
        is fitted on a feature table, with the column "timestamp" as `timestamps`. Without that
        column a home stays in the learning state.
    n_jobs : int, default=None
        Number of processes; None means 1, or the value of ``joblib.parallel_config``. A dask
        cluster uses all its workers.
    random_state : int, RandomState instance or None, default=None
        Source of the seeds of the homes. The seed of a home depends only on this and on its id, so
        its model does not depend on the other homes, their order or the workers. With None a run
        is not repeatable, and existing files are kept whatever their seed.

    Returns
    -------
    report : FleetReport
        The result of each home.

    Raises
    ------
    InvalidEventError
        If a table lacks a column, a home is in two tables, or an event table has no `consent`.
        Faults of a single home are in the report instead.
    ValueError
        If a parameter is invalid.

    See Also
    --------
    load_fleet : Opens the files.

    Notes
    -----
    Only events whose consent is true are used; a feature table without a column "consent" is used
    as a whole. Events of an unknown home are left out. A file holds the events that it was
    fitted on. So the file of a home that withdraws its consent (its events are there, and none has
    consent) is deleted at the end of the run, also after an error. A home without any event in
    `events` keeps its file: delete the files of homes that are no longer served.

    Files are written in one step. An interrupted run continues when it is repeated: a home is
    skipped if its file is whole and comes from the same rows, parameters, seed and version of
    novin_ml; any other home is fitted again, and its file is replaced. Only one run at a time may
    write to a folder.

    When a worker is killed, dask gives its homes to another one. joblib's own processes cannot do
    that: the run ends with an error, the files written so far stay, and a repeated run fits the
    rest. If homes kill every worker for lack of memory, joblib waits for dask forever.

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
    validate_parameter_constraints(
        {"random_state": ["random_state"]}, {"random_state": random_state}, "fit_fleet"
    )
    root = int(check_random_state(random_state).randint(2**31 - 1))
    settings = settings_hash(estimator, None if random_state is None else root)
    folder = Path(out).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    remove_half_written(folder)
    files = {path.name for path in home_files(folder)}
    batches = Batches(events, by, estimator)
    plan = Plan(folder, estimator, root, settings)
    # A batch is already large enough for a task.
    parallel = joblib.Parallel(n_jobs=n_jobs, prefer="processes", batch_size=1)
    work = joblib.delayed(fit_homes)
    outcomes: list[Outcome] = []
    try:
        outcomes += chain.from_iterable(parallel(work(plan, homes) for homes in batches))
    finally:
        # A failed run must delete the files of withdrawn consent too.
        remove_half_written(folder)
        removed = remove_withdrawn(folder, batches.left_out, outcomes)
    if batches.error is not None:
        raise batches.error
    return fleet_report(
        outcomes,
        batches.left_out,
        there={each.name for each in outcomes if home_path(folder, each.name).name in files},
        removed=removed,
        seconds=time.perf_counter() - start,
    )


def _checked(estimator: Any) -> BehaviorAnomalyDetector | HomeMonitor | Pipeline:
    if estimator is None:
        estimator = make_behavior_pipeline()
    if is_monitor(estimator):
        estimator._validate_params()
        return estimator
    *before, last = steps_of(estimator)
    can_be_saved = len(before) <= 1 and all(
        type(step).__name__ in transformers() for step in before
    )
    family = find_family(last)
    if family is None or not family.is_detector or not can_be_saved:
        raise ValueError(
            "The 'estimator' parameter must be a BehaviorAnomalyDetector, alone or behind features "
            f"in a pipeline, or a HomeMonitor. Got {estimator!r} instead. "
            "Call make_behavior_pipeline()."
        )
    for step in (*before, last):
        step._validate_params()
    return estimator
