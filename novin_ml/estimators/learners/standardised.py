"""Rows as networks take them: imputed and standardised."""

from __future__ import annotations

import numpy as np


class StandardisedInputs:
    """What has medians, means and scales of features, and prepares rows by them."""

    medians: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    def inputs_of(self, X: np.ndarray) -> np.ndarray:
        """Return rows imputed and standardised.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        inputs : ndarray of shape (n_samples, n_features), float32
            A copy.
        """
        inputs = np.where(np.isnan(X), self.medians, X)
        inputs -= self.mean
        inputs *= self.scale
        return inputs
