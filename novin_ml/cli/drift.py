"""drift: what differs between two logs of homes, since when, and in which homes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import fail_gate, reporting


def drift_command(
    reference: Annotated[
        Path,
        typer.Argument(
            help="Earlier events, such as those that a model was trained on, or a table of "
            "features with home_id, timestamp and consent.",
            metavar="REFERENCE",
        ),
    ],
    current: Annotated[Path, typer.Argument(help="Later events or features.", metavar="CURRENT")],
    of_model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            help="Trained estimator, whose features, answers and alarms are compared as well.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Page to write, with plots: .html.")] = None,
    level: opt.DriftLevelOption = 0.05,
    min_effect: Annotated[
        float,
        typer.Option(
            help="Smallest difference that counts, in standard deviations between homes.", min=0
        ),
    ] = 0.2,
    fail_on_drift: Annotated[
        bool,
        typer.Option(
            "--fail-on-drift",
            help="Exit with code 1 if a feature drifted, or if there are too few homes.",
        ),
    ] = False,
    seed: opt.SeedOption = 0,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Report what drifted between two logs of homes, since when, and in which homes."""
    from novin_ml.cli.feature_rows import features_of_homes
    from novin_ml.cli.reading import load, read, require_other
    from novin_ml.cli.show.drift import show_drift
    from novin_ml.estimators.row_kinds import EVENT_ROWS
    from novin_ml.lifecycle import measure_drift, write_drift_page

    with reporting(json, quiet) as output:
        if out is not None:
            require_other(out, reference, current)
        model = None if of_model is None else load(of_model)
        tables = []
        for name, path in (("reference", reference), ("current", current)):
            table = features_of_homes(path, output)
            if table is None:
                table = read(
                    EVENT_ROWS, path, output, timezone=timezone, strict=strict, rejects=None
                )
            tables.append(table)
            output.add(name, output.document.pop("events"))
        if len({"kind" in table for table in tables}) > 1:
            raise ValueError(
                f"{reference} and {current} must both hold events, or features. Got one of each. "
                "Compute the features of both with novin-ml features."
            )
        with output.step("comparing"):
            report = measure_drift(
                *tables, model=model, level=level, min_effect=min_effect, random_state=seed
            )
        output.add("drift", report.as_dict())
        show_drift(report, output)
        if out is not None:
            with output.step(f"writing {out}"):
                write_drift_page(report, out)
            output.add("page", out)
            output.line(f"page: {out}")
        output.add("passed", report.verdict == "none")
    if fail_on_drift and report.verdict != "none":
        fail_gate(report.sentence)
