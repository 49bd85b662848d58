"""Intensity signals of any lengths as one table: all samples, and where each signal begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from novin_ml.events.fields import field_named
from novin_ml.events.ragged import offsets_of, refuse_nothing
from novin_ml.events.samples import DEFAULT_SAMPLE_RATE, Samples, rates_of
from novin_ml.events.tables.check import checked_events
from novin_ml.events.tables.signals import refuse_samples
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import plural, without_numpy

__all__ = ["DEFAULT_SAMPLE_RATE", "Signals"]


@dataclass(frozen=True, eq=False)
class Signals(Samples):
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

    def _check_values(self) -> None:
        lowest = np.fmin.reduce(self.values, initial=0.0)
        highest = np.fmax.reduce(self.values, initial=0.0)
        if lowest < 0 or highest == np.inf:
            raise InvalidEventError(
                "The samples of a signal must be intensities from 0, NaN where one is missing. "
                f"Got {lowest if lowest < 0 else highest}. Scale the signals first."
            )

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
        return cls(values, offsets_of(lengths), rates_of(sample_rate, len(lengths)))

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

        Raises
        ------
        InvalidEventError
            If a column breaks the rules of its field, such as a sample above 1.
        """
        events = checked_events(events, ("raw",), cls.__name__)
        return signals_in(events["raw"], events.get("sample_rate", DEFAULT_SAMPLE_RATE))

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


_RAW = field_named("raw")


def signals_in(column: pd.Series, sample_rate: ArrayLike, rows: slice = slice(None)) -> Signals:
    """Return the signals in rows of the column `raw` of an event table, checked as such.

    All samples are looked at together. Only if one is wrong, its row is looked for.
    """
    error: InvalidEventError | None = None
    try:
        signals = Signals.from_arrays(column.to_numpy()[rows], sample_rate)
        highest = np.fmax.reduce(signals.values, initial=0.0)
        if highest <= _RAW.high and signals.lengths.max(initial=0) <= (_RAW.max_length or 0):
            return signals
    except InvalidEventError as found:
        error = found
    refuse_samples(column, _RAW)
    if error is not None:
        raise error
    return signals


_NOTHING = np.empty(0, dtype=np.float32)


def _one_signal(signal: Any) -> np.ndarray:
    """Return one signal as an array, empty where it is missing."""
    if not isinstance(signal, np.ndarray):
        if signal is None or signal is pd.NA or (np.ndim(signal) == 0 and signal != signal):
            return _NOTHING
        try:
            kinds = set(map(type, signal)) if isinstance(signal, list | tuple) else ()
            if any(issubclass(kind, str | bytes) for kind in kinds):  # numpy reads it as a number
                raise ValueError("a text among its samples")
            signal = np.asarray(signal, np.float32 if isinstance(signal, list | tuple) else None)
        except (TypeError, ValueError) as error:
            raise InvalidEventError(
                "A signal must be a 1-d array of numbers, or None where it is missing. "
                f"Got another value: {without_numpy(str(error))}. "
                "Correct it or leave it out."
            ) from None
    if signal.ndim != 1 or signal.dtype.kind not in "fiub":
        raise InvalidEventError(
            "A signal must be a 1-d array of numbers, or None where it is missing. "
            f"Got {plural(signal.ndim, 'dimension')} of {signal.dtype}. Correct it or leave it out."
        )
    return signal
