"""Finding the calibration of a trained model on rows that it was not trained on."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from novin_ml.estimators.learners.calibration import (
    UNCALIBRATED,
    Calibration,
    CalibrationReport,
    probabilities_of,
)
from novin_ml.estimators.learners.learner import Learner
from novin_ml.estimators.learners.training import FitOptions, FitReport, Rows

LearnerT = TypeVar("LearnerT", bound=Learner)

N_BINS = 15
# From a margin 20 times too small to one 20 times too large.
_SLOWEST, _STEEPEST = -3.0, 3.0
# Deviation of the prior of the shift and of the scale's logarithm, about no calibration. Of 100
# rows that are all right the likeliest scale is infinite, and the targets by which Platt avoids
# that (one row in n + 2 is wrong) make a network four times too unsure that was right already.
_SPREAD = 0.5
# Fewer rows of one of two classes say more about themselves than about the shift.
_FEWEST_OF_CLASS = 10
# Folds of the held-back rows, for the errors that a report has.
_N_FOLDS = 5


def fit_calibration(margins: np.ndarray, rows: Rows) -> tuple[Calibration, CalibrationReport]:
    """Find the scale, and for two classes the shift, at which held-back rows are likeliest.

    Parameters
    ----------
    margins : ndarray of shape (n_samples,), (n_samples, 1) or (n_samples, n_classes)
        Log odds of the second of two classes, or the input of the softmax.
    rows : Rows
        Classes and weights of these rows, which the model was not trained on.

    Returns
    -------
    calibration : Calibration
        `UNCALIBRATED` if the cross-fitted log loss does not fall by more than its standard error.
    report : CalibrationReport
        Its errors are cross-fitted: each row is calibrated by the other folds, which keep groups
        whole.

    Notes
    -----
    A few rows that are all right would make any model infinitely sure. So both numbers have a
    normal prior, the shift and the scale's logarithm, of deviation 0.5 about no calibration.

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines", Advances in Large Margin
    Classifiers, 1999. Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks",
    ICML 2017, for the temperature.
    """
    margins = np.asarray(margins, dtype=np.float64)
    before = probabilities_of(margins)
    after = cross_fitted(margins, rows)
    applied = _is_gain(before, after, rows)
    calibration = _calibration_of(margins, rows.codes, rows.weight) if applied else UNCALIBRATED
    method = "platt" if _is_binary(margins) else "temperature"
    return calibration, calibration_report(
        method, before, after, rows, calibration, applied=applied
    )


def cross_fitted(margins: np.ndarray, rows: Rows) -> np.ndarray:
    """Return probabilities of rows, each calibrated by the rows of the other folds.

    Parameters
    ----------
    margins : ndarray of shape (n_samples,), (n_samples, 1) or (n_samples, n_classes)
        As `fit_calibration` takes them.
    rows : Rows
        Classes and weights of these rows.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), float64
        Folds keep groups whole if there are two or more. Without, each class has its rows in all
        folds, as far as they go.
    """
    margins = np.asarray(margins, dtype=np.float64)
    fold = folds_of(rows)
    probabilities = probabilities_of(margins)
    for each in range(int(fold.max(initial=-1)) + 1):
        rest = np.flatnonzero(fold != each)
        weight = None if rows.weight is None else rows.weight[rest]
        if len(rest) == 0 or (weight is not None and not weight.any()):
            continue
        calibration = _calibration_of(margins[rest], rows.codes[rest], weight)
        probabilities[fold == each] = probabilities_of(calibration(margins[fold == each]))
    return probabilities


def folds_keep(rows: Rows) -> str:
    """Return what folds of rows keep whole: "home" or "row"."""
    return "row" if _homes(rows) is None else "home"


def _homes(rows: Rows) -> np.ndarray | None:
    """Return the group of each row, counted from 0; None unless there are two or more."""
    if rows.groups is None:
        return None
    found, group = np.unique(rows.groups, return_inverse=True)
    return group if len(found) > 1 else None


def folds_of(rows: Rows) -> np.ndarray:
    """Return the fold of each row, counted from 0; groups stay whole if there are two or more."""
    group = _homes(rows)
    if group is None:
        fold = np.empty(len(rows), dtype=np.intp)
        fold[np.argsort(rows.codes, kind="stable")] = np.arange(len(rows)) % _N_FOLDS
        return fold
    counts = np.bincount(group)
    of_group, filled = np.empty(len(counts), dtype=np.intp), np.zeros(_N_FOLDS)
    for each in np.argsort(-counts, kind="stable"):  # the next largest goes to the emptiest
        of_group[each] = filled.argmin()
        filled[of_group[each]] += counts[each]
    folds: np.ndarray = of_group[group]
    return folds


def _is_binary(margins: np.ndarray) -> bool:
    return margins.ndim == 1 or margins.shape[1] == 1


def _calibration_of(
    margins: np.ndarray, codes: np.ndarray, weight: np.ndarray | None
) -> Calibration:
    """Return the likeliest calibration of margins."""
    counts = np.ones(len(margins)) if weight is None else weight.astype(np.float64)
    counts = counts / counts.mean()  # rows are as many as they are, on whatever scale they count
    scale, shift = _likeliest(margins, codes, counts)
    return Calibration(np.float32(scale), np.float32(shift))


def _is_gain(before: np.ndarray, after: np.ndarray, rows: Rows) -> bool:
    """Return whether the log loss falls by more than the standard error of its fall."""
    fall = _losses(before, rows.codes) - _losses(after, rows.codes)
    weight = np.ones(len(fall)) if rows.weight is None else rows.weight.astype(np.float64)
    mean = np.average(fall, weights=weight)
    off = weight * (fall - mean)
    squares = np.square(off).sum()
    group = _homes(rows)
    if group is not None:
        # Rows of one home are alike; a few homes that happen to agree are no evidence either.
        by_group = np.bincount(group, off)
        squares = max(squares, np.square(by_group).sum() * len(by_group) / (len(by_group) - 1))
    return bool(mean > np.sqrt(squares) / weight.sum())


def calibration_report(
    method: str,
    before: np.ndarray,
    after: np.ndarray,
    rows: Rows,
    calibration: Calibration = UNCALIBRATED,
    *,
    applied: bool = True,
) -> CalibrationReport:
    """Return the effect of calibration on probabilities, (n_samples, n_classes); cross-fitted."""
    return CalibrationReport(
        method=method,
        scale=float(calibration.scale),
        shift=float(calibration.shift),
        n_rows=len(rows.codes),
        ece_before=expected_calibration_error(before, rows.codes, rows.weight),
        ece_after=expected_calibration_error(after, rows.codes, rows.weight),
        log_loss_before=_mean_loss(before, rows.codes, rows.weight),
        log_loss_after=_mean_loss(after, rows.codes, rows.weight),
        applied=applied,
        cross_fitted_by=folds_keep(rows),
    )


def calibrated(
    learner: LearnerT, held_back: Rows | None, options: FitOptions, report: FitReport
) -> tuple[LearnerT, FitReport]:
    """Return a trained learner calibrated on the held-back rows, and its report with the effect.

    Both stay unchanged without held-back rows, with fewer than ten rows of one of two classes, or
    without `calibrate`. The learner stays unchanged if calibration does not reduce its log loss.
    """
    if held_back is None or not options.calibrate:
        return learner, report
    if (
        options.n_classes == 2
        and np.bincount(held_back.codes, minlength=2).min() < _FEWEST_OF_CLASS
    ):
        return learner, report
    calibration, what = fit_calibration(learner.margins(held_back.X), held_back)
    return learner.with_calibration(calibration), replace(report, calibration=[what])


def expected_calibration_error(
    probabilities: np.ndarray,
    codes: np.ndarray,
    weight: np.ndarray | None = None,
    n_bins: int = N_BINS,
) -> float:
    """Return how far the probability of the chosen class is from how often it is right.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
    codes : ndarray of shape (n_samples,), int
        True class of each row, counted from 0.
    weight : ndarray of shape (n_samples,), default=None
    n_bins : int, default=15
        Bins of equal width, from 0 to 1.

    Returns
    -------
    error : float
        Mean over bins, by their weight, of |share right - mean probability|; 0 to 1.

    References
    ----------
    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning",
    AAAI 2015.
    """
    weight = np.ones(len(codes)) if weight is None else np.asarray(weight, dtype=np.float64)
    chosen = probabilities.argmax(axis=1)
    confidence = probabilities[np.arange(len(chosen)), chosen].astype(np.float64)
    # Bins are closed above: a probability of 1 is in the last.
    place = np.clip(np.ceil(confidence * n_bins).astype(np.intp) - 1, 0, n_bins - 1)
    gap = np.bincount(place, weight * ((chosen == codes) - confidence), n_bins)
    return float(np.abs(gap).sum() / weight.sum())


def _likeliest(margins: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Return the likeliest scale of all margins, and shift of the second of two classes."""
    binary = _is_binary(margins)
    if binary:
        margins = margins.reshape(-1, 1)
        right = codes[:, np.newaxis].astype(np.float64)
    else:
        right = np.zeros_like(margins)
        right[np.arange(len(codes)), codes] = 1
    shares = np.average(right, axis=0, weights=weight)
    if weight @ ((right - shares) * margins).sum(axis=1) <= 0:
        return 1.0, 0.0  # worse than the shares alone: that is not what is mended here

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        scaled = np.exp(at[0]) * margins
        if binary:
            scaled += at[1]
            norms, probabilities = np.logaddexp(0, scaled[:, 0]), expit(scaled)
        else:
            largest = scaled.max(axis=1, keepdims=True)
            powers = np.exp(scaled - largest)
            sums = powers.sum(axis=1, keepdims=True)
            norms, probabilities = (largest + np.log(sums))[:, 0], powers / sums
        losses = norms - (scaled * right).sum(axis=1)
        error = weight[:, np.newaxis] * (probabilities - right)
        slope = np.array([np.exp(at[0]) * (error * margins).sum(), error.sum() * binary])
        prior, of_prior = (at @ at) / (2 * _SPREAD**2), at / _SPREAD**2
        return (weight @ losses + prior) / len(codes), (slope + of_prior) / len(codes)

    found = minimize(
        loss,
        np.zeros(2),
        jac=True,
        method="L-BFGS-B",
        bounds=[(_SLOWEST, _STEEPEST), (None, None)],
        options={"ftol": 1e-14, "gtol": 1e-8},
    )
    return float(np.exp(found.x[0])), float(found.x[1])


def _losses(probabilities: np.ndarray, codes: np.ndarray) -> np.ndarray:
    of_class = probabilities[np.arange(len(codes)), codes].astype(np.float64)
    return -np.log(np.maximum(of_class, np.finfo(np.float64).eps))


def _mean_loss(probabilities: np.ndarray, codes: np.ndarray, weight: np.ndarray | None) -> float:
    return float(np.average(_losses(probabilities, codes), weights=weight))
