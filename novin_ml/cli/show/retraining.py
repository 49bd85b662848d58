"""Prints what a retraining found and decided."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.evaluation import Comparison
from novin_ml.lifecycle import ModelRetraining, Retraining
from novin_ml.plain import plural

_DASH = "-"


def show_retraining(result: Retraining, output: Output) -> None:
    """Print what came, both comparisons, and the decision."""
    output.document |= result.as_dict()
    output.table(
        "What came since the served version",
        ["model", "rows", "homes", "labels", "drift", "the old set", "weeks left out"],
        [_new_row(each) for each in result.models],
    )
    compared = [each for each in result.models if each.verdict]
    if compared:
        output.table(
            "Challenger against the served version, points of accuracy",
            ["model", "frozen set", "fresh set", "weeks with a gain", "verdict"],
            [_compared_row(each) for each in compared],
        )
    for each in result.models:
        for week in each.weeks:
            if week.is_left_out:
                output.line(f"{each.name}: {week.sentence} They are left out.")
    if result.build is not None:
        for gate in result.build.failed:
            said = f"{gate.gate}: wanted {gate.wanted}, got {gate.got}: {gate.short}"
            output.line(f"{gate.model}: {said}")
    output.line(_headline(result))
    output.line(result.sentence)


def _headline(result: Retraining) -> str:
    if result.decision == "promoted":
        before = "" if result.served is None else f" instead of {result.served}"
        return f"promoted: version {result.promoted}{before}: {result.reason}"
    if result.decision == "kept":
        stays = "no version" if result.served is None else f"version {result.served}"
        return f"kept: {stays} is served: {result.reason}"
    return "dry run: nothing was built, promoted or written"


def _new_row(model: ModelRetraining) -> list[str]:
    drift = model.drift
    names = _DASH if drift is None else drift.verdict
    if drift is not None and drift.drifted:
        names = ", ".join(each.name for each in drift.drifted[:3])
        names += ", ..." if len(drift.drifted) > 3 else ""
    return [
        model.name,
        f"{model.n_new_rows:,}",
        f"{model.n_new_homes:,}",
        f"{model.n_new_labels:,}",
        names,
        "counts" if model.old_set_counts else "no longer counts",
        ", ".join(model.left_out) or _DASH,
    ]


def _compared_row(model: ModelRetraining) -> list[str]:
    gained = sum(each.gain > 0 for each in model.gains)
    return [
        model.name,
        _points(model.frozen),
        _points(model.fresh),
        f"{gained} of {len(model.gains)}",
        model.verdict,
    ]


def _points(found: Comparison | None) -> str:
    if found is None:
        return _DASH
    of = found.accuracy
    low, high = 100 * of.low, 100 * of.high
    return (
        f"{100 * of.difference:+.2f} ({low:+.2f} to {high:+.2f}), {plural(found.n_groups, 'home')}"
    )
