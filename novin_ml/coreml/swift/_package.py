"""Write Swift packages: sources that all packages share, and files of the given models."""

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
from novin_ml.coreml.swift._readme import readme
from novin_ml.coreml.swift._tables import tables_swift
from novin_ml.coreml.swift._words import catalog, words_swift
from novin_ml.coreml.swift.names import require_names
from novin_ml.estimators.families import family_of_features
from novin_ml.estimators.home_models import is_monitor, takes_events
from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import NotExportableError
from novin_ml.features import BehaviorHistory
from novin_ml.files import finish_replacing, replace_whole
from novin_ml.formats import FORMATS

#: The file that marks a folder as a package of ours; it lists the models.
MARKER = "novin_package.json"
PROTOCOL = FORMATS["Swift package"]

_TABLES = "Sources/NovinFeatures/Tables.swift"
_WORDS = "Sources/NovinFeatures/Words/WordTables.swift"
#: The texts of reasons for an app that speaks other languages: it copies and translates them.
_CATALOG = "NovinWords.xcstrings"
_BUNDLED = "Sources/NovinModels/BundledModels.swift"
MODELS = "Sources/NovinModels/Models"
#: Build products of Swift's package manager, which are kept when a package is replaced.
BUILD = ".build"
_GOLDEN = "Tests/NovinModelsTests/Golden"


@dataclass(frozen=True)
class SwiftPackage:
    """A package that was written.

    Attributes
    ----------
    folder : Path
    golden : dict of str to int
        Number of answers in the golden vectors, by the name of the model.
    without_thresholds : tuple of str
        Names of classifiers without a threshold: they never alarm until the app sets one.
    model_bytes : int
        Size of the models and of what comes with them: what an app grows by.
    """

    folder: Path
    golden: Mapping[str, int]
    without_thresholds: tuple[str, ...] = ()
    model_bytes: int = 0


def write_swift_package(
    models: Mapping[str, Any],
    out: str | os.PathLike[str],
    *,
    with_history: bool = False,
    require_thresholds: bool = False,
) -> SwiftPackage:
    """Write a Swift package of certified models, for iOS, macOS and Linux.

    It has the models with their certificates and cards, Swift code that computes their features
    from events, a predictor for each, golden vectors and the tests that hold them, and a README.

    Parameters
    ----------
    models : mapping of str to path or pipeline
        Models by their names in the package. A model is a ``.mlmodel`` file that `export_coreml`
        wrote, with its certificate and reference beside it; or a fitted pipeline of novin_ml's
        features and estimator, or a monitor, which is exported first.
    out : path
        A new or empty folder, or an earlier package of this function, which is replaced.
    with_history : bool, default=False
        Whether a detector's pipeline and a monitor bring the history of their home, which the phone
        continues. It says when people are at home: bundle it for that home alone. Else the app
        begins with none, or passes its own. A ``.mlmodel`` file has none.
    require_thresholds : bool, default=False
        Whether to refuse a classifier without a threshold, which never alarms.

    Returns
    -------
    package : SwiftPackage
        The written package.

    Raises
    ------
    NotExportableError
        If there is no model, a name cannot be written in Swift, the folder holds other files, a
        model does not have all features of one of novin_ml's families, the vocabularies of models
        differ, or a required threshold is missing.
    SavedModelError, CertificateError, ParityError
        If a model is not the certified one, or its answers differ from its estimator's. Nothing is
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
    ['.gitignore', '.swift-format', 'LICENSE', 'NovinWords.xcstrings', 'Package.swift', 'README.md',
    'Sources', 'Tests', 'novin_package.json']
    """
    if not models:
        raise NotExportableError(
            "A Swift package must have a model. Got none. Name a .mlmodel file or an estimator."
        )
    require_names(list(models))
    folder = Path(out)
    _require_free(folder)
    with replace_whole(folder, keep=BUILD) as new:
        with tempfile.TemporaryDirectory(dir=new.parent) as scratch:
            packed = tuple(
                packed_model(name, model, Path(scratch), with_history=with_history)
                for name, model in models.items()
            )
            silent = tuple(each.name for each in packed if each.never_alarms)
            if silent and require_thresholds:
                raise NotExportableError(
                    f"Each classifier of the package must have a threshold. Got none of "
                    f"{', '.join(silent)}. Choose them by novin-ml threshold, and export again."
                )
            golden = {
                model.name: golden_vectors(
                    model.path, model.reference, model.history, model.activity
                )
                for model in packed
            }
            files = files_of(packed, golden, vocabulary_of(packed))
        _write(files, new)
    size = sum(len(content) for name, content in files.items() if name.startswith(f"{MODELS}/"))
    return SwiftPackage(folder, {name: count(each) for name, each in golden.items()}, silent, size)


