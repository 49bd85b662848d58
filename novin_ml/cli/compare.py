"""compare: two estimators, or one and the hand-written rules, on the same labelled rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import fail_gate, reporting
from novin_ml.cli.reading import classifier_family, load, read, require_table
from novin_ml.cli.show.comparison import show_comparison
from novin_ml.evaluation import compare
from novin_ml.files import replace_whole
from novin_ml.lifecycle import Gate, check_gate

RULES = "rules"


def compare_command(
    model_a: Annotated[
        Path, typer.Argument(help="Folder of the estimator that is judged.", metavar="MODEL_A")
    ],
    model_b: Annotated[
        str,
        typer.Argument(
            help="Folder of the one that it is compared with, or `rules`.", metavar="MODEL_B|rules"
        ),
    ],
    file: opt.RowsArgument,
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write the rows with different answers to.")
    ] = None,
    gate: Annotated[
        Gate | None, typer.Option(help="Exit with 1 unless the first is shown to be that.")
    ] = None,
    margin: Annotated[
        float,
        typer.Option(help="Accuracy that may be lost and is still not worse.", min=0, max=0.5),
    ] = 0.01,
    confidence: Annotated[
        float, typer.Option(help="Of the intervals and the verdict.", min=0.5, max=0.9999)
    ] = 0.95,
    seed: opt.SeedOption = 0,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Say whether one estimator is better than another, or than the hand-written rules."""
    with reporting(json, quiet) as output:
        if out is not None:
            require_table(out, file, suffixes=(".csv",))
        first = load(model_a)
        family = classifier_family(first, model_a)
        if model_b == RULES:
            second, name = family.rules(), "the rules"
        else:
            second, name = load(Path(model_b)), model_b
            other = classifier_family(second, Path(model_b))
            if other is not family:
                raise ValueError(
                    f"{model_b} must be of the family of {model_a}, {family.name}. "
                    f"Got {other.name}. Compare models that answer the same question."
                )
        table = read(family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        with output.step("comparing"):
            comparison = compare(
                first,
                second,
                table,
                names=(str(model_a), name),
                confidence=confidence,
                random_state=seed,
            )
        output.add("comparison", comparison.to_dict())
        show_comparison(comparison, output)
        if out is not None:
            with replace_whole(out) as new:
                comparison.disagreements.to_csv(new, index=False)
            output.add("disagreements", out)
            output.line(
                f"wrote {comparison.n_disagreements:,} rows with different answers to {out}"
            )
        fault = None if gate is None else check_gate(comparison, gate, margin)
        output.add("passed", fault is None)
    if fault is not None:
        fail_gate(fault)
