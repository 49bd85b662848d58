"""The parts of a report: numbers without words or pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from novin_ml.evaluation.explanation.importance import FeatureImportance


@dataclass(frozen=True)
class Share:
    """A share of rows, with its confidence interval.

    Attributes
    ----------
    n_right, n_rows : int
        Number of rows that count, and number of all rows.
    share, low, high : float
        The share, and the ends of its interval; NaN, 0 and 1 without rows.
    method : str
        Method of the interval.
    """

    n_right: int
    n_rows: int
    share: float
    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Rate:
    """The rate of false alarms, with its confidence interval.

    Attributes
    ----------
    n_false : int
        False alarms.
    home_weeks : float
        Observed time in weeks, summed over the homes.
    per_week, low, high : float
        False alarms per home and week, and the ends of the interval.
    method : str
        Method of the interval.
    """

    n_false: int
    home_weeks: float
    per_week: float
    low: float
    high: float
    method: str


@dataclass(frozen=True)
class AlarmComparison:
    """Recall and false alarms of the model and of the rules.

    Attributes
    ----------
    found, rules_found : Share
        Share of the rows with an alarm label that are answered with it.
    false_alarms, rules_false_alarms : Rate
        Rate of rows without an alarm label that are answered with one.
    at_rules_alarms : list of dict
        A `RecallAtAlarms` for each alarm label: the recall of the model with as many false alarms
        as the rules.
    gain : float
        Gain in recall over the rules at that number, mean over labels; NaN without rows to find.
    """

    found: Share
    rules_found: Share
    false_alarms: Rate
    rules_false_alarms: Rate
    at_rules_alarms: list[dict[str, Any]]
    gain: float


@dataclass(frozen=True)
class OtherLabels:
    """The main numbers by labels that the other numbers of a report are not of.

    Attributes
    ----------
    truth : {"label", "clean_label"}
        Their column.
    accuracy, rules_accuracy : float
        Accuracy of the model, and of the hand-written rules.
    alarming : AlarmComparison or None
        Recall and false alarms, if some labels are alarms and others are not.
    """

    truth: str
    accuracy: float
    rules_accuracy: float
    alarming: AlarmComparison | None


@dataclass(frozen=True)
class Group:
    """The accuracy in one home, zone or hour.

    Attributes
    ----------
    name : str
        Name of the group.
    accuracy : Share
        Accuracy of the model.
    rules_accuracy : float
        Accuracy of the hand-written rules on the same rows.
    few : bool
        Whether there are too few rows to say much.
    """

    name: str
    accuracy: Share
    rules_accuracy: float
    few: bool


@dataclass(frozen=True)
class Curve:
    """A curve of one label against the rest, thinned to enough points for a picture.

    Attributes
    ----------
    label : str
        The label.
    n_rows : int
        Rows that have it.
    area : float
        Area under the whole curve: ROC AUC, or average precision.
    x, y : list of float
        False positive rate and recall, or recall and precision.
    rules : tuple of float or None
        The point of the hand-written rules, which have no threshold; None if they never give the
        label where that leaves no point.
    """

    label: str
    n_rows: int
    area: float
    x: list[float]
    y: list[float]
    rules: tuple[float, float] | None = None


@dataclass(frozen=True)
class Reliability:
    """A reliability curve: how sure the model is, and how often it is right.

    Attributes
    ----------
    mean_probability, share_right : list of float
        Values of each bin that has rows.
    low, high : list of float
        Ends of the exact 95 % interval of `share_right`.
    n_rows : list of int
        Rows of these bins.
    ece : float
        Expected calibration error of these rows, 0 to 1.
    held_back : list of dict
        The effect of calibration in training, for each part of the model and for a blend as a
        whole: a `CalibrationReport` as a dict. Empty if the model was not calibrated.
    """

    mean_probability: list[float]
    share_right: list[float]
    low: list[float]
    high: list[float]
    n_rows: list[int]
    ece: float
    held_back: list[dict[str, Any]]


@dataclass(frozen=True)
class AlarmCurve:
    """False alarms and recall of a label by threshold.

    Attributes
    ----------
    label : str
        The label that is an alarm.
    n_rows : int
        Rows that have it.
    thresholds, false_per_home_week, recall : list of float
        Thresholds, and the false alarms per home and week and the recall at each.
    budgets : list of dict
        For some budgets of false alarms per home and week: ``budget``, ``threshold``, ``recall``.
    chosen : float or None
        The model's own threshold.
    rules : tuple of float or None
        False alarms per home and week of the rules, and the share that they find; None without
        rows to find.
    """

    label: str
    n_rows: int
    thresholds: list[float]
    false_per_home_week: list[float]
    recall: list[float]
    budgets: list[dict[str, float]]
    chosen: float | None
    rules: tuple[float, float] | None = None


@dataclass(frozen=True)
class Importance:
    """The importance of one feature, or of several that belong together.

    Attributes
    ----------
    permuted : FeatureImportance
        Names and meaning, and the loss if the values are shuffled among rows.
    gain : float or None
        Share of the gain of all splits of the trees; None if there are no trees.
    example : str
        A value in words, from a row with consent; empty if there is none.
    """

    permuted: FeatureImportance
    gain: float | None
    example: str


@dataclass(frozen=True)
class Disagreement:
    """Rows for which the rules give one answer and the model another.

    Attributes
    ----------
    rules, model : str
        Both answers.
    n_rows, n_rules_right, n_model_right : int
        Number of such rows, and numbers of right answers.
    examples : list of dict
        A few rows of homes that consent: ``home_id``, ``timestamp``, ``utc_offset``, ``zone``,
        ``truth`` and the model's ``probability`` of its answer.
    """

    rules: str
    model: str
    n_rows: int
    n_rules_right: int
    n_model_right: int
    examples: list[dict[str, Any]]


@dataclass(frozen=True)
class Example:
    """A row that the model answers wrongly, of a home that consents.

    Attributes
    ----------
    home_id, zone : str
        Where it was.
    timestamp, utc_offset : float
        When it was, in seconds since 1970, and by how many seconds local time is ahead of UTC.
    truth, answer, rules : str
        The right label, the model's, and that of the hand-written rules.
    probability : float
        The model's probability of its answer.
    reasons : list of str
        What speaks most for the model's answer, in words.
    """

    home_id: str
    zone: str
    timestamp: float
    utc_offset: float
    truth: str
    answer: str
    rules: str
    probability: float
    reasons: list[str]


@dataclass(frozen=True)
class Recommendation:
    """What a report advises.

    Attributes
    ----------
    action : {"ship", "ship at this threshold", "do not ship"}
        What to do.
    sentence : str
        The same as one sentence.
    reasons, risks : tuple of str
        Sentences, without names of functions, p-values or hashes.
    thresholds : dict of str to float
        For "ship at this threshold": the threshold of each alarm label.
    """

    action: str
    sentence: str
    reasons: tuple[str, ...]
    risks: tuple[str, ...]
    thresholds: dict[str, float] = field(default_factory=dict)
