"""The registry of steps: what a class of scikit-learn computes, as operations of a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.converters._own_methods import require_own_methods
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op
from novin_ml.exceptions import NotExportableError

#: What a step makes of a vector: another one, probabilities, a decision, or a value.
Role = Literal["transform", "probabilities", "decision", "value"]
#: Takes (fitted object, vector, builder); returns a vector, or the operation of an answer.
Build = Callable[[Any, Value, Builder], Any]


@dataclass(frozen=True)
class Step:
    """How one class becomes operations.

    Attributes
    ----------
    class_name : str
        The first part of its module and its name, such as ``"sklearn.StandardScaler"``.
    role : str
        See `Role`.
    form : str
        What it becomes in Core ML.
    refuses : tuple of str
        Options that Core ML cannot hold exactly, as the error names them.
    build : callable
        See `Build`.
    tolerance : str
        Largest error that the certificate allows, of a model with this step.
    is_alone : bool
        Whether a model of this class alone is a program, too.
    """

    class_name: str
    role: Role
    form: str
    refuses: tuple[str, ...]
    build: Build
    tolerance: str = "1e-5"
    is_alone: bool = True


STEPS: dict[tuple[str, Role], Step] = {}

#: Classes that are refused by name, with the reason and the remedy.
REFUSED: dict[str, str] = {}


def register_step(
    *class_names: str,
    role: Role,
    form: str,
    refuses: tuple[str, ...] = (),
    tolerance: str = "1e-5",
    is_alone: bool = True,
) -> Callable[[Build], Build]:
    """Register ``build(model, value, builder)`` for classes by name.

    Parameters
    ----------
    *class_names : str
        Each as in `Step`.
    role : str
        See `Role`.
    form : str
        What it becomes in Core ML.
    refuses : tuple of str, default=()
        Options that are refused.
    tolerance : str, default="1e-5"
        As in `Step`.
    is_alone : bool, default=True
        As in `Step`.

    Returns
    -------
    register : callable
        A decorator that returns the function unchanged.
    """

    def register(build: Build) -> Build:
        for name in class_names:
            if (name, role) in STEPS:
                raise TypeError(f"{name} must be registered once as a {role}. Got it twice.")
            STEPS[name, role] = Step(name, role, form, refuses, build, tolerance, is_alone)
        return build

    return register


def names_of(model: Any) -> list[str]:
    """Return the classes of an object by name, its own first."""
    return [f"{c.__module__.split('.')[0]}.{c.__qualname__}" for c in type(model).__mro__]


def step_of(model: Any, role: Role) -> Step | None:
    """Return the step of an object, or None; a subclass may only add data."""
    found = next((STEPS[name, role] for name in names_of(model) if (name, role) in STEPS), None)
    if found is not None:
        require_own_methods(model, {name for name, _ in STEPS})
    return found


def has_role(model: Any, role: Role) -> bool:
    """Whether a class has a registered step for a role."""
    return any((name, role) in STEPS for name in names_of(model))


def transformed(model: Any, value: Value, builder: Builder) -> Value:
    """Return what a fitted transformer makes of a vector."""
    made: Value = _built(model, "transform", value, builder)
    builder.remember(made, lambda X: _of_transformer(model, builder.own_matrix(value, X)))
    return made


def _of_transformer(model: Any, rows: np.ndarray) -> np.ndarray:
    names = getattr(model, "feature_names_in_", None)
    made = model.transform(rows if names is None else pd.DataFrame(rows, columns=names))
    return np.asarray(made.toarray() if hasattr(made, "toarray") else made)


def probabilities(model: Any, value: Value, builder: Builder) -> Op:
    """Return the operation of a fitted classifier's probabilities."""
    made: Op = _built(model, "probabilities", value, builder)
    return made


def decision(model: Any, value: Value, builder: Builder) -> Op:
    """Return the operation of a fitted classifier's decision function."""
    made: Op = _built(model, "decision", value, builder)
    return made


def value_of(model: Any, value: Value, builder: Builder) -> Op:
    """Return the operation of a fitted regressor's value."""
    made: Op = _built(model, "value", value, builder)
    return made


_ARE = {
    "transform": "step before a model",
    "probabilities": "classifier with probabilities",
    "decision": "classifier with a decision function",
    "value": "regressor",
}


def _built(model: Any, role: Role, value: Value, builder: Builder) -> Any:
    step = step_of(model, role)
    if step is None:
        raise not_known(model, role)
    check_is_fitted(model)
    return step.build(model, value, builder)


def not_known(model: Any, role: Role) -> NotExportableError:
    """Return the error for a class without a step: its own reason, or what is known."""
    for name in names_of(model):
        if name in REFUSED:
            return NotExportableError(REFUSED[name])
    known = sorted({name.partition(".")[2] for name, each in STEPS if each == role})
    own = type(model)
    return NotExportableError(
        f"A {_ARE[role]} must be one of {known}. Got {own.__module__}.{own.__qualname__}. "
        "Train with one of these, or do in the app what this step does."
    )


def refused(model: Any, option: str, remedy: str) -> NotExportableError:
    """Return the error for an option that Core ML cannot hold exactly."""
    return NotExportableError(
        f"A {type(model).__name__} must have options that Core ML can hold exactly. "
        f"Got {option}. {remedy}."
    )
