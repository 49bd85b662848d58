"""Prints shares of variants, versions side by side, and looks at a rollout."""

from __future__ import annotations

from math import isfinite

from novin_ml.cli.output import Output
from novin_ml.lifecycle import Assignment, ObservedShare, Rollout, Shadow
from novin_ml.plain import plural

_LOOKS = 7


def show_shares(assignment: Assignment, output: Output) -> None:
    """Print the planned shares."""
    rows = [[variant, f"{share:.4%}"] for variant, share in assignment.shares().items()]
    output.table("Plan", ["variant", "share of homes"], rows)


def show_observed(shares: list[ObservedShare], output: Output) -> None:
    """Print the planned and the observed shares, and warn where they contradict each other."""
    output.add("shares", shares)
    rows = [
        [
            each.variant,
            f"{each.planned:.2%}",
            f"{each.n_homes:,}",
            f"{each.observed:.2%}",
            f"{each.low:.2%} to {each.high:.2%}",
        ]
        for each in shares
    ]
    output.table("Homes", ["variant", "planned", "homes", "share", "95 % interval"], rows)
    for each in shares:
        if not each.is_as_planned:
            output.warning(
                f"the share of {each.variant} is not as planned: if this is seen again, homes "
                "are lost on the way of one variant"
            )


def show_shadow(shadow: Shadow, output: Output) -> None:
    """Print what each version answered."""
    first = shadow.versions[0]
    labels = sorted({label for version in shadow.versions for label in version.answers})
    rows = [
        [
            version.name,
            *(f"{version.answers.get(label, 0):,}" for label in labels),
            "-" if version.alarms_per_home_week is None else f"{version.alarms_per_home_week:.2f}",
            "" if version is first else f"{version.n_other / max(1, shadow.n_rows):.2%}",
        ]
        for version in shadow.versions
    ]
    output.table(
        f"{plural(shadow.n_rows, 'row')}, {plural(shadow.n_homes, 'home')}, "
        f"{shadow.home_weeks:.1f} home-weeks",
        ["version", *labels, "alarms a home and week", "other than the first"],
        rows,
    )


def show_rollout(rollout: Rollout, output: Output) -> None:
    """Print the newest looks and the decision."""
    rows = [
        [
            look.date,
            f"{look.n_control}, {look.n_candidate}",
            *(_value(each) for each in (look.control, look.candidate)),
            f"{look.low:.3g} to {look.high:.3g}" if isfinite(look.high - look.low) else "-",
            look.decision,
        ]
        for look in rollout.looks[-_LOOKS:]
    ]
    columns = ["day", "homes", rollout.control, rollout.candidate, "difference", "decision"]
    output.table("The newest looks", columns, rows)
    output.line(rollout.sentence)


def _value(value: float) -> str:
    return f"{value:.4g}" if isfinite(value) else "-"
