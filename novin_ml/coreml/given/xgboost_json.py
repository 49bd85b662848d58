"""Read trees that xgboost grew, from the JSON in which it saves a model."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.given.reading import Reading, register_reader
from novin_ml.coreml.given.trees import Trees

# What becomes of the sum, by the objective; and of the intercept, which is saved as an answer.
_LINKS = {
    "binary:logistic": "logistic",
    "reg:logistic": "logistic",
    "multi:softprob": "softmax",
    "multi:softmax": "softmax",
    "count:poisson": "exponential",
    "reg:gamma": "exponential",
    "reg:tweedie": "exponential",
}
_LOG_ODDS = {"binary:logistic", "reg:logistic"}


@register_reader("xgboost")
def _xgboost(dump: Any) -> Reading:
    """Rows go left below a threshold, in float32; leaves of dropped trees have a weight."""
    learned = json.loads(dump.text)["learner"]
    booster = learned["gradient_booster"]
    model = booster.get("gbtree", booster)["model"]
    drop = booster.get("weight_drop", model.get("weight_drop"))
    objective = learned["objective"]["name"]
    sizes = np.array([len(tree["left_children"]) for tree in model["trees"]], dtype=np.int64)
    roots = np.cumsum(sizes) - sizes
    left, right = (
        np.concatenate([tree[side] for tree in model["trees"]])
        for side in ("left_children", "right_children")
    )
    inner = left >= 0
    start = np.repeat(roots, sizes)
    numbers = np.concatenate(
        [np.array(tree["split_conditions"], dtype=np.float32) for tree in model["trees"]]
    )
    is_vector = int(model["trees"][0]["tree_param"]["size_leaf_vector"]) > 1
    value = _vectors(model["trees"]) if is_vector else numbers
    if drop is not None:
        weight = np.repeat(np.array(drop, dtype=np.float32), sizes)
        value = value * (weight[:, None] if is_vector else weight)
    n_outputs = max(int(learned["learner_model_param"]["num_class"]), 1)
    trees = Trees(
        roots=roots,
        left=np.where(inner, left + start, -1),
        right=np.where(inner, right + start, -1),
        feature=np.concatenate([tree["split_indices"] for tree in model["trees"]]),
        threshold=numbers.astype(np.float64),
        missing_left=np.concatenate([tree["default_left"] for tree in model["trees"]]) != 0,
        value=value.astype(np.float64),
        dimension=None if is_vector else np.array(model["tree_info"], dtype=np.int64),
        base=_base(learned["learner_model_param"], objective, n_outputs),
        less_equal=False,
    )
    classes = 0 if dump.facts["is_value"] else max(n_outputs, 2)
    return Reading(
        trees,
        _LINKS.get(objective, "none"),
        classes,
        adds_in_float32=True,
        missing=dump.facts.get("missing"),
    )


def _vectors(trees: list[dict[str, Any]]) -> NDArray[np.float32]:
    """Return the vector of each leaf; since xgboost 3.1 those of leaves stand alone, in order."""
    parts = []
    for tree in trees:
        width = int(tree["tree_param"]["size_leaf_vector"])
        vectors = np.array(tree["base_weights"], dtype=np.float32).reshape(-1, width)
        if "leaf_weights" in tree:
            leaves = np.flatnonzero(np.array(tree["left_children"]) < 0)
            vectors[leaves] = np.reshape(tree["leaf_weights"], (-1, width))
        parts.append(vectors)
    return np.concatenate(parts)


def _base(param: dict[str, str], objective: str, n_outputs: int) -> NDArray[np.float64]:
    given = np.atleast_1d(np.array(json.loads(param["base_score"]), dtype=np.float32))
    if objective in _LOG_ODDS:
        one = np.float32(1)
        given = -np.log(one / given - one)
    elif _LINKS.get(objective) == "exponential":
        given = np.log(given)
    return np.broadcast_to(given, n_outputs).astype(np.float64)
