"""Seconds to read and check JSON lines, beside a bare ``json.loads`` of each line.

Run as ``python -m benchmarks.reading [--events 1000000]``.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from novin_ml.events import read_events

LOCATIONS = ("front_door", "Front Door Camera", "porch", "garage", "driveway", "Living Room")
TYPES = ("front_motion", "motion", "doorbell", "door", "window", "vehicle")


def write_lines(path: Path, n_events: int, *, iso: bool, bad_every: int | None = None) -> None:
    """Write events with every field but the raw signal."""
    rng = random.Random(0)
    with path.open("w", encoding="utf-8") as stream:
        for row in range(n_events):
            seconds = 1.7e9 + row + round(rng.random(), 3)
            clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
            event = {
                "type": rng.choice(TYPES),
                "timestamp": f"{clock}.{rng.randrange(1000):03d}+02:00" if iso else seconds,
                "confidence": round(rng.random(), 3),
                "home_id": f"home_{rng.randrange(500)}",
                "consent": rng.random() < 0.9,
                "metadata": {
                    "location": rng.choice(LOCATIONS),
                    "home_mode": rng.choice(("home", "away", "night", "vacation")),
                    "duration": round(60 * rng.random(), 2),
                    "energy": round(rng.random(), 3),
                },
            }
            if bad_every and row % bad_every == 0:
                event["confidence"] = 90
            line = json.dumps(event)
            if bad_every and row % bad_every == 1:
                line = line[:-1]
            stream.write(line + "\n")


def bare_loads(path: Path) -> None:
    """Decode each line and throw it away: the floor."""
    with path.open("rb") as stream:
        for line in stream:
            try:
                json.loads(line)
            except ValueError:
                continue


def seconds_of(function: Callable[[], object], repeats: int) -> float:
    """Time the fastest of a few runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args()
    table = Table(title=f"Reading {options.events:,} events from JSON lines, fastest of runs")
    for column in ("file", "what", "seconds", "events/s", "of bare json.loads"):
        table.add_column(column, justify="left" if column in ("file", "what") else "right")
    cases = {
        "numeric timestamps": {"iso": False},
        "ISO 8601 timestamps": {"iso": True},
        "numeric, 2 of 1,000 lines bad": {"iso": False, "bad_every": 1000},
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, settings in cases.items():
            path = Path(folder, "events.jsonl")
            write_lines(path, options.events, **settings)
            floor = seconds_of(lambda path=path: bare_loads(path), options.repeats)
            ours = seconds_of(lambda path=path: read_events(path), options.repeats)
            for what, seconds in (("json.loads of each line", floor), ("read_events", ours)):
                table.add_row(
                    name,
                    what,
                    f"{seconds:.2f}",
                    f"{options.events / seconds:,.0f}",
                    f"{seconds / floor:.2f}",
                )
    Console(markup=False, emoji=False).print(table)


if __name__ == "__main__":
    main()
