"""The one door through which optional dependencies enter."""

from __future__ import annotations

import importlib
from types import ModuleType

from novin_ml.exceptions import ExtraNotInstalledError


def import_optional(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import `module`, or say which extra installs it.

    Parameters
    ----------
    module : str
        Name of the module, e.g. ``"pyarrow.parquet"``.
    extra : str
        Name of the extra of novin-ml that installs it.
    purpose : str
        What needs it, as the subject of a sentence, e.g. ``"Reading Parquet"``.

    Returns
    -------
    module : module
        The imported module.

    Raises
    ------
    ExtraNotInstalledError
        If the module cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ExtraNotInstalledError(
            f"{purpose} needs {module.split('.')[0]}, which is not installed. "
            f"Install it with: pip install 'novin-ml[{extra}]'"
        ) from error
