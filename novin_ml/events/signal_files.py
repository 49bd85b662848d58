"""Read and write tables of signals: npz without pickle, and Parquet with a list column."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays
from novin_ml.events.files.parquet import said_by_arrow
from novin_ml.events.files.sources import opened
from novin_ml.events.ragged import offsets_of
from novin_ml.events.signals import DEFAULT_SAMPLE_RATE, Signals
from novin_ml.exceptions import InvalidEventError
from novin_ml.files import replace_whole
from novin_ml.optional import import_optional

__all__ = ["read_signals", "write_signals"]

_ARRAYS = ("values", "offsets", "sample_rate")


def write_signals(signals: Signals, path: str | os.PathLike[str]) -> None:
    """Write signals without loss: `read_signals` returns the same table.

    Parameters
    ----------
    signals : Signals
        The table.
    path : path
        File to write, replaced whole or not at all. The suffix
        names the format: ``.npz`` (the three arrays of `Signals`) or
        ``.parquet`` (columns ``raw``, a list, and ``sample_rate``; extra "parquet").

    Raises
    ------
    ValueError
        If the suffix is not one of the two.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from novin_ml.events import Signals, read_signals, write_signals
    >>> signals = Signals.from_arrays([[0.1, 0.5], [0.3]], sample_rate=[10.0, 5.0])
    >>> with TemporaryDirectory() as folder:
    ...     write_signals(signals, Path(folder, "signals.npz"))
    ...     read_signals(Path(folder, "signals.npz"))[0]
    array([0.1, 0.5], dtype=float32)
    """
    target = Path(path)
    write = _by_suffix(target, {".npz": _write_npz, ".parquet": _write_parquet})
    with replace_whole(target) as new:
        write(signals, new)


def read_signals(path: str | os.PathLike[str]) -> Signals:
    """Read a table of signals.

    Parameters
    ----------
    path : path
        A ``.npz`` file of `write_signals`, or a ``.parquet`` file of `write_signals` or of events,
        with a column ``raw`` of lists of numbers. Without a column ``sample_rate`` all signals are
        taken to be at 10 Hz.

    Returns
    -------
    signals : Signals
        The table.

    Raises
    ------
    InvalidEventError
        If the file does not hold a table of signals.
    ValueError
        If the suffix is not one of the two.
    """
    source = Path(path)
    read = _by_suffix(source, {".npz": _read_npz, ".parquet": _read_parquet})
    return Signals(*read(source))


def _by_suffix(path: Path, functions: dict[str, Callable[..., Any]]) -> Callable[..., Any]:
    function = functions.get(path.suffix.lower())
    if function is None:
        raise ValueError(
            f"The suffix of 'path' must be .npz or .parquet. Got {path.name!r} instead."
        )
    return function


def _write_npz(signals: Signals, path: Path) -> None:
    with path.open("wb") as stream:
        np.savez(stream, **{name: getattr(signals, name) for name in _ARRAYS})


def _read_npz(path: Path) -> tuple[np.ndarray, ...]:
    try:
        arrays = read_arrays(path.read_bytes())
        return tuple(arrays[name] for name in _ARRAYS)
    except (ValueError, KeyError) as error:
        raise _no_signals(path, "arrays values, offsets and sample_rate", error) from None


def _write_parquet(signals: Signals, path: Path) -> None:
    arrow = import_optional("pyarrow", extra="parquet", purpose="Writing Parquet")
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Writing Parquet")
    raw = arrow.LargeListArray.from_arrays(signals.offsets, arrow.array(signals.values))
    parquet.write_table(
        arrow.table({"raw": raw, "sample_rate": arrow.array(signals.sample_rate)}), path
    )


def _read_parquet(path: Path) -> tuple[np.ndarray, ...]:
    arrow = import_optional("pyarrow", extra="parquet", purpose="Reading Parquet")
    compute = import_optional("pyarrow.compute", extra="parquet", purpose="Reading Parquet")
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Reading Parquet")
    try:
        with opened(path) as source, parquet.ParquetFile(source.open()) as file:  # may be a pipe
            names = [name for name in ("raw", "sample_rate") if name in file.schema_arrow.names]
            table = file.read(columns=names)
        raw = table["raw"].cast(arrow.large_list(arrow.float32()))
    except KeyError as error:
        raise _no_signals(path, "a column raw of lists of numbers", error) from None
    except Exception as error:
        said = said_by_arrow(error)
        raise _no_signals(path, "a column raw of lists of numbers", said) from None
    lengths = compute.fill_null(compute.list_value_length(raw), 0).to_numpy()
    values = compute.list_flatten(raw).to_numpy()
    rates = np.full(len(lengths), DEFAULT_SAMPLE_RATE)
    if "sample_rate" in names:
        rates = compute.fill_null(table["sample_rate"], DEFAULT_SAMPLE_RATE).to_numpy()
    return values, offsets_of(lengths), rates


def _no_signals(path: Path, expected: str, error: Exception | str) -> InvalidEventError:
    return InvalidEventError(
        f"{path} must be a table of signals with {expected}. Got {error}. "
        "Write it with novin_ml.events.write_signals."
    )
