"""Print what models reach on logs of real homes, beside their peers on the same folds.

Run as ``python -m benchmarks.real_homes [PART ...] [--data DIR]``; the parts are chains,
answer_before, vocabularies, planted, incidents and readiness. The folder is described in
``benchmarks/real_homes/_layout.py``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from benchmarks._report import Report, add_report_options  # first: OpenMP

# isort: split
from benchmarks._datasets import SHARED
from benchmarks.real_homes._layout import Home, read_homes

#: Parts in the order in which they are printed: a module of each, whose ``show(homes, report)``
#: prints its tables.
PARTS = ("chains", "answer_before", "vocabularies", "planted", "incidents", "readiness")


def main() -> None:
    """Print the tables of the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--data", type=Path, default=SHARED, help="folder of homes")
    parser.add_argument("--timezone", default="UTC", help="of times that tell no offset")
    planted = parser.add_argument_group("planted")
    planted.add_argument("--draws", type=int, default=200, help="anomalies of each kind")
    planted.add_argument("--seed", type=int, default=0, help="of the draws and of the models")
    planted.add_argument("--test-days", type=int, help="days that are not trained on")
    planted.add_argument("--homes", type=int, default=4, help="simulated homes")
    add_report_options(parser)
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"a part must be one of {', '.join(PARTS)}. Got {unknown[0]!r}")
    homes = read_homes(options.data, options.timezone)
    report = Report(options, "real_homes")
    for part in PARTS:
        if not options.parts or part in options.parts:
            show: Callable[[list[Home], Report], None] = import_module(
                f"benchmarks.real_homes.{part}"
            ).show
            show(homes, report)
    report.close()


if __name__ == "__main__":
    main()
