"""Which objects can be exported, and how: two tables, filled by the converters' modules."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from novin_ml.coreml.converters._own_methods import require_own_methods
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import NotExportableError

#: From (object, feature names or None, class labels or None) to the subject of an export.
Adopter = Callable[[Any, "list[str] | None", "list[Any] | None"], Subject]


@dataclass(frozen=True)
class Converter:
    """How a learner becomes a Core ML spec.

    Attributes
    ----------
    convert : callable
        From a Subject to a ``Model_pb2.Model``.
    tolerance : float
        Largest difference of an answer's number that the certificate allows.
    exact : callable, optional
        From a learner and float32 rows to its answer's numbers in float64, for a learner whose own
        rounding may be larger than the tolerance.
    compares_only : bool
        Whether features are only compared, so that no number is too large for it.
    """

    convert: Callable[[Subject], Any]
    tolerance: float
    exact: Callable[[Any, np.ndarray], np.ndarray] | None = None
    compares_only: bool = False


_CONVERTERS: dict[type, Converter] = {}
_ADOPTERS: dict[str, Adopter] = {}


def register_converter(
    learner: type,
    *,
    tolerance: float,
    exact: Callable[[Any, np.ndarray], np.ndarray] | None = None,
    compares_only: bool = False,
) -> Callable[[Any], Any]:
    """Register a function ``convert(subject)`` for a class of learners."""

    def register(convert: Callable[[Subject], Any]) -> Callable[[Subject], Any]:
        _check(convert, ["subject"], learner.__name__, learner in _CONVERTERS)
        _CONVERTERS[learner] = Converter(convert, tolerance, exact, compares_only)
        return convert

    return register


def register_adopter(class_name: str) -> Callable[[Adopter], Adopter]:
    """Register a function ``adopt(model, feature_names, class_labels)`` for a class and its heirs.

    The class is named ``"module.Class"``, its module's first part being enough, so that a library
    is not imported before somebody brings an object of it.
    """

    def register(adopt: Adopter) -> Adopter:
        expected = ["model", "feature_names", "class_labels"]
        _check(adopt, expected, class_name, class_name in _ADOPTERS)
        _ADOPTERS[class_name] = adopt
        return adopt

    return register


def _check(function: Any, expected: list[str], name: str, duplicate: bool) -> None:
    got = list(inspect.signature(function).parameters)
    if duplicate or got != expected:
        raise TypeError(
            f"{function.__qualname__} must be the only one registered for {name}, "
            f"with the parameters {expected}. "
            f"Got {got}{', and another is registered' if duplicate else ''}."
        )


def converter_for(learner: Any) -> Converter:
    """Return the converter of a learner."""
    return _CONVERTERS[type(learner)]


def adopt(
    model: Any, feature_names: list[str] | None = None, class_labels: list[Any] | None = None
) -> Subject:
    """Return what is to be exported of a fitted object.

    Raises
    ------
    NotExportableError
        If objects of this class are not known, it has methods of its own, or an option of this one
        cannot be exported.
    """
    adopter = _adopter_of(model)
    if adopter is not None:
        require_own_methods(model, _ADOPTERS)
        return adopter(model, feature_names, class_labels)
    remedy = "Train one of novin_ml's estimators on the same features."
    wrapped = _path_to_wrapped(model)
    if wrapped:
        remedy = (
            f"Export the estimator that it wraps, model{wrapped}, fitted and without what the "
            "wrapper adds."
        )
    raise NotExportableError(
        f"The model must be one of {sorted(_ADOPTERS)}. Got {type(model).__module__}."
        f"{type(model).__qualname__}. {remedy}"
    )


def _adopter_of(model: Any) -> Adopter | None:
    names = (f"{c.__module__.split('.')[0]}.{c.__qualname__}" for c in type(model).__mro__)
    return next((_ADOPTERS[name] for name in names if name in _ADOPTERS), None)


def _path_to_wrapped(model: Any) -> str:
    """Return the attributes that lead from a meta-estimator to what can be exported, or ""."""
    for name in ("best_estimator_", "estimator_", "estimator"):
        inner = getattr(model, name, None)
        if isinstance(inner, BaseEstimator):
            deeper = "" if _adopter_of(inner) is not None else _path_to_wrapped(inner)
            if deeper or _adopter_of(inner) is not None:
                return f".{name}{deeper}"
    return ""
