"""Names of parameters: checks of those in a call, and messages about misspelt ones."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from novin_ml.plain import shown

_OTHERS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def nearest(name: Any, known: Iterable[str]) -> str:
    """Return a sentence that offers the name most like one that is not known; "" if none is.

    Examples
    --------
    >>> from novin_ml.parameters import nearest
    >>> nearest("epoch", ["algorithm", "epochs"]), nearest("zoo", ["epochs"])
    (" Did you mean 'epochs'?", '')
    """
    close = get_close_matches(str(name), list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def unknown_parameter(owner: str, name: Any, known: Iterable[str]) -> str:
    """Return the message about a parameter that a class or function does not have."""
    known = list(known)
    remedy = nearest(name, known) or " Correct or remove it."
    return f"A parameter of {owner} must be one of {', '.join(known)}. Got {shown(name)}.{remedy}"


def require_parameters(owner: str, signature: inspect.Signature, args: Any, kwargs: Any) -> None:
    """Raise TypeError, in the name of `owner`, if a signature does not take these arguments.

    Python's own error names the function in which the parameters are defined: a private base class
    or helper. So does its answer to one argument too many.
    """
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        kinds = {name: each.kind for name, each in signature.parameters.items() if name != "self"}
        known = [name for name, kind in kinds.items() if kind not in _OTHERS]
        unknown = [name for name in kwargs if name not in known]
        if unknown and inspect.Parameter.VAR_KEYWORD not in kinds.values():
            raise TypeError(unknown_parameter(owner, unknown[0], known)) from None
        raise TypeError(
            f"{owner} must be called with its parameters, {', '.join(known)}. Got: {error}. "
            "Pass them by name."
        ) from None


@contextmanager
def plain_messages(values: Iterable[Any]) -> Iterator[None]:
    """Let scikit-learn's checks show these values as Python writes them, not as numpy does."""
    values = list(values)
    try:
        yield
    except ValueError as error:
        message = str(error)
        for value in values:
            message = message.replace(f"Got {value!r} instead", f"Got {shown(value)} instead")
        if message != str(error):
            error.args = (message,)
        raise
