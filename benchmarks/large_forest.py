"""Time and memory of the export of a large forest, with its proof.

Run as ``python -m benchmarks.large_forest [--trees 500] [--mb 40]``. The forest is grown first, on
noise, until its model has so many megabytes; only the export is measured, in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._common import host_line  # first: OpenMP

# isort: split
import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier

from novin_ml import export_coreml

FEATURES, CLASSES = 20, 3
#: Of a model in Core ML, for each node.
BYTES_OF_A_NODE = 24


def grown(n_trees: int, megabytes: float) -> RandomForestClassifier:
    """Return a forest whose model has about so many megabytes."""
    nodes = megabytes * 1e6 / BYTES_OF_A_NODE / n_trees
    # Of such noise a tree has so many nodes for each row.
    n_rows = int(nodes / 0.48)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, FEATURES)).astype(np.float32)
    model = RandomForestClassifier(n_trees, random_state=0, n_jobs=1)
    return model.fit(X, rng.integers(0, CLASSES, n_rows))


def measure(file: Path, answer: Any) -> None:
    """Export a forest and send megabytes, seconds, the process's peak and the statement."""
    model = joblib.load(file)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        export = export_coreml(model, Path(folder) / "large.mlmodel")
        seconds = time.perf_counter() - start
        size = export.model.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    certificate = export.certificate
    nodes = certificate.proof.nodes if certificate.proof else 0
    answer.send((size, seconds, before, peak, nodes, certificate.statement))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--mb", type=float, default=40)
    options = parser.parse_args()
    print(host_line())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "forest"
        joblib.dump(grown(options.trees, options.mb), file)
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=measure, args=(file, there))
        process.start()
        size, seconds, before, peak, nodes, statement = here.recv()
        process.join()
    print(
        f"{options.trees:,} trees, {nodes:,} nodes, {size / 1e6:.1f} MB: exported with its proof "
        f"in {seconds:.1f} s, {peak / 1e3:,.0f} MB at most ({before / 1e3:,.0f} MB before)"
    )
    print(statement)


if __name__ == "__main__":
    main()
