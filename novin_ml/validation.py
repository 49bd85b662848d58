"""Checks of arguments that are written as data: scikit-learn's, whose module for them is private.

This is the only module that names it, so that a scikit-learn that moves it is met here. What it
offers is the same in all supported versions, 1.6 to 1.9. It is imported when it is first needed:
reading events takes no scikit-learn, which takes as long to import as pandas.

Its sentence is "The 'top' parameter of explain must be an int in the range [1, inf). Got 0
instead." A check whose remedy says more than the range stays where it is.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, TypeVar

from novin_ml.parameters import plain_messages, require_parameters

Function = TypeVar("Function", bound=Callable[..., Any])
#: Constraints of each parameter; any one of its list is enough.
Constraints = Mapping[str, list[Any]]

_PRIVATE = "sklearn.utils._param_validation"
_NAMES = (
    "HasMethods",
    "Interval",
    "InvalidParameterError",
    "Options",
    "RealNotInt",
    "StrOptions",
)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_constraints(), name)


def __dir__() -> list[str]:
    return sorted([*_NAMES, "validate_parameter_constraints", "validate_params"])


def validate_parameter_constraints(
    constraints: Constraints, params: Mapping[str, Any], caller_name: str
) -> None:
    """Raise InvalidParameterError unless each parameter keeps its constraints."""
    with plain_messages(params.values()):
        _constraints().validate_parameter_constraints(constraints, params, caller_name)


def validate_params(
    constraints: Constraints | Callable[[Any], Constraints],
    *,
    prefer_skip_nested_validation: bool,
) -> Callable[[Function], Function]:
    """Return a decorator that checks the arguments of a function or method.

    Parameters
    ----------
    constraints : dict of str to list, or callable
        Constraints of the parameters; others are not checked. A callable is given the module of
        the constraints (``Interval``, ``StrOptions``, ...) at the first call of the function, so
        that its module is imported without scikit-learn: for events and simulations.
    prefer_skip_nested_validation : bool
        Whether functions that are called meanwhile may leave their own checks out. False if one
        of the arguments is an estimator, which must check its own parameters.

    Returns
    -------
    decorator : callable
        What it returns has the signature of the function.

    Raises
    ------
    InvalidParameterError
        On a call with an argument that no constraint allows; a ValueError and a TypeError.

    Notes
    -----
    A bool is an int, and an interval takes it if it holds 0 or 1. NaN is in no interval, and
    infinity only in one that is closed there.

    Examples
    --------
    >>> from numbers import Integral
    >>> from novin_ml.validation import Interval, validate_params
    >>> @validate_params(
    ...     {"top": [Interval(Integral, 1, None, closed="left")]},
    ...     prefer_skip_nested_validation=True,
    ... )
    ... def first(items, top=1):
    ...     return items[:top]
    >>> first("abc", top=0)
    Traceback (most recent call last):
    ...
    sklearn.utils._param_validation.InvalidParameterError: The 'top' parameter of first must be ...
    """

    def decorator(function: Function) -> Function:
        @functools.cache
        def checked() -> Any:
            known = constraints(_constraints()) if callable(constraints) else constraints
            return _constraints().validate_params(
                dict(known), prefer_skip_nested_validation=prefer_skip_nested_validation
            )(function)

        signature = inspect.signature(function)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            require_parameters(function.__name__, signature, args, kwargs)
            with plain_messages([*args, *kwargs.values()]):
                return checked()(*args, **kwargs)

        return wrapper  # type: ignore[return-value]

    return decorator


def _constraints() -> ModuleType:
    return importlib.import_module(_PRIVATE)
