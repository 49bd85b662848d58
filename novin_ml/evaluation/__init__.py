"""Evaluation of models against the hand-written rules."""

from novin_ml.evaluation._decision_prior import PriorEffect
from novin_ml.evaluation.alarms import (
    AlarmReport,
    Alarms,
    LabelAlarms,
    RecallAtAlarms,
    alarm_report,
    count_alarms,
    mean_gain,
    observed_weeks,
    recall_at_alarms,
    stream_alarm_report,
)
from novin_ml.evaluation.alarms.detection import (
    AlarmRate,
    Detection,
    IncidentDetection,
    alarm_hours,
    alarms_per_week,
    detection_delay,
)
from novin_ml.evaluation.alarms.monitors import MonitorAlarms, monitor_alarms
from novin_ml.evaluation.comparison import (
    ClassChange,
    Comparison,
    Comparisons,
    Difference,
    McNemar,
    SampleSize,
    compare,
    compare_answers,
    compare_many,
    group_swap_test,
    mcnemar,
)
from novin_ml.evaluation.decisions.conformal import ConformalReport, conformalize, measure_coverage
from novin_ml.evaluation.decisions.thresholds import (
    ThresholdReport,
    measure_thresholds,
    tune_threshold,
)
from novin_ml.evaluation.explanation.explain import Attribution, Reason, attribute, explain
from novin_ml.evaluation.explanation.importance import FeatureImportance, permutation_importances
from novin_ml.evaluation.headline import Headline, Scores, evaluate
from novin_ml.evaluation.report import (
    BaselineReport,
    Report,
    build_report,
    render_report,
    write_report,
)
from novin_ml.evaluation.report.card import card_metadata, model_card
from novin_ml.evaluation.report.evening import FirstEvening, write_evening
from novin_ml.evaluation.split import split_by_home
from novin_ml.evaluation.training_data import (
    SeenInTraining,
    rows_of_new_homes,
    seen_in_training,
)

__all__ = [
    "AlarmRate",
    "AlarmReport",
    "Alarms",
    "Attribution",
    "BaselineReport",
    "ClassChange",
    "Comparison",
    "Comparisons",
    "ConformalReport",
    "Detection",
    "Difference",
    "FeatureImportance",
    "FirstEvening",
    "Headline",
    "IncidentDetection",
    "LabelAlarms",
    "McNemar",
    "MonitorAlarms",
    "PriorEffect",
    "Reason",
    "RecallAtAlarms",
    "Report",
    "SampleSize",
    "Scores",
    "SeenInTraining",
    "ThresholdReport",
    "alarm_hours",
    "alarm_report",
    "alarms_per_week",
    "attribute",
    "build_report",
    "card_metadata",
    "compare",
    "compare_answers",
    "compare_many",
    "conformalize",
    "count_alarms",
    "detection_delay",
    "evaluate",
    "explain",
    "group_swap_test",
    "mcnemar",
    "mean_gain",
    "measure_coverage",
    "measure_thresholds",
    "model_card",
    "monitor_alarms",
    "observed_weeks",
    "permutation_importances",
    "recall_at_alarms",
    "render_report",
    "rows_of_new_homes",
    "seen_in_training",
    "split_by_home",
    "stream_alarm_report",
    "tune_threshold",
    "write_evening",
    "write_report",
]
