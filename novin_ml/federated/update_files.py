"""The file in which a home sends its weights, read without trust in what it says."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from novin_ml.exceptions import UpdateError
from novin_ml.files import replace_whole
from novin_ml.formats import FORMATS, newer
from novin_ml.plain import plural, shown

#: First bytes of every update file.
MAGIC = b"NOVINUPD"
#: The format that is written and read.
FORMAT = FORMATS["update"]
#: Suffix of update files.
SUFFIX = ".novinupdate"
#: Largest file that is read, in bytes.
MAX_BYTES = 64_000_000

# magic, format, reserved, hash of the model, number of examples, number of values
_HEADER = struct.Struct("<8sII32sQQ")
_DIGEST_BYTES = 32


@dataclass(frozen=True, eq=False)
class Update:
    """The weights of a home after its training, and what they are of.

    Attributes
    ----------
    values : ndarray of shape (n_values,), float32
        All weights and biases, in the order of the model's manifest.
    n_examples : int
        Number of rows that the home trained on.
    model_sha256 : bytes of length 32
        Hash of the global weights that the training began with, as the manifest states it.
    sha256 : bytes
        Hash that the update's file ends with; empty if it was not read from one.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import Update, update_from_bytes, update_to_bytes
    >>> update = Update(np.array([0.5, -1.0], np.float32), n_examples=40, model_sha256=bytes(32))
    >>> content = update_to_bytes(update)
    >>> len(content), update_from_bytes(content).values.tolist()
    (104, [0.5, -1.0])
    """

    values: np.ndarray
    n_examples: int
    model_sha256: bytes
    sha256: bytes = b""


def update_to_bytes(update: Update) -> bytes:
    """Return an update as the content of its file.

    Parameters
    ----------
    update : Update
        Its values may be any numbers; the reader checks them.

    Returns
    -------
    content : bytes
        A header of 64 bytes, the values as little-endian float32, and the SHA-256 of both.

    Notes
    -----
    The header is ``NOVINUPD``, the format as uint32, four zero bytes, the 32 bytes of
    `model_sha256`, `n_examples` and the number of values as uint64, all little-endian.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import Update, update_from_bytes, update_to_bytes
    >>> content = update_to_bytes(Update(np.ones(3, dtype=np.float32), 20, bytes(32)))
    >>> len(content), update_from_bytes(content).n_examples
    (108, 20)
    """
    values = np.ascontiguousarray(update.values, dtype="<f4")
    header = _HEADER.pack(MAGIC, FORMAT, 0, update.model_sha256, update.n_examples, len(values))
    digest = hashlib.sha256(header)
    digest.update(values.data)
    return header + values.tobytes() + digest.digest()


def update_from_bytes(content: bytes) -> Update:
    """Read the content of an update file.

    Parameters
    ----------
    content : bytes
        What `update_to_bytes` returns, or what claims to be that.

    Returns
    -------
    update : Update
        Its values share the memory of `content` and cannot be written to.

    Raises
    ------
    UpdateError
        If the content is truncated, altered, longer than it says, of another format, or no update.
    """
    if content[:8] != MAGIC:
        raise UpdateError("magic", f"begin with {MAGIC.decode()}", f"{shown(bytes(content[:8]))}")
    if len(content) < _HEADER.size:
        raise UpdateError("truncated", "have a header of 64 bytes", plural(len(content), "byte"))
    _, number, reserved, model, n_examples, n_values = _HEADER.unpack_from(content)
    if number != FORMAT or reserved:
        age = ", of a newer novin_ml: update this one" if newer("", "update", number) else ""
        raise UpdateError("format", f"be of format {FORMAT}", f"format {number}{age}")
    expected = _HEADER.size + 4 * n_values + _DIGEST_BYTES
    if len(content) != expected:
        problem = "truncated" if len(content) < expected else "too long"
        raise UpdateError(
            problem,
            f"have {plural(expected, 'byte')}, as its header says",
            plural(len(content), "byte"),
        )
    body = memoryview(content)[:-_DIGEST_BYTES]
    digest = hashlib.sha256(body).digest()
    if digest != content[-_DIGEST_BYTES:]:
        raise UpdateError("altered", "have the SHA-256 that it ends with", "another one")
    values = np.frombuffer(content, dtype="<f4", count=n_values, offset=_HEADER.size)
    return Update(values.astype(np.float32, copy=False), n_examples, model, digest)


def write_update(update: Update, path: str | os.PathLike[str]) -> Path:
    """Write an update file, whole or not at all.

    Parameters
    ----------
    update : Update
        What a home sent.
    path : str or path-like
        The file; one that is there is replaced.

    Returns
    -------
    path : Path
        The file.
    """
    path = Path(path)
    with replace_whole(path, flush=False) as new:
        new.write_bytes(update_to_bytes(update))
    return path


def read_update(path: str | os.PathLike[str]) -> Update:
    """Read an update file.

    Parameters
    ----------
    path : str or path-like
        A regular file. A link, a folder or a device is refused, without being opened.

    Returns
    -------
    update : Update
        What a home sent.

    Raises
    ------
    UpdateError
        If it is no update file, or a damaged one.
    """
    try:
        content = _read_regular(os.fspath(path))
    except OSError as error:
        raise UpdateError("not readable", "be readable", error.strerror or str(error)) from None
    return update_from_bytes(content)


def _read_regular(path: str) -> bytes:
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        raise UpdateError("not a file", "be a regular file", _kind_of(found.st_mode))
    if found.st_size > MAX_BYTES:
        raise UpdateError(
            "too large", f"have at most {MAX_BYTES:,} bytes", plural(found.st_size, "byte")
        )
    # Neither followed nor waited for, should another process put a link or a pipe there meanwhile.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UpdateError("not a file", "be a regular file", "another kind of file")
        return file.read(MAX_BYTES)


def _kind_of(mode: int) -> str:
    kinds = [
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
    ]
    return next((name for test, name in kinds if test(mode)), "a device or a socket")
