"""Prints the scores of a model and of the hand-written rules."""

from __future__ import annotations

from sklearn.pipeline import Pipeline

from novin_ml.cli.output import Output
from novin_ml.estimators.families import family_of, rows_of
from novin_ml.evaluation import AlarmReport, Headline, RecallAtAlarms, mean_gain
from novin_ml.evaluation.truth import CLEAN, GIVEN, words_for_labels
from novin_ml.plain import plural


def show_headline(headline: Headline, title: str, model: Pipeline, output: Output) -> None:
    """Print accuracy and ROC AUC, and for a family with a quiet label the alarms."""
    _show_scores(headline, title, rows_of(model).name, output)
    if headline.alarms is not None:
        _show_alarms(headline, family_of(model).quiet_label, output)


def _show_scores(headline: Headline, title: str, rows_name: str, output: Output) -> None:
    """Print accuracy and ROC AUC of the model and of the rules."""
    rows = []
    for name, scores, truth in [
        ("model", headline.model, GIVEN),
        ("hand-written rules", headline.rules, GIVEN),
        ("model", headline.model_clean, CLEAN),
        ("hand-written rules", headline.rules_clean, CLEAN),
    ]:
        if scores is not None:  # None where there are no rules, or no clean labels
            words = words_for_labels(truth)
            rows.append([name, words, f"{scores.accuracy:.2%}", f"{scores.roc_auc:.4f}"])
    title = f"{title}: {plural(headline.n_rows, rows_name[:-1])} of "
    title += plural(headline.n_homes, "home")
    output.table(title, ["", "labels", "accuracy", "ROC AUC"], rows)
    if headline.prior is not None:
        output.line(f"{headline.prior.sentence} ({words_for_labels(headline.truth)})")
    if len(headline.labels) > 2:
        output.table(
            f"true label in rows, the model's in columns; {words_for_labels(headline.truth)}",
            ["", *headline.labels],
            [
                [label, *(f"{count:,}" for count in counts)]
                for label, counts in zip(headline.labels, headline.confusion, strict=True)
            ],
        )


def _show_alarms(headline: Headline, quiet_label: str | None, output: Output) -> None:
    """Print recall and false alarms of the model and of the rules for each label."""
    report, stream = headline.alarms, headline.stream_alarms
    if report is None:
        return
    of_labels = words_for_labels(headline.truth)
    _show_alarms_by_label(report, headline.recall_at_alarms, of_labels, output)
    if stream is not None:
        _show_alarms_by_event(report, stream, of_labels, output)
    output.line(
        "false alarms in all per home and week: model "
        f"{report.model.false_per_home_week:.3f}, rules "
        f"{report.rules.false_per_home_week:.3f}; at as many false alarms as the rules, "
        f"the model's recall differs by {100 * mean_gain(headline.recall_at_alarms):+.1f} points, "
        f"averaged over labels; {of_labels}"
    )
    if quiet_label in headline.labels:
        quiet = sum(headline.confusion[headline.labels.index(quiet_label)]) / headline.n_rows
        output.line(f"accuracy of always answering {quiet_label}: {quiet:.2%}; {of_labels}")


def _show_alarms_by_label(
    report: AlarmReport, matched: tuple[RecallAtAlarms, ...], of_labels: str, output: Output
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
        f"alarms in {plural(report.home_weeks, 'week', form=',.0f')} of homes; false ones per "
        "home and week; "
        f"{of_labels}",
        [*columns, "recall at rules' false/week"],
        rows,
    )


def _show_alarms_by_event(
    at_end: AlarmReport, stream: AlarmReport, of_labels: str, output: Output
) -> None:
    """Print the scores if the model answers after each event, and any alarm counts."""
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
        "an answer at the end of a chain, or after each event, where any alarm counts; "
        f"{of_labels}",
        ["", "recall at end", "recall by event", "false/week at end", "false/week by event"],
        rows,
    )
