"""What a chain of events can mean: the labels of chains."""

from __future__ import annotations

__all__ = ["CHAIN_PATTERNS", "NO_PATTERN"]

#: The five patterns, in the order in which the hand-written rules look for them.
CHAIN_PATTERNS: tuple[str, ...] = (
    "package_delivery",
    "intrusion_sequence",
    "forced_entry",
    "active_break_in",
    "prowler_activity",
)

#: The label of a chain that is none of `CHAIN_PATTERNS`, as most are.
NO_PATTERN = "no_pattern"
