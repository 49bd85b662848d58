"""A report: all measurements of a model, without words or pictures."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

from novin_ml.evaluation._decision_prior import PriorEffect
from novin_ml.evaluation.report._parts import (
    AlarmComparison,
    AlarmCurve,
    Curve,
    Disagreement,
    Example,
    Group,
    Importance,
    OtherLabels,
    Recommendation,
    Reliability,
    Share,
)
from novin_ml.plain import plain


@dataclass(frozen=True)
class Report:
    """The measurements of a classifier, section by section.

    Attributes
    ----------
    family, estimator, algorithm : str
        Family, class and algorithm of the measured model.
    rows_name : str
        Rows that each get one answer: events or chains.
    purpose : str
        Purpose of the model, in one sentence.
    labels : list of str
        Labels of the model.
    truth : str
        Column of the right labels, which all numbers are of but for those of `other_labels`.
    n_rows, n_homes, n_without_consent : int
        Numbers of labelled rows, of their homes, and of rows without consent, which may be tested
        on.
    first_time, last_time : float
        Times of the first and the last row, in seconds since 1970.
    home_weeks : float
        Observed time in weeks, summed over the homes.
    accuracy, rules_accuracy : Share
        Accuracy of the model, and of the hand-written rules.
    comparison : dict
        `compare_answers` of the model and the rules: difference, interval, verdict and sentence.
    most_frequent : str
        The label that most rows have.
    most_frequent_share : float
        Share of rows with that label: the accuracy of always answering it.
    alarming : AlarmComparison or None
        Recall and false alarms, if some labels are alarms and others are not.
    other_labels : OtherLabels or None
        The main numbers by the annotators' labels beside clean ones, or by clean ones beside
        others, if the rows have both.
    confusion, rules_confusion : list of list of int
        Counts by right label (rows) and by the answers of the model, and of the rules (columns).
    roc, precision_recall : list of Curve
    reliability : Reliability
    alarms : list of AlarmCurve
    thresholds, abstention : dict or None
        Performance of the model's own thresholds and of its "don't know" on these rows.
    by_home, by_zone, by_hour : list of Group
        The worst home first; zones by rows; hours of the day in order.
    importances : list of Importance
        The most important first.
    disagreements : list of Disagreement
        The most frequent first.
    misses : list of Example
        Up to ten rows that should have been found, those first of which the model was least sure
        of the right label. If no label is quiet: of all wrong answers.
    loud_false_alarms : list of Example
        Up to ten false alarms, those first of which the model was surest.
    training : dict
        Epochs, held-back loss after each, rows, hash.
    size : dict
        Size of the model, and the cost of the size budget.
    certificate : dict or None
        The certificate of the exported model.
    data : dict
        Hash of the rows and of the right labels; whether the rows with consent are the training
        rows, and how many of them are, if known.
    versions : dict of str to str
        Versions of the libraries that made the report.
    absent : dict of str to str
        For each missing part: why it is missing, and how to get it.
    kind : str
        ``"classifier"``.
    prior : PriorEffect or None
        Accuracy and mean recall with `decision_prior_weight` and without, if the model has one.
    drift : dict or None
        A `novin_ml.lifecycle.DriftReport` of these rows against others, if it was given.
    device_times : list of dict
        Time of one answer on a device, if it was given: ``name``, and ``median`` and ``slow`` (the
        99th percentile) in microseconds.
    recommendation : Recommendation or None
        Whether to ship the model, with reasons and risks.
    """

    family: str
    estimator: str
    algorithm: str
    rows_name: str
    purpose: str
    labels: list[str]
    truth: str
    n_rows: int
    n_homes: int
    n_without_consent: int
    first_time: float
    last_time: float
    home_weeks: float
    accuracy: Share
    rules_accuracy: Share
    comparison: dict[str, Any]
    most_frequent: str
    most_frequent_share: float
    alarming: AlarmComparison | None
    other_labels: OtherLabels | None
    confusion: list[list[int]]
    rules_confusion: list[list[int]]
    roc: list[Curve]
    precision_recall: list[Curve]
    reliability: Reliability
    alarms: list[AlarmCurve]
    thresholds: dict[str, Any] | None
    abstention: dict[str, Any] | None
    by_home: list[Group]
    by_zone: list[Group]
    by_hour: list[Group]
    importances: list[Importance]
    disagreements: list[Disagreement]
    misses: list[Example]
    loud_false_alarms: list[Example]
    training: dict[str, Any]
    size: dict[str, Any]
    certificate: dict[str, Any] | None
    data: dict[str, Any]
    versions: dict[str, str]
    absent: dict[str, str] = field(default_factory=dict)
    kind: str = "classifier"
    prior: PriorEffect | None = None
    drift: dict[str, Any] | None = None
    device_times: list[dict[str, Any]] = field(default_factory=list)
    recommendation: Recommendation | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the report as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            A dict with None for unknown values.
        """
        document: dict[str, Any] = plain(self)
        return document


