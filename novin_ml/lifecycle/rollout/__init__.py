"""Which home gets which version, and whether a new version may go on to more homes."""

from novin_ml.lifecycle.rollout.assignment import Assignment, ObservedShare
from novin_ml.lifecycle.rollout.looks import Look, Rollout, look_at_rollout
from novin_ml.lifecycle.rollout.shadow import Shadow, ShadowVersion, shadow

__all__ = [
    "Assignment",
    "Look",
    "ObservedShare",
    "Rollout",
    "Shadow",
    "ShadowVersion",
    "look_at_rollout",
    "shadow",
]
