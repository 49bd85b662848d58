"""Warnings of the library, printed as the program prints its own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from novin_ml.cli.output import Output


@contextmanager
def telling(told: type[Warning], output: Output) -> Iterator[None]:
    """Print warnings of a category as the program prints its own."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, told):
                output.warning(str(message))
            else:
                others(message, category, filename, lineno, file, line)

        warnings.simplefilter("always", told)
        warnings.showwarning = show
        yield
