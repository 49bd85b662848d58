"""export: from an estimator to a certified Core ML model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting


def export_command(
    estimator: opt.EstimatorArgument,
    out: Annotated[Path, typer.Option(help="File to write: .mlmodel or .mlpackage.")],
    home: opt.HomeOption = None,
    data: opt.DataOption = None,
    timezone: opt.TimezoneOption = "UTC",
    refuse_training_data: opt.RefuseOption = False,
    rejects: opt.RejectsOption = None,
    updatable: Annotated[
        bool,
        typer.Option(
            "--updatable", help="Make a network that a phone can train; trees cannot be trained."
        ),
    ] = False,
    card_from: Annotated[
        Path | None,
        typer.Option(help="Labelled rows to score the model on, for its model card."),
    ] = None,
    author: Annotated[str | None, typer.Option(help="Metadata that Xcode shows.")] = None,
    license: Annotated[str | None, typer.Option(help="Metadata that Xcode shows.")] = None,
    model_version: Annotated[str | None, typer.Option(help="Metadata that Xcode shows.")] = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
    list_models: opt.ListModelsOption = False,
) -> None:
    """Write a Core ML model and its certificate; exit with code 1 if the answers differ.

    DIR may also be a model file of others: .skops, .ubj or .json of xgboost, .txt of LightGBM.
    """
    from novin_ml.cli.feature_rows import feature_table
    from novin_ml.cli.reading import load_of_home, read
    from novin_ml.cli.show.exports import show_export, show_published
    from novin_ml.cli.training_data import check_training_data
    from novin_ml.cli.vocabulary import read_as
    from novin_ml.coreml import export_coreml
    from novin_ml.coreml.model_files import SUFFIXES, open_model_file
    from novin_ml.estimators.families import rows_of
    from novin_ml.estimators.home_models import home_features, is_monitor, learner_holder
    from novin_ml.estimators.row_kinds import LOG_ROWS
    from novin_ml.lifecycle import is_fleet, load_estimator, publish

    with reporting(json, quiet) as output:
        texts: dict[str, Any] = {"author": author, "license": license, "version": model_version}
        if estimator.suffix in SUFFIXES and not estimator.is_dir():
            require_absent({"--home": home, "--data": data, "--card-from": card_from}, estimator)
            with output.step("opening the model"):
                model = open_model_file(estimator)
            with output.step("exporting and comparing"):
                show_export(export_coreml(model, out, updatable=updatable, **texts), output)
            return
        if is_fleet(estimator):
            pipeline = load_of_home(estimator, home)
        else:
            pipeline = load_estimator(estimator)
            known = getattr(home_features(pipeline), "homes_", [])
            if home is not None and home not in known:
                raise ValueError(
                    f"--home must be a home whose baseline is in {estimator}. Got {home!r}. "
                    "Leave it out, or name another folder."
                )
        read_as(pipeline)
        names = [spec.name for spec in learner_holder(pipeline).feature_specs_]
        table = rows = None
        if card_from is not None:
            kind = LOG_ROWS if is_monitor(pipeline) else rows_of(pipeline)
            table = read(kind, card_from, output, timezone=timezone, strict=False, rejects=rejects)
            check_training_data(pipeline, table, output, refuse=refuse_training_data)
        if data is not None:
            features = home_features(pipeline)
            rows = feature_table(data, names, features, output, timezone=timezone, rejects=rejects)
        options: dict[str, Any] = {"data": rows, "updatable": updatable, **texts}
        if table is None:
            with output.step("exporting and comparing"):
                show_export(export_coreml(pipeline, out, **options), output)
        else:
            published = publish(pipeline, table, out, with_page=False, step=output.step, **options)
            show_published(published, output)


def require_absent(options: dict[str, Any], model: Path) -> None:
    """Raise ValueError if an option is given that has no meaning for another library's model."""
    for name, value in options.items():
        if value is not None:
            raise ValueError(
                f"{name} must be left out for a model of another library, {model}. "
                f"Got {str(value)!r}. Use export_coreml in Python, which takes rows as data."
            )
