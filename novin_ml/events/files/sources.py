"""Open a file of events once: a file, a pipe, a file object, gzip, zstd or in another encoding.

What cannot be read again from its beginning is copied to a temporary file without a name first.
"""

from __future__ import annotations

import codecs
import gzip
import math
import os
import stat
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from novin_ml.exceptions import InvalidEventError
from novin_ml.optional import import_optional
from novin_ml.plain import shown

__all__ = [
    "STANDARD_INPUT",
    "Readable",
    "Source",
    "StrPath",
    "encoding_of",
    "file_refusal",
    "format_suffix",
    "opened",
]

StrPath = str | os.PathLike[str]
#: What a file is read from: its path, or a file object, of bytes or of text.
Readable = StrPath | IO[bytes] | IO[str]

#: The path that means standard input.
STANDARD_INPUT = "-"

_IN_MEMORY = 64 << 20
_COPY_BYTES = 1 << 20
_HEAD_BYTES = 64
#: Logs of events are packed 5 to 40 times; a gzip file of zeros 1,000 times.
_LARGEST_RATIO = 200
_ALWAYS_UNPACKED = 200_000_000
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
#: Suffixes of compressed files.
_PACKED = (".gz", ".zst", ".zstd")
_PARQUET = b"PAR1"
_DECOMPRESS = "Decompress it first, with {}"
#: How other files begin, what they are, and what to do.
_FOREIGN = (
    (b"BZh", "a bzip2 file", _DECOMPRESS.format("bunzip2")),
    (b"PK\x03\x04", "a zip archive or a spreadsheet", "Unpack it, or write the sheet as CSV"),
    (b"\xfd7zXZ\x00", "an xz file", _DECOMPRESS.format("unxz")),
    (b"\x04\x22\x4d\x18", "an lz4 file", _DECOMPRESS.format("unlz4")),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first"),
    (
        b"SQLite format 3\x00",
        "an SQLite database",
        "Import one of Home Assistant or Frigate (novin-ml import), or write its table as CSV",
    ),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet", "Write the sheet as CSV"),
    (b"\x89HDF", "an HDF5 file", "Write its table as Parquet or CSV first"),
    (b"ARROW1", "a Feather file", "Write it as Parquet first"),
    (b"ORC", "an ORC file", "Write it as Parquet first"),
    (b"Obj\x01", "an Avro file", "Write it as Parquet first"),
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def file_refusal(name: str, expected: str, got: str, remedy: str) -> InvalidEventError:
    """Return the error of a file that is refused as a whole."""
    return InvalidEventError(f"{name} must be {expected}. Got {got}. {remedy}.")


class Source:
    """A file of events, opened once; it can be read from its beginning any number of times.

    Parameters
    ----------
    path : path or file object
        The file; a pipe; ``"-"`` for standard input; or a file object, which is read from where it
        stands and stays open.
    encoding : str or None
        Encoding of a text; None for UTF-8.
    name : str or None
        Name of a file object in messages; None for its own.
    """

    def __init__(
        self, path: Readable, encoding: str | None = None, name: str | None = None
    ) -> None:
        if encoding is not None:
            _find_encoding(encoding)
        self.is_file = False
        if isinstance(path, str | os.PathLike):
            self.name = os.fspath(path)
            is_mine = self.name != STANDARD_INPUT
            stream: BinaryIO = open(self.name, "rb") if is_mine else sys.stdin.buffer  # noqa: SIM115
        else:
            named = getattr(path, "name", None)
            self.name = name or (named if isinstance(named, str) else "stream")
            is_mine, stream = False, cast(BinaryIO, path)
        try:
            self.is_file = is_mine and stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            if not self.is_file:
                stream = self._copied(stream, close=is_mine, encoding=encoding)
                is_mine = True
            head = _head(stream, len(_ZSTD))
            if head.startswith(_GZIP):
                stream = self._unzipped(stream)
            elif head == _ZSTD:
                stream = self._unzipped(stream, "zstd")
            self.head = _head(stream, _HEAD_BYTES)
            if not self.is_parquet:
                self._refuse_foreign(encoding)
                if encoding is not None:
                    stream = self._decoded(stream, encoding)
                    self.head = _head(stream, _HEAD_BYTES)
        except BaseException:
            if is_mine:
                stream.close()
            raise
        self._stream = stream

    def __fspath__(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """Suffix that names the format, without that of gzip or zstd; empty for a pipe without."""
        return format_suffix(self.name)

    @property
    def is_parquet(self) -> bool:
        """Whether the content is Parquet."""
        return self.head.startswith(_PARQUET)

    def open(self) -> BinaryIO:
        """Return the stream at its beginning; it is closed with the source."""
        self._stream.seek(0)
        return self._stream

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def _copied(
        self,
        stream: IO[Any],
        *,
        close: bool = True,
        encoding: str | None = None,
        most_bytes: float = math.inf,
    ) -> BinaryIO:
        n_bytes = 0
        try:
            with _kept(self.name) as copy:
                while block := stream.read(_COPY_BYTES):
                    n_bytes += len(block)
                    if n_bytes > most_bytes:
                        raise file_refusal(
                            self.name, f"a file that unpacks to at most {_LARGEST_RATIO} times "
                            "its size", "one that is packed more",
                            "Unpack it first, if it is yours",
                        )  # fmt: skip
                    copy.write(self._in_bytes(block, encoding))
        finally:
            if close:
                stream.close()
        return copy

    def _in_bytes(self, block: Any, encoding: str | None) -> Any:
        """Return what a file object gave as bytes: text as UTF-8."""
        if not isinstance(block, str):
            return block
        if encoding is not None:
            raise file_refusal(
                self.name, "a file of bytes where an encoding is named", "one of text, decoded",
                "Open it with mode 'rb', or leave encoding out",
            )  # fmt: skip
        return block.encode("utf-8", "surrogatepass")

    def _unzipped(self, stream: BinaryIO, kind: str = "gzip") -> BinaryIO:
        most = max(_ALWAYS_UNPACKED, _LARGEST_RATIO * stream.seek(0, 2))
        stream.seek(0)
        try:
            if kind == "zstd":
                arrow = import_optional("pyarrow", extra="parquet", purpose="Reading zstd")
                with arrow.CompressedInputStream(arrow.PythonFile(stream, "r"), kind) as opened:
                    return self._copied(opened, close=False, most_bytes=most)
            unzipped = cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))
            return self._copied(unzipped, most_bytes=most)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise file_refusal(
                self.name, "a whole gzip file", f"one that cannot be decompressed: {error}",
                "Copy it again",
            ) from None  # fmt: skip
        except OSError as error:
            if error.errno is None:  # gzip's own, of a checksum, or Arrow's
                raise file_refusal(
                    self.name, f"a whole {kind} file", f"one that is broken: {error}",
                    "Copy it again",
                ) from None  # fmt: skip
            raise
        finally:
            stream.close()

    def _refuse_foreign(self, encoding: str | None) -> None:
        for magic, what, remedy in _FOREIGN:
            if self.head.startswith(magic):
                raise file_refusal(
                    self.name, "a file of events: JSON, CSV or Parquet", what, remedy
                )
        found = encoding_of(self.head)
        if encoding is None and found is not None:
            raise file_refusal(
                self.name, "text in UTF-8", f"text in {found.upper()}",
                f"Read it with encoding='{found}' (--encoding {found})",
            )  # fmt: skip

    def _decoded(self, stream: BinaryIO, encoding: str) -> BinaryIO:
        decoder = codecs.getincrementaldecoder(encoding)()
        stream.seek(0)
        try:
            with stream, _kept(self.name) as copy:
                while block := stream.read(_COPY_BYTES):
                    copy.write(decoder.decode(block).encode())
                copy.write(decoder.decode(b"", final=True).encode())
        except UnicodeError as error:
            raise file_refusal(
                self.name, f"text in {encoding}", f"bytes that are none: {error}",
                "Name the encoding that it was written in",
            ) from None  # fmt: skip
        return copy


