"""Prints the comparison of two models."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.evaluation import Comparison
from novin_ml.evaluation.comparison import p_words
from novin_ml.evaluation.truth import words_for_labels
from novin_ml.plain import plural


def show_comparison(comparison: Comparison, output: Output) -> None:
    """Print scores, the changes for each label, and the verdict."""
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
        plural(comparison.n_rows, "row")
        + ("" if comparison.unit == "rows" else f" of {comparison.n_groups:,} {comparison.unit}")
        + f"; {words_for_labels(comparison.truth)}",
        ["", a, b, "difference", f"{100 * comparison.confidence:.4g} % interval"],
        rows,
    )
    output.table(
        f"changes from {b} to {a}; {words_for_labels(comparison.truth)}",
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
        f"different answers on {plural(comparison.n_disagreements, 'row')}; only {a} is right on "
        f"{test.only_a:,}, only {b} on {test.only_b:,} (McNemar's exact test, as if rows were "
        f"independent: {p_words(test.p_value)}; swapping whole {comparison.unit}: "
        f"{p_words(comparison.p_value)})"
    )
    output.line(comparison.sentence)
