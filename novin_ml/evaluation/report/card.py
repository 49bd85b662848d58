"""The model card: a page of Markdown and a few metadata entries, made from measurements.

The card of skops is not used. It combines sections that somebody writes and describes the
parameters of a pipeline. The sections with measurements would still be our own, at the price of one
more dependency.
"""

from __future__ import annotations

from novin_ml.evaluation.intervals import exact_interval
from novin_ml.evaluation.report import BaselineReport, Report
from novin_ml.evaluation.report._beside import certified_hash
from novin_ml.evaluation.report._card_metadata import card_metadata, worst_groups
from novin_ml.evaluation.report._words import (
    between,
    certificate_words,
    day,
    held_back,
    number,
    percent,
    sentence,
    upper_words,
)
from novin_ml.evaluation.report.shares import CONFIDENCE, FEW_ROWS
from novin_ml.evaluation.truth import words_for_labels
from novin_ml.plain import plural
from novin_ml.texts import in_markdown

__all__ = ["card_metadata", "model_card"]


def model_card(report: Report | BaselineReport) -> str:
    """Return the model card of a report.

    Parameters
    ----------
    report : Report or BaselineReport
        From `build_report`.

    Returns
    -------
    card : str
        The card as Markdown.

    See Also
    --------
    card_metadata : Return the card as a few short entries.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import build_report, model_card
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> card = model_card(build_report(model, simulate_deliveries(500, random_state=1)))
    >>> [line for line in card.splitlines() if line.startswith("## ")][:3]
    ['## Intended use', '## Data', '## Performance']
    """
    sections = [
        (f"# {report.estimator}", []),
        ("## Intended use", [report.purpose, *_not_for(report)]),
        ("## Data", _data(report)),
        ("## Performance", _worth(report)),
        ("## Limits", _limits(report)),
        ("## Decisions", _decisions(report)),
        ("## The model on the phone", [_certificate(report)]),
        ("## Versions", [", ".join(f"{name} {of}" for name, of in report.versions.items())]),
    ]
    return "\n\n".join("\n\n".join([head, *lines]) for head, lines in sections) + "\n"


def _not_for(report: Report | BaselineReport) -> list[str]:
    if isinstance(report, BaselineReport):
        return ["It only knows the home that it was trained on."]
    labels = ", ".join(in_markdown(label) for label in report.labels)
    or_not = "always" if report.abstention is None else "or says that it does not know"
    return [f"It answers one of: {labels}. It knows no other, and answers one of these {or_not}."]


def _data(report: Report | BaselineReport) -> list[str]:
    training = report.training
    rows_name, of_labels = "events", ""
    n_homes = training["n_homes"]
    homes = "not recorded" if n_homes is None else f"{n_homes:,}"
    if isinstance(report, Report):
        rows_name = report.rows_name
        of_labels = f" All numbers are of {in_markdown(words_for_labels(report.truth))}."
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
                ["homes", homes, f"{report.n_homes:,}"],
                ["dates", "not recorded", f"{day(report.first_time)} to {day(report.last_time)}"],
                ["SHA-256", training["sha256"][:16], report.data["sha256"][:16]],
            ],
        ),
        f"Rows without consent are never trained on. {held_back(report.data)}{of_labels}",
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
            in_markdown(label),
            f"{sum(counts):,}",
            percent(counts[i] / sum(counts) if sum(counts) else None),
            between(*exact_interval(counts[i], sum(counts), CONFIDENCE)),
        ]
        for i, (label, counts) in enumerate(zip(report.labels, report.confusion, strict=True))
    ]
    return [
        f"Right in {percent(model.share)} ({between(model.low, model.high)}, 95 %, "
        f"{model.method}); the hand-written rules in {percent(rules.share)}; always answering "
        f"{in_markdown(report.most_frequent)} in {percent(report.most_frequent_share)}.",
        f"{sentence(report.comparison['sentence'])}",
        *_alarms(report),
        f"Expected calibration error: {report.reliability.ece:.4f}.",
        _table(["label", "rows", "found", "95 % interval"], by_label),
        *_group_tables(report),
    ]


