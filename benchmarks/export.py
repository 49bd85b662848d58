"""Seconds to export and certify models of several sizes, stage by stage.

Run as ``python -m benchmarks.export [--repeats 3]``.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks._common import host_line, noisy_table, seconds_of  # first: OpenMP

# isort: split
from rich.console import Console
from rich.table import Table

import novin_ml.coreml.converters  # noqa: F401  (fills the registry)
from novin_ml import DeliveryClassifier, export_coreml, verify_coreml
from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.converters import converter_for, parse_model

#: Seconds that export and certificate of the largest model may take.
BAR = 20.0
MODEL_BYTES = (500_000, 2_000_000, 5_000_000)


def model_of(max_bytes: int, algorithm: str) -> Any:
    """Train a model of nearly that size: six classes, so that the budget binds."""
    X, y = noisy_table(20_000, 24, 6)
    params: dict[str, Any] = {"max_depth": 8, "min_child_weight": 1.0, "learning_rate": 0.1}
    epochs = 500
    if algorithm == "mlp":
        width = int((max_bytes / 4) ** 0.5)
        params, epochs = {"hidden_layer_sizes": (width, width)}, 1
    return DeliveryClassifier(
        algorithm,
        epochs=epochs,
        early_stopping=False,
        max_bytes=max_bytes,
        learner_params=params,
        n_jobs=1,
        random_state=0,
    ).fit(X, y)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    coremltools()  # imported before the clock runs
    console = Console(markup=False, emoji=False)
    table = Table(
        title=f"Export with certificate, medians of {options.repeats}",
        caption=f"bar: {BAR:.0f} s for the largest model, export and certificate together",
    )
    for column in ("model", "MB", "rows checked", "convert s", "export s", "verify s", ""):
        table.add_column(column, justify="left" if column == "model" else "right")
    for algorithm in ("boosting", "mlp"):
        for max_bytes in MODEL_BYTES:
            model = model_of(max_bytes, algorithm)
            subject = parse_model(model)
            converter = converter_for(subject.learner)
            times: dict[str, list[float]] = {"convert": [], "export": [], "verify": []}
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "model.mlmodel")
                for _ in range(options.repeats):
                    times["convert"].append(seconds_of(lambda s=subject, c=converter: c.convert(s)))
                    times["export"].append(seconds_of(lambda m=model, p=path: export_coreml(m, p)))
                    times["verify"].append(seconds_of(lambda p=path: verify_coreml(p)))
                certificate = verify_coreml(path)
                size = path.stat().st_size
            export = median(times["export"])
            table.add_row(
                algorithm,
                f"{size / 1e6:.2f}",
                f"{certificate.rows:,}",
                *(f"{median(seconds):.2f}" for seconds in times.values()),
                "ok" if export <= BAR else "above the bar",
            )
    console.print(table)
    console.print(host_line())


if __name__ == "__main__":
    main()
