"""The model card: a page of Markdown, and a few entries of metadata, made from what was measured.

skops has a card too. It is not used: it puts together sections that somebody writes and
describes a pipeline's parameters. The sections that are wanted here, what was measured, would be
ours all the same, for one dependency more.
"""

from __future__ import annotations

import json
from typing import Any

from novin_ml.evaluation.report import BaselineReport, Report
from novin_ml.evaluation.report._parts import Group
from novin_ml.evaluation.report._shares import FEW_ROWS
from novin_ml.evaluation.report._words import day, number, percent, plural, shown, verdict

__all__ = ["card_metadata", "model_card"]

_WORST = 3
_LONGEST_ENTRY = 300


def model_card(report: Report | BaselineReport) -> str:
    """Return the model card of a report.

    Parameters
    ----------
    report : Report or BaselineReport
        From `build_report`.

    Returns
    -------
    card : str
        Markdown.

    See Also
    --------
    card_metadata : The same in a few short entries.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import build_report, model_card
    >>> from novin_ml.events.synthetic import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> card = model_card(build_report(model, simulate_deliveries(500, random_state=1)))
    >>> [line for line in card.splitlines() if line.startswith("## ")][:3]
    ['## Intended use', '## Data', '## What it is worth']
    """
    sections = [
        (f"# {report.estimator}", []),
        ("## Intended use", [report.purpose, *_not_for(report)]),
        ("## Data", _data(report)),
        ("## What it is worth", _worth(report)),
        ("## Limits", _limits(report)),
        ("## Decisions", _decisions(report)),
        ("## The model on the phone", [_certificate(report)]),
        ("## Versions", [", ".join(f"{name} {of}" for name, of in report.versions.items())]),
    ]
    return "\n\n".join("\n\n".join([head, *lines]) for head, lines in sections) + "\n"


def card_metadata(report: Report | BaselineReport) -> dict[str, str]:
    """Return the model card as short entries of an exported model's metadata.

    Parameters
    ----------
    report : Report or BaselineReport
        From `build_report`.

    Returns
    -------
    entries : dict of str to str
        At most 300 characters each; of the classes, homes, zones and hours none but the worst is
        named, and no home.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import build_report, card_metadata
    >>> from novin_ml.events.synthetic import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> sorted(card_metadata(build_report(model, simulate_deliveries(500, random_state=1))))
    ['card_data', 'card_intended_use', 'card_limits', 'card_measured']
    """
    training = report.training
    entries = {
        "card_intended_use": report.purpose,
        "card_data": (
            f"trained on {training['n_samples']} rows, all with consent; tested on "
            f"{report.n_rows} of {plural(report.n_homes, 'home')}, {day(report.first_time)} to "
            f"{day(report.last_time)}"
        ),
    }
    if isinstance(report, BaselineReport):
        measured: dict[str, Any] = {"alarms_per_week": report.rate["per_week"]}
        if report.detection is not None:
            measured["incidents_found"] = report.detection["recall"]
        limits = "; ".join(report.absent.values()) or "of one home, as long as its habits stay"
    else:
        measured = {
            "accuracy": report.accuracy.share,
            "accuracy_low": report.accuracy.low,
            "accuracy_high": report.accuracy.high,
            "rules_accuracy": report.rules_accuracy.share,
            "ece": report.reliability.ece,
        }
        limits = "; ".join(
            f"right in {percent(group.accuracy.share)} {where} ({group.accuracy.n_rows} rows)"
            for groups, where in (
                (report.by_zone, "in the zone {}"),
                (report.by_hour, "from {} on"),
            )
            for group in _worst(groups)[:1]
            for where in [where.format(shown(group.name, 30))]
        )
    entries["card_measured"] = json.dumps(
        {name: None if value is None else round(value, 4) for name, value in measured.items()}
    )
    entries["card_limits"] = limits or f"no group of {FEW_ROWS} rows or more was measured"
    return {key: _short(text) for key, text in entries.items()}


def _not_for(report: Report | BaselineReport) -> list[str]:
    if isinstance(report, BaselineReport):
        return ["It knows the home that it was trained on, and no other."]
    labels = ", ".join(_name(label) for label in report.labels)
    return [f"It answers one of: {labels}. It knows no other, and answers one of these always."]


def _data(report: Report | BaselineReport) -> list[str]:
    training = report.training
    rows_name = "events" if isinstance(report, BaselineReport) else report.rows_name
    return [
        _table(
            ["", "trained on", "tested on"],
            [
                [rows_name, f"{training['n_samples']:,}", f"{report.n_rows:,}"],
                [
                    "with consent",
                    f"{training['n_samples']:,}",
                    f"{report.n_rows - report.n_without_consent:,}",
                ],
                ["homes", "", f"{report.n_homes:,}"],
                ["dates", "", f"{day(report.first_time)} to {day(report.last_time)}"],
                ["SHA-256", training["sha256"][:16], report.data["sha256"][:16]],
            ],
        ),
        "Without consent nothing is trained on. Whether the rows tested on were held back is not "
        "known here.",
    ]


