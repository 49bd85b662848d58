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
from typing import Any, Self, TypeVar

from novin_ml.parameters import plain_messages, require_parameters, unknown_parameter
from novin_ml.plain import as_python, plural

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
    return sorted([*_NAMES, "NamedParameters", "validate_parameter_constraints", "validate_params"])


def validate_parameter_constraints(
    constraints: Constraints, params: Mapping[str, Any], caller_name: str
) -> None:
    """Raise InvalidParameterError unless each parameter keeps its constraints.

    A scalar of numpy counts as the equal one of Python, and a duration of numpy as no number: it is
    an integer by its class.
    """
    plain = {name: as_python(value) for name, value in params.items()}
    with plain_messages(params.values()):
        _constraints().validate_parameter_constraints(constraints, plain, caller_name)


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


class NamedParameters:
    """Mixin of estimators that name themselves in each error about a parameter.

    Its classes come before scikit-learn's, whose `set_params` and validation it wraps.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = _checked(vars(cls)["__init__"])  # type: ignore[method-assign]

    def set_params(self, **params: Any) -> Self:
        """Set parameters of the estimator.

        Parameters
        ----------
        **params
            Parameters by name.

        Returns
        -------
        self : object
            The estimator itself.

        Raises
        ------
        ValueError
            If it has no parameter of a name; the message offers the nearest one.
        """
        known = sorted(self._get_param_names())  # type: ignore[attr-defined]
        for name in params:
            own, delimiter, _ = name.partition("__")
            holder = params.get(own, getattr(self, own, None))
            if own not in known or (delimiter and not hasattr(holder, "set_params")):
                raise ValueError(unknown_parameter(type(self).__name__, name, known))
        return super().set_params(**params)  # type: ignore[misc]

    def _validate_params(self) -> None:
        validate_parameter_constraints(
            self._parameter_constraints,  # type: ignore[attr-defined]
            self.get_params(deep=False),  # type: ignore[attr-defined]
            caller_name=type(self).__name__,
        )


def _checked(init: Callable[..., None]) -> Callable[..., None]:
    signature = inspect.signature(init)

    @functools.wraps(init)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        require_parameters(type(self).__name__, signature, (self, *args), kwargs)
        init(self, *args, **kwargs)

    return wrapper


def require_float(name: str, value: Any, owner: str) -> None:
    """Raise ValueError if a whole number is larger than any float, which no comparison tells."""
    try:
        float(value)
    except OverflowError:
        raise ValueError(
            f"The {name!r} parameter of {owner} must be a number that a float can hold. Got one "
            f"of {plural(int(value).bit_length(), 'bit')}. Pass a smaller one."
        ) from None
