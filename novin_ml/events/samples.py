"""Series of numbers of any lengths as one table: the base of intensity signals and of channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from novin_ml.events.ragged import RaggedRows, positions_of, rises
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import must_be_numbers, plural

#: Samples per second of a signal that comes without a rate.
DEFAULT_SAMPLE_RATE = 10.0


@dataclass(frozen=True, eq=False)
class Samples(RaggedRows):
    """A table of series of samples, each with a rate.

    Parameters
    ----------
    values : ndarray of shape (n_samples,), float32
        The samples of all series, one series after the other; NaN where one is missing.
    offsets : ndarray of shape (n_series + 1,), int64
        Series i is ``values[offsets[i]:offsets[i + 1]]``.
    sample_rate : ndarray of shape (n_series,), float32
        Samples per second of each series.

    Raises
    ------
    InvalidEventError
        If the arrays do not fit together, or a rate is not positive and finite.
    """

    values: NDArray[np.float32]
    offsets: NDArray[np.int64]
    sample_rate: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Convert the arrays to their dtypes, and check that they are a table."""
        for name, dtype in (
            ("values", np.float32),
            ("offsets", np.int64),
            ("sample_rate", np.float32),
        ):
            array = np.asarray(getattr(self, name), dtype=dtype)
            if array.ndim != 1:
                raise InvalidEventError(
                    f"The {name} of signals must be a 1-d array. "
                    f"Got {plural(array.ndim, 'dimension')}. Use {type(self).__name__}.from_arrays."
                )
            object.__setattr__(self, name, array)
        check_offsets(self.offsets, len(self.values), self.sample_rate)
        self._check_values()
        check_rates(self.sample_rate)

    def _check_values(self) -> None:
        """Raise InvalidEventError if a sample is none of such a series; any number is."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of samples of each signal."""
        return np.diff(self.offsets)

    def take_rows(self, rows: NDArray[np.int64]) -> Self:
        """Return some of the signals.

        Parameters
        ----------
        rows : ndarray of shape (n_taken,), int64
            Positions, from 0 on.

        Returns
        -------
        signals : object
            A table of the same class, in that order.
        """
        positions, offsets = positions_of(self.offsets, rows)
        return type(self)(self.values[positions], offsets, self.sample_rate[rows])

    def __len__(self) -> int:
        return len(self.sample_rate)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            row = range(len(self))[key]
            return self.values[self.offsets[row] : self.offsets[row + 1]]
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return (self[row] for row in range(len(self)))


def rates_of(sample_rate: ArrayLike, n_signals: int) -> NDArray[np.float32]:
    """Return a rate for each signal: one for all, or one each; NaN stands for 10 Hz."""
    with must_be_numbers("sample_rate"):
        rates = np.asarray(sample_rate, dtype=np.float32)
    if rates.ndim == 0:
        rates = np.full(n_signals, rates)
    return np.where(np.isnan(rates), np.float32(DEFAULT_SAMPLE_RATE), rates)


def check_offsets(offsets: NDArray[np.int64], n_samples: int, rates: NDArray[np.float32]) -> None:
    """Raise InvalidEventError unless offsets divide the samples into a signal for each rate."""
    if not rises(offsets, n_samples, len(rates)):
        raise InvalidEventError(
            "The offsets of signals must rise from 0 to the number of values, one more than there "
            f"are sample rates. Got {plural(len(offsets), 'offset')}, "
            f"{plural(n_samples, 'value')} and {plural(len(rates), 'rate')} "
            "that do not fit together. Use Signals.from_arrays."
        )


def check_rates(rates: NDArray[np.float32]) -> None:
    """Raise InvalidEventError unless all rates are positive and finite."""
    wrong = ~((rates > 0) & (rates < np.inf))
    if wrong.any():
        raise InvalidEventError(
            "The sample rate of a signal must be a positive finite number of hertz. "
            f"Got {rates[wrong][0]}. Correct it, or leave it out for {DEFAULT_SAMPLE_RATE:g} Hz."
        )
