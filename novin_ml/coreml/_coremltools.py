"""The one place that imports coremltools: when it is first needed, and without its notices."""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType


def coremltools() -> ModuleType:
    """Import coremltools, once and quietly.

    On Linux the import logs about ten lines (parts that exist on macOS only, versions that were not
    tested). They are held back during the import alone; later messages are not, and neither the
    level that was set on the logger nor any other logger is changed.

    Returns
    -------
    module : module
        The imported coremltools.
    """
    if "coremltools" in sys.modules:
        return importlib.import_module("coremltools")
    with _quiet("coremltools"):
        return importlib.import_module("coremltools")


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            logger.setLevel(level)
