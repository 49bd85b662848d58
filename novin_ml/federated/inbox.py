"""A folder of update files as a server: each is checked, counted and forgotten."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

from novin_ml.estimators.model_hash import model_sha256
from novin_ml.estimators.weights import get_weights, set_weights, weight_layout, weights_sha256
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.aggregation import AggregationSettings, Refusal
from novin_ml.federated.checking import UpdateCount
from novin_ml.federated.shards import FolderTask, count_files, count_in_shards
from novin_ml.plain import plural, shown

#: A mean of fewer homes says too much of each.
DEFAULT_MIN_UPDATES = 10


@dataclass(frozen=True)
class FolderRound:
    """The result of `aggregate_folder`.

    Attributes
    ----------
    model : classifier or Pipeline
        With the new weights.
    sha256_before, sha256 : str
        `model_sha256` of the model that the updates began with, and of the new one.
    n_files : int
        Number of entries of the folder.
    count : UpdateCount
        How many updates were counted, and why others were not.
    refusals : list of Refusal
        The first hundred that were not, by name.
    max_norm : float
        The largest norm of a change that counted in full.
    """

    model: Any
    sha256_before: str
    sha256: str
    n_files: int
    count: UpdateCount
    refusals: list[Refusal]
    max_norm: float


def aggregate_folder(
    folder: str | os.PathLike[str],
    model: Any,
    settings: AggregationSettings | None = None,
    *,
    min_updates: int = DEFAULT_MIN_UPDATES,
    n_jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FolderRound:
    """Make a new model of the update files in a folder.

    Every entry of the folder is taken in the order of its name, checked and counted, or refused
    with a reason; the rest goes on. Memory does not grow with the number of files.

    Parameters
    ----------
    folder : str or path-like
        Of the update files. Links, folders and other files in it are refused, not followed.
    model : classifier or Pipeline
        The global model that the homes were given, with ``algorithm="mlp"``. It stays as it is.
    settings : AggregationSettings, default=None
        None takes the defaults.
    min_updates : int, default=10
        Fewer updates make no model: their mean would say too much of each home.
    n_jobs : int, default=None
        Number of processes that count files; None means 1, or the value of
        ``joblib.parallel_config``. Under ``joblib.parallel_config("dask")`` it is the workers of a
        dask cluster, which must see the folder. The mean has the same bits in any case.
    progress : callable, default=None
        Called with the number of files that are done and of all.

    Returns
    -------
    result : FolderRound
        The new model, and what was counted.

    Raises
    ------
    InvalidParametersError
        If a setting is out of its range, the folder is none, or too few updates count.
    UnsupportedLearnerError
        If the model is no network.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from novin_ml import MotionClassifier
    >>> from novin_ml.estimators import get_weights, model_sha256
    >>> from novin_ml.federated import Update, aggregate_folder, write_update
    >>> X = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    >>> y = np.where(X[:, 0] > 0, "pet", "person")
    >>> model = MotionClassifier("mlp", epochs=2).fit(X, y)
    >>> values, folder = get_weights(model), tempfile.mkdtemp()
    >>> of = bytes.fromhex(model_sha256(model))
    >>> for home in range(12):
    ...     _ = write_update(Update(values + np.float32(0.25), 40 + home, of), f"{folder}/{home}")
    >>> result = aggregate_folder(folder, model)
    >>> result.count.accepted, bool(np.allclose(get_weights(result.model), values + 0.25))
    (12, True)
    """
    settings = settings or AggregationSettings()
    if not isinstance(min_updates, int) or min_updates < 1:
        raise InvalidParametersError(
            f"The 'min_updates' parameter must be 1 or more. Got {shown(min_updates)} instead."
        )
    folder = Path(folder)
    if not folder.is_dir():
        raise InvalidParametersError(
            f"The 'folder' parameter must be a folder of update files. Got {str(folder)!r}, which "
            f"is {'a file' if folder.exists() else 'not there'}."
        )
    base, before = get_weights(model), model_sha256(model)
    names = sorted(os.listdir(folder))
    task = FolderTask(
        folder=folder,
        base=base,
        model_sha256=bytes.fromhex(before),
        weights_sha256=bytes.fromhex(weights_sha256(weight_layout(model), base)),
        settings=settings,
        max_updates=max(1, len(names)),
    )
    told = progress or (lambda done, n_files: None)
    if joblib.effective_n_jobs(n_jobs) == 1:
        aggregation = count_files(task, names, told)
    else:
        aggregation = count_in_shards(task, names, n_jobs, told)
    change = aggregation.change()
    count = aggregation.count
    if count.accepted < min_updates:
        raise InvalidParametersError(
            f"{folder} must have {plural(min_updates, 'update')} or more that count "
            f"(min_updates). Got {count.accepted:,} of {plural(len(names), 'file')}"
            f"{_why(count, aggregation.refusals)}."
        )
    new = set_weights(model, base + change)
    return FolderRound(
        model=new,
        sha256_before=before,
        sha256=model_sha256(new),
        n_files=len(names),
        count=count,
        refusals=aggregation.refusals,
        max_norm=aggregation.max_norm or 0.0,
    )


def _why(count: UpdateCount, refusals: list[Refusal]) -> str:
    if not refusals:
        return ""
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in sorted(count.rejected.items()))
    return f" ({reasons}; the first, {refusals[0].source}: {refusals[0].message.rstrip('.')})"
