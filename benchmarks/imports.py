"""Milliseconds to import the package and to start the program, each in a process of its own.

Run as ``python -m benchmarks.imports [--runs 11]``. What numpy, pandas and scikit-learn take by
themselves is imported first and not counted where the table says "beyond".
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from statistics import median

from benchmarks._common import host_line  # first: OpenMP

# isort: split
from rich.console import Console
from rich.table import Table

_BASE = "numpy, pandas, sklearn"
#: What is timed: its name, what is imported before, and the statement.
CASES = {
    "import novin_ml, beyond its libraries": (_BASE, "import novin_ml"),
    "its four estimators, beyond its libraries": (
        _BASE,
        "from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier, EventChainClassifier, "
        "MotionClassifier",
    ),
    "what loads a saved model, beyond its libraries": (
        _BASE,
        "from novin_ml.lifecycle import load_estimator",
    ),
    "the commands of the program": ("sys", "import novin_ml.cli.app"),
}


def milliseconds(before: str, statement: str) -> float:
    """Time a statement in a new process, after other imports."""
    code = (
        f"import time, {before}; start = time.perf_counter(); {statement}; "
        "print(1000 * (time.perf_counter() - start))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    table = Table("", "median ms", "least ms", title=f"{runs} processes each")
    for name, (before, statement) in CASES.items():
        times = [milliseconds(before, statement) for _ in range(runs)]
        table.add_row(name, f"{median(times):.1f}", f"{min(times):.1f}")
    console = Console(soft_wrap=True, markup=False, emoji=False)
    console.print(host_line())
    console.print(table)


if __name__ == "__main__":
    main()
