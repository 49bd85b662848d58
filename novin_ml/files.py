"""Replacing files and folders, whole or not at all.

What is new is written into a folder beside its place, ``.NAME.writing``. A single file then moves
to its place in one step. Several paths cannot, nor can a folder that replaces another: the folder
beside becomes ``.NAME.ready`` first, in one step. From then on the new content counts: old paths
move out of the way, new ones move in, and `finish_replacing` does what a process that was killed
between these moves left undone.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_WRITING = ".writing"
_READY = ".ready"
#: In the folder of what is ready: what it replaces, and names of what it removes.
_OLD, _GONE = ".old", ".gone"


#: Error numbers of a disk, a quota or a file that takes no more.
FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))

_PROBE_BYTES = 1 << 16


def require_writable(path: Path) -> None:
    """Find out before long work whether a file or folder can be written there.

    Raises
    ------
    OSError
        If it cannot be: no permission, a full disk, a file where a folder must be. Its
        ``filename`` is `path`.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        return  # a device or a pipe
    folder = path.resolve().parent
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_PROBE_BYTES))
    except OSError as error:
        number = error.errno or errno.EACCES
        raise OSError(number, os.strerror(number), os.fspath(path)) from error


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Raise an error of a temporary file under the name of the path that is written."""
    try:
        yield
    except OSError as error:
        number = error.errno
        if number is None and "No space left" in str(error):  # of libraries that lose the number
            number = errno.ENOSPC
        is_scratch = f".{path.resolve().name}" in str(error.filename)
        if number is None or not (is_scratch or number in FULL):
            raise
        raise OSError(number, os.strerror(number), os.fspath(path)) from error


@contextmanager
def replace_whole(
    path: Path,
    *beside: Path,
    gone: Sequence[Path] = (),
    keep: str | None = None,
    flush: bool = True,
) -> Iterator[Path]:
    """Replace a file or a folder, and paths beside it that belong to it, all of them or none.

    Use it in a ``with`` statement. Write the file or folder to the path that it returns, and
    each path of `beside` under its own name beside that one. They replace what is there when the
    block ends. If the block raises, nothing is replaced. A process that is killed leaves the old
    paths as they were, or new ones that `finish_replacing` moves in.

    Parameters
    ----------
    path : Path
        The file or folder to replace; its parent folder is created. A device or a pipe is written
        to directly.
    *beside : Path
        Paths in the same folder that are replaced together with `path`, and before it.
    gone : sequence of Path, default=()
        Paths in the same folder that are removed once the others are replaced; with `beside` only.
    keep : str, default=None
        Name of a folder in the old folder that moves into the new one, such as a cache.
    flush : bool, default=True
        Whether the disk must hold the new content before it replaces the old, so that a power cut
        loses neither. It takes some milliseconds a file.

    Yields
    ------
    new : Path
        Where to write; nothing is there yet. Its name is that of `path`.

    Notes
    -----
    Writers of the same path wait for each other. What an earlier writer left when it was killed
    is removed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> with replace_whole(folder / "report.html") as new:
    ...     _ = new.write_text("<p>All is well.</p>")
    >>> [file.name for file in folder.iterdir()]
    ['report.html']
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        yield path
        return
    with _named(path):
        yield from _replaced(path, *beside, gone=gone, keep=keep, flush=flush)


def _replaced(
    path: Path, *beside: Path, gone: Sequence[Path], keep: str | None, flush: bool
) -> Iterator[Path]:
    place = path.parent.resolve() / path.name if beside else path.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    finish_replacing(place)
    with _scratch(place) as scratch:
        new = scratch / place.name
        yield new
        if gone:
            (scratch / _GONE).mkdir()
            for each in gone:
                (scratch / _GONE / each.name).touch()
        if flush:
            _flush(scratch)
        if beside or new.is_dir():
            finish_replacing(place)
            ready = _beside(place, _READY)
            os.replace(scratch, ready)
            _move_in(ready, place, keep)
        else:
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            if place.exists():
                shutil.copymode(place, new)  # who may read it does not change
            os.replace(new, place)


@contextmanager
def create_whole(path: Path) -> Iterator[Path]:
    """Create a folder, whole or not at all; never replace another one.

    Use it in a ``with`` statement, and write files into the folder that it returns. The folder
    moves to its place in one step when the block ends. If the block raises, nothing is created.

    Parameters
    ----------
    path : Path
        The new folder; its parent folders are created.

    Yields
    ------
    new : Path
        An empty folder.

    Raises
    ------
    FileExistsError
        If a folder with files, or a file, is at the place when the block ends. Of several writers
        of one path, one gets it and the others get this error.

    Notes
    -----
    `remove_leftovers` removes what a process that was killed left behind.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp()) / "1"
    >>> with create_whole(folder) as new:
    ...     _ = (new / "note.txt").write_text("first")
    >>> with create_whole(folder) as new:
    ...     _ = (new / "note.txt").write_text("second")
    Traceback (most recent call last):
    ...
    FileExistsError: [Errno 17] File exists: ...
    >>> (folder / "note.txt").read_text()
    'first'
    """
    with _named(path):
        yield from _created(path)


