"""Writing Swift packages: sources that are the same in all, and what belongs to given models."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from novin_ml._version import __version__
from novin_ml.coreml.export import export_coreml
from novin_ml.coreml.swift._generated import bundled_models_swift
from novin_ml.coreml.swift._golden import count, golden_vectors
from novin_ml.coreml.swift._model import PackedModel
from novin_ml.coreml.swift._names import require_names
from novin_ml.coreml.swift._readme import readme
from novin_ml.coreml.swift._tables import tables_swift
from novin_ml.estimators.families import family_of_features
from novin_ml.exceptions import NotExportableError
from novin_ml.features import BehaviorHistory
from novin_ml.files import finish_replacing, replace_whole

#: The file by which a folder is known to be a package of ours, with what is in it.
MARKER = "novin_package.json"
PROTOCOL = 1

_TABLES = "Sources/NovinFeatures/Tables.swift"
_BUNDLED = "Sources/NovinModels/BundledModels.swift"
_MODELS = "Sources/NovinModels/Models"
#: What Swift's package manager made of an earlier package, and does not make again.
_BUILD = ".build"
_GOLDEN = "Tests/NovinModelsTests/Golden"


@dataclass(frozen=True)
class SwiftPackage:
    """A package that was written.

    Attributes
    ----------
    folder : Path
    golden : dict of str to int
        By the name of each model, how many answers its golden vectors have.
    """

    folder: Path
    golden: Mapping[str, int]


def write_swift_package(models: Mapping[str, Any], out: str | os.PathLike[str]) -> SwiftPackage:
    """Write a Swift package of certified models, for iOS, macOS and Linux.

    It has the models with their certificates and cards, Swift code that computes their features
    from events, a predictor for each, golden vectors and the tests that hold them, and a README.

    Parameters
    ----------
    models : mapping of str to path or pipeline
        By name in the package: a ``.mlmodel`` file that `export_coreml` wrote, with its certificate
        and reference beside it; or a fitted pipeline of novin_ml's features and estimator, which is
        exported first. With the pipeline of a detector goes the history of its home, so that the
        phone continues it; a file has none.
    out : path
        The folder: new, empty, or a package that this function wrote, which is replaced.

    Returns
    -------
    package : SwiftPackage
        Where it was written.

    Raises
    ------
    NotExportableError
        If there is no model, a name cannot stand in Swift, the folder holds something else, or a
        model is not of novin_ml's families with all their features.
    SavedModelError, CertificateError, ParityError
        If a model is not what was certified, or does not answer as its estimator does. Nothing is
        written then.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.coreml.swift import write_swift_package
    >>> from novin_ml.estimators import make_motion_pipeline
    >>> from novin_ml.events import training_events
    >>> from novin_ml.simulation import simulate_motions
    >>> events, n_without_consent = training_events(simulate_motions(300, random_state=0))
    >>> model = make_motion_pipeline(epochs=2, random_state=0).fit(events, events["label"])
    >>> package = write_swift_package({"motion": model}, tempfile.mkdtemp() + "/NovinModels")
    >>> sorted(file.name for file in package.folder.iterdir())
    ['Package.swift', 'README.md', 'Sources', 'Tests', 'novin_package.json']
    """
    if not models:
        raise NotExportableError(
            "A Swift package must have a model. Got none. Name a .mlmodel file or an estimator."
        )
    require_names(list(models))
    folder = Path(out)
    _require_free(folder)
    with replace_whole(folder, keep=_BUILD) as new:
        with tempfile.TemporaryDirectory(dir=new.parent) as scratch:
            packed = tuple(_packed(name, model, Path(scratch)) for name, model in models.items())
            golden = {
                model.name: golden_vectors(model.path, model.reference, model.history)
                for model in packed
            }
            files = _files(packed, golden)
        _write(files, new)
    return SwiftPackage(folder, {name: count(each) for name, each in golden.items()})


def write_features_package(out: str | os.PathLike[str]) -> Path:
    """Write the same package without a model: the features alone, and the evaluator.

    Parameters
    ----------
    out : path
        As for `write_swift_package`.

    Returns
    -------
    folder : Path
        Where it was written.
    """
    folder = Path(out)
    _require_free(folder)
    with replace_whole(folder, keep=_BUILD) as new:
        _write(_files((), {}), new)
    return folder


def _packed(name: str, model: Any, scratch: Path) -> PackedModel:
    if isinstance(model, str | os.PathLike):
        return PackedModel.of(name, Path(model))
    if not isinstance(model, Pipeline):
        raise NotExportableError(
            f"A model in a Swift package must be a .mlmodel file or a pipeline that begins with "
            f"features of novin_ml. Got a {type(model).__name__} for {name!r}. Train with "
            "novin-ml train, or with make_..._pipeline."
        )
    export = export_coreml(model, scratch / f"{name}.mlmodel")
    return PackedModel.of(name, export.model, _history_of(model))


def _history_of(pipeline: Pipeline) -> BehaviorHistory | None:
    """Return what the one home of a detector's features reported."""
    features = pipeline.steps[0][1]
    family = family_of_features(features)
    homes = list(getattr(features, "homes_", []))
    if family is None or not family.is_detector or not homes:
        return None
    if len(homes) > 1:
        raise NotExportableError(
            f"A detector in a Swift package must be of one home. Got one of {len(homes)}. "
            "Train one of each home."
        )
    return features.history(homes[0])


def _files(models: Sequence[PackedModel], golden: Mapping[str, Any]) -> dict[str, bytes]:
    """Return a package's files by their paths in it."""
    files = dict(_sources())
    files[_TABLES] = tables_swift().encode()
    files[_BUNDLED] = bundled_models_swift(models).encode()
    index = [
        {"name": model.name, "family": model.facts.family, "sha256": model.sha256}
        for model in models
    ]
    marker = {"protocol": PROTOCOL, "novin_ml": __version__, "models": index}
    files[MARKER] = (json.dumps(marker, indent=1) + "\n").encode()
    files[f"{_MODELS}/index.json"] = files[MARKER]
    files[f"{_GOLDEN}/index.json"] = files[MARKER]
    for model in models:
        files |= {f"{_MODELS}/{name}": content for name, content in model.files().items()}
        vectors = json.dumps(golden[model.name], ensure_ascii=False, separators=(",", ":"))
        files[f"{_GOLDEN}/{model.name}.json"] = vectors.encode()
    files["README.md"] = readme(models, golden).encode()
    return files


def _sources() -> Iterator[tuple[str, bytes]]:
    """Hand-written files, which this Python package carries as data."""
    yield from _below(resources.files("novin_ml.coreml.swift") / "package", "")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir() and not entry.name.startswith("."):
            yield from _below(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".swift"):
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _require_free(folder: Path) -> None:
    finish_replacing(folder)
    is_new = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    if not is_new and not (folder / MARKER).is_file():
        raise NotExportableError(
            f"{folder} must be a new folder, or a Swift package to replace. Got a folder with "
            "other files, or a file. Choose another path."
        )


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files by their paths in a new folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
