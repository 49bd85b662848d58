"""Parquet files and signals without the rows of a home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.exceptions import ForgetError
from novin_ml.files import replace_whole
from novin_ml.lifecycle.forgetting._texts import NAMES
from novin_ml.optional import import_optional

_MOST_BYTES = 1 << 33


def parquet_without(path: Path, home: str) -> tuple[Any, int]:
    """Return a table of Parquet without the rows of a home, and how many these are."""
    arrow = import_optional("pyarrow", extra="parquet", purpose="Reading Parquet")
    compute = import_optional("pyarrow.compute", extra="parquet", purpose="Reading Parquet")
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Reading Parquet")
    try:
        table = parquet.read_table(path, partitioning=None)
    except (arrow.ArrowInvalid, OSError) as error:
        raise _unread(path, "a Parquet file", error) from None
    names = [name for name in table.schema.names if name.strip() in NAMES]
    is_of = np.zeros(table.num_rows, dtype=bool)
    for name in names:
        texts = compute.cast(table[name], arrow.string())
        is_of |= np.asarray(compute.fill_null(compute.equal(texts, home), False), dtype=bool)
    return table.filter(arrow.array(~is_of)), int(is_of.sum())


def write_parquet(path: Path, table: Any) -> None:
    """Replace a Parquet file, whole or not at all."""
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Writing Parquet")
    with replace_whole(path) as new:
        parquet.write_table(table, new)


def signals_without(path: Path, home: str) -> tuple[dict[str, Any], int]:
    """Return the arrays of signals without those of a home, and how many these are."""
    try:
        arrays = read_arrays(path.read_bytes(), most_bytes=_MOST_BYTES)
    except (ValueError, KeyError) as error:
        raise _unread(path, "an npz file of arrays", error) from None
    subject = arrays.get("subject")
    if subject is None or subject.ndim != 1 or "X" not in arrays:
        return arrays, 0
    is_of = np.array([str(each) == home for each in subject.tolist()], dtype=bool)
    n_rows = len(subject)
    per_row = {"X", "lengths", "sample_rate", "y", "clean_y", "subject", "consent"}
    left = {
        name: array[~is_of] if name in per_row and array.ndim and len(array) == n_rows else array
        for name, array in arrays.items()
    }
    return left, int(is_of.sum())


def write_signals(path: Path, arrays: dict[str, Any]) -> None:
    """Replace a file of signals, whole or not at all."""
    with replace_whole(path) as new:
        new.write_bytes(write_arrays(arrays))


def _unread(path: Path, expected: str, error: Exception) -> ForgetError:
    said = " ".join(str(error).split())
    return ForgetError(
        f"{path} must be {expected}, so that a home can be removed. Got: {said}. Correct or move "
        "it; nothing was changed."
    )
