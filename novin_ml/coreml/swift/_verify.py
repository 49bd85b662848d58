"""A Swift package is made again from its models, and compared file by file."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from novin_ml._version import __version__
from novin_ml.coreml.swift._golden import golden_vectors
from novin_ml.coreml.swift._package import (
    BUILD,
    MARKER,
    MODELS,
    files_of,
    packed_model,
    vocabulary_of,
)
from novin_ml.exceptions import CertificateError, SavedModelError
from novin_ml.formats import newer


def is_package(folder: str | os.PathLike[str]) -> bool:
    """Tell whether a folder is a Swift package that `write_swift_package` wrote.

    Parameters
    ----------
    folder : path-like
        Any path.

    Returns
    -------
    is_package : bool
        Whether it is; a path where nothing is, is none.
    """
    return (Path(folder) / MARKER).is_file()


def verify_swift_package(folder: str | os.PathLike[str], models: Mapping[str, Any]) -> None:
    """Make a Swift package again from its certified models, and compare every file.

    Tables of features, names, typical values, thresholds, labels and the vocabulary in the Swift
    sources, the models, their certificates, the golden vectors and the tests must be, byte for
    byte, those that `write_swift_package` makes of the models. Each model is compared with its
    Python model first, as `verify_coreml` does.

    Parameters
    ----------
    folder : path
        The package.
    models : mapping of str to path or pipeline
        Its models by their names in the package, as `write_swift_package` was given them, from a
        place that you trust: ``.mlmodel`` files with certificates and references beside them, or
        fitted pipelines. A detector whose package has the history of its home must be a pipeline.

    Raises
    ------
    SavedModelError
        If the folder is no package, or of another version of novin_ml.
    CertificateError
        If a file differs, is missing or is unknown, or the models are others. The message names it.
    ParityError
        If a model differs from its Python model.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.coreml.swift import verify_swift_package, write_swift_package
    >>> from novin_ml.estimators import make_motion_pipeline
    >>> from novin_ml.events import training_events
    >>> from novin_ml.simulation import simulate_motions
    >>> events, n_without_consent = training_events(simulate_motions(300, random_state=0))
    >>> models = {"motion": make_motion_pipeline(epochs=2, random_state=0)}
    >>> _ = models["motion"].fit(events, events["label"])
    >>> package = write_swift_package(models, tempfile.mkdtemp() + "/NovinModels")
    >>> verify_swift_package(package.folder, models)
    """
    folder = Path(folder)
    marker = folder / MARKER
    try:
        document = json.loads(marker.read_text(encoding="utf-8"))
        protocol = document["protocol"]
        names, release = [each["name"] for each in document["models"]], document["novin_ml"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SavedModelError(
            f"{folder} must be a Swift package, as write_swift_package wrote it. Got {error!r} on "
            f"reading {marker.name}. Check the path, or write the package again."
        ) from error
    if refusal := newer(folder, "Swift package", protocol, "protocol"):
        raise SavedModelError(refusal)
    if release != __version__:
        raise SavedModelError(
            f"{folder} must be of novin_ml {__version__} to be made again. Got one of {release}. "
            "Verify it with that version, or write the package again."
        )
    if sorted(names) != sorted(models):
        raise CertificateError(
            f"{folder} must be compared with its models {names}. Got {sorted(models)}. Pass each "
            "model by its name in the package."
        )
    with_history = any((folder / MODELS).glob("*.history.json"))
    with tempfile.TemporaryDirectory() as scratch:
        packed = tuple(
            packed_model(name, models[name], Path(scratch), with_history=with_history)
            for name in names
        )
        golden = {
            each.name: golden_vectors(each.path, each.reference, each.history, each.activity)
            for each in packed
        }
        _compare(folder, files_of(packed, golden, vocabulary_of(packed)))


def _compare(folder: Path, expected: Mapping[str, bytes]) -> None:
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != BUILD
    }
    for name, content in expected.items():
        if name not in found:
            raise _differs(folder, name, "no such file")
        got = found[name].read_bytes()
        if got != content:
            raise _differs(folder, name, _first_difference(content, got))
    for name in found:
        if name not in expected:
            raise _differs(folder, name, "a file that is not of the package")


def _first_difference(expected: bytes, got: bytes) -> str:
    ours, theirs = (each.decode(errors="replace").splitlines() for each in (expected, got))
    for line, (wanted, found) in enumerate(zip(ours, theirs, strict=False), start=1):
        if wanted != found:
            return f"{found.strip()[:80]!r} in line {line}, instead of {wanted.strip()[:80]!r}"
    return f"another length in lines: {len(theirs):,} instead of {len(ours):,}"


def _differs(folder: Path, name: str, got: str) -> CertificateError:
    return CertificateError(
        f"{folder / name} must be as it is made of the certified models. Got {got}. "
        "Write the package again."
    )
