"""Means of the changes that homes send: exact sums, and means that leave outliers out."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Self

import numpy as np

from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.checking import CheckedUpdate
from novin_ml.plain import plural, shown

#: Most updates that a trimmed mean or Krum holds at a time.
SHARD = 200
#: Bits of a sum, less the sign and one to spare.
_BITS = 62
#: A sum that cannot tell such a share of the largest change from nothing is refused.
_COARSEST = 1e-5

#: Added to a number below 2**51 it leaves the nearest integer, ties to even as `rint`, in the last
#: bits: one pass instead of two.
_TO_INTEGERS = 1.5 * 2.0**52
_BITS_OF_IT = int(np.float64(_TO_INTEGERS).view(np.int64))
_SMALL_BITS = 50


class Aggregator(ABC):
    """What makes one change of many; homes with more rows weigh more."""

    @abstractmethod
    def add(self, update: CheckedUpdate) -> None:
        """Count an update.

        Parameters
        ----------
        update : CheckedUpdate
            Its norm is at most the largest that the aggregator was made for.
        """

    @abstractmethod
    def merge(self, other: Self) -> None:
        """Add what another aggregator of the same settings has counted.

        Parameters
        ----------
        other : Aggregator
            Of another shard.
        """

    @abstractmethod
    def change(self) -> np.ndarray:
        """Return the mean change.

        Returns
        -------
        change : ndarray of shape (n_values,), float32
            Zeros if nothing was counted.
        """


class MeanOfUpdates(Aggregator):
    """The mean weighted by rows, summed in 64-bit fixed point.

    Integers add up to the same sum in any order and in any shards, so that the mean has the same
    bits, which sums of floating-point numbers do not.

    Parameters
    ----------
    n_values : int
        Number of weights.
    max_norm : float
        Largest norm of a change.
    max_examples : int
        Most rows of an update.
    max_updates : int, default=1000000
        Most updates that will be added. The three limits decide the scale.

    Attributes
    ----------
    scale_bits : int
        A change x of n rows adds the integer nearest to ``x * n * 2**scale_bits``.
    n_updates, n_examples : int
        What was added.

    Raises
    ------
    InvalidParametersError
        If a sum within these limits would not resolve a hundred-thousandth of the largest change.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import CheckedUpdate, MeanOfUpdates
    >>> mean = MeanOfUpdates(2, max_norm=1.0, max_examples=100)
    >>> for change, n in ([0.5, 0.0], 30), ([0.1, 0.2], 10):
    ...     mean.add(CheckedUpdate(np.array(change, dtype=np.float32), n, 0.5, False, False))
    >>> mean.change()
    array([0.4 , 0.05], dtype=float32)
    """

    def __init__(
        self, n_values: int, *, max_norm: float, max_examples: int, max_updates: int = 1_000_000
    ) -> None:
        room = math.log2(max_norm) + math.log2(max_examples) + math.log2(max_updates)
        self.scale_bits = min(_BITS - math.ceil(room), 60)
        if 2.0**-self.scale_bits > _COARSEST * max_norm:
            raise InvalidParametersError(
                "The sum of updates must fit into 64 bits at a resolution of "
                f"{_COARSEST:g} of max_norm. Got max_examples={shown(max_examples)} and "
                f"max_updates={shown(max_updates)}. Lower one of them."
            )
        self.max_updates = max_updates
        self.max_norm = max_norm
        self.max_examples = max_examples
        self.n_updates = 0
        self.n_examples = 0
        self._sum = np.zeros(n_values, dtype=np.int64)
        self._scaled = np.empty(n_values, dtype=np.float64)
        # How often the bits of `_TO_INTEGERS` are in the sum, to be taken out of it.
        self._n_extra = 0
        largest = math.log2(max_norm) + math.log2(max_examples) + self.scale_bits
        self._is_small = largest <= _SMALL_BITS

    def add(self, update: CheckedUpdate) -> None:
        """Count an update.

        Parameters
        ----------
        update : CheckedUpdate
            Its change may be spoilt: a caller that needs it keeps a copy.

        Raises
        ------
        InvalidParametersError
            If it is one more than `max_updates`, or has more rows than `max_examples`.
        """
        self._require_room(1)
        if update.n_examples > self.max_examples:
            raise InvalidParametersError(
                f"An update must count for {plural(self.max_examples, 'row')} at most "
                f"(max_examples). Got {update.n_examples:,}."
            )
        np.copyto(self._scaled, update.change)
        self._scaled *= math.ldexp(update.n_examples, self.scale_bits)
        if self._is_small:
            self._scaled += _TO_INTEGERS
            self._sum += self._scaled.view(np.int64)
            self._n_extra += 1
        else:
            np.rint(self._scaled, out=self._scaled)
            self._sum += self._scaled.astype(np.int64)
        self.n_updates += 1
        self.n_examples += update.n_examples

    def merge(self, other: Self) -> None:
        """Add what another sum has counted; the result does not depend on which came first.

        Parameters
        ----------
        other : MeanOfUpdates
            With the same limits.

        Raises
        ------
        InvalidParametersError
            If its scale is another one, or both have more than `max_updates` together.
        """
        if other.scale_bits != self.scale_bits or other._sum.shape != self._sum.shape:
            raise InvalidParametersError(
                f"Sums must have one scale and length to be merged: 2**-{self.scale_bits} and "
                f"{len(self._sum):,}. Got 2**-{other.scale_bits} and {len(other._sum):,}. "
                "Make them with the same limits."
            )
        self._require_room(other.n_updates)
        self._sum += other._integers
        self.n_updates += other.n_updates
        self.n_examples += other.n_examples

    def change(self) -> np.ndarray:
        """Return the mean change.

        Returns
        -------
        change : ndarray of shape (n_values,), float32
            Zeros if nothing was counted.
        """
        if self.n_examples == 0:
            return np.zeros(len(self._sum), dtype=np.float32)
        # An integer by an integer, and then by a power of two: both rounded once.
        mean = self._integers / self.n_examples
        return np.ldexp(mean, -self.scale_bits).astype(np.float32)

    @property
    def total(self) -> np.ndarray:
        """Sum of the changes, each times its rows, float64 (n_values,)."""
        return np.ldexp(self._integers.astype(np.float64), -self.scale_bits)

    @property
    def _integers(self) -> np.ndarray:
        """The sum, int64: integers wrap around, so that what was too much comes out exactly."""
        if self._n_extra:
            extra = self._n_extra * _BITS_OF_IT
            self._sum -= np.int64((extra + 2**63) % 2**64 - 2**63)
            self._n_extra = 0
        return self._sum

    def _require_room(self, n_more: int) -> None:
        if self.n_updates + n_more > self.max_updates:
            raise InvalidParametersError(
                f"A sum must have {plural(self.max_updates, 'update')} at most (max_updates), so "
                f"that it fits into 64 bits. Got {self.n_updates + n_more:,}. Raise max_updates."
            )


class _ShardedAggregator(Aggregator):
    """Base of what holds up to 200 updates, makes one of them, and averages those."""

    def __init__(
        self, n_values: int, *, max_norm: float, max_examples: int, max_updates: int = 1_000_000
    ) -> None:
        self._of_shards = MeanOfUpdates(
            n_values, max_norm=max_norm, max_examples=SHARD * max_examples, max_updates=max_updates
        )
        self._held: list[CheckedUpdate] = []

    def add(self, update: CheckedUpdate) -> None:
        """Count an update.

        Parameters
        ----------
        update : CheckedUpdate
            It is kept until 200 are there.
        """
        self._held.append(update)
        if len(self._held) == SHARD:
            self._reduce()

    def merge(self, other: Self) -> None:
        """Add what another aggregator of the same settings has counted.

        Parameters
        ----------
        other : Aggregator
            Its last shard, however small, is reduced on its own.
        """
        other._reduce()
        self._of_shards.merge(other._of_shards)

    def change(self) -> np.ndarray:
        """Return the mean of the changes of the shards.

        Returns
        -------
        change : ndarray of shape (n_values,), float32
            Zeros if nothing was counted.
        """
        self._reduce()
        return self._of_shards.change()

    def _reduce(self) -> None:
        if not self._held:
            return
        changes = np.stack([update.change for update in self._held])
        counts = np.array([update.n_examples for update in self._held], dtype=np.float64)
        change = self._change_of(changes, counts).astype(np.float32)
        self._held.clear()
        self._of_shards.add(CheckedUpdate(change, int(counts.sum()), 0.0, False, False))

    @abstractmethod
    def _change_of(self, changes: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Return one change of those of a shard, (n_updates, n_values)."""


