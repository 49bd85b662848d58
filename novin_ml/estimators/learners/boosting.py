"""The trained ensemble of trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from novin_ml.exceptions import SavedModelError


@dataclass(frozen=True)
class BoostingLearner:
    """A trained ensemble of trees, cut to the rounds that it answers with.

    Attributes
    ----------
    booster : xgboost.Booster
        Holds the rounds of the model and no more.
    n_features, n_classes : int
    """

    kind: ClassVar[str] = "boosting"
    booster: Any
    n_features: int
    n_classes: int

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return class probabilities, float32 of shape (n_samples, n_classes)."""
        answer = self.booster.inplace_predict(X)
        if self.n_classes == 2:
            return np.column_stack([1 - answer, answer])
        return answer.reshape(len(X), self.n_classes)

    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files, by name."""
        return {"booster.ubj": bytes(self.booster.save_raw("ubj"))}

    @classmethod
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> BoostingLearner:
        """Rebuild a learner from `to_files`; the caller has checked the files' hashes."""
        import xgboost

        booster = xgboost.Booster()
        try:
            booster.load_model(bytearray(files["booster.ubj"]))
        except xgboost.core.XGBoostError as error:
            raise SavedModelError(
                "booster.ubj must be a model that xgboost can read. "
                f"Got: {str(error).strip().splitlines()[-1]}. Save the estimator again."
            ) from None
        if booster.num_features() != n_features:
            raise SavedModelError(
                f"booster.ubj must have {n_features} features. Got {booster.num_features()}. "
                "Save the estimator again."
            )
        use_one_thread(booster)
        return cls(booster, n_features, n_classes)


def use_one_thread(booster: Any) -> None:
    """Let a booster answer in one thread: for one row, or some thousands, the fastest way."""
    booster.set_param({"nthread": 1})
