"""The page of a classifier: plain words first, then figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from novin_ml.evaluation.report import _figures as draw
from novin_ml.evaluation.report import _html as h
from novin_ml.evaluation.report._curves import BUDGETS
from novin_ml.evaluation.report._details import (
    disagreements_section,
    groups_section,
    importances_section,
    training_section,
)
from novin_ml.evaluation.report._parts import Report
from novin_ml.evaluation.report._sections import certificate_section, data_section
from novin_ml.evaluation.report._style import STYLE
from novin_ml.evaluation.report._svg import svg
from novin_ml.evaluation.report._words import (
    day,
    number,
    percent,
    plural,
    points,
    verdict,
)


def classifier_page(report: Report) -> str:
    """Return the page."""
    title = f"{report.family.capitalize()}: is the model ready?"
    sections: list[Callable[[Report], Any]] = [
        _headline,
        _confusion,
        _finding,
        _reliability,
        _alarms,
        groups_section,
        importances_section,
        disagreements_section,
        training_section,
    ]
    pieces: list[Any] = [h.element("h1", title)]
    for section in sections:
        pieces += section(report)
    pieces += certificate_section(report.certificate, report.absent)
    pieces += data_section(report, report.rows_name)
    return h.page(title, STYLE, pieces)


def _headline(report: Report) -> list[Any]:
    model, rules = report.accuracy, report.rules_accuracy
    clean = ""
    if report.clean_accuracy is not None:
        clean = (
            " The people who labelled made mistakes, and these rows know them: without those the "
            f"model is right in {percent(report.clean_accuracy)}, the rules in "
            f"{percent(report.rules_clean_accuracy)}."
        )
    return [
        h.paragraph(
            f"{report.purpose} Measured on {report.n_rows:,} {report.rows_name} of "
            f"{plural(report.n_homes, 'home')}, {day(report.first_time)} to "
            f"{day(report.last_time)}."
        ),
        h.numbers(
            [
                (
                    "The model is right in",
                    percent(model.share),
                    f"{percent(model.low)} to {percent(model.high)}",
                ),
                (
                    "The hand-written rules in",
                    percent(rules.share),
                    f"{percent(rules.low)} to {percent(rules.high)}",
                ),
                (
                    "Difference",
                    f"{points(report.gain[0])} points",
                    f"{points(report.gain[1])} to {points(report.gain[2])}"
                    if report.n_homes > 1
                    else "of one home",
                ),
            ]
        ),
        h.paragraph(verdict(report.gain, report.n_homes), "verdict"),
        h.paragraph(
            f"Intervals are of 95 % confidence ({model.method}).{clean} Whether these rows were "
            "held back from training is not known here: rows that it was trained on flatter a "
            "model.",
            "note",
        ),
    ]


def _confusion(report: Report) -> list[Any]:
    alt = "Table of counts by right label and answer: " + "; ".join(
        f"{label} {sum(counts):,} times, right {counts[i]:,}"
        for i, (label, counts) in enumerate(zip(report.labels, report.confusion, strict=True))
    )
    size = {} if len(report.labels) < 4 else {"height": 4.0, "width": 4.2}
    drawn = svg(
        partial(draw.confusion, labels=report.labels, counts=report.confusion),
        alt,
        "confusion",
        **size,
    )
    rows = []
    for i, (label, counts) in enumerate(zip(report.labels, report.confusion, strict=True)):
        said = sum(row[i] for row in report.confusion)
        rows.append(
            [
                h.name(label),
                f"{sum(counts):,}",
                percent(counts[i] / sum(counts) if sum(counts) else None),
                percent(counts[i] / said if said else None),
            ]
        )
    return [
        h.element("h2", "What it takes for what"),
        h.figures(
            [
                h.figure(
                    drawn,
                    "By what it was and what the model says. The stronger the colour, the more.",
                )
            ]
        ),
        h.table(
            "Each label",
            ["", report.rows_name, "found", "right when said"],
            rows,
            numeric=(1, 2, 3),
        ),
    ]


def _finding(report: Report) -> list[Any]:
    heading = h.element("h2", "Finding and crying wolf")
    if not report.roc:
        return [heading, h.paragraph(report.absent["roc"], "absent")]
    areas = ", ".join(f"{curve.label} {curve.area:.3f}" for curve in report.roc)
    roc = svg(partial(draw.roc, curves=report.roc), f"ROC curves; area under each: {areas}", "roc")
    averages = ", ".join(f"{each.label} {each.area:.3f}" for each in report.precision_recall)
    precision = svg(
        partial(draw.precision_recall, curves=report.precision_recall),
        f"Precision over recall; average precision of each: {averages}",
        "pr",
    )
    return [
        heading,
        h.paragraph(
            "A model that knows nothing is on the dotted line, a perfect one in the upper left "
            "corner of the first picture and the upper right of the second."
        ),
        h.figures(
            [
                h.figure(roc, "ROC: what is found, and what else is taken for it."),
                h.figure(precision, "Precision and recall: what an answer is worth."),
            ]
        ),
    ]


def _reliability(report: Report) -> list[Any]:
    found = report.reliability
    drawn = svg(
        partial(draw.calibration, reliability=found),
        f"Reliability diagram; expected calibration error {found.ece:.4f}",
        "reliability",
    )
    pieces = [
        h.element("h2", "Does it know how sure it is?"),
        h.paragraph(
            f"Its probabilities are off by {100 * found.ece:.1f} points on average (expected "
            "calibration error) on these rows."
        ),
        h.figures([h.figure(drawn, "On the dotted line it is as often right as it is sure.")]),
    ]
    if "calibration" in report.absent:
        return [*pieces, h.paragraph(report.absent["calibration"], "absent")]
    rows = [
        [
            each["method"],
            f"{each['n_rows']:,}",
            f"{each['ece_before']:.4f}",
            f"{each['ece_after']:.4f}",
            f"{each['log_loss_before']:.4f}",
            f"{each['log_loss_after']:.4f}",
        ]
        for each in found.held_back
    ]
    columns = ["method", "rows", "error before", "error after", "log loss before", "after"]
    caption = "Calibration in training, on rows that were held back"
    return [*pieces, h.table(caption, columns, rows, numeric=(1, 2, 3, 4, 5))]


def _alarms(report: Report) -> list[Any]:
    alt = "False alarms per home and week by threshold: " + "; ".join(
        f"{curve.label}, at most {each['budget']:g} a week from {each['threshold']:.3f} on"
        for curve in report.alarms
        for each in curve.budgets
        if each["budget"] == 1
    )
    rows = [
        [
            h.name(curve.label),
            *(f"{percent(each['recall'])} ({each['threshold']:.3f})" for each in curve.budgets),
        ]
        for curve in report.alarms
    ]
    pieces = [
        h.element("h2", "How many false alarms a threshold costs"),
        h.paragraph(
            f"Homes were observed for {report.home_weeks:,.1f} weeks in all. The higher the "
            "threshold, the fewer false alarms, and the less is found."
        ),
        h.figures(
            [
                h.figure(
                    svg(partial(draw.false_alarms, curves=report.alarms), alt, "alarms"),
                    "False alarms by threshold; the dotted line is one a week, a dot is the "
                    "threshold that was chosen.",
                )
            ]
        ),
        h.table(
            "What is found with so many false alarms per home and week, and from which threshold "
            "on; measured on these rows, no bound on others",
            ["", *(f"{budget:g} a week" for budget in BUDGETS)],
            rows,
            numeric=(1, 2, 3, 4),
        ),
    ]
    if report.thresholds is None:
        pieces.append(h.paragraph(report.absent["thresholds"], "absent"))
    else:
        rows = [
            [
                h.name(each["label"]),
                number(each["threshold"]),
                percent(each["recall"]),
                number(each["false_per_home_week"]),
                number(each["false_per_home_week_upper"]),
            ]
            for each in report.thresholds["thresholds"]
        ]
        columns = ["", "threshold", "found", "false per home and week", "at most"]
        caption = (
            "The thresholds that the model has; at most: upper Poisson bound at "
            f"{percent(report.thresholds['confidence'], 0)}"
        )
        pieces.append(h.table(caption, columns, rows, numeric=(1, 2, 3, 4)))
    if report.abstention is None:
        pieces.append(h.paragraph(report.absent["abstention"], "absent"))
    else:
        chosen = report.abstention
        pieces.append(
            h.paragraph(
                f'It says "don\'t know" below {chosen["abstention"]["abstain_below"]:.3f}: of '
                f"{percent(chosen['abstained'])} of these rows. Of the others it is right in "
                f"{percent(chosen['accuracy'])}. Its sets of labels have the right one in "
                f"{percent(chosen['coverage'])} "
                f"(promised {percent(1 - chosen['abstention']['error_rate'])})."
            )
        )
    return pieces
