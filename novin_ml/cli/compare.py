"""compare: two estimators, or an estimator and the hand-written rules, on the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import Gate
from novin_ml.cli.output import fail_gate, reporting
from novin_ml.plain import plural

RULES = "rules"


def compare_command(
    model_a: Annotated[
        Path, typer.Argument(help="Folder of the estimator to judge.", metavar="MODEL_A")
    ],
    model_b: Annotated[
        str,
        typer.Argument(
            help="Folder of the estimator to compare it with, or `rules`.", metavar="MODEL_B|rules"
        ),
    ],
    file: opt.RowsArgument,
    out: Annotated[
        Path | None, typer.Option(help="CSV file for the rows with different answers.")
    ] = None,
    gate: Annotated[
        Gate | None, typer.Option(help="Exit with code 1 unless MODEL_A is shown to be this.")
    ] = None,
    margin: Annotated[
        float,
        typer.Option(
            help="Loss of accuracy, or of a rollout's value, that still counts as not worse.",
            min=0,
            max=0.5,
        ),
    ] = 0.01,
    confidence: Annotated[
        float,
        typer.Option(help="Confidence of the intervals and the verdict.", min=0.5, max=0.9999),
    ] = 0.95,
    days: opt.DaysOption = None,
    larger_is_better: opt.LargerOption = False,
    seed: opt.SeedOption = 0,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    refuse_training_data: opt.RefuseOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Test whether an estimator is better than another, or than the hand-written rules.

    If FILE has the outcomes of a rollout, the two are its variants (rollout look).
    """
    from novin_ml.cli.compare_variants import compare_variants, holds_outcomes
    from novin_ml.cli.reading import classifier_family, load, read, require_table
    from novin_ml.cli.show.comparison import show_comparison
    from novin_ml.cli.training_data import check_training_data_of
    from novin_ml.estimators.families import rows_of
    from novin_ml.evaluation import compare
    from novin_ml.files import write_csv
    from novin_ml.lifecycle import check_gate

    if holds_outcomes(file):
        compare_variants(
            (file, str(model_a), model_b),
            (days, 1 - confidence, larger_is_better),
            (gate, margin),
            reporting(json, quiet),
            unused={"--out": out is not None, "--refuse-training-data": refuse_training_data},
        )
        return
    with reporting(json, quiet) as output:
        if out is not None:
            require_table(out, file, suffixes=(".csv",))
        first = load(model_a)
        family = classifier_family(first, model_a)
        if model_b == RULES:
            second, name = family.rules(), "the rules"
        else:
            second, name = load(Path(model_b)), model_b
            other = classifier_family(second, Path(model_b))
            if other is not family:
                raise ValueError(
                    f"{model_b} must be of the family of {model_a}, {family.name}. "
                    f"Got {other.name}. Compare models that answer the same question."
                )
        table = read(
            rows_of(first), file, output, timezone=timezone, strict=strict, rejects=rejects
        )
        models = {str(model_a): first} | ({} if model_b == RULES else {model_b: second})
        check_training_data_of(models, table, output, refuse=refuse_training_data)
        with output.step("comparing"):
            comparison = compare(
                first,
                second,
                table,
                names=(str(model_a), name),
                confidence=confidence,
                random_state=seed,
            )
        output.add("comparison", comparison.to_dict())
        show_comparison(comparison, output)
        if out is not None:
            write_csv(comparison.disagreements, out)
            output.add("disagreements", out)
            output.line(
                f"wrote {plural(comparison.n_disagreements, 'row')} with different answers to {out}"
            )
        fault = None if gate is None else check_gate(comparison, str(gate), margin)
        output.add("passed", fault is None)
    if fault is not None:
        fail_gate(fault)
