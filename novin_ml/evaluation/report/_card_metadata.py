"""The model card in a few short entries, for the metadata of an exported model."""

from __future__ import annotations

import json
from typing import Any

from novin_ml.evaluation.report import BaselineReport, Report
from novin_ml.evaluation.report._parts import Group
from novin_ml.evaluation.report._words import day, percent
from novin_ml.evaluation.report.shares import FEW_ROWS
from novin_ml.plain import plain, plural
from novin_ml.texts import visible

_WORST = 3
_LONGEST_ENTRY = 300


def card_metadata(report: Report | BaselineReport) -> dict[str, str]:
    """Return the model card as short entries of an exported model's metadata.

    Parameters
    ----------
    report : Report or BaselineReport
        From `build_report`.

    Returns
    -------
    entries : dict of str to str
        At most 300 characters each. Only the worst class, zone and hour are named, and no home.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import build_report, card_metadata
    >>> from novin_ml.simulation import simulate_deliveries
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
            f"trained on {plural(training['n_samples'], 'row')}, all with consent; tested on "
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
        if report.alarming is not None:
            measured |= {
                "found": report.alarming.found.share,
                "false_alarms_per_home_week": report.alarming.false_alarms.per_week,
            }
        limits = "; ".join(
            f"right in {percent(group.accuracy.share)} {where} "
            f"({plural(group.accuracy.n_rows, 'row')})"
            for groups, where in (
                (report.by_zone, "in the zone {}"),
                (report.by_hour, "from {} on"),
            )
            for group in worst_groups(groups)[:1]
            for where in [where.format(visible(group.name, 30))]
        )
    known = {name: value for name, value in plain(measured).items() if value is not None}
    entries["card_measured"] = json.dumps({name: round(value, 4) for name, value in known.items()})
    entries["card_limits"] = limits or f"no group of {FEW_ROWS} rows or more was measured"
    return {key: _short(text) for key, text in entries.items()}


def worst_groups(groups: list[Group]) -> list[Group]:
    """Return the groups with enough rows in which the model is least often right."""
    known = [group for group in groups if not group.few]
    return sorted(known, key=lambda group: (group.accuracy.share, group.name))[:_WORST]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_ENTRY else text[: _LONGEST_ENTRY - 1] + "…"
