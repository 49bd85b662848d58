"""The hash of a model's file, which the tools of any system print too."""

from __future__ import annotations

import hashlib
from pathlib import Path

#: What prints it of a file, and of a package: of the hashes of its files, sorted by their paths.
OF_FILE = "sha256sum MODEL.mlmodel"
OF_PACKAGE = "cd MODEL.mlpackage && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum"


def file_sha256(model: Path) -> str:
    """Return the SHA-256 of an exported model, as `hash_command` prints it.

    Parameters
    ----------
    model : Path
        The ``.mlmodel`` file or the ``.mlpackage`` folder.

    Returns
    -------
    sha256 : str
        64 hexadecimal digits.
    """
    if not model.is_dir():
        return _of(model)
    files = {path.relative_to(model).as_posix(): path for path in model.rglob("*")}
    lines = [
        f"{_of(files[name])}  ./{name}\n"
        for name in sorted(files, key=str.encode)
        if files[name].is_file()
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def hash_command(model: Path) -> str:
    """Return the command whose first word of output is `file_sha256`."""
    return OF_PACKAGE if model.suffix == ".mlpackage" else OF_FILE


def _of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
