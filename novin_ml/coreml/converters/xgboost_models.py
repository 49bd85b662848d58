"""Parse XGBClassifier and Booster of xgboost."""

from __future__ import annotations

import functools
import json
import math
import re
from numbers import Real
from typing import Any

import numpy as np

from novin_ml.coreml.answers import ClassAnswers
from novin_ml.coreml.converters._registry import Parser, register_parser
from novin_ml.coreml.converters.boosting import intercept
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import Subject, given_labels, numbered
from novin_ml.estimators.learners import BoostingLearner
from novin_ml.exceptions import NotExportableError
from novin_ml.plain import plural, shown

_REFUSED = "gblinear, categorical splits, several targets, objectives of one's own"
_OBJECTIVES = ("binary:logistic", "multi:softprob")


def _named_errors(parse: Parser) -> Parser:
    """Refuse by a sentence what xgboost itself fails at, with a trace of its library."""

    @functools.wraps(parse)
    def wrapper(
        model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
    ) -> Subject:
        import xgboost

        try:
            return parse(model, feature_names, class_labels)
        except xgboost.core.XGBoostError as error:
            said = re.sub(r"^\[[\d:]+\] \S+:\d+: ", "", str(error).splitlines()[0])
            raise _refused(
                f"a model that xgboost does not answer for: {said.rstrip('. ')}",
                "Train it with parameters that xgboost takes",
            ) from None

    return wrapper


@register_parser(
    "xgboost.XGBClassifier",
    form="tree ensemble with a sigmoid, or with a softmax over the classes",
    refused=_REFUSED,
)
@_named_errors
def parse_xgb_classifier(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted XGBClassifier up to its best iteration, as its predict_proba does."""
    booster = model.get_booster()
    if callable(model.objective):
        raise _refused("a callable objective", "Train with binary:logistic or multi:softprob")
    if getattr(model, "n_classes_", 2) < 2:
        raise _one_class()
    missing = model.missing
    if not isinstance(missing, Real) or not math.isnan(missing):
        raise _refused(f"missing={shown(missing)}", "Train with missing=nan and NaN in the data")
    if getattr(model, "enable_categorical", False) and _has_categories(booster):
        raise _categories()
    try:
        kept = model.best_iteration + 1
    except AttributeError:
        kept = booster.num_boosted_rounds()

    return _subject_of_booster(
        booster[:kept] if kept < booster.num_boosted_rounds() else booster,
        feature_names,
        class_labels,
        predict_proba=model.predict_proba,
        info={"estimator": type(model).__name__},
    )


@register_parser(
    "xgboost.Booster",
    form="as the estimator of its objective",
    refused=f"{_REFUSED}; rounds beyond the best one",
)
@_named_errors
def parse_booster(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a Booster with all its rounds, as its predict does."""
    import xgboost

    try:
        rounds = model.num_boosted_rounds()
    except xgboost.core.XGBoostError:
        raise _refused("a Booster without a model", "Train it, or load a model into it") from None
    best = model.attr("best_iteration")
    if best is not None and int(best) + 1 < rounds:
        raise _refused(
            f"a Booster of {plural(rounds, 'round')} whose best_iteration is {best}",
            f"Say which are meant: booster[:{int(best) + 1}], "
            "or booster.set_attr(best_iteration=None)",
        )

    def predict_proba(X: np.ndarray) -> np.ndarray:
        answer = model.inplace_predict(X, validate_features=False)
        return np.column_stack([1 - answer, answer]) if answer.ndim == 1 else answer

    return _subject_of_booster(
        model, feature_names, class_labels, predict_proba, {"estimator": "Booster"}
    )


def _subject_of_booster(
    booster: Any,
    feature_names: list[str] | None,
    class_labels: list[Any] | None,
    predict_proba: Any,
    info: dict[str, str],
) -> Subject:
    config = json.loads(booster.save_config())["learner"]
    _refuse_unconvertible(booster, config)
    # What the phone is to answer, xgboost must: the certificate asks it for far more rows.
    predict_proba(np.full((1, booster.num_features()), np.nan, dtype=np.float32))
    n_features = booster.num_features()
    n_classes = max(int(config["learner_model_param"]["num_class"]), 2)
    columns = tuple(booster.feature_names or numbered(n_features))
    bare = booster.copy()
    bare.feature_names = None
    bare.feature_types = None
    bare.set_param({"nthread": 1})
    return Subject(
        learner=BoostingLearner(bare, n_features, n_classes),
        answers=ClassAnswers(given_labels(class_labels, np.arange(n_classes))),
        specs=input_specs(feature_names, columns),
        columns=columns,
        info=info | {"algorithm": "boosting"},
        own_answer=predict_proba,
    )


def _refuse_unconvertible(booster: Any, config: dict[str, Any]) -> None:
    name = config["gradient_booster"]["name"]
    if name != "gbtree":
        raise _refused(f"booster={name!r}", "Train with booster='gbtree' and without dropout")
    objective = config["objective"]["name"]
    if objective not in _OBJECTIVES:
        raise _refused(f"objective={objective!r}", f"Train with one of {list(_OBJECTIVES)}")
    if booster.num_boosted_rounds() == 0:
        raise _refused("a Booster of 0 rounds", "Train it for one round or more")
    param = config["learner_model_param"]
    if int(param.get("num_target", "1")) > 1:
        raise _refused(f"{param['num_target']} targets", "Train one model for each target")
    if objective.startswith("multi:"):
        saturated = int(param["num_class"]) < 2
    else:
        # An intercept of 0 or 1 is an infinite margin: no row was of the other class.
        saturated = not np.isfinite(intercept(booster, n_classes=2)).all()
    if saturated:
        raise _one_class()
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    if "weight_drop" in model:  # xgboost 3.4 calls dart gbtree
        raise _refused("booster='dart'", "Train with booster='gbtree' and without dropout")
    for tree in model["trees"]:
        if int(tree["tree_param"]["size_leaf_vector"]) > 1:
            raise _refused(
                "multi_strategy='multi_output_tree'",
                "Train with multi_strategy='one_output_per_tree'",
            )
        if any(tree["split_type"]):
            raise _categories()
    if objective.startswith("multi:") and int(param["num_class"]) == 2:
        raise _refused(
            "objective='multi:softprob' with two classes", "Train with objective='binary:logistic'"
        )


def _has_categories(booster: Any) -> bool:
    return "c" in (booster.feature_types or [])


def _one_class() -> NotExportableError:
    return _refused("one class", "Train with two classes or more")


def _categories() -> NotExportableError:
    return _refused(
        "categorical splits", "Encode categories as numbers, and train without enable_categorical"
    )


def _refused(option: str, remedy: str) -> NotExportableError:
    return NotExportableError(
        f"An xgboost model must have options that Core ML can hold exactly. Got {option}. {remedy}."
    )
