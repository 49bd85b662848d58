"""The folder of a release while it is built: of one build at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from novin_ml.exceptions import BuildError
from novin_ml.files import locked
from novin_ml.lifecycle.registry.release import WORK, is_build


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other builds out of a folder, which must be new, empty, or of an earlier build."""
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(20, os.strerror(20), str(folder))
    if folder.is_dir() and any(folder.iterdir()) and not is_build(folder):
        raise BuildError(
            f"{folder} must be a new or empty folder, or one of an earlier build. Got a folder "
            "with other files. Choose another path."
        )
    work = folder / WORK
    work.mkdir(parents=True, exist_ok=True)
    with locked(work, wait=False) as is_ours:
        if not is_ours:
            raise BuildError(
                f"{folder} must be free. Got one that another build writes into. "
                "Wait until it is done, or choose another path."
            )
        yield
