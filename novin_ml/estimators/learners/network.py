"""The trained perceptron in float32, with the imputer and the scaler before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
from scipy.special import expit

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.docstrings import sections_of, substitute
from novin_ml.estimators.learners.calibration import Calibration, probabilities_of
from novin_ml.estimators.learners.learner import Learner
from novin_ml.estimators.learners.standardised import StandardisedInputs
from novin_ml.exceptions import InvalidParametersError, SavedModelError
from novin_ml.plain import plural

# The layers of this many rows stay in the processor's cache.
_ROWS_AT_ONCE = 4096

_ACTIVATIONS = {
    "identity": lambda z: z,
    "logistic": expit,
    "relu": lambda z: np.maximum(z, np.float32(0), out=z),
    "tanh": np.tanh,
}


@dataclass(frozen=True)
class NetworkLearner(StandardisedInputs):
    """A trained perceptron with its imputer and scaler, all float32.

    Attributes
    ----------
    medians, mean, scale : ndarray of shape (n_features,)
        Missing values become `medians`; then a value x becomes ``(x - mean) * scale``.
    weights : list of ndarray of shape (n_in, n_out)
    biases : list of ndarray of shape (n_out,)
        For two classes, the last layer has one output and a sigmoid, or two as for more classes,
        which have a softmax; see `with_two_outputs`.
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

    @substitute(sections=sections_of(Learner.predict_proba))
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the class probabilities.

        {sections}
        """
        return probabilities_of(self.margins(X))

    @substitute(sections=sections_of(Learner.margins))
    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the sums of the last layer.

        {sections}
        """
        n_parts = max(1, len(X) // _ROWS_AT_ONCE)
        if n_parts == 1:
            return self._margins(X)
        ends = [*range(_ROWS_AT_ONCE, n_parts * _ROWS_AT_ONCE, _ROWS_AT_ONCE), len(X)]
        return np.concatenate([self._margins(X[a:b]) for a, b in pairwise([0, *ends])])

    def _margins(self, X: np.ndarray) -> np.ndarray:
        layer = self.outputs_of(self.inputs_of(X))
        return layer[:, 1:] - layer[:, :1] if self._has_two_outputs else layer

    def outputs_of(self, inputs: np.ndarray) -> np.ndarray:
        """Return the sums of the last layer, one column for each of its units.

        Parameters
        ----------
        inputs : ndarray of shape (n_samples, n_features), float32
            What `inputs_of` returns.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs), float32
            Before any link.
        """
        layer, activate = inputs, _ACTIVATIONS[self.activation]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = layer @ weight
            layer += bias
            layer = activate(layer)
        layer = layer @ self.weights[-1]
        layer += self.biases[-1]
        return layer

    @property
    def _has_two_outputs(self) -> bool:
        return self.n_classes == 2 and self.biases[-1].size == 2

    def with_two_outputs(self) -> NetworkLearner:
        """Return the network with an output for each class, also if there are two classes.

        The output of the first of two classes is 0 then, and that of the second what the only
        output was. The probabilities stay the same. A loss of cross-entropy needs this form: both
        outputs are trained, on the phone too.

        Returns
        -------
        learner : NetworkLearner
            This network, if it has as many outputs as classes.
        """
        if self.biases[-1].size == self.n_classes:
            return self
        weight, bias = self.weights[-1], self.biases[-1]
        return replace(
            self,
            weights=[*self.weights[:-1], np.hstack([np.zeros_like(weight), weight])],
            biases=[*self.biases[:-1], np.concatenate([np.zeros_like(bias), bias])],
        )

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
        if self._has_two_outputs:
            # A margin is the second output less the first: what is added goes to the second.
            first, second = self.biases[-1] * calibration.scale
            added = calibration(np.zeros(1, np.float32))[0]
            bias = np.array([first, second + added], np.float32)
        else:
            bias = calibration(self.biases[-1])
        return replace(self, weights=weights, biases=[*self.biases[:-1], bias])

    def parameters(self) -> dict[str, np.ndarray]:
        """Return the weights and biases, which can be averaged with those of another network.

        The imputer and the scaler are not among them. They are measured on the training data, and
        must be the same in networks that are averaged.

        Returns
        -------
        parameters : dict of str to ndarray
            Copies, float32, layer by layer from the first: ``weight_0`` of shape (n_in, n_out),
            ``bias_0`` of shape (n_out,), ``weight_1``, and so on.
        """
        layers = enumerate(zip(self.weights, self.biases, strict=True))
        return {
            f"{name}_{i}": array.copy()
            for i, layer in layers
            for name, array in zip(("weight", "bias"), layer, strict=True)
        }

    def with_parameters(self, parameters: Mapping[str, np.ndarray]) -> NetworkLearner:
        """Return the network with other weights and biases.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            Arrays with the names, shapes and dtypes of `parameters`, in any order.

        Returns
        -------
        learner : NetworkLearner
            A copy with exactly these numbers; this one stays as it is.

        Raises
        ------
        InvalidParametersError
            If an array is missing, not known, of another shape or dtype, or not finite.
        """
        own = self.parameters()
        fault = _fault_of(parameters, own)
        if fault:
            raise InvalidParametersError(
                f"The parameters of this network must be finite float32 arrays: "
                f"{', '.join(f'{name} {array.shape}' for name, array in own.items())}. "
                f"Got {fault}. Take them from the parameters of a network with the same layers."
            )
        layers = range(len(self.weights))
        return replace(
            self,
            weights=[np.array(parameters[f"weight_{i}"]) for i in layers],
            biases=[np.array(parameters[f"bias_{i}"]) for i in layers],
        )

    @substitute(sections=sections_of(Learner.to_files))
    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        {sections}
        """
        arrays = {"medians": self.medians, "mean": self.mean, "scale": self.scale}
        arrays |= {f"weight_{i}": weight for i, weight in enumerate(self.weights)}
        arrays |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        arrays["activation"] = np.array(self.activation)
        return {"network.npz": write_arrays(arrays)}

    @classmethod
    @substitute(sections=sections_of(Learner.from_files))
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> NetworkLearner:
        """Rebuild a learner from its files.

        {sections}
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
                "network.npz must hold the arrays of a network of "
                f"{plural(n_features, 'feature')} and "
                f"{plural(n_classes, 'class')}. Got: {error}. Save the estimator again."
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
        if width != self.n_classes and (width, self.n_classes) != (1, 2):
            raise ValueError(f"{plural(width, 'output')}")


def _fault_of(parameters: Mapping[str, np.ndarray], own: Mapping[str, np.ndarray]) -> str:
    """Say what is wrong with parameters that take the place of others; "" if nothing is."""
    for name in [*own, *parameters]:
        if name not in parameters:
            return f"none named {name}"
        if name not in own:
            return f"one more, named {name!r}"
        array = parameters[name]
        if not isinstance(array, np.ndarray):
            return f"{name} as {type(array).__name__}"
        if array.shape != own[name].shape or array.dtype != np.float32:
            return f"{name} {array.shape} of dtype {array.dtype}"
        if not np.isfinite(array).all():
            return f"{name} with a number that is not finite"
    return ""


def _check_array(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
        raise ValueError(f"{name} of shape {array.shape} and dtype {array.dtype}")
