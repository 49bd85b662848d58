"""Events that homes report: fields and limits, kinds and zones, reading and writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novin_ml.lazy import names_on_demand

if TYPE_CHECKING:
    from novin_ml.events.chains.files import holds_chains, read_chains, write_chains
    from novin_ml.events.chains.patterns import CHAIN_PATTERNS, NO_PATTERN
    from novin_ml.events.chains.prefixes import chain_prefixes
    from novin_ml.events.chains.table import MAX_CHAIN_EVENTS, Chains
    from novin_ml.events.chains.windows import chains_from_events
    from novin_ml.events.channel_files import read_channel_signals, write_channel_signals
    from novin_ml.events.channel_signals import MAX_CHANNELS, ChannelSignals
    from novin_ml.events.consent import training_events
    from novin_ml.events.fields import (
        CHAIN_COLUMNS,
        EVENT_FIELDS,
        HOME_MODES,
        MAX_RAW_SAMPLES,
        MAX_REQUEST_BYTES,
        MAX_REQUEST_EVENTS,
        SENSOR_STATES,
        EventField,
        column_dtypes,
    )
    from novin_ml.events.files.frames import events_from_frame
    from novin_ml.events.files.memory import events_from_json
    from novin_ml.events.files.one_event import read_event
    from novin_ml.events.files.parts import read_events_in_parts
    from novin_ml.events.files.reading import read_events
    from novin_ml.events.files.recognition import Recognition
    from novin_ml.events.files.records import events_from_records
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
    from novin_ml.events.vocabulary.naming import sensor_names
    from novin_ml.events.vocabulary.sensors import Sensor
    from novin_ml.events.vocabulary.vocabulary import Vocabulary
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
    "MAX_CHANNELS",
    "MAX_RAW_SAMPLES",
    "MAX_REQUEST_BYTES",
    "MAX_REQUEST_EVENTS",
    "NO_PATTERN",
    "SENSOR_STATES",
    "ZONES",
    "ZONE_DTYPE",
    "ZONE_KINDS",
    "Chains",
    "ChannelSignals",
    "EventField",
    "EventKind",
    "ReadReport",
    "Recognition",
    "Reject",
    "Sensor",
    "Signals",
    "Vocabulary",
    "Zone",
    "chain_prefixes",
    "chains_from_events",
    "check_events",
    "column_dtypes",
    "event_kind",
    "events_from_frame",
    "events_from_intervals",
    "events_from_json",
    "events_from_records",
    "holds_chains",
    "normalize_zone",
    "normalize_zones",
    "read_chains",
    "read_channel_signals",
    "read_event",
    "read_events",
    "read_events_in_parts",
    "read_signals",
    "sensor_names",
    "training_events",
    "write_chains",
    "write_channel_signals",
    "write_events",
    "write_signals",
]

__getattr__, __dir__ = names_on_demand(
    __name__,
    {
        "holds_chains": "novin_ml.events.chains.files",
        "read_chains": "novin_ml.events.chains.files",
        "write_chains": "novin_ml.events.chains.files",
        "CHAIN_PATTERNS": "novin_ml.events.chains.patterns",
        "NO_PATTERN": "novin_ml.events.chains.patterns",
        "chain_prefixes": "novin_ml.events.chains.prefixes",
        "MAX_CHAIN_EVENTS": "novin_ml.events.chains.table",
        "Chains": "novin_ml.events.chains.table",
        "chains_from_events": "novin_ml.events.chains.windows",
        "read_channel_signals": "novin_ml.events.channel_files",
        "write_channel_signals": "novin_ml.events.channel_files",
        "MAX_CHANNELS": "novin_ml.events.channel_signals",
        "ChannelSignals": "novin_ml.events.channel_signals",
        "training_events": "novin_ml.events.consent",
        "CHAIN_COLUMNS": "novin_ml.events.fields",
        "EVENT_FIELDS": "novin_ml.events.fields",
        "HOME_MODES": "novin_ml.events.fields",
        "MAX_RAW_SAMPLES": "novin_ml.events.fields",
        "MAX_REQUEST_BYTES": "novin_ml.events.fields",
        "MAX_REQUEST_EVENTS": "novin_ml.events.fields",
        "SENSOR_STATES": "novin_ml.events.fields",
        "EventField": "novin_ml.events.fields",
        "column_dtypes": "novin_ml.events.fields",
        "events_from_frame": "novin_ml.events.files.frames",
        "events_from_json": "novin_ml.events.files.memory",
        "events_from_records": "novin_ml.events.files.records",
        "read_event": "novin_ml.events.files.one_event",
        "read_events": "novin_ml.events.files.reading",
        "read_events_in_parts": "novin_ml.events.files.parts",
        "Recognition": "novin_ml.events.files.recognition",
        "ReadReport": "novin_ml.events.files.report",
        "Reject": "novin_ml.events.files.report",
        "write_events": "novin_ml.events.files.writing",
        "events_from_intervals": "novin_ml.events.intervals",
        "EVENT_KINDS": "novin_ml.events.kinds",
        "KIND_DTYPE": "novin_ml.events.kinds",
        "KIND_GROUPS": "novin_ml.events.kinds",
        "KINDS": "novin_ml.events.kinds",
        "EventKind": "novin_ml.events.kinds",
        "event_kind": "novin_ml.events.kinds",
        "read_signals": "novin_ml.events.signal_files",
        "write_signals": "novin_ml.events.signal_files",
        "Signals": "novin_ml.events.signals",
        "check_events": "novin_ml.events.tables",
        "sensor_names": "novin_ml.events.vocabulary.naming",
        "Sensor": "novin_ml.events.vocabulary.sensors",
        "Vocabulary": "novin_ml.events.vocabulary.vocabulary",
        "ZONE_DTYPE": "novin_ml.events.zones",
        "ZONE_KINDS": "novin_ml.events.zones",
        "ZONES": "novin_ml.events.zones",
        "Zone": "novin_ml.events.zones",
        "normalize_zone": "novin_ml.events.zones",
        "normalize_zones": "novin_ml.events.zones",
    },
)
