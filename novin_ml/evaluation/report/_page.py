"""The page of a classifier: plain words first, then figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._alarm_sections import alarms_section
from novin_ml.evaluation.report._answers import (
    confusion_section,
    finding_section,
    reliability_section,
)
from novin_ml.evaluation.report._details import (
    disagreements_section,
    groups_section,
    importances_section,
    training_section,
)
from novin_ml.evaluation.report._parts import AlarmComparison
from novin_ml.evaluation.report._reports import Report
from novin_ml.evaluation.report._sections import (
    certificate_section,
    data_section,
    held_back_warning,
)
from novin_ml.evaluation.report._words import (
    between,
    day,
    number,
    percent,
    points,
    sentence,
)
from novin_ml.evaluation.report.style import STYLE
from novin_ml.evaluation.truth import words_for_labels
from novin_ml.plain import plural
from novin_ml.texts import visible


def classifier_page(report: Report) -> str:
    """Return the page as HTML."""
    title = f"{report.family.capitalize()}: does the model beat the rules?"
    sections: list[Callable[[Report], Any]] = [
        _headline,
        confusion_section,
        finding_section,
        reliability_section,
        alarms_section,
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
    model, rules, gain = report.accuracy, report.rules_accuracy, report.comparison["accuracy"]
    tiles: list[tuple[str, ...]] = [
        (
            "Right answers (accuracy)",
            percent(model.share),
            between(model.low, model.high),
            f"rules: {percent(rules.share)} ({between(rules.low, rules.high)})",
        )
    ]
    remarks = [f"Intervals are of 95 % confidence ({model.method})."]
    if report.alarming is None:
        ends = "of one home" if gain["low"] is None else _ends(gain, points)
        tiles.append(
            ("Right more often than the rules", f"{points(gain['difference'])} points", ends)
        )
    else:
        tiles += _alarm_tiles(report.alarming)
        remarks.append(
            f"Always answering {visible(report.most_frequent, 30)} would be right in "
            f"{percent(report.most_frequent_share)}, and find nothing else."
        )
    if report.clean_accuracy is not None:
        remarks.append(
            "Some of these labels are known to be wrong. By clean labels the model is right in "
            f"{percent(report.clean_accuracy)}, the rules in "
            f"{percent(report.rules_clean_accuracy)}."
        )
    if report.prior is not None:
        remarks.append(report.prior.sentence)
    if report.clean_alarming is not None:
        found, false = report.clean_alarming.found, report.clean_alarming.false_alarms
        remarks.append(
            f"By clean labels the model finds {percent(found.share)}, with "
            f"{number(false.per_week)} false alarms per home and week."
        )
    return [
        h.paragraph(
            f"{report.purpose} Measured on "
            f"{plural(report.n_rows, report.rows_name[:-1])} of "
            f"{plural(report.n_homes, 'home')}, {day(report.first_time)} to "
            f"{day(report.last_time)}. All numbers are of {words_for_labels(report.truth)}, where "
            "no others are named."
        ),
        h.numbers(tiles),
        h.paragraph(sentence(report.comparison["sentence"]), "verdict"),
        *held_back_warning(report),
        h.paragraph(" ".join(remarks), "note"),
    ]


def _alarm_tiles(compared: AlarmComparison) -> list[tuple[str, ...]]:
    found, by_rules = compared.found, compared.rules_found
    false, rules_false = compared.false_alarms, compared.rules_false_alarms
    return [
        (
            f"Found, of {found.n_rows:,} to be found",
            percent(found.share),
            between(found.low, found.high),
            f"rules: {percent(by_rules.share)} ({between(by_rules.low, by_rules.high)})",
        ),
        (
            "False alarms per home and week",
            number(false.per_week),
            f"{number(false.low)} to {number(false.high)}",
            f"rules: {number(rules_false.per_week)} ({number(rules_false.low)} to "
            f"{number(rules_false.high)})",
        ),
    ]


def _ends(interval: dict[str, Any], written: Callable[[float], str]) -> str:
    return f"{written(interval['low'])} to {written(interval['high'])}"
