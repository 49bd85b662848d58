"""Prints what a comparison of two logs of homes says."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.lifecycle import DriftReport
from novin_ml.plain import plural

_DASH = "-"


def show_drift(report: DriftReport, output: Output) -> None:
    """Print a row for each feature, what drifted, since when and where, and the verdict."""
    output.table(
        "features, what drifted first; each home has the same weight",
        ["", "differs most in", "reference", "current", "effect", "p", "PSI", "KS", "JS", ""],
        [
            [
                each.name,
                each.measure,
                f"{each.reference:.3g}",
                f"{each.current:.3g}",
                f"{each.effect:+.2f}",
                f"{each.p_value:.3f}",
                *(
                    _DASH if size is None else f"{size:.3f}"
                    for size in (each.psi, each.ks, each.js)
                ),
                "" if each.verdict == "none" else each.verdict,
            ]
            for each in report.features
        ],
    )
    for each in report.drifted:
        output.line(each.sentence)
        homes = ", ".join(
            f"{home.home_id} ({home.reference:.3g} to {home.current:.3g})"
            for home in each.homes[:3]
        )
        output.line(f"  {each.n_moved:,} of {plural(each.n_homes[1], 'home')} moved; most: {homes}")
    for note in report.notes:
        output.line(note)
    output.line(report.sentence)