def _alarms(report: Report) -> list[str]:
    if report.alarming is None:
        return []
    found, false = report.alarming.found, report.alarming.false_alarms
    rules = report.alarming.rules_false_alarms
    return [
        f"By the likeliest label it finds {percent(found.share)} of {found.n_rows:,} to be found "
        f"({between(found.low, found.high)}, 95 %), with {number(false.per_week)} false alarms per "
        f"home and week ({number(false.low)} to {number(false.high)}, 95 %); the rules give "
        f"{number(rules.per_week)}."
    ]


def _group_tables(report: Report) -> list[str]:
    tables = []
    for what, groups in (
        ("zone", report.by_zone),
        ("hour", report.by_hour),
    ):
        rows = [
            [
                in_markdown(group.name),
                percent(group.accuracy.share),
                between(group.accuracy.low, group.accuracy.high),
                f"{group.accuracy.n_rows:,}" + (" (few)" if group.few else ""),
            ]
            for group in groups
        ]
        tables.append(_table([what, "right", "95 % interval", "rows"], rows))
    return tables


def _limits(report: Report | BaselineReport) -> list[str]:
    if isinstance(report, BaselineReport):
        lines = [report.absent[key] for key in ("alarms", "detection") if key in report.absent]
        return lines or ["Its budget holds as long as the home's habits stay the same."]
    lines = []
    for what, groups in (
        ("homes", report.by_home),
        ("zones", report.by_zone),
        ("hours", report.by_hour),
    ):
        n_few = sum(group.few for group in groups)
        # A card is shared with its model: it must not name homes.
        worst = ", ".join(
            f"{'' if what == 'homes' else f'{in_markdown(group.name)}: '}"
            f"{percent(group.accuracy.share)} of {group.accuracy.n_rows:,}"
            for group in worst_groups(groups)
        )
        some = f"Weakest {what}: {worst}. " if worst else ""
        lines.append(
            f"- {some}{n_few:,} of {len(groups):,} {what} have fewer than {FEW_ROWS} "
            f"{report.rows_name}: their numbers say little."
        )
    unsure = min(report.roc, key=lambda curve: curve.area, default=None)
    if unsure is not None:
        lines.append(f"- Hardest label: {in_markdown(unsure.label)} (ROC AUC {unsure.area:.3f}).")
    return ["\n".join(lines)]


def _decisions(report: Report | BaselineReport) -> list[str]:
    if isinstance(report, BaselineReport):
        measure = "A rarity in bits" if report.kinds else "An anomaly score"
        return [
            f"State: {report.state}. {measure} above {report.threshold:.4f} is an alarm."
            if report.state != "learning"
            else f"State: {report.state}. It never alarms."
        ]
    lines = [report.absent[key] for key in ("thresholds", "abstention") if key in report.absent]
    if report.thresholds is not None:
        rows = [
            [
                in_markdown(each["label"]),
                number(each["threshold"], 6),
                percent(each["recall"]),
                number(each["false_per_home_week"]),
                upper_words(each),
            ]
            for each in report.thresholds["thresholds"]
        ]
        columns = ["alarm", "threshold", "found", "false per home and week", "upper bound"]
        lines += [_table(columns, rows), *report.thresholds["notes"]]
    if report.abstention is not None:
        chosen = report.abstention
        lines.append(
            f'It says "don\'t know" below {number(chosen["abstention"]["abstain_below"], 6)}: for '
            f"{percent(chosen['abstained'])} of the rows."
        )
    return lines


def _certificate(report: Report | BaselineReport) -> str:
    found = report.certificate
    if found is None:
        return report.absent["certificate"]
    name, sha256, command = certified_hash(found)
    by = f", as printed by `{command}`" if command else ""
    return " ".join([*certificate_words(found), f"{name} {sha256}{by}."])


def _table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
