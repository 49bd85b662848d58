"""threshold: when a trained model alarms, and when a classifier answers "don't know"."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting


def threshold_command(
    estimator: opt.EstimatorArgument,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Labelled events or chains; not needed for a baseline.", metavar="[FILE]"
        ),
    ] = None,
    alarms_per_week: Annotated[
        float | None,
        typer.Option(
            help="For a baseline: budget of alarms per home and week, above 0.",
            callback=opt.above_zero,
        ),
    ] = None,
    home: opt.HomeOption = None,
    false_alarms_per_week: Annotated[
        float | None,
        typer.Option(help="Budget of false alarms for each label, per home and week."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="Label that is an alarm; default: those of the family.")
    ] = None,
    confidence: Annotated[
        float,
        typer.Option(
            help="Confidence of the upper bound on the false alarms.", min=0.5, max=0.9999
        ),
    ] = 0.95,
    error_rate: Annotated[
        float | None,
        typer.Option(help="Share of prediction sets that may lack the right label.", min=0, max=1),
    ] = None,
    unit: Annotated[
        Literal["row", "home"],
        typer.Option(help="Scope of --error-rate: all rows, or a row of a new home."),
    ] = "row",
    truth: Annotated[str, typer.Option(help="Column of the right labels.")] = "label",
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    refuse_training_data: opt.RefuseOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Choose thresholds by a budget of false alarms, and when to answer "don't know"; or show them.

    Use homes that the model was not trained on. The thresholds are saved with the model. For a
    home's baseline, set --alarms-per-week; it needs no file.
    """
    from novin_ml.cli.baselines import events_of_baseline, set_budget
    from novin_ml.cli.reading import load, read
    from novin_ml.cli.show.decisions import show_decisions
    from novin_ml.cli.training_data import check_training_data
    from novin_ml.estimators.families import rows_of
    from novin_ml.estimators.home_models import family_in_use
    from novin_ml.evaluation.decisions import choose_decisions, measure_decisions
    from novin_ml.lifecycle import save_estimator

    options: Any = {"timezone": timezone, "strict": strict, "rejects": rejects}
    with reporting(json, quiet) as output:
        pipeline = load(estimator, home, monitors=True)
        family = family_in_use(pipeline)
        if family.is_detector:
            _refuse_options_of_classifiers(estimator, false_alarms_per_week, label, error_rate)
            events = events_of_baseline(
                pipeline, family.rows, file, home, output, refuse=refuse_training_data, **options
            )
            set_budget(pipeline, estimator, home, alarms_per_week, events, output)
            return
        _refuse_options_of_baselines(family.name, alarms_per_week=alarms_per_week, home=home)
        chooses = {false_alarms_per_week, error_rate} != {None} or unit != "row"
        if label and false_alarms_per_week is None:
            raise ValueError(
                "--label must come with a budget. Got none. Add --false-alarms-per-week."
            )
        file = _required(file, estimator, family.rows.name)
        table = read(rows_of(pipeline), file, output, **options)
        if not chooses:
            _require_decisions(pipeline, estimator)
        check_training_data(pipeline, table, output, refuse=refuse_training_data, truth=truth)
        with output.step("choosing thresholds" if chooses else "measuring thresholds"):
            if chooses:
                reports = choose_decisions(
                    pipeline,
                    table,
                    false_alarms_per_week=false_alarms_per_week,
                    labels=label or None,
                    confidence=confidence,
                    error_rate=error_rate,
                    unit=unit,
                    truth=truth,
                )
            else:
                reports = measure_decisions(pipeline, table, confidence=confidence, truth=truth)
        show_decisions(reports, output)
        output.document |= {"saved": chooses, "estimator": estimator}
        if chooses:
            save_estimator(pipeline, estimator)
            output.line(f"saved to {estimator}")


def _refuse_options_of_classifiers(estimator: Path, *options: object) -> None:
    if any(value not in (None, []) for value in options):
        raise ValueError(
            f"{estimator} is a baseline, so only --alarms-per-week sets its threshold. "
            "Got an option of classifiers. Leave it out."
        )


def _refuse_options_of_baselines(family: str, **options: object) -> None:
    for name, value in options.items():
        if value is not None:
            raise ValueError(
                f"--{name.replace('_', '-')} must come with a baseline. Got {family}. "
                "For classifiers use --false-alarms-per-week."
            )


def _required(file: Path | None, estimator: Path, rows: str) -> Path:
    if file is None:
        raise ValueError(
            f"{estimator} must be given labelled {rows} to choose thresholds by. "
            "Got none. Name their FILE."
        )
    return file


def _require_decisions(pipeline: Any, estimator: Path) -> None:
    if not pipeline[-1].decisions_:
        raise ValueError(
            f"{estimator} must have thresholds or a cut to be measured. Got none. Choose them "
            "with --false-alarms-per-week or --error-rate."
        )
