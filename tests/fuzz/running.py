"""Give files to processes that read them, and keep what makes one fail."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.target import Target

ROOT = Path(__file__).parents[2]
#: Far beyond the 20 seconds of a core that a file may take, on a machine that is busy.
_PATIENCE_S = 300
_FILES_A_PROCESS = 2_000


class Worker:
    """A process that reads one file after the other; another one is started when it ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._read = 0

    def __call__(self, **order: Any) -> tuple[str, str, float]:
        """Return what came of a file: read, refused or fault; what was said; and its seconds."""
        if self._read >= _FILES_A_PROCESS:
            self.close()
        process = self._process or self._start()
        self._read += 1
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], _PATIENCE_S)
        line = process.stdout.readline() if ready else ""
        if line:
            what, said, seconds = json.loads(line)
            return what, said, seconds
        process.kill()
        code = process.wait()
        self.close()
        return "fault", f"the process ended by {code}" if ready else "no end", 0.0

    def _start(self) -> subprocess.Popen[str]:
        self._read = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.worker"],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"},
        )  # fmt: skip
        return self._process

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
        self._process = None


@dataclass
class Tally:
    """What came of the files of a target."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)
    slowest: float = 0.0
    seconds: float = 0.0


def run(
    worker: Worker, target: Target, numbers: range, *, seed: int = 0, keep: Path | None = None
) -> Tally:
    """Give a target the mutations of these numbers."""
    tally, start = Tally(), time.perf_counter()
    for number in numbers:
        what, said, seconds = worker(target=target.name, number=number, seed=seed)
        tally.counts[what] += 1
        tally.slowest = max(tally.slowest, seconds)
        if what == "fault":
            tally.faults.append((number, said))
            if keep is not None:
                folder = keep / target.name / str(number)
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory() as scratch:
                    path = target.write(number, Path(scratch), seed)
                    path.rename(folder / path.name) if not (folder / path.name).exists() else None
    tally.seconds = time.perf_counter() - start
    return tally
