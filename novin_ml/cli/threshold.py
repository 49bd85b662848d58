"""threshold: when a trained model alarms, and when a classifier says that it does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli._homes import events_of, save_baseline
from novin_ml.cli.behavior import promise, show_alarms_of_home
from novin_ml.cli.output import Output, reporting
from novin_ml.cli.reading import family_of, load, read
from novin_ml.estimators import BehaviorAnomalyDetector
from novin_ml.estimators.decisions import Abstention, AlarmThreshold
from novin_ml.estimators.families import EVENT_ROWS
from novin_ml.evaluation import (
    ConformalReport,
    ThresholdReport,
    conformalize,
    measure_coverage,
    measure_thresholds,
    tune_threshold,
)
from novin_ml.lifecycle import save_estimator

_WORST = 5  # homes that are shown


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
        if isinstance(pipeline[-1], BehaviorAnomalyDetector):
            if false_alarms_per_week is not None or label or error_rate is not None:
                raise ValueError(
                    f"{estimator} is a baseline, whose threshold --alarms-per-week alone sets. "
                    "Got an option of classifiers. Leave it out."
                )
            events = None
            if file is not None:
                events = read(
                    EVENT_ROWS, file, output, timezone=timezone, strict=strict, rejects=rejects
                )
                remedy = "Name its home with --home, or pass its events alone."
                events = events_of(pipeline, events, home, remedy)
            _set_budget(pipeline, estimator, home, alarms_per_week, events, output)
            return
        family = family_of(pipeline, estimator)
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
        chooses = false_alarms_per_week is not None or error_rate is not None
        if not chooses and not pipeline[-1].decisions_:
            raise ValueError(
                f"{estimator} must have thresholds or a cut to be measured. Got none. Choose them "
                "with --false-alarms-per-week or --error-rate."
            )
        with output.step("choosing thresholds" if chooses else "measuring thresholds"):
            alarms, coverage = (
                _chosen(
                    pipeline, table, false_alarms_per_week, label, confidence, error_rate, truth
                )
                if chooses
                else _measured(pipeline, table, confidence, truth)
            )
        if alarms is not None:
            _show_thresholds(alarms, output)
        if coverage is not None:
            _show_coverage(coverage, output)
        output.add("saved", chooses)
        output.document["estimator"] = estimator
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


def _chosen(
    pipeline: Any,
    table: Any,
    false_alarms_per_week: float | None,
    labels: list[str] | None,
    confidence: float,
    error_rate: float | None,
    truth: str,
) -> tuple[ThresholdReport | None, ConformalReport | None]:
    alarms = coverage = None
    if false_alarms_per_week is not None:
        alarms = tune_threshold(
            pipeline,
            table,
            false_alarms_per_week,
            labels=labels or None,
            confidence=confidence,
            truth=truth,
        )
    if error_rate is not None:
        coverage = conformalize(pipeline, table, error_rate=error_rate, truth=truth)
    return alarms, coverage


def _measured(
    pipeline: Any, table: Any, confidence: float, truth: str
) -> tuple[ThresholdReport | None, ConformalReport | None]:
    decisions = pipeline[-1].decisions_
    alarms = coverage = None
    if decisions.thresholds:
        alarms = measure_thresholds(pipeline, table, confidence=confidence, truth=truth)
    if decisions.abstention is not None:
        coverage = measure_coverage(pipeline, table, truth=truth)
    return alarms, coverage


def _show_thresholds(report: ThresholdReport, output: Output) -> None:
    output.add("thresholds", report.to_document())
    output.table(
        f"alarms in {report.home_weeks:,.1f} weeks of {report.n_homes} homes; false ones per home "
        "and week",
        ["label", "threshold", "rows", "recall", "", "false", "false/week", "at most"],
        [_threshold_row(each) for each in report.thresholds],
    )
    output.line(
        f"{report.n_alarms:,} of {report.n_rows:,} rows are alarms, {report.n_false:,} of them "
        f"false: {report.false_per_home_week:.3f} per home and week, at most "
        f"{report.false_per_home_week_upper:.3f} at a confidence of {report.confidence:g} "
        f"({report.bound} bound)"
    )
    if report.n_without_consent:
        output.line(f"{report.n_without_consent:,} labelled rows left out without consent")
    worst = report.homes[report.homes["n_false"] > 0].head(_WORST)
    output.table(
        f"the homes with the most false alarms per week; {len(report.homes) - len(worst)} more",
        ["home", "weeks", "rows", "false", "false/week", "at most", "recall"],
        [
            [
                str(home.home_id),
                f"{home.home_weeks:.1f}",
                f"{home.n_rows:,}",
                f"{home.n_false:,}",
                f"{home.false_per_week:.2f}",
                f"{home.false_per_week_upper:.2f}",
                f"{home.recall:.1%}" if home.n_to_find else "",
            ]
            for home in worst.itertuples()
        ],
    )


def _threshold_row(threshold: AlarmThreshold) -> list[str]:
    recall = ["", ""]
    if threshold.recall is not None:
        recall = [
            f"{threshold.recall:.1%}",
            f"{threshold.recall_low:.1%} to {threshold.recall_high:.1%}",
        ]
    return [
        str(threshold.label),
        "never" if threshold.threshold > 1 else f"{threshold.threshold:.4f}",
        f"{threshold.n_rows:,}",
        *recall,
        f"{threshold.n_false:,}",
        f"{threshold.false_per_home_week:.3f}",
        f"{threshold.false_per_home_week_upper:.3f}",
    ]


def _show_coverage(report: ConformalReport, output: Output) -> None:
    output.add("coverage", report.to_document())
    abstention: Abstention = report.abstention
    output.table(
        f"don't know below {abstention.abstain_below:.4f}; sets of labels from "
        f"{abstention.cut:.4f} on, error rate {abstention.error_rate:g}",
        ["", "rows", "set has the right label", "don't know"],
        [
            ["all", f"{report.n_rows:,}", f"{report.coverage:.1%}", f"{report.abstained:.1%}"],
            *(
                [
                    str(part.label),
                    f"{part.n_rows:,}",
                    f"{part.coverage:.1%}",
                    f"{part.abstained:.1%}",
                ]
                for part in report.by_label.itertuples()
            ),
        ],
    )
    of_homes = report.by_home["coverage"]
    output.line(
        f"of new rows like these {report.promised_low:.1%} to {report.promised_high:.1%} will have "
        f"it; by home {of_homes.min():.1%} to {of_homes.max():.1%}; right where it knows: "
        f"{report.accuracy:.1%}"
    )
