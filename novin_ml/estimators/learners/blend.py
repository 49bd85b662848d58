"""Trees and a perceptron, their probabilities mixed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from novin_ml.estimators.learners.boosting import BoostingLearner
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.exceptions import SavedModelError


@dataclass(frozen=True)
class BlendLearner:
    """A trained ensemble of trees and a trained perceptron, their probabilities mixed.

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
        """Share of the trees and share of the network."""
        return self.weight, np.float32(1) - self.weight

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return class probabilities, float32 of shape (n_samples, n_classes)."""
        return self.mix(self.boosting.predict_proba(X), self.network.predict_proba(X))

    def mix(self, boosting: np.ndarray, network: np.ndarray) -> np.ndarray:
        """Mix the probabilities of both parts."""
        of_trees, of_network = self.shares
        return of_trees * boosting + of_network * network

    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files, by name."""
        blend = {"blend.json": json.dumps({"weight": float(self.weight)}).encode()}
        return self.boosting.to_files() | self.network.to_files() | blend

    @classmethod
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> BlendLearner:
        """Rebuild a learner from `to_files`; the caller has checked the files' hashes."""
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
