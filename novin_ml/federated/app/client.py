"""A home that answers by Flower: a `LocalHome` behind flwr's ClientApp."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays
from novin_ml.estimators.families import family_named
from novin_ml.exceptions import InvalidEventError, InvalidParametersError
from novin_ml.federated.app import messages
from novin_ml.federated.app.boosting_messages import boosting_task_from, histograms_content
from novin_ml.federated.boosting import LocalBoostingHome
from novin_ml.federated.faults import FaultyHome
from novin_ml.federated.homes import Home, LocalHome
from novin_ml.plain import plural, shown

#: Features (n_samples, n_features) and labels (n_samples,) of each home.
_Homes = dict[str, tuple[np.ndarray, np.ndarray]]


def client_app() -> Any:
    """Return the ClientApp of a home.

    Returns
    -------
    app : flwr.clientapp.ClientApp
        It answers questions for statistics, updates, losses and histograms, and nothing else.

    Raises
    ------
    ExtraNotInstalledError
        If flwr is not installed.
    """
    app = messages.flower("flwr.clientapp").ClientApp()
    # A name each: flwr looks the function up by what it is asked.
    app.query("statistics")(_answering(_statistics))
    app.query("partition")(_answering(_partition))
    app.train()(_answering(_update))
    app.train("histograms")(_answering(_histograms))
    app.evaluate()(_answering(_loss))
    return app


def home_of(run: Mapping[str, Any], node: Mapping[str, Any], classes: list[str]) -> Home:
    """Return the home of a node.

    Parameters
    ----------
    run : mapping
        The run configuration. Its ``rows`` count in simulations alone: a server cannot name a file
        of a home.
    node : mapping
        The node's own configuration: ``home``, its name in the federation, and ``events``, a file
        of its events, or ``rows``, an npz file of `write_rows`. In a simulation, its number.
    classes : list of str
        The labels of the federation, in order.

    Returns
    -------
    home : Home
        With the rows that have a consent and one of the labels.

    Raises
    ------
    InvalidParametersError, InvalidEventError, ValueError
        If there are no rows of one home.
    """
    simulated = "partition-id" in node and not {"events", "rows"} & set(node)
    path = Path(str(run["rows"] if simulated else node.get("rows") or node.get("events") or ""))
    if not path.is_file():
        raise InvalidParametersError(
            f"The configuration of a node must name its file of 'events' or 'rows'. Got "
            f"{shown(str(path))}."
        )
    changed = path.stat().st_mtime_ns
    if "events" in node:
        found = _homes_of_events(str(path), changed, str(run["family"]))
    else:
        found = _homes_of_arrays(str(path), changed)
    name = sorted(found)[int(node["partition-id"])] if simulated else str(node.get("home", ""))
    if name not in found and len(found) > 1:
        raise InvalidEventError(
            f"The 'home' of a node's configuration must be one of {shown(sorted(found))}, which "
            f"{path} has. Got {shown(name)}."
        )
    X, labels = found.get(name, next(iter(found.values())))
    name = name or next(iter(found))
    order = np.argsort(classes)
    places = np.searchsorted(np.asarray(classes)[order], labels)
    codes = order[np.minimum(places, len(classes) - 1)]
    known = np.asarray(classes)[codes] == labels
    home = LocalHome(name, X[known], codes[known])
    faults = json.loads(str(run.get("faults", "{}"))) if simulated else {}
    return FaultyHome(home, faults) if faults else home


def _answering(answer: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a handler that tells the server what failed by its kind alone."""

    def handle(message: Any, context: Any) -> Any:
        try:
            content = answer(message.content, context)
        except Exception as error:  # its text may hold a row, and stays here
            content = messages.failure_content(error)
        return messages.flower().Message(content, reply_to=message)

    return handle


def _statistics(content: Any, context: Any) -> Any:
    classes = [str(each) for each in messages.words_from(content)["classes"]]
    home = home_of(context.run_config, context.node_config, classes)
    return messages.statistics_content(home.statistics(len(classes)))


def _update(content: Any, context: Any) -> Any:
    task, classes = messages.task_from(content)
    home = home_of(context.run_config, context.node_config, classes)
    return messages.update_content(home.update(task))


def _loss(content: Any, context: Any) -> Any:
    task, classes = messages.task_from(content)
    home = home_of(context.run_config, context.node_config, classes)
    return messages.number_content("loss", home.loss(task))


def _histograms(content: Any, context: Any) -> Any:
    task, classes = boosting_task_from(content)
    home = home_of(context.run_config, context.node_config, classes)
    if not isinstance(home, LocalHome):
        raise InvalidParametersError(
            f"The homes of a federation of trees must have no faults. Got a {type(home).__name__}."
        )
    return histograms_content(LocalBoostingHome(home).histograms(task))


def _partition(content: Any, context: Any) -> Any:
    return messages.number_content("partition", int(context.node_config["partition-id"]))


@lru_cache(maxsize=1)
def _homes_of_arrays(path: str, changed: int) -> _Homes:
    arrays = read_arrays(Path(path).read_bytes())
    try:
        return _by_home(arrays["X"], arrays["labels"], arrays["homes"])
    except KeyError as error:
        raise InvalidParametersError(
            f"{path} must have the arrays X, labels and homes. Got none named {error}."
        ) from None


@lru_cache(maxsize=1)
def _homes_of_events(path: str, changed: int, family: str) -> _Homes:
    of = family_named(family)
    rows = of.rows_in(path)
    table, _ = rows.to_train(rows.read(Path(path), return_report=True)[0])
    return _by_home(of.feature_table(table), table["label"].astype(str), table["home_id"])


def _by_home(X: Any, labels: Any, homes: Any) -> _Homes:
    X, labels = np.asarray(X, dtype=np.float32), np.array(list(labels), dtype=str)
    names = np.array([str(name) for name in homes])
    found, of = np.unique(names, return_inverse=True)
    if not len(X) == len(labels) == len(of) > 0:
        raise InvalidEventError(
            "The rows of a home must have a consent and a label each, and be one or more. Got "
            f"{plural(len(X), 'row')} of features and {plural(len(labels), 'label')}."
        )
    # In the order in which they come, as `homes_of` has them: the same bits.
    rows = np.split(np.argsort(of, kind="stable"), np.cumsum(np.bincount(of))[:-1])
    return {name: (X[own], labels[own]) for name, own in zip(found.tolist(), rows, strict=True)}
