"""How often the times that a plan comes with hold on this machine; and how they are made.

Run as ``python -m benchmarks.planner [--calibrations 1] [--scale 1.0] [--algorithms boosting mlp]
[--write]``. Each calibration is compared with the times of the package as they were before it.
``--write`` adds its runs to ``novin_ml/compute/measured.json``. Runs of one hour share how busy the
machine is: calibrate in quiet and in busy hours. Learners that were not timed before are counted as
"new".
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calibrations", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--algorithms", nargs="+", default=["boosting", "mlp"])
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
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
            now = Times((*known.runs, *runs), known.machine, date.today().isoformat())
            replace(now, facts=known.facts).save(FILE)
            print(f"wrote {FILE.name}: {len(now.runs)} runs\n", flush=True)


if __name__ == "__main__":
    main()
