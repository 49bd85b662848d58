"""Prints what a model and the hand-written rules are worth."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.estimators.families import Family
from novin_ml.evaluation import AlarmReport, Headline, RecallAtAlarms, mean_gain


def show_headline(headline: Headline, title: str, family: Family, output: Output) -> None:
    """Print accuracy and ROC AUC, and of a family with a quiet label the alarms."""
    _show_scores(headline, title, family.rows.name, output)
    if headline.alarms is not None:
        _show_alarms(headline, family.quiet_label, output)


def _show_scores(headline: Headline, title: str, rows_name: str, output: Output) -> None:
    """Print accuracy and ROC AUC of the model and of the rules."""
    rows = []
    for name, scores, clean in [
        ("model", headline.model, headline.model_clean),
        ("hand-written rules", headline.rules, headline.rules_clean),
    ]:
        row = [name, f"{scores.accuracy:.2%}", f"{scores.roc_auc:.4f}"]
        row += ["", ""] if clean is None else [f"{clean.accuracy:.2%}", f"{clean.roc_auc:.4f}"]
        rows.append(row)
    columns = ["", "accuracy", "ROC AUC", "clean accuracy", "clean ROC AUC"]
    title = f"{title}: {headline.n_rows:,} {rows_name} of {headline.n_homes} homes"
    if headline.model_clean is None:
        columns, rows = columns[:3], [row[:3] for row in rows]
    output.table(title, columns, rows)
    if len(headline.labels) > 2:
        output.table(
            "true label in rows, the model's in columns",
            ["", *headline.labels],
            [
                [label, *(f"{count:,}" for count in counts)]
                for label, counts in zip(headline.labels, headline.confusion, strict=True)
            ],
        )


def _show_alarms(headline: Headline, quiet_label: str | None, output: Output) -> None:
    """Print what model and rules find of each label, and how often they alarm for nothing."""
    report, stream = headline.alarms, headline.stream_alarms
    if report is None:
        return
    _show_alarms_by_label(report, headline.recall_at_alarms, output)
    if stream is not None:
        _show_alarms_by_event(report, stream, output)
    output.line(
        f"false alarms in all per home and week: model {report.model.false_per_home_week:.3f}, "
        f"rules {report.rules.false_per_home_week:.3f}; with as many false alarms as the rules, "
        f"the model finds {100 * mean_gain(headline.recall_at_alarms):+.1f} points more, on "
        "average over labels"
    )
    if quiet_label in headline.labels:
        quiet = sum(headline.confusion[headline.labels.index(quiet_label)]) / headline.n_rows
        output.line(f"accuracy of always answering {quiet_label}: {quiet:.2%}")


def _show_alarms_by_label(
    report: AlarmReport, matched: tuple[RecallAtAlarms, ...], output: Output
) -> None:
    by_rules = {alarms.label: alarms for alarms in report.rules.by_label}
    at_rate = {found.label: found for found in matched}
    rows = []
    for model in report.model.by_label:
        rules = by_rules.get(model.label)
        found = at_rate.get(model.label)
        rows.append(
            [
                model.label,
                f"{model.n_rows:,}",
                f"{model.recall:.1%}",
                f"{model.false_per_home_week:.3f}",
                "" if rules is None else f"{rules.recall:.1%}",
                "" if rules is None else f"{rules.false_per_home_week:.3f}",
                "" if found is None else f"{found.model_recall:.1%}",
            ]
        )
    columns = ["", "rows", "recall", "false/week", "rules' recall", "rules' false/week"]
    output.table(
        f"alarms in {report.home_weeks:,.0f} weeks of homes; false ones per home and week",
        [*columns, "recall at rules' false/week"],
        rows,
    )


def _show_alarms_by_event(at_end: AlarmReport, stream: AlarmReport, output: Output) -> None:
    """Print what answering after each event does, any answer counting."""
    rows = []
    for name, ended, growing in (
        ("model", at_end.model, stream.model),
        ("hand-written rules", at_end.rules, stream.rules),
    ):
        recalls = [
            [each.recall for each in alarms.by_label if each.n_rows] for alarms in (ended, growing)
        ]
        rates = (ended.false_per_home_week, growing.false_per_home_week)
        rows.append(
            [
                name,
                *("" if not some else f"{sum(some) / len(some):.1%}" for some in recalls),
                *(f"{rate:.3f}" for rate in rates),
            ]
        )
    output.table(
        "one answer at the end of a chain, or one after each event of which any counts",
        ["", "recall at end", "recall by event", "false/week at end", "false/week by event"],
        rows,
    )
