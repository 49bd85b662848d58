"""Event tables read from files and written to them, one reader a format."""

from novin_ml.events.files.reading import read_events
from novin_ml.events.files.report import ReadReport, Reject
from novin_ml.events.files.writing import write_events

__all__ = [
    "ReadReport",
    "Reject",
    "read_events",
    "write_events",
]
