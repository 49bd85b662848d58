"""train behavior: the baseline of a home, or of each of many homes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import BASELINE, Detector
from novin_ml.cli.output import fail_gate, reporting
from novin_ml.plain import plural


def train_behavior_command(
    file: opt.EventsArgument,
    out: Annotated[
        Path, typer.Option(help="Folder for the baseline, or with --by for the baselines.")
    ],
    by: Annotated[
        str | None,
        typer.Option(help="Column of the homes, such as home_id, to train a baseline for each."),
    ] = None,
    algorithm: Annotated[
        Detector,
        typer.Option(help="What learns; a phone can train an autoencoder, which finds less."),
    ] = Detector.ISOLATION,
    alarms_per_week: Annotated[
        float,
        typer.Option(help="Budget of alarms per home and week, above 0.", callback=opt.above_zero),
    ] = 1.0,
    monitor: Annotated[
        bool,
        typer.Option("--monitor", help="Alarm at silences and at sensors that stay on, too."),
    ] = False,
    silences_per_week: Annotated[
        float | None,
        typer.Option(help="For a monitor: budget of silences; default 1.", callback=opt.above_zero),
    ] = None,
    still_on_per_week: Annotated[
        float | None,
        typer.Option(
            help="For a monitor: budget of sensors that stay on; default 1.",
            callback=opt.above_zero,
        ),
    ] = None,
    prior: Annotated[
        Path | None,
        typer.Option(help="For a monitor of a new home: habits from federated prior."),
    ] = None,
    confidence: Annotated[
        float,
        typer.Option(
            help="Confidence of the bound on the alarms, between 0 and 1.", callback=opt.within_one
        ),
    ] = 0.95,
    n_jobs: Annotated[
        int | None, typer.Option(help="Number of processes, for several homes.")
    ] = None,
    seed: opt.SeedOption = 0,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Learn the habits of a home, or of each of many homes, from its events.

    A baseline alarms at unusual events. A monitor has two more kinds of alarms: silences, and
    sensors that stay on. Each kind has its own budget, and the budgets add up.
    """
    from novin_ml.cli.baselines import train_home, train_homes
    from novin_ml.cli.reading import read, rejects_beside
    from novin_ml.estimators.families import FAMILIES
    from novin_ml.lifecycle.fleet.baselines import first_homes
    from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
    from novin_ml.store import require_free

    failed: list[str] = []
    with reporting(json, quiet) as output:
        budget: dict[str, Any] = {"alarms_per_week": alarms_per_week, "confidence": confidence}
        of_monitor = {
            "silences_per_week": silences_per_week,
            "still_on_per_week": still_on_per_week,
        }
        given = {name: value for name, value in of_monitor.items() if value is not None}
        if given and not monitor:
            raise ValueError(
                f"--{next(iter(given)).replace('_', '-')} must come with --monitor. Got it alone. "
                "Add --monitor."
            )
        if prior is not None and (by is not None or not monitor):
            raise ValueError(
                f"--prior must come with --monitor, for one home. Got it "
                f"{'with --by' if by is not None else 'alone'}. Train that home by itself."
            )
        budget |= given
        if algorithm is not Detector.ISOLATION:
            if monitor:
                raise ValueError(
                    "--algorithm must be isolation for a monitor, whose events a forest scores. "
                    f"Got {algorithm.value}. Leave --monitor out."
                )
            budget["algorithm"] = algorithm.value
        if by is None:
            require_free(out, ESTIMATOR_KIND)
        rejects = rejects_beside(out)
        rows = FAMILIES[BASELINE.name].rows
        events = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        if by is None:
            train_home(
                events, out, output, monitor=monitor, prior=prior, random_state=seed, **budget
            )
        else:
            failed = train_homes(
                events, by, out, output, n_jobs=n_jobs, seed=seed, monitor=monitor, **budget
            )
    if failed:
        fail_gate(
            f"{plural(len(failed), 'home')} could not be fitted: {first_homes(failed)}. "
            f"The others are saved to {out}."
        )
