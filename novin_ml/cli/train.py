"""train and evaluate: from labelled rows to a trained estimator with its headline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, fail_gate, in_options, reporting
from novin_ml.cli.reading import classifier_family, load, read, rejects_beside
from novin_ml.cli.show.headline import show_headline
from novin_ml.cli.show.training import show_training
from novin_ml.estimators.families import Family
from novin_ml.lifecycle import TrainingResult, evaluate_with_rules, save_estimator, train
from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
from novin_ml.store import require_free


def train_family(family: Family) -> Callable[..., None]:
    """Return the command that trains a family of classifiers."""

    def train_command(
        file: opt.RowsArgument,
        out: Annotated[Path, typer.Option(help="Folder to write the estimator to.")],
        algorithm: opt.AlgorithmOption = opt.BOOSTING,
        epochs: opt.EpochsOption = None,
        test_fraction: Annotated[
            float, typer.Option(help="Share of homes to test on; 0 trains on all.", min=0, max=0.9)
        ] = 0.2,
        balanced: Annotated[bool, typer.Option(help="Weigh all classes the same.")] = False,
        max_bytes: opt.MaxBytesOption = 5_000_000,
        n_jobs: opt.JobsOption = None,
        seed: opt.SeedOption = 0,
        timezone: opt.TimezoneOption = "UTC",
        strict: opt.StrictOption = False,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        with reporting(json, quiet) as output:
            require_free(out, ESTIMATOR_KIND)
            rejects = rejects_beside(out)
            table = read(
                family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects
            )
            train_and_save(
                family,
                table,
                out,
                output,
                test_fraction=test_fraction,
                random_state=seed,
                algorithm=str(algorithm),
                epochs=epochs,
                class_weight="balanced" if balanced else None,
                max_bytes=max_bytes,
                n_jobs=n_jobs,
            )

    train_command.__doc__ = (
        f"Train on the labelled {family.rows.name} of homes that consent; test on homes that were "
        "held back."
    )
    return train_command


def evaluate_command(
    estimator: opt.EstimatorArgument,
    file: opt.RowsArgument,
    min_accuracy: Annotated[
        float | None, typer.Option(help="Exit with 1 below this accuracy.", min=0, max=1)
    ] = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Score an estimator, and the hand-written rules beside it, on labelled rows."""
    with reporting(json, quiet) as output:
        pipeline = load(estimator)
        family = classifier_family(pipeline, estimator)
        table = read(family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        with output.step("scoring"):
            headline = evaluate_with_rules(pipeline, table)
        output.add("headline", headline)
        show_headline(headline, f"{family.name} on {file}", family, output)
        passed = min_accuracy is None or headline.model.accuracy >= min_accuracy
        output.add("passed", passed)
    if not passed:
        fail_gate(f"accuracy {headline.model.accuracy:.4f} is below {min_accuracy}")


def train_and_save(
    family: Family, table: Any, out: Path, output: Output, **params: Any
) -> TrainingResult:
    """Train a classifier, save it, and show what it is worth on homes that were held back."""
    remedy = "Train on all with --test-fraction 0, and evaluate on another file."
    with in_options(remedy):
        result = train(family, table, verbose=output.shows_progress, step=output.step, **params)
    save_estimator(result.pipeline, out)
    show_training(result, out, output)
    with output.step("scoring"):
        headline = result.headline
    if headline is not None:
        output.add("headline", headline)
        title = f"{family.name}, {result.pipeline[-1].algorithm}, homes held back"
        show_headline(headline, title, family, output)
    return result
