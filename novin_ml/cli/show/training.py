"""Prints what a training was."""

from __future__ import annotations

from pathlib import Path

from novin_ml.cli.output import Output
from novin_ml.estimators.learners import PartReport
from novin_ml.lifecycle import TrainingResult


def show_training(result: TrainingResult, out: Path, output: Output) -> None:
    """Print what a classifier was trained on, and where it was saved."""
    classifier, rows_name = result.pipeline[-1], result.family.rows.name
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
        f"trained {classifier.algorithm} on {result.n_trained:,} {rows_name} of "
        f"{result.n_homes} homes in {result.seconds:.1f} s "
        f"({result.n_without_consent:,} labelled {rows_name} left out without consent), "
        f"{fit.epochs_kept} epochs kept, about {size.model_bytes / 1e6:.2f} MB. {size.cost}"
    )
    if fit.parts:
        _show_parts(fit.parts, output)
    output.line(f"saved to {out}")


def _show_parts(parts: list[PartReport], output: Output) -> None:
    """Print what a blend gains over its parts, and what it costs."""
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
    output.table("the blend and its parts, on the rows that chose the weight", columns, rows)
