"""Open a file in a process of its own first, whose memory and time are limited."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural

_MOST_BYTES = 1_000_000_000
_MOST_SECONDS = 60.0
#: The exit code of a child that refused the file by a sentence.
REFUSED = 3
_MODULE = "novin_ml.coreml.model_files.child"


def try_in_child(
    path: Path, *, most_bytes: int = _MOST_BYTES, most_seconds: float = _MOST_SECONDS
) -> None:
    """Raise SavedModelError unless another process can open a file.

    Parameters
    ----------
    path : Path
        The file.
    most_bytes : int, default=1_000_000_000
        Memory of the process.
    most_seconds : float, default=60
        Its time.
    """
    command = [sys.executable, "-m", _MODULE, str(path), str(most_bytes)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=most_seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise _dead(path, f"none within {plural(most_seconds, 'second', form='g')}") from None
    if done.returncode == REFUSED:
        raise SavedModelError(done.stdout.strip())
    if done.returncode < 0:
        raise _dead(path, f"a process that died of signal {-done.returncode}")
    if done.returncode:
        said = done.stderr.strip().splitlines()
        why = said[-1] if said else f"exit code {done.returncode}"
        memory = f" within {plural(most_bytes, 'byte')}" if "Memory" in why else ""
        raise _dead(path, f"a process that failed{memory}: {why}")


def _dead(path: Path, got: str) -> SavedModelError:
    return SavedModelError(
        f"{path} must be a model that a process of its own can open. Got {got}. Save the model "
        "again, or a smaller one."
    )
