"""Arrays as npz files, without pickle."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

#: The earliest date of a zip file: without a date of today the same content makes the same bytes.
EARLIEST_DATE = (1980, 1, 1, 0, 0, 0)


def write_arrays(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return arrays as an uncompressed npz file; raises ValueError on an array of objects.

    Before numpy 2.2 `numpy.savez` has no parameter that forbids pickles.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", EARLIEST_DATE), content.getvalue())
    return stream.getvalue()


def read_arrays(content: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an uncompressed npz file by name.

    Raises
    ------
    ValueError
        If the file is damaged, holds objects, or claims to be larger than it is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > len(content):
                raise ValueError("compressed arrays")
            return {
                name.removesuffix(".npy"): read_array(archive.read(name))
                for name in archive.namelist()
            }
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise ValueError(str(error)) from None


def read_array(content: bytes) -> np.ndarray:
    """Return the array of an npy file; raises ValueError as `read_arrays` does."""
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an array of another format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject:
        raise ValueError("an array of objects")
    if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError(f"an array of shape {shape} in {len(content)} bytes")
    return np.load(io.BytesIO(content), allow_pickle=False)
