"""What server and homes send each other of trees: a task of a level, and sums of a home's rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.federated.app.messages import (
    WORDS,
    arrays_in,
    content_of,
    no_answer,
    raise_failure,
)
from novin_ml.federated.boosting import BoostingTask
from novin_ml.federated.boosting.trees import Tree


def trees_to_arrays(trees: list[Tree]) -> dict[str, np.ndarray]:
    """Return trees as arrays of shape (n_trees, n_nodes).

    Parameters
    ----------
    trees : list of Tree
        With room for the same number of nodes; one or more.

    Returns
    -------
    arrays : dict of str to ndarray
        By attribute; ``missing_left`` as uint8.
    """
    return {
        "feature": np.stack([tree.feature for tree in trees]),
        "place": np.stack([tree.place for tree in trees]),
        "missing_left": np.stack([tree.missing_left for tree in trees]).astype(np.uint8),
        "value": np.stack([tree.value for tree in trees]),
    }


def trees_from_arrays(arrays: dict[str, np.ndarray]) -> list[Tree]:
    """Read what `trees_to_arrays` returned.

    Parameters
    ----------
    arrays : dict of str to ndarray
        By attribute.

    Returns
    -------
    trees : list of Tree
        In their order.
    """
    parts = (arrays["feature"], arrays["place"], arrays["missing_left"], arrays["value"])
    return [
        Tree(feature, place, missing.astype(bool), value)
        for feature, place, missing, value in zip(*parts, strict=True)
    ]


def boosting_task_content(task: BoostingTask, classes: list[str]) -> Any:
    """Return what a server sends to homes for a level.

    Parameters
    ----------
    task : BoostingTask
        All trees so far, and the nodes whose histograms are asked for.
    classes : list of str
        The labels of the federation, in order.

    Returns
    -------
    content : RecordDict
        Of a message.
    """
    trees = [tree for of_round in task.trees for tree in of_round]
    return content_of(
        {
            "edges": task.edges,
            **trees_to_arrays([*trees, *task.growing]),
            "nodes": np.concatenate(task.nodes),
            "n_nodes": np.array([len(each) for each in task.nodes], dtype=np.int64),
        },
        words={"classes": classes},
    )


def boosting_task_from(content: Any) -> tuple[BoostingTask, list[str]]:
    """Read what a server sent.

    Parameters
    ----------
    content : RecordDict
        Of a message.

    Returns
    -------
    task : BoostingTask
        What to do.
    classes : list of str
        The labels of the federation.
    """
    arrays = arrays_in(content)
    classes = [str(each) for each in content[WORDS]["classes"]]
    counts = arrays["n_nodes"]
    trees, per_round = trees_from_arrays(arrays), len(counts)
    rounds = [trees[place : place + per_round] for place in range(0, len(trees), per_round)]
    nodes = np.split(arrays["nodes"], np.cumsum(counts)[:-1])
    return BoostingTask(arrays["edges"], len(classes), rounds[:-1], rounds[-1], nodes), classes


def histograms_content(sums: np.ndarray) -> Any:
    """Return what a home answers for a level.

    Parameters
    ----------
    sums : ndarray of shape ``task.shape``, int64
        Sums of the gradients and hessians of its rows.

    Returns
    -------
    content : RecordDict
        Of a reply.
    """
    return content_of({"sums": sums})


def histograms_from(content: Any) -> np.ndarray:
    """Read the histograms of a home; whether they count is another question.

    Parameters
    ----------
    content : RecordDict
        Of a reply.

    Returns
    -------
    sums : ndarray
        Of any shape and type.

    Raises
    ------
    UpdateError
        If there are none, or the home says that it failed.
    """
    raise_failure(content)
    try:
        return arrays_in(content)["sums"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise no_answer(error) from None
