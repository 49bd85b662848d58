"""The sections of a classifier's page on examples, and those that are folded."""

from __future__ import annotations

from functools import partial
from typing import Any

from novin_ml.evaluation.report import _figures as draw
from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._parts import Example, Group, Importance
from novin_ml.evaluation.report._reports import Report
from novin_ml.evaluation.report._words import between, moment, number, percent, sentence
from novin_ml.evaluation.report.shares import FEW_ROWS
from novin_ml.evaluation.report.svg import svg
from novin_ml.evaluation.truth import words_for_labels
from novin_ml.plain import plural
from novin_ml.texts import visible

_MOST_GROUPS, _MOST_FEATURES, _MOST_PAIRS = 20, 15, 8
_ALGORITHMS = {
    "boosting": "boosting (decision trees)",
    "mlp": "mlp (a neural network)",
    "blend": "blend (decision trees and a neural network)",
    "forest": "forest (decision trees)",
}


def examples_section(examples: list[Example], absent: str) -> list[Any]:
    """Return wrong answers, each with what speaks most for it."""
    if not examples:
        return [h.paragraph(absent, "absent")]
    found = [
        h.joined(
            [
                h.element(
                    "strong",
                    f"{moment(each.timestamp, each.utc_offset)}, {visible(each.home_id, 30)}, "
                    f"{visible(each.zone, 30)}:",
                ),
                f"it was {visible(each.truth, 30)}, the model says {visible(each.answer, 30)} "
                f"({percent(each.probability, 0)} sure), the rules say {visible(each.rules, 30)}.",
                h.items(each.reasons),
            ]
        )
        for each in examples
    ]
    caption = "Of homes that consent, in the home's time, with what the answer rests on most:"
    return [h.paragraph(caption, "caption"), h.items(found)]


def comparison_section(report: Report) -> list[Any]:
    """Return the comparison in full, and the numbers by other labels."""
    remarks = [f"Intervals of the main numbers are of 95 % confidence ({report.accuracy.method})."]
    if report.alarming is not None:
        remarks.append(
            f"Always answering {visible(report.most_frequent, 30)} would be right in "
            f"{percent(report.most_frequent_share)}, and find nothing else."
        )
    others = report.other_labels
    if others is not None:
        named = words_for_labels(others.truth)
        remarks.append(
            f"By {named} the model is right in {percent(others.accuracy)}, the rules in "
            f"{percent(others.rules_accuracy)}."
        )
        if others.alarming is not None:
            found, false = others.alarming.found, others.alarming.false_alarms
            remarks.append(
                f"By {named} the model finds {percent(found.share)}, with "
                f"{number(false.per_week)} false alarms per home and week."
            )
    if report.prior is not None:
        remarks.append(report.prior.sentence)
    return [
        h.paragraph(sentence(report.comparison["sentence"])),
        h.paragraph(" ".join(remarks), "note"),
    ]


def groups_section(report: Report) -> list[Any]:
    """Return the section on homes, zones and hours."""
    pieces: list[Any] = [
        h.paragraph(
            f"Grey rows have fewer than {FEW_ROWS} {report.rows_name} and say little. "
            "Intervals assume that the rows of a group are independent (Clopper and Pearson).",
            "note",
        ),
    ]
    homes = report.by_home[:_MOST_GROUPS]
    caption = "Homes, the worst first"
    if len(homes) < len(report.by_home):
        caption += f": {len(homes)} of {len(report.by_home)}"
    pieces.append(_group_table(caption, "home", homes))
    pieces.append(_group_table("Zones, the busiest first", "zone", report.by_zone[:_MOST_GROUPS]))
    pieces.append(_group_table("Hours of the home's day", "hour", report.by_hour))
    return pieces


def _group_table(caption: str, what: str, groups: list[Group]) -> h.Safe:
    rows = [
        [
            h.Safe(h.name(group.name, 40) + "<br>" + h.bar(group.accuracy.share)),
            h.stacked(
                percent(group.accuracy.share), between(group.accuracy.low, group.accuracy.high)
            ),
            percent(group.rules_accuracy),
            f"{group.accuracy.n_rows:,}",
        ]
        for group in groups
    ]
    columns = [what, "right", "rules", "rows"]
    few = [group.few for group in groups]
    return h.table(caption, columns, rows, numeric=(1, 2, 3), few=few)


