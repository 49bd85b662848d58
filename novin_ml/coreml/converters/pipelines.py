"""Parse models of scikit-learn, and pipelines of them, as programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.answers import ClassAnswers, DecisionAnswers, ValueAnswers
from novin_ml.coreml.converters._registry import (
    add_to_table,
    parse_model,
    path_to_wrapped,
    register_parser,
    unknown_model,
)
from novin_ml.coreml.converters.steps.registry import (
    REFUSED,
    STEPS,
    decision,
    has_role,
    not_known,
    probabilities,
    value_of,
)
from novin_ml.coreml.converters.steps.search import SEARCHES
from novin_ml.coreml.converters.steps.thresholds import threshold_of
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.program.bounds import reach_of
from novin_ml.coreml.program.builder import Builder
from novin_ml.coreml.program.ops import Program
from novin_ml.coreml.subject import Subject, given_labels, own_columns, refuse_labels
from novin_ml.exceptions import NotExportableError

# What double computes must be so much nearer than what float32 does.
_IN_DOUBLE = 1e-4

#: Classes that have a parser of their own, which keeps more than a program does.
_PARSED_OTHERWISE = {"sklearn.MLPClassifier", "sklearn.Pipeline"}


def parse_program(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted model of scikit-learn, or a pipeline, as a program."""
    check_is_fitted(model)
    if _wraps_own(model):
        raise unknown_model(model)
    columns = own_columns(model)
    builder = Builder(columns)
    threshold = threshold_of(model)
    if has_role(model, "value") and not hasattr(model, "classes_"):
        refuse_labels(model, class_labels)
        answer, own = value_of(model, builder.inputs, builder), _column_of(model.predict)
        program = builder.program(answer)
        answers: Any = _value_answers(program, builder.box())
    elif hasattr(model, "predict_proba") or not has_role(model, "decision"):
        labels = given_labels(class_labels, _classes(model))
        answer, own = probabilities(model, builder.inputs, builder), model.predict_proba
        program = builder.program(answer)
        answers = ClassAnswers(labels)
        if threshold is not None:
            place = _classes(model).tolist().index(threshold.label)
            answers = ClassAnswers(labels, threshold.value, place)
    else:
        labels = given_labels(class_labels, _classes(model))
        answer, own = decision(model, builder.inputs, builder), _column_of(_decision_of(model))
        program = builder.program(answer)
        answers = DecisionAnswers(
            labels,
            _largest(program, builder.box()),
            0.0 if threshold is None else threshold.value,
        )
    may_miss = builder.may_miss
    return Subject(
        learner=program,
        answers=answers,
        specs=input_specs(feature_names, columns),
        columns=columns,
        allows_missing=bool(may_miss),
        never_missing=tuple(p for p in range(len(columns)) if p not in may_miss)
        if may_miss
        else (),
        info={"estimator": type(model).__name__, "algorithm": program.kind},
        own_answer=_own_answers(model, own, program.domains),
        box=builder.box(),
    )


def _wraps_own(model: Any) -> bool:
    """Whether a wrapper has an estimator of novin_ml, which is exported by itself."""
    inner = model
    for name in path_to_wrapped(model).split(".")[1:]:
        inner = getattr(inner, name)
    return any(base.__module__.startswith("novin_ml.") for base in type(inner).__mro__)


def parse_search(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse the best model of a search, as it would be parsed alone."""
    check_is_fitted(model)
    if not hasattr(model, "best_estimator_"):
        raise NotExportableError(
            f"A {type(model).__name__} must have its best_estimator_. Got one with refit=False. "
            "Train it with refit=True."
        )
    return parse_model(model.best_estimator_, feature_names, class_labels)


def _classes(model: Any) -> Any:
    if len(model.classes_) < 2:
        raise NotExportableError(
            f"A {type(model).__name__} must have two classes or more. Got one. "
            "Train with more classes."
        )
    return model.classes_


def _decision_of(model: Any) -> Any:
    """Return the decision function, of wrappers that have none that of what they wrap."""
    return model.decision_function


def _column_of(answer: Any) -> Any:
    def column(rows: Any) -> np.ndarray:
        numbers = np.asarray(answer(rows), dtype=np.float64)
        return numbers.reshape(len(numbers), -1)

    return column


def _value_answers(program: Program, box: np.ndarray) -> ValueAnswers:
    last = next(op for op in program.ops if op.name == program.answer)
    if last.kind == "exp":
        return ValueAnswers(is_relative=True)
    return ValueAnswers(scale=_largest(program, box))


def _largest(program: Program, box: np.ndarray) -> float:
    """Return the largest absolute number of an answer, of rows in a box of three times the size."""
    low, high = box.astype(np.float64)
    most = float(np.max(reach_of(program, np.array([2 * low - high, 2 * high - low])).most))
    last = next(op for op in program.ops if op.name == program.answer)
    share = _IN_DOUBLE if last.kind in ("linear", "join") and last.is_stage else 1.0
    return most * share if 0 < most < np.inf else 1.0


def _own_answers(model: Any, answer: Any, domains: tuple[Any, ...]) -> Any:
    """Return a method of a fitted model as a function of rows, in float64."""
    names = getattr(model, "feature_names_in_", None)

    def answer_rows(X: np.ndarray) -> np.ndarray:
        columns = [
            X[:, place].astype(np.float64)
            if domain is None
            else np.asarray(domain, dtype=object if isinstance(domain[0], str) else None)[
                X[:, place].astype(np.intp)
            ]
            for place, domain in enumerate(domains)
        ]
        rows: Any
        if names is not None:
            rows = pd.DataFrame(dict(zip(names, columns, strict=True)))
        elif any(column.dtype == object for column in columns):
            rows = np.column_stack([column.astype(object) for column in columns])
        else:
            rows = np.column_stack(columns)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(answer(rows), dtype=np.float64)

    return answer_rows


def refuse(model: Any, feature_names: list[str] | None, class_labels: list[Any] | None) -> Subject:
    """Refuse a class that Core ML has no exact form of."""
    raise not_known(model, "value")


for _name in REFUSED:
    register_parser(_name)(refuse)
for _name in SEARCHES:
    register_parser(
        f"sklearn.{_name}", form="the best model of the search", tolerance="that of it"
    )(parse_search)

_seen = set(_PARSED_OTHERWISE)
for (_name, _role), _step in STEPS.items():
    if _role == "transform":
        add_to_table(_name, _step.form, _step.tolerance, "; ".join(_step.refuses))
    elif _name not in _seen and _step.is_alone:
        _seen.add(_name)
        register_parser(
            _name, form=_step.form, tolerance=_step.tolerance, refused="; ".join(_step.refuses)
        )(parse_program)
