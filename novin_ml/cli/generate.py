"""generate: simulated homes, their events and labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import BASELINE, FamilyName
from novin_ml.cli.output import reporting
from novin_ml.plain import plural

OutOption = Annotated[Path, typer.Option(help="File to write; the suffix sets the format.")]


ErrorOption = Annotated[
    float, typer.Option(help="Probability that a label is wrong.", min=0, max=0.5)
]
SamplesOption = Annotated[int, typer.Option(help="Number of labelled events or chains.", min=1)]
NoPatternOption = Annotated[
    float, typer.Option(help="Approximate share of chains without a pattern.", min=0.5, max=1)
]
HomesOption = Annotated[
    int | None,
    typer.Option(help="Number of homes; default one per 150 labels, at least 10.", min=1),
]


def generate_family(named: FamilyName) -> Callable[..., None]:
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
            named, out, samples, json, quiet,
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
            named, out, samples, json, quiet,
            n_homes=homes, no_pattern=no_pattern, annotator_error=annotator_error,
            random_state=seed,
        )  # fmt: skip

    command = generate_mostly_quiet if named.has_quiet_label else generate
    command.__doc__ = f"Simulate homes and write their labelled {named.rows}."
    return command


def _generate(
    named: FamilyName, out: Path, samples: int, json: bool, quiet: bool, **params: Any
) -> None:
    from novin_ml.estimators.families import FAMILIES

    family = FAMILIES[named.name]
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
            f"wrote {plural(len(table), family.rows.name[:-1])} of {plural(homes, 'home')}, "
            f"{samples:,} of them labelled, to {out}"
        )


def generate_behavior_command(
    out: OutOption,
    homes: Annotated[int, typer.Option(help="Number of homes.", min=1)] = 1,
    weeks: Annotated[int, typer.Option(help="Number of weeks for each home.", min=1)] = 26,
    unusual: Annotated[
        float, typer.Option(help="Unusual nights per home and month, on average.", min=0)
    ] = 1.0,
    seed: opt.SeedOption = 0,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Simulate months in homes, with unusual nights."""
    from novin_ml.estimators.families import FAMILIES

    family = FAMILIES[BASELINE.name]
    with reporting(json, quiet) as output:
        with output.step("simulating homes"):
            events = family.simulate(
                homes, weeks=weeks, unusual_per_month=unusual, random_state=seed
            )
        with output.step(f"writing {out}"):
            family.rows.write(events, out)
        counts = events["label"].value_counts()
        output.document = {
            "file": out,
            "events": len(events),
            "homes": homes,
            "labels": {str(label): int(count) for label, count in counts.items()},
        }
        output.line(
            f"wrote {plural(len(events), 'event')} of {plural(homes, 'home')} in "
            f"{plural(weeks, 'week')} to {out}, {int(counts.get('unusual', 0)):,} of them unusual"
        )
