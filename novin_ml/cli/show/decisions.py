"""Prints thresholds, and when a classifier answers "don't know"."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.estimators.decisions import NO_BOUND, AlarmThreshold
from novin_ml.evaluation import ConformalReport, ThresholdReport
from novin_ml.evaluation.decisions import DecisionReports
from novin_ml.evaluation.truth import words_for_labels
from novin_ml.plain import plural

_WORST = 5  # homes that are shown


def show_decisions(reports: DecisionReports, output: Output) -> None:
    """Print the measurements of a classifier's decisions."""
    if reports.thresholds is not None:
        _show_thresholds(reports.thresholds, output)
    if reports.coverage is not None:
        _show_coverage(reports.coverage, output)


def _show_thresholds(report: ThresholdReport, output: Output) -> None:
    output.add("thresholds", report.to_document())
    output.table(
        f"alarms in {report.home_weeks:,.1f} weeks of {plural(report.n_homes, 'home')}; false "
        f"ones per home and week; {words_for_labels(report.truth)}",
        [
            "label",
            "threshold",
            "rows",
            "recall",
            "over homes",
            "false",
            "false/week",
            "at most",
            "by betting",
        ],
        [_threshold_row(each) for each in report.thresholds],
    )
    output.line(
        f"alarms on {report.n_alarms:,} of {plural(report.n_rows, 'row')}, {report.n_false:,} "
        f"of them false: {report.false_per_home_week:.3f} per home and week"
    )
    for note in report.notes:
        output.line(note)
    if report.n_without_consent:
        output.line(f"{plural(report.n_without_consent, 'labelled row')} left out without consent")
    worst = report.homes[report.homes["n_false"] > 0].head(_WORST)
    output.table(
        f"the homes with the most false alarms per week; {len(report.homes) - len(worst)} more",
        ["home", "weeks", "rows", "false", "false/week", "recall"],
        [
            [
                str(home.home_id),
                f"{home.home_weeks:.1f}",
                f"{home.n_rows:,}",
                f"{home.n_false:,}",
                f"{home.false_per_week:.2f}",
                f"{home.recall:.1%}" if home.n_to_find else "",
            ]
            for home in worst.itertuples()
        ],
    )


def _threshold_row(threshold: AlarmThreshold) -> list[str]:
    recall = ["", ""]
    if threshold.recall is not None:
        recall = [
            f"{threshold.recall:.1%}",
            "not stated"
            if threshold.recall_low is None
            else f"{threshold.recall_low:.1%} to {threshold.recall_high:.1%}",
        ]
    bounds = ["not stated", ""]
    if threshold.bound != NO_BOUND:
        both = threshold.quasi_poisson_upper, threshold.betting_upper
        bounds = ["" if each is None else f"{each:.3f}" for each in both]
    return [
        str(threshold.label),
        "never" if threshold.threshold > 1 else f"{threshold.threshold:.4f}",
        f"{threshold.n_rows:,}",
        *recall,
        f"{threshold.n_false:,}",
        f"{threshold.false_per_home_week:.3f}",
        *bounds,
    ]


def _show_coverage(report: ConformalReport, output: Output) -> None:
    output.add("coverage", report.to_document())
    abstention = report.abstention
    output.table(
        f"don't know below {abstention.abstain_below:.4f}; sets of labels from "
        f"{abstention.cut:.4f} on, error rate {abstention.error_rate:g}; "
        f"{words_for_labels(report.truth)}",
        ["", "rows", "set has the right label", "don't know"],
        [
            ["all", f"{report.n_rows:,}", f"{report.coverage:.1%}", f"{report.abstained:.1%}"],
            *(
                [
                    str(part.label),
                    f"{part.n_rows:,}",
                    f"{part.coverage:.1%}",
                    f"{part.abstained:.1%}",
                ]
                for part in report.by_label.itertuples()
            ),
        ],
    )
    for note in report.notes:
        output.line(note)
    if report.abstained < 1:
        output.line(f"accuracy of the answered rows: {report.accuracy:.1%}")
