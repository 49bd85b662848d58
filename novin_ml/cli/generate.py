"""generate: simulated homes, their events and labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting
from novin_ml.estimators.families import Family

OutOption = Annotated[Path, typer.Option(help="File to write; its ending is its format.")]


def generate_family(family: Family) -> Callable[..., None]:
    """Return the command that simulates homes for a family of classifiers."""

    def generate(
        out: OutOption,
        samples: Annotated[int, typer.Option(help="Labels.", min=1)] = 10_000,
        annotator_error: Annotated[
            float, typer.Option(help="Chance that a label is wrong.", min=0, max=0.5)
        ] = 0.02,
        seed: opt.SeedOption = 0,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        with reporting(json, quiet) as output:
            with output.step("simulating homes"):
                table = family.simulate(samples, annotator_error=annotator_error, random_state=seed)
            with output.step(f"writing {out}"):
                out.parent.mkdir(parents=True, exist_ok=True)
                family.rows.write(table, out)
            counts = table["label"].value_counts()
            homes = int(table["home_id"].nunique())
            output.document = {
                "file": out,
                family.rows.name: len(table),
                "homes": homes,
                "labels": {str(label): int(count) for label, count in counts.items()},
            }
            output.line(
                f"wrote {len(table):,} {family.rows.name} of {homes} homes, {samples:,} of them "
                f"labelled, to {out}"
            )

    generate.__doc__ = f"Simulate homes and write their labelled {family.rows.name}."
    return generate
