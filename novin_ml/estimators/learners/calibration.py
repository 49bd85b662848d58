"""Calibration: one scale, and for two classes one shift, of a trained model's margins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logsumexp

from novin_ml.estimators.learners._training import FitOptions, FitReport, Rows

LearnerT = TypeVar("LearnerT", bound=Any)

N_BINS = 15
# From a margin 20 times too small to one 20 times too large.
_SLOWEST, _STEEPEST = -3.0, 3.0
_MOST_STEPS = 100


@dataclass(frozen=True)
class Calibration:
    """What makes a model's probabilities agree with how often it is right.

    Calibrated margins are ``scale * margins + shift``.

    Attributes
    ----------
    scale, shift : float32
        For several classes the scale is 1 / temperature and the shift 0.
    """

    scale: np.float32
    shift: np.float32

    @property
    def changes_nothing(self) -> bool:
        """Whether calibrated margins are the margins."""
        return self.scale == 1 and self.shift == 0

    def __call__(self, margins: np.ndarray) -> np.ndarray:
        """Return the calibrated margins, in the dtype of `margins`."""
        if self.changes_nothing:
            return margins
        return margins * margins.dtype.type(self.scale) + margins.dtype.type(self.shift)


#: What leaves margins as they are.
UNCALIBRATED = Calibration(np.float32(1), np.float32(0))


@dataclass(frozen=True)
class CalibrationReport:
    """What calibration did, on the held-back rows that it was found on.

    Attributes
    ----------
    method : {"platt", "temperature"}
        Platt's two numbers for two classes, one temperature for more.
    scale, shift : float
        The numbers that were found.
    n_rows : int
        Held-back rows.
    ece_before, ece_after : float
        Expected calibration error, 0 to 1: see `expected_calibration_error`.
    log_loss_before, log_loss_after : float
    """

    method: str
    scale: float
    shift: float
    n_rows: int
    ece_before: float
    ece_after: float
    log_loss_before: float
    log_loss_after: float


def probabilities_of(margins: np.ndarray) -> np.ndarray:
    """Return class probabilities of margins: (n,) or (n, 1) of the second of two, or (n, k)."""
    if margins.ndim == 1 or margins.shape[1] == 1:
        margins = margins.reshape(-1)
        both = np.empty((len(margins), 2), dtype=margins.dtype)
        expit(-margins, out=both[:, 0])
        expit(margins, out=both[:, 1])
        return both
    # scipy's softmax, without its search for another array library.
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


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
    report : CalibrationReport

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines", Advances in Large Margin
    Classifiers, 1999, with his targets; Lin, Lin and Weng, "A note on Platt's probabilistic
    outputs", Machine Learning 68, 2007, for Newton's method on them. Guo, Pleiss, Sun and
    Weinberger, "On calibration of modern neural networks", ICML 2017, for the temperature.
    """
    margins = np.asarray(margins, dtype=np.float64)
    weight = np.ones(len(margins)) if rows.weight is None else rows.weight.astype(np.float64)
    binary = margins.ndim == 1 or margins.shape[1] == 1
    if binary:
        margins = margins.reshape(-1)
        scale, shift = _platt(margins, rows.codes == 1, weight)
    else:
        scale, shift = _inverse_temperature(margins, rows.codes, weight), 0.0
    calibration = Calibration(np.float32(scale), np.float32(shift))
    before, after = probabilities_of(margins), probabilities_of(calibration(margins))
    return calibration, CalibrationReport(
        method="platt" if binary else "temperature",
        scale=float(calibration.scale),
        shift=float(calibration.shift),
        n_rows=len(margins),
        ece_before=expected_calibration_error(before, rows.codes, weight),
        ece_after=expected_calibration_error(after, rows.codes, weight),
        log_loss_before=_mean_loss(before, rows.codes, weight),
        log_loss_after=_mean_loss(after, rows.codes, weight),
    )


def calibrated(
    learner: LearnerT, held_back: Rows | None, options: FitOptions, report: FitReport
) -> tuple[LearnerT, FitReport]:
    """Return a trained learner calibrated on the held-back rows, and its report with what that did.

    Without such rows, or where that is not asked for, both as they are. The learner has `margins`
    and `with_calibration`.
    """
    if held_back is None or not options.calibrate:
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


def _inverse_temperature(margins: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> float:
    of_class = margins[np.arange(len(codes)), codes]

    def loss(log_scale: float) -> float:
        scale = np.exp(log_scale)
        return float(weight @ (logsumexp(scale * margins, axis=1) - scale * of_class))

    found = minimize_scalar(
        loss, bounds=(_SLOWEST, _STEEPEST), method="bounded", options={"xatol": 1e-3}
    )
    return float(np.exp(found.x))


def _platt(margins: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Newton's method on the cross entropy with targets drawn in from 0 and 1."""
    n_positive, n_negative = weight @ positive, weight @ ~positive
    target = np.where(positive, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))

    def loss(scale: float, shift: float) -> float:
        z = scale * margins + shift
        return float(weight @ (np.logaddexp(0, z) - target * z))

    scale, shift = 1.0, 0.0
    current = loss(scale, shift)
    for _ in range(_MOST_STEPS):
        p = expit(scale * margins + shift)
        error, curvature = weight * (p - target), weight * p * (1 - p) + 1e-12
        gradient = np.array([error @ margins, error.sum()])
        hessian = np.array(
            [
                [curvature @ np.square(margins), curvature @ margins],
                [curvature @ margins, curvature.sum()],
            ]
        )
        step = np.linalg.solve(hessian + 1e-9 * np.eye(2), gradient)
        size = 1.0
        while size > 1e-10:
            tried = loss(scale - size * step[0], shift - size * step[1])
            if tried <= current - 1e-4 * size * (gradient @ step):
                break
            size /= 2
        else:
            break
        scale, shift = scale - size * step[0], shift - size * step[1]
        if current - tried < 1e-9 * abs(current):
            break
        current = tried
    # A model that is worse than none would be turned around; that is not what is mended here.
    return (float(scale), float(shift)) if scale > 0 else (1.0, 0.0)


def _mean_loss(probabilities: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> float:
    of_class = probabilities[np.arange(len(codes)), codes]
    least = np.finfo(np.float64).eps
    return float(np.average(-np.log(np.maximum(of_class, least)), weights=weight))
