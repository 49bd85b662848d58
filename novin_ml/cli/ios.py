"""ios: from certified models to a Swift package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting


def ios_command(
    models: Annotated[
        list[Path],
        typer.Argument(
            help="Exported models (.mlmodel files with their certificates) or trained estimators, "
            "which are exported first.",
            metavar="MODEL...",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the package.")],
    home: opt.HomeOption = None,
    with_history: Annotated[
        bool,
        typer.Option(
            "--with-history",
            help="Bundle what the home of a baseline reported: it says when people are at home.",
        ),
    ] = False,
    require_thresholds: Annotated[
        bool,
        typer.Option(
            "--require-thresholds", help="Refuse classifiers without a threshold: they never alarm."
        ),
    ] = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write a Swift package of certified models, feature code, predictors and tests."""
    from novin_ml.cli.show.exports import show_package
    from novin_ml.coreml.swift import write_swift_package
    from novin_ml.lifecycle import is_fleet

    with reporting(json, quiet) as output:
        if home is not None and not any(map(is_fleet, models)):
            raise ValueError(
                "--home must come with a folder of baselines, as train behavior --by writes it. "
                f"Got {home!r} and none. Leave it out."
            )
        named = named_models(models, home)
        with output.step("verifying, and computing golden vectors"):
            package = write_swift_package(
                named, out, with_history=with_history, require_thresholds=require_thresholds
            )
        show_package(package, output)


def named_models(models: list[Path], home: str | None = None) -> dict[str, Any]:
    """Return paths of exported models and pipelines of trained ones, by their names."""
    from novin_ml.cli.reading import load
    from novin_ml.lifecycle.saving.estimators import SUFFIX

    named: dict[str, Any] = {}
    for path in models:
        name = path.stem if path.suffix in (".mlmodel", ".mlpackage", SUFFIX) else path.name
        if name in named:
            raise ValueError(
                f"Models in a package must have different names. Got {name!r} twice. "
                "Rename a file or folder."
            )
        is_exported = path.suffix in (".mlmodel", ".mlpackage")
        named[name] = path if is_exported else load(path, home, monitors=True)
    return named
