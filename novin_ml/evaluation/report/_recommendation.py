"""Whether to ship a model: the recommendation of a report, with its reasons and risks.

A model replaces the hand-written rules, so it is measured against them. It ships if it is shown to
be right more often in other homes, finds at least as much, and raises no more false alarms. If only
the thresholds are in the way, those are recommended with which it does.
"""

from __future__ import annotations

import math
from typing import Any

from novin_ml.evaluation.comparison import BETTER, WORSE
from novin_ml.evaluation.report._parts import AlarmComparison, Recommendation
from novin_ml.evaluation.report._reports import BaselineReport, Report
from novin_ml.evaluation.report._words import number, percent, points
from novin_ml.evaluation.truth import CLEAN
from novin_ml.plain import plural
from novin_ml.texts import visible

SHIP, AT_THRESHOLD, STOP = "ship", "ship at this threshold", "do not ship"
_FEW_HOMES, _FEW_TO_FIND = 20, 50
_FAR_OFF = 0.05  # calibration error
_HALF = 0.5
_WEAK = 0.1  # accuracy below that of all homes


def recommendation(report: Report | BaselineReport) -> Recommendation:
    """Return what a report advises.

    Parameters
    ----------
    report : Report or BaselineReport
        With all that it is given from elsewhere.
    """
    if isinstance(report, BaselineReport):
        return _of_baseline(report)
    return _of_classifier(report)


def _advice(
    action: str,
    reasons: list[str],
    risks: list[str],
    thresholds: dict[str, float] | None = None,
    sentence: str = "",
) -> Recommendation:
    said = {SHIP: "Ship it.", STOP: "Do not ship it."}
    if thresholds:
        limits = ", ".join(
            f"{visible(label, 30)} from {value:.3f} on" for label, value in thresholds.items()
        )
        said[AT_THRESHOLD] = f"Ship it at {_this(thresholds)}: {limits}."
    return Recommendation(
        action, sentence or said[action], tuple(reasons), tuple(risks), thresholds or {}
    )


def _this(thresholds: dict[str, float]) -> str:
    return "this threshold" if len(thresholds) == 1 else "these thresholds"


def _of_classifier(report: Report) -> Recommendation:
    reasons, risks = [_compared(report)], _risks(report)
    compared = report.alarming
    if compared is not None:
        reasons += _alarms(compared)
    faults = _faults(report)
    if faults:
        return _advice(STOP, faults + reasons, risks)
    verdict = report.comparison["verdict"]
    if verdict == WORSE:
        return _advice(STOP, reasons, risks)
    if verdict != BETTER:
        missing = f"The rows do not show that it is better: {report.comparison['remedy']}."
        return _advice(STOP, [missing, *reasons], risks, sentence="Do not ship it yet.")
    if report.thresholds is not None:
        return _at_own_thresholds(report, reasons, risks)
    if compared is None or _is_no_worse(compared):
        return _advice(SHIP, reasons, risks)
    at_rules = {
        each["label"]: each["threshold"]
        for each in compared.at_rules_alarms
        if each["n_rows"] and each["threshold"] <= 1
    }
    if at_rules and compared.gain > 0:
        reasons.append(
            f"At {_this(at_rules)} it raises no more false alarms than the rules, and finds "
            f"{points(compared.gain)} points more, on average over labels."
        )
        risks.insert(
            0,
            f"These rows gave {_this(at_rules)}. Choose again on other homes before you ship.",
        )
        return _advice(AT_THRESHOLD, reasons, risks, at_rules)
    reasons.append("With as many false alarms as the rules, it finds no more than they do.")
    return _advice(STOP, reasons, risks)


def _at_own_thresholds(report: Report, reasons: list[str], risks: list[str]) -> Recommendation:
    """Return the advice on a model that has thresholds: it must keep their budgets here."""
    own = (report.thresholds or {})["thresholds"]
    over = [
        each
        for each in own
        if each["budget"] is not None and each["false_per_home_week"] > each["budget"]
    ]
    for each in own:
        allowed = "" if each["budget"] is None else f" (allowed: {number(each['budget'])})"
        reasons.append(
            f"At its own threshold it finds {percent(each['recall'])} of "
            f"{visible(each['label'], 30)}, with {number(each['false_per_home_week'])} false "
            f"alarms per home and week{allowed}."
        )
    if over:
        reasons.insert(0, "It raises more false alarms here than its thresholds allow.")
        return _advice(STOP, reasons, risks)
    limits = {str(each["label"]): each["threshold"] for each in own}
    return _advice(AT_THRESHOLD, reasons, risks, limits)


def _is_no_worse(compared: AlarmComparison) -> bool:
    """Tell whether it finds at least what the rules find, with at most their false alarms."""
    found, by_rules = compared.found.share, compared.rules_found.share
    finds_less = not math.isnan(found) and found < by_rules
    louder = compared.false_alarms.per_week > compared.rules_false_alarms.per_week
    return not finds_less and not louder


