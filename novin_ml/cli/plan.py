"""plan: what training takes and costs, on which hardware, and when to upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting


def plan_command(
    homes: Annotated[
        int | None, typer.Option(help="Number of homes; default those of the log of --from.")
    ] = None,
    events: Annotated[
        int | None,
        typer.Option(help="Rows to train on, of all homes; default those of the stage."),
    ] = None,
    task: Annotated[str, typer.Option(help="Family to train, or all.")] = "all",
    hardware: Annotated[
        list[str] | None, typer.Option(help="Machine of the table; may be repeated.")
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option(help="Stage, or auto: prints its novin.toml and its line of cron."),
    ] = None,
    algorithm: Annotated[
        str,
        typer.Option(help="What learns: boosting, mlp, or auto: mlp where homes send updates."),
    ] = "auto",
    deadline: Annotated[
        str | None, typer.Option(help="Time that a training may take, such as 8h or 30min.")
    ] = None,
    budget: Annotated[float | None, typer.Option(help="Dollars of a month.")] = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option(help="Change, such as rows=2x or homes=20000; may be repeated."),
    ] = None,
    growth: Annotated[float, typer.Option(help="Growth of homes in a month: 0.1 is 10 %.")] = 0.0,
    months: Annotated[int, typer.Option(help="Months that costs are compared for.")] = 12,
    rounds: Annotated[int, typer.Option(help="Rounds of a federation in each training.")] = 1,
    log: Annotated[
        Path | None, typer.Option("--from", help="Log of homes: events a day, bytes an event.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="TOML file of prices, machines and stages.")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Measure this machine, in about three minutes.")
    ] = False,
    scale: Annotated[
        float, typer.Option(help="Share of the usual rows to measure, with --calibrate.")
    ] = 1.0,
    times: Annotated[
        Path | None, typer.Option(help="JSON file of times; --calibrate adds to it.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="SVG or PNG file to write: time and cost over rows.")
    ] = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Say what training takes and costs, on which hardware, and when to upgrade."""
    from novin_ml import compute
    from novin_ml.cli.measuring import measured_times
    from novin_ml.cli.reading import read
    from novin_ml.cli.show.plan import show_change, show_plan, show_setup
    from novin_ml.compute.changes import parse_changes
    from novin_ml.compute.plot import write_plan_plot
    from novin_ml.estimators.row_kinds import EVENT_ROWS

    with reporting(json, quiet) as output:
        table = compute.read_hardware(prices)
        changes = parse_changes(what_if or [])
        seconds = None if deadline is None else compute.seconds_of(deadline)
        facts = None
        if log is not None:
            events_read = read(
                EVENT_ROWS, log, output, timezone=timezone, strict=strict, rejects=None
            )
            facts = compute.measure_log(events_read)
            output.document["log"] = output.document.pop("events")
        if homes is None:
            if facts is None:
                raise ValueError("--homes must be a number. Got none. Pass it, or --from LOG.")
            homes = facts.homes
        known = compute.read_times(times) if times is not None and not calibrate else None
        if calibrate:
            known = measured_times(task, scale, output)
            if times is not None and times.exists():
                known = compute.read_times(times).joined(known)
            if times is not None:
                known.save(times)
                output.line(f"wrote {times}")
        made = compute.plan(
            homes,
            events,
            task=task,
            hardware=hardware,
            stage=stage or "auto",
            algorithm=algorithm,
            times=known,
            table=table,
            deadline=seconds,
            budget=budget,
            months=months,
            growth=growth,
            rounds=rounds,
            events_per_home_day=None if facts is None else facts.events_per_home_day,
            bytes_per_event=None if facts is None else facts.bytes_per_event,
        )
        show_plan(made, output)
        if changes:
            show_change(made, compute.what_if(made, changes), what_if or [], output)
        if stage is not None:
            show_setup(made, output)
        if plot is not None:
            with output.step("drawing"):
                write_plan_plot(made, plot)
            output.add("plot", plot)
            output.line(f"wrote {plot}")
