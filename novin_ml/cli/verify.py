"""verify: a certified model, a Swift package or a signed release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting


def verify_command(
    model: Annotated[
        Path,
        typer.Argument(
            help="Core ML model, a Swift package, or a signed release.", metavar="MODEL"
        ),
    ],
    data: opt.DataOption = None,
    of: Annotated[
        list[Path] | None,
        typer.Option(help="Model of a Swift package, as ios was given it; once for each."),
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(help="Public key: check the folder that novin-ml sign wrote.")
    ] = None,
    timezone: opt.TimezoneOption = "UTC",
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Repeat the certificate's check from the files alone; exit with code 1 if it fails."""
    from novin_ml.cli.feature_rows import feature_table
    from novin_ml.cli.ios import named_models
    from novin_ml.cli.show.exports import show_certificate
    from novin_ml.coreml import CoreMLRuntime, verify_coreml
    from novin_ml.coreml.exported_features import exported_features, novin_entries
    from novin_ml.coreml.swift import is_package, verify_swift_package
    from novin_ml.lifecycle import verify_release
    from novin_ml.plain import plural

    with reporting(json, quiet) as output:
        if public_key is not None:
            manifest = verify_release(model, public_key)
            output.document |= {"passed": True, "manifest": dict(manifest.document)}
            output.line(
                f"{model} is version {manifest.version} of {manifest.name} as it was signed, until "
                f"{manifest.expires}."
            )
            return
        if of:
            with output.step("making the package again"):
                verify_swift_package(model, named_models(of))
            output.add("passed", True)
            output.line(f"{model} is the package of {plural(len(of), 'model')}.")
            return
        if is_package(model):
            raise ValueError(
                "--of must name each model of a Swift package, to make it again. Got none for "
                f"{model}. Name what novin-ml ios was given."
            )
        rows = None
        if data is not None:
            runtime = CoreMLRuntime(model)
            rows = feature_table(
                data,
                list(runtime.input_names),
                exported_features(novin_entries(runtime.metadata["user_defined"])),
                output,
                timezone=timezone,
                rejects=rejects,
            )
        with output.step("comparing"):
            certificate = verify_coreml(model, data=rows)
        show_certificate(certificate, output)
        output.line(f"{model} gives the same answers as the trained model.")
