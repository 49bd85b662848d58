"""Change files and read them, many times: ``python -m tests.fuzz`` or ``make fuzz``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz.running import Worker, run
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Run targets; return 1 if a file made a reader fail."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--number", type=int, help="mutations of each target, not those of its own")
    parser.add_argument("--first", type=int, default=0, help="number of the first mutation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="where faults go")
    args = parser.parse_args()
    worker, faults, total = Worker(), 0, 0
    _say("target           files    read  refused  faults  slowest s  seconds")
    try:
        for name in args.targets or TARGETS:
            target = TARGETS[name]
            numbers = range(args.first, args.first + (args.number or target.n_long))
            tally = run(worker, target, numbers, seed=args.seed, keep=args.keep)
            faults, total = faults + len(tally.faults), total + len(numbers)
            _say(
                f"{name:15} {len(numbers):6}  {tally.counts['read']:6}  {tally.counts['refused']:7}"
                f"  {len(tally.faults):6}  {tally.slowest:9.2f}  {tally.seconds:7.0f}"
            )
            for number, said in tally.faults:
                _say(f"  {number}: {' '.join(said.split())}")
    finally:
        worker.close()
    _say(f"{total:,} files, {faults:,} faults")
    return 1 if faults else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
