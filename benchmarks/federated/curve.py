"""Accuracy over rounds, beside the same network trained in one place and homes alone."""

from __future__ import annotations

from argparse import Namespace

from benchmarks._report import Report, new_table
from novin_ml.federated import FederationSettings, try_federation, write_curve
from novin_ml.simulation import simulate_motions

MOTIONS_A_HOME = 50


def show(options: Namespace, report: Report) -> None:
    """Print where the federation is after some rounds, and draw all of them."""
    motions = simulate_motions(
        MOTIONS_A_HOME * options.homes, n_homes=options.homes, random_state=options.seed
    )
    settings = FederationSettings(rounds=options.rounds)
    trial = try_federation("motion", motions, settings, random_state=options.seed)
    table = new_table(
        f"{trial.n_homes} simulated homes; accuracy in {trial.n_test_homes} that are held back",
        ("trained", "accuracy"),
    )
    for number in sorted({1, 5, 10, 20, trial.kept, len(trial.curve)}):
        if number <= len(trial.curve):
            is_kept = ", which is kept" if number == trial.kept else ""
            table.add_row(f"federation, round {number}{is_kept}", f"{trial.curve[number - 1]:.3f}")
    table.add_row("all rows in one place", f"{trial.accuracy_central:.3f}")
    table.add_row("each home alone, mean", f"{trial.accuracy_alone:.3f}")
    report.show(table)
    if options.plot is not None:
        options.plot.mkdir(parents=True, exist_ok=True)
        write_curve(trial, options.plot / "federated_rounds.svg")
