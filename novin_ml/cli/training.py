"""Trains a classifier, saves it and shows its scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from novin_ml.cli.output import Output, in_options
from novin_ml.cli.show.headline import show_headline
from novin_ml.cli.show.training import show_training
from novin_ml.estimators.families import Family
from novin_ml.lifecycle import TrainingResult, save_estimator, train


def train_and_save(
    family: Family, table: Any, out: Path, output: Output, *, record: bool = True, **params: Any
) -> TrainingResult:
    """Train a classifier, save it, and show its scores on homes that were held back."""
    remedy = "Train on all with --test-fraction 0, and evaluate on another file."
    with in_options(remedy):
        result = train(family, table, verbose=output.shows_progress, step=output.step, **params)
    save_estimator(result.pipeline, out, training_record=record)
    show_training(result, out, output)
    with output.step("scoring"):
        headline = result.headline
    if headline is not None:
        output.add("headline", headline)
        title = f"{family.name}, {result.pipeline[-1].algorithm}, homes held back"
        show_headline(headline, title, result.pipeline, output)
    return result
