"""Prints a plan: tasks, hardware, a month, the answer, and what it rests on."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.compute import Estimate, Plan, cron_line_of, novin_toml_of
from novin_ml.compute.answers import dollars_in_words, time_in_words
from novin_ml.compute.changes import difference_in_words
from novin_ml.compute.durations import in_words
from novin_ml.plain import plural

_UNITS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def show_plan(made: Plan, output: Output) -> None:
    """Print a plan, or add it to the document."""
    output.document |= made.as_dict()
    rows = [
        [
            each.task,
            f"{each.rows:,}",
            f"{each.models:,}",
            each.algorithm,
            *(_promised(each.promised.get(name)) for name in made.table.promises),
            _time(each.measured),
            _interval(each.measured),
        ]
        for each in made.tasks
    ]
    columns = ["task", "rows", "models", "algorithm"]
    columns += [f"promised: {name}" for name in made.table.promises]
    output.table(
        f"Training, one model: promised by {made.table.source}; all models: {made.times.machine}",
        [*columns, "time", "95 % interval"],
        rows,
    )
    rows = [
        [
            each.hardware.name,
            _time(each.time),
            _interval(each.time),
            dollars_in_words(each.once),
            dollars_in_words(each.month),
            dollars_in_words(each.total),
            *([] if made.deadline is None else [str(each.meets)]),
            *([] if made.budget is None else ["yes" if each.in_budget else "no"]),
        ]
        for each in made.hardware
    ]
    columns = ["hardware", "one training", "95 % interval", "once", "a month"]
    columns.append(plural(made.months, "month"))
    columns += [] if made.deadline is None else [f"within {in_words(made.deadline)}"]
    columns += [] if made.budget is None else ["in budget"]
    output.table(f"Hardware, prices of {made.table.date}", columns, rows)
    _show_month(made, output)
    output.line(made.sentence)
    output.line(made.upgrade.sentence)
    for note in made.notes:
        output.line(f"  {note}")


def _show_month(made: Plan, output: Output) -> None:
    stage, traffic = made.stage, made.traffic
    low, high = stage.homes
    span = (
        f"{plural(low, 'home')} or more" if high is None else f"{low:,} to {plural(high, 'home')}"
    )
    best = made.cheapest
    rows = [
        ["stage", f"{stage.name}: {span}"],
        ["the analysis expects", f"{dollars_in_words(stage.dollars)} a month"],
        ["trainings", f"{made.trainings:.1f}, every {stage.every}; a model must be {stage.gate}"],
    ]
    if best is not None:
        spent = time_in_words(best.time.times(made.trainings))
        rows.append(["training time", f"{spent} on {best.hardware.name}"])
        rows.append(["dollars of training", dollars_in_words(best.month)])
    if made.aggregation is not None:
        time = f"{_time(made.aggregation)}, {_interval(made.aggregation)}"
        rows += [
            ["averaging one round", time],
            ["one update of a home", plural(traffic.update_bytes, "byte")],
            ["updates that homes send", _bytes(traffic.updates_sent)],
            ["weights that homes get", _bytes(traffic.weights_received)],
        ]
        for device in made.table.devices.values():
            least, most = device["minutes"]
            rows.append([f"an update on {device['name']}", f"promised: {least:g} to {most:g} min"])
    rows.append(["events, if all are stored", _bytes(traffic.events_stored)])
    if traffic.dollars is not None:
        rows.append(["traffic and storage", dollars_in_words((traffic.dollars,) * 2)])
    output.table("A month", ["", ""], rows)
    output.line(f"events and bytes of events: {traffic.source}")
    if stage.chosen:
        output.line(f"chosen by novin_ml, not by the analysis: {', '.join(stage.chosen)}")


def show_change(now: Plan, then: Plan, texts: list[str], output: Output) -> None:
    """Print a plan beside the one with other numbers."""
    sentence = difference_in_words(now, then)
    output.add("what_if", {"changes": texts, "plan": then.as_dict(), "sentence": sentence})
    rows = [
        [
            name,
            f"{each.homes:,}",
            each.stage.name,
            "-" if each.cheapest is None else each.cheapest.hardware.name,
            "-" if each.cheapest is None else time_in_words(each.cheapest.time),
            "-" if each.cheapest is None else dollars_in_words(each.cheapest.month),
            _bytes(each.traffic.updates_sent),
            _bytes(each.traffic.events_stored),
        ]
        for name, each in (("now", now), ("then", then))
    ]
    columns = ["", "homes", "stage", "cheapest", "one training", "a month", "updates", "events"]
    output.table(f"What if {', '.join(texts)}", columns, rows)
    output.line(sentence)


def show_setup(made: Plan, output: Output) -> None:
    """Print the novin.toml and the line of cron of a stage."""
    declaration, cron = novin_toml_of(made), cron_line_of(made)
    output.document |= {"novin_toml": declaration, "cron": cron}
    output.line("")
    output.line("novin.toml:")
    output.line("")
    for line in declaration.splitlines():
        output.line(line)
    output.line("")
    output.line(f"cron: {cron}")


def _time(time: Estimate) -> str:
    return f"{in_words(time.seconds)}, {time.basis}"


def _interval(time: Estimate) -> str:
    return f"{in_words(time.low)} to {in_words(time.high)}"


def _promised(promise: tuple[int, float] | None) -> str:
    return "-" if promise is None else f"{promise[1]:g} min for {promise[0]:,}"


def _bytes(number: float) -> str:
    unit, size = next(((u, s) for u, s in _UNITS if number >= s), ("bytes", 1.0))
    return f"{number / size:,.1f} {unit}" if size > 1 else plural(round(number), "byte")