@dataclass(frozen=True)
class BaselineReport:
    """The measurements of the baseline of a home.

    Attributes
    ----------
    estimator, purpose : str
        Class of the measured model, and its purpose.
    n_rows, n_homes, n_without_consent : int
        Numbers of events, of their homes, and of events without consent.
    first_time, last_time : float
        Times of the first and the last event, in seconds since 1970.
    state : {"learning", "unproven", "ready"}
        A learning baseline never alarms; alarms of an unproven one have no proven budget.
    budget, confidence, bound : float
        Allowed alarms per week, and the bound that the training log proves at this confidence.
    threshold : float
        An anomaly score above it is an alarm: from 0 to 1, higher is more unusual. That of a
        monitor is a rarity in bits.
    rate : dict
        An `AlarmRate`: alarms per week on usual days, with interval.
    scores : dict
        ``edges`` of bins of the anomaly score and ``counts`` of events in them.
    detection : dict or None
        Labelled incidents: ``n_incidents``, ``n_detected``, their share with interval, median
        delay in seconds.
    hours : list of list of int
        Clock hours with an alarm, by weekday from Monday (rows) and local hour (columns).
    unusual : list of dict
        The most unusual events of homes that consent, with the reasons; of a monitor also silences
        and activations, if all events have consent.
    cost : list of dict
        What budgets cost in what is found: for each ``alarms_per_week`` on usual hours of these
        events the share of ``planted`` half hours, moved to 3 am, and of labelled ``incidents``.
    kinds : list of dict
        The kinds of alarms of a `HomeMonitor`: ``kind``, ``state``, ``budget``, ``bound`` and
        ``rate``. The other fields then describe its alarms of events. Empty for a detector.
    training, data, versions, certificate, absent, drift, device_times, recommendation
        As in `Report`.
    kind : str
        ``"baseline"``.
    """

    estimator: str
    purpose: str
    n_rows: int
    n_homes: int
    n_without_consent: int
    first_time: float
    last_time: float
    state: str
    budget: float
    confidence: float
    bound: float
    threshold: float
    rate: dict[str, Any]
    scores: dict[str, Any]
    detection: dict[str, Any] | None
    hours: list[list[int]]
    unusual: list[dict[str, Any]]
    training: dict[str, Any]
    certificate: dict[str, Any] | None
    data: dict[str, Any]
    versions: dict[str, str]
    absent: dict[str, str] = field(default_factory=dict)
    cost: list[dict[str, Any]] = field(default_factory=list)
    kinds: list[dict[str, Any]] = field(default_factory=list)
    kind: str = "baseline"
    drift: dict[str, Any] | None = None
    device_times: list[dict[str, Any]] = field(default_factory=list)
    recommendation: Recommendation | None = None

    @property
    def offset(self) -> float:
        """The threshold with the sign of `score_samples`. Deprecated; removed in 0.3.0."""
        warnings.warn(
            "The attribute 'offset' of a BaselineReport is the negative of 'threshold' since "
            "0.2.0, and goes with 0.3.0. Write: -report.threshold.",
            FutureWarning,
            stacklevel=2,
        )
        return -self.threshold

    def to_document(self) -> dict[str, Any]:
        """Return the report as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            A dict with None for unknown values.
        """
        document: dict[str, Any] = plain(self)
        return document
