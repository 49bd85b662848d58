"""Prints where models lie, what their certificates say, and what a package holds."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.coreml import Certificate, Export
from novin_ml.coreml.swift import SwiftPackage
from novin_ml.lifecycle import Published


def show_published(published: Published, output: Output) -> None:
    """Print where a model lies that was published, its card and its page."""
    show_export(published.export, output)
    output.add("card", published.card)
    output.line(f"model card: {published.card}")
    if published.page is not None:
        output.document |= {"page": published.page, "report": published.report.to_document()}
        output.line(f"report: {published.page}")


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
    if certificate.unreachable_leaves:
        output.line(f"leaves of trees that no row can come to: {certificate.unreachable_leaves:,}")


def show_package(package: SwiftPackage, output: Output) -> None:
    """Print where a package lies, and what is in it."""
    output.document |= {"package": package.folder, "golden": dict(package.golden)}
    output.line(f"wrote the Swift package {package.folder}:")
    for name, number in package.golden.items():
        output.line(f"  {name}: certified, with {number:,} answers to test it by")
    output.line(
        f"add it to Xcode as a local package; on macOS or Linux: cd {package.folder} && swift test"
    )