def write_features_package(
    out: str | os.PathLike[str], *, vocabulary: Vocabulary | None = None
) -> Path:
    """Write a Swift package without models: the features and the evaluator alone.

    Parameters
    ----------
    out : path
        A folder, as in `write_swift_package`.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors that events are read by; None is `Vocabulary.sdk`.

    Returns
    -------
    folder : Path
        The folder of the package.
    """
    folder = Path(out)
    _require_free(folder)
    with replace_whole(folder, keep=BUILD) as new:
        _write(files_of((), {}, vocabulary or DEFAULT_VOCABULARY), new)
    return folder


def packed_model(
    name: str, model: Any, scratch: Path, *, with_history: bool = False
) -> PackedModel:
    if isinstance(model, str | os.PathLike):
        return PackedModel.of(name, Path(model))
    if not takes_events(model):
        raise NotExportableError(
            f"A model in a Swift package must be a .mlmodel file or a pipeline that begins with "
            f"features of novin_ml. Got a {type(model).__name__} for {name!r}. Train with "
            "novin-ml train, or with make_..._pipeline."
        )
    export = export_coreml(model, scratch / f"{name}.mlmodel")
    if not with_history:
        return PackedModel.of(name, export.model)
    if is_monitor(model):
        history = model.features_.history(model.home_id_)
        return PackedModel.of(name, export.model, history, model.history_)
    return PackedModel.of(name, export.model, _history_of(model))


def _history_of(pipeline: Pipeline) -> BehaviorHistory | None:
    """Return the history of the one home in a detector's features."""
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


def vocabulary_of(models: Sequence[PackedModel]) -> Vocabulary:
    """Return the vocabulary of all models: the app reads an event once."""
    first, *others = models
    for other in others:
        if other.facts.vocabulary != first.facts.vocabulary:
            raise NotExportableError(
                "The models of a Swift package must have one vocabulary. Got "
                f"{first.facts.vocabulary!r} of {first.name!r} and {other.facts.vocabulary!r} of "
                f"{other.name!r}. Train them on events read by one, or write two packages."
            )
    return first.facts.vocabulary


def files_of(
    models: Sequence[PackedModel], golden: Mapping[str, Any], vocabulary: Vocabulary
) -> dict[str, bytes]:
    """Return a package's files by their paths in it."""
    files = dict(_sources())
    files[_TABLES] = tables_swift(vocabulary).encode()
    files[_WORDS] = words_swift(vocabulary).encode()
    files[_CATALOG] = catalog().encode()
    files[_BUNDLED] = bundled_models_swift(models).encode()
    index = [
        {"name": model.name, "family": model.facts.family, "sha256": model.sha256}
        for model in models
    ]
    marker = {"protocol": PROTOCOL, "novin_ml": __version__, "models": index}
    files[MARKER] = (json.dumps(marker, indent=1) + "\n").encode()
    files[f"{MODELS}/index.json"] = files[MARKER]
    files[f"{_GOLDEN}/index.json"] = files[MARKER]
    for model in models:
        files |= {f"{MODELS}/{name}": content for name, content in model.files().items()}
        vectors = json.dumps(golden[model.name], ensure_ascii=False, separators=(",", ":"))
        files[f"{_GOLDEN}/{model.name}.json"] = vectors.encode()
    files[".gitignore"] = b".build/\n.swiftpm/\nxcuserdata/\n.DS_Store\n"
    files["README.md"] = readme(models, golden).encode()
    return files


def _sources() -> Iterator[tuple[str, bytes]]:
    """Hand-written files, which this Python package carries as data."""
    yield from _below(resources.files("novin_ml.coreml.swift") / "package", "")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir() and not entry.name.startswith("."):
            yield from _below(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".swift", ".xcprivacy", ".swift-format", "LICENSE")):
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
