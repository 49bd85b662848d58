"""Files behind a manifest of sizes and SHA-256 hashes, as a folder or as one zip file.

Both are read in this order: sizes against caps, hashes against the manifest, and only then is any
file's content parsed. Hashes show damage, and not who wrote a file: who changes it can change them
too, so that what parses a file trusts it no further.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from novin_ml._version import __version__
from novin_ml.arrays import EARLIEST_DATE, ZIP_ERRORS
from novin_ml.exceptions import SavedModelError
from novin_ml.files import finish_replacing, replace_whole
from novin_ml.formats import FORMATS, newer
from novin_ml.plain import plural, shown

#: The protocol that is written, and those that are read. 1 knows neither a learner's calibration,
#: which its readers would leave out unseen, nor detectors, nor single files.
PROTOCOL = FORMATS["saved model"]
READABLE = (1, 2)
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 100_000
MAX_FILE_BYTES = 256_000_000

# Of a forest of 65 KB: level 1 43 KB in .9 ms, level 6 42 KB in 1.6 ms.
_ZIP_LEVEL = 1


def write_folder(files: Mapping[str, bytes], folder: Path, kind: str) -> Path:
    """Write files and their manifest as a folder, whole or not at all.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by file name.
    folder : Path
        Created; replaced if it is such a folder already, refused if it holds anything else.
    kind : str
        What the folder is, which a reader must ask for.
    """
    require_free(folder, kind)
    with replace_whole(folder) as new:
        new.mkdir()
        for name, content in files.items():
            (new / name).write_bytes(content)
        (new / MANIFEST).write_bytes(_manifest(files, kind))
    return folder


def read_folder(folder: Path, kind: str) -> dict[str, bytes]:
    """Return the files of a folder once all sizes and hashes are as its manifest says.

    Raises
    ------
    SavedModelError
        If a file is missing, too large, changed since it was written, or of another kind or
        protocol.
    """
    finish_replacing(folder)
    listed = _read_manifest(folder, kind)
    files = {}
    for name, (n_bytes, digest) in listed.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise _damaged(folder, f"hold the file {name!r}", "no such file")
        _check_size(folder, name, path.stat().st_size, n_bytes)
        files[name] = path.read_bytes()
        _check_hash(folder, name, files[name], digest)
    return files


def write_file(files: Mapping[str, bytes], path: Path, kind: str) -> Path:
    """Write files and their manifest as one zip file, whole or not at all.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by file name.
    path : Path
        Created; replaced if it is such a file already, refused if it is anything else.
    kind : str
        What the file is, which a reader must ask for.
    """
    if path.exists() and not _is_ours(path, kind):
        raise SavedModelError(
            f"{path} must be a new file, or a saved {kind} to replace. Got another file there. "
            "Choose another path."
        )
    # A fleet has thousands of these. After a power cut a damaged one is seen, and fitted again.
    with replace_whole(path, flush=False) as new, zipfile.ZipFile(new, "x") as archive:
        for name, content in {MANIFEST: _manifest(files, kind), **files}.items():
            entry = zipfile.ZipInfo(name, EARLIEST_DATE)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, _ZIP_LEVEL)
    return path


def read_file(path: Path, kind: str) -> dict[str, bytes]:
    """Return the files of a zip file once all sizes and hashes are as its manifest says.

    Raises
    ------
    SavedModelError
        If a file is missing, too large, changed since it was written, or of another kind or
        protocol.
    """
    with _archive(path, kind) as archive:
        listed = _listed(_packed(archive, path, MANIFEST, MAX_MANIFEST_BYTES), path, kind)
        total = sum(n_bytes for n_bytes, _ in listed.values())
        if total > MAX_FILE_BYTES:
            raise _damaged(path, f"have at most {MAX_FILE_BYTES} bytes in all", f"{total}")
        files = {}
        for name, (n_bytes, digest) in listed.items():
            files[name] = _packed(archive, path, name, n_bytes)
            _check_size(path, name, len(files[name]), n_bytes)
            _check_hash(path, name, files[name], digest)
    return files


def folder_hash(folder: Path) -> str:
    """Return the SHA-256 of a folder: of its manifest, which holds all other hashes."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


