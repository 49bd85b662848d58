"""Prints what the log of a home says on the first evening."""

from __future__ import annotations

from datetime import UTC, datetime

from novin_ml.cli.output import Output
from novin_ml.cli.show.doors import show_sensors
from novin_ml.evaluation import FirstEvening
from novin_ml.evaluation.report.evening import unusual_words
from novin_ml.plain import plural
from novin_ml.texts import visible


def show_evening(found: FirstEvening, output: Output) -> None:
    """Print the guessed mapping, the state of the baseline, unusual events, and what is needed."""
    output.document |= found.to_document()
    show_sensors(found.door, output)
    output.line(
        f"learned the habits of {found.home_id} from {plural(found.n_events, 'event')} of "
        f"{plural(found.n_days, 'day', form='.0f')}, on this machine alone"
    )
    output.line(found.headline)
    output.line(f"{found.unusual_title}:")
    for event in found.unusual:
        local = datetime.fromtimestamp(event["timestamp"] + event["utc_offset"], UTC)
        output.line(f"  {local:%a %Y-%m-%d %H:%M}, {unusual_words(event)}")
        for reason in event["reasons"]:
            output.line(f"    {visible(reason, 200)}")
    if found.needs:
        output.line("what is needed for more:")
    for need in found.needs:
        output.line(f"  {need}")
