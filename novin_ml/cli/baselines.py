"""Baselines of homes: train them, save them, and change their budget of alarms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from novin_ml.cli.output import Output, in_options
from novin_ml.cli.reading import read
from novin_ml.cli.show.baselines import promise, show_alarms_of_home, show_baseline, show_fleet
from novin_ml.cli.show.monitors import show_alarms_of_monitor, show_monitor, show_promises
from novin_ml.cli.training_data import check_training_data
from novin_ml.estimators import HomeMonitor, make_behavior_pipeline
from novin_ml.estimators.home_models import is_monitor
from novin_ml.estimators.row_kinds import RowKind
from novin_ml.evaluation import monitor_alarms
from novin_ml.events.consent import has_consent
from novin_ml.features.activity.prior import read_prior
from novin_ml.lifecycle import (
    BaselineTrainingResult,
    events_of_home,
    fit_fleet,
    save_baseline,
    save_estimator,
    train_baseline,
)
from novin_ml.lifecycle.trainable import no_consent


def train_home(
    events: pd.DataFrame,
    out: Path,
    output: Output,
    *,
    monitor: bool = False,
    prior: Path | None = None,
    **params: Any,
) -> BaselineTrainingResult:
    """Train the baseline or monitor of one home, save it, and print its bounds."""
    remedy = "Name the column of the homes: --by home_id."
    with output.step("learning habits"), in_options(remedy):
        habits = None if prior is None else read_prior(prior)
        result = train_baseline(events, monitor=monitor, prior=habits, **params)
    save_estimator(result.pipeline, out)
    show = show_monitor if monitor else show_baseline
    show(result, out, output)
    return result


def train_homes(
    events: pd.DataFrame,
    by: str,
    out: Path,
    output: Output,
    *,
    n_jobs: int | None,
    seed: int,
    monitor: bool,
    **budget: Any,
) -> list[str]:
    """Train a baseline or a monitor for each home; return the homes that could not be fitted."""
    if by not in events.columns:
        raise ValueError(f"--by must name a column of the events. Got {by!r}. Pass --by home_id.")
    with output.step("learning the habits of each home"):
        report = fit_fleet(
            events,
            by,
            out=out,
            estimator=HomeMonitor(**budget) if monitor else make_behavior_pipeline(**budget),
            n_jobs=n_jobs,
            random_state=seed,
        )
    show_fleet(report, out, output)
    if not report.fitted and not report.skipped:
        if not has_consent(events).any():
            raise ValueError(no_consent(events, "events", len(events)))
        first = "".join(f" The first failed: {each}" for each in [*report.failed.values()][:1])
        raise ValueError(
            f"The events must have homes that a baseline can be fitted for. Got {report}. Check "
            f"that the events name their home in {by!r} and have its consent."
            f"{first}"
        )
    output.line(f"saved to {out}, one file for each home")
    return list(report.failed)


def events_of_baseline(
    pipeline: Any,
    rows: RowKind,
    file: Path | None,
    home: str | None,
    output: Output,
    *,
    refuse: bool,
    **options: Any,
) -> pd.DataFrame | None:
    """Read the events of a baseline's home; None without a file."""
    if file is None:
        return None
    events = read(rows, file, output, **options)
    with in_options("Name its home with --home, or pass its events alone."):
        events = events_of_home(pipeline, events, home)
    check_training_data(pipeline, events, output, refuse=refuse)
    return events


def set_budget(
    pipeline: Any,
    estimator: Path,
    home: str | None,
    alarms_per_week: float | None,
    events: Any,
    output: Output,
) -> None:
    """Change the budget of a baseline, save it, and print its new bound."""
    output.document |= {"estimator": estimator, "saved": alarms_per_week is not None}
    if is_monitor(pipeline):
        if alarms_per_week is not None:
            raise ValueError(
                f"{estimator} is a monitor, whose budgets are those of its training. Got "
                "--alarms-per-week. Train it again with train behavior --monitor."
            )
        show_promises(pipeline, output)
        if events is not None:
            found = monitor_alarms(events, pipeline.score(events))
            show_alarms_of_monitor(pipeline, found, output)
        return
    detector = pipeline[-1]
    if alarms_per_week is not None:
        detector.set_alarms_per_week(alarms_per_week)
        saved = save_baseline(pipeline, estimator, home)
    output.document |= {
        "state": detector.state_,
        "threshold": -detector.offset_,
        "alarms_per_week": detector.alarms_per_week,
        "alarm_bound": detector.alarm_bound_,
    }
    output.line(promise(detector))
    if events is not None:
        show_alarms_of_home(detector, events, pipeline.predict(events) == -1, output)
    if alarms_per_week is not None:
        output.line(f"saved to {saved}")