@contextmanager
def parsing(expected: str, remedy: str) -> Iterator[None]:
    """Turn whatever content of another form makes parsing raise into a SavedModelError.

    Parameters
    ----------
    expected : str
        What the content must be, as a sentence without its full stop.
    remedy : str
        What to do about it, as a sentence.
    """
    try:
        yield
    except SavedModelError:
        raise
    except (
        AttributeError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise SavedModelError(f"{expected}. Got {error!r}. {remedy}") from None


def require_free(folder: Path, kind: str) -> None:
    """Raise SavedModelError unless a folder is free to be written."""
    if not is_free(folder, kind):
        raise SavedModelError(
            f"{folder} must be a new or empty folder, or a saved {kind} to replace. "
            "Got other files there. Choose another folder."
        )


def is_free(folder: Path, kind: str) -> bool:
    """Whether a folder is new, empty, or of that kind with nothing else in it."""
    finish_replacing(folder)
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    try:
        return not names or names <= {MANIFEST, *_read_manifest(folder, kind)}
    except SavedModelError:
        return False


def _is_ours(path: Path, kind: str) -> bool:
    try:
        with _archive(path, kind) as archive:
            _listed(_packed(archive, path, MANIFEST, MAX_MANIFEST_BYTES), path, kind)
    except SavedModelError:
        return False
    return True


@contextmanager
def _archive(path: Path, kind: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip file; whatever a damaged one makes zipfile raise becomes a SavedModelError."""
    if not path.is_file():
        raise SavedModelError(
            f"{path} must be a saved {kind}, a file. Got none there. Check the path."
        )
    if path.stat().st_size > MAX_FILE_BYTES:
        raise _damaged(path, f"have at most {MAX_FILE_BYTES} bytes", f"{path.stat().st_size}")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except SavedModelError:
        raise
    except ZIP_ERRORS as error:
        raise _damaged(path, f"be a saved {kind}, a zip file", f"{error!r} on reading it") from None


def _packed(archive: zipfile.ZipFile, path: Path, name: str, n_bytes: int) -> bytes:
    """Return the content of an entry, read to one byte beyond what it may have."""
    if name not in archive.NameToInfo:
        raise _damaged(path, f"hold the file {name!r}", "no such file")
    with archive.open(name) as stream:
        content = stream.read(max(n_bytes, 0) + 1)
    if name == MANIFEST and len(content) > n_bytes:
        raise _damaged(path, f"have a {MANIFEST} of at most {plural(n_bytes, 'byte')}", "more")
    return content


def _manifest(files: Mapping[str, bytes], kind: str) -> bytes:
    manifest = {
        "kind": kind,
        "protocol": PROTOCOL,
        "novin_ml": __version__,
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        },
    }
    return (json.dumps(manifest, indent=2) + "\n").encode()


def _read_manifest(folder: Path, kind: str) -> dict[str, tuple[int, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        raise SavedModelError(
            f"{folder} must be a saved {kind}, a folder with a {MANIFEST}. Got none there. "
            "Check the path."
        )
    if path.stat().st_size > MAX_MANIFEST_BYTES:
        raise _damaged(folder, f"have a {MANIFEST} of at most {MAX_MANIFEST_BYTES} bytes", "more")
    return _listed(path.read_bytes(), folder, kind)


def _listed(text: bytes, place: Path, kind: str) -> dict[str, tuple[int, str]]:
    """Return the bytes and SHA-256 of each file that a manifest lists."""
    with parsing(f"{place} must have a readable {MANIFEST}", "Write it again from its source."):
        manifest = json.loads(text.decode())
        protocol, found = manifest["protocol"], manifest["kind"]
        listed = {
            str(name): (int(entry["bytes"]), str(entry["sha256"]))
            for name, entry in manifest["files"].items()
        }
    if refusal := newer(place, "saved model", protocol, "protocol"):
        raise SavedModelError(refusal)
    if type(protocol) is not int or protocol not in READABLE:
        raise SavedModelError(
            f"{place} must be of protocol {' or '.join(map(str, READABLE))}. Got {protocol!r}. "
            "Write it again from its source."
        )
    if found != kind:
        raise SavedModelError(
            f"{place} must be a saved {kind}. Got a saved {_named(found)}. Check the path."
        )
    return listed


def _named(kind: Any) -> str:
    """Return a kind as it is written, if that is a few words."""
    is_plain = isinstance(kind, str) and kind.isprintable() and len(kind) < 50
    return str(kind) if is_plain else shown(kind)


def _check_size(place: Path, name: str, size: int, expected: int) -> None:
    if size > MAX_FILE_BYTES:
        raise _damaged(place, f"have files of at most {MAX_FILE_BYTES} bytes", f"{size} in {name}")
    if size != expected:
        raise _damaged(place, f"have {plural(expected, 'byte')} in {name}", f"{size}")


def _check_hash(place: Path, name: str, content: bytes, digest: str) -> None:
    if hashlib.sha256(content).hexdigest() != digest:
        raise _damaged(place, f"have {name} as it was written", "another SHA-256")


def _damaged(place: Path, expected: str, got: Any) -> SavedModelError:
    return SavedModelError(f"{place} must {expected}. Got {got}. Write it again from its source.")
