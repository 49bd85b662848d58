"""Intensity signals of any lengths as one table: all samples, and where each signal begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from novin_ml.events.ragged import RaggedRows, offsets_of, positions_of, refuse_nothing, rises
from novin_ml.events.tables.check import checked_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import must_be_numbers, without_numpy

__all__ = ["DEFAULT_SAMPLE_RATE", "Signals"]

#: Samples per second of a signal that comes without a rate.
DEFAULT_SAMPLE_RATE = 10.0


@dataclass(frozen=True, eq=False)
class Signals(RaggedRows):
    """A table of signals of any lengths.

    It is indexed like a list: a number returns one signal; a slice, a mask or an array of numbers
    returns a table. The splitters and the cross-validation of scikit-learn take it like a
    DataFrame.

    Parameters
    ----------
    values : ndarray of shape (n_samples,), float32
        The samples of all signals, one signal after the other: intensities of at least 0, NaN
        where a sample is missing.
    offsets : ndarray of shape (n_signals + 1,), int64
        Signal i is ``values[offsets[i]:offsets[i + 1]]``. A missing signal has no samples.
    sample_rate : ndarray of shape (n_signals,), float32
        Samples per second of each signal.

    Raises
    ------
    InvalidEventError
        If the arrays do not fit together, an intensity is negative or infinite, or a rate is not
        positive and finite.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.events import Signals
    >>> signals = Signals.from_arrays([np.array([0.1, 0.5]), None, np.array([0.3])])
    >>> len(signals), signals.lengths.tolist()
    (3, [2, 0, 1])
    >>> signals[[2, 0]].values
    array([0.3, 0.1, 0.5], dtype=float32)
    """

    values: NDArray[np.float32]
    offsets: NDArray[np.int64]
    sample_rate: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Convert the arrays to their dtypes, and check that they are a table of signals."""
        for name, dtype in (
            ("values", np.float32),
            ("offsets", np.int64),
            ("sample_rate", np.float32),
        ):
            array = np.asarray(getattr(self, name), dtype=dtype)
            if array.ndim != 1:
                raise InvalidEventError(
                    f"The {name} of signals must be a 1-d array. "
                    f"Got {array.ndim} dimensions. Use Signals.from_arrays."
                )
            object.__setattr__(self, name, array)
        _check_table(self)

    @classmethod
    def from_arrays(
        cls, signals: Sequence[Any] | np.ndarray, sample_rate: ArrayLike = DEFAULT_SAMPLE_RATE
    ) -> Signals:
        """Make a table from arrays.

        Parameters
        ----------
        signals : sequence of (1-d array-like or None), or array of shape (n_signals, n_samples)
            The signals. None or a single NaN is a missing signal.
        sample_rate : float or array-like of shape (n_signals,), default=10.0
            Samples per second. NaN stands for 10.

        Returns
        -------
        signals : Signals
            The table.

        Raises
        ------
        InvalidEventError
            If a signal is not a 1-d array of numbers.
        """
        if isinstance(signals, np.ndarray) and signals.ndim == 2:
            lengths = np.full(signals.shape[0], signals.shape[1], np.int64)
            values = np.ascontiguousarray(signals, dtype=np.float32).ravel()
        else:
            arrays = [_one_signal(signal) for signal in signals]
            lengths = np.fromiter(map(len, arrays), np.int64, len(arrays))
            values = np.concatenate([*arrays, _NOTHING], dtype=np.float32, casting="same_kind")
        with must_be_numbers("sample_rate"):
            rates = np.asarray(sample_rate, dtype=np.float32)
        if rates.ndim == 0:
            rates = np.full(len(lengths), rates)
        rates = np.where(np.isnan(rates), np.float32(DEFAULT_SAMPLE_RATE), rates)
        return cls(values, offsets_of(lengths), rates)

    @classmethod
    def from_events(cls, events: pd.DataFrame) -> Signals:
        """Make a table from the signals of events.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table with a column ``raw`` and, optionally, ``sample_rate``.

        Returns
        -------
        signals : Signals
            One signal per event; it has no samples if the event has no signal.
        """
        events = checked_events(events, ("raw",), cls.__name__)
        rates = events.get("sample_rate", DEFAULT_SAMPLE_RATE)
        return cls.from_arrays(events["raw"].to_numpy(), rates)

    @classmethod
    def concatenate(cls, tables: Sequence[Signals]) -> Signals:
        """Put tables one after the other.

        Parameters
        ----------
        tables : sequence of Signals
            At least one.

        Returns
        -------
        signals : Signals
            All signals, in the order of the tables.
        """
        refuse_nothing(tables, cls.__name__)
        return cls(
            np.concatenate([table.values for table in tables]),
            offsets_of(np.concatenate([table.lengths for table in tables])),
            np.concatenate([table.sample_rate for table in tables]),
        )

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of samples of each signal."""
        return np.diff(self.offsets)

    def take_rows(self, rows: NDArray[np.int64]) -> Signals:
        """Return some of the signals.

        Parameters
        ----------
        rows : ndarray of shape (n_taken,), int64
            Positions, from 0 on.

        Returns
        -------
        signals : Signals
            In that order.
        """
        positions, offsets = positions_of(self.offsets, rows)
        return Signals(self.values[positions], offsets, self.sample_rate[rows])

    def __len__(self) -> int:
        return len(self.sample_rate)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            row = range(len(self))[key]
            return self.values[self.offsets[row] : self.offsets[row + 1]]
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return (self[row] for row in range(len(self)))


_NOTHING = np.empty(0, dtype=np.float32)


def _one_signal(signal: Any) -> np.ndarray:
    """Return one signal as an array, empty where it is missing."""
    if not isinstance(signal, np.ndarray):
        if signal is None or signal is pd.NA or (np.ndim(signal) == 0 and signal != signal):
            return _NOTHING
        try:
            signal = np.asarray(signal, np.float32 if isinstance(signal, list | tuple) else None)
        except (TypeError, ValueError) as error:
            raise InvalidEventError(
                "A signal must be a 1-d array of numbers, or None where it is missing. "
                f"Got what is no array of numbers: {without_numpy(str(error))}. "
                "Correct it or leave it out."
            ) from None
    if signal.ndim != 1 or signal.dtype.kind not in "fiub":
        raise InvalidEventError(
            "A signal must be a 1-d array of numbers, or None where it is missing. "
            f"Got {signal.ndim} dimensions of {signal.dtype}. Correct it or leave it out."
        )
    return signal


def _check_table(signals: Signals) -> None:
    values, offsets, rates = signals.values, signals.offsets, signals.sample_rate
    if not rises(offsets, len(values), len(rates)):
        raise InvalidEventError(
            "The offsets of signals must rise from 0 to the number of values, one more than there "
            f"are sample rates. Got {len(offsets)} offsets, {len(values)} values and {len(rates)} "
            "rates that do not fit together. Use Signals.from_arrays."
        )
    lowest = np.fmin.reduce(values, initial=0.0)
    highest = np.fmax.reduce(values, initial=0.0)
    if lowest < 0 or highest == np.inf:
        raise InvalidEventError(
            "The samples of a signal must be intensities from 0, NaN where one is missing. "
            f"Got {lowest if lowest < 0 else highest}. Scale the signals first."
        )
    wrong = ~((rates > 0) & (rates < np.inf))
    if wrong.any():
        raise InvalidEventError(
            "The sample rate of a signal must be a positive finite number of hertz. "
            f"Got {rates[wrong][0]}. Correct it, or leave it out for {DEFAULT_SAMPLE_RATE:g} Hz."
        )