def _faults(report: Report | BaselineReport) -> list[str]:
    """Return what forbids to ship it, whatever its numbers are."""
    found = []
    if report.data["is_training"] or report.data["seen"]["flatters"]:
        found.append(
            "It was tested on rows or homes that it was trained on: the numbers flatter it."
        )
    certificate = report.certificate
    if certificate is not None and not certificate["passed"]:
        found.append("The exported model does not give the answers of the trained one.")
    return found


def _compared(report: Report) -> str:
    model, rules, gain = report.accuracy, report.rules_accuracy, report.comparison["accuracy"]
    between = ""
    if gain["low"] is not None:
        between = f" ({points(gain['low'])} to {points(gain['high'])} in homes like these)"
    return (
        f"It is right in {percent(model.share)} of its answers, the rules in "
        f"{percent(rules.share)}: {points(gain['difference'])} points{between}."
    )


def _alarms(compared: AlarmComparison) -> list[str]:
    found, by_rules = compared.found, compared.rules_found
    false, rules_false = compared.false_alarms, compared.rules_false_alarms
    sentences = []
    if found.n_rows:
        sentences.append(
            f"It finds {percent(found.share)} of {found.n_rows:,} to be found, the rules "
            f"{percent(by_rules.share)}."
        )
    return [
        *sentences,
        f"It raises {number(false.per_week)} false alarms per home and week, the rules "
        f"{number(rules_false.per_week)}.",
    ]


def _risks(report: Report) -> list[str]:
    risks = []
    if report.n_homes < _FEW_HOMES:
        risks.append(f"It was tested on {plural(report.n_homes, 'home')} only: others may differ.")
    compared = report.alarming
    if compared is not None and compared.found.n_rows < _FEW_TO_FIND:
        risks.append(
            f"Only {plural(compared.found.n_rows, 'row')} had to be found: the share found may be "
            "another one elsewhere."
        )
    if compared is not None and compared.found.share < _HALF:
        risks.append("It misses more than half of what should be found.")
    lost = [
        visible(label, 30)
        for i, (label, counts) in enumerate(zip(report.labels, report.confusion, strict=True))
        if sum(counts) and counts[i] < report.rules_confusion[i][i]
    ]
    if lost:
        risks.append(f"The rules find more of: {', '.join(lost)}.")
    known = [group for group in report.by_home if not group.few]
    weak = [each for each in known if each.accuracy.share < report.accuracy.share - _WEAK]
    if weak:
        low = min(each.accuracy.share for each in weak)
        risks.append(
            f"In {len(weak)} of {plural(len(known), 'home')} with enough rows it is right much "
            f"less often; in the worst in {percent(low)}."
        )
    if report.reliability.ece > _FAR_OFF:
        risks.append(
            "How sure it says it is, is off on average by "
            f"{plural(round(100 * report.reliability.ece), 'point')}."
        )
    if report.truth == CLEAN:
        risks.append(
            "The right labels are those of a simulation. Homes of people may be different."
        )
    return risks + _shared_risks(report)


def _shared_risks(report: Report | BaselineReport) -> list[str]:
    """Return what is not known of any model: other rows, its export, and drift."""
    risks = []
    if not report.data["seen"]["known"] and not report.data["is_training"]:
        risks.append("Whether it was trained on some of these rows is not known.")
    certificate = report.certificate
    if certificate is None:
        risks.append("The exported model was not checked: no certificate was given.")
    elif not certificate.get("core_ml", {}).get("ran"):
        risks.append(
            "The exported model was checked by calculation only, not yet by Core ML on a Mac or a "
            "phone."
        )
    if report.drift is not None and report.drift["verdict"] == "drift":
        risks.append("Homes have changed since the training: see what drifted below.")
    return risks


def _of_baseline(report: BaselineReport) -> Recommendation:
    rate = report.rate
    reasons = [
        f"It raises {number(rate['per_week'])} alarms a week on usual days "
        f"({number(rate['low'])} to {number(rate['high'])}); {number(report.budget)} are allowed."
    ]
    risks = _shared_risks(report)
    found: dict[str, Any] | None = report.detection
    if found is None:
        risks.insert(0, "No incident is labelled, so it is not known what it finds.")
    else:
        reasons.append(
            f"It found {found['n_detected']} of {plural(found['n_incidents'], 'incident')}."
        )
    later = "Do not ship it yet."
    faults = _faults(report)
    if faults:
        return _advice(STOP, faults + reasons, risks)
    if report.state == "learning":
        reasons.insert(0, "It is still learning the home, and never alarms.")
        return _advice(STOP, reasons, risks, sentence=later)
    if rate["low"] > report.budget:
        reasons.insert(0, "It alarms more often than its budget allows. Train it on new habits.")
        return _advice(STOP, reasons, risks)
    if report.state == "unproven":
        risks.insert(0, "Its log is too short to prove that it keeps its budget.")
    elif rate["high"] > report.budget:
        risks.insert(
            0,
            f"{rate['home_weeks']:.1f} weeks of these events are too short to see that it keeps "
            "its budget; its training log proves it.",
        )
    return _advice(SHIP, reasons, risks)
