"""A network that returns its own input: what it cannot return is unusual."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from novin_ml.docstrings import sections_of, substitute
from novin_ml.estimators.learners.learner import Learner
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural

_ROWS = """
X : ndarray of shape (n_samples, n_features), float32
    Features, finite.
"""
#: So many rows are scored at a time.
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class AutoencoderLearner:
    """A trained autoencoder, all float32, with the scaler before it.

    With e the mean over the features of the squared error of the standardised row, the anomaly
    score is e / (1 + e), from 0 to 1: ranks are those of the error, and every number is in the
    range of an isolation forest's.

    Attributes
    ----------
    network : NetworkLearner
        With an output for each feature. A phone can train it, by the mean squared error.
    """

    kind: ClassVar[str] = "autoencoder"
    network: NetworkLearner

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self.network.n_features

    @substitute(rows=_ROWS)
    def score_samples(self, X: np.ndarray) -> np.ndarray:
        """Return the negative of the anomaly score, float64 of shape (n_samples,).

        Parameters
        ----------
        {rows}

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            From -1, the most anomalous, to 0. A row that is too large for float32 numbers has -1.
        """
        parts = [slice(a, a + _ROWS_AT_ONCE) for a in range(0, len(X), _ROWS_AT_ONCE)]
        errors = [self.shares(X[part]).sum(axis=1) for part in parts]
        error = np.concatenate([np.zeros(0), *errors])
        with np.errstate(invalid="ignore"):
            return np.where(np.isfinite(error), -error / (1 + error), -1.0)

    @substitute(rows=_ROWS)
    def shares(self, X: np.ndarray) -> np.ndarray:
        """Return the squared error of each feature divided by their number.

        Parameters
        ----------
        {rows}

        Returns
        -------
        shares : ndarray of shape (n_samples, n_features), float64
            They add up to the mean squared error of a row.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            inputs = self.network.inputs_of(X)
            errors = (self.network.outputs_of(inputs) - inputs).astype(np.float64)
            return np.square(errors) / self.n_features

    @substitute(rows=_ROWS)
    def most_anomalous(self, X: np.ndarray, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the most anomalous rows, with their scores.

        Parameters
        ----------
        {rows}
        n_rows : int
            Rows to return, if there are so many.

        Returns
        -------
        rows : ndarray of shape (n_kept,), intp
            Their positions in `X`.
        scores : ndarray of shape (n_kept,), float64
            As `score_samples` has them.
        """
        scores = self.score_samples(X)
        rows = np.argsort(scores, kind="stable")[:n_rows]
        return rows, scores[rows]

    def with_network(self, network: NetworkLearner) -> AutoencoderLearner:
        """Return the learner with another network of the same form.

        Parameters
        ----------
        network : NetworkLearner
            With an output for each feature.

        Returns
        -------
        learner : AutoencoderLearner
            A copy.
        """
        return replace(self, network=network)

    @substitute(sections=sections_of(Learner.to_files))
    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        {sections}
        """
        return self.network.to_files()

    @classmethod
    def from_files(cls, files: dict[str, bytes], *, n_features: int) -> AutoencoderLearner:
        """Rebuild a learner from its files.

        Parameters
        ----------
        files : dict of str to bytes
            The result of `to_files`; the caller has checked the hashes.
        n_features : int
            Number of the estimator; the files must match it.

        Returns
        -------
        learner : AutoencoderLearner
            The saved learner.

        Raises
        ------
        SavedModelError
            If the files do not hold such a learner.
        """
        network = NetworkLearner.from_files(files, n_features=n_features, n_classes=n_features)
        if network.biases[-1].size != n_features:
            raise SavedModelError(
                f"network.npz must hold a network with {plural(n_features, 'output')}. Got "
                f"{plural(network.biases[-1].size, 'output')}. Save the estimator again."
            )
        return cls(network)
