"""What a server does with the mean change of a round: take it, or take it as a gradient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np

from novin_ml.docstrings import sections_of, substitute


class ServerStep(Protocol):
    """From the weights and the mean change of a round to the next weights.

    It never changes: a step returns itself as it is after the round.
    """

    def __call__(self, values: np.ndarray, change: np.ndarray) -> tuple[np.ndarray, Self]:
        """Return the next weights, float32 (n_values,), and the step for the next round."""
        ...

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return what must be kept between rounds.

        Returns
        -------
        arrays : dict of str to ndarray
            By name.
        """
        ...

    def with_arrays(self, arrays: dict[str, np.ndarray]) -> Self:
        """Return the step as it was when `to_arrays` was called.

        Parameters
        ----------
        arrays : dict of str to ndarray
            What `to_arrays` returned.

        Returns
        -------
        step : ServerStep
            A step like this one.
        """
        ...


@dataclass(frozen=True)
class FedAvg:
    """Adds the mean change.

    References
    ----------
    McMahan, Moore, Ramage, Hampson and Aguera y Arcas, "Communication-efficient learning of deep
    networks from decentralized data", AISTATS 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import FedAvg
    >>> step = FedAvg()
    >>> values, step = step(np.array([1.0, 2.0]), np.array([0.5, -0.5]))
    >>> values.tolist()
    [1.5, 1.5]
    """

    def __call__(self, values: np.ndarray, change: np.ndarray) -> tuple[np.ndarray, Self]:
        """Return the next weights, and this step."""
        return values + change, self

    @substitute(sections=sections_of(ServerStep.to_arrays))
    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return nothing: no round depends on an earlier one.

        {sections}
        """
        return {}

    @substitute(sections=sections_of(ServerStep.with_arrays))
    def with_arrays(self, arrays: dict[str, np.ndarray]) -> Self:
        """Return this step.

        {sections}
        """
        return self


@dataclass(frozen=True, eq=False)
class FedAdam:
    """Adam, with the mean change in place of a gradient.

    Attributes
    ----------
    learning_rate : float
    beta_1, beta_2 : float
        How much of the mean and of the squares stays from round to round.
    tau : float
        What is added to the root of the squares: the larger, the less adaptive.
    mean, square : ndarray of shape (n_values,), float64, or None
        What earlier rounds left.

    References
    ----------
    Reddi et al., "Adaptive federated optimization", ICLR 2021, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import FedAdam
    >>> values, step = FedAdam(learning_rate=0.1)(np.zeros(2, np.float32), np.array([1.0, -1.0]))
    >>> bool(values[0] > 0 > values[1]), sorted(step.to_arrays())
    (True, ['adam_mean', 'adam_square'])
    """

    learning_rate: float = 0.01
    beta_1: float = 0.9
    beta_2: float = 0.99
    tau: float = 1e-3
    mean: np.ndarray | None = None
    square: np.ndarray | None = None

    def __call__(self, values: np.ndarray, change: np.ndarray) -> tuple[np.ndarray, Self]:
        """Return the next weights, and the step with its new means."""
        change = change.astype(np.float64)
        zeros = np.zeros(len(change))
        mean = self.mean if self.mean is not None else zeros
        square = self.square if self.square is not None else zeros + self.tau**2
        mean = self.beta_1 * mean + (1 - self.beta_1) * change
        square = self.beta_2 * square + (1 - self.beta_2) * np.square(change)
        stepped = values + self.learning_rate * mean / (np.sqrt(square) + self.tau)
        return stepped.astype(np.float32), replace(self, mean=mean, square=square)

    @substitute(sections=sections_of(ServerStep.to_arrays))
    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the means of changes and squares; nothing before the first round.

        {sections}
        """
        if self.mean is None or self.square is None:
            return {}
        return {"adam_mean": self.mean, "adam_square": self.square}

    @substitute(sections=sections_of(ServerStep.with_arrays))
    def with_arrays(self, arrays: dict[str, np.ndarray]) -> Self:
        """Return the step as it was when `to_arrays` was called.

        {sections}
        """
        if "adam_mean" not in arrays:
            return self
        return replace(self, mean=arrays["adam_mean"], square=arrays["adam_square"])
