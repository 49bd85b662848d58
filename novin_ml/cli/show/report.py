"""Prints the recommendation of a report and the main numbers of its page."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.evaluation import BaselineReport, Report
from novin_ml.evaluation.report.numbers import main_numbers
from novin_ml.evaluation.truth import words_for_labels
from novin_ml.plain import plural


def show_report(report: Report | BaselineReport, output: Output) -> None:
    """Print what to do and why, and for a classifier the main numbers beside the rules'."""
    advice = report.recommendation
    if advice is not None:
        output.line(advice.sentence)
        for reason in advice.reasons:
            output.line(f"  {reason}")
        for risk in advice.risks:
            output.line(f"  risk: {risk}")
    if isinstance(report, BaselineReport):
        return
    title = f"{plural(report.n_rows, report.rows_name[:-1])} of {plural(report.n_homes, 'home')}"
    output.table(
        f"{title}; {words_for_labels(report.truth)}",
        ["", "model", "95 %", "rules", "95 %"],
        [list(row) for row in main_numbers(report)],
    )
