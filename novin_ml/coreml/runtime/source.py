"""Read the specification of a model from a file, bytes or an object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from novin_ml.coreml._coremltools import coremltools
from novin_ml.exceptions import UnsupportedModelError
from novin_ml.files import finish_replacing


def read_spec(source: Any) -> Any:
    """Return the specification of a model.

    Parameters
    ----------
    source : path, bytes, MLModel or Model_pb2.Model
        A ``.mlmodel`` file, a ``.mlpackage`` folder, the bytes of a ``.mlmodel`` file, or an object
        of coremltools.

    Returns
    -------
    spec : Model_pb2.Model
        The specification. A given message is not copied.

    Raises
    ------
    UnsupportedModelError
        If the source is not a Core ML model.
    """
    if hasattr(source, "get_spec"):
        return source.get_spec()
    if hasattr(source, "WhichOneof"):
        return source
    if isinstance(source, bytes):
        return _parse(source, "the given bytes")
    path = Path(source)
    finish_replacing(path)
    return _parse((_package_model(path) if path.is_dir() else path).read_bytes(), str(path))


def _parse(content: bytes, origin: str) -> Any:
    spec = coremltools().proto.Model_pb2.Model()
    try:
        spec.ParseFromString(content)
    except DecodeError as error:
        raise UnsupportedModelError(
            f"A .mlmodel file must hold a Core ML specification. Got something else in {origin}; "
            "check the path, or export the model again."
        ) from error
    return spec


def _package_model(package: Path) -> Path:
    """Return the file of the specification, which the manifest of the package names."""
    try:
        manifest = json.loads((package / "Manifest.json").read_text(encoding="utf-8"))
        entry = manifest["itemInfoEntries"][manifest["rootModelIdentifier"]]
        data = (package / "Data").resolve()
        model = (data / entry["path"]).resolve()
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UnsupportedModelError(
            f"A .mlpackage folder must have a Manifest.json that names its model. Got {package} "
            "without; check the path, or export the model again."
        ) from error
    if not model.is_relative_to(data):
        raise UnsupportedModelError(
            f"The manifest of {package} must name a file inside the package. Got {entry['path']!r} "
            "instead; export the model again."
        )
    return model
