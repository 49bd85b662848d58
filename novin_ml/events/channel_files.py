"""Read and write signals of several channels as npz, without pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.events.channel_signals import ChannelSignals, default_names
from novin_ml.events.samples import DEFAULT_SAMPLE_RATE
from novin_ml.exceptions import InvalidEventError
from novin_ml.files import replace_whole

__all__ = ["read_channel_signals", "write_channel_signals"]

#: Most bytes of the arrays of a file.
_MOST_BYTES = 1 << 33
#: Names of the arrays of a file, and the columns that they are.
_COLUMNS = {"subject": "home_id", "consent": "consent", "y": "label", "clean_y": "clean_label"}


def write_channel_signals(signals: ChannelSignals, path: str | os.PathLike[str]) -> None:
    """Write signals of several channels without loss: `read_channel_signals` returns the same.

    Parameters
    ----------
    signals : ChannelSignals
        The table.
    path : path
        The ``.npz`` file to write, replaced whole or not at all.

    Raises
    ------
    ValueError
        If the suffix is another one, or labels are of several types.

    Examples
    --------
    >>> import numpy as np
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from novin_ml.events import ChannelSignals, read_channel_signals, write_channel_signals
    >>> signals = ChannelSignals.from_arrays(np.ones((4, 3, 20)), sample_rate=20.0)
    >>> with TemporaryDirectory() as folder:
    ...     write_channel_signals(signals, Path(folder, "watch.npz"))
    ...     read_channel_signals(Path(folder, "watch.npz")).channels
    ('sensor_1_x', 'sensor_1_y', 'sensor_1_z')
    """
    target = _npz(path)
    lengths, n_signals = signals.lengths, len(signals)
    X = np.full((n_signals, len(signals.channels), lengths.max(initial=0)), np.nan, np.float32)
    for row in range(n_signals):
        X[row, :, : lengths[row]] = signals[row]
    arrays: dict[str, Any] = {
        "X": X,
        "lengths": lengths,
        "channels": np.array(signals.channels),
        "sample_rate": signals.sample_rate,
    }
    for name, column in _COLUMNS.items():
        if column in signals.columns:
            arrays[name] = _plain_array(signals[column].tolist(), column)
    with replace_whole(target) as new:
        new.write_bytes(write_arrays(arrays))


def read_channel_signals(path: str | os.PathLike[str]) -> ChannelSignals:
    """Read signals of several channels.

    Parameters
    ----------
    path : path
        An ``.npz`` file of `write_channel_signals`, `numpy.savez` or `numpy.savez_compressed` with
        the arrays

        - ``X`` of shape (n_signals, n_channels, n_samples): the samples, NaN where one is missing
          and after the end of a signal;
        - ``channels`` of shape (n_channels,): the names; default as in
          `ChannelSignals.from_arrays`;
        - ``sample_rate``, one for all signals or of shape (n_signals,): in hertz, 10 by default;
        - ``lengths`` of shape (n_signals,): samples of each signal; by default up to the last that
          is known;
        - ``y``, ``subject`` and ``consent`` of shape (n_signals,): the columns ``label``,
          ``home_id`` and ``consent``, if known. An empty text is missing.

        Other arrays are ignored.

    Returns
    -------
    signals : ChannelSignals
        The table.

    Raises
    ------
    InvalidEventError
        If the file does not hold such signals.
    ValueError
        If the suffix is another one.
    """
    source = _npz(path)
    try:
        arrays = read_arrays(source.read_bytes(), most_bytes=_MOST_BYTES)
        X = arrays["X"]
    except (ValueError, KeyError) as error:
        raise _no_signals(source, str(error)) from None
    if X.ndim != 3 or X.dtype.kind not in "fiub":
        raise _no_signals(source, f"X of shape {X.shape} and dtype {X.dtype}")
    signals: Any = X
    if "lengths" in arrays:
        signals = _cut(X, arrays["lengths"], source)
    channels = arrays["channels"].tolist() if "channels" in arrays else default_names(X.shape[1])
    values: dict[str, Any] = {}
    for name, column in _COLUMNS.items():
        array = arrays.get(name)
        if array is None:
            continue
        if array.ndim > 1 or (array.ndim == 0 and name != "consent"):
            raise _no_signals(source, f"{name} of shape {array.shape}")
        # One consent is that of all signals.
        of_each = [array.item()] * len(X) if array.ndim == 0 else array.tolist()
        values[column] = [None if value == "" else value for value in of_each]
    try:
        rate = arrays.get("sample_rate", DEFAULT_SAMPLE_RATE)
        return ChannelSignals.from_arrays(signals, channels, rate, **values)
    except InvalidEventError as error:
        raise InvalidEventError(f"{source}: {error}") from None


def _cut(X: np.ndarray, lengths: np.ndarray, source: Path) -> list[np.ndarray]:
    fits = lengths.shape == X.shape[:1] and lengths.dtype.kind in "iu"
    if not fits or lengths.min(initial=0) < 0 or lengths.max(initial=0) > X.shape[2]:
        raise _no_signals(source, "lengths that are not those of its signals")
    return [signal[:, :length] for signal, length in zip(X, lengths.tolist(), strict=True)]


def _plain_array(values: list[Any], column: str) -> np.ndarray:
    """Return values of one type as an array without objects; a missing text is empty."""
    # numpy's scalars are what pandas hands out, in some of its versions.
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    types = {type(value) for value in values} - {type(None)}
    if not types <= {str} and (len(types) > 1 or None in values or not types <= {bool, int, float}):
        raise ValueError(
            f"The {column} of signals must be of one type to be written: texts, numbers or "
            f"booleans. Got {sorted({type(value).__name__ for value in values})}. Convert it."
        )
    return np.array(["" if value is None else value for value in values])


def _npz(path: str | os.PathLike[str]) -> Path:
    if Path(path).suffix.lower() != ".npz":
        raise ValueError(f"The suffix of 'path' must be .npz. Got {Path(path).name!r} instead.")
    return Path(path)


def _no_signals(path: Path, got: str) -> InvalidEventError:
    return InvalidEventError(
        f"{path} must hold signals of several channels: an array X of shape (n_signals, "
        f"n_channels, n_samples). Got {got}. Write it with novin_ml.events.write_channel_signals."
    )