class TrimmedMean(_ShardedAggregator):
    """The mean of each weight without its largest and smallest changes, in shards of 200 updates.

    The updates of a shard weigh the same: a home that says that it has many rows could else decide.

    Parameters
    ----------
    n_values, max_norm, max_examples, max_updates
        As of `MeanOfUpdates`.
    trim : float, default=0.1
        Share that is left out on either side; below 0.5.

    References
    ----------
    Yin, Chen, Kannan and Bartlett, "Byzantine-robust distributed learning: towards optimal
    statistical rates", ICML 2018.
    """

    def __init__(self, n_values: int, *, trim: float = 0.1, **limits: float) -> None:
        super().__init__(n_values, **limits)  # type: ignore[arg-type]
        self.trim = trim

    def _change_of(self, changes: np.ndarray, counts: np.ndarray) -> np.ndarray:
        n_left_out = min(math.ceil(self.trim * len(changes)), (len(changes) - 1) // 2)
        changes.sort(axis=0)
        kept: np.ndarray = changes[n_left_out : len(changes) - n_left_out]
        return kept.mean(axis=0, dtype=np.float64)


class Krum(_ShardedAggregator):
    """The mean of the updates that have near neighbours (multi-Krum), in shards of 200 updates.

    Parameters
    ----------
    n_values, max_norm, max_examples, max_updates
        As of `MeanOfUpdates`.
    trim : float, default=0.1
        Share of a shard that may be hostile: as many updates are left out. Below 0.5.

    References
    ----------
    Blanchard, El Mhamdi, Guerraoui and Stainer, "Machine learning with adversaries: Byzantine
    tolerant gradient descent", NeurIPS 2017.
    """

    def __init__(self, n_values: int, *, trim: float = 0.1, **limits: float) -> None:
        super().__init__(n_values, **limits)  # type: ignore[arg-type]
        self.trim = trim

    def _change_of(self, changes: np.ndarray, counts: np.ndarray) -> np.ndarray:
        n = len(changes)
        n_hostile = min(math.ceil(self.trim * n), max(0, (n - 3) // 2))
        products = (changes @ changes.T).astype(np.float64)
        squares = np.diag(products)
        distances = np.maximum(squares[:, None] + squares - 2 * products, 0)
        # The nearest of each are counted without itself, which is at distance 0.
        n_near = max(1, n - n_hostile - 2)
        scores = np.sort(distances, axis=1)[:, : n_near + 1].sum(axis=1)
        kept = np.argsort(scores, kind="stable")[: n - n_hostile]
        return np.average(changes[kept], axis=0, weights=counts[kept])


AGGREGATORS = {"mean": MeanOfUpdates, "trimmed_mean": TrimmedMean, "krum": Krum}
