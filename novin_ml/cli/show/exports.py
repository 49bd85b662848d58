"""Prints paths of models, their certificates, and the contents of a package."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.coreml import Certificate, Export
from novin_ml.coreml.swift import SwiftPackage
from novin_ml.lifecycle import Published
from novin_ml.plain import plural
from novin_ml.texts import in_shell


def show_taken() -> None:
    """Print the models of other libraries that `export_coreml` takes, and what it refuses."""
    from novin_ml.coreml.converters import taken_models

    output = Output(as_json=False, quiet=False)
    for row in taken_models():
        output.line(row.name)
        output.line(f"  becomes: {row.form}")
        output.line(f"  largest error allowed: {row.tolerance}")
        output.line(f"  refused: {row.refused or 'nothing'}")


def show_published(published: Published, output: Output) -> None:
    """Print the paths of a published model, its card and its page."""
    show_export(published.export, output)
    output.add("card", published.card)
    output.line(f"model card: {published.card}")
    if published.page is not None:
        output.document |= {"page": published.page, "report": published.report.to_document()}
        output.line(f"report: {published.page}")


def show_export(export: Export, output: Output) -> None:
    """Print the path of an export and its certificate."""
    output.document |= {
        "model": export.model,
        "certificate_file": export.certificate_file,
        "reference": export.reference,
    }
    if export.weights_manifest is not None:
        output.add("weights_manifest", export.weights_manifest)
    output.line(f"wrote {export.model} ({export.certificate.model_bytes / 1e6:.2f} MB)")
    show_certificate(export.certificate, output)
    output.line(f"certificate: {export.certificate_file}")
    if export.weights_manifest is not None:
        output.line(f"what each weight is: {export.weights_manifest}")


def show_certificate(certificate: Certificate, output: Output) -> None:
    """Print a certificate."""
    output.add("passed", certificate.passed)
    output.add("certificate", certificate)
    core_ml = certificate.core_ml
    where = (
        f"Core ML itself agreed on {plural(core_ml['rows'], 'row')}"
        if core_ml["ran"]
        else f"not run on Core ML itself: {core_ml['reason']}"
    )
    output.line(
        f"certified: {plural(certificate.rows, 'row')} compared, largest error "
        f"{certificate.max_error:.1e} (allowed {certificate.tolerance:g}), "
        f"{certificate.differ} {certificate.choices} differ; {where}"
    )
    if certificate.proof is not None:
        output.line(certificate.statement)
    if certificate.unreachable_leaves:
        output.line(f"leaves of trees that no row can reach: {certificate.unreachable_leaves:,}")


def show_package(package: SwiftPackage, output: Output) -> None:
    """Print the path and the contents of a package."""
    output.document |= {
        "package": package.folder,
        "golden": dict(package.golden),
        "model_bytes": package.model_bytes,
        "without_thresholds": list(package.without_thresholds),
    }
    output.line(f"wrote the Swift package {package.folder}:")
    for name, number in package.golden.items():
        output.line(f"  {name}: certified, with {plural(number, 'golden answer')} for its tests")
    output.line(f"models and what comes with them: {package.model_bytes / 1e6:.2f} MB in the app")
    if package.without_thresholds:
        output.warning(
            f"{', '.join(package.without_thresholds)}: without a threshold nothing is an alarm; "
            "novin-ml threshold chooses one by a budget of false alarms"
        )
    output.line(
        "add it to Xcode as a local package; on macOS or Linux: "
        f"cd {in_shell(package.folder)} && swift test"
    )
