"""A learner that mixes the probabilities of trees and a perceptron."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from novin_ml.estimators.learners.boosting import BoostingLearner
from novin_ml.estimators.learners.calibration import Calibration, log_probabilities_of
from novin_ml.estimators.learners.learner import Learner, no_parameters
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.exceptions import SavedModelError, UnsupportedLearnerError


@dataclass(frozen=True)
class BlendLearner:
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
        return self.mix(self.boosting.predict_proba(X), self.network.predict_proba(X))

    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the margins of the mixed probabilities.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        margins : ndarray of shape (n_samples, 1 or n_classes), float64
            For two classes the log odds of the second; for more the logarithms of the
            probabilities, of which these are the softmax.
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
        """Return the blend as it is for a calibration that changes nothing, and refuse any other.

        Calibrated probabilities of the mixture are no mixture of the parts' probabilities, which is
        all that the exported model can compute. Each part is calibrated before they are mixed.

        Parameters
        ----------
        calibration : Calibration
            Of the mixture's margins.

        Returns
        -------
        learner : BlendLearner
            This one.

        Raises
        ------
        UnsupportedLearnerError
            If the calibration changes the margins.
        """
        if not calibration.changes_nothing:
            raise UnsupportedLearnerError(
                "A blend must be calibrated part by part, which its training does. Got a "
                f"calibration of the mixture, of scale {calibration.scale:g} and shift "
                f"{calibration.shift:g}. Train with calibrate=True, or with algorithm='boosting' "
                "or 'mlp'."
            )
        return self

    def parameters(self) -> dict[str, np.ndarray]:
        """Raise UnsupportedLearnerError: the trees of a blend cannot be averaged.

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

    def with_parameters(self, parameters: Mapping[str, np.ndarray]) -> BlendLearner:
        """Raise UnsupportedLearnerError: the trees of a blend cannot be averaged.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            Not used.

        Returns
        -------
        learner : BlendLearner
            Never.

        Raises
        ------
        UnsupportedLearnerError
            In any case.
        """
        raise no_parameters(self.kind)

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

    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        Returns
        -------
        files : dict of str to bytes
            The content of each file, by its name.
        """
        blend = {"blend.json": json.dumps({"weight": float(self.weight)}).encode()}
        return self.boosting.to_files() | self.network.to_files() | blend

    @classmethod
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> BlendLearner:
        """Rebuild a learner from its files.

        Parameters
        ----------
        files : dict of str to bytes
            The result of `to_files`; the caller has checked the hashes.
        n_features, n_classes : int
            Numbers of the estimator; the files must match them.

        Returns
        -------
        learner : BlendLearner
            The saved learner.

        Raises
        ------
        SavedModelError
            If the files do not hold such a learner.
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
