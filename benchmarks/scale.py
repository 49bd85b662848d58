"""Memory to check logs of several sizes, which must not grow with the log.

Run as ``python -m benchmarks.scale [--gigabytes 1,3] [--format jsonl]``. A log of so many bytes is
written, of the events of `benchmarks.reading` again and again, one line in a thousand broken. Then
a process of its own reads and checks it by `novin_ml.events.read_events_in_parts`, and says the
most memory that it had. The peaks must be equal within 10 %.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._one_run import peak_mb
from benchmarks._report import Report, add_report_options, new_table
from benchmarks.reading import write_lines

WITHIN = 1.10
_BLOCK_EVENTS = 20_000


def write_log(path: Path, n_bytes: int, n_events: int = _BLOCK_EVENTS) -> int:
    """Write a log of at least so many bytes; return how many events it has."""
    with tempfile.TemporaryDirectory() as folder:
        block = Path(folder, "block.jsonl")
        write_lines(block, n_events, iso=False, bad_every=1_000)
        content = block.read_bytes()
    n_blocks = -(-n_bytes // len(content))
    with path.open("wb") as stream:
        for _ in range(n_blocks):
            stream.write(content)
    return n_blocks * n_events


def checked_apart(path: Path) -> dict[str, Any]:
    """Check a log in a process of its own; return counts, seconds and the peak in MB."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", "--check", str(path)],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the check of {path.name} failed:\n{done.stderr[-2_000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check(path: Path) -> dict[str, Any]:
    """Check a log here."""
    from novin_ml.events import read_events_in_parts

    start, n_read, n_rejected = time.perf_counter(), 0, 0
    for _, report in read_events_in_parts(path):
        n_read += report.n_read
        n_rejected += report.n_rejected
    seconds = time.perf_counter() - start
    return {"read": n_read, "rejected": n_rejected, "seconds": seconds, "peak_mb": peak_mb()}


def main() -> int:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", default="1,3", help="sizes, with commas")
    parser.add_argument("--check", type=Path, help=argparse.SUPPRESS)
    add_report_options(parser)
    options = parser.parse_args()
    if options.check is not None:
        print(json.dumps(check(options.check)))
        return 0
    report = Report(options, "scale")
    table = new_table(
        "Checking a log part by part",
        ("log", "events", "rejected", "seconds", "events/s", "peak MB"),
        caption=f"goal: peaks equal within {100 * (WITHIN - 1):.0f} %",
    )
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for size in map(float, options.gigabytes.split(",")):
            path = Path(folder, "log.jsonl")
            write_log(path, int(1e9 * size))
            found = checked_apart(path)
            peaks.append(found["peak_mb"])
            table.add_row(
                f"{size:g} GB",
                f"{found['read']:,}",
                f"{found['rejected']:,}",
                f"{found['seconds']:.1f}",
                f"{found['read'] / found['seconds']:,.0f}",
                f"{found['peak_mb']:.0f}",
            )
    report.show(table)
    kept = max(peaks) <= WITHIN * min(peaks)
    apart = 100 * (max(peaks) / min(peaks) - 1)
    report.say(f"Peaks differ by {apart:.0f} %: goal {'kept' if kept else 'missed'}.")
    report.figures["peaks_mb"] = peaks
    report.close()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