def importances_section(report: Report) -> list[Any]:
    """Return the section on the importance of features."""
    rows = [
        [
            h.stacked(h.name(each.permuted.name), *_such_as(each)),
            f"{100 * each.permuted.accuracy:.2f} ± {100 * each.permuted.accuracy_std:.2f}",
            percent(each.gain),
        ]
        for each in report.importances[:_MOST_FEATURES]
    ]
    gain = "" if report.importances[0].gain is not None else " It has no trees, hence no gain."
    caption = "The most important features"
    if len(rows) < len(report.importances):
        caption += f": {len(rows)} of {len(report.importances)}"
    return [
        h.paragraph(
            "Points of accuracy lost if the values of a feature are shuffled among rows "
            "(permutation importance, ± over shuffles), and its share of the gain of all splits of "
            "the trees in training. Columns that belong together, such as those of the zone, are "
            "shuffled together. If features carry the same information, they replace each other, "
            f"and neither seems to matter.{gain}"
        ),
        h.table(
            caption,
            ["feature", "points lost", "gain"],
            rows,
            numeric=(1, 2),
        ),
        h.folded(
            "Their formulas, as the phone computes them",
            [
                h.Safe(f"<strong>{h.name(each.name)}</strong>: {h.text(each.meaning)}")
                for each in (found.permuted for found in report.importances[:_MOST_FEATURES])
            ],
        ),
    ]


def _such_as(importance: Importance) -> list[str]:
    return [f"such as: {visible(importance.example, 120)}"] if importance.example else []


def disagreements_section(report: Report) -> list[Any]:
    """Return the section on disagreements of the rules and the model."""
    if not report.disagreements:
        return [h.paragraph("They gave the same answer for all rows.")]
    n_rows = sum(each.n_rows for each in report.disagreements)
    rows = [
        [
            h.stacked(h.name(each.rules, 30), f"model: {visible(each.model, 30)}"),
            f"{each.n_rows:,}",
            f"{each.n_rules_right:,}",
            f"{each.n_model_right:,}",
        ]
        for each in report.disagreements[:_MOST_PAIRS]
    ]
    pieces: list[Any] = [
        h.paragraph(
            f"On {n_rows:,} of {plural(report.n_rows, report.rows_name[:-1])} "
            f"({percent(n_rows / report.n_rows)}) they give different answers."
        ),
        h.table(
            "The most frequent disagreements",
            ["rules say", report.rows_name, "rules right", "model right"],
            rows,
            numeric=(1, 2, 3),
        ),
    ]
    examples = [
        f"{moment(each['timestamp'], each['utc_offset'])}, {visible(each['home_id'], 30)}, "
        f"{visible(each['zone'], 30)}: the rules say {visible(pair.rules, 30)}, the model "
        f"{visible(pair.model, 30)} ({percent(each['probability'], 0)}); it was "
        f"{visible(each['truth'], 30)}."
        for pair in report.disagreements[:4]
        for each in pair.examples[:2]
    ]
    if not examples:
        said = "No home with a disagreement has consented, so none is shown as an example."
        return [*pieces, h.paragraph(said, "absent")]
    caption = "Examples from homes that consent, the model's surest answers, in the home's time:"
    return [*pieces, h.paragraph(caption, "caption"), h.items(examples)]


def training_section(report: Report) -> list[Any]:
    """Return the section on training."""
    training, size = report.training, report.size
    budget = "" if size["max_bytes"] is None else f" (at most {size['max_bytes'] / 1e6:.2f})"
    pieces: list[Any] = [
        h.paragraph(
            f"Trained with {_ALGORITHMS.get(report.algorithm, report.algorithm)} on "
            f"{plural(training['n_samples'], 'row')}; {training['epochs_kept']:,} of "
            f"{plural(training['epochs_run'], 'epoch')} (rounds of training) kept. Its size on "
            f"the phone was estimated at {size['model_bytes'] / 1e6:.2f} MB{budget}. {size['cost']}"
        ),
    ]
    losses = training["validation_loss"]
    if not losses:
        return [*pieces, h.paragraph(report.absent["training_curve"], "absent")]
    epochs = plural(len(losses), "epoch")
    alt = f"Held-back log loss over {epochs}, {losses[0]:.3f} to {min(losses):.3f}"
    kept = 0 if report.algorithm == "blend" else training["epochs_kept"]
    drawn = svg(partial(draw.training, losses=losses, kept=kept), alt, "training", height=2.4)
    return [
        *pieces,
        h.figures(
            [h.figure(drawn, "Training curve: log loss on rows that were held back in training.")]
        ),
    ]
