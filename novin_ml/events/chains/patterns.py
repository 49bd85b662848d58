"""The patterns of chains of events, which are their labels."""

from __future__ import annotations

__all__ = ["CHAIN_PATTERNS", "NO_PATTERN"]

#: The patterns, in the order in which the hand-written rules look for them.
CHAIN_PATTERNS: tuple[str, ...] = (
    "package_delivery",
    "intrusion_sequence",
    "forced_entry",
    "active_break_in",
    "prowler_activity",
)

#: The label of a chain without a pattern.
NO_PATTERN = "no_pattern"
