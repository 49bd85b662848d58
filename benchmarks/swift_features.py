"""Microseconds for the features of one event: the phone's Swift code beside Python's.

Run with ``python -m benchmarks.swift_features``; needs ``swift`` on the PATH. Builds the Swift
package without models for release and lets its ``novin-tool benchmark`` take the time of 100 events
of one home, one by one; then does the same in Python: median and 99th percentile over the events,
of each the quickest of several passes. The last column is Python's time of all events at once, for
each of them. Ends with 1 if an event takes Swift a millisecond or more.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._common import host_line
from novin_ml.coreml.swift import write_features_package
from novin_ml.events import MAX_REQUEST_EVENTS, chains_from_events, read_events
from novin_ml.features import BehaviorHistory, ChainFeatures, DeliveryFeatures, MotionFeatures

LIMIT = 1_000.0  # microseconds
PASSES = 5
ZONES = ("front_door", "porch", "hallway", "kitchen", "driveway")
KINDS = ("motion", "door", "doorbell", "motion", "window", "vehicle")
CONTEXT = 5  # events before an event, that its delivery features look at


def request(seed: int = 0) -> str:
    """Return a request of a home's 100 events, one each 11 s; a motion has a signal of 10 s."""
    rng = np.random.default_rng(seed)
    events = []
    for number in range(MAX_REQUEST_EVENTS):
        kind = KINDS[number % len(KINDS)]
        metadata = {"location": ZONES[number % len(ZONES)], "home_mode": "home"}
        if kind == "motion":
            metadata["raw"] = np.round(rng.random(100), 3).tolist()
        event = {"type": kind, "timestamp": 1_735_689_600 + 11 * number, "home_id": "home"}
        events.append({**event, "confidence": 0.9, "metadata": metadata})
    return json.dumps({"events": events})


def of_swift(file: Path, folder: Path) -> dict[str, tuple[float, float]]:
    """Build the package and return what its benchmark prints, by family."""
    package = write_features_package(folder / "package")
    build = ["swift", "build", "-c", "release", "--product", "novin-tool"]
    subprocess.run(build, cwd=package, check=True, stdout=subprocess.DEVNULL)
    tool = package / ".build" / "release" / "novin-tool"
    shown = subprocess.run(
        [tool, "benchmark", "--json", file], check=True, capture_output=True, text=True
    ).stdout
    times = [json.loads(line) for line in shown.splitlines()]
    return {each["name"]: (each["median"], each["slow"]) for each in times}


def of_python(events: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return the same of Python, and its time for an event of all at once."""
    n = len(events)
    delivery, motion, chains = DeliveryFeatures(), MotionFeatures(), ChainFeatures()
    rows = events.to_dict("records")
    signals = events[events["raw"].notna()]
    sizes = {"motion": len(signals)}

    def update_all() -> list[float]:
        history = BehaviorHistory()
        return [microseconds(lambda row=row: history.update(row)) for row in rows]

    def one_by_one(work: Callable[[int], object]) -> Callable[[], list[float]]:
        return lambda: [microseconds(lambda i=i: work(i)) for i in range(n)]

    def around(i: int) -> pd.DataFrame:
        return events.iloc[max(0, i - CONTEXT) : i + 1]

    passes = {
        "delivery": one_by_one(lambda i: delivery.transform(around(i))),
        # As in Swift, of the events that have a signal.
        "motion": one_by_one(lambda i: motion.transform(signals.iloc[[i % len(signals)]])),
        "chains": one_by_one(lambda i: chains.transform(chains_from_events(around(i)))),
        "behavior": update_all,
    }
    at_once: dict[str, Callable[[], object]] = {
        "delivery": lambda: delivery.transform(events),
        "motion": lambda: motion.transform(signals),
        "chains": lambda: chains.transform(chains_from_events(events)),
        "behavior": lambda: BehaviorHistory.from_events(events),
    }
    figures = {}
    for name, work in passes.items():
        best = np.min([work() for _ in range(PASSES)], axis=0)
        whole = min(microseconds(at_once[name]) for _ in range(PASSES)) / sizes.get(name, n)
        figures[name] = (float(np.median(best)), float(np.percentile(best, 99)), whole)
    return figures


def microseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e6


def main() -> None:
    """Print the table."""
    if shutil.which("swift") is None:
        sys.exit("This benchmark needs swift on the PATH. Got none. Install it from swift.org.")
    print(host_line())
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "request.json")
        file.write_text(request(), encoding="utf-8")
        swift = of_swift(file, Path(scratch))
        python = of_python(read_events(file, strict=True))
    print(f"\n{'':12}{'Swift':>10}{'p99':>10}{'Python':>10}{'p99':>10}{'at once':>10}   (us)")
    for name, (median, slow, whole) in python.items():
        ours = swift[name]
        print(f"{name:12}{ours[0]:10.1f}{ours[1]:10.1f}{median:10.1f}{slow:10.1f}{whole:10.1f}")
    print(f"{'reading':12}{swift['reading'][0]:10.1f}   each event of a request's JSON, in Swift")
    worst = max(swift[name][1] for name in python)
    print(f"\nslowest event in Swift: {worst:.1f} us, limit {LIMIT:.0f}")
    if worst >= LIMIT:
        sys.exit(1)


if __name__ == "__main__":
    main()
