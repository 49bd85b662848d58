"""Prints what a door read, what it did not read, and what would map it."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.events.doors import DoorReport
from novin_ml.plain import plural, toml_text
from novin_ml.texts import visible

_MOST_ROWS = 40


def show_door(report: DoorReport, output: Output) -> None:
    """Print the report of a door."""
    read = report.read
    output.add("door", report.door)
    output.add(
        "events",
        {
            "read": read.n_read,
            "accepted": read.n_accepted,
            "rejected": read.n_rejected,
            "without_consent": read.n_without_consent,
        },
    )
    output.add("timezone", report.timezone)
    output.add("mode_from", report.mode_from)
    output.add("sensors", [sensor._asdict() for sensor in report.sensors])
    output.add("not_read", [left._asdict() for left in report.not_read])
    output.add("unknown_locations", report.unknown_locations)
    output.add("not_events", report.not_events)
    output.add("notes", list(report.notes))
    output.add("reasons", read.reasons())
    output.line(
        f"read {plural(read.n_read, 'event')}: {read.n_accepted:,} accepted, "
        f"{read.n_rejected:,} rejected, {read.n_without_consent:,} without consent"
    )
    if report.timezone is not None:
        told = report.mode_from or "nothing"
        output.line(f"  time zone {report.timezone}; the home mode is told by {visible(told)}")
    for line in (*read.reasons(), *report.notes):
        output.line(f"  {line}")
    show_sensors(report, output)
    _show_not_read(report, output)
    for location, count in [*report.unknown_locations.items()][:_MOST_ROWS]:
        output.line(f"  unknown zone: {visible(location)}, {plural(count, 'event')}")
    unmapped = next((each for each in report.sensors if each.zone == "unknown"), None)
    if unmapped is not None:
        table = f"areas.{toml_text(unmapped.area)}" if unmapped.area else (
            f"entities.{toml_text(unmapped.name)}"
        )  # fmt: skip
        output.line(f'  in the mapping: {visible(f"[{table}]", 200)} zone = "..."')
    if report.not_events:
        output.line("no events, although they look like some:")
        for reason, count in report.not_events.items():
            output.line(f"  {count:,}: {reason}")


def show_sensors(report: DoorReport, output: Output) -> None:
    """Print the sensors that were read, with what told their kind and zone."""
    if not report.sensors:
        return
    output.table(
        f"{plural(len(report.sensors), 'sensor')} read",
        ["sensor", "kind", "zone", "events", "shortest s", "guessed by"],
        [
            [
                visible(sensor.name),
                sensor.kind,
                sensor.zone,
                f"{sensor.n_events:,}",
                "" if sensor.shortest is None else f"{sensor.shortest:.1f}",
                visible(f"{sensor.kind_from}; {sensor.zone_from.partition(' ')[0]}"),
            ]
            for sensor in report.sensors[:_MOST_ROWS]
        ],
    )
    _show_rest(len(report.sensors), output)


def _show_not_read(report: DoorReport, output: Output) -> None:
    if not report.not_read:
        return
    output.table(
        f"{plural(len(report.not_read), 'sensor')} not read; a mapping has them read",
        ["sensor", "active", "reason"],
        [
            [visible(left.name), f"{left.n_active:,}", visible(left.reason)]
            for left in report.not_read[:_MOST_ROWS]
        ],
    )
    _show_rest(len(report.not_read), output)
    output.line(f"  in the mapping: {visible(report.not_read[0].remedy, 200)}")


def _show_rest(number: int, output: Output) -> None:
    if number > _MOST_ROWS:
        output.line(f"  and {number - _MOST_ROWS:,} more: --json has all of them")
