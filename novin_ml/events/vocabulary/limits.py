"""The largest numbers of kinds, zones and sensors in a vocabulary."""

from __future__ import annotations

#: A code of a kind or a zone is a byte, on a phone too.
MAX_KINDS = 100
MAX_ZONES = 100
#: A chain has columns for each sensor, and a phone computes them.
MAX_SENSORS = 1_000
