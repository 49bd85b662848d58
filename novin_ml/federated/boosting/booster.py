"""Trees over bins as a booster of xgboost, which answers alike to the last leaf."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from novin_ml.federated.boosting.trees import Tree
from novin_ml.optional import import_optional

#: What xgboost writes as the parent of a root.
_NO_PARENT = 2**31 - 1


def booster_of(template: Any, trees: list[list[Tree]], edges: np.ndarray) -> Any:
    """Return a booster with other trees.

    Parameters
    ----------
    template : xgboost.Booster
        With the same features, classes and objective.
    trees : list of list of Tree
        The trees of each round, one a class.
    edges : ndarray of shape (n_bins - 1, n_features), float32
        Upper ends of the bins, but for the last.

    Returns
    -------
    booster : xgboost.Booster
        Its margins before the first tree are 0, or one number for all classes.
    """
    xgboost = import_optional("xgboost", extra="train", purpose="Boosting over homes")
    document = json.loads(bytes(template.save_raw("json")))
    learner = document["learner"]
    params = learner["learner_model_param"]
    n_scores = params["base_score"].count(",") + 1
    scores = ",".join(["5E-1"] * n_scores)
    params["base_score"] = f"[{scores}]" if params["base_score"].startswith("[") else "5E-1"
    model = learner["gradient_booster"]["model"]
    per_round = len(trees[0])
    flat = [tree for of_round in trees for tree in of_round]
    like = model["trees"][0]["tree_param"]
    model["trees"] = [_document(tree, number, edges, like) for number, tree in enumerate(flat)]
    model["tree_info"] = [number % per_round if per_round > 1 else 0 for number in range(len(flat))]
    model["gbtree_model_param"]["num_trees"] = str(len(flat))
    model["iteration_indptr"] = list(range(0, len(flat) + 1, per_round))
    booster = xgboost.Booster()
    booster.load_model(bytearray(json.dumps(document).encode()))
    booster.set_param({"nthread": 1})
    return booster


def _document(tree: Tree, number: int, edges: np.ndarray, like: dict[str, str]) -> dict[str, Any]:
    """Return a tree as xgboost writes it; nodes that are not there are left out."""
    there = [0]
    for node in there:
        if tree.feature[node] >= 0:
            there += [2 * node + 1, 2 * node + 2]
    place = {node: i for i, node in enumerate(there)}
    inner = [tree.feature[node] >= 0 for node in there]
    conditions = [
        # A row goes left below a split, and here at the upper end of a bin too.
        float(np.nextafter(edges[tree.place[n], tree.feature[n]], np.float32(np.inf)))
        if has_children
        else float(tree.value[n])
        for n, has_children in zip(there, inner, strict=True)
    ]
    n_nodes = len(there)
    children = {
        side: [place[2 * n + step] if i else -1 for n, i in zip(there, inner, strict=True)]
        for side, step in (("left", 1), ("right", 2))
    }
    parents = [_NO_PARENT, *(place[(node - 1) // 2] for node in there[1:])]
    return {
        "base_weights": [float(tree.value[node]) for node in there],
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": [int(tree.missing_left[node]) for node in there],
        "id": number,
        "left_children": children["left"],
        "right_children": children["right"],
        "loss_changes": [float(i) for i in inner],
        "parents": parents,
        "split_conditions": conditions,
        "split_indices": [max(int(tree.feature[node]), 0) for node in there],
        "split_type": [0] * n_nodes,
        "sum_hessian": [1.0] * n_nodes,
        "tree_param": like | {"num_nodes": str(n_nodes), "num_deleted": "0"},
    }
