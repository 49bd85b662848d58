"""Recall and false alarms of models and detectors, and of the hand-written rules."""

from novin_ml.evaluation.alarms._counts import (
    AlarmReport,
    Alarms,
    LabelAlarms,
    alarm_report,
    count_alarms,
    observed_weeks,
    weeks_by_home,
)
from novin_ml.evaluation.alarms._recall import (
    RecallAtAlarms,
    lowest_threshold,
    mean_gain,
    recall_at_alarms,
)
from novin_ml.evaluation.alarms._stream import stream_alarm_report

__all__ = [
    "AlarmReport",
    "Alarms",
    "LabelAlarms",
    "RecallAtAlarms",
    "alarm_report",
    "count_alarms",
    "lowest_threshold",
    "mean_gain",
    "observed_weeks",
    "recall_at_alarms",
    "stream_alarm_report",
    "weeks_by_home",
]
