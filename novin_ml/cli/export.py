"""export and verify: from an estimator to a certified Core ML model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli._homes import is_fleet, load_home
from novin_ml.cli.output import Output, reporting
from novin_ml.cli.reading import feature_table, read, rows_of
from novin_ml.coreml import Certificate, CoreMLRuntime, Export, export_coreml, verify_coreml
from novin_ml.evaluation import card_metadata, model_card
from novin_ml.evaluation.report import BaselineReport, Report, build_report, with_certificate
from novin_ml.files import write_text
from novin_ml.lifecycle import load_estimator


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
            pipeline = load_home(estimator, home)
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
        report = None
        if card_from is not None:
            rows = rows_of(pipeline, estimator)
            table = read(rows, card_from, output, timezone=timezone, strict=False, rejects=rejects)
            with output.step("measuring"):
                report = build_report(pipeline, table)
        with output.step("exporting and comparing"):
            export = export_coreml(
                pipeline,
                out,
                card=None if report is None else card_metadata(report),
                data=None
                if data is None
                else feature_table(data, names, output, timezone=timezone, rejects=rejects),
                author=author,
                license=license,
                version=model_version,
            )
        show_export(export, output)
        if report is not None:
            write_card(report, export, output)


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


def write_card(report: Report | BaselineReport, export: Export, output: Output) -> Path:
    """Write the model card beside a model."""
    path = export.model.with_suffix(".card.md")
    write_text(model_card(with_certificate(report, export.certificate)), path)
    output.add("card", path)
    output.line(f"model card: {path}")
    return path


def show_export(export: Export, output: Output) -> None:
    """Print where an export lies and what its certificate says."""
    output.document |= {
        "model": export.model,
        "certificate_file": export.certificate_file,
        "reference": export.reference,
    }
    output.line(f"wrote {export.model} ({export.certificate.model_bytes / 1e6:.2f} MB)")
    show_certificate(export.certificate, output)
    output.line(f"certificate: {export.certificate_file}")


def show_certificate(certificate: Certificate, output: Output) -> None:
    """Print what a certificate says."""
    output.add("passed", certificate.passed)
    output.add("certificate", certificate)
    core_ml = certificate.core_ml
    where = (
        f"Core ML itself agreed on {core_ml['rows']:,} rows"
        if core_ml["ran"]
        else f"not run on Core ML itself: {core_ml['reason']}"
    )
    output.line(
        f"certified: {certificate.rows:,} rows compared, largest error "
        f"{certificate.max_error:.1e} (allowed {certificate.tolerance:g}), "
        f"{certificate.differ} {certificate.choices} differ; {where}"
    )
