"""Names that a package hands on, imported when they are first used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def names_on_demand(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and ``__dir__`` of a package that imports its names when used.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    modules : dict of str to str
        The module of each public name.

    Returns
    -------
    getattr, dir : callable
        The first imports the module of a name and keeps what it finds in the package, so that
        it is asked once for each name.
    """

    def __getattr__(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(modules[name]), name)
        setattr(sys.modules[package], name, found)
        return found

    def __dir__() -> list[str]:
        return sorted(modules)

    return __getattr__, __dir__
