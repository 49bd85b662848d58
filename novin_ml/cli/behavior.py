"""The anomaly baseline of homes: generate, features, train."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from novin_ml.cli import options as opt
from novin_ml.cli._homes import HOME, listed
from novin_ml.cli.features import write_features
from novin_ml.cli.output import Output, fail_gate, reporting
from novin_ml.cli.reading import read, rejects_beside, require_table
from novin_ml.estimators import make_behavior_pipeline
from novin_ml.estimators.families import EVENT_ROWS
from novin_ml.evaluation import alarms_per_week, detection_delay
from novin_ml.events import write_events
from novin_ml.events.consent import has_consent
from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.features import BehaviorFeatures
from novin_ml.lifecycle import fit_fleet, save_estimator
from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
from novin_ml.simulation import simulate_behavior
from novin_ml.store import require_free

#: What reading gives an event that names no home.
_UNKNOWN = next(field.default for field in EVENT_FIELDS if field.name == HOME)


def generate_anomaly_command(
    out: Annotated[Path, typer.Option(help="File to write; its ending is its format.")],
    homes: Annotated[int, typer.Option(help="Homes.", min=1)] = 1,
    weeks: Annotated[int, typer.Option(help="Weeks of each home.", min=1)] = 26,
    unusual: Annotated[
        float, typer.Option(help="Unusual nights per home and month, on average.", min=0)
    ] = 1.0,
    seed: opt.SeedOption = 0,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Simulate months of homes, with unusual nights among them."""
    with reporting(json, quiet) as output:
        with output.step("simulating homes"):
            events = simulate_behavior(
                homes, weeks=weeks, unusual_per_month=unusual, random_state=seed
            )
        with output.step(f"writing {out}"):
            write_events(events, out)
        counts = events["label"].value_counts()
        output.document = {
            "file": out,
            "events": len(events),
            "homes": homes,
            "labels": {str(label): int(count) for label, count in counts.items()},
        }
        output.line(
            f"wrote {len(events):,} events of {homes} homes in {weeks} weeks to {out}, "
            f"{int(counts.get('unusual', 0)):,} of them unusual"
        )


