"""The process that opens a file first: ``python -m`` this module, the file, and its bytes."""

from __future__ import annotations

import contextlib
import importlib
import sys
from pathlib import Path

from novin_ml.coreml.converters import parse_model
from novin_ml.coreml.model_files._child import REFUSED
from novin_ml.coreml.model_files.opening import open_model_file
from novin_ml.exceptions import NovinError

#: What opens a file, by its suffix; imported before the memory is limited.
_LIBRARIES = {
    ".json": ("xgboost",),
    ".skops": ("skops.io", "sklearn.ensemble", "sklearn.linear_model"),
    ".txt": ("lightgbm",),
    ".ubj": ("xgboost",),
}
_STATUS = Path("/proc/self/status")


def limit_memory(most_bytes: int) -> None:
    """Limit the memory of this process to so much more than it has, where the system can."""
    if not _STATUS.exists():  # not Linux
        return
    import resource

    (line,) = (each for each in _STATUS.read_text().splitlines() if each.startswith("VmData:"))
    limit = int(line.split()[1]) * 1024 + most_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def main() -> int:
    """Open and parse the file; return 0, or 3 after writing why it is refused."""
    path, most_bytes = sys.argv[1:]
    for library in _LIBRARIES[Path(path).suffix]:
        with contextlib.suppress(ImportError):  # whose error the opener names
            importlib.import_module(library)
    limit_memory(int(most_bytes))
    try:
        parse_model(open_model_file(path, in_child=False))
    except NovinError as error:
        sys.stdout.write(str(error))
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
