"""Divide the posterior of a classifier by the classes' shares, to a power."""

from __future__ import annotations

import copy
from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.decisions import Decisions
from novin_ml.estimators.learners import Learner, Rows
from novin_ml.estimators.learners.calibration import Calibration
from novin_ml.validation import Interval, validate_params

#: The powers to which the shares may be taken.
PRIOR_WEIGHTS = Interval(Real, 0, 1, closed="both")


class DecisionPriorMixin:
    """Add `decision_prior_weight` to a classifier whose trained model is `learner_`."""

    classes_: np.ndarray
    decision_prior_weight: float
    decisions_: Decisions
    learner_: Learner
    training_data_: dict[str, Any]

    @property
    def class_prior_(self) -> np.ndarray:
        """Share of each class in the weights of the training rows, each with half a row added."""
        check_is_fitted(self)
        data = self.training_data_
        sums = np.array(data.get("class_weights", data["class_counts"]), dtype=np.float64)
        prior: np.ndarray = (sums + 0.5) / (sums.sum() + 0.5 * len(sums))
        return prior

    @validate_params(
        {"weight": [PRIOR_WEIGHTS]},
        prefer_skip_nested_validation=True,
    )
    def set_decision_prior_weight(self, weight: float) -> Self:
        """Divide the posterior by the classes' shares to another power, without refitting.

        Parameters
        ----------
        weight : float
            The new power, 0 to 1. Thresholds and abstention are removed, because they were chosen
            for other probabilities.

        Returns
        -------
        self : object
            The same estimator.

        Raises
        ------
        ValueError
            If the weight is not a number from 0 to 1.
        """
        check_is_fitted(self)
        self._divide(self.decision_prior_weight, weight)
        self.decision_prior_weight = weight
        self.decisions_ = Decisions()
        return self

    def without_decision_prior(self) -> Self:
        """Return a copy with `decision_prior_weight` 0, which answers by the posterior itself.

        Returns
        -------
        estimator : object
            The copy; it has neither thresholds nor abstention.
        """
        return copy.copy(self).set_decision_prior_weight(0.0)

    def _divide(self, before: float, after: float) -> None:
        """Shift the margins from one power of the shares to another."""
        log_prior = np.log(self.class_prior_)
        if len(log_prior) == 2:
            log_prior = log_prior[1:] - log_prior[:1]
        shifts = np.float32(before) * log_prior.astype(np.float32)
        shifts = shifts - np.float32(after) * log_prior.astype(np.float32)
        if shifts.any():
            shift = Calibration(np.float32(1), np.float32(0), tuple(shifts))
            self.learner_ = self.learner_.with_calibration(shift)


def class_weights(rows: Rows, n_classes: int) -> list[float]:
    """Return the sum of the weights of each class."""
    sums = np.bincount(rows.codes, rows.weight, n_classes)
    return [float(each) for each in sums]
