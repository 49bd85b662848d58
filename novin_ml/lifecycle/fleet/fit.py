"""One baseline per home, for thousands of homes: fitted in parallel, one small file each."""

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
        What became of each home.

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
    consents, an earlier file is deleted when the run ends, with an error or without. A home
    without any event in `events` keeps its file: delete what is not to be served any longer.

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
    # A batch is large enough to be a task of its own.
    parallel = joblib.Parallel(n_jobs=n_jobs, prefer="processes", batch_size=1)
    work = joblib.delayed(fit_homes)
    outcomes: list[Outcome] = []
    try:
        outcomes += chain.from_iterable(parallel(work(plan, homes) for homes in batches))
    finally:
        # A run that fails also honours the consent that it saw withdrawn.
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


def _checked(estimator: Any) -> BehaviorAnomalyDetector | Pipeline:
    if estimator is None:
        estimator = make_behavior_pipeline()
    *before, last = (
        [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    )
    can_be_saved = len(before) <= 1 and all(
        type(step).__name__ in transformers() for step in before
    )
    family = find_family(last)
    if family is None or not family.is_detector or not can_be_saved:
        raise ValueError(
            "The 'estimator' parameter must be a BehaviorAnomalyDetector, alone or behind features "
            f"in a pipeline. Got {estimator!r} instead. Call make_behavior_pipeline()."
        )
    for step in (*before, last):
        step._validate_params()
    return estimator
