"""build: a release from a novin.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import fail_gate, reporting
from novin_ml.plain import plural


def build_command(
    file: Annotated[
        Path, typer.Argument(help="The novin.toml; novin-ml init writes one.", metavar="FILE")
    ] = Path("novin.toml"),
    out: Annotated[
        Path, typer.Option(help="Folder of the release: a new one, or that of an earlier build.")
    ] = Path("release"),
    only: Annotated[str | None, typer.Option(help="Build only this model.", metavar="NAME")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Run nothing; list the steps that would run.")
    ] = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Make a release: train, certify, check the gates; exit with code 1 if a gate fails."""
    from novin_ml.cli.show.build import show_build, step_line
    from novin_ml.cli.vocabulary import without_warning
    from novin_ml.lifecycle import build

    with reporting(json, quiet) as output, without_warning():
        result = build(
            file,
            out,
            only=only,
            dry_run=dry_run,
            step=output.step,
            tell=lambda step: output.line(step_line(step)),
        )
        show_build(result, dry_run, output)
    if result.failed:
        gates = plural(len(result.failed), "gate")
        first = result.failed[0]
        fail_gate(
            f"{gates} of {out}: {first.model}: {first.gate}: wanted {first.wanted}, got "
            f"{first.got}. Everything made so far is in {out}, marked as not released."
        )
