"""compare: two estimators, or one and the hand-written rules, on the same labelled rows."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import Output, fail_gate, reporting
from novin_ml.cli.reading import family_of, load, read, require_table
from novin_ml.evaluation import Comparison, compare
from novin_ml.evaluation.comparison._comparison import p_words
from novin_ml.files import replace_whole

RULES = "rules"


class Gate(StrEnum):
    """What the first must be shown to be."""

    BETTER = "better"
    NOT_WORSE = "not-worse"


def compare_command(
    model_a: Annotated[
        Path, typer.Argument(help="Folder of the estimator that is judged.", metavar="MODEL_A")
    ],
    model_b: Annotated[
        str,
        typer.Argument(
            help="Folder of the one that it is compared with, or `rules`.", metavar="MODEL_B|rules"
        ),
    ],
    file: opt.RowsArgument,
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write the rows with different answers to.")
    ] = None,
    gate: Annotated[
        Gate | None, typer.Option(help="Exit with 1 unless the first is shown to be that.")
    ] = None,
    margin: Annotated[
        float,
        typer.Option(help="Accuracy that may be lost and is still not worse.", min=0, max=0.5),
    ] = 0.01,
    confidence: Annotated[
        float, typer.Option(help="Of the intervals and the verdict.", min=0.5, max=0.9999)
    ] = 0.95,
    seed: opt.SeedOption = 0,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    rejects: opt.RejectsOption = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Say whether one estimator is better than another, or than the hand-written rules."""
    with reporting(json, quiet) as output:
        if out is not None:
            require_table(out, file, suffixes=(".csv",))
        first = load(model_a)
        family = family_of(first, model_a)
        if model_b == RULES:
            second, name = family.make_rules(), "the rules"
        else:
            second, name = load(Path(model_b)), model_b
            other = family_of(second, Path(model_b))
            if other is not family:
                raise ValueError(
                    f"{model_b} must be of the family of {model_a}, {family.name}. "
                    f"Got {other.name}. Compare models that answer the same question."
                )
        table = read(family.rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
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
            with replace_whole(out) as new:
                comparison.disagreements.to_csv(new, index=False)
            output.add("disagreements", out)
            output.line(
                f"wrote {comparison.n_disagreements:,} rows with different answers to {out}"
            )
        passed = {
            None: True,
            Gate.BETTER: comparison.verdict == "better",
            Gate.NOT_WORSE: comparison.is_not_worse(margin),
        }[gate]
        output.add("passed", passed)
    if not passed:
        allowed = f" by less than {100 * margin:g} points" if gate is Gate.NOT_WORSE else ""
        fail_gate(f"{model_a} is not shown to be {gate}{allowed}. {comparison.sentence}")


def show_comparison(comparison: Comparison, output: Output) -> None:
    """Print scores, what changes for each label, and the verdict."""
    a, b = comparison.names
    rows = []
    scores = {"accuracy": (comparison.accuracy, 100, "{:.2f} %", "{:+.2f}")}
    if comparison.log_loss is not None:
        scores["log loss"] = (comparison.log_loss, 1, "{:.4f}", "{:+.4f}")
    for name, (score, scale, plain, signed) in scores.items():
        values = [plain.format(scale * value) for value in (score.a, score.b)]
        changes = [signed.format(scale * v) for v in (score.difference, score.low, score.high)]
        rows.append([name, *values, changes[0], f"{changes[1]} to {changes[2]}"])
    output.table(
        f"{comparison.n_rows:,} rows"
        + ("" if comparison.unit == "rows" else f" of {comparison.n_groups:,} {comparison.unit}"),
        ["", a, b, "difference", f"{100 * comparison.confidence:.4g} % interval"],
        rows,
    )
    output.table(
        f"what {a} does otherwise than {b}",
        ["", "rows", "recall", "found", "lost", "precision", "false ones gone", "false ones new"],
        [
            [
                change.label,
                f"{change.n_rows:,}",
                f"{100 * change.recall_difference:+.2f}",
                f"{change.won:,}",
                f"{change.lost:,}",
                f"{100 * change.precision_difference:+.2f}",
                f"{change.false_won:,}",
                f"{change.false_lost:,}",
            ]
            for change in comparison.classes
        ],
    )
    test = comparison.mcnemar
    output.line(
        f"different answers on {comparison.n_disagreements:,} rows; only {a} is right on "
        f"{test.only_a:,}, only {b} on {test.only_b:,} (McNemar's exact test, as if rows were "
        f"independent: {p_words(test.p_value)}; swapping whole {comparison.unit}: "
        f"{p_words(comparison.p_value)})"
    )
    output.line(comparison.sentence)
