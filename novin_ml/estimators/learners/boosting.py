"""The trained ensemble of trees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from novin_ml.estimators.learners.booster_file import booster_from_files, booster_to_files
from novin_ml.estimators.learners.calibration import (
    UNCALIBRATED,
    Calibration,
    calibration_file,
    calibration_from,
    probabilities_of,
)
from novin_ml.estimators.learners.learner import no_parameters


@dataclass(frozen=True)
class BoostingLearner:
    """A trained ensemble of trees that holds only the rounds in use.

    Attributes
    ----------
    booster : xgboost.Booster
        Holds only the rounds of the model.
    n_features, n_classes : int
    calibration : Calibration
        Calibration of the booster's margins. In the exported model, it is part of the leaves and
                the intercept.
    """

    kind: ClassVar[str] = "boosting"
    booster: Any
    n_features: int
    n_classes: int
    calibration: Calibration = UNCALIBRATED

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the class probabilities.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            One column for each class, in the order of the codes.
        """
        if not self.calibration.changes_nothing:
            return probabilities_of(self.margins(X))
        answer = self.booster.inplace_predict(X, validate_features=False)
        if self.n_classes == 2:
            both = np.empty((len(X), 2), dtype=np.float32)
            np.subtract(1, answer, out=both[:, 0])
            both[:, 1] = answer
            return both
        return answer.reshape(len(X), self.n_classes)

    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the sums of leaves, calibrated.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        margins : ndarray of shape (n_samples, 1 or n_classes), float32
            Before the sigmoid or the softmax; one column for two classes.
        """
        # A cheaper check has already compared the number of columns.
        answer = self.booster.inplace_predict(X, predict_type="margin", validate_features=False)
        return self.calibration(answer.reshape(len(X), -1))

    def with_calibration(self, calibration: Calibration) -> BoostingLearner:
        """Return the ensemble with its margins calibrated.

        Parameters
        ----------
        calibration : Calibration
            Of the margins, so that it comes after a calibration that is there.

        Returns
        -------
        learner : BoostingLearner
            A calibrated copy; the original is unchanged.
        """
        return replace(self, calibration=calibration.after(self.calibration))

    def parameters(self) -> dict[str, np.ndarray]:
        """Raise UnsupportedLearnerError: trees cannot be averaged.

        Returns
        -------
        parameters : dict of str to ndarray
            Never.

        Raises
        ------
        UnsupportedLearnerError
            In any case.
        """
        raise no_parameters(self.kind)

    def with_parameters(self, parameters: Mapping[str, np.ndarray]) -> BoostingLearner:
        """Raise UnsupportedLearnerError: trees cannot be averaged.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            Not used.

        Returns
        -------
        learner : BoostingLearner
            Never.

        Raises
        ------
        UnsupportedLearnerError
            In any case.
        """
        raise no_parameters(self.kind)

    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        Returns
        -------
        files : dict of str to bytes
            The content of each file, by its name.
        """
        files = booster_to_files(self.booster, n_features=self.n_features, n_classes=self.n_classes)
        return files | calibration_file(self.calibration)

    @classmethod
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> BoostingLearner:
        """Rebuild a learner from its files.

        Parameters
        ----------
        files : dict of str to bytes
            The result of `to_files`; the caller has checked the hashes.
        n_features, n_classes : int
            Numbers of the estimator; the files must match them.

        Returns
        -------
        learner : BoostingLearner
            The saved learner.

        Raises
        ------
        SavedModelError
            If the files do not hold such a learner.
        """
        booster = booster_from_files(files, n_features=n_features, n_classes=n_classes)
        return cls(booster, n_features, n_classes, calibration_from(files))


def use_one_thread(booster: Any) -> None:
    """Let a booster predict in one thread, the fastest way for up to some thousand rows."""
    booster.set_param({"nthread": 1})
