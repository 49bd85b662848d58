"""The one place that imports coremltools: when it is first needed, and without its notices."""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType

from novin_ml.optional import import_optional


def coremltools() -> ModuleType:
    """Import coremltools, once and quietly.

    On Linux the import logs about ten lines (parts that exist on macOS only, versions that were not
    tested). They are held back during the import alone; later messages are not, and neither the
    level that was set on the logger nor any other logger is changed.

    Returns
    -------
    module : module
        The imported coremltools.

    Raises
    ------
    ExtraNotInstalledError
        If it is not installed.
    """
    if sys.modules.get("coremltools"):
        return sys.modules["coremltools"]
    with _quiet("coremltools"):
        return import_optional("coremltools", extra="export", purpose="A Core ML model")


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
