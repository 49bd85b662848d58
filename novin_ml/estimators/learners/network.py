"""The trained perceptron in float32, with the imputer and the scaler before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
from scipy.special import expit

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators.learners.calibration import Calibration, probabilities_of
from novin_ml.exceptions import SavedModelError

# The layers of this many rows stay in the processor's cache.
_ROWS_AT_ONCE = 4096

_ACTIVATIONS = {
    "identity": lambda z: z,
    "logistic": expit,
    "relu": lambda z: np.maximum(z, np.float32(0), out=z),
    "tanh": np.tanh,
}


@dataclass(frozen=True)
class NetworkLearner:
    """A trained perceptron with its imputer and scaler, all float32.

    Attributes
    ----------
    medians, mean, scale : ndarray of shape (n_features,)
        Missing values become `medians`; then a value x becomes ``(x - mean) * scale``.
    weights : list of ndarray of shape (n_in, n_out)
    biases : list of ndarray of shape (n_out,)
        For two classes, the last layer has one output and a sigmoid; for more, a softmax.
    activation : {"identity", "logistic", "relu", "tanh"}
        Activation of the hidden layers.
    n_features, n_classes : int
    """

    kind: ClassVar[str] = "mlp"
    medians: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    activation: str
    n_features: int
    n_classes: int

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
        return probabilities_of(self.margins(X))

    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the sums of the last layer.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        margins : ndarray of shape (n_samples, 1 or n_classes), float32
            Before the sigmoid or the softmax; one column for two classes.
        """
        n_parts = max(1, len(X) // _ROWS_AT_ONCE)
        if n_parts == 1:
            return self._margins(X)
        ends = [*range(_ROWS_AT_ONCE, n_parts * _ROWS_AT_ONCE, _ROWS_AT_ONCE), len(X)]
        return np.concatenate([self._margins(X[a:b]) for a, b in pairwise([0, *ends])])

    def _margins(self, X: np.ndarray) -> np.ndarray:
        layer = np.where(np.isnan(X), self.medians, X)
        layer -= self.mean
        layer *= self.scale
        activate = _ACTIVATIONS[self.activation]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = layer @ weight
            layer += bias
            layer = activate(layer)
        layer = layer @ self.weights[-1]
        layer += self.biases[-1]
        return layer

    def with_calibration(self, calibration: Calibration) -> NetworkLearner:
        """Return the network with a calibration folded into its last layer.

        Parameters
        ----------
        calibration : Calibration
            Calibration of the sums of the last layer.

        Returns
        -------
        learner : NetworkLearner
            A calibrated copy; the original is unchanged.
        """
        weights = [*self.weights[:-1], self.weights[-1] * calibration.scale]
        return replace(
            self, weights=weights, biases=[*self.biases[:-1], calibration(self.biases[-1])]
        )

    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        Returns
        -------
        files : dict of str to bytes
            The content of each file, by its name.
        """
        arrays = {"medians": self.medians, "mean": self.mean, "scale": self.scale}
        arrays |= {f"weight_{i}": weight for i, weight in enumerate(self.weights)}
        arrays |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        arrays["activation"] = np.array(self.activation)
        return {"network.npz": write_arrays(arrays)}

    @classmethod
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> NetworkLearner:
        """Rebuild a learner from its files.

        Parameters
        ----------
        files : dict of str to bytes
            The result of `to_files`; the caller has checked the hashes.
        n_features, n_classes : int
            Numbers of the estimator; the files must match them.

        Returns
        -------
        learner : NetworkLearner
            The saved learner.

        Raises
        ------
        SavedModelError
            If the files do not hold such a learner.
        """
        try:
            arrays = read_arrays(files["network.npz"])
            layers = range(sum(name.startswith("weight_") for name in arrays))
            learner = cls(
                medians=arrays["medians"],
                mean=arrays["mean"],
                scale=arrays["scale"],
                weights=[arrays[f"weight_{i}"] for i in layers],
                biases=[arrays[f"bias_{i}"] for i in layers],
                activation=str(arrays["activation"]),
                n_features=n_features,
                n_classes=n_classes,
            )
            learner.check_shapes()
        except (KeyError, TypeError, ValueError) as error:
            raise SavedModelError(
                f"network.npz must hold the arrays of a network of {n_features} features and "
                f"{n_classes} classes. Got: {error}. Save the estimator again."
            ) from None
        return learner

    def check_shapes(self) -> None:
        """Raise ValueError unless the layers fit each other and are finite float32."""
        if self.activation not in _ACTIVATIONS:
            raise ValueError(f"unknown activation {self.activation!r}")
        if not self.weights:
            raise ValueError("no layers")
        width = self.n_features
        for name, array in [("medians", self.medians), ("mean", self.mean), ("scale", self.scale)]:
            _check_array(name, array, (width,))
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            _check_array(f"weight_{i}", weight, (width, bias.size))
            _check_array(f"bias_{i}", bias, (bias.size,))
            width = bias.size
            if width == 0:
                raise ValueError(f"bias_{i} without numbers")
        if width != (1 if self.n_classes == 2 else self.n_classes):
            raise ValueError(f"{width} outputs")


def _check_array(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
        raise ValueError(f"{name} of shape {array.shape} and dtype {array.dtype}")
