"""The section of a classifier's page on alarms: thresholds, budgets and "don't know"."""

from __future__ import annotations

from functools import partial
from typing import Any

from novin_ml.evaluation.report import _figures as draw
from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._curves import BUDGETS
from novin_ml.evaluation.report._parts import AlarmComparison
from novin_ml.evaluation.report._reports import Report
from novin_ml.evaluation.report._sections import share_cell
from novin_ml.evaluation.report._words import between, number, percent, points, upper_words
from novin_ml.evaluation.report.svg import svg
from novin_ml.plain import plural


def alarms_section(report: Report) -> list[Any]:
    """Return the section on the cost of thresholds and on the model's own decisions."""
    return [
        h.paragraph(
            f"Homes were observed for {report.home_weeks:,.1f} weeks in all. The higher the "
            "threshold, the fewer false alarms, and the less is found."
        ),
        h.figures([_curves(report)]),
        _budgets(report),
        *([] if report.alarming is None else _at_rules_alarms(report.alarming)),
    ]


def decisions_section(report: Report) -> list[Any]:
    """Return the section on the model's own thresholds and on its "don't know"."""
    return [*_thresholds(report), *_abstention(report)]


def _curves(report: Report) -> Any:
    """Return the figure of false alarms by threshold."""
    alt = "Share found by false alarms per home and week: " + "; ".join(
        f"{curve.label}, at most {each['budget']:g} a week from {each['threshold']:.3f} on"
        for curve in report.alarms
        for each in curve.budgets
        if each["budget"] == 1
    )
    caption = (
        "Share found by false alarms, each point a threshold; a diamond is the rules, the dotted "
        "line one a week"
    )
    if any(curve.chosen is not None for curve in report.alarms):
        caption += ", a dot is the threshold that was chosen"
    height = draw.height_for(len(report.alarms))
    drawn = svg(partial(draw.false_alarms, curves=report.alarms), alt, "alarms", height=height)
    return h.figure(drawn, f"{caption}.")


def _budgets(report: Report) -> Any:
    """Return the table of what budgets of false alarms find."""
    rows = [
        [
            h.name(curve.label),
            *(
                h.stacked(percent(each["recall"]), f"≥ {each['threshold']:.3f}")
                for each in curve.budgets
            ),
        ]
        for curve in report.alarms
    ]
    return h.table(
        "Share found at each number of false alarms per home and week, and the threshold for "
        "it. Measured on these rows; other rows may differ",
        ["", *(f"{budget:g} a week" for budget in BUDGETS)],
        rows,
        numeric=(1, 2, 3, 4),
    )


def _thresholds(report: Report) -> list[Any]:
    """Return the table of the model's own thresholds, or why there is none."""
    if report.thresholds is None:
        return [h.paragraph(report.absent["thresholds"], "absent")]
    rows = [
        [
            h.stacked(h.name(each["label"]), f"from {number(each['threshold'])} on"),
            h.stacked(percent(each["recall"]), between(each["recall_low"], each["recall_high"])),
            h.stacked(number(each["false_per_home_week"]), upper_words(each)),
        ]
        for each in report.thresholds["thresholds"]
    ]
    caption = (
        "The model's own thresholds on these rows, and what is found with its "
        f"{percent(report.thresholds['confidence'], 0)} interval over homes; with fewer than "
        "10 homes none is stated"
    )
    columns = ["", "found", "false per home and week"]
    notes = [h.paragraph(note) for note in report.thresholds["notes"]]
    return [h.table(caption, columns, rows, numeric=(1, 2)), *notes]


def _abstention(report: Report) -> list[Any]:
    """Return when the model says "don't know", or why it never does."""
    chosen = report.abstention
    if chosen is None:
        return [h.paragraph(report.absent["abstention"], "absent")]
    return [
        h.paragraph(
            f'It says "don\'t know" below {chosen["abstention"]["abstain_below"]:.3f}: for '
            f"{percent(chosen['abstained'])} of these rows. It is right in "
            f"{percent(chosen['accuracy'])} of the others. Its sets of labels contain the "
            f"right one in {percent(chosen['coverage'])} "
            f"(promised {percent(1 - chosen['abstention']['error_rate'])})."
        ),
        *(h.paragraph(note) for note in chosen["notes"]),
    ]


def _at_rules_alarms(compared: AlarmComparison) -> list[Any]:
    rows = [
        [
            h.stacked(h.name(each["label"]), f"{plural(each['n_false'], 'false alarm')}"),
            share_cell(round(each["rules_recall"] * each["n_rows"]), each["n_rows"]),
            share_cell(round(each["model_recall"] * each["n_rows"]), each["n_rows"]),
        ]
        for each in compared.at_rules_alarms
        if each["n_rows"]
    ]
    if not rows:
        return []
    return [
        h.table(
            "Share found with as many false alarms as the rules give, for each label",
            ["", "rules find", "model finds"],
            rows,
            numeric=(1, 2),
        ),
        h.paragraph(f"That is {points(compared.gain)} points more, on average over labels."),
    ]
