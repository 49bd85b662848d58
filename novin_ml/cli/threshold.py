"""threshold: when a trained model alarms, and when a classifier says that it does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, in_options, reporting
from novin_ml.cli.reading import load, read
from novin_ml.cli.show.baselines import promise, show_alarms_of_home
from novin_ml.cli.show.decisions import show_decisions
from novin_ml.estimators.families import family_of
from novin_ml.evaluation.decisions import choose_decisions, measure_decisions
from novin_ml.lifecycle import events_of_home, save_baseline, save_estimator


def threshold_command(
    estimator: opt.EstimatorArgument,
    file: Annotated[
        Path | None,
        typer.Argument(help="Labelled events or chains; a baseline needs none.", metavar="[FILE]"),
    ] = None,
    alarms_per_week: Annotated[
        float | None,
        typer.Option(
            help="Of a baseline: budget of alarms per home and week, above 0.",
            callback=opt.above_zero,
        ),
    ] = None,
    home: opt.HomeOption = None,
    false_alarms_per_week: Annotated[
        float | None,
        typer.Option(help="Budget of false alarms of each label, per home and week."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="What is an alarm; default what the model is for.")
    ] = None,
    confidence: Annotated[
        float, typer.Option(help="Of the upper bound on the false alarms.", min=0.5, max=0.9999)
    ] = 0.95,
    error_rate: Annotated[
        float | None,
        typer.Option(help="Share of prediction sets that may lack the right label.", min=0, max=1),
    ] = None,
    unit: Annotated[
        Literal["row", "home"],
        typer.Option(help="What --error-rate is of: all rows, or a row of a home that is new."),
    ] = "row",
    truth: Annotated[str, typer.Option(help="Column of the right labels.")] = "label",
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Choose thresholds by a budget of false alarms, and when to say "don't know"; or show them.

    Use homes that the model was not trained on. What is chosen is saved with the model. A home's
    baseline has its own budget, --alarms-per-week, and needs no file.
    """
    with reporting(json, quiet) as output:
        pipeline = load(estimator, home)
        family = family_of(pipeline)
        if family.is_detector:
            if false_alarms_per_week is not None or label or error_rate is not None:
                raise ValueError(
                    f"{estimator} is a baseline, whose threshold --alarms-per-week alone sets. "
                    "Got an option of classifiers. Leave it out."
                )
            events = None
            if file is not None:
                events = read(
                    family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects
                )
                with in_options("Name its home with --home, or pass its events alone."):
                    events = events_of_home(pipeline, events, home)
            _set_budget(pipeline, estimator, home, alarms_per_week, events, output)
            return
        if alarms_per_week is not None or home is not None:
            raise ValueError(
                f"{'--home' if alarms_per_week is None else '--alarms-per-week'} must come with a "
                f"baseline. Got {family.name}. Of classifiers see --false-alarms-per-week."
            )
        if file is None:
            raise ValueError(
                f"{estimator} must be given labelled {family.rows.name} to choose thresholds by. "
                "Got none. Name their FILE."
            )
        if label and false_alarms_per_week is None:
            raise ValueError(
                "--label must come with a budget. Got none. Add --false-alarms-per-week."
            )
        table = read(family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        chooses = {false_alarms_per_week, error_rate} != {None} or unit != "row"
        if not chooses and not pipeline[-1].decisions_:
            raise ValueError(
                f"{estimator} must have thresholds or a cut to be measured. Got none. Choose them "
                "with --false-alarms-per-week or --error-rate."
            )
        with output.step("choosing thresholds" if chooses else "measuring thresholds"):
            reports = (
                choose_decisions(
                    pipeline,
                    table,
                    false_alarms_per_week=false_alarms_per_week,
                    labels=label or None,
                    confidence=confidence,
                    error_rate=error_rate,
                    unit=unit,
                    truth=truth,
                )
                if chooses
                else measure_decisions(pipeline, table, confidence=confidence, truth=truth)
            )
        show_decisions(reports, output)
        output.document |= {"saved": chooses, "estimator": estimator}
        if chooses:
            save_estimator(pipeline, estimator)
            output.line(f"saved to {estimator}")


def _set_budget(
    pipeline: Any,
    estimator: Path,
    home: str | None,
    alarms_per_week: float | None,
    events: Any,
    output: Output,
) -> None:
    """Change the budget of a baseline, save it, and say what it promises now."""
    detector = pipeline[-1]
    output.document |= {"estimator": estimator, "saved": alarms_per_week is not None}
    if alarms_per_week is not None:
        detector.set_alarms_per_week(alarms_per_week)
        saved = save_baseline(pipeline, estimator, home)
    output.document |= {
        "state": detector.state_,
        "offset": detector.offset_,
        "alarms_per_week": detector.alarms_per_week,
        "alarm_bound": detector.alarm_bound_,
    }
    output.line(promise(detector))
    if events is not None:
        show_alarms_of_home(detector, events, pipeline.predict(events) == -1, output)
    if alarms_per_week is not None:
        output.line(f"saved to {saved}")
