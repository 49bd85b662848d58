"""Features of a home's activity: what follows what, what stays on, and when nothing happens."""

from novin_ml.features.activity.history import ActivityHistory, ActivityRow
from novin_ml.features.activity.prior import HabitPrior
from novin_ml.features.activity.specs import EVENT_COLUMNS, SILENCE_COLUMNS, STILL_ON_COLUMNS
from novin_ml.features.activity.table import ActivityRows, activity_rows

__all__ = [
    "EVENT_COLUMNS",
    "SILENCE_COLUMNS",
    "STILL_ON_COLUMNS",
    "ActivityHistory",
    "ActivityRow",
    "ActivityRows",
    "HabitPrior",
    "activity_rows",
]
