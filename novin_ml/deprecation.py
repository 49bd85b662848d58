"""Names that were changed, kept for one release."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def renamed_names(module: str, renamed: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module that hands names on under their old spelling.

    Parameters
    ----------
    module : str
        The module's ``__name__``.
    renamed : dict of str to str
        The new name, with its module, by the old name.

    Returns
    -------
    getattr : callable
        It returns what has the new name, with a FutureWarning, and imports it only then.
    """

    def __getattr__(name: str) -> Any:
        if name not in renamed:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        home, _, new = renamed[name].rpartition(".")
        warnings.warn(
            f"{module}.{name} is called {renamed[name]} since 0.2.0, and its old name goes with "
            f"0.3.0. Write: from {home} import {new}.",
            FutureWarning,
            stacklevel=2,
        )
        return getattr(importlib.import_module(home), new)

    return __getattr__
