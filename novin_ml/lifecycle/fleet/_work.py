"""Work on a batch of homes: fit each, write its file, and return the outcome."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from novin_ml._version import __version__
from novin_ml.estimators.home_models import is_monitor, state_of, takes_events
from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle.fleet._files import HomeRecord, home_path, read_record, write_home
from novin_ml.lifecycle.fleet._homes import home_seed, rows_hash, seeded
from novin_ml.lifecycle.saving.parameters import numpy_default, params_to_json


class Home(NamedTuple):
    """One home as it is passed to a worker."""

    name: str
    rows: pd.DataFrame
    #: Seconds since 1970 of the rows; None if unknown.
    times: np.ndarray | None
    #: Why its events cannot be trained on; empty if they can.
    fault: str = ""


class Outcome(NamedTuple):
    """What became of one home."""

    name: str
    #: "fitted", "skipped" or "failed".
    status: str
    state: str = ""
    reason: str = ""
    n_bytes: int = 0
    #: Seconds to check existing files, to fit, and to write.
    seconds: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Plan:
    """Settings for all homes."""

    folder: Path
    #: Not fitted; cloned for each home.
    estimator: BaseEstimator
    root_seed: int
    #: Hash of the other things that a model depends on; see `settings_hash`.
    settings: str


def settings_hash(estimator: BaseEstimator, root_seed: int | None) -> str:
    """Return the SHA-256 of version, parameters and seed, which is left out if it is None."""
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("", estimator)]
    described = [
        [name, type(step).__name__, {**params_to_json(step), "random_state": None}]
        for name, step in steps
    ]
    document = json.dumps(
        [__version__, described, root_seed], sort_keys=True, default=numpy_default
    )
    return hashlib.sha256(document.encode()).hexdigest()


def fit_homes(plan: Plan, homes: list[Home]) -> list[Outcome]:
    """Fit and write the homes of a batch; a home that cannot be fitted does not affect the others.

    The homes come as a list because of dask: joblib would first scatter an array or a table to the
    memory of a worker, while a list is sent with its task.
    """
    return [_fit_home(plan, home) for home in homes]


def _fit_home(plan: Plan, home: Home) -> Outcome:
    if home.fault:
        return Outcome(home.name, "failed", reason=home.fault)
    path = home_path(plan.folder, home.name)
    start = time.perf_counter()
    try:
        content = plan.settings + rows_hash(home.rows, home.times)
        fingerprint = hashlib.sha256(content.encode()).hexdigest()
        done = _done_before(path, fingerprint)
        checked = time.perf_counter()
        if done is not None:
            size = path.stat().st_size
            times = (checked - start, 0.0, 0.0)
            return Outcome(home.name, "skipped", done.state, n_bytes=size, seconds=times)
        model = fit_one(plan, home)
        fitted = time.perf_counter()
        state = state_of(model)
        size = write_home(path, model, HomeRecord(home.name, fingerprint, state))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return Outcome(home.name, "failed", reason=_reason(error))
    times = (checked - start, fitted - checked, time.perf_counter() - fitted)
    return Outcome(home.name, "fitted", state, n_bytes=size, seconds=times)


def fit_one(plan: Plan, home: Home) -> Any:
    """Return the model of one home."""
    if takes_events(plan.estimator) and len(home.rows) < 2:
        raise ValueError(
            "A baseline must be fitted on at least two events that have consent. "
            f"Got {len(home.rows)}. Wait until the home has some weeks of them."
        )
    model = seeded(clone(plan.estimator), home_seed(plan.root_seed, home.name))
    if is_monitor(model):
        return model.fit(home.rows)
    if isinstance(model, Pipeline):
        return model.fit(home.rows, **{f"{model.steps[-1][0]}__timestamps": home.times})
    return model.fit(home.rows, timestamps=home.times)


def _done_before(path: Path, fingerprint: str) -> HomeRecord | None:
    """Return the record of the home's file if it is whole and belongs to this fit."""
    if not path.exists():
        return None
    try:
        record = read_record(path)
    except SavedModelError:
        if path.is_file():
            path.unlink()  # damaged: fitted again, and written as a new file
        return None
    return record if record.fingerprint == fingerprint else None


def _reason(error: Exception) -> str:
    sentence = str(error).strip().partition("\n")[0]
    return sentence if type(error) is not TypeError else f"TypeError: {sentence}"
