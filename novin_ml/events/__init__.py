"""Events that homes report: fields and limits, kinds and zones, reading and writing."""

from novin_ml.events.chains.files import holds_chains, read_chains, write_chains
from novin_ml.events.chains.patterns import CHAIN_PATTERNS, NO_PATTERN
from novin_ml.events.chains.prefixes import chain_prefixes
from novin_ml.events.chains.table import MAX_CHAIN_EVENTS, Chains
from novin_ml.events.chains.windows import chains_from_events
from novin_ml.events.consent import training_events
from novin_ml.events.fields import (
    CHAIN_COLUMNS,
    EVENT_FIELDS,
    HOME_MODES,
    MAX_RAW_SAMPLES,
    MAX_REQUEST_BYTES,
    MAX_REQUEST_EVENTS,
    EventField,
    column_dtypes,
)
from novin_ml.events.files.memory import events_from_json
from novin_ml.events.files.one_event import read_event
from novin_ml.events.files.reading import read_events
from novin_ml.events.files.report import ReadReport, Reject
from novin_ml.events.files.writing import write_events
from novin_ml.events.intervals import events_from_intervals
from novin_ml.events.kinds import (
    EVENT_KINDS,
    KIND_DTYPE,
    KIND_GROUPS,
    KINDS,
    EventKind,
    event_kind,
)
from novin_ml.events.signal_files import read_signals, write_signals
from novin_ml.events.signals import Signals
from novin_ml.events.tables import check_events
from novin_ml.events.zones import (
    ZONE_DTYPE,
    ZONE_KINDS,
    ZONES,
    Zone,
    normalize_zone,
    normalize_zones,
)

__all__ = [
    "CHAIN_COLUMNS",
    "CHAIN_PATTERNS",
    "EVENT_FIELDS",
    "EVENT_KINDS",
    "HOME_MODES",
    "KINDS",
    "KIND_DTYPE",
    "KIND_GROUPS",
    "MAX_CHAIN_EVENTS",
    "MAX_RAW_SAMPLES",
    "MAX_REQUEST_BYTES",
    "MAX_REQUEST_EVENTS",
    "NO_PATTERN",
    "ZONES",
    "ZONE_DTYPE",
    "ZONE_KINDS",
    "Chains",
    "EventField",
    "EventKind",
    "ReadReport",
    "Reject",
    "Signals",
    "Zone",
    "chain_prefixes",
    "chains_from_events",
    "check_events",
    "column_dtypes",
    "event_kind",
    "events_from_intervals",
    "events_from_json",
    "holds_chains",
    "normalize_zone",
    "normalize_zones",
    "read_chains",
    "read_event",
    "read_events",
    "read_signals",
    "training_events",
    "write_chains",
    "write_events",
    "write_signals",
]
