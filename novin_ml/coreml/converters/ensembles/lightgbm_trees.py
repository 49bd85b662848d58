"""Models of LightGBM: leaves as they are, times the steepness of a sigmoid, or their mean.

A node says itself what a missing value is: none, in which case NaN counts as 0; NaN; or both 0 and
NaN. Core ML's trees know NaN alone, so that a 0 that goes the way of missing values is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from novin_ml.coreml.answers import ClassAnswers
from novin_ml.coreml.converters._registry import register_parser
from novin_ml.coreml.converters.ensembles.ensemble import Ensemble, register_source
from novin_ml.coreml.converters.ensembles.sklearn_trees import OF_THE_LARGEST, value_answers
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import Subject, given_labels, numbered, refuse_labels
from novin_ml.exceptions import NotExportableError
from novin_ml.optional import import_optional

_SOURCE = "lightgbm"
_CLASSES = {"binary": "logistic", "multiclass": "softmax"}
_VALUES = dict.fromkeys(
    [
        *("regression", "regression_l1", "huber", "fair", "quantile", "mape"),
        *("lambdarank", "rank_xendcg", "custom", "none"),
    ],
    "none",
)
_VALUES |= dict.fromkeys(["poisson", "gamma", "tweedie"], "exponential")
_VALUES |= {"binary": "logistic", "cross_entropy": "logistic"}
# What LightGBM takes for 0, as a float32 number, and what it writes for infinity.
_ZERO, _INFINITY = float(np.float32(1e-35)), 1e300
_REFUSED = "categorical splits, linear trees, zero_as_missing, multiclassova, reg_sqrt"


@register_source(_SOURCE)
def _ensemble(dump: GivenTrees) -> Ensemble:
    lightgbm = import_optional("lightgbm", extra="lightgbm", purpose="A model of LightGBM")
    booster = lightgbm.Booster(model_str=dump.text.decode())
    model = booster.dump_model()
    width = model["num_tree_per_iteration"]
    objective, *options = model.get("objective", "none").split()
    scale = 1.0
    if "sigmoid:" in "".join(options):
        scale = float(options[0].removeprefix("sigmoid:"))
    trees = [_nodes(tree["tree_structure"]) for tree in model["tree_info"]]
    if model["average_output"]:
        scale *= width / len(trees)
    columns = list(zip(*(row for tree in trees for row in tree), strict=True))
    bounds = np.array(columns[3], dtype=np.float64)
    return Ensemble(
        sizes=np.array([len(tree) for tree in trees]),
        left=np.array(columns[0]),
        right=np.array(columns[1]),
        feature=np.array(columns[2]),
        threshold=_of_whole_zeros(bounds),
        missing_left=np.array(columns[4], dtype=bool),
        value=np.array(columns[5], dtype=np.float64) * scale,
        base=np.zeros(width),
        output=np.arange(len(trees)) % width,
        link=(_CLASSES | _VALUES)[objective],
    )


def _of_whole_zeros(bounds: np.ndarray) -> np.ndarray:
    """Return bounds that all of the numbers that are taken for 0 are on the side of 0 of."""
    bounds = np.where(np.abs(bounds) >= _INFINITY, np.copysign(np.inf, bounds), bounds)
    bounds = np.where((bounds >= 0) & (bounds < _ZERO), _ZERO, bounds)
    return np.where((bounds < 0) & (bounds >= -_ZERO), np.nextafter(-_ZERO, -1), bounds)


def _nodes(root: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return left and right child, feature, threshold, missing left, and value of each node."""
    rows: list[Any] = [None]
    waiting = [(root, 0)]
    while waiting:
        node, place = waiting.pop()
        if "leaf_value" in node:
            rows[place] = (-1, -1, 0, 0.0, False, node["leaf_value"])
            continue
        left, right = len(rows), len(rows) + 1
        rows += [None, None]
        goes_left = (
            node["default_left"] if node["missing_type"] != "None" else (node["threshold"] >= 0)
        )
        rows[place] = (left, right, node["split_feature"], node["threshold"], goes_left, 0.0)
        waiting += [(node["left_child"], left), (node["right_child"], right)]
    return rows


