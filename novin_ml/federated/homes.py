"""A home in a federation: what it is asked, and what it answers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.special import log_softmax

from novin_ml.docstrings import sections_of, substitute
from novin_ml.estimators.learners.standardised import StandardisedInputs
from novin_ml.estimators.weights import WeightLayout
from novin_ml.federated.local_training import LocalTraining, layers_of, logits_of
from novin_ml.federated.statistics import FeatureStatistics
from novin_ml.federated.update_files import Update
from novin_ml.plain import plural


@dataclass(frozen=True, eq=False)
class RoundTask(StandardisedInputs):
    """What a server sends to the homes of a round.

    Attributes
    ----------
    values : ndarray of shape (n_values,), float32
        The global weights.
    model_sha256 : bytes of length 32
        Hash of the model with them, which an update must name.
    layout : WeightLayout
        What each value is.
    activation : str
        Activation of the hidden layers.
    medians, mean, scale : ndarray of shape (n_features,), float32
        A missing value becomes the median; then x becomes ``(x - mean) * scale``.
    local : LocalTraining
    seed : int
        From which each home draws the order of its rows, together with its own name.
    """

    values: np.ndarray
    model_sha256: bytes
    layout: WeightLayout
    activation: str
    medians: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    local: LocalTraining
    seed: int


class Home(Protocol):
    """A home that takes part: in this process, in another one, or behind a network."""

    def statistics(self, n_classes: int) -> FeatureStatistics:
        """Return what it says of its features, once, before the first round.

        Parameters
        ----------
        n_classes : int
            Number of classes of the federation.

        Returns
        -------
        statistics : FeatureStatistics
            Of its rows.
        """
        ...

    def update(self, task: RoundTask) -> Update:
        """Train from the global weights and return the new ones.

        Parameters
        ----------
        task : RoundTask
            What the server sent.

        Returns
        -------
        update : Update
            The new weights, and the number of rows; nothing else leaves the home.
        """
        ...

    def loss(self, task: RoundTask) -> float:
        """Return the mean log loss of the global weights on its rows, if it never trains.

        Parameters
        ----------
        task : RoundTask
            What the server sent.

        Returns
        -------
        loss : float
            The only number that such a home sends in a round.
        """
        ...


@dataclass(frozen=True, eq=False)
class LocalHome:
    """A home whose rows are in this process.

    Attributes
    ----------
    name : str
    X : ndarray of shape (n_samples, n_features), float32
    codes : ndarray of shape (n_samples,), int
        Class of each row, counted from 0 in the classes of the federation.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import LocalHome
    >>> X, codes = np.array([[1.0], [3.0]], np.float32), np.array([0, 1])
    >>> statistics = LocalHome("flat", X, codes).statistics(n_classes=2)
    >>> statistics.mean.tolist(), statistics.class_counts.tolist()
    ([2.0], [1, 1])
    """

    name: str
    X: np.ndarray
    codes: np.ndarray

    def rng(self, seed: int, purpose: str = "rows") -> np.random.Generator:
        """Return the home's own random numbers of a round.

        Parameters
        ----------
        seed : int
            Of the round.
        purpose : str, default="rows"
            What they are for: two purposes have nothing to do with each other.

        Returns
        -------
        rng : Generator
            The same for each call.
        """
        own = f"{purpose} {self.name}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(hashlib.blake2b(own, digest_size=8).digest(), "little")
        return np.random.default_rng([seed, number])

    @substitute(sections=sections_of(Home.statistics))
    def statistics(self, n_classes: int) -> FeatureStatistics:
        """Return what the home says of its features, once, before the first round.

        {sections}
        """
        return FeatureStatistics.of(self.X, self.codes, n_classes)

    @substitute(sections=sections_of(Home.update))
    def update(self, task: RoundTask) -> Update:
        """Train from the global weights.

        {sections}
        """
        values = task.local(
            task.values,
            task.layout,
            task.activation,
            task.inputs_of(self.X),
            self.codes,
            self.rng(task.seed),
        )
        return Update(values, len(self.codes), task.model_sha256)

    @substitute(sections=sections_of(Home.loss))
    def loss(self, task: RoundTask) -> float:
        """Return the mean log loss of the global weights on the home's rows.

        {sections}
        """
        layers = layers_of(task.values, task.layout)
        logits = logits_of(layers, task.activation, task.inputs_of(self.X))[-1]
        losses = log_softmax(logits.astype(np.float64), axis=1)
        return -float(losses[np.arange(len(self.codes)), self.codes].mean())


def homes_of(X: Any, y: Any, homes: Any) -> tuple[dict[str, LocalHome], np.ndarray]:
    """Divide a table of features into homes.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
        Features; NaN is a missing value.
    y : array-like of shape (n_samples,)
        Labels.
    homes : array-like of shape (n_samples,)
        Home of each row.

    Returns
    -------
    homes : dict of str to LocalHome
        In the order of their names.
    classes : ndarray of shape (n_classes,)
        The labels, sorted. A home may lack some.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import homes_of
    >>> homes, classes = homes_of(np.eye(4), list("abab"), ["x", "x", "y", "x"])
    >>> {name: len(home.codes) for name, home in homes.items()}, classes.tolist()
    ({'x': 3, 'y': 1}, ['a', 'b'])
    """
    table = np.asarray(X, dtype=np.float32)
    classes, codes = np.unique(np.asarray(y), return_inverse=True)
    names = np.array([str(name) for name in np.asarray(homes, dtype=object)], dtype=object)
    if not len(table) == len(codes) == len(names):
        raise ValueError(
            "The 'homes' parameter must name the home of each row, and 'y' its label. Got "
            f"{plural(len(table), 'row')}, {plural(len(codes), 'label')} and "
            f"{plural(len(names), 'home')}."
        )
    found = {
        name: LocalHome(name, table[names == name], codes[names == name])
        for name in sorted(set(names.tolist()))
    }
    return found, classes
