"""init: write a novin.toml for labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting


def init_command(
    data: Annotated[
        list[Path],
        typer.Argument(
            help="Labelled events, chains or signals: files, folders or patterns.",
            metavar="DATA...",
        ),
    ],
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("novin.toml"),
    frozen: Annotated[
        int, typer.Option(help="Homes that no model is trained on, for novin-ml retrain.", min=0)
    ] = 0,
    timezone: opt.TimezoneOption = "UTC",
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write a commented novin.toml from data: families by labels, shares by homes."""
    from novin_ml.cli.every_command import text_format
    from novin_ml.cli.vocabulary import name_of_vocabulary, without_warning
    from novin_ml.lifecycle import draft_declaration
    from novin_ml.texts import in_shell

    with reporting(json, quiet) as output, without_warning():
        with output.step("reading the data"):
            drafted = draft_declaration(
                data,
                out,
                n_frozen=frozen,
                timezone=timezone,
                vocabulary=name_of_vocabulary() or "sdk",
                **text_format(),
            )
        models = {name: model.family for name, model in drafted.models.items()}
        output.document |= {"file": out, "models": models}
        output.line(f"wrote {out}, which declares {', '.join(models)}")
        output.line(f"look at it, then build: novin-ml build {in_shell(out)}")
