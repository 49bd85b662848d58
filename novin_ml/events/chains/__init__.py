"""Chains of events, as one ragged table."""

from novin_ml.events.chains.files import holds_chains, read_chains, write_chains
from novin_ml.events.chains.patterns import CHAIN_PATTERNS, NO_PATTERN
from novin_ml.events.chains.prefixes import chain_prefixes
from novin_ml.events.chains.table import MAX_CHAIN_EVENTS, Chains
from novin_ml.events.chains.windows import chains_from_events
from novin_ml.events.fields import CHAIN_COLUMNS

__all__ = [
    "CHAIN_COLUMNS",
    "CHAIN_PATTERNS",
    "MAX_CHAIN_EVENTS",
    "NO_PATTERN",
    "Chains",
    "chain_prefixes",
    "chains_from_events",
    "holds_chains",
    "read_chains",
    "write_chains",
]
