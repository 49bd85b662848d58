"""The registries of converters and parsers, which the modules of converters fill."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from novin_ml.coreml.converters._own_methods import require_own_methods
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.families import FAMILIES
from novin_ml.exceptions import NotExportableError

#: Takes (object, feature names or None, class labels or None), returns the subject of an export.
Parser = Callable[[Any, "list[str] | None", "list[Any] | None"], Subject]


@dataclass(frozen=True)
class Converter:
    """Conversion of a class of learners to a Core ML spec.

    Attributes
    ----------
    convert : callable
        Takes a Subject and returns a ``Model_pb2.Model``.
    tolerance : float
        Largest difference of a number in the answer that the certificate allows.
    exact : callable, optional
        Takes a learner and float32 rows and returns the numbers of the answer in float64. For
        learners whose own rounding may exceed the tolerance.
    compares_only : bool
        Whether features are only compared, so that any number is allowed.
    proves_all : bool
        Whether the structure is always proved node by node, so that of very many thresholds and
        leaves a sample is compared row by row.
    """

    convert: Callable[[Subject], Any]
    tolerance: float
    exact: Callable[[Any, np.ndarray], np.ndarray] | None = None
    compares_only: bool = False
    proves_all: bool = False


@dataclass(frozen=True)
class Taken:
    """A class of models that is exported, as a row of the table in the documentation.

    Attributes
    ----------
    name : str
        Library and class.
    form : str
        The Core ML model that it becomes.
    tolerance : str
        Largest error that the certificate allows, with its unit if it is not a probability.
    refused : str
        Options that are refused, and why.
    """

    name: str
    form: str
    tolerance: str
    refused: str


_TAKEN: dict[str, Taken] = {}
_CONVERTERS: dict[type, Converter] = {}
_PARSERS: dict[str, Parser] = {}


def register_converter(
    learner: type,
    *,
    tolerance: float,
    exact: Callable[[Any, np.ndarray], np.ndarray] | None = None,
    compares_only: bool = False,
    proves_all: bool = False,
) -> Callable[[Any], Any]:
    """Register a function ``convert(subject)`` for a class of learners.

    Parameters
    ----------
    learner : type
        Class of learners that the function converts.
    tolerance : float
        Largest difference of a number in the answer that the certificate allows.
    exact : callable, default=None
        See `Converter`.
    compares_only, proves_all : bool, default=False
        See `Converter`.

    Returns
    -------
    register : callable
        A decorator that returns the function unchanged.
    """

    def register(convert: Callable[[Subject], Any]) -> Callable[[Subject], Any]:
        _check(convert, ["subject"], learner.__name__, learner in _CONVERTERS)
        _CONVERTERS[learner] = Converter(convert, tolerance, exact, compares_only, proves_all)
        return convert

    return register


def register_parser(
    class_name: str, *, form: str = "", tolerance: str = "1e-6", refused: str = ""
) -> Callable[[Parser], Parser]:
    """Register ``parse(model, feature_names, class_labels)`` for a class and its subclasses.

    The class is given by name, so that its library is not imported.

    Parameters
    ----------
    class_name : str
        The first part of its module and its name, such as ``"xgboost.Booster"``.
    form, tolerance, refused : str
        The row of the class in the table of what is taken; see `Taken`. A class without a form has
        no row.

    Returns
    -------
    register : callable
        A decorator that returns the function unchanged.
    """

    def register(parse: Parser) -> Parser:
        expected = ["model", "feature_names", "class_labels"]
        _check(parse, expected, class_name, class_name in _PARSERS)
        _PARSERS[class_name] = parse
        if form:
            add_to_table(class_name, form, tolerance, refused)
        return parse

    return register


def add_to_table(class_name: str, form: str, tolerance: str, refused: str) -> None:
    """Add a row to the table of what is taken; see `Taken`."""
    _TAKEN[class_name] = Taken(class_name, form, tolerance, refused)


def _check(function: Any, expected: list[str], name: str, duplicate: bool) -> None:
    got = list(inspect.signature(function).parameters)
    if duplicate or got != expected:
        raise TypeError(
            f"{function.__qualname__} must be the only one registered for {name}, "
            f"with the parameters {expected}. "
            f"Got {got}{', and another is registered' if duplicate else ''}."
        )


def taken_models() -> list[Taken]:
    """Return what is exported of other libraries, in the order of the names.

    Returns
    -------
    rows : list of Taken
        One for each class.
    """
    return [_TAKEN[name] for name in sorted(_TAKEN)]


def converter_for(learner: Any) -> Converter:
    """Return the converter of a learner.

    Parameters
    ----------
    learner : object
        A learner of a class that has a converter.

    Returns
    -------
    converter : Converter
        The converter that is registered for its class.
    """
    return _CONVERTERS[type(learner)]


def parse_model(
    model: Any, feature_names: list[str] | None = None, class_labels: list[Any] | None = None
) -> Subject:
    """Return the subject of the export of a fitted object.

    Parameters
    ----------
    model : object
        An estimator, a pipeline that ends in one, or a model of a known library.
    feature_names : list of str, default=None
        Names of the inputs; None for those of the model.
    class_labels : list of str or int, default=None
        Labels of the classes; None for those of the model.

    Returns
    -------
    subject : Subject
        A learner with its inputs and answers.

    Raises
    ------
    NotExportableError
        If the class is unknown, the object has overridden methods, or one of its options cannot be
        exported.
    """
    parser = _parser_of(model)
    if parser is not None:
        require_own_methods(model, _PARSERS)
        return parser(model, feature_names, class_labels)
    raise unknown_model(model)


def unknown_model(model: Any) -> NotExportableError:
    """Return the error for a class that is not exported, with what it wraps if that is."""
    remedy = "Train one of novin_ml's estimators on the same features."
    wrapped = path_to_wrapped(model)
    if wrapped:
        remedy = (
            f"Export the estimator that it wraps, model{wrapped}, fitted and without what the "
            "wrapper adds."
        )
    return NotExportableError(
        f"The model must be one of {_known()}. Got {type(model).__module__}."
        f"{type(model).__qualname__}. {remedy}"
    )


def _known() -> list[str]:
    """Return the classes by their public names: a base of novin_ml's own is not among those."""
    own = {f"novin_ml.{family.estimator.__name__}" for family in FAMILIES.values()}
    own.add("novin_ml.estimators.HomeMonitor")
    return sorted(own | {name for name in _PARSERS if not name.startswith("novin_ml.")})


def _parser_of(model: Any) -> Parser | None:
    names = (f"{c.__module__.split('.')[0]}.{c.__qualname__}" for c in type(model).__mro__)
    return next((_PARSERS[name] for name in names if name in _PARSERS), None)


def path_to_wrapped(model: Any) -> str:
    """Return the attributes that lead from a meta-estimator to an exportable one, or ""."""
    for name in ("best_estimator_", "estimator_", "estimator"):
        inner = getattr(model, name, None)
        if isinstance(inner, BaseEstimator):
            deeper = "" if _parser_of(inner) is not None else path_to_wrapped(inner)
            if deeper or _parser_of(inner) is not None:
                return f".{name}{deeper}"
    return ""
