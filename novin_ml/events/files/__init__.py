"""Events read from files and from memory, and written to files: one reader a format, one check."""

from novin_ml.events.files.frames import events_from_frame
from novin_ml.events.files.memory import events_from_json
from novin_ml.events.files.one_event import read_event
from novin_ml.events.files.parts import read_events_in_parts
from novin_ml.events.files.reading import read_events
from novin_ml.events.files.records import events_from_records
from novin_ml.events.files.report import ReadReport, Reject
from novin_ml.events.files.writing import write_events

__all__ = [
    "ReadReport",
    "Reject",
    "events_from_frame",
    "events_from_json",
    "events_from_records",
    "read_event",
    "read_events",
    "read_events_in_parts",
    "write_events",
]
