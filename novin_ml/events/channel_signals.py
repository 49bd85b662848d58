"""Signals of several channels as one table, such as those of a watch: all samples, and labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from novin_ml.events.consent import has_consent
from novin_ml.events.ragged import RaggedRows, offsets_of, positions_of, refuse_nothing
from novin_ml.events.samples import (
    DEFAULT_SAMPLE_RATE,
    Samples,
    check_offsets,
    check_rates,
    rates_of,
)
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import plural, shown, without_numpy

__all__ = ["MAX_CHANNELS", "MAX_SAMPLE", "ChannelSignals"]

#: Most channels of a signal.
MAX_CHANNELS = 32
#: Largest magnitude of a sample, so that no sum of squares overflows.
MAX_SAMPLE = 1e30

#: Columns that a table may have beside ``sample_rate``.
_COLUMNS = ("home_id", "consent", "label", "clean_label")
_AXES = "xyz"


@dataclass(frozen=True, eq=False)
class ChannelSignals(RaggedRows):
    """A table of signals of several channels: any lengths, any rates, any units.

    The channels of a signal have the same length and rate. The table is indexed like a list: a
    number returns one signal; a slice, a mask or an array of numbers returns a table; a text
    returns a column of `table`. The splitters and the cross-validation of scikit-learn take it like
    a DataFrame.

    Parameters
    ----------
    values : ndarray of shape (n_channels, n_samples), float32
        The samples of each channel, one signal after the other, in the channel's own unit; NaN
        where a sample is missing.
    offsets : ndarray of shape (n_signals + 1,), int64
        Signal i is ``values[:, offsets[i]:offsets[i + 1]]``. A missing signal has no samples.
    table : DataFrame of shape (n_signals, n_columns)
        One row per signal: ``sample_rate`` in hertz, 10 if it is not known; and, if known,
        ``home_id``, the home or the person; ``consent``; ``label`` and ``clean_label``. The index
        and other columns are not kept.
    channels : sequence of str
        The names of the channels: at most 32 ASCII identifiers that differ from each other.

    Raises
    ------
    InvalidEventError
        If the arrays do not fit together, a name cannot be one, a sample is infinite or beyond
        1e30, or a rate is not positive and finite.

    See Also
    --------
    novin_ml.features.MotionFeatures : With `channels`, the columns of such signals.
    read_channel_signals : Read a table of signals.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.events import ChannelSignals
    >>> X = np.zeros((2, 3, 50))  # signals, channels, samples
    >>> signals = ChannelSignals.from_arrays(
    ...     X, ["acc_x", "acc_y", "acc_z"], sample_rate=50.0, home_id=["ann", "bob"]
    ... )
    >>> len(signals), signals.lengths.tolist(), signals["home_id"].tolist()
    (2, [50, 50], ['ann', 'bob'])
    >>> signals[0].shape
    (3, 50)
    """

    values: NDArray[np.float32]
    offsets: NDArray[np.int64]
    table: pd.DataFrame
    channels: tuple[str, ...]

    def __post_init__(self) -> None:
        """Convert the arrays to their dtypes, and check that they are a table of signals."""
        channels = checked_names(self.channels)
        object.__setattr__(self, "channels", channels)
        values = np.ascontiguousarray(self.values, dtype=np.float32)
        offsets = np.asarray(self.offsets, dtype=np.int64)
        if values.ndim != 2 or len(values) != len(channels) or offsets.ndim != 1:
            raise InvalidEventError(
                f"The values of signals must be of {plural(len(channels), 'channel')}, "
                f"{list(channels)}. "
                f"Got an array of shape {values.shape}. Use ChannelSignals.from_arrays."
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "offsets", offsets)
        object.__setattr__(self, "table", _checked_table(self.table))
        check_offsets(offsets, values.shape[1], self.sample_rate)
        check_rates(self.sample_rate)
        _check_values(values, channels)

    @classmethod
    def from_arrays(
        cls,
        signals: Sequence[Any] | np.ndarray,
        channels: Sequence[str] | None = None,
        sample_rate: ArrayLike = DEFAULT_SAMPLE_RATE,
        **columns: Any,
    ) -> ChannelSignals:
        """Make a table from arrays.

        Parameters
        ----------
        signals : ndarray of shape (n_signals, n_channels, n_samples), or sequence of 2-d array-like
            The signals; in a sequence each has shape (n_channels, n_samples) of its own length, and
            None is a missing signal. In a 3-d array, a signal ends with the last sample that any of
            its channels has: shorter signals are filled up with NaN.
        channels : sequence of str, default=None
            The names. None takes each three channels as the axes of a sensor, ``sensor_1_x``,
            ``sensor_1_y`` and so on, if their number is a multiple of three; else they are
            ``channel_1`` and so on.
        sample_rate : float or array-like of shape (n_signals,), default=10.0
            Samples per second. NaN stands for 10.
        **columns
            ``home_id``, ``consent``, ``label`` and ``clean_label``: one value per signal.

        Returns
        -------
        signals : ChannelSignals
            The table.

        Raises
        ------
        InvalidEventError
            If a signal is not a 2-d array of numbers, or has another number of channels.
        """
        arrays = _signals(signals, None if channels is None else len(channels))
        names = default_names(len(arrays[0])) if channels is None and arrays else channels
        names = checked_names(() if names is None else names)
        lengths = np.array([array.shape[1] for array in arrays], dtype=np.int64)
        empty = np.empty((len(names), 0), dtype=np.float32)
        values = np.concatenate([*arrays, empty], axis=1, dtype=np.float32, casting="same_kind")
        table: dict[str, Any] = {"sample_rate": rates_of(sample_rate, len(arrays)), **columns}
        wrong = [name for name, column in table.items() if len(column) != len(arrays)]
        if wrong:
            raise InvalidEventError(
                f"The {wrong[0]} of signals must have a value for each of "
                f"{plural(len(arrays), 'signal')}. "
                f"Got {len(table[wrong[0]])}. Give one for each."
            )
        series = {name: pd.Series(list(column)) for name, column in table.items()}
        return cls(values, offsets_of(lengths), pd.DataFrame(series), names)

    @classmethod
    def concatenate(cls, tables: Sequence[ChannelSignals]) -> ChannelSignals:
        """Put tables one after the other.

        Parameters
        ----------
        tables : sequence of ChannelSignals
            At least one, all with the channels of the first, in any order.

        Returns
        -------
        signals : ChannelSignals
            All signals, in the order of the tables, with the channels of the first.
        """
        refuse_nothing(tables, cls.__name__)
        channels = tables[0].channels
        return cls(
            np.concatenate([table.of(channels).values for table in tables], axis=1),
            offsets_of(np.concatenate([table.lengths for table in tables])),
            pd.concat([table.table for table in tables], ignore_index=True),
            channels,
        )

    @property
    def columns(self) -> pd.Index:
        """Names of the columns of `table`."""
        return self.table.columns

    @property
    def sample_rate(self) -> NDArray[np.float32]:
        """Samples per second of each signal."""
        return self.table["sample_rate"].to_numpy()

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of samples of each signal, of each channel."""
        return np.diff(self.offsets)

    def of(self, channels: Sequence[str]) -> ChannelSignals:
        """Return the same signals with some of the channels, in that order.

        Parameters
        ----------
        channels : sequence of str
            Names of channels.

        Returns
        -------
        signals : ChannelSignals
            Without the other channels.

        Raises
        ------
        InvalidEventError
            If there is no channel of a name.
        """
        missing = [name for name in channels if name not in self.channels]
        if missing:
            raise InvalidEventError(
                f"The signals must have the channels {', '.join(channels)}. "
                f"Missing: {', '.join(missing)}; they have {', '.join(self.channels)}. "
                "Name the channels of the signals as the model does."
            )
        if tuple(channels) == self.channels:
            return self
        places = [self.channels.index(name) for name in channels]
        return ChannelSignals(self.values[places], self.offsets, self.table, tuple(channels))

    def channel(self, name: str) -> Samples:
        """Return one channel of all signals.

        Parameters
        ----------
        name : str
            Name of the channel.

        Returns
        -------
        samples : Samples
            Its samples, with the offsets and rates of the signals.
        """
        return Samples(self.of([name]).values[0], self.offsets, self.sample_rate)

    def assign(self, **columns: Any) -> ChannelSignals:
        """Return a copy whose `table` has new or replaced columns, as `DataFrame.assign` does.

        Parameters
        ----------
        **columns
            Values by name, one per signal: ``sample_rate``, ``home_id``, ``consent``, ``label`` or
            ``clean_label``.

        Returns
        -------
        signals : ChannelSignals
            The same samples.
        """
        table = self.table.assign(**columns)
        return ChannelSignals(self.values, self.offsets, table, self.channels)

    def take_rows(self, rows: NDArray[np.int64]) -> ChannelSignals:
        """Return some of the signals.

        Parameters
        ----------
        rows : ndarray of shape (n_taken,), int64
            Positions, from 0 on.

        Returns
        -------
        signals : ChannelSignals
            In that order.
        """
        positions, offsets = positions_of(self.offsets, rows)
        table = self.table.take(rows)
        return ChannelSignals(self.values[:, positions], offsets, table, self.channels)

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self.table[key]
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            row = range(len(self))[key]
            return self.values[:, self.offsets[row] : self.offsets[row + 1]]
        return super().__getitem__(key)


