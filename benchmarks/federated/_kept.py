"""Results that are kept in a file, so that a long command can be run in pieces."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._report import Report


class Kept:
    """Results by name, in a file of lines; without a file they are computed anew.

    Parameters
    ----------
    path : Path or None
        The file (``--kept FILE``). A command that was stopped goes on from it.
    seconds : float
        After so many seconds nothing more is computed (``--seconds``).
    part : tuple of (int, int), default=(1, 1)
        This process computes part i of n of what is missing (``--part i/n``): n processes with one
        file divide the work, and a last run without a part prints the tables.
    """

    def __init__(self, path: Path | None, seconds: float, part: tuple[int, int] = (1, 1)) -> None:
        self._path, self._seconds = path, seconds
        self._part = part
        self._until = time.monotonic() + seconds
        self._is_over = False
        self._found: dict[str, Any] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._found.update(json.loads(line))

    def get(self, name: str, compute: Callable[[], Any]) -> Any:
        """Return a result, from the file if it is there; None if it is not computed here."""
        if name not in self._found:
            number, n_parts = self._part
            if zlib.crc32(name.encode()) % n_parts != number - 1:
                self._is_over = True
                return None
            if time.monotonic() > self._until:
                self._is_over = True
                return None
            self._found[name] = compute()
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({name: self._found[name]}) + "\n")
        return self._found[name]

    def say(self, report: Report) -> None:
        """Say that there is more to compute, if there is."""
        if self._is_over:
            report.say(
                f"Not all is there: {self._seconds:g} s are over, or other parts compute it. Run "
                "it again to go on."
            )
