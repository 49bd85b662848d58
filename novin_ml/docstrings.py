"""Text that several docstrings share, written once and substituted."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import TypeVar

_Documented = TypeVar("_Documented", bound=Callable[..., object])


def substitute(**texts: str) -> Callable[[_Documented], _Documented]:
    """Return a decorator that fills the placeholders of a docstring.

    A placeholder is a line with a name in braces, such as ``{parameters}``. The text that replaces
    it takes over its indentation. Other braces stay. Under ``python -OO`` there are no docstrings,
    and the decorator does nothing.

    Parameters
    ----------
    **texts : str
        Text of each placeholder, by its name.

    Returns
    -------
    decorate : callable
        Takes a class or a function, and returns it.

    Raises
    ------
    KeyError
        If a placeholder has no text.
    """

    def filled(placeholder: re.Match[str]) -> str:
        text = textwrap.dedent(texts[placeholder["name"]]).strip("\n")
        return textwrap.indent(text, placeholder["indent"])

    def decorate(documented: _Documented) -> _Documented:
        if documented.__doc__ is not None:
            pattern = r"^(?P<indent> *)\{(?P<name>\w+)\}$"
            documented.__doc__ = re.sub(pattern, filled, documented.__doc__, flags=re.MULTILINE)
        return documented

    return decorate


def sections_of(documented: object) -> str:
    """Return a docstring without its summary: its sections, to be substituted elsewhere.

    Parameters
    ----------
    documented : object
        A function or class with a docstring, or without one under ``python -OO``.

    Returns
    -------
    sections : str
        All from the first heading on.
    """
    text = inspect.getdoc(documented) or ""
    heading = re.search(r"^\w[\w ]*\n-+$", text, re.MULTILINE)
    return text[heading.start() :] if heading else ""
