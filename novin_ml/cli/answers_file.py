"""answers: what users said of alarms goes into the next training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting
from novin_ml.plain import plural


def answers_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or JSON Lines: home_id, timestamp, label, answer and maybe answered.",
            metavar="FILE",
        ),
    ],
    declaration: Annotated[
        Path,
        typer.Option("--build", help="The novin.toml, which names the file of all answers."),
    ] = Path("novin.toml"),
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Add what users said of alarms ("nothing", "real") to what the next build trains on."""
    from novin_ml.cli.vocabulary import without_warning
    from novin_ml.lifecycle import add_answers

    with reporting(json, quiet) as output, without_warning():
        with output.step("looking for the events"):
            added = add_answers(file, declaration)
        output.document |= {
            "file": added.path,
            "new": added.n_new,
            "changed": added.n_changed,
            "all": added.n_all,
            "models": {
                name: found.counts() | {"contradicted_events": list(found.contradicted)}
                for name, found in added.models.items()
            },
        }
        columns = ["real", "nothing", "agreeing", "contradicted", "unusable"]
        output.table(
            "What becomes of the answers, in rows",
            ["model", *columns],
            [
                [name, *(f"{found.counts()[column]:,}" for column in columns)]
                for name, found in added.models.items()
            ],
        )
        for name, found in added.models.items():
            if found.contradicted:
                n = plural(len(found.contradicted), "answer")
                output.warning(
                    f"{name}: an annotator said something else than {n}, and is believed: "
                    f"{found.contradicted[0]}"
                )
        output.line(
            f"{added.n_new:,} new and {added.n_changed:,} changed of "
            f"{plural(added.n_all, 'answer')} in {added.path}"
        )
