"""Thresholds from a budget of false alarms, with a confidence bound on the false alarms.

A row of another label that reaches the threshold of a label is one false alarm of that label, as in
`novin_ml.evaluation.count_alarms`. The bounds take the home as the unit: see ``_home_bounds``.

Let the k + 1 highest probabilities of other rows be s(0) >= ... >= s(k), and let the threshold be
just above s(k): k rows reach it. Below s(k), the bound would be over the budget. For one label the
bound after k alarms holds although the threshold was chosen on the same rows. For several labels
together, the rows s(k) of all labels count as alarms too: the thresholds themselves lie somewhere
between k and k + 1 alarms, and with each label rounded down their sum would be too small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from novin_ml.estimators.alarm_budget import poisson_upper
from novin_ml.estimators.decisions import POISSON
from novin_ml.estimators.families import find_family
from novin_ml.evaluation._scored_rows import ScoredRows, classifier_of, scored_rows
from novin_ml.evaluation.alarms import lowest_threshold
from novin_ml.evaluation.decisions._gaps import widest_gap_above
from novin_ml.evaluation.decisions._home_bounds import allowed_alarms, bound_of_homes
from novin_ml.evaluation.decisions._threshold_report import (
    Homes,
    ThresholdReport,
    alarms_of,
    measured_threshold,
    of_bound,
    threshold_report,
)
from novin_ml.plain import plural, shown
from novin_ml.validation import Interval, validate_params

__all__ = ["ThresholdReport", "measure_thresholds", "tune_threshold"]

_CHOSEN_BY_ROWS = (
    "These thresholds were chosen by version 0.1.0, whose bound took false alarms as Poisson over "
    "rows. Homes differ more than that: choose them again."
)

# At a confidence of one half or more, the bound after k alarms is above k.
_CONFIDENCE = Interval(Real, 0.5, 1, closed="left")


@validate_params({"confidence": [_CONFIDENCE]}, prefer_skip_nested_validation=False)
def tune_threshold(
    estimator: Any,
    rows: Any,
    false_alarms_per_week: float,
    *,
    labels: str | Sequence[Any] | None = None,
    confidence: float = 0.95,
    truth: str = "label",
    features: Any = None,
) -> ThresholdReport:
    """Set the lowest thresholds that keep the false alarms within a budget.

    Each label gets its own threshold: the lowest number whose upper bound on the false alarms per
    home and week is within the budget, or 0 if all rows may be alarms. It is moved up to the middle
    of the widest gap of probabilities within 0.001, so that the exported model decides these rows
    as Python does. The classifier keeps the threshold in ``decisions_``; the thresholds of other
    labels stay. You can call this again with another budget, without refitting.

    Parameters
    ----------
    estimator : Pipeline or classifier
        A fitted classifier of novin_ml, behind its feature transformer or alone.
    rows : DataFrame or Chains
        Labelled events or chains that the estimator was not trained on, preferably of other homes.
        Rows without consent are left out. Context is attached to events that have none; to use
        other windows than the default, attach it before.
    false_alarms_per_week : float
        Budget of each label, per home.
    labels : label, sequence of labels or None, default=None
        Labels that raise alarms. None means "delivery" for deliveries, and otherwise all labels
        except "no_pattern". If the classifier has two other labels, name one.
    confidence : float, default=0.95
        Confidence level of the bound, 0.5 to 1, and of the interval of the recall.
    truth : str, default="label"
        The column of the right labels.
    features : array-like of shape (n_rows, n_features) or None, default=None
        Features of the rows, if the estimator is a classifier without its pipeline.

    Returns
    -------
    report : ThresholdReport
        The performance of the thresholds on these rows.

    Raises
    ------
    ValueError
        If the homes were not observed for long enough to prove the budget, even without any false
        alarm; the message says how much is missing, and no threshold changes. Also if a parameter
        is not as described, or if the rows lack labels, homes or times, or have labels that the
        model does not know.
    NotFittedError
        If the estimator is not fitted.

    Warns
    -----
    TrainingDataWarning
        If the estimator was trained on some of the rows or homes: see `seen_in_training`. What the
        bound promises then does not hold for other homes.

    See Also
    --------
    measure_thresholds : Measure the thresholds on other rows.
    conformalize : Choose when to answer "don't know".

    Notes
    -----
    Every labelled row counts. So all rows between the first and the last row of a home must have a
    label: an event that nobody labelled cannot count as a false alarm. Each row is a separate
    alarm, even if it repeats the one before.

    The bound takes the homes as draws from all homes of their kind. With 20 homes or more it is
    approximate: a quasi-Poisson bound over homes with a t quantile, the worst home counted twice.
    From 36 homes on (at 95 %) an exact one of homes' rates, clipped at 10 times the budget, stands
    beside it; from 100 homes on both must be within the budget, and the exact one is the promise.
    With fewer than 20 homes no confidence is stated. ``report.notes`` say what is promised.

    References
    ----------
    I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting",
    Journal of the Royal Statistical Society B 86, 2024.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import split_by_home, tune_threshold
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> train, held_back = split_by_home(simulate_deliveries(3000, random_state=0), 0.5, 0)
    >>> rows, _ = training_rows(train)
    >>> model = make_delivery_pipeline(epochs=10, random_state=0).fit(rows, rows["label"])
    >>> report = tune_threshold(model, held_back, 2.0)
    >>> delivery, = report.thresholds
    >>> delivery.false_per_home_week < delivery.false_per_home_week_upper <= 2
    True
    >>> model[-1].decisions_.thresholds["delivery"] == delivery
    True
    """
    classifier = classifier_of(estimator)
    _check_budget(false_alarms_per_week)
    chosen = _chosen_labels(classifier, labels)
    scored = scored_rows(estimator, rows, truth, features, only_consenting=True)
    homes, budget = Homes.of(scored), float(false_alarms_per_week)
    _check_provable(homes.total_weeks, budget, confidence)
    columns = {label: place for place, label in enumerate(classifier.classes_.tolist())}
    thresholds, edges = {}, {}
    for label in chosen:
        column = columns[label]
        is_other = scored.truth != scored.classes[column]
        others = scored.probabilities[is_other, column]
        n_allowed = allowed_alarms(others, homes.home[is_other], homes.weeks, budget, confidence)
        least = max(np.float32(0), lowest_threshold(others, n_allowed))
        edges[label] = np.nextafter(least, np.float32(0)) if len(chosen) > 1 else least
        lowest = widest_gap_above(least, scored.probabilities[:, column])
        measured = measured_threshold(label, column, lowest, budget, scored, homes, confidence)
        # The bound is that of the lowest threshold: the wider gap may leave fewer alarms.
        allowed = homes.counts(is_other & (scored.probabilities[:, column] >= least))
        bound = bound_of_homes(allowed, homes.weeks, budget, confidence)
        thresholds[label] = replace(measured, **of_bound(bound, homes))
    classifier.set_thresholds({**classifier.decisions_.thresholds, **thresholds})
    row = classifier.decisions_.threshold_row(classifier.classes_.tolist())
    for label, edge in edges.items():
        row[columns[label]] = edge
    _, is_false = alarms_of(scored, row)
    report = threshold_report(
        classifier,
        tuple(thresholds.values()),
        scored,
        homes,
        confidence,
        homes.counts(is_false),
    )
    return replace(report, truth=truth)


@validate_params({"confidence": [_CONFIDENCE]}, prefer_skip_nested_validation=False)
def measure_thresholds(
    estimator: Any,
    rows: Any,
    *,
    confidence: float = 0.95,
    truth: str = "label",
    features: Any = None,
) -> ThresholdReport:
    """Measure the thresholds of a classifier without changing them.

    Parameters
    ----------
    estimator : Pipeline or classifier
        As for `tune_threshold`; it must have thresholds.
    rows : DataFrame or Chains
        Labelled events or chains. Consent is not needed, because nothing is fitted to them.
    confidence : float, default=0.95
        Confidence level of the bounds and intervals.
    truth : str, default="label"
        The column of the right labels.
    features : array-like of shape (n_rows, n_features) or None, default=None
        Features of the rows, if the estimator is a classifier without its pipeline.

    Returns
    -------
    report : ThresholdReport
        The performance of the thresholds. If the thresholds were not chosen on these rows, the
                bounds hold however they were chosen.

    Raises
    ------
    ValueError
        If the classifier has no thresholds, or `tune_threshold` would not accept the rows.
    NotFittedError
        If the estimator is not fitted.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import measure_thresholds
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> _ = model[-1].set_thresholds({"delivery": 0.5})
    >>> report = measure_thresholds(model, simulate_deliveries(500, random_state=1))
    >>> report.n_false <= report.n_alarms <= report.n_rows
    True
    """
    classifier = classifier_of(estimator)
    if not classifier.decisions_.thresholds:
        raise ValueError(
            "The estimator must have thresholds to be measured. Got none. Call tune_threshold."
        )
    scored = scored_rows(estimator, rows, truth, features, only_consenting=False)
    return replace(measured_report(classifier, scored, confidence), truth=truth)


def measured_report(classifier: Any, scored: ScoredRows, confidence: float) -> ThresholdReport:
    """Return the performance of the thresholds of a classifier on scored rows."""
    homes = Homes.of(scored)
    columns = {label: place for place, label in enumerate(classifier.classes_.tolist())}
    thresholds = tuple(
        measured_threshold(
            label,
            columns[label],
            threshold.threshold,
            threshold.budget,
            scored,
            homes,
            confidence,
        )
        for label, threshold in classifier.decisions_.thresholds.items()
    )
    report = threshold_report(classifier, thresholds, scored, homes, confidence)
    if POISSON in {each.bound for each in classifier.decisions_.thresholds.values()}:
        report = replace(report, notes=(*report.notes, _CHOSEN_BY_ROWS))
    return report


def _chosen_labels(classifier: Any, labels: Any) -> list[Any]:
    known = classifier.classes_.tolist()
    if labels is None:
        family = find_family(classifier)
        if family is not None:
            if family.positive_label in known:
                return [family.positive_label]
            if family.quiet_label in known or len(known) > 2:
                return [label for label in known if label != family.quiet_label]
        raise ValueError(
            f"The 'labels' parameter must name the labels that are alarms, of {known}. Got None. "
            "Name them."
        )
    wanted = [labels] if np.ndim(labels) == 0 else list(labels)
    by_text = {str(label): label for label in known}
    absent = [label for label in wanted if str(label) not in by_text]
    if absent or not wanted:
        raise ValueError(
            f"The 'labels' parameter must be labels of the model, {known}. "
            f"Got {shown(absent[0] if absent else labels)}. Name one of these."
        )
    return list(dict.fromkeys(by_text[str(label)] for label in wanted))


def _check_budget(false_alarms_per_week: float) -> None:
    if not (isinstance(false_alarms_per_week, Real) and 0 < false_alarms_per_week < math.inf):
        raise ValueError(
            "The 'false_alarms_per_week' parameter must be a positive finite number. "
            f"Got {shown(false_alarms_per_week)} instead. Pass 1 for one a week; "
            "no data prove that there are none."
        )


def _check_provable(weeks: float, false_alarms_per_week: float, confidence: float) -> None:
    at_least = float(poisson_upper(np.array(0), confidence))
    if at_least / weeks > false_alarms_per_week:
        needed = at_least / false_alarms_per_week
        provable = math.ceil(100 * at_least / weeks) / 100
        raise ValueError(
            f"The homes must be observed for at least {needed:.1f} weeks in all to prove at most "
            f"{plural(false_alarms_per_week, 'false alarm', form='g')} per home and week at a "
            f"confidence of {confidence:g}. Got {weeks:.1f} weeks. Observe homes for "
            f"{needed - weeks:.1f} more weeks in all, or allow {provable:g}."
        )
