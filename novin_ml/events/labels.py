"""Labels of motions and of a home's events; those of chains are in `chains.patterns`."""

from __future__ import annotations

#: What moves.
MOTION_LABELS = ("loitering", "package_drop", "pet", "running", "vehicle", "walking")
#: An event of an incident, and any other one.
UNUSUAL, USUAL = "unusual", "usual"
