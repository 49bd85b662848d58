"""The page of a classifier: what to do and why, the figures, and the details folded."""

from __future__ import annotations

from typing import Any

from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._alarm_sections import alarms_section, decisions_section
from novin_ml.evaluation.report._answers import (
    confusion_section,
    finding_section,
    reliability_section,
)
from novin_ml.evaluation.report._details import (
    comparison_section,
    disagreements_section,
    examples_section,
    groups_section,
    importances_section,
    training_section,
)
from novin_ml.evaluation.report._layout import Section, laid_out
from novin_ml.evaluation.report._reports import Report
from novin_ml.evaluation.report._sections import (
    certificate_section,
    data_section,
    device_section,
    drift_section,
    held_back_warning,
)
from novin_ml.evaluation.report._words import day, points
from novin_ml.evaluation.report.numbers import main_numbers
from novin_ml.evaluation.truth import words_for_labels
from novin_ml.plain import plural


def classifier_page(report: Report) -> str:
    """Return the page as HTML."""
    no_miss = "No miss of a home that consents."
    no_alarm = "No false alarm of a home that consents."
    if report.alarming is None:
        no_alarm = "Every label is one to find, so there are no false alarms, only wrong answers."
    figures = [
        Section("confusion", "What was right, and what was answered", confusion_section(report)),
        Section("finding", "Finding and false alarms (ROC, precision)", finding_section(report)),
        Section("alarms", "What a threshold finds, and what it costs", alarms_section(report)),
        Section("sure", "Does it know how sure it is? (calibration)", reliability_section(report)),
        Section("misses", "The worst misses", examples_section(report.misses, no_miss)),
        Section(
            "loud",
            "The loudest false alarms",
            examples_section(report.loud_false_alarms, no_alarm),
        ),
        Section(
            "device",
            "Size and time on the device",
            device_section(report, report.size["model_bytes"]),
        ),
        Section("drift", "Have homes changed since the training? (drift)", drift_section(report)),
    ]
    details = [
        Section("compared", "The comparison with the rules in full", comparison_section(report)),
        Section(
            "decisions", "The model's own thresholds and \"don't know\"", decisions_section(report)
        ),
        Section("groups", "Where and when it is right", groups_section(report)),
        Section("features", "What it looks at (features)", importances_section(report)),
        Section(
            "disagreements",
            "Where the rules and the model disagree",
            disagreements_section(report),
        ),
        Section("training", "Training", training_section(report)),
        Section(
            "certificate",
            "Is the model on the phone this model?",
            certificate_section(report.certificate, report.absent),
        ),
        Section("data", "Data and versions", data_section(report, report.rows_name)),
    ]
    title = f"{report.family.capitalize()}: should the model replace the rules?"
    return laid_out(title, report.recommendation, _headline(report), figures, details)


def _headline(report: Report) -> list[Any]:
    gain = report.comparison["accuracy"]
    tiles: list[tuple[str, ...]] = [
        (what, model, ends, f"rules: {rules} ({rules_ends})")
        for what, model, ends, rules, rules_ends in main_numbers(report)
    ]
    if report.alarming is None:
        ends = "of one home"
        if gain["low"] is not None:
            ends = f"{points(gain['low'])} to {points(gain['high'])}"
        tiles.append(
            ("Right more often than the rules", f"{points(gain['difference'])} points", ends)
        )
    return [
        h.numbers(tiles),
        *held_back_warning(report),
        h.paragraph(
            f"{report.purpose} Measured on "
            f"{plural(report.n_rows, report.rows_name[:-1])} of "
            f"{plural(report.n_homes, 'home')}, {day(report.first_time)} to "
            f"{day(report.last_time)}. All numbers are of {words_for_labels(report.truth)}, where "
            "no others are named.",
            "note",
        ),
    ]
