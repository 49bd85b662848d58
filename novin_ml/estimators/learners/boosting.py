"""The trained ensemble of trees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from novin_ml.docstrings import sections_of, substitute
from novin_ml.estimators.learners.booster_file import booster_from_files, booster_to_files
from novin_ml.estimators.learners.calibration import (
    UNCALIBRATED,
    Calibration,
    calibration_file,
    calibration_from,
    probabilities_of,
)
from novin_ml.estimators.learners.learner import Learner, TreesCannotBeAveraged
from novin_ml.estimators.learners.one_row import OneRow, one_row_of


@dataclass(frozen=True)
class BoostingLearner(TreesCannotBeAveraged):
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

    @substitute(sections=sections_of(Learner.predict_proba))
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the class probabilities.

        {sections}
        """
        if not self.calibration.changes_nothing:
            return probabilities_of(self.margins(X))
        answer = self._shares(X)
        if self.n_classes == 2:
            both = np.empty((len(X), 2), dtype=np.float32)
            np.subtract(1, answer[:, 0], out=both[:, 0])
            both[:, 1] = answer[:, 0]
            return both
        return answer

    @substitute(sections=sections_of(Learner.margins))
    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the sums of leaves, calibrated.

        {sections}
        """
        if len(X) == 1 and self._one_row is not None:
            return self.calibration(self._one_row.margins(X))
        # A cheaper check has already compared the number of columns.
        answer = self.booster.inplace_predict(X, predict_type="margin", validate_features=False)
        return self.calibration(answer.reshape(len(X), -1))

    def _shares(self, X: np.ndarray) -> np.ndarray:
        """Return xgboost's own probabilities: of the second of two classes, or of all."""
        if len(X) == 1 and self._one_row is not None:
            shares = self._one_row.shares(X)
            if shares is not None:
                return shares
        return self.booster.inplace_predict(X, validate_features=False).reshape(len(X), -1)

    @cached_property
    def _one_row(self) -> OneRow | None:
        return one_row_of(self.booster, n_features=self.n_features, n_classes=self.n_classes)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_one_row"}

    def gain_shares(self) -> np.ndarray:
        """Return the share of each feature in the total gain of the trees.

        Returns
        -------
        shares : ndarray of shape (n_features,), float64
            They sum to 1, or are all 0 if no tree splits.
        """
        gains = np.zeros(self.n_features)
        for name, gain in self.booster.get_score(importance_type="total_gain").items():
            gains[int(name.removeprefix("f"))] = gain
        total = gains.sum()
        return gains / total if total > 0 else gains

    def with_calibration(self, calibration: Calibration) -> BoostingLearner:
        """Return the ensemble with its margins calibrated.

        Parameters
        ----------
        calibration : Calibration
            Applied to the margins, after a calibration that is already there.

        Returns
        -------
        learner : BoostingLearner
            A calibrated copy; the original is unchanged.
        """
        return replace(self, calibration=calibration.after(self.calibration))

    @substitute(sections=sections_of(Learner.to_files))
    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        {sections}
        """
        files = booster_to_files(self.booster, n_features=self.n_features, n_classes=self.n_classes)
        return files | calibration_file(self.calibration)

    @classmethod
    @substitute(sections=sections_of(Learner.from_files))
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> BoostingLearner:
        """Rebuild a learner from its files.

        {sections}
        """
        booster = booster_from_files(files, n_features=n_features, n_classes=n_classes)
        return cls(booster, n_features, n_classes, calibration_from(files, n_classes))


def use_one_thread(booster: Any) -> None:
    """Let a booster predict in one thread, the fastest way for up to some thousand rows."""
    booster.set_param({"nthread": 1})
