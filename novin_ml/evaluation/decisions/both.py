"""Choice and measurement of a classifier's thresholds and "don't know" on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from novin_ml.evaluation._scored_rows import classifier_of
from novin_ml.evaluation.decisions.conformal import ConformalReport, conformalize, measure_coverage
from novin_ml.evaluation.decisions.thresholds import (
    ThresholdReport,
    measure_thresholds,
    tune_threshold,
)
from novin_ml.plain import shown


class DecisionReports(NamedTuple):
    """The performance of the decisions of a classifier.

    Attributes
    ----------
    thresholds : ThresholdReport or None
        Report on the alarms; None if there are no thresholds.
    coverage : ConformalReport or None
        Report on the prediction sets and "don't know"; None if there is no cut.
    """

    thresholds: ThresholdReport | None
    coverage: ConformalReport | None


def choose_decisions(
    estimator: Any,
    rows: Any,
    *,
    false_alarms_per_week: float | None = None,
    labels: str | Sequence[Any] | None = None,
    confidence: float = 0.95,
    error_rate: float | None = None,
    unit: str = "row",
    truth: str = "label",
) -> DecisionReports:
    """Choose thresholds from a budget of false alarms, the cut for "don't know", or both.

    Parameters
    ----------
    estimator : Pipeline or classifier
        A fitted classifier of novin_ml, behind its feature transformer or alone.
    rows : DataFrame or Chains
        Labelled events or chains that the estimator was not trained on, as for `tune_threshold`.
    false_alarms_per_week : float or None, default=None
        Budget of each label, per home; None leaves the thresholds unchanged.
    labels : label, sequence of labels or None, default=None
        Labels that raise alarms, as for `tune_threshold`.
    confidence : float, default=0.95
        Confidence level of the bound, 0.5 to 1, and of the interval of the recall.
    error_rate : float or None, default=None
        Share of prediction sets that may lack the right label, as for `conformalize`; None leaves
        "don't know" unchanged.
    unit : {"row", "home"}, default="row"
        What the error rate is of: all rows, or a row of a new home, as for `conformalize`.
    truth : str, default="label"
        The column of the right labels.

    Returns
    -------
    reports : DecisionReports
        Reports on what was chosen.

    Raises
    ------
    ValueError
        For the reasons of `tune_threshold` and `conformalize`, or if `unit` is given without
        `error_rate`.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import split_by_home
    >>> from novin_ml.evaluation.decisions import choose_decisions
    >>> from novin_ml.features import training_rows
    >>> from novin_ml.simulation import simulate_deliveries
    >>> train, held_back = split_by_home(simulate_deliveries(3000, random_state=0), 0.5, 0)
    >>> rows, _ = training_rows(train)
    >>> model = make_delivery_pipeline(epochs=10, random_state=0).fit(rows, rows["label"])
    >>> reports = choose_decisions(model, held_back, error_rate=0.1)
    >>> reports.thresholds is None, reports.coverage.abstention.error_rate
    (True, 0.1)
    """
    if unit != "row" and error_rate is None:
        raise ValueError(
            f"The 'unit' parameter must come with an error rate. Got {shown(unit)} alone. "
            "Give error_rate too."
        )
    thresholds = coverage = None
    if false_alarms_per_week is not None:
        thresholds = tune_threshold(
            estimator,
            rows,
            false_alarms_per_week,
            labels=labels,
            confidence=confidence,
            truth=truth,
        )
    if error_rate is not None:
        coverage = conformalize(estimator, rows, error_rate=error_rate, unit=unit, truth=truth)
    return DecisionReports(thresholds, coverage)


def measure_decisions(
    estimator: Any, rows: Any, *, confidence: float = 0.95, truth: str = "label"
) -> DecisionReports:
    """Measure the thresholds and the cut of a classifier without changing them.

    Parameters
    ----------
    estimator : Pipeline or classifier
        A fitted classifier of novin_ml, behind its feature transformer or alone.
    rows : DataFrame or Chains
        Labelled events or chains. Consent is not needed, because nothing is fitted to them.
    confidence : float, default=0.95
        Confidence level of the bounds and intervals.
    truth : str, default="label"
        The column of the right labels.

    Returns
    -------
    reports : DecisionReports
        Reports on the thresholds and the cut that the classifier has.

    Raises
    ------
    ValueError
        For the reasons of `measure_thresholds` and `measure_coverage`.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation.decisions import measure_decisions
    >>> from novin_ml.features import training_rows
    >>> from novin_ml.simulation import simulate_deliveries
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> _ = model[-1].set_thresholds({"delivery": 0.5})
    >>> reports = measure_decisions(model, simulate_deliveries(500, random_state=1))
    >>> reports.thresholds.n_rows, reports.coverage is None
    (500, True)
    """
    decisions = classifier_of(estimator).decisions_
    thresholds = coverage = None
    if decisions.thresholds:
        thresholds = measure_thresholds(estimator, rows, confidence=confidence, truth=truth)
    if decisions.abstention is not None:
        coverage = measure_coverage(estimator, rows, truth=truth)
    return DecisionReports(thresholds, coverage)
