"""The options that several commands share."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from novin_ml.estimators.learners import LEARNERS

Algorithm = StrEnum("Algorithm", {name: name for name in LEARNERS})  # type: ignore[misc]
BOOSTING = Algorithm("boosting")

EventsArgument = Annotated[
    Path, typer.Argument(help="Events: JSON Lines, .json, .csv or .parquet.", metavar="FILE")
]
RowsArgument = Annotated[
    Path,
    typer.Argument(
        help="Events: JSON Lines, .json, .csv or .parquet; or chains: JSON Lines or .parquet.",
        metavar="FILE",
    ),
]
EstimatorArgument = Annotated[
    Path,
    typer.Argument(
        help="Trained estimator, as `train` wrote it: a folder or a .novin file.", metavar="DIR"
    ),
]
HomeOption = Annotated[
    str | None, typer.Option(help="Home, of a folder of baselines, or of a file of many homes.")
]
ModelArgument = Annotated[Path, typer.Argument(help="Core ML model.", metavar="MODEL")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
SeedOption = Annotated[int, typer.Option(help="Seed of everything random.", min=0)]
StrictOption = Annotated[bool, typer.Option(help="Stop at the first event that breaks a rule.")]
TimezoneOption = Annotated[
    str, typer.Option(help="IANA time zone of the homes, for events that tell none.")
]
AlgorithmOption = Annotated[Algorithm, typer.Option(help="Learner.")]
EpochsOption = Annotated[
    int | None,
    typer.Option(help="At most this many boosting rounds or passes over the data.", min=1),
]
MaxBytesOption = Annotated[
    int, typer.Option(help="Size that the exported model must not pass.", min=1)
]
JobsOption = Annotated[int | None, typer.Option(help="Threads; default one, -1 all cores.")]
RejectsOption = Annotated[
    Path | None, typer.Option(help="CSV file to list rejected events in, and why.")
]


def above_zero(value: float | None) -> float | None:
    """Refuse what is no budget before anything is read."""
    if value is not None and not 0 < value < math.inf:
        raise typer.BadParameter("must be a number above 0.")
    return value


def within_one(value: float) -> float:
    """Refuse what is no confidence before anything is read."""
    if not 0 < value < 1:
        raise typer.BadParameter("must be between 0 and 1.")
    return value


DataOption = Annotated[
    Path | None, typer.Option(help="Events, or a feature table, to check on as well.")
]
