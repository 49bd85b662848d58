"""train and evaluate: from labelled rows to a trained estimator with its headline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import Algorithm, FamilyName
from novin_ml.cli.output import fail_gate, reporting


def train_family(named: FamilyName) -> Callable[..., None]:
    """Return the command that trains a family of classifiers."""

    def train_command(
        file: opt.RowsArgument,
        out: Annotated[Path, typer.Option(help="Folder to write the estimator to.")],
        algorithm: opt.AlgorithmOption = Algorithm.BOOSTING,
        epochs: opt.EpochsOption = None,
        test_fraction: Annotated[
            float, typer.Option(help="Share of homes to test on; 0 trains on all.", min=0, max=0.9)
        ] = 0.2,
        balanced: Annotated[bool, typer.Option(help="Give all classes the same weight.")] = False,
        max_bytes: opt.MaxBytesOption = 5_000_000,
        n_jobs: opt.JobsOption = None,
        record: opt.RecordOption = True,
        seed: opt.SeedOption = 0,
        timezone: opt.TimezoneOption = "UTC",
        strict: opt.StrictOption = False,
        json: opt.JsonOption = False,
        quiet: opt.QuietOption = False,
    ) -> None:
        from novin_ml.cli.reading import read, rejects_beside
        from novin_ml.cli.training import train_and_save
        from novin_ml.estimators.families import FAMILIES
        from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
        from novin_ml.store import require_free

        family = FAMILIES[named.name]
        with reporting(json, quiet) as output:
            require_free(out, ESTIMATOR_KIND)
            rejects = rejects_beside(out)
            rows = family.rows_in(file)
            table = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
            train_and_save(
                family,
                table,
                out,
                output,
                record=record,
                test_fraction=test_fraction,
                random_state=seed,
                algorithm=str(algorithm),
                epochs=epochs,
                class_weight="balanced" if balanced else None,
                max_bytes=max_bytes,
                n_jobs=n_jobs,
            )

    train_command.__doc__ = (
        f"Train on the labelled {named.rows} of homes that consent; test on homes that were "
        "held back."
    )
    return train_command


def evaluate_command(
    estimator: opt.EstimatorArgument,
    file: opt.RowsArgument,
    min_accuracy: Annotated[
        float | None, typer.Option(help="Exit with code 1 below this accuracy.", min=0, max=1)
    ] = None,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    refuse_training_data: opt.RefuseOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Score an estimator and the hand-written rules on labelled rows."""
    from novin_ml.cli.reading import classifier_family, load, read
    from novin_ml.cli.show.headline import show_headline
    from novin_ml.cli.training_data import check_training_data
    from novin_ml.estimators.families import rows_of
    from novin_ml.lifecycle import evaluate_with_rules

    with reporting(json, quiet) as output:
        pipeline = load(estimator)
        family = classifier_family(pipeline, estimator)
        rows = rows_of(pipeline)
        table = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        check_training_data(pipeline, table, output, refuse=refuse_training_data)
        with output.step("scoring"):
            headline = evaluate_with_rules(pipeline, table)
        output.add("headline", headline)
        show_headline(headline, f"{family.name} on {file}", pipeline, output)
        passed = min_accuracy is None or headline.model.accuracy >= min_accuracy
        output.add("passed", passed)
    if not passed:
        fail_gate(f"accuracy {headline.model.accuracy:.4f} is below {min_accuracy}")
