"""export and verify: from an estimator to a certified Core ML model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting
from novin_ml.cli.reading import feature_table, load_of_home, read
from novin_ml.cli.show.exports import show_certificate, show_export, show_published
from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from novin_ml.estimators.families import rows_of
from novin_ml.lifecycle import is_fleet, load_estimator, publish


def export_command(
    estimator: opt.EstimatorArgument,
    out: Annotated[Path, typer.Option(help="File to write: .mlmodel or .mlpackage.")],
    home: opt.HomeOption = None,
    data: opt.DataOption = None,
    timezone: opt.TimezoneOption = "UTC",
    rejects: opt.RejectsOption = None,
    card_from: Annotated[
        Path | None,
        typer.Option(help="Labelled rows: what the model is worth on them becomes its card."),
    ] = None,
    author: Annotated[str | None, typer.Option(help="Metadata that Xcode shows.")] = None,
    license: Annotated[str | None, typer.Option(help="Metadata that Xcode shows.")] = None,
    model_version: Annotated[str | None, typer.Option(help="Metadata that Xcode shows.")] = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write a Core ML model and its certificate; exit with 1 if it does not answer the same."""
    with reporting(json, quiet) as output:
        if is_fleet(estimator):
            pipeline = load_of_home(estimator, home)
        else:
            pipeline = load_estimator(estimator)
            known = getattr(pipeline[0], "homes_", []) if hasattr(pipeline, "steps") else []
            if home is not None and home not in known:
                raise ValueError(
                    f"--home must be a home whose baseline is in {estimator}. Got {home!r}. "
                    "Leave it out, or name another folder."
                )
        classifier = pipeline[-1] if hasattr(pipeline, "steps") else pipeline
        names = [spec.name for spec in classifier.feature_specs_]
        table = rows = None
        if card_from is not None:
            kind = rows_of(pipeline)
            table = read(kind, card_from, output, timezone=timezone, strict=False, rejects=rejects)
        if data is not None:
            rows = feature_table(data, names, output, timezone=timezone, rejects=rejects)
        options: dict[str, Any] = {
            "data": rows,
            "author": author,
            "license": license,
            "version": model_version,
        }
        if table is None:
            with output.step("exporting and comparing"):
                show_export(export_coreml(pipeline, out, **options), output)
        else:
            published = publish(pipeline, table, out, with_page=False, step=output.step, **options)
            show_published(published, output)


def verify_command(
    model: opt.ModelArgument,
    data: opt.DataOption = None,
    timezone: opt.TimezoneOption = "UTC",
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Repeat the certificate's check from the files alone; exit with 1 if it fails."""
    with reporting(json, quiet) as output:
        rows = None
        if data is not None:
            rows = feature_table(
                data,
                list(CoreMLRuntime(model).input_names),
                output,
                timezone=timezone,
                rejects=rejects,
            )
        with output.step("comparing"):
            certificate = verify_coreml(model, data=rows)
        show_certificate(certificate, output)
        output.line(f"{model} is the model that was trained.")
