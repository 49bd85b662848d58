"""The origin of a model: the versions of the libraries, and the machine."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from novin_ml._version import __version__
from novin_ml.coreml._coremltools import coremltools
from novin_ml.optional import installed_versions


def versions() -> dict[str, str]:
    """Return the versions of novin_ml and of the libraries that make a model."""
    return {
        "novin_ml": __version__,
        "coremltools": coremltools().__version__,
        **installed_versions("numpy", "sklearn", "xgboost"),
    }


def machine(*, threads: bool = True) -> str:
    """Return what the last bits of a computation depend on: system, processor, linear algebra.

    Parameters
    ----------
    threads : bool, default=True
        Whether the threads of linear algebra count, which a process may change while it runs.
    """
    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    algebra = [
        f"{pool['internal_api']} {pool.get('architecture', '')}"
        + f" of {pool['num_threads']} thread(s)" * threads
        for pool in threadpool_info()
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"]
    ]
    parts = [f"{platform.system()} {platform.machine()}", " ".join(features), *algebra]
    return ", ".join(part for part in parts if part)


def rows_hash(rows: np.ndarray | None) -> str | None:
    """Return the SHA-256 of float32 rows in the order of the inputs; None without rows."""
    return None if rows is None else hashlib.sha256(rows.tobytes()).hexdigest()


@dataclass(frozen=True)
class Record:
    """Texts in an exported model that do not come from the Python model.

    Attributes
    ----------
    texts : dict of str to str or None
        ``description``, ``author``, ``license`` and ``version`` as they were given.
    card : dict of str to str
        Entries of the model card.
    converter : dict of str to str
        Entries of the metadata that coremltools' converter wrote.
    data_sha256 : str or None
        Hash of the rows that the caller passed to the export.
    versions : dict of str to str
    machine : str
    """

    texts: Mapping[str, str | None]
    card: Mapping[str, str]
    converter: Mapping[str, str]
    data_sha256: str | None = None
    versions: Mapping[str, str] = field(default_factory=versions)
    machine: str = field(default_factory=machine)

    def to_document(self) -> dict[str, Any]:
        """Return the record as JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Record:
        """Read what `to_document` returned."""
        for name in ("texts", "card", "converter", "versions"):
            if any(not isinstance(v, str | None) for v in document[name].values()):
                raise TypeError(f"{name}={document[name]!r}")
        for name in ("machine", "data_sha256"):
            if not isinstance(document[name], str | None):
                raise TypeError(f"{name}={document[name]!r}")
        return cls(**document)
