"""train behavior: what is usual in a home, or in each of many."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, fail_gate, in_options, reporting
from novin_ml.cli.reading import read, rejects_beside
from novin_ml.cli.show.baselines import show_baseline, show_fleet
from novin_ml.estimators import make_behavior_pipeline
from novin_ml.estimators.families import FAMILIES
from novin_ml.events.consent import has_consent
from novin_ml.lifecycle import BaselineTrainingResult, fit_fleet, save_estimator, train_baseline
from novin_ml.lifecycle.fleet.baselines import first_homes
from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
from novin_ml.lifecycle.trainable import no_consent
from novin_ml.store import require_free


def train_behavior_command(
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
        rows = FAMILIES["behavior"].rows
        events = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        budget = {"alarms_per_week": alarms_per_week, "confidence": confidence}
        if by is None:
            train_and_save(events, out, output, random_state=seed, **budget)
        else:
            failed = _train_homes(events, by, out, output, n_jobs=n_jobs, seed=seed, **budget)
    if failed:
        fail_gate(
            f"{len(failed):,} homes could not be fitted: {first_homes(failed)}. "
            f"The others are saved to {out}."
        )


def train_and_save(
    events: pd.DataFrame, out: Path, output: Output, **params: Any
) -> BaselineTrainingResult:
    """Train the baseline of one home, save it, and say what it promises."""
    remedy = "Name the column of the homes: --by home_id."
    with output.step("learning what is usual"), in_options(remedy):
        result = train_baseline(events, **params)
    save_estimator(result.pipeline, out)
    show_baseline(result, out, output)
    return result


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
        raise ValueError(f"--by must name a column of the events. Got {by!r}. Pass --by home_id.")
    with output.step("learning what is usual in each home"):
        report = fit_fleet(
            events,
            by,
            out=out,
            estimator=make_behavior_pipeline(**budget),
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
    output.line(f"saved to {out}: a file for each home")
    return list(report.failed)
