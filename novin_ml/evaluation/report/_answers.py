"""Sections of a classifier's page: which labels it confuses, and how sure it is."""

from __future__ import annotations

from functools import partial
from typing import Any

from novin_ml.evaluation.report import _figures as draw
from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._reports import Report
from novin_ml.evaluation.report._sections import share_cell
from novin_ml.evaluation.report._words import sentence
from novin_ml.evaluation.report.svg import svg
from novin_ml.plain import plural

#: The calibrated parts, in the order of `FitReport.calibration`, and the methods.
_PARTS = {
    "boosting": ["trees"],
    "mlp": ["network"],
    "blend": ["trees", "network", "both, mixed"],
    "forest": ["trees"],
}
_METHODS = {
    "platt": "Platt's scale and shift",
    "temperature": "temperature",
    "blend": "as its parts",
}


def confusion_section(report: Report) -> list[Any]:
    """Return the confusion matrices of the model and of the rules."""
    rows = []
    for i, (label, counts) in enumerate(zip(report.labels, report.confusion, strict=True)):
        n_rows, said, by_rules = (
            sum(counts),
            *(sum(row[i] for row in found) for found in (report.confusion, report.rules_confusion)),
        )
        right = report.rules_confusion[i][i]
        rows.append(
            [
                h.stacked(h.name(label), plural(n_rows, report.rows_name[:-1])),
                share_cell(counts[i], n_rows, rules=(right, n_rows)),
                share_cell(counts[i], said, rules=(right, by_rules)),
            ]
        )
    return [
        h.figures(
            [
                _matrix(report, report.confusion, "the model", "confusion"),
                _matrix(report, report.rules_confusion, "the rules", "rules-confusion"),
            ]
        ),
        h.table(
            "Each label, with exact 95 % intervals of independent rows",
            ["", "found (recall)", "right when said (precision)"],
            rows,
            numeric=(1, 2),
        ),
    ]


def _matrix(report: Report, matrix: list[list[int]], who: str, name: str) -> h.Safe:
    """Return the picture of one confusion matrix."""
    alt = f"Table of counts by right label and answer of {who}: " + "; ".join(
        f"{label} {plural(sum(counts), 'time')}, right {counts[i]:,}"
        for i, (label, counts) in enumerate(zip(report.labels, matrix, strict=True))
    )
    size = {} if len(report.labels) < 4 else {"height": 4.0, "width": 4.2}
    drawn = svg(
        partial(draw.confusion, labels=report.labels, counts=matrix, who=who), alt, name, **size
    )
    caption = f"{sentence(who)}: rows by right label and by answer. A stronger colour is more rows."
    return h.figure(drawn, caption)


def finding_section(report: Report) -> list[Any]:
    """Return the section on how well the model separates each label from the rest."""
    if not report.roc:
        return [h.paragraph(report.absent["roc"], "absent")]
    areas = ", ".join(f"{curve.label} {curve.area:.3f}" for curve in report.roc)
    averages = ", ".join(f"{each.label} {each.area:.3f}" for each in report.precision_recall)
    height = draw.height_for(len(report.roc))
    roc = svg(
        partial(draw.roc, curves=report.roc),
        f"ROC curves; area under each: {areas}",
        "roc",
        height=height,
    )
    precision = svg(
        partial(draw.precision_recall, curves=report.precision_recall),
        f"Precision over recall; average precision of each: {averages}",
        "pr",
        height=height,
    )
    return [
        h.paragraph(
            "Each point is a threshold; a diamond is the rules, which have none. A model that "
            "knows nothing is on the dotted line, a perfect one in the upper left corner of the "
            "first picture and the upper right of the second. The area under a curve is at most "
            "1. For a model that knows nothing, it is 0.5 in the first picture and the label's "
            "share of the rows in the second."
        ),
        h.figures(
            [
                h.figure(roc, "ROC curve: share found against share of other rows taken for it."),
                h.figure(precision, "Precision and recall: share right against share found."),
            ]
        ),
    ]


# What a model of version 0.1.0 keeps was measured as None says.
_FITTED_ON = {
    "home": ": each home is calibrated by the rows of other homes",
    "row": ": each row is calibrated by the rows of other folds",
    None: ", the ones that it was fitted on",
}


def reliability_section(report: Report) -> list[Any]:
    """Return the section on calibration."""
    found = report.reliability
    drawn = svg(
        partial(draw.calibration, reliability=found, rules_right=report.rules_accuracy.share),
        f"Reliability diagram; expected calibration error {found.ece:.4f}",
        "reliability",
        height=draw.height_for(4),
    )
    caption = (
        "Reliability diagram: on the dotted line, the model is right as often as it expects. Bars "
        "show the share of answers. The rules always answer as if they were sure."
    )
    pieces = [
        h.paragraph(
            f"Its probabilities are off by {100 * found.ece:.1f} points on average (expected "
            "calibration error) on these rows."
        ),
        h.figures([h.figure(drawn, caption)]),
    ]
    if "calibration" in report.absent:
        return [*pieces, h.paragraph(report.absent["calibration"], "absent")]
    rows = [
        [
            h.stacked(
                part,
                f"{_METHODS[each['method']]}; {plural(each['n_rows'], 'row')}"
                + ("" if each.get("applied", True) else "; not applied, as it gains nothing"),
            ),
            h.stacked(f"{each['ece_after']:.4f}", f"before: {each['ece_before']:.4f}"),
            h.stacked(f"{each['log_loss_after']:.4f}", f"before: {each['log_loss_before']:.4f}"),
        ]
        for part, each in zip(_PARTS[report.algorithm], found.held_back, strict=True)
    ]
    caption = (
        "After and before calibration, on held-back training rows"
        f"{_FITTED_ON[found.held_back[0].get('cross_fitted_by')]}. Calibration minimises the log "
        "loss, the mean of -log of the right label's probability. "
        "The calibration error, a mean over bins, may still rise."
    )
    columns = ["part", "calibration error", "log loss"]
    return [*pieces, h.table(caption, columns, rows, numeric=(1, 2))]
