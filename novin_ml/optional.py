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
        raise not_installed(module, extra=extra, purpose=purpose) from error


def not_installed(module: str, *, extra: str, purpose: str) -> ExtraNotInstalledError:
    """Return the error that `import_optional` raises, for the same parameters."""
    return ExtraNotInstalledError(
        f"{purpose} needs {module.split('.')[0]}, which is not installed. "
        f"Install it with: pip install 'novin-ml[{extra}]'"
    )


def installed_versions(*modules: str) -> dict[str, str]:
    """Return the versions of those modules that can be imported, by the names of their packages.

    Parameters
    ----------
    *modules : str
        Names of modules.

    Returns
    -------
    versions : dict of str to str
        In the order of `modules`.
    """
    versions = {}
    for module in modules:
        try:
            found = importlib.import_module(module).__version__
        except ImportError:
            continue
        versions["scikit-learn" if module == "sklearn" else module] = found
    return versions