def _created(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        scratch = path.with_name(f".{path.name}-{secrets.token_hex(4)}{_WRITING}")
        scratch.mkdir()
        with locked(scratch) as is_there:
            if not is_there:  # taken for a leftover before it was locked
                continue
            try:
                new = scratch / path.name
                new.mkdir()
                yield new
                _flush(new)
                _rename_new(new, path)
                _flush_entry(path.parent)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
            return


def _rename_new(new: Path, path: Path) -> None:
    try:
        os.rename(new, path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        raise


def write_text(text: str, path: Path) -> None:
    """Write a UTF-8 file whole or not at all; its parent folder is created."""
    with replace_whole(path) as new:
        new.write_text(text, encoding="utf-8")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV (RFC 4180) without its index, whole or not at all."""
    # Python before 3.13 quotes a text with a carriage return only if that ends lines too.
    with replace_whole(path) as new:
        table.to_csv(new, index=False, lineterminator="\r\n", errors="backslashreplace")


def finish_replacing(path: Path) -> None:
    """Finish what a `replace_whole` that was killed left undone; wait for one that is running.

    Call it before reading a folder, or several files that belong together, at `path`.
    """
    for place in {path.parent.resolve() / path.name, path.resolve()}:
        ready = place.parent / f".{place.name}{_READY}"
        if ready.is_dir() and os.access(place.parent, os.W_OK):
            with locked(ready) as is_there:
                if is_there:
                    _move_in(ready, place)


def remove_leftovers(folder: Path) -> None:
    """Remove what any `replace_whole` in a folder left when it was killed before it was done.

    What is being written by a running process stays.
    """
    for scratch in folder.glob(f".*{_WRITING}"):
        with locked(scratch, wait=False) as is_ours:
            if is_ours:
                shutil.rmtree(scratch, ignore_errors=True)


def _beside(place: Path, suffix: str) -> Path:
    return place.with_name(f".{place.name}{suffix}")


@contextmanager
def _scratch(place: Path) -> Iterator[Path]:
    """Make an empty folder beside a place, for one writer at a time, and remove it in the end."""
    scratch = _beside(place, _WRITING)
    while True:
        try:
            scratch.mkdir(mode=0o700)
        except FileExistsError:
            # A folder is another writer's, and may be gone by now: so it is asked for once.
            with suppress(FileNotFoundError):
                if not stat.S_ISDIR(scratch.stat().st_mode):
                    raise
        with locked(scratch) as is_there:
            if not is_there:
                continue
            made = scratch.stat().st_ino
            try:
                for left in scratch.iterdir():
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
                yield scratch
            finally:
                with suppress(FileNotFoundError):
                    if scratch.stat().st_ino == made:  # not the next writer's
                        _remove(scratch)
            return


def _remove(folder: Path) -> None:
    try:
        folder.rmdir()  # mostly empty by now
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[bool]:
    """Lock a folder, which the end of the process unlocks too; give whether it is (still) there.

    Without `wait`, give False for a folder that another process has locked.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    is_ours = True
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            is_ours = False
        except OSError:
            pass  # a file system without locks
        yield is_ours and _is_at(folder, descriptor)
    finally:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # also where a forked process has it open
        os.close(descriptor)


def _is_at(folder: Path, descriptor: int) -> bool:
    """Whether an open folder was not moved or removed meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False


def _move_in(ready: Path, place: Path, keep: str | None = None) -> None:
    """Move what is ready to its place, that of `place` last, and the old out of the way."""
    old = ready / _OLD
    old.mkdir(exist_ok=True)
    entries = [new for new in ready.iterdir() if new.name not in (_OLD, _GONE)]
    entries.sort(key=lambda new: (new.name == place.name, new.name))
    try:
        for new in entries:
            target, aside = place.with_name(new.name), old / new.name
            if target.is_dir():
                os.replace(target, aside)
            try:
                if keep is not None and (aside / keep).is_dir():
                    os.replace(aside / keep, new / keep)
                os.replace(new, target)
            except BaseException:
                if aside.exists() and not target.exists():
                    os.replace(aside, target)
                raise
    except BaseException:
        if all(new.exists() for new in entries) and not any(old.iterdir()):
            # Nothing was replaced, and nothing will be.
            given_up = ready.with_name(f".{place.name}-{secrets.token_hex(4)}{_WRITING}")
            os.rename(ready, given_up)  # in one step: half of it must not be taken for all
            shutil.rmtree(given_up, ignore_errors=True)
        raise
    for gone in (ready / _GONE).glob("*"):
        with suppress(FileNotFoundError):
            os.replace(place.with_name(gone.name), old / gone.name)
    shutil.rmtree(ready, ignore_errors=True)


def _flush_entry(folder: Path) -> None:
    """Have the disk hold the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system that cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush(folder: Path) -> None:
    """Have the disk hold the content of a folder's files before they replace others."""
    for parent, _, names in os.walk(folder):
        for name in names:
            descriptor = os.open(os.path.join(parent, name), os.O_RDONLY)
            try:
                try:
                    os.fsync(descriptor)
                except OSError as error:
                    if error.errno in FULL or error.errno == errno.EIO:
                        raise  # what was written is not there
            finally:
                os.close(descriptor)
