"""Remove a home from logs, fleets and training sets, and keep a record of what was removed."""

from novin_ml.lifecycle.forgetting.places import Found
from novin_ml.lifecycle.forgetting.run import Forgotten, StillIn, forget_home

__all__ = ["Forgotten", "Found", "StillIn", "forget_home"]
