"""The options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli.names import Algorithm

EventsArgument = Annotated[
    Path,
    typer.Argument(
        help="Events: JSON Lines, .json, .csv, .parquet, or a folder of them; - is standard input.",
        metavar="FILE",
    ),
]
RowsArgument = Annotated[
    Path,
    typer.Argument(
        help="Events: JSON Lines, .json, .csv or .parquet; or chains: JSON Lines or .parquet; "
        "or signals of several channels: .npz; - is standard input.",
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
    str | None,
    typer.Option(help="Home to use, from a folder of baselines or a file of many homes."),
]
ModelArgument = Annotated[Path, typer.Argument(help="Core ML model.", metavar="MODEL")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def _list_models(value: bool) -> None:
    if value:
        from novin_ml.cli.show.exports import show_taken

        show_taken()
        raise typer.Exit


ListModelsOption = Annotated[
    bool,
    typer.Option(
        "--list",
        callback=_list_models,
        is_eager=True,
        help="Print which models of other libraries are exported, and exit.",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the random numbers.", min=0)]
StrictOption = Annotated[bool, typer.Option(help="Stop at the first event that breaks a rule.")]
TimezoneOption = Annotated[
    str, typer.Option(help="IANA time zone of the homes, for events without an offset.")
]
RefuseOption = Annotated[
    bool,
    typer.Option(
        "--refuse-training-data", help="Stop if the model was trained on some rows or homes."
    ),
]
RecordOption = Annotated[
    bool,
    typer.Option(help="Keep hashes of training homes and rows, to warn when tested on them."),
]
AlgorithmOption = Annotated[Algorithm, typer.Option(help="Learner.")]
EpochsOption = Annotated[
    int | None,
    typer.Option(help="Maximum number of boosting rounds, or of passes over the data.", min=1),
]
MaxBytesOption = Annotated[
    int, typer.Option(help="Maximum size of the exported model, in bytes.", min=1)
]
JobsOption = Annotated[
    int | None, typer.Option(help="Number of threads; default 1, -1 for all cores.")
]
DaysOption = Annotated[
    int | None, typer.Option(help="Length of the rollout, fixed before it began.", min=1)
]
LargerOption = Annotated[
    bool, typer.Option("--larger-is-better", help="A larger value of a rollout is better.")
]
DriftLevelOption = Annotated[
    float,
    typer.Option(
        help="Largest share of comparisons without a drift that find one.", min=0.001, max=0.4
    ),
]
RejectsOption = Annotated[
    Path | None, typer.Option(help="CSV file to write rejected events and reasons to.")
]


def above_zero(value: float | None) -> float | None:
    """Check a budget before any file is read."""
    if value is not None and not 0 < value < math.inf:
        raise typer.BadParameter("must be a number above 0.")
    return value


def within_one(value: float) -> float:
    """Check a confidence before any file is read."""
    if not 0 < value < 1:
        raise typer.BadParameter("must be between 0 and 1.")
    return value


DataOption = Annotated[
    Path | None, typer.Option(help="Events, or a feature table, to check as well.")
]
