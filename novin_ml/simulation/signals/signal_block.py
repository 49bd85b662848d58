"""A block of signals: their samples in one array, one signal after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class SignalBlock:
    """Where each sample of a block of signals belongs.

    Attributes
    ----------
    lengths : ndarray of shape (n_signals,), int64
        Samples of each signal.
    rate : ndarray of shape (n_signals,)
        Samples per second of each signal.
    owner : ndarray of shape (n_samples,), int64
        Signal of each sample.
    seconds, share : ndarray of shape (n_samples,), float32
        Time since the signal began, in seconds, and as a share of its duration.
    """

    lengths: NDArray[np.int64]
    rate: np.ndarray
    owner: NDArray[np.int64]
    seconds: Float32Array
    share: Float32Array

    @classmethod
    def of(cls, durations: np.ndarray, rate: np.ndarray) -> SignalBlock:
        """Lay out the samples of signals of these durations."""
        lengths = np.round(durations * rate).astype(np.int64)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        sample = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        share = ((sample + 0.5) / lengths[owner]).astype(np.float32)
        return cls(lengths, rate, owner, (sample / rate[owner]).astype(np.float32), share)

    def __len__(self) -> int:
        return len(self.owner)

    def select(self, rows: np.ndarray) -> tuple[SignalBlock, np.ndarray]:
        """Return the block of some signals, and the positions of its samples in this one.

        Parameters
        ----------
        rows : ndarray of shape (n,), int
            Positions of the signals, in rising order.
        """
        chosen = np.zeros(len(self.lengths), dtype=bool)
        chosen[rows] = True
        where = np.flatnonzero(chosen[self.owner])
        lengths = self.lengths[rows]
        owner = np.repeat(np.arange(len(rows)), lengths)
        seconds, share = self.seconds[where], self.share[where]
        return SignalBlock(lengths, self.rate[rows], owner, seconds, share), where

    def each(self, values: np.ndarray) -> Float32Array:
        """Repeat a value per signal for each of its samples."""
        return values.astype(np.float32)[self.owner]

    def noise(self, rng: np.random.Generator) -> Float32Array:
        """Draw a standard normal number for each sample."""
        return rng.standard_normal(len(self), dtype=np.float32)

    def running_sum(self, values: Float32Array) -> Float32Array:
        """Return the cumulative sum along each signal."""
        total = np.cumsum(values, dtype=np.float64)
        start = np.cumsum(self.lengths) - self.lengths
        return (total - (total[start] - values[start])[self.owner]).astype(np.float32)
