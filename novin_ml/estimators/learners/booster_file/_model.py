"""The document of a booster, held against what the estimators train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.estimators.learners.booster_file._alike import Alike
from novin_ml.estimators.learners.booster_file._keys import Keys, real_number, whole_number
from novin_ml.estimators.learners.booster_file._trees import Trees, checked_trees
from novin_ml.estimators.learners.booster_file._ubj import read_ubj
from novin_ml.plain import plural

_LEARNER = {
    "attributes",
    "feature_names",
    "feature_types",
    "gradient_booster",
    "learner_model_param",
    "objective",
}
_LEARNER_PARAM = {"base_score", "boost_from_average", "num_class", "num_feature", "num_target"}
_MODEL = {"gbtree_model_param", "iteration_indptr", "tree_info", "trees"}
_CATEGORIES = {"enc", "feature_segments", "sorted_idx"}


@dataclass(frozen=True, eq=False)
class Model:
    """What a checked document says.

    Attributes
    ----------
    version : tuple of int
        The version of the xgboost that wrote it: major, minor, patch.
    base_score : str
        The intercept as it is written: a number or, since xgboost 3.1, a list of them.
    intercepts : ndarray of shape (n_intercepts,), float32
        One, or one for each class. A probability for two classes, else margins.
    trees : Trees
    """

    version: tuple[int, ...]
    base_score: str
    intercepts: np.ndarray
    trees: Trees


def checked_model(content: bytes, n_features: int, n_classes: int, keys: Keys) -> Model:
    """Return what a booster's file says.

    Raises
    ------
    ValueError
        If it is not a model of these features and classes, or one that a reader could get lost in.
    """
    document = read_ubj(content)
    keys.require(document, {"learner", "version"}, "a document")
    learner = keys.part(document, "learner", _LEARNER)
    param = keys.part(learner, "learner_model_param", _LEARNER_PARAM)
    if param["num_feature"] != str(n_features):
        raise ValueError(f"num_feature={param['num_feature']}, and not {n_features}")
    _check_names(learner)
    _check_objective(learner, param, n_classes, keys)
    return Model(
        version=_version(document["version"]),
        base_score=param["base_score"],
        intercepts=_intercepts(param["base_score"], n_classes),
        trees=_checked_trees(learner, n_features, 1 if n_classes == 2 else n_classes, keys),
    )


def _version(version: Any) -> tuple[int, ...]:
    if not isinstance(version, list) or len(version) != 3:
        raise ValueError(f"the version {version!r}")
    if any(type(part) is not int or part < 0 for part in version):
        raise ValueError(f"the version {version!r}")
    return tuple(version)


def _check_names(learner: dict[str, Any]) -> None:
    attributes = learner["attributes"]
    if not isinstance(attributes, dict) or any(
        not isinstance(value, str) for value in attributes.values()
    ):
        raise ValueError("attributes that are no texts")
    # Learners are trained on arrays, and let go of the names of models that people bring along.
    for key in ("feature_names", "feature_types"):
        if learner[key] != []:
            raise ValueError(f"{key}")


def _check_objective(
    learner: dict[str, Any], param: dict[str, Any], n_classes: int, keys: Keys
) -> None:
    if n_classes == 2:
        name, of_objective, needed = "binary:logistic", "reg_loss_param", "scale_pos_weight"
    else:
        name, of_objective, needed = "multi:softprob", "softmax_multiclass_param", "num_class"
    objective = keys.part(learner, "objective", {"name", of_objective})
    if objective["name"] != name:
        raise ValueError(f"the objective {objective['name']!r} for {plural(n_classes, 'class')}")
    number = keys.part(objective, of_objective, {needed})[needed]
    if n_classes == 2:
        real_number(number)
        same = whole_number(param["num_class"]) < 2
    else:
        same = whole_number(number) == whole_number(param["num_class"]) == n_classes
    if not same:
        raise ValueError(f"num_class={param['num_class']}, and not {n_classes}")
    if whole_number(param["num_target"]) > 1:
        raise ValueError(f"{param['num_target']} targets")
    if param["boost_from_average"] not in ("0", "1"):
        raise ValueError(f"boost_from_average={param['boost_from_average']!r}")


def _intercepts(base_score: Any, n_classes: int) -> np.ndarray:
    if not isinstance(base_score, str):
        raise ValueError("base_score that is no text")
    is_list = base_score[:1] == "[" and base_score[-1:] == "]"
    texts = base_score[1:-1].split(",") if is_list else [base_score]
    if len(texts) not in (1, 1 if n_classes == 2 else n_classes):
        raise ValueError(f"{plural(len(texts), 'intercept')} for {plural(n_classes, 'class')}")
    with np.errstate(over="ignore"):
        values = np.array([real_number(text) for text in texts]).astype(np.float32)
    if not np.isfinite(values).all() or (n_classes == 2 and not 0 < values[0] < 1):
        raise ValueError(f"the intercept {base_score}")
    return values


def _checked_trees(learner: dict[str, Any], n_features: int, n_groups: int, keys: Keys) -> Trees:
    booster = keys.part(learner, "gradient_booster", {"model", "name"})
    if booster["name"] != "gbtree":
        raise ValueError(f"the booster {booster['name']!r}")
    # Since xgboost 3.1 the model says which categories it knows.
    optional = {"cats"} & set(booster["model"])
    model = keys.part(booster, "model", _MODEL | optional)
    if optional:
        categories = keys.part(model, "cats", _CATEGORIES)
        if any(len(categories[key]) for key in _CATEGORIES):
            raise ValueError("categories")
    trees = model["trees"]
    if not isinstance(trees, Alike):
        raise ValueError("no trees")
    param = keys.part(model, "gbtree_model_param", {"num_parallel_tree", "num_trees"})
    if param["num_trees"] != str(len(trees)):
        raise ValueError(f"{plural(len(trees), 'tree')}, and not num_trees={param['num_trees']}")
    parallel = whole_number(param["num_parallel_tree"])
    ends, groups = _integers(model["iteration_indptr"]), _integers(model["tree_info"])
    round_size = parallel * n_groups
    if round_size < 1 or ends != list(range(0, len(trees) + 1, round_size)):
        raise ValueError("iteration_indptr that does not cut the trees into rounds")
    # Each round has the trees of one class after those of another.
    in_round = [group for group in range(n_groups) for _ in range(parallel)]
    if groups != in_round * (len(trees) // round_size):
        raise ValueError("tree_info that does not give each class its trees")
    return checked_trees(trees, np.array(groups, dtype=np.int64), n_features, keys)


def _integers(values: Any) -> list[Any]:
    values = values.tolist() if isinstance(values, np.ndarray) else values
    if not isinstance(values, list) or any(type(value) is not int for value in values):
        raise ValueError("a list of something else than integers")
    return values
