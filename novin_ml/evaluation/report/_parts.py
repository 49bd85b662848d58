"""The pieces that a report is made of: numbers, and no words or pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from novin_ml.evaluation.explanation.importance import FeatureImportance


@dataclass(frozen=True)
class Share:
    """A share of rows, with its confidence interval.

    Attributes
    ----------
    n_right, n_rows : int
        The rows that count, and all.
    share, low, high : float
        Their share, and the ends of its interval; NaN, 0 and 1 without rows.
    method : str
        How the interval was made.
    """

    n_right: int
    n_rows: int
    share: float
    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Rate:
    """How often a home is alarmed for nothing, with its confidence interval.

    Attributes
    ----------
    n_false : int
        False alarms.
    home_weeks : float
        Observed time in weeks, summed over the homes.
    per_week, low, high : float
        False alarms per home and week, and the ends of the interval.
    method : str
        How the interval was made.
    """

    n_false: int
    home_weeks: float
    per_week: float
    low: float
    high: float
    method: str


@dataclass(frozen=True)
class AlarmComparison:
    """Alarms of the model beside those of the rules: what both find, and their false alarms.

    Attributes
    ----------
    found, rules_found : Share
        Of the rows that have an alarm label, those that are answered with it.
    false_alarms, rules_false_alarms : Rate
        Rows without an alarm label that are answered with one.
    at_rules_alarms : list of dict
        A `RecallAtAlarms` of each alarm label: what the model finds with as many false alarms as
        the rules.
    gain : float
        What it finds more then, mean over labels; NaN without rows to be found.
    """

    found: Share
    rules_found: Share
    false_alarms: Rate
    rules_false_alarms: Rate
    at_rules_alarms: list[dict[str, Any]]
    gain: float


@dataclass(frozen=True)
class Group:
    """The accuracy in one home, zone or hour.

    Attributes
    ----------
    name : str
        Of the group.
    accuracy : Share
        Of the model.
    rules_accuracy : float
        Of the hand-written rules on the same rows.
    few : bool
        Whether there are too few rows to say much.
    """

    name: str
    accuracy: Share
    rules_accuracy: float
    few: bool


@dataclass(frozen=True)
class Curve:
    """A curve of one label against the rest, thinned to points enough for a picture.

    Attributes
    ----------
    label : str
        The label.
    n_rows : int
        Rows that have it.
    area : float
        Under the whole curve: ROC AUC, or average precision.
    x, y : list of float
        False positive rate and recall, or recall and precision.
    """

    label: str
    n_rows: int
    area: float
    x: list[float]
    y: list[float]


@dataclass(frozen=True)
class Reliability:
    """How sure the model is, and how often it is right then.

    Attributes
    ----------
    mean_probability, share_right : list of float
        In each bin that has rows.
    low, high : list of float
        Ends of the exact 95 % interval of `share_right`.
    n_rows : list of int
        Rows of these bins.
    ece : float
        Expected calibration error of these rows, 0 to 1.
    held_back : list of dict
        What calibration did in training, of each part of the model and of a blend as a whole: a
        `CalibrationReport` as a dict; empty if it was not calibrated.
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
    """What a label's threshold does.

    Attributes
    ----------
    label : str
        The label that is an alarm.
    n_rows : int
        Rows that have it.
    thresholds, false_per_home_week, recall : list of float
        From which probability on; false alarms then, per home and week; share that is found.
    budgets : list of dict
        For some budgets of false alarms per home and week: ``budget``, ``threshold``, ``recall``.
    chosen : float or None
        The threshold that the model has.
    """

    label: str
    n_rows: int
    thresholds: list[float]
    false_per_home_week: list[float]
    recall: list[float]
    budgets: list[dict[str, float]]
    chosen: float | None


@dataclass(frozen=True)
class Importance:
    """What one feature is worth, or several that tell one thing.

    Attributes
    ----------
    permuted : FeatureImportance
        Its names and meaning, and what is lost if its values are shuffled among rows.
    gain : float or None
        Its share of the gain of all splits of the trees; None if there are no trees.
    example : str
        A value that it has, in words, of a row with consent; empty if there is none.
    """

    permuted: FeatureImportance
    gain: float | None
    example: str


@dataclass(frozen=True)
class Disagreement:
    """Rows of which the rules say one thing and the model another.

    Attributes
    ----------
    rules, model : str
        Both answers.
    n_rows, n_rules_right, n_model_right : int
        Such rows, and of how many each is right.
    examples : list of dict
        A few of homes that consent: ``home_id``, ``timestamp``, ``utc_offset``, ``zone``, ``truth``
        and the model's ``probability`` of its answer.
    """

    rules: str
    model: str
    n_rows: int
    n_rules_right: int
    n_model_right: int
    examples: list[dict[str, Any]]