def default_names(n_channels: int) -> tuple[str, ...]:
    """Return names for channels that have none: axes of sensors if they come in threes."""
    if n_channels and n_channels % len(_AXES) == 0:
        sensors = range(1, n_channels // len(_AXES) + 1)
        return tuple(f"sensor_{number}_{axis}" for number in sensors for axis in _AXES)
    return tuple(f"channel_{number}" for number in range(1, n_channels + 1))


def checked_names(channels: Any) -> tuple[str, ...]:
    """Return the names of channels as a tuple, or raise InvalidEventError."""
    names = () if isinstance(channels, str) else tuple(str(name) for name in channels)
    wrong = [name for name in names if not (name.isascii() and name.isidentifier())]
    if not 1 <= len(names) <= MAX_CHANNELS or wrong:
        got = (
            shown(wrong[0])
            if wrong
            else f"{shown(channels)[:80]}, which is {plural(len(names), 'name')}"
        )
        raise InvalidEventError(
            f"The channels must be 1 to {MAX_CHANNELS} names, ASCII identifiers such as 'acc_x'. "
            f"Got {got}. Rename or leave out channels."
        )
    (commonest, count), *_ = Counter(names).most_common()
    if count > 1:
        raise InvalidEventError(
            "The channels must have names that differ from each other. Got "
            f"{plural(count, 'channel')} "
            f"{commonest!r}. Rename or leave out one."
        )
    return names


def _signals(signals: Any, n_channels: int | None) -> list[np.ndarray]:
    """Return each signal as an array of shape (n_channels, its length)."""
    is_padded = isinstance(signals, np.ndarray) and signals.ndim == 3
    arrays = []
    for signal in signals:
        if signal is None:
            arrays.append(np.empty((n_channels or 0, 0), dtype=np.float32))
            continue
        try:
            array = np.asarray(signal)
        except ValueError as error:
            raise _no_signal(without_numpy(str(error))) from None
        if array.ndim != 2 or array.dtype.kind not in "fiub":
            raise _no_signal(f"{plural(array.ndim, 'dimension')} of {array.dtype}")
        n_channels = len(array) if n_channels is None else n_channels
        if len(array) != n_channels:
            raise InvalidEventError(
                f"Each signal must have {plural(n_channels, 'channel')}. Got one of {len(array)}. "
                "Its shape is (n_channels, n_samples); transpose it, or name other channels."
            )
        if is_padded and array.dtype.kind == "f":
            known = np.flatnonzero(~np.isnan(array).all(axis=0))
            array = array[:, : known[-1] + 1 if len(known) else 0]
        arrays.append(array)
    return [array.reshape(n_channels or 0, -1) for array in arrays]


def _no_signal(got: str) -> InvalidEventError:
    return InvalidEventError(
        "A signal of several channels must be a 2-d array of numbers, shape (n_channels, "
        f"n_samples), or None where it is missing. Got {got}. Correct it or leave it out."
    )


def _checked_table(table: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    rates = table["sample_rate"] if "sample_rate" in table else np.full(len(table), np.nan)
    columns["sample_rate"] = rates_of(np.asarray(rates), len(table))
    for name in _COLUMNS:
        if name not in table:
            continue
        if name == "consent":
            columns[name] = has_consent(table).copy()
            continue
        values = table[name].to_numpy(dtype=object, copy=True)
        values[pd.isna(values)] = None
        columns[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(columns)


def _check_values(values: NDArray[np.float32], channels: tuple[str, ...]) -> None:
    lowest = np.fmin.reduce(values, axis=1, initial=0.0)
    highest = np.fmax.reduce(values, axis=1, initial=0.0)
    extreme = np.where(-lowest > highest, lowest, highest)
    wrong = np.abs(extreme) > MAX_SAMPLE
    if wrong.any():
        place = int(np.argmax(wrong))
        raise InvalidEventError(
            f"The samples of a channel must be numbers from {-MAX_SAMPLE:g} to {MAX_SAMPLE:g}, NaN "
            f"where one is missing. Got {extreme[place]} in {channels[place]!r}. "
            "Correct it, or make it NaN."
        )
