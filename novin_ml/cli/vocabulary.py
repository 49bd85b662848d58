"""The vocabulary to read events with: from the option, or from the model."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novin_ml.exceptions import VocabularyWarning

if TYPE_CHECKING:
    from novin_ml.cli.output import Output
    from novin_ml.events import ReadReport, Vocabulary

VocabularyOption = Annotated[
    str | None,
    typer.Option(
        help="Kinds, zones and sensors to read events with: sdk, home, or a .toml file.",
        metavar="FILE|sdk|home",
    ),
]
#: Parameters of commands that load a model, which brings its vocabulary.
_MODELS = frozenset(("estimator", "estimators", "model", "model_a", "models", "sources"))
_chosen: ContextVar[Vocabulary | None] = ContextVar("vocabulary", default=None)
_name: ContextVar[str | None] = ContextVar("name_of_vocabulary", default=None)


def takes_vocabulary(parameters: Any) -> bool:
    """Tell whether a command with these parameters reads events without a model."""
    return "timezone" in parameters and _MODELS.isdisjoint(parameters)


@contextmanager
def reading_by(vocabulary: Vocabulary | None, name: str | None) -> Iterator[None]:
    """Read with the vocabulary of the option, or else of the loaded model."""
    tokens = _chosen.set(vocabulary), _name.set(name)
    try:
        yield
    finally:
        _chosen.reset(tokens[0])
        _name.reset(tokens[1])


def named_vocabulary(name: str | None) -> Vocabulary | None:
    """Return the vocabulary that an option names."""
    if name is None:
        return None
    from novin_ml.events import Vocabulary

    if name in ("sdk", "home"):
        return Vocabulary.home() if name == "home" else Vocabulary.sdk()
    if not Path(name).is_file():
        raise ValueError(
            f"--vocabulary must be sdk, home or a .toml file. Got {name!r}. Correct it."
        )
    return Vocabulary.from_toml(name)


def read_as(pipeline: Any) -> None:
    """Read events with the vocabulary of a model, unless an option chose one."""
    from novin_ml.estimators.home_models import home_features

    vocabulary = getattr(home_features(pipeline), "vocabulary_", None)
    if _chosen.get() is None and vocabulary is not None:
        _chosen.set(vocabulary)


def chosen_vocabulary() -> Vocabulary | None:
    """Return the vocabulary to read with; None is the default."""
    return _chosen.get()


def name_of_vocabulary() -> str | None:
    """Return the vocabulary as the option names it; None is the default."""
    return _name.get()


@contextmanager
def without_warning() -> Iterator[None]:
    """Silence the warning of readers, because the command prints a line instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VocabularyWarning)
        yield


def show_recognition(report: ReadReport, output: Output) -> None:
    """Print what was not recognised, if it is a large share."""
    found = report.recognition
    output.add(
        "recognition",
        {
            "vocabulary": found.vocabulary,
            "other_kinds": found.n_other_kinds,
            "unknown_zones": found.n_unknown_zones,
            "commonest": found.names.to_dict("records") if found.is_notable else [],
        },
    )
    if found.is_notable:
        output.line(f"  {found}")
