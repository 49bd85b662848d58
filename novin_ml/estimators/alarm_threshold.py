"""The threshold of a detector: chosen by a budget, from the hours of the home's own log."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators._inputs import checked_timestamps
from novin_ml.estimators.alarm_budget import (
    HOUR,
    lowest_of_hours,
    most_alarms,
    observed_days,
    spend_budget,
)
from novin_ml.plain import plural

# Keep at least this many hours, so that the budget can be raised later.
_LEAST_HOURS = 48
# Rows scored in full for each kept hour. With this many, the kept hours are those of a full
# scoring (measured).
_ROWS_PER_HOUR = 12


class AlarmThreshold:
    """Adds the budget of alarms to a detector whose trained model is `learner_`."""

    alarms_per_week: float
    confidence: float
    learning_days: float
    learner_: Any
    calibration_scores_: np.ndarray

    if TYPE_CHECKING:

        def _checked(self, X: Any) -> np.ndarray: ...

        def _validate_params(self) -> None: ...

    def set_alarms_per_week(self, alarms_per_week: float) -> Self:
        """Change the budget, and with it the threshold, without refitting the trees.

        Parameters
        ----------
        alarms_per_week : float
            The new budget. If the log cannot prove it, the detector goes back to learning.

        Returns
        -------
        self : object
            The detector, changed in place.
        """
        check_is_fitted(self)
        before = self.alarms_per_week
        self.alarms_per_week = alarms_per_week
        try:
            self._validate_params()
        except ValueError:
            self.alarms_per_week = before
            raise
        self._spend_budget()
        kept = len(self.calibration_scores_)
        spends_all = self.n_alarms_in_training_ >= kept - 1
        if self.state_ == "ready" and spends_all and self.alarm_bound_ < 0.9 * alarms_per_week:
            warnings.warn(
                "The detector keeps only as many hours of the log as a smaller budget needed, and "
                f"spends at most {self.alarm_bound_:.2f} of the "
                f"{plural(alarms_per_week, 'alarm', form='g')} a week. "
                "Fit again with this budget to spend it all.",
                stacklevel=2,
            )
        return self

    def calibrate(self, X: Any, *, timestamps: Any) -> Self:
        """Choose the threshold on a log of the home, without training again.

        Use it after the weights of an autoencoder were set to others.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features of the home's events, as for `fit`.
        timestamps : array-like of shape (n_samples,)
            Their times, as for `fit`.

        Returns
        -------
        self : object
            The detector, changed in place.

        Raises
        ------
        ValueError
            If a feature or a timestamp is not as described.
        """
        X = self._checked(X)
        self._calibrate(X, checked_timestamps(X, timestamps))
        self._spend_budget()
        return self

    def forget_threshold(self) -> None:
        """Go back to learning: the threshold was chosen for scores of other weights."""
        self.n_days_, self.calibration_scores_ = 0.0, np.empty(0)
        self._spend_budget()

    def _calibrate(self, X: np.ndarray, times: np.ndarray | None) -> None:
        """Keep the most anomalous hours of the log, including those of its first days.

        Measured on simulated homes: without its first fortnight, a log of 45 days allows fewer
        alarms and finds fewer unusual events. For a log of 90 days it makes no difference.
        """
        self.n_days_ = 0.0
        self.calibration_scores_ = np.empty(0)
        if times is None:
            return
        self.n_days_ = observed_days(times)
        hours = np.floor(times / HOUR)
        n_alarms = most_alarms(self.n_days_, self.alarms_per_week)
        n_hours = max(_LEAST_HOURS, 2 * n_alarms)
        rows, scores = self.learner_.most_anomalous(X, _ROWS_PER_HOUR * n_hours)
        self.calibration_scores_ = lowest_of_hours(scores, hours[rows])[:n_hours]

    def _spend_budget(self) -> None:
        found = spend_budget(
            self.calibration_scores_,
            self.n_days_,
            float(self.learning_days),
            float(self.alarms_per_week),
            float(self.confidence),
        )
        self.state_, self.required_days_ = found.state, found.required_days
        self.offset_ = -1.0 if found.state == "learning" else -found.threshold
        self.n_alarms_in_training_, self.alarm_bound_ = found.n_alarms, found.bound
