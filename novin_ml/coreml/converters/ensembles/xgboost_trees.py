"""Models of xgboost that `boosting` does not convert: values, scores, vector leaves and dart."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from novin_ml.coreml.answers import ClassAnswers
from novin_ml.coreml.converters.ensembles.ensemble import Ensemble, register_source
from novin_ml.coreml.converters.ensembles.sklearn_trees import value_answers
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import Subject, given_labels, numbered

_SOURCE = "xgboost"
_COLUMNS = (
    "left_children",
    "right_children",
    "split_indices",
    "default_left",
    "split_conditions",
)
#: The link of each objective, and of its intercept, which xgboost saves as an answer.
OBJECTIVES = {
    "binary:logistic": ("logistic", "logit"),
    "multi:softprob": ("softmax", "none"),
    "multi:softmax": ("softmax", "none"),
    "reg:logistic": ("logistic", "logit"),
    "count:poisson": ("exponential", "log"),
    "reg:gamma": ("exponential", "log"),
    "reg:tweedie": ("exponential", "log"),
}
OBJECTIVES |= dict.fromkeys(
    [
        *("reg:squarederror", "reg:squaredlogerror", "reg:absoluteerror"),
        *("reg:pseudohubererror", "reg:quantileerror"),
        *("rank:pairwise", "rank:ndcg", "rank:map"),
    ],
    ("none", "none"),
)
_INTERCEPTS: dict[str, Callable[[Any], Any]] = {
    "none": lambda score: score,
    "log": np.log,
    "logit": lambda score: -np.log(np.float32(1) / score - np.float32(1)),
}


@register_source(_SOURCE)
def _ensemble(dump: GivenTrees) -> Ensemble:
    learner = json.loads(dump.text)["learner"]
    param, booster = learner["learner_model_param"], learner["gradient_booster"]
    model = booster["gbtree"]["model"] if "gbtree" in booster else booster["model"]
    trees, n_outputs = model["trees"], max(int(param["num_class"]), 1)
    weights = booster.get("weight_drop") or model.get("weight_drop") or [1.0] * len(trees)
    link, intercept = OBJECTIVES[learner["objective"]["name"]]
    base = np.atleast_1d(np.array(json.loads(param["base_score"]), dtype=np.float32))
    output: Any = np.array(model["tree_info"])
    if int(trees[0]["tree_param"]["size_leaf_vector"]) > 1:
        output = None
    values: list[Any] = []
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for tree, weight in zip(trees, weights, strict=True):
        for name, parts in columns.items():
            parts.extend(tree[name])
        values.extend(_leaves(tree, np.float32(weight)))
    value = np.array(values, dtype=np.float64)
    return Ensemble(
        sizes=np.array([len(tree["left_children"]) for tree in trees]),
        left=np.array(columns["left_children"]),
        right=np.array(columns["right_children"]),
        feature=np.array(columns["split_indices"]),
        threshold=np.array(columns["split_conditions"], dtype=np.float32).astype(np.float64),
        missing_left=np.array(columns["default_left"], dtype=bool),
        value=value,
        base=np.resize(_INTERCEPTS[intercept](base), n_outputs).astype(np.float64),
        output=output,
        link=link,
        less_equal=False,
        missing=dump.facts.get("missing"),
    )


def _leaves(tree: dict[str, Any], weight: np.float32) -> list[Any]:
    """Return a number or a vector for each node; only those of leaves count."""
    width = int(tree["tree_param"]["size_leaf_vector"])
    if width <= 1:
        return list(np.array(tree["split_conditions"], dtype=np.float32) * weight)
    if "leaf_weights" not in tree:
        return list(np.array(tree["base_weights"], dtype=np.float32).reshape(-1, width) * weight)
    leaves = np.array(tree["leaf_weights"], dtype=np.float32).reshape(-1, width) * weight
    # A leaf has its number among the leaves in the place of its right child.
    return [
        leaves[right] if left < 0 else np.zeros(width, np.float32)
        for left, right in zip(tree["left_children"], tree["right_children"], strict=True)
    ]


def subject_of_trees(
    booster: Any,
    feature_names: list[str] | None,
    class_labels: list[Any] | None,
    *,
    answer: Callable[[np.ndarray], np.ndarray],
    info: dict[str, str],
    is_value: bool,
    missing: float = math.nan,
) -> Subject:
    """Return the subject of a booster whose options were checked.

    Parameters
    ----------
    booster : xgboost.Booster
        With the rounds that the model answers by.
    feature_names, class_labels : list or None
        As a parser gets them.
    answer : callable
        The model's own answer to float32 rows: probabilities, or values.
    info : dict of str to str
        Entries of the metadata.
    is_value : bool
        Whether the model answers with a value, even if it is a probability.
    missing : float, default=nan
        The number that stands for a missing value.
    """
    facts: dict[str, Any] = {"is_value": is_value}
    if not math.isnan(missing):
        facts["missing"] = float(np.float32(missing))
    bare = booster.copy()
    bare.feature_names, bare.feature_types = None, None
    dump = GivenTrees(_SOURCE, facts, text=bytes(bare.save_raw("json")))
    n_features = booster.num_features()
    columns = tuple(booster.feature_names or numbered(n_features))
    answers: Any
    if dump.reading.classes:
        answers = ClassAnswers(given_labels(class_labels, np.arange(dump.reading.classes)))
    else:
        answers = value_answers(dump)
    return Subject(
        learner=dump,
        answers=answers,
        specs=input_specs(feature_names, columns),
        columns=columns,
        info=info | {"algorithm": "trees"},
        own_answer=answer,
    )


def is_number(missing: Any) -> bool:
    """Whether a value that stands for a missing one is a number that an imputer can replace."""
    return isinstance(missing, Real) and not isinstance(missing, bool) and not math.isinf(missing)