def _worth(report: Report | BaselineReport) -> list[str]:
    if isinstance(report, BaselineReport):
        rate, found = report.rate, report.detection
        lines = [
            f"{number(rate['per_week'])} alarms a week on usual days ({number(rate['low'])} to "
            f"{number(rate['high'])}, 95 %); budget {number(report.budget)}."
        ]
        if found is not None:
            lines.append(
                f"It found {found['n_detected']} of {plural(found['n_incidents'], 'incident')} "
                f"({percent(found['low'], 0)} to {percent(found['high'], 0)}, 95 %)."
            )
        return lines
    model, rules = report.accuracy, report.rules_accuracy
    by_label = [
        [
            _name(label),
            f"{sum(counts):,}",
            percent(counts[i] / sum(counts) if sum(counts) else None),
        ]
        for i, (label, counts) in enumerate(zip(report.labels, report.confusion, strict=True))
    ]
    return [
        f"Right in {percent(model.share)} ({percent(model.low)} to {percent(model.high)}, 95 %, "
        f"{model.method}); the hand-written rules in {percent(rules.share)}. "
        f"{verdict(report.gain, report.n_homes)}",
        f"Expected calibration error: {report.reliability.ece:.4f}.",
        _table(["label", "rows", "found"], by_label),
        *_group_tables(report),
    ]


def _group_tables(report: Report) -> list[str]:
    tables = []
    for what, groups in (
        ("zone", report.by_zone),
        ("hour", report.by_hour),
    ):
        rows = [
            [
                _name(group.name),
                percent(group.accuracy.share),
                f"{percent(group.accuracy.low)} to {percent(group.accuracy.high)}",
                f"{group.accuracy.n_rows:,}" + (" (few)" if group.few else ""),
            ]
            for group in groups
        ]
        tables.append(_table([what, "right", "95 % interval", "rows"], rows))
    return tables


def _limits(report: Report | BaselineReport) -> list[str]:
    if isinstance(report, BaselineReport):
        lines = [report.absent[key] for key in ("alarms", "detection") if key in report.absent]
        return lines or ["What it promises holds as long as the home's habits stay."]
    lines = []
    for what, groups in (
        ("homes", report.by_home),
        ("zones", report.by_zone),
        ("hours", report.by_hour),
    ):
        n_few = sum(group.few for group in groups)
        worst = ", ".join(
            f"{_name(group.name)} ({percent(group.accuracy.share)} of {group.accuracy.n_rows:,})"
            for group in _worst(groups)
        )
        some = f"Weakest {what}: {worst}. " if worst else ""
        lines.append(
            f"- {some}{n_few:,} of {len(groups):,} {what} have fewer than {FEW_ROWS} "
            f"{report.rows_name}: little is known of them."
        )
    unsure = min(report.roc, key=lambda curve: curve.area, default=None)
    if unsure is not None:
        lines.append(f"- Hardest label: {_name(unsure.label)} (ROC AUC {unsure.area:.3f}).")
    return ["\n".join(lines)]


def _decisions(report: Report | BaselineReport) -> list[str]:
    if isinstance(report, BaselineReport):
        return [
            f"State: {report.state}. A score below {report.offset:.4f} is an alarm."
            if report.state == "ready"
            else f"State: {report.state}. It never alarms."
        ]
    lines = [report.absent[key] for key in ("thresholds", "abstention") if key in report.absent]
    if report.thresholds is not None:
        rows = [
            [
                _name(each["label"]),
                number(each["threshold"], 6),
                percent(each["recall"]),
                number(each["false_per_home_week"]),
                number(each["false_per_home_week_upper"]),
            ]
            for each in report.thresholds["thresholds"]
        ]
        columns = ["alarm", "threshold", "found", "false per home and week", "upper bound"]
        lines.append(_table(columns, rows))
    if report.abstention is not None:
        chosen = report.abstention
        lines.append(
            f'It says "don\'t know" below {number(chosen["abstention"]["abstain_below"], 6)}: of '
            f"{percent(chosen['abstained'])} of the rows."
        )
    return lines


def _certificate(report: Report | BaselineReport) -> str:
    found = report.certificate
    if found is None:
        return report.absent["certificate"]
    return (
        f"The certificate {'passed' if found['passed'] else 'failed'}: {found['rows']:,} rows, "
        f"largest error {number(found['max_error'])} (allowed {number(found['tolerance'])}), "
        f"{found['model_bytes'] / 1e6:.2f} MB, SHA-256 {found['model_sha256']}."
    )


def _worst(groups: list[Group]) -> list[Group]:
    """Return the groups of rows enough in which the model is least often right."""
    known = [group for group in groups if not group.few]
    return sorted(known, key=lambda group: (group.accuracy.share, group.name))[:_WORST]


def _table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _name(text: Any) -> str:
    """Return a name from data in which no letter means anything to Markdown or HTML."""
    escaped = "".join(f"\\{c}" if c in "\\`*_{}[]()#+!|~>" else c for c in shown(text, 40))
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_ENTRY else text[: _LONGEST_ENTRY - 1] + "…"
