"""Seconds to read and check events: JSON lines beside a bare ``json.loads``, and from memory.

Run as ``python -m benchmarks.reading [--events 1000000]``.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from novin_ml.events import events_from_frame, events_from_records, read_events

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


def doors_of_memory(path: Path) -> dict[str, Callable[[], object]]:
    """Return what reads the events of a file that are in memory already."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    frame = pd.json_normalize(records)
    doors: dict[str, Callable[[], object]] = {
        "events_from_records, dicts": lambda: events_from_records(records),
        "events_from_frame, pandas": lambda: events_from_frame(frame),
    }
    if find_spec("polars") is not None:
        polars = import_module("polars").from_pandas(frame)
        doors["events_from_frame, polars"] = lambda: events_from_frame(polars)
    return doors


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args()
    table = Table(title=f"Reading {options.events:,} events, fastest of runs")
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
        write_lines(path, options.events, iso=False)
        for what, read in doors_of_memory(path).items():
            seconds = seconds_of(read, options.repeats)
            table.add_row(
                "in memory", what, f"{seconds:.2f}", f"{options.events / seconds:,.0f}", ""
            )
    Console(markup=False, emoji=False).print(table)


if __name__ == "__main__":
    main()