def features_anomaly_command(
    file: opt.EventsArgument,
    out: Annotated[Path, typer.Option(help="Table to write: .csv or .parquet.")],
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write what a baseline sees in each event, with home, time and labels beside it."""
    with reporting(json, quiet) as output:
        require_table(out, file)
        rejects = rejects_beside(out)
        events = read(EVENT_ROWS, file, output, timezone=timezone, strict=strict, rejects=rejects)
        with output.step("computing features"):
            features = BehaviorFeatures().set_output(transform="pandas").transform(events)
        write_features(events, features, out, output)


def train_anomaly_command(
    file: opt.EventsArgument,
    out: Annotated[
        Path, typer.Option(help="Folder to write the baseline to, or with --by the baselines.")
    ],
    by: Annotated[
        str | None,
        typer.Option(help="Column of the homes, such as home_id: a baseline for each."),
    ] = None,
    alarms_per_week: Annotated[
        float,
        typer.Option(help="Budget of alarms per home and week, above 0.", callback=opt.above_zero),
    ] = 1.0,
    confidence: Annotated[
        float,
        typer.Option(help="Of the bound on the alarms, between 0 and 1.", callback=opt.within_one),
    ] = 0.95,
    n_jobs: Annotated[int | None, typer.Option(help="Processes, for several homes.")] = None,
    seed: opt.SeedOption = 0,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Learn what is usual in a home, or in each of many, from its events."""
    failed: list[str] = []
    with reporting(json, quiet) as output:
        if by is None:
            require_free(out, ESTIMATOR_KIND)
        rejects = rejects_beside(out)
        events = read(EVENT_ROWS, file, output, timezone=timezone, strict=strict, rejects=rejects)
        budget = {"alarms_per_week": alarms_per_week, "confidence": confidence}
        if by is None:
            train_home(events, out, output, random_state=seed, **budget)
        else:
            failed = _train_homes(events, by, out, output, n_jobs=n_jobs, seed=seed, **budget)
    if failed:
        fail_gate(
            f"{len(failed):,} homes could not be fitted: {listed(failed)}. The others are saved "
            f"to {out}."
        )


def train_home(events: pd.DataFrame, out: Path, output: Output, **params: Any) -> Any:
    """Train the baseline of one home, save it, and say what it promises."""
    consenting = events[has_consent(events)]
    homes = consenting[HOME].unique()
    if _UNKNOWN in homes:
        raise ValueError(
            f"The events must name their home in {HOME!r}. "
            f"Got {int((consenting[HOME] == _UNKNOWN).sum()):,} that do not. Add it to the file: "
            "they may be of any number of homes."
        )
    if len(homes) != 1:
        raise ValueError(
            "The events must be of one home whose 'consent' is true. "
            f"Got {len(homes)} such homes. "
            + ("Name the column of the homes: --by home_id." if len(homes) else "Ask for consent.")
        )
    pipeline = make_behavior_pipeline(**params)
    with output.step("learning what is usual"):
        pipeline.fit(consenting, detector__timestamps=consenting["timestamp"])
    detector = pipeline[-1]
    save_estimator(pipeline, out)
    output.document |= {
        "estimator": out,
        "trained_on": len(consenting),
        "left_out_without_consent": len(events) - len(consenting),
        "state": detector.state_,
        "days": detector.n_days_,
        "required_days": detector.required_days_,
        "offset": detector.offset_,
        "alarms_per_week": detector.alarms_per_week,
        "alarm_bound": detector.alarm_bound_,
    }
    output.line(
        f"trained the baseline of {homes[0]} on {len(consenting):,} events of "
        f"{detector.n_days_:.0f} days ({len(events) - len(consenting):,} left out without consent)"
    )
    output.line(promise(detector))
    output.line(f"saved to {out}")
    return pipeline


def show_alarms_of_home(
    detector: Any, events: pd.DataFrame, alarm: np.ndarray, output: Output
) -> None:
    """Print how often a baseline alarms, and what it finds where the unusual is labelled."""
    rate = alarms_per_week(events, alarm)
    output.document |= {"state": detector.state_, "alarms": rate}
    output.line(
        f"{detector.state_}: {int(alarm.sum()):,} of {len(events):,} events are unusual to it; "
        f"{rate.n_alarms:,} alarms in {rate.home_weeks:.1f} usual weeks, {rate.per_week:.2f} a "
        f"week ({rate.low:.2f} to {rate.high:.2f} with 95% confidence; budget "
        f"{detector.alarms_per_week:g})"
    )
    if "label" not in events.columns:
        return
    detection = detection_delay(events, alarm)
    output.document["detection"] = detection
    if detection.incidents:
        output.line(
            f"found {detection.n_detected} of {len(detection.incidents)} incidents, half of them "
            f"within {detection.median_delay:.0f} s of their first event"
            if detection.n_detected
            else f"found none of {len(detection.incidents)} incidents"
        )


def promise(detector: Any) -> str:
    """Return what a baseline's threshold promises."""
    if detector.state_ == "learning":
        return (
            f"still learning: scores, but never alarms, before {detector.required_days_:.0f} days "
            "are seen"
        )
    return (
        f"ready: alarms below a score of {detector.offset_:.4f}; "
        f"{detector.n_alarms_in_training_} alarms in what it learnt from, at most "
        f"{detector.alarm_bound_:.2f} a week with {detector.confidence:.0%} confidence "
        f"(budget {detector.alarms_per_week:g}), as long as the home's habits stay"
    )


def _train_homes(
    events: pd.DataFrame,
    by: str,
    out: Path,
    output: Output,
    *,
    n_jobs: int | None,
    seed: int,
    **budget: float,
) -> list[str]:
    """Train a baseline for each home; return the homes that could not be fitted."""
    if by not in events.columns:
        raise ValueError(f"--by must name a column of the events. Got {by!r}. Pass --by {HOME}.")
    with output.step("learning what is usual in each home"):
        report = fit_fleet(
            events,
            by,
            out=out,
            estimator=make_behavior_pipeline(**budget),
            n_jobs=n_jobs,
            random_state=seed,
        )
    output.add("fleet", report)
    output.document |= {"estimators": out}
    output.line(str(report))
    for home, reason in list(report.failed.items())[:10]:
        output.line(f"  {home}: {reason}")
    if not report.fitted and not report.skipped:
        raise ValueError(
            f"The events must have homes that a baseline can be fitted for. Got {report}. Check "
            f"that the events name their home in {by!r} and have its consent."
        )
    output.line(f"saved to {out}: a file for each home")
    return list(report.failed)
