"""What a trained learner can do, whichever kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol, Self

import numpy as np

from novin_ml.estimators.learners.calibration import Calibration
from novin_ml.exceptions import UnsupportedLearnerError


class Learner(Protocol):
    """A trained model, without labels or names. It never changes: what changes it returns a copy.

    Attributes
    ----------
    kind : str
        Value of an estimator's `algorithm`.
    """

    kind: ClassVar[str]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the class probabilities.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            One column a class, in the order of their codes.
        """
        ...

    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the raw scores, of which the probabilities are the sigmoid or the softmax.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        margins : ndarray of shape (n_samples, 1 or n_classes), float32 or float64
            For two classes one column, the log odds of the second; for more the input of the
            softmax. They include the calibration. A blend's are float64, any other's float32.
        """
        ...

    def with_calibration(self, calibration: Calibration) -> Self:
        """Return the learner with its margins calibrated.

        Parameters
        ----------
        calibration : Calibration
            Applied to the margins that `margins` returns.

        Returns
        -------
        learner : Learner
            A copy, whose margins are ``calibration(margins)`` but for rounding to float32.

        Raises
        ------
        UnsupportedLearnerError
            If the learner is a blend, which has no calibration but that of its parts.
        """
        ...

    def parameters(self) -> dict[str, np.ndarray]:
        """Return the numbers that can be averaged with those of a learner of the same form.

        Returns
        -------
        parameters : dict of str to ndarray
            Copies of the arrays, float32, by name; their order is the same for each learner of the
            same form.

        Raises
        ------
        UnsupportedLearnerError
            If the learner has trees. The means of two trees' thresholds and leaves are no tree.
        """
        ...

    def with_parameters(self, parameters: Mapping[str, np.ndarray]) -> Self:
        """Return the learner with other parameters.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            Arrays with the names, shapes and dtypes of `parameters`, in any order.

        Returns
        -------
        learner : Learner
            A copy with exactly these parameters, and all else as it is.

        Raises
        ------
        InvalidParametersError
            If an array is missing, not known, of another shape or dtype, or not finite.
        UnsupportedLearnerError
            If the learner has no parameters.
        """
        ...

    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        Returns
        -------
        files : dict of str to bytes
            The content of each file, by its name.
        """
        ...

    @classmethod
    def from_files(cls, files: dict[str, bytes], *, n_features: int, n_classes: int) -> Self:
        """Rebuild a learner from its files.

        Parameters
        ----------
        files : dict of str to bytes
            What `to_files` returned; the caller has checked their hashes.
        n_features, n_classes : int
            Numbers of the estimator; the files must fit them.

        Returns
        -------
        learner : Learner
            The one that was saved.

        Raises
        ------
        SavedModelError
            If the files hold no such learner.
        """
        ...


class TreesCannotBeAveraged:
    """The methods of a learner with trees that refuse what `Learner` says of parameters."""

    kind: ClassVar[str]

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
        raise self._refusal()

    def with_parameters(self, parameters: Mapping[str, np.ndarray]) -> Self:
        """Raise UnsupportedLearnerError: trees cannot be averaged.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            Not used.

        Returns
        -------
        learner : Learner
            Never.

        Raises
        ------
        UnsupportedLearnerError
            In any case.
        """
        raise self._refusal()

    def _refusal(self) -> UnsupportedLearnerError:
        return UnsupportedLearnerError(
            "A learner must be a network to have parameters that can be averaged. "
            f"Got {self.kind!r}, which has trees. Train with algorithm='mlp'."
        )
