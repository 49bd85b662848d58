"""Arrays as npz files, without pickle."""

from __future__ import annotations

import io
import lzma
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

from novin_ml.plain import plural

#: The earliest date of a zip file: without a date of today the same content makes the same bytes.
EARLIEST_DATE = (1980, 1, 1, 0, 0, 0)

#: What a damaged zip file makes zipfile raise.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)

#: What stands before the numbers of an npy file of version 1.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': "
    rb"'(?P<dtype>\|O|[<>|][biufcSUVmM][0-9]{1,9}(\[[0-9]{0,9}\w{1,2}\])?)', "
    rb"'fortran_order': (?P<fortran>False|True), "
    rb"'shape': \((?P<shape>|[0-9]{1,18},|[0-9]{1,18}(, [0-9]{1,18}){1,30})\), \} *\n",
    re.DOTALL,
)


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


def read_arrays(content: bytes, most_bytes: int | None = None) -> dict[str, np.ndarray]:
    """Return the arrays of an npz file by name.

    Parameters
    ----------
    content : bytes
        The file, uncompressed if `most_bytes` is None.
    most_bytes : int, default=None
        Most bytes of the arrays of a compressed file.

    Raises
    ------
    ValueError
        If the file is damaged, holds objects, or claims to be larger than it is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            compressed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
            if compressed and most_bytes is None:
                raise ValueError("compressed arrays")
            # Entries may say that they lie in each other.
            largest = most_bytes if compressed and most_bytes is not None else len(content)
            if sum(entry.file_size for entry in entries) > largest:
                raise ValueError(f"arrays larger than {'allowed' if compressed else 'their file'}")
            if len({entry.filename for entry in entries}) < len(entries):
                raise ValueError("two arrays of one name")
            return {
                entry.filename.removesuffix(".npy"): read_array(archive.read(entry))
                for entry in entries
            }
    except ZIP_ERRORS as error:
        raise ValueError(str(error)) from None


def read_array(content: bytes) -> np.ndarray:
    """Return the array of an npy file as numpy writes it; raises ValueError as `read_arrays` does.

    Its header is a literal of Python, which numpy parses as such. Here it is matched, so that a
    header that is another literal, deep or long, is none.
    """
    header = _HEADER.match(content)
    if header is None or header.end() != 10 + int.from_bytes(content[8:10], "little"):
        raise ValueError("an array of another format")
    if header["dtype"].startswith(b"|O"):
        raise ValueError("an array of objects")
    try:
        dtype = np.dtype(header["dtype"].decode())
    except TypeError as error:
        raise ValueError(f"an array of another format: {error}") from None
    shape = tuple(int(length) for length in header["shape"].replace(b",", b" ").split())
    data = bytearray(content[header.end() :])
    if dtype.itemsize == 0 or math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"an array of shape {shape} in {plural(len(content), 'byte')}")
    return np.ndarray(shape, dtype, data, order="F" if header["fortran"] == b"True" else "C")
