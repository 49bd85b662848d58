"""The main numbers of a classifier's report, as its page and the terminal write them."""

from __future__ import annotations

from novin_ml.evaluation.report._reports import Report
from novin_ml.evaluation.report._words import between, number, percent


def main_numbers(report: Report) -> list[tuple[str, str, str, str, str]]:
    """Return a row for each main number.

    Parameters
    ----------
    report : Report
        The report of a classifier.

    Returns
    -------
    rows : list of tuple of str
        What it is, the model's number and its interval, and the rules'.
    """
    model, rules, compared = report.accuracy, report.rules_accuracy, report.alarming
    rows = [
        (
            "Right answers (accuracy)",
            percent(model.share),
            between(model.low, model.high),
            percent(rules.share),
            between(rules.low, rules.high),
        )
    ]
    if compared is None:
        return rows
    found, by_rules = compared.found, compared.rules_found
    false, rules_false = compared.false_alarms, compared.rules_false_alarms
    return [
        *rows,
        (
            f"Found, of {found.n_rows:,} to be found (recall)",
            percent(found.share),
            between(found.low, found.high),
            percent(by_rules.share),
            between(by_rules.low, by_rules.high),
        ),
        (
            "False alarms per home and week",
            number(false.per_week),
            f"{number(false.low)} to {number(false.high)}",
            number(rules_false.per_week),
            f"{number(rules_false.low)} to {number(rules_false.high)}",
        ),
    ]
