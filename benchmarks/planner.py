"""How often the times that a plan comes with hold on this machine; and how they are made.

Run as ``python -m benchmarks.planner [--calibrations 1] [--scale 1.0] [--algorithms boosting mlp]
[--write] [--held-out]``. Each calibration is compared with the times of the package as they were
before it. ``--write`` adds its runs to ``novin_ml/compute/measured.json``, as a session of its own.
Runs of one session share how busy the machine is: calibrate in quiet and in busy hours. Learners
that were not timed before are counted as "new". ``--held-out`` measures nothing: it counts the runs
of each known session that lie within the intervals of the others.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks._host import host_line, load
from novin_ml import compute
from novin_ml.compute import Times, read_times
from novin_ml.federated import calibrate_aggregation
from novin_ml.lifecycle import calibrate

FILE = Path(compute.__file__).with_name("measured.json")


def compared(known: Times, runs: list[tuple[str, int, int, float]]) -> list[str]:
    """Return a line of the table for each task."""
    lines = []
    for task in dict.fromkeys(run[0] for run in runs):
        mine = [run for run in runs if run[0] == task]
        inside, of = known.inside(mine)
        held = f"{inside} of {of}" if of else "new"
        largest = max(run[1] for run in mine)
        slowest = max(run[3] for run in mine if run[1] == largest)
        lines.append(f"| {task} | {len(mine)} | {held} | {largest:,} | {slowest:.2f} |")
    return lines


def held_out(known: Times) -> list[str]:
    """Return a table: of each task, the runs within the intervals of the other sessions."""
    lines = [
        "| task | sessions | within the intervals of the others | most times the median |",
        "|---|---|---|---|",
    ]
    for task in known.laws:
        of_task = [
            each for each in zip(known.runs, known.sessions, strict=True) if each[0][0] == task
        ]
        sessions = sorted({session for _, session in of_task})
        inside, wide = 0, []
        for left_out in sessions if len(sessions) > 2 else []:
            runs, kept = zip(*(each for each in of_task if each[1] != left_out), strict=True)
            others = Times(runs, known.machine, sessions=kept)
            mine = [run for run, session in of_task if session == left_out]
            inside += others.inside(mine)[0]
            wide += [_width(others, run) for run in mine]
        held = f"{inside} of {len(wide)}, {np.median(wide):.1f}" if wide else "too few sessions, -"
        lines.append(f"| {task} | {len(sessions)} | {held.replace(', ', ' | ')} |")
    return lines


def _width(times: Times, run: tuple[str, int, int, float]) -> float:
    found = times.laws[run[0]].predict(run[2], run[1])
    return found.high / found.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calibrations", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--algorithms", nargs="+", default=["boosting", "mlp"])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--held-out", action="store_true")
    args = parser.parse_args()
    if args.held_out:
        print("\n".join(held_out(read_times(FILE))))
        return
    for number in range(args.calibrations):
        print(f"{host_line()}\n")
        before = load()
        known = replace(read_times(FILE), is_own=False)
        runs = calibrate(algorithms=args.algorithms, scale=args.scale, random_state=number)
        runs += calibrate_aggregation()
        print("| task | runs | within their intervals | most rows | seconds of these |")
        print("|---|---|---|---|---|")
        print("\n".join(compared(known, runs)))
        inside, of = known.inside(runs)
        print(f"\n{inside} of {of} within their intervals; load {before} to {load()}\n", flush=True)
        if args.write:
            now = known.joined(Times(tuple(runs), known.machine, date.today().isoformat()))
            now.save(FILE)
            print(f"wrote {FILE.name}: {len(now.runs)} runs\n", flush=True)


if __name__ == "__main__":
    main()
