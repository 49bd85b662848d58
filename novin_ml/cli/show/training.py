"""Prints a training."""

from __future__ import annotations

from pathlib import Path

from novin_ml.cli.output import Output
from novin_ml.estimators.families import rows_of
from novin_ml.estimators.learners import PartReport
from novin_ml.lifecycle import TrainingResult
from novin_ml.plain import plural


def show_training(result: TrainingResult, out: Path, output: Output) -> None:
    """Print the rows, time and size of a training, and the path of the estimator."""
    classifier, row = result.pipeline[-1], rows_of(result.pipeline).name[:-1]
    fit, size = classifier.fit_report_, classifier.size_report_
    output.document |= {
        "estimator": out,
        "trained_on": result.n_trained,
        "left_out_without_consent": result.n_without_consent,
        "seconds": round(result.seconds, 3),
        "epochs": fit.epochs_kept,
        "size": size,
        "parts": fit.parts,
    }
    output.line(
        f"trained {classifier.algorithm} on {plural(result.n_trained, row)} of "
        f"{plural(result.n_homes, 'home')} in {result.seconds:.1f} s "
        f"({plural(result.n_without_consent, f'labelled {row}')} left out without consent), "
        f"{plural(fit.epochs_kept, 'epoch')} kept, about {size.model_bytes / 1e6:.2f} MB. "
        f"{size.cost}"
    )
    if fit.parts:
        _show_parts(fit.parts, output)
    output.line(f"saved to {out}")


def _show_parts(parts: list[PartReport], output: Output) -> None:
    """Print the scores and sizes of a blend and its parts."""
    columns = ["part", "weight", "held-back log loss", "held-back accuracy", "bytes"]
    rows = [
        [
            part.name,
            f"{part.weight:.3f}",
            "" if part.log_loss is None else f"{part.log_loss:.5f}",
            "" if part.accuracy is None else f"{part.accuracy:.2%}",
            f"{part.model_bytes:,}",
        ]
        for part in parts
    ]
    output.table(
        "the blend and its parts, cross-fitted on the held-back rows",
        columns,
        rows,
    )
