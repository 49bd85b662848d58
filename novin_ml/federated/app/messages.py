"""What server and homes send each other by Flower: records of arrays, numbers and texts.

Nothing that comes in is trusted. Arrays are read without pickle, and their shapes and types are
compared before they are used; whether an update counts is judged where every update is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from types import ModuleType
from typing import Any

import numpy as np

from novin_ml.arrays import read_array
from novin_ml.estimators.weights import WeightLayout
from novin_ml.exceptions import UpdateError
from novin_ml.federated.homes import RoundTask
from novin_ml.federated.local_training import LocalTraining
from novin_ml.federated.reach import failed
from novin_ml.federated.statistics import N_BINS, FeatureStatistics
from novin_ml.federated.update_files import Update
from novin_ml.optional import import_optional

#: Kinds of messages, as flwr names them: what a home is asked.
STATISTICS, UPDATE, LOSS, PARTITION, HISTOGRAMS = (
    "query.statistics",
    "train",
    "evaluate",
    "query.partition",
    "train.histograms",
)

ARRAYS, NUMBERS, WORDS = "arrays", "numbers", "words"


def flower(module: str = "flwr.app") -> ModuleType:
    """Return a module of flwr, or ray, which its simulations need.

    Parameters
    ----------
    module : str, default="flwr.app"
        Its name.

    Returns
    -------
    module : module
        The imported module.

    Raises
    ------
    ExtraNotInstalledError
        If it is not installed.
    """
    if module.startswith("ray"):
        return import_optional(
            module, extra="federated-simulation", purpose="A simulation with Flower"
        )
    return import_optional(module, extra="federated", purpose="A federation with Flower")


def task_content(task: RoundTask, classes: list[str]) -> Any:
    """Return what a server sends to the homes of a round.

    Parameters
    ----------
    task : RoundTask
        The global weights, and how to train.
    classes : list of str
        The labels of the federation, in order.

    Returns
    -------
    content : RecordDict
        Of a message.
    """
    shapes = [tensor.shape for tensor in task.layout.tensors[::2]]
    return content_of(
        {
            "values": task.values,
            "medians": task.medians,
            "mean": task.mean,
            "scale": task.scale,
            "shapes": np.array(shapes, dtype=np.int64),
        },
        words={
            "classes": classes,
            "model_sha256": task.model_sha256,
            "activation": task.activation,
            "seed": task.seed,
            **asdict(task.local),
        },
    )


def task_from(content: Any) -> tuple[RoundTask, list[str]]:
    """Read what a server sent.

    Parameters
    ----------
    content : RecordDict
        Of a message.

    Returns
    -------
    task : RoundTask
        What to do.
    classes : list of str
        The labels of the federation.
    """
    arrays, words = arrays_in(content), dict(content[WORDS])
    classes = [str(each) for each in words.pop("classes")]
    task = RoundTask(
        values=arrays["values"],
        model_sha256=words.pop("model_sha256"),
        layout=WeightLayout.of_shapes([(int(n), int(m)) for n, m in arrays["shapes"]]),
        activation=words.pop("activation"),
        medians=arrays["medians"],
        mean=arrays["mean"],
        scale=arrays["scale"],
        seed=words.pop("seed"),
        local=LocalTraining(**words),
    )
    return task, classes


def update_content(update: Update) -> Any:
    """Return what a home answers to a round.

    Parameters
    ----------
    update : Update
        Its weights after training.

    Returns
    -------
    content : RecordDict
        The weights, the number of rows, and the hash of the model that training began with.
    """
    return content_of(
        {"values": update.values},
        numbers={"n_examples": update.n_examples},
        words={"model_sha256": update.model_sha256},
    )


def update_from(content: Any) -> Update:
    """Read the update of a home; whether it counts is another question.

    Parameters
    ----------
    content : RecordDict
        Of a reply.

    Returns
    -------
    update : Update
        What the home sent.

    Raises
    ------
    UpdateError
        If it is no update, or says that the home failed.
    """
    raise_failure(content)
    try:
        values = arrays_in(content)["values"]
        n_examples = content[NUMBERS]["n_examples"]
        model_sha256 = content[WORDS]["model_sha256"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise no_answer(error) from None
    if (
        values.dtype != np.float32
        or values.ndim != 1
        or type(n_examples) is not int
        or type(model_sha256) is not bytes
    ):
        raise no_answer(TypeError())
    return Update(values, n_examples, model_sha256)


def statistics_content(statistics: FeatureStatistics) -> Any:
    """Return what a home says of its features.

    Parameters
    ----------
    statistics : FeatureStatistics
        Of its rows.

    Returns
    -------
    content : RecordDict
        Bins without a value are left out: they are most.
    """
    places = np.flatnonzero(statistics.bins)
    return content_of(
        {
            "n": statistics.n,
            "mean": statistics.mean,
            "squares": statistics.squares,
            "bins": np.stack([places.astype(np.int64), statistics.bins.ravel()[places]]),
            "class_counts": statistics.class_counts,
        },
        numbers={"n_rows": statistics.n_rows},
    )


def statistics_from(content: Any) -> FeatureStatistics:
    """Read what a home says of its features; whether it counts is another question.

    Parameters
    ----------
    content : RecordDict
        Of a reply.

    Returns
    -------
    statistics : FeatureStatistics
        What the home sent.

    Raises
    ------
    UpdateError
        If these are no statistics, or the home says that it failed.
    """
    raise_failure(content)
    try:
        arrays, n_rows = arrays_in(content), content[NUMBERS]["n_rows"]
        n, (places, counts) = arrays["n"], arrays["bins"]
        kinds = {name: array.dtype.kind for name, array in arrays.items()}
        wanted = {"n": "i", "mean": "f", "squares": "f", "bins": "i", "class_counts": "i"}
        if kinds != wanted or n.ndim != 1 or len(n) > 100_000 or type(n_rows) is not int:
            raise TypeError
        if len(places) and not 0 <= places.min() <= places.max() < len(n) * N_BINS:
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise no_answer(error) from None
    bins = np.zeros(len(n) * N_BINS, dtype=np.int64)
    bins[places] = counts
    return FeatureStatistics(
        n=n,
        mean=arrays["mean"],
        squares=arrays["squares"],
        bins=bins.reshape(len(n), N_BINS),
        n_rows=n_rows,
        class_counts=arrays["class_counts"],
    )


def number_content(name: str, value: float) -> Any:
    """Return an answer of one number.

    Parameters
    ----------
    name : str
        What it is.
    value : float
        The number.

    Returns
    -------
    content : RecordDict
        Of a reply.
    """
    return content_of({}, numbers={name: value})


def number_from(content: Any, name: str) -> float:
    """Read an answer of one number.

    Parameters
    ----------
    content : RecordDict
        Of a reply.
    name : str
        What it is.

    Returns
    -------
    value : float
        Any number.

    Raises
    ------
    UpdateError
        If it is none, or the home says that it failed.
    """
    raise_failure(content)
    try:
        return float(content[NUMBERS][name])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise no_answer(error) from None


def words_content(words: Mapping[str, Any]) -> Any:
    """Return a question, or what failed.

    Parameters
    ----------
    words : mapping of str to str or list of str
        By name.

    Returns
    -------
    content : RecordDict
        Of a message.
    """
    return content_of({}, words=words)


def words_from(content: Any) -> dict[str, Any]:
    """Read the texts of a message.

    Parameters
    ----------
    content : RecordDict
        Of a message.

    Returns
    -------
    words : dict of str to object
        By name.
    """
    return dict(content[WORDS])


def failure_content(error: Exception) -> Any:
    """Return what a home answers when it fails: the kind of error, and no text of it.

    Parameters
    ----------
    error : Exception
        What it raised. Its text may hold a row.

    Returns
    -------
    content : RecordDict
        Of a reply.
    """
    return words_content({"failed": type(error).__name__})


def raise_failure(content: Any) -> None:
    """Raise the UpdateError of a home that says that it failed."""
    if WORDS in content and "failed" in content[WORDS]:
        raise failed(str(content[WORDS]["failed"])[:60])


def no_answer(error: Exception) -> UpdateError:
    """Return the refusal of what is no answer to its question."""
    return UpdateError("no answer", "be the answer to its question", type(error).__name__)


def content_of(
    arrays: Mapping[str, np.ndarray],
    *,
    numbers: Mapping[str, Any] | None = None,
    words: Mapping[str, Any] | None = None,
) -> Any:
    """Return the RecordDict of a message."""
    app = flower()
    records: dict[str, Any] = {}
    if arrays:
        wrapped = {name: app.Array(np.ascontiguousarray(array)) for name, array in arrays.items()}
        records[ARRAYS] = app.ArrayRecord(wrapped)
    if numbers:
        records[NUMBERS] = app.MetricRecord(dict(numbers))
    if words:
        records[WORDS] = app.ConfigRecord(dict(words))
    return app.RecordDict(records)


def arrays_in(content: Any) -> dict[str, np.ndarray]:
    """Return the arrays of a message, read without trust."""
    return {name: read_array(array.data) for name, array in content[ARRAYS].items()}
