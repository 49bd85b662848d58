"""The process that reads: ``python -m`` this module; orders come by its standard input.

Its memory is 1 GB more than it has when all is imported, and each file has 20 seconds of a core:
whoever exceeds either ends the process, or gets a MemoryError, which is no named error.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

from novin_ml.coreml.model_files.child import limit_memory
from novin_ml.exceptions import DoorWarning, TrainingDataWarning, VocabularyWarning
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

MOST_BYTES = 1_000_000_000
MOST_SECONDS = 20.0


#: Readers that do what none may do: that the process tells.
FAULTY = {
    "raises": lambda path: {}[path],
    "grows": lambda path: bytearray(2 * MOST_BYTES),
    "dies": lambda path: os.abort(),
}
_ALL = TARGETS | {name: Target(name, read, 1, like="update") for name, read in FAULTY.items()}


def outcome(target: Target, path: Path) -> tuple[str, str]:
    """Return "read", "refused" or "fault", and what was said."""
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        target.read(path)
    except target.errors as error:
        said = str(error)
        if not said.strip() or "\n" in said:
            return "fault", f"{type(error).__name__} without one sentence: {said!r}"
        if len(said) > 5_000:
            return "fault", f"{type(error).__name__} of {len(said)} letters"
        return "refused", said
    except BaseException as error:
        return "fault", f"{type(error).__name__}: {str(error)[:300]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "read", ""


def serve() -> None:
    """Read what is asked for, line by line."""
    warnings.simplefilter("error")
    for kind in (DoorWarning, TrainingDataWarning, VocabularyWarning):
        warnings.simplefilter("ignore", kind)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print
    _warm()
    limit_memory(MOST_BYTES)
    for line in sys.stdin:
        order = json.loads(line)
        target = _ALL[order["target"]]
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        try:
            if "found" in order:
                path = target.replay(Path(order["found"]), folder)
            else:
                path = target.write(order["number"], folder, order["seed"])
            start = time.process_time()
            what, said = outcome(target, path)
            seconds = time.process_time() - start
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        out.write(json.dumps([what, said, round(seconds, 3)]) + "\n")
        out.flush()
        gc.collect(0)


def _warm() -> None:
    """Import what readers import when they first read."""
    import coremltools  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import sklearn.ensemble  # noqa: F401
    import xgboost  # noqa: F401


if __name__ == "__main__":
    serve()