@contextmanager
def _kept(name: str) -> Iterator[BinaryIO]:
    """Make a temporary file, which is closed only if writing it fails."""
    copy = cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
    try:
        yield copy
    except OSError as error:
        copy.close()
        if error.errno is None:  # gzip's own, of a checksum
            raise
        raise OSError(error.errno, error.strerror, name) from error  # it has no name to be told
    except BaseException:
        copy.close()
        raise


def format_suffix(name: str) -> str:
    """Return the suffix of a file's name that names the format, without that of gzip or zstd."""
    last = Path(name).name.lower()
    for packed in _PACKED:
        last = last.removesuffix(packed)
    return Path(last).suffix


def _head(stream: BinaryIO, n_bytes: int) -> bytes:
    stream.seek(0)
    head = stream.read(n_bytes)
    stream.seek(0)
    return head


def encoding_of(head: bytes) -> str | None:
    """Return the encoding of a text that is not UTF-8, from its mark or where its zeros are."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if len(head) >= 4:
        if head[1:16:2].count(0) == len(head[1:16:2]) and 0 not in head[0:16:2]:
            return "utf-16-le"
        if head[0:16:2].count(0) == len(head[0:16:2]) and 0 not in head[1:16:2]:
            return "utf-16-be"
    return None


def _find_encoding(encoding: Any) -> None:
    try:
        known = isinstance(encoding, str) and codecs.lookup(encoding)._is_text_encoding
    except LookupError:
        known = False
    if not known:
        raise ValueError(
            "The 'encoding' parameter must be a name of a text encoding, such as 'utf-16' or "
            f"'cp1252'. Got {shown(encoding)} instead."
        )


@contextmanager
def opened(path: Readable | Source, encoding: str | None = None) -> Iterator[Source]:
    """Open a file of events; one that is open already stays so."""
    if isinstance(path, Source):
        yield path
        return
    source = Source(path, encoding)
    try:
        yield source
    finally:
        source.close()
