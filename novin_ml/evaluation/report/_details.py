"""The later sections of a classifier's page: groups, features, disagreements, training."""

from __future__ import annotations

from functools import partial
from typing import Any

from novin_ml.evaluation.report import _figures as draw
from novin_ml.evaluation.report import _html as h
from novin_ml.evaluation.report._parts import Group, Report
from novin_ml.evaluation.report._shares import FEW_ROWS
from novin_ml.evaluation.report._svg import svg
from novin_ml.evaluation.report._words import moment, percent

_MOST_GROUPS, _MOST_FEATURES, _MOST_PAIRS = 20, 15, 8


def groups_section(report: Report) -> list[Any]:
    """Say where and when it is right."""
    pieces: list[Any] = [
        h.element("h2", "Where and when it is right"),
        h.paragraph(
            f"Rows in grey are of fewer than {FEW_ROWS} {report.rows_name}: they say little. "
            "Intervals take the rows of a group as independent (Clopper and Pearson).",
            "note",
        ),
    ]
    shown = report.by_home[:_MOST_GROUPS]
    caption = "Homes, the worst first"
    if len(shown) < len(report.by_home):
        caption += f": {len(shown)} of {len(report.by_home)}"
    pieces.append(_group_table(caption, "home", shown))
    pieces.append(_group_table("Zones, the busiest first", "zone", report.by_zone[:_MOST_GROUPS]))
    pieces.append(_group_table("Hours of the home's day", "hour", report.by_hour))
    return pieces


def _group_table(caption: str, what: str, groups: list[Group]) -> h.Safe:
    rows = [
        [
            h.name(group.name, 40),
            h.bar(group.accuracy.share),
            percent(group.accuracy.share),
            f"{100 * group.accuracy.low:.1f} to {percent(group.accuracy.high)}",
            percent(group.rules_accuracy),
            f"{group.accuracy.n_rows:,}",
        ]
        for group in groups
    ]
    columns = [what, "", "right", "95 % interval", "rules", "rows"]
    few = [group.few for group in groups]
    return h.table(caption, columns, rows, numeric=(2, 3, 4, 5), few=few)


def importances_section(report: Report) -> list[Any]:
    """Say what it looks at."""
    rows = [
        [
            each.name,
            f"{100 * each.permuted:.2f} ± {100 * each.spread:.2f}",
            percent(each.gain),
            h.text(each.meaning),
        ]
        for each in report.importances[:_MOST_FEATURES]
    ]
    gain = "" if report.importances[0].gain is not None else " It has no trees, hence no gain."
    return [
        h.element("h2", "What it looks at"),
        h.paragraph(
            "Points of accuracy that are lost if the values of a feature are shuffled among rows, "
            "and the share of the gain of the trees' splits. Features that tell the same stand in "
            f"for each other, and then neither seems to matter.{gain}"
        ),
        h.table(
            "The most important features",
            ["feature", "points lost", "gain", "what it is"],
            rows,
            numeric=(1, 2),
            wide=(3,),
        ),
    ]


def disagreements_section(report: Report) -> list[Any]:
    """Say where the rules and the model disagree."""
    heading = h.element("h2", "Where the rules and the model disagree")
    if not report.disagreements:
        return [heading, h.paragraph("They gave the same answer for all rows.")]
    n_rows = sum(each.n_rows for each in report.disagreements)
    rows = [
        [
            h.name(each.rules, 30),
            h.name(each.model, 30),
            f"{each.n_rows:,}",
            f"{each.n_rules_right:,}",
            f"{each.n_model_right:,}",
        ]
        for each in report.disagreements[:_MOST_PAIRS]
    ]
    pieces: list[Any] = [
        heading,
        h.paragraph(
            f"On {n_rows:,} of {report.n_rows:,} {report.rows_name} "
            f"({percent(n_rows / report.n_rows)}) they give different answers."
        ),
        h.table(
            "The most frequent disagreements",
            ["rules say", "model says", report.rows_name, "rules right", "model right"],
            rows,
            numeric=(2, 3, 4),
        ),
    ]
    examples = [
        [
            h.text(moment(each["timestamp"])),
            h.name(each["home_id"], 30),
            h.name(each["zone"], 30),
            h.name(pair.rules, 30),
            h.text(h.name(pair.model, 30) + f" ({percent(each['probability'], 0)})"),
            h.name(each["truth"], 30),
        ]
        for pair in report.disagreements[:4]
        for each in pair.examples[:2]
    ]
    if not examples:
        said = "No home that disagrees has consented, so none is shown as an example."
        return [*pieces, h.paragraph(said, "absent")]
    columns = ["UTC", "home", "zone", "rules", "model", "it was"]
    return [*pieces, h.table("Examples, of homes that consent", columns, examples)]


def training_section(report: Report) -> list[Any]:
    """Say how it was trained, and what it takes."""
    training, size = report.training, report.size
    budget = "" if size["max_bytes"] is None else f" (at most {size['max_bytes'] / 1e6:.2f})"
    pieces: list[Any] = [
        h.element("h2", "Training and size"),
        h.paragraph(
            f"Trained with {report.algorithm} on {training['n_samples']:,} rows; "
            f"{training['epochs_kept']:,} of {training['epochs_run']:,} epochs kept. "
            f"It takes about {size['model_bytes'] / 1e6:.2f} MB{budget}. {size['cost']}"
        ),
    ]
    losses = training["validation_loss"]
    if not losses:
        return [*pieces, h.paragraph(report.absent["training_curve"], "absent")]
    alt = f"Held-back log loss over {len(losses)} epochs, {losses[0]:.3f} to {min(losses):.3f}"
    kept = 0 if report.algorithm == "blend" else training["epochs_kept"]
    drawn = svg(partial(draw.training, losses=losses, kept=kept), alt, "training", height=2.4)
    return [*pieces, h.figures([h.figure(drawn, "Loss on rows that were held back in training.")])]
