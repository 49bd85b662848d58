"""Parse the estimators of xgboost's scikit-learn interface, and its Booster."""

from __future__ import annotations

import functools
import json
import math
import re
from typing import Any

import numpy as np
from scipy.special import softmax

from novin_ml.coreml.answers import ClassAnswers
from novin_ml.coreml.converters._registry import Parser, register_parser
from novin_ml.coreml.converters.boosting import intercept
from novin_ml.coreml.converters.ensembles.sklearn_trees import OF_THE_LARGEST
from novin_ml.coreml.converters.ensembles.xgboost_trees import (
    OBJECTIVES,
    is_number,
    subject_of_trees,
)
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import Subject, given_labels, numbered, refuse_labels
from novin_ml.estimators.learners import BoostingLearner
from novin_ml.exceptions import NotExportableError
from novin_ml.plain import plural, shown

_REFUSED = "gblinear, categorical splits, several targets, objectives of one's own"
_CLASSES = "tree ensemble with a sigmoid, or with a softmax over the classes"
_VALUES = "tree ensemble; an exponential of counts, gamma and tweedie, a sigmoid of logistic"
_OF_VALUES = f"{OF_THE_LARGEST}; 1e-5 of an exponential"
_OF_CLASSES = ("binary:logistic", "multi:softprob", "multi:softmax")


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


@register_parser("xgboost.XGBClassifier", form=_CLASSES, refused=_REFUSED)
@register_parser("xgboost.XGBRFClassifier", form=_CLASSES, refused=_REFUSED)
@_named_errors
def parse_xgb_classifier(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted XGBClassifier up to its best iteration, as its predict_proba does."""
    if callable(model.objective):
        raise _refused("a callable objective", "Train with binary:logistic or multi:softprob")
    if getattr(model, "n_classes_", 2) < 2:
        raise _one_class()
    booster, missing = _booster_of(model)
    return _subject_of_booster(
        booster,
        feature_names,
        class_labels,
        answer=model.predict_proba,
        info={"estimator": type(model).__name__},
        missing=missing,
    )


@register_parser("xgboost.XGBRegressor", form=_VALUES, tolerance=_OF_VALUES, refused=_REFUSED)
@register_parser("xgboost.XGBRFRegressor", form=_VALUES, tolerance=_OF_VALUES, refused=_REFUSED)
@register_parser(
    "xgboost.XGBRanker",
    form="tree ensemble of a score",
    tolerance=OF_THE_LARGEST,
    refused=_REFUSED,
)
@_named_errors
def parse_xgb_regressor(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted XGBRegressor or XGBRanker up to its best iteration, as its predict does."""
    refuse_labels(model, class_labels)
    if callable(model.objective):
        raise _refused("a callable objective", f"Train with one of {sorted(OBJECTIVES)}")
    booster, missing = _booster_of(model)
    return _subject_of_booster(
        booster,
        feature_names,
        class_labels,
        answer=lambda X: np.asarray(model.predict(X)).reshape(len(X), -1),
        info={"estimator": type(model).__name__},
        missing=missing,
        is_value=True,
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
    objective = json.loads(model.save_config())["learner"]["objective"]["name"]
    is_value = objective not in _OF_CLASSES
    if is_value:
        refuse_labels(model, class_labels)

    def answer(X: np.ndarray) -> np.ndarray:
        if objective == "multi:softmax":
            margins = model.inplace_predict(X, validate_features=False, predict_type="margin")
            return np.asarray(softmax(margins, axis=1))
        numbers = model.inplace_predict(X, validate_features=False)
        if numbers.ndim > 1:
            return np.asarray(numbers)
        return numbers.reshape(-1, 1) if is_value else np.column_stack([1 - numbers, numbers])

    return _subject_of_booster(
        model,
        feature_names,
        class_labels,
        answer=answer,
        info={"estimator": "Booster"},
        is_value=is_value,
    )


def _booster_of(model: Any) -> tuple[Any, float]:
    """Return the rounds by which an estimator answers, and what stands for a missing value."""
    booster = model.get_booster()
    missing = model.missing
    if not is_number(missing):
        raise _refused(f"missing={shown(missing)}", "Train with missing=nan and NaN in the data")
    if getattr(model, "enable_categorical", False) and _has_categories(booster):
        raise _categories()
    try:
        kept = model.best_iteration + 1
    except AttributeError:
        kept = booster.num_boosted_rounds()
    return booster[:kept] if kept < booster.num_boosted_rounds() else booster, float(missing)


def _subject_of_booster(
    booster: Any,
    feature_names: list[str] | None,
    class_labels: list[Any] | None,
    *,
    answer: Any,
    info: dict[str, str],
    missing: float = math.nan,
    is_value: bool = False,
) -> Subject:
    config = json.loads(booster.save_config())["learner"]
    is_plain = _refuse_unconvertible(booster, config, is_value)
    # What the phone is to answer, xgboost must: the certificate asks it for far more rows.
    answer(np.full((1, booster.num_features()), np.nan, dtype=np.float32))
    if is_value or not is_plain or not math.isnan(missing):
        return subject_of_trees(
            booster,
            feature_names,
            class_labels,
            answer=answer,
            info=info,
            is_value=is_value,
            missing=missing,
        )
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
        own_answer=answer,
    )


def _refuse_unconvertible(booster: Any, config: dict[str, Any], is_value: bool) -> bool:
    """Return whether `boosting` converts a booster; refuse what nothing converts."""
    name = config["gradient_booster"]["name"]
    if name not in ("gbtree", "dart"):
        raise _refused(f"booster={name!r}", "Train with booster='gbtree'")
    objective = config["objective"]["name"]
    known = sorted(OBJECTIVES) if is_value else list(_OF_CLASSES)
    if objective not in known:
        raise _refused(f"objective={objective!r}", f"Train with one of {known}")
    if booster.num_boosted_rounds() == 0:
        raise _refused("a Booster of 0 rounds", "Train it for one round or more")
    param = config["learner_model_param"]
    if int(param.get("num_target", "1")) > 1:
        raise _refused(f"{param['num_target']} targets", "Train one model for each target")
    if objective.startswith("multi:"):
        saturated = int(param["num_class"]) < 2
    else:
        # An intercept of 0 or 1 is an infinite margin: no row was of the other class.
        is_odds = objective.endswith(":logistic")
        saturated = is_odds and not np.isfinite(intercept(booster, n_classes=2)).all()
    if saturated:
        raise _one_class()
    saved = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    model = saved.get("gbtree", saved)["model"]
    # xgboost 3.4 calls dart gbtree.
    is_plain = name == "gbtree" and "weight_drop" not in model and objective != "multi:softmax"
    for tree in model["trees"]:
        is_plain = is_plain and int(tree["tree_param"]["size_leaf_vector"]) <= 1
        if any(tree["split_type"]):
            raise _categories()
    return is_plain and not (objective.startswith("multi:") and int(param["num_class"]) == 2)


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
