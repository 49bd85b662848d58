"""retrain: a challenger from what came since the served version, and the decision."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import fail_gate, reporting


def retrain_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="The novin.toml; novin-ml init --frozen 20 writes one with frozen homes.",
            metavar="FILE",
        ),
    ] = Path("novin.toml"),
    out: Annotated[
        Path, typer.Option(help="Folder of the challenger: a new one, or that of an earlier build.")
    ] = Path("challenger"),
    level: opt.DriftLevelOption = 0.05,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Build and change nothing; tell what came and drifted."),
    ] = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Train on what came since the served version, and serve the result if it is better.

    Exit code 0: promoted, or kept because nothing came or it is not better. 1: kept, and somebody
    must look, because a gate failed or labels are out of their range; or another writer was first.
    2: bad input.
    """
    from novin_ml.cli.show.build import step_line
    from novin_ml.cli.show.retraining import show_retraining
    from novin_ml.cli.vocabulary import without_warning
    from novin_ml.lifecycle import retrain

    with reporting(json, quiet) as output, without_warning():
        result = retrain(
            file,
            out,
            level=level,
            dry_run=dry_run,
            step=output.step,
            tell=lambda step: output.line(step_line(step)),
        )
        show_retraining(result, output)
    if result.needs_somebody:
        fail_gate(f"the challenger is not promoted: {result.reason}: {result.sentence}")
