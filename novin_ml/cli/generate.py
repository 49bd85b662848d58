"""generate: simulated homes, their events and labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting
from novin_ml.estimators.families import FAMILIES, Family

OutOption = Annotated[Path, typer.Option(help="File to write; its ending is its format.")]


ErrorOption = Annotated[float, typer.Option(help="Chance that a label is wrong.", min=0, max=0.5)]
SamplesOption = Annotated[int, typer.Option(help="Labelled events, or chains.", min=1)]
NoPatternOption = Annotated[
    float, typer.Option(help="Share of chains without a pattern, about.", min=0.5, max=1)
]
HomesOption = Annotated[
    int | None, typer.Option(help="Homes; default one for 150 labels, at least 10.", min=1)
]


def generate_family(family: Family) -> Callable[..., None]:
    """Return the command that simulates homes for a family of classifiers."""

    def generate(
        out: OutOption,
        samples: SamplesOption = 10_000,
        homes: HomesOption = None,
        annotator_error: ErrorOption = 0.02,
        seed: opt.SeedOption = 0,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        _generate(
            family, out, samples, json, quiet,
            n_homes=homes, annotator_error=annotator_error, random_state=seed,
        )  # fmt: skip

    def generate_mostly_quiet(
        out: OutOption,
        samples: SamplesOption = 10_000,
        homes: HomesOption = None,
        no_pattern: NoPatternOption = 0.9,
        annotator_error: ErrorOption = 0.02,
        seed: opt.SeedOption = 0,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        _generate(
            family, out, samples, json, quiet,
            n_homes=homes, no_pattern=no_pattern, annotator_error=annotator_error,
            random_state=seed,
        )  # fmt: skip

    command = generate if family.quiet_label is None else generate_mostly_quiet
    command.__doc__ = f"Simulate homes and write their labelled {family.rows.name}."
    return command


def _generate(
    family: Family, out: Path, samples: int, json: bool, quiet: bool, **params: Any
) -> None:
    with reporting(json, quiet) as output:
        with output.step("simulating homes"):
            table = family.simulate(samples, **params)
        with output.step(f"writing {out}"):
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


def generate_behavior_command(
    out: OutOption,
    homes: Annotated[int, typer.Option(help="Homes.", min=1)] = 1,
    weeks: Annotated[int, typer.Option(help="Weeks of each home.", min=1)] = 26,
    unusual: Annotated[
        float, typer.Option(help="Unusual nights per home and month, on average.", min=0)
    ] = 1.0,
    seed: opt.SeedOption = 0,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Simulate months of homes, with unusual nights among them."""
    with reporting(json, quiet) as output:
        with output.step("simulating homes"):
            events = FAMILIES["behavior"].simulate(
                homes, weeks=weeks, unusual_per_month=unusual, random_state=seed
            )
        with output.step(f"writing {out}"):
            FAMILIES["behavior"].rows.write(events, out)
        counts = events["label"].value_counts()
        output.document = {
            "file": out,
            "events": len(events),
            "homes": homes,
            "labels": {str(label): int(count) for label, count in counts.items()},
        }
        output.line(
            f"wrote {len(events):,} events of {homes} homes in {weeks} weeks to {out}, "
            f"{int(counts.get('unusual', 0)):,} of them unusual"
        )
