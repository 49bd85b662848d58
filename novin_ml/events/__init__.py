"""What a home reports: the fields and their limits, kinds and zones, reading and writing."""

from novin_ml.events.consent import training_events
from novin_ml.events.fields import (
    EVENT_FIELDS,
    HOME_MODES,
    MAX_RAW_SAMPLES,
    MAX_REQUEST_BYTES,
    MAX_REQUEST_EVENTS,
    EventField,
    column_dtypes,
)
from novin_ml.events.kinds import KIND_DTYPE, KINDS, event_kind
from novin_ml.events.reading import read_events
from novin_ml.events.report import ReadReport, Reject
from novin_ml.events.signal_files import read_signals, write_signals
from novin_ml.events.signals import Signals
from novin_ml.events.writing import write_events
from novin_ml.events.zones import (
    ZONE_DTYPE,
    ZONE_KINDS,
    ZONES,
    Zone,
    normalize_zone,
    normalize_zones,
)

__all__ = [
    "EVENT_FIELDS",
    "HOME_MODES",
    "KINDS",
    "KIND_DTYPE",
    "MAX_RAW_SAMPLES",
    "MAX_REQUEST_BYTES",
    "MAX_REQUEST_EVENTS",
    "ZONES",
    "ZONE_DTYPE",
    "ZONE_KINDS",
    "EventField",
    "ReadReport",
    "Reject",
    "Signals",
    "Zone",
    "column_dtypes",
    "event_kind",
    "normalize_zone",
    "normalize_zones",
    "read_events",
    "read_signals",
    "training_events",
    "write_events",
    "write_signals",
]
