"""Seconds and memory to read a database of Home Assistant, and a home to try the doors on.

Run as ``python -m benchmarks.doors [--states 1000000]``. With ``--home config`` it writes the
configuration folder of a simulated home instead, for ``novin-ml home config``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks._recorder import write_home, write_states

#: Reads in a process of its own, so that its memory is its own.
READ = """
import resource, sys, time
from novin_ml.events.doors import read_home_assistant
import novin_ml.events.doors.home_assistant.reading
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
events, report = read_home_assistant(sys.argv[1], home_id="mine", timezone="Europe/Berlin")
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
table = events.memory_usage(deep=False).sum() / 1024
print(len(events), seconds, (peak - before) / 1024, table / 1024)
"""


def measure(path: Path) -> tuple[int, float, float, float]:
    """Return events, seconds, and MB of memory on top of the imports, and of the table alone."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    events, *numbers = done.stdout.split()
    return int(events), float(numbers[0]), float(numbers[1]), float(numbers[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help="folder to write a simulated home to, instead")
    parser.add_argument("--days", type=int, default=12, help="days of the simulated home")
    arguments = parser.parse_args()
    if arguments.home is not None:
        write_home(arguments.home, arguments.days)
        print(f"wrote {arguments.home}")
        return
    table = Table("states", "MB of file", "events", "seconds", "MB of memory", "MB of table")
    with tempfile.TemporaryDirectory() as folder:
        for n_states in (max(1, arguments.states // 10), arguments.states):
            path = Path(folder, f"{n_states}.db")
            began = time.perf_counter()
            write_states(path, n_states)
            written = time.perf_counter() - began
            events, seconds, memory, own = measure(path)
            table.add_row(
                f"{n_states:,}", f"{path.stat().st_size / 1e6:.0f}", f"{events:,}",
                f"{seconds:.1f}", f"{memory:.0f}", f"{own:.0f}",
            )  # fmt: skip
            print(f"wrote {n_states:,} states in {written:.1f} s", file=sys.stderr)
    Console(markup=False, emoji=False).print(table)


if __name__ == "__main__":
    main()