@register_parser(
    "lightgbm.LGBMClassifier",
    form="tree ensemble with a sigmoid, or with a softmax over the classes",
    refused=_REFUSED,
)
def parse_lgbm_classifier(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted LGBMClassifier up to its best iteration, as its predict_proba does."""
    if callable(model.objective):
        raise _refused("a callable objective", "Train with objective='binary' or 'multiclass'")
    info = {"estimator": type(model).__name__}
    return _subject(model.booster_, feature_names, class_labels, info, classes=model.classes_)


@register_parser(
    "lightgbm.LGBMRegressor",
    form="tree ensemble; an exponential of poisson, gamma and tweedie",
    tolerance=f"{OF_THE_LARGEST}; 1e-5 of an exponential",
    refused=_REFUSED,
)
@register_parser(
    "lightgbm.LGBMRanker",
    form="tree ensemble of a score",
    tolerance=OF_THE_LARGEST,
    refused=_REFUSED,
)
def parse_lgbm_regressor(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted LGBMRegressor or LGBMRanker up to its best iteration, as its predict does."""
    refuse_labels(model, class_labels)
    info = {"estimator": type(model).__name__}
    return _subject(model.booster_, feature_names, None, info)


@register_parser("lightgbm.Booster", form="as the estimator of its objective", refused=_REFUSED)
def parse_lightgbm_booster(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a Booster of LightGBM up to its best iteration, as its predict does."""
    objective = model.dump_model(num_iteration=1).get("objective", "none").split()[0]
    info = {"estimator": "Booster"}
    if objective in _CLASSES:
        classes = np.arange(max(model.num_model_per_iteration(), 2))
        return _subject(model, feature_names, class_labels, info, classes=classes)
    refuse_labels(model, class_labels)
    return _subject(model, feature_names, None, info)


def _subject(
    booster: Any,
    feature_names: list[str] | None,
    class_labels: list[Any] | None,
    info: dict[str, str],
    *,
    classes: Any = None,
) -> Subject:
    is_value = classes is None
    _refuse_unconvertible(booster, _VALUES if is_value else _CLASSES)
    dump = GivenTrees(_SOURCE, {"is_value": is_value}, text=booster.model_to_string().encode())
    names, n_features = booster.feature_name(), booster.num_feature()
    if names == [f"Column_{place}" for place in range(n_features)]:
        names = numbered(n_features)
    answers: Any = (
        value_answers(dump) if is_value else ClassAnswers(given_labels(class_labels, classes))
    )
    return Subject(
        learner=dump,
        answers=answers,
        specs=input_specs(feature_names, names),
        columns=tuple(names),
        info=info | {"algorithm": "trees"},
        own_answer=_own_answer(booster, is_value),
    )


def _own_answer(booster: Any, is_value: bool) -> Callable[[np.ndarray], np.ndarray]:
    def answer(X: np.ndarray) -> np.ndarray:
        numbers = np.asarray(booster.predict(X, num_threads=1))
        if numbers.ndim > 1:
            return numbers
        return numbers.reshape(-1, 1) if is_value else np.column_stack([1 - numbers, numbers])

    return answer


def _refuse_unconvertible(booster: Any, known: dict[str, str]) -> None:
    model = booster.dump_model()
    objective, *options = model.get("objective", "none").split()
    if objective not in known:
        raise _refused(f"objective={objective!r}", f"Train with one of {sorted(known)}")
    if "sqrt" in options:
        raise _refused("reg_sqrt=True", "Train with the square root of the target yourself")
    if not model["tree_info"]:
        raise _refused("a model without trees", "Train it for one round or more")
    text = booster.model_to_string()
    if "\nis_linear=1" in text:
        raise _refused("linear_tree=True", "Train with linear_tree=False")
    waiting = [tree["tree_structure"] for tree in model["tree_info"]]
    while waiting:
        node = waiting.pop()
        if "leaf_value" in node:
            continue
        if node["decision_type"] != "<=":
            raise _refused(
                "categorical splits", "Encode categories as numbers, and train without them"
            )
        if node["missing_type"] == "Zero" and node["default_left"] != (node["threshold"] >= 0):
            raise _refused(
                "zero_as_missing=True, by which a zero goes the way of missing values",
                "Train with zero_as_missing=False, and NaN where a value is missing",
            )
        waiting += [node["left_child"], node["right_child"]]


def _refused(option: str, remedy: str) -> NotExportableError:
    return NotExportableError(
        f"A LightGBM model must have options that Core ML can hold exactly. Got {option}. {remedy}."
    )
