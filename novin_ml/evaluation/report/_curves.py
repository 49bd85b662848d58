"""Curves: ROC, precision and recall, reliability, and false alarms by threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from novin_ml.estimators.learners.calibration_fit import N_BINS, expected_calibration_error
from novin_ml.evaluation._scored_rows import ScoredRows
from novin_ml.evaluation.alarms import lowest_threshold
from novin_ml.evaluation.intervals import exact_interval
from novin_ml.evaluation.report._parts import AlarmCurve, Curve, Reliability
from novin_ml.evaluation.report.shares import CONFIDENCE

_POINTS = 120
_THRESHOLDS = np.concatenate([np.linspace(0.02, 0.98, 49), [0.99, 0.995, 0.999]])
#: False alarms per home and week that a product owner may allow.
BUDGETS = (0.1, 0.5, 1.0, 2.0)


def roc_and_precision(
    scored: ScoredRows, label: str, rules: NDArray[Any]
) -> tuple[Curve, Curve] | None:
    """Return both curves of a label against the rest; None if all rows or no rows have it."""
    is_label = scored.truth == label
    if not is_label.any() or is_label.all():
        return None
    score = scored.probabilities[:, scored.classes.tolist().index(label)]
    n_rows = int(is_label.sum())
    false_positive, recall, _ = roc_curve(is_label, score)
    area = float(roc_auc_score(is_label, score))
    said = rules == label
    found_by_rules = float(said[is_label].mean())
    point = (float(said[~is_label].mean()), found_by_rules)
    roc = Curve(label, n_rows, area, *_thinned(false_positive, recall), rules=point)
    precision, found, _ = precision_recall_curve(is_label, score)
    area = float(average_precision_score(is_label, score))
    right = (found_by_rules, float(is_label[said].mean())) if said.any() else None
    return roc, Curve(label, n_rows, area, *_thinned(found[::-1], precision[::-1]), rules=right)


def reliability(
    scored: ScoredRows, codes: NDArray[np.int64], held_back: list[dict[str, Any]]
) -> Reliability:
    """Return the share of right answers for each level of probability."""
    chosen = scored.probabilities.argmax(axis=1)
    sure = scored.probabilities[np.arange(len(chosen)), chosen].astype(np.float64)
    place = np.clip(np.ceil(sure * N_BINS).astype(np.intp) - 1, 0, N_BINS - 1)
    n_rows = np.bincount(place, minlength=N_BINS)
    filled = n_rows > 0
    n_filled = n_rows[filled]
    n_right = np.bincount(place, chosen == codes, N_BINS)[filled]
    ends = [
        exact_interval(int(right), int(n), CONFIDENCE)
        for right, n in zip(n_right, n_filled, strict=True)
    ]
    return Reliability(
        mean_probability=(np.bincount(place, sure, N_BINS)[filled] / n_filled).tolist(),
        share_right=(n_right / n_filled).tolist(),
        low=[low for low, _ in ends],
        high=[high for _, high in ends],
        n_rows=n_filled.tolist(),
        ece=expected_calibration_error(scored.probabilities, codes),
        held_back=held_back,
    )


def alarm_curve(
    scored: ScoredRows,
    label: str,
    home_weeks: float,
    chosen: float | None,
    rules: NDArray[Any],
) -> AlarmCurve:
    """Return false alarms and recall of a label by threshold."""
    score = scored.probabilities[:, scored.classes.tolist().index(label)].astype(np.float64)
    is_label = scored.truth == label
    right, wrong = np.sort(score[is_label]), np.sort(score[~is_label])
    n_false = len(wrong) - np.searchsorted(wrong, _THRESHOLDS, side="left")
    budgets = []
    for budget in BUDGETS:
        n_allowed = int(budget * home_weeks)
        least = max(0.0, float(lowest_threshold(wrong.astype(np.float32), n_allowed)))
        budgets.append({"budget": budget, "threshold": least, "recall": _reached(right, least)})
    return AlarmCurve(
        label=label,
        n_rows=len(right),
        thresholds=_THRESHOLDS.tolist(),
        false_per_home_week=(n_false / home_weeks).tolist(),
        recall=[_reached(right, threshold) for threshold in _THRESHOLDS],
        budgets=budgets,
        chosen=chosen,
        rules=_point_of_rules(rules == label, is_label, home_weeks),
    )


def _point_of_rules(
    said: NDArray[np.bool_], is_label: NDArray[np.bool_], home_weeks: float
) -> tuple[float, float] | None:
    """Return the false alarms of the rules per home and week, and the share that they find."""
    if not is_label.any():
        return None
    return float(np.sum(said & ~is_label) / home_weeks), float(said[is_label].mean())


def _reached(ordered: NDArray[np.float64], threshold: float) -> float:
    """Return the share of these scores that reach a threshold; NaN if there are none."""
    if not len(ordered):
        return float("nan")
    return float(1 - np.searchsorted(ordered, threshold, side="left") / len(ordered))


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """Return points of a curve that are at least a step apart along it."""
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    step = np.floor(along / max(along[-1], 1e-12) * _POINTS)
    kept = np.ones(len(x), dtype=bool)
    kept[1:-1] = step[1:-1] > step[:-2]
    return x[kept].tolist(), y[kept].tolist()
