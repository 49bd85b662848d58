"""Parse models of scikit-learn, and pipelines of them, as programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.answers import ClassAnswers
from novin_ml.coreml.converters._registry import add_to_table, register_parser
from novin_ml.coreml.converters.steps.registry import (
    STEPS,
    has_role,
    not_known,
    probabilities,
)
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.program.builder import Builder
from novin_ml.coreml.subject import Subject, given_labels, own_columns
from novin_ml.exceptions import NotExportableError

#: Classes that have a parser of their own, which keeps more than a program does.
_PARSED_OTHERWISE = {"sklearn.MLPClassifier", "sklearn.Pipeline"}


def parse_program(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted model of scikit-learn, or a pipeline, as a program."""
    check_is_fitted(model)
    columns = own_columns(model)
    builder = Builder(columns)
    if has_role(model, "probabilities") and hasattr(model, "predict_proba"):
        answers = ClassAnswers(given_labels(class_labels, _classes(model)))
        answer, own = probabilities(model, builder.inputs, builder), model.predict_proba
    else:
        raise not_known(model, "probabilities")
    program = builder.program(answer)
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


def _classes(model: Any) -> Any:
    if len(model.classes_) < 2:
        raise NotExportableError(
            f"A {type(model).__name__} must have two classes or more. Got one. "
            "Train with more classes."
        )
    return model.classes_


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


for (_name, _role), _step in STEPS.items():
    if _role == "transform":
        add_to_table(_name, _step.form, _step.tolerance, "; ".join(_step.refuses))
    elif _name not in _PARSED_OTHERWISE:
        register_parser(
            _name, form=_step.form, tolerance=_step.tolerance, refused="; ".join(_step.refuses)
        )(parse_program)
