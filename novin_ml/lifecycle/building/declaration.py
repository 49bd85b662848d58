"""The declarations of a novin.toml: data, its division, models, their gates, the package."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from novin_ml.coreml.swift.names import require_names
from novin_ml.documents import parse_toml, toml_bytes
from novin_ml.estimators.families import FAMILIES, Family
from novin_ml.estimators.learners import LEARNERS
from novin_ml.events.timestamps import find_timezone
from novin_ml.exceptions import BuildError, NovinError
from novin_ml.formats import format_of
from novin_ml.lifecycle.building import _schema as rule
from novin_ml.lifecycle.building._schema import read_section, unknown_key, wrong_value
from novin_ml.lifecycle.building.parameters import check_parameters
from novin_ml.lifecycle.gate import Gate
from novin_ml.lifecycle.registry.layout import NAME

FILE = "novin.toml"
#: The default of a key that has none.
REQUIRED = rule.REQUIRED
_BASE = ("data", "split", "models", "package", "registry")
_NAME = rule.Key(
    "1 to 64 letters, digits, '.', '_' or '-'",
    lambda value: isinstance(value, str) and bool(NAME.fullmatch(value)),
)
_GATES = [str(gate) for gate in Gate]
_COMPARED = ("rules", "released")


@dataclass(frozen=True)
class Frozen:
    """Homes to compare versions on.

    Attributes
    ----------
    homes : list of str
        Names of homes that no model is trained on.
    """

    homes: Annotated[list[str], rule.TEXTS.about("Homes that no model is ever trained on.")] = (
        field(default_factory=list)
    )


@dataclass(frozen=True)
class DataFiles:
    """The files of labelled rows, and the options to read them.

    Attributes
    ----------
    files : list of str
        Files, folders and patterns, from the folder of the novin.toml.
    timezone, separator, decimal, encoding
        As of `novin_ml.events.read_events`.
    vocabulary : str
        "sdk", "home" or a TOML file.
    max_rejected : float
        Largest share of events that may be rejected.
    labels : str or None
        File of labels, from the folder of the novin.toml.
    answers : str or None
        File of what users said of alarms, from the folder of the novin.toml.
    weeks_left_out : list of str
        Mondays of the weeks whose labels are not used.
    frozen : Frozen
    """

    files: Annotated[
        list[str],
        rule.TEXTS.about(
            "Files, folders or patterns, from the folder of the novin.toml: CSV, JSON Lines, "
            "Parquet, or .npz of signals."
        ),
    ] = field(default_factory=list)
    timezone: Annotated[str, rule.TEXT.about("IANA time zone of events that tell none.")] = "UTC"
    vocabulary: Annotated[
        str, rule.TEXT.about("Kinds, zones and sensors: sdk, home or a .toml file.")
    ] = "sdk"
    separator: Annotated[str | None, rule.TEXT.about("Character between the columns of a CSV.")] = (
        None
    )
    decimal: Annotated[str, rule.one_of(".", ",").about("Decimal mark of a CSV.")] = "."
    encoding: Annotated[
        str | None, rule.TEXT.about("Encoding of CSV or JSON; UTF-8 by default.")
    ] = None
    max_rejected: Annotated[float, rule.SHARE.about("Gate: largest share of events rejected.")] = (
        0.01
    )
    labels: Annotated[
        str | None,
        rule.TEXT.about("CSV of labels: home_id, label, and timestamp, or start and end."),
    ] = None
    answers: Annotated[
        str | None,
        rule.TEXT.about("File of what users said of alarms, which `novin-ml answers` writes."),
    ] = None
    weeks_left_out: Annotated[
        list[str], rule.MONDAYS.about("Weeks whose labels are not used, such as wrong ones.")
    ] = field(default_factory=list)
    frozen: Frozen = field(default_factory=Frozen)


@dataclass(frozen=True)
class Split:
    """The division of homes.

    Attributes
    ----------
    test, tune : float
        Shares of the homes to test on, and to choose thresholds by.
    random_state : int
        Chooses the homes, and seeds the models.
    """

    test: Annotated[float, rule.FRACTION.about("Share of the homes to test on.")] = 0.2
    tune: Annotated[float, rule.FRACTION.about("Share of the homes to choose thresholds by.")] = 0.2
    random_state: Annotated[int, rule.SEED.about("Chooses the homes, and seeds the models.")] = 0


@dataclass(frozen=True)
class Gates:
    """The gates that a model must pass to be released.

    Attributes
    ----------
    min_accuracy : float or None
        Lowest accuracy, held against its lower confidence bound.
    min_recall : dict of str to float
        Lowest recall of labels, held against their lower confidence bounds.
    max_false_alarms_per_week : float or None
        Most false alarms per home and week, held against their upper confidence bound.
    max_bytes : int or None
        Largest size of the exported model.
    max_parity_error : float or None
        Largest difference between a number of the exported model and of the estimator.
    rules, released : {"better", "not-worse"} or None
        What a comparison with the hand-written rules, or with the released version, must show.
    margin : float
        Loss of accuracy that still counts as not worse.
    """

    min_accuracy: Annotated[
        float | None, rule.SHARE.about("Lowest accuracy, by its lower confidence bound.")
    ] = None
    min_recall: Annotated[
        dict[str, float],
        rule.SHARES.about("Lowest recall of labels, by their lower confidence bounds."),
    ] = field(default_factory=dict)
    max_false_alarms_per_week: Annotated[
        float | None,
        rule.NOT_NEGATIVE.about("Most false alarms per home and week, by the upper bound."),
    ] = None
    max_bytes: Annotated[int | None, rule.WHOLE.about("Largest size of the exported model.")] = None
    max_parity_error: Annotated[
        float | None, rule.NOT_NEGATIVE.about("Largest difference from the estimator's numbers.")
    ] = None
    rules: Annotated[
        str | None, rule.one_of(*_GATES).about("Verdict of `compare` with the hand-written rules.")
    ] = None
    released: Annotated[
        str | None, rule.one_of(*_GATES).about("Verdict of `compare` with the released version.")
    ] = None
    margin: Annotated[
        float, rule.SHARE.about("Accuracy that may be lost and is still not worse.")
    ] = 0.01


@dataclass(frozen=True)
class Model:
    """A model to train and release.

    Attributes
    ----------
    family, algorithm : str
    files : list of str
        Its own files, instead of those of the data.
    parameters : dict
        Parameters of the family's pipeline.
    false_alarms_per_week : float or None
        Budget of each label, per home; None chooses no thresholds.
    coverage : float or None
        Share of prediction sets that have the right label; None chooses no "don't know".
    gates : Gates
    """

    family: Annotated[
        str, rule.one_of(*FAMILIES).about("Family; behavior is a baseline of each home.")
    ]
    algorithm: Annotated[str, rule.one_of(*LEARNERS).about("Learner.")] = "boosting"
    files: Annotated[
        list[str], rule.TEXTS.about("Files of this model, instead of those of [data].")
    ] = field(default_factory=list)
    parameters: Annotated[
        dict[str, Any], rule.TABLE.about("Parameters of its pipeline: epochs, ...")
    ] = field(default_factory=dict)
    false_alarms_per_week: Annotated[
        float | None,
        rule.POSITIVE.about("Budget that thresholds are chosen by, per label and home."),
    ] = None
    coverage: Annotated[
        float | None,
        rule.FRACTION.about('Share of prediction sets with the right label, for "don\'t know".'),
    ] = None
    gates: Gates = field(default_factory=Gates)

    def of_family(self) -> Family:
        """Return the family of the model."""
        return FAMILIES[self.family]


@dataclass(frozen=True)
class Package:
    """The Swift package.

    Attributes
    ----------
    name : str
        Name of its folder in the release.
    """

    name: Annotated[str, rule.TEXT.about("Name of the folder of the Swift package.")] = (
        "NovinModels"
    )


@dataclass(frozen=True)
class Released:
    """The registry that has the released version.

    Attributes
    ----------
    folder : str
        Folder of the registry, from the folder of the novin.toml.
    name : str
        Name of the release in it.
    """

    folder: Annotated[str, rule.TEXT.about("Folder of the registry.")]
    name: Annotated[str, _NAME.about("Name of the release in the registry.")]


@dataclass(frozen=True)
class Declaration:
    """What a novin.toml declares.

    Attributes
    ----------
    path : Path
        The file.
    content : bytes
        What is written in it.
    data : DataFiles
    split : Split
    models : dict of str to Model
        Models by their names in the release.
    package : Package or None
        None writes no Swift package.
    registry : Released or None
        None compares with no released version.
    """

    path: Path
    content: bytes = field(repr=False)
    data: DataFiles
    split: Split
    models: Mapping[str, Model]
    package: Package | None
    registry: Released | None

    def place(self, path: str) -> Path:
        """Return a path that is written in the file, from the file's folder.

        Parameters
        ----------
        path : str
            As it is written.

        Returns
        -------
        place : Path
            Where it is.
        """
        return self.path.parent / path


def read_declaration(path: str | os.PathLike[str] = FILE) -> Declaration:
    r"""Read and check a novin.toml.

    Parameters
    ----------
    path : path, default="novin.toml"
        The file.

    Returns
    -------
    declaration : Declaration
        What it declares.

    Raises
    ------
    BuildError
        If the file is not there or no TOML, a key is unknown or missing, or a value is not what its
        key takes. The message names file and key.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.lifecycle.building import read_declaration
    >>> file = Path(tempfile.mkdtemp(), "novin.toml")
    >>> _ = file.write_text('[data]\nfiles = ["e.csv"]\n[models.door]\nfamily = "delivery"\n')
    >>> read_declaration(file).models["door"].algorithm
    'boosting'
    """
    path = Path(path)
    try:
        content = toml_bytes(path)
        document = parse_toml(content)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise BuildError(
            f"{path} must be a file that declares a build. Got no such file. "
            "Write one with novin-ml init, or name another one."
        ) from None
    except ValueError as error:
        raise BuildError(
            f"{path} must be a TOML file in UTF-8. Got one that cannot be read: {error}. "
            "Correct it."
        ) from None
    file = str(path)
    if refused := format_of(document, file, "novin.toml"):
        raise BuildError(refused)
    for name in sorted({*document} - {*_BASE, "format"}):
        raise unknown_key(file, "", name, list(_BASE))
    data = read_section(DataFiles, document.get("data", {}), file, "data")
    split = read_section(Split, document.get("split", {}), file, "split")
    models = _models(document.get("models", {}), data, file)
    if split.test + split.tune >= 1:
        raise wrong_value(
            file, "split.test", "below 1 together with split.tune", split.test + split.tune
        )
    package = registry = None
    if "package" in document:
        package = read_section(Package, document["package"], file, "package")
        if all(model.of_family().is_detector for model in models.values()):
            raise BuildError(
                f"{file}: [package] must come with a model that is exported. Got baselines alone. "
                "Remove [package]; novin-ml ios packs the baseline of one home."
            )
        _check_folder(package.name, [*models], file)
    if "registry" in document:
        registry = read_section(Released, document["registry"], file, "registry")
    _check_reading(data, path)
    return Declaration(path, content, data, split, models, package, registry)


def _models(document: Any, data: DataFiles, file: str) -> dict[str, Model]:
    if not isinstance(document, Mapping) or not document:
        raise wrong_value(file, "models", "one table or more, such as [models.delivery]", document)
    models = {}
    for name, declared in document.items():
        place = f"models.{name}"
        models[name] = read_section(Model, declared, file, place)
        if not models[name].files and not data.files:
            raise BuildError(
                f"{file}: [data] must have files, or [{place}] its own. Got none. Add "
                'files = ["events.jsonl"].'
            )
        _check_gates(models[name], file, place)
        check_parameters(models[name].of_family(), models[name].parameters, file, place)
    try:
        require_names([*models])
    except NovinError as error:
        raise BuildError(f"{file}: models must have names of Swift. {error}") from None
    return models


def _check_gates(model: Model, file: str, place: str) -> None:
    family = model.of_family()
    if family.is_detector:
        _check_baseline(model, file, place)
    no_alarms = model.false_alarms_per_week is None and family.quiet_label is None
    if model.gates.max_false_alarms_per_week is not None and no_alarms:
        raise BuildError(
            f"{file}: {place}.gates.max_false_alarms_per_week must come with "
            f"{place}.false_alarms_per_week: without thresholds a model of {family.name} raises no "
            "alarms. Got none. Add a budget."
        )


def _check_baseline(model: Model, file: str, place: str) -> None:
    """Refuse the keys of classifiers: a baseline of each home is not labelled and not exported."""
    plain, gates = Model(model.family), Gates()
    given = [
        name
        for name in ("algorithm", "false_alarms_per_week", "coverage")
        if getattr(model, name) != getattr(plain, name)
    ]
    given += [
        f"gates.{name}"
        for name in ("min_accuracy", "min_recall", "max_bytes", "max_parity_error", *_COMPARED)
        if getattr(model.gates, name) != getattr(gates, name)
    ]
    if given:
        raise BuildError(
            f"{file}: {place} must have the keys of a baseline: family, files, parameters and "
            f"gates.max_false_alarms_per_week. Got {given[0]}, which is of classifiers. Remove it; "
            "the budget of a baseline is parameters = { alarms_per_week = 1.0 }."
        )


def _check_folder(name: str, models: list[str], file: str) -> None:
    if not NAME.fullmatch(name) or name in models:
        raise wrong_value(
            file, "package.name", "letters, digits, '.', '_' or '-', and no name of a model", name
        )


def _check_reading(data: DataFiles, path: Path) -> None:
    try:
        find_timezone(data.timezone)
    except ValueError as error:
        raise BuildError(f"{path}: data.timezone: {error}") from None
    if data.labels is not None and not (path.parent / data.labels).is_file():
        raise wrong_value(str(path), "data.labels", "a file that is there", data.labels)
    vocabulary = data.vocabulary
    if vocabulary not in ("sdk", "home") and not (path.parent / vocabulary).is_file():
        raise wrong_value(str(path), "data.vocabulary", "sdk, home or a .toml file", vocabulary)


def declared_keys() -> Iterator[tuple[str, str, rule.Key, Any]]:
    """Yield section, key, rule and default of all keys, for the reference of the documentation."""
    sections: list[tuple[str, type]] = [
        ("data", DataFiles),
        ("data.frozen", Frozen),
        ("split", Split),
        ("models.NAME", Model),
        ("models.NAME.gates", Gates),
        ("package", Package),
        ("registry", Released),
    ]
    for place, cls in sections:
        for name, known, default in rule.keys_of(cls):
            yield place, name, known, default
