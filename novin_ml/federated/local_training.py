"""Training of a network at home: stochastic gradient descent from the global weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from novin_ml.estimators.weights import WeightLayout
from novin_ml.exceptions import InvalidParametersError
from novin_ml.plain import shown


@dataclass(frozen=True)
class LocalTraining:
    """How a home trains.

    Attributes
    ----------
    epochs : int, default=3
        Passes over the home's rows in a round.
    batch_size : int, default=32
        Rows of a step.
    learning_rate : float, default=0.05
        Size of a step.
    momentum : float, default=0.9
        Share of a step that goes into the next one.
    proximal : float, default=0.0
        Weight of half the squared distance from the global weights in the loss (FedProx): above
        0, homes that differ drift less far from each other.

    max_gradient : float, default=1.0
        Largest Euclidean norm of a gradient; a larger one is scaled down to it, so that a few rows
        far from those of other homes do not throw the weights away.

    References
    ----------
    Li, Sahu, Zaheer, Sanjabi, Talwalkar and Smith, "Federated optimization in heterogeneous
    networks", MLSys 2020, for the proximal term.

    Examples
    --------
    >>> from novin_ml.federated import FederationSettings, LocalTraining
    >>> settings = FederationSettings(rounds=10, local=LocalTraining(epochs=1, proximal=0.01))
    >>> settings.check()
    """

    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 0.05
    momentum: float = 0.9
    proximal: float = 0.0
    max_gradient: float = 1.0

    def check(self) -> None:
        """Raise InvalidParametersError unless the numbers can train.

        Raises
        ------
        InvalidParametersError
            If a number is out of its range.
        """
        ranges = {
            "epochs": (self.epochs >= 1, "1 or more"),
            "batch_size": (self.batch_size >= 1, "1 or more"),
            "learning_rate": (0 < self.learning_rate < np.inf, "above 0 and finite"),
            "momentum": (0 <= self.momentum < 1, "at least 0 and below 1"),
            "max_gradient": (self.max_gradient > 0, "above 0"),
            "proximal": (0 <= self.proximal < np.inf, "0 or more and finite"),
        }
        for name, (holds, expected) in ranges.items():
            if not holds:
                raise InvalidParametersError(
                    f"The {name!r} parameter of LocalTraining must be {expected}. "
                    f"Got {shown(getattr(self, name))} instead."
                )

    def __call__(
        self,
        values: np.ndarray,
        layout: WeightLayout,
        activation: str,
        inputs: np.ndarray,
        codes: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Return the weights after training.

        Parameters
        ----------
        values : ndarray of shape (n_values,), float32
            The global weights; they stay as they are.
        layout : WeightLayout
            Which of them are whose.
        activation : {"identity", "logistic", "relu", "tanh"}
            Of the hidden layers.
        inputs : ndarray of shape (n_samples, n_features), float32
            Imputed and standardised rows.
        codes : ndarray of shape (n_samples,), int
            Class of each row, counted from 0.
        rng : Generator
            Order of the rows.

        Returns
        -------
        values : ndarray of shape (n_values,), float32
            All weights.
        """
        new, gradient = values.copy(), np.empty_like(values)
        velocity = np.zeros_like(values)
        layers, slopes = layers_of(new, layout), layers_of(gradient, layout)
        rate, momentum = np.float32(self.learning_rate), np.float32(self.momentum)
        for rows in self._batches(len(codes), rng):
            _gradient(layers, slopes, activation, inputs[rows], codes[rows])
            norm = float(np.linalg.norm(gradient))
            if norm > self.max_gradient:
                gradient *= np.float32(self.max_gradient / norm)
            if self.proximal:
                gradient += np.float32(self.proximal) * (new - values)
            velocity *= momentum
            velocity -= rate * gradient
            new += velocity
        return new

    def _batches(self, n_rows: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
        for _ in range(self.epochs):
            order = rng.permutation(n_rows)
            for start in range(0, n_rows, self.batch_size):
                yield order[start : start + self.batch_size]


#: Weights (n_out, n_in) and biases (n_out,) of a layer.
Layer = tuple[np.ndarray, np.ndarray]


def layers_of(values: np.ndarray, layout: WeightLayout) -> list[Layer]:
    """Return the layers of a network as views of its values.

    Parameters
    ----------
    values : ndarray of shape (n_values,), float32
        All weights.
    layout : WeightLayout
        Which of them are whose.

    Returns
    -------
    layers : list of (ndarray of shape (n_out, n_in), ndarray of shape (n_out,))
        From the first layer to the last; what is written into them is written into `values`.
    """
    views = [
        values[tensor.offset : tensor.offset + tensor.size].reshape(tensor.shape)
        for tensor in layout.tensors
    ]
    return list(zip(views[::2], views[1::2], strict=True))


def logits_of(layers: list[Layer], activation: str, inputs: np.ndarray) -> list[np.ndarray]:
    """Return the output of each layer, the logits last.

    Parameters
    ----------
    layers : list of (ndarray of shape (n_out, n_in), ndarray of shape (n_out,))
        As `layers_of` returns them.
    activation : {"identity", "logistic", "relu", "tanh"}
    inputs : ndarray of shape (n_samples, n_features), float32

    Returns
    -------
    outputs : list of ndarray of shape (n_samples, n_out), float32
        Those of hidden layers after their activation.
    """
    outputs = []
    for number, (weight, bias) in enumerate(layers, start=1):
        inputs = inputs @ weight.T
        inputs += bias
        if number < len(layers):
            if activation == "relu":
                np.maximum(inputs, 0, out=inputs)
            elif activation == "tanh":
                np.tanh(inputs, out=inputs)
            elif activation == "logistic":
                inputs = 1 / (1 + np.exp(-inputs))
        outputs.append(inputs)
    return outputs


def _gradient(
    layers: list[Layer],
    slopes: list[Layer],
    activation: str,
    inputs: np.ndarray,
    codes: np.ndarray,
) -> None:
    """Write the gradient of the mean cross-entropy of a batch into `slopes`."""
    outputs = logits_of(layers, activation, inputs)
    error = np.exp(outputs[-1] - outputs[-1].max(axis=1, keepdims=True))
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(codes)), codes] -= 1
    error /= np.float32(len(codes))
    for place in range(len(layers) - 1, -1, -1):
        below = outputs[place - 1] if place else inputs
        of_weight, of_bias = slopes[place]
        np.matmul(error.T, below, out=of_weight)
        error.sum(axis=0, out=of_bias)
        if place:
            error = error @ layers[place][0]
            if activation == "relu":
                error *= below > 0
            elif activation == "tanh":
                error *= 1 - np.square(below)
            elif activation == "logistic":
                error *= below * (1 - below)
