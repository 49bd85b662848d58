"""Writes what a door read: the events, the guessed mapping, and hints at what events were."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from novin_ml.cli.output import Output
from novin_ml.cli.vocabulary import chosen_vocabulary, name_of_vocabulary
from novin_ml.events import write_events
from novin_ml.events.doors import DoorMapping, DoorReport, WeakLabel
from novin_ml.events.doors.events import door_vocabulary
from novin_ml.events.files.report import write_rejects
from novin_ml.plain import plural


def write_read_events(events: pd.DataFrame, report: DoorReport, output: Output, out: Path) -> None:
    """Write the events; a file without any is an error."""
    if not len(events):
        reasons = " ".join(report.read.reasons())
        got = f"{plural(report.read.n_read, 'event')}, all rejected: {reasons}" if reasons else (
            f"none; {plural(len(report.not_read), 'sensor')} not read."
        )  # fmt: skip
        remedy = " Say in a mapping what they are (--mapping)." if report.not_read else ""
        raise ValueError(f"The file must hold events of {report.door}. Got {got}{remedy}")
    write_events(events, out)
    output.add("out", out)
    output.line(f"wrote {out}: read it with --vocabulary {name_of_vocabulary() or 'home'}")


def write_mapping_file(report: DoorReport, output: Output, path: Path) -> None:
    """Write what was guessed, and what was not, for a person to correct."""
    DoorMapping.write_guessed(report, door_vocabulary(chosen_vocabulary()), path)
    output.add("mapping", path)
    output.line(f"wrote {path}: correct it, and pass it as --mapping")


def write_weak_labels(report: DoorReport, output: Output, path: Path) -> None:
    """Write hints at what events were, and of what is no event."""
    table = pd.DataFrame(report.weak_labels, columns=list(WeakLabel._fields))
    write_rejects(table, path)
    output.add("weak_labels", path)
    output.line(f"wrote {path}: {plural(len(table), 'weak label')}, which nobody confirmed")
