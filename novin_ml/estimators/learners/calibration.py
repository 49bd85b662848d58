"""Calibration of a trained model's margins: one scale and, for two classes, one shift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from novin_ml.estimators.learners._training import CalibrationReport, FitOptions, FitReport, Rows

LearnerT = TypeVar("LearnerT", bound=Any)

N_BINS = 15
# Margins may be up to 20 times too small or too large.
_SLOWEST, _STEEPEST = -3.0, 3.0
# Standard deviation of the priors of the shift and of the logarithm of the scale; their mean is no
# calibration. If 100 rows are all right, the likeliest scale is infinite. Platt avoids that with
# targets of one wrong row in n + 2; these made a network that was already right four times too
# unsure.
_SPREAD = 0.5
# Fewer rows of one of two classes would overfit the shift.
_FEWEST_OF_CLASS = 10


@dataclass(frozen=True)
class Calibration:
    """A correction that makes a model's probabilities agree with how often it is right.

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
        """Whether calibration leaves the margins unchanged."""
        return self.scale == 1 and self.shift == 0

    def __call__(self, margins: np.ndarray) -> np.ndarray:
        """Return the calibrated margins, in the dtype of `margins`."""
        if self.changes_nothing:
            return margins
        return margins * margins.dtype.type(self.scale) + margins.dtype.type(self.shift)


#: The calibration that leaves margins unchanged.
UNCALIBRATED = Calibration(np.float32(1), np.float32(0))


def probabilities_of(margins: np.ndarray) -> np.ndarray:
    """Return the class probabilities of margins: (n,) or (n, 1) for two classes, else (n, k)."""
    if margins.ndim == 1 or margins.shape[1] == 1:
        margins = margins.reshape(-1)
        both = np.empty((len(margins), 2), dtype=margins.dtype)
        expit(-margins, out=both[:, 0])
        expit(margins, out=both[:, 1])
        return both
    # scipy's softmax without its check for other array libraries.
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def fit_calibration(margins: np.ndarray, rows: Rows) -> tuple[Calibration, CalibrationReport]:
    """Find the scale, and for two classes the shift, that makes the held-back rows likeliest.

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

    Notes
    -----
    A few rows that are all right would make any model infinitely sure. Therefore the shift and the
    logarithm of the scale have normal priors with standard deviation 0.5, centred on no
    calibration. The log loss of these rows never rises.

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines", Advances in Large Margin
    Classifiers, 1999. Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks",
    ICML 2017, for the temperature.
    """
    margins = np.asarray(margins, dtype=np.float64)
    weight = np.ones(len(margins)) if rows.weight is None else rows.weight.astype(np.float64)
    weight = weight / weight.mean()  # the prior weighs against the number of rows
    binary = margins.ndim == 1 or margins.shape[1] == 1
    each = np.column_stack([np.zeros(len(margins)), margins]) if binary else margins
    scale, shift = _likeliest(each, rows.codes, weight, shifts=binary)
    calibration = Calibration(np.float32(scale), np.float32(shift))
    return calibration, calibration_report(
        "platt" if binary else "temperature",
        probabilities_of(margins),
        probabilities_of(calibration(margins)),
        rows,
        calibration,
    )


def calibration_report(
    method: str,
    before: np.ndarray,
    after: np.ndarray,
    rows: Rows,
    calibration: Calibration = UNCALIBRATED,
) -> CalibrationReport:
    """Return the effect of calibration on probabilities of shape (n_samples, n_classes)."""
    return CalibrationReport(
        method=method,
        scale=float(calibration.scale),
        shift=float(calibration.shift),
        n_rows=len(rows.codes),
        ece_before=expected_calibration_error(before, rows.codes, rows.weight),
        ece_after=expected_calibration_error(after, rows.codes, rows.weight),
        log_loss_before=_mean_loss(before, rows.codes, rows.weight),
        log_loss_after=_mean_loss(after, rows.codes, rows.weight),
    )


def calibrated(
    learner: LearnerT, held_back: Rows | None, options: FitOptions, report: FitReport
) -> tuple[LearnerT, FitReport]:
    """Return a trained learner calibrated on the held-back rows, and its updated report.

    Both are returned unchanged if calibration is off, if there are no held-back rows, or if one of
    two classes has fewer than ten. The learner must have `margins` and `with_calibration`.
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
    """Return the mean gap between the probability of the chosen class and its accuracy.

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
        Weighted mean over the bins of |share right - mean probability|; 0 to 1.

    References
    ----------
    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning",
    AAAI 2015.
    """
    weight = np.ones(len(codes)) if weight is None else np.asarray(weight, dtype=np.float64)
    chosen = probabilities.argmax(axis=1)
    confidence = probabilities[np.arange(len(chosen)), chosen].astype(np.float64)
    # Bins include their upper edge: a probability of 1 is in the last.
    place = np.clip(np.ceil(confidence * n_bins).astype(np.intp) - 1, 0, n_bins - 1)
    gap = np.bincount(place, weight * ((chosen == codes) - confidence), n_bins)
    return float(np.abs(gap).sum() / weight.sum())


def _likeliest(
    margins: np.ndarray, codes: np.ndarray, weight: np.ndarray, shifts: bool
) -> tuple[float, float]:
    """Return the likeliest scale of all margins, and the shift of the last class if allowed."""
    right = np.zeros_like(margins)
    right[np.arange(len(codes)), codes] = 1
    shares = np.average(right, axis=0, weights=weight)
    if weight @ ((right - shares) * margins).sum(axis=1) <= 0:
        return 1.0, 0.0  # worse than the class shares: calibration cannot mend that

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        scaled = np.exp(at[0]) * margins
        scaled[:, -1] += at[1] if shifts else 0
        losses = logsumexp(scaled, axis=1) - (scaled * right).sum(axis=1)
        error = weight[:, None] * (probabilities_of(scaled) - right)
        slope = np.array([np.exp(at[0]) * (error * margins).sum(), error[:, -1].sum() * shifts])
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


def _mean_loss(probabilities: np.ndarray, codes: np.ndarray, weight: np.ndarray | None) -> float:
    of_class = probabilities[np.arange(len(codes)), codes]
    least = np.finfo(np.float64).eps
    return float(np.average(-np.log(np.maximum(of_class, least)), weights=weight))
