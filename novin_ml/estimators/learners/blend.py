"""A learner that mixes the probabilities of trees and a perceptron."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from novin_ml.docstrings import sections_of, substitute
from novin_ml.estimators.learners.boosting import BoostingLearner
from novin_ml.estimators.learners.calibration import Calibration, log_probabilities_of
from novin_ml.estimators.learners.learner import Learner, TreesCannotBeAveraged
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.exceptions import SavedModelError, UnsupportedLearnerError


@dataclass(frozen=True)
class BlendLearner(TreesCannotBeAveraged):
    """A trained ensemble of trees and a trained perceptron, with mixed probabilities.

    Attributes
    ----------
    boosting : BoostingLearner
    network : NetworkLearner
    weight : float32
        Share of the trees, 0 to 1; the network has the rest.
    n_features, n_classes : int
    """

    kind: ClassVar[str] = "blend"
    boosting: BoostingLearner
    network: NetworkLearner
    weight: np.float32
    n_features: int
    n_classes: int

    @property
    def shares(self) -> tuple[np.float32, np.float32]:
        """Return the share of the trees and the share of the network."""
        return self.weight, np.float32(1) - self.weight

    @substitute(sections=sections_of(Learner.predict_proba))
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the class probabilities.

        {sections}
        """
        return self.mix(self.boosting.predict_proba(X), self.network.predict_proba(X))

    @substitute(sections=sections_of(Learner.margins))
    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the margins of the mixed probabilities.

        {sections}
        """
        parts: tuple[Learner, Learner] = (self.boosting, self.network)
        logs = [
            log_probabilities_of(part.margins(X).astype(np.float64)) + np.log(np.float64(share))
            for part, share in zip(parts, self.shares, strict=True)
            if share > 0
        ]
        mixed = np.logaddexp.reduce(logs)
        return mixed if self.n_classes > 2 else mixed[:, 1:] - mixed[:, :1]

    def with_calibration(self, calibration: Calibration) -> BlendLearner:
        """Return the blend with shifts of the classes, and refuse any other calibration.

        Calibrated probabilities of the mixture are no mixture of the parts' probabilities, which is
        all that the exported model can compute. Each part is calibrated before they are mixed, and
        each part's margins are shifted.

        Parameters
        ----------
        calibration : Calibration
            Of scale 1 and shift 0.

        Returns
        -------
        learner : BlendLearner
            A copy with both parts shifted; this one if nothing is.

        Raises
        ------
        UnsupportedLearnerError
            If the calibration has a scale or a shift of all margins.
        """
        if calibration.scale != 1 or calibration.shift != 0:
            raise UnsupportedLearnerError(
                "A blend must be calibrated part by part, which its training does. Got a "
                f"calibration of the mixture, of scale {calibration.scale:g} and shift "
                f"{calibration.shift:g}. Train with calibrate=True, or with algorithm='boosting' "
                "or 'mlp'."
            )
        if calibration.changes_nothing:
            return self
        return replace(
            self,
            boosting=self.boosting.with_calibration(calibration),
            network=self.network.with_calibration(calibration),
        )

    def mix(self, boosting: np.ndarray, network: np.ndarray) -> np.ndarray:
        """Mix the probabilities of both parts.

        Parameters
        ----------
        boosting, network : ndarray of shape (n_samples, n_classes), float32
            Probabilities of the trees, and of the network.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            The mean of both, weighted by `shares`.
        """
        of_trees, of_network = self.shares
        return of_trees * boosting + of_network * network

    @substitute(sections=sections_of(Learner.to_files))
    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        {sections}
        """
        blend = {"blend.json": json.dumps({"weight": float(self.weight)}).encode()}
        return self.boosting.to_files() | self.network.to_files() | blend

    @classmethod
    @substitute(sections=sections_of(Learner.from_files))
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> BlendLearner:
        """Rebuild a learner from its files.

        {sections}
        """
        shape = {"n_features": n_features, "n_classes": n_classes}
        boosting = BoostingLearner.from_files(files, **shape)
        network = NetworkLearner.from_files(files, **shape)
        try:
            weight = json.loads(files["blend.json"])["weight"]
            if type(weight) not in (int, float) or not 0 <= weight <= 1:
                raise ValueError(f"the weight {weight!r}")
        except (KeyError, RecursionError, TypeError, ValueError) as error:
            raise SavedModelError(
                "blend.json must hold the weight of the trees, a number from 0 to 1. "
                f"Got: {error}. Save the estimator again."
            ) from None
        return cls(boosting, network, np.float32(weight), **shape)
