"""Prints a federation: its rounds, what was refused, and what it is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from novin_ml.cli.output import Output
from novin_ml.evaluation.truth import words_for_labels
from novin_ml.federated import (
    FederatedTrees,
    FederationTrial,
    FolderRound,
    RoundReport,
    UpdateCount,
)
from novin_ml.plain import plural


def show_trial(trial: FederationTrial, out: Path, output: Output) -> None:
    """Print a trial of a federation."""
    output.document |= {
        "n_homes": trial.n_homes,
        "n_test_homes": trial.n_test_homes,
        "n_test_rows": trial.n_test_rows,
        "accuracy": trial.accuracy,
        "accuracy_central": trial.accuracy_central,
        "accuracy_alone": trial.accuracy_alone,
        "difference": trial.comparison.accuracy,
        "truth": trial.truth,
        "kept_round": trial.kept,
        "curve": trial.curve,
        "path": out,
    }
    if isinstance(trial.federation, FederatedTrees):
        output.document |= _trees_document(trial.federation)
        grown = f"{plural(len(trial.curve), 'round')} with {plural(trial.n_homes, 'home')}"
        output.line(f"{grown}: {_trees_line(trial.federation)}")
    else:
        rounds = trial.federation.rounds
        output.document |= {"rounds": rounds}
        output.line(
            f"{plural(len(rounds), 'round')} with {plural(trial.n_homes, 'home')}, the weights of "
            f"round {trial.kept} kept: {_counted(_total(rounds))}"
        )
    rows = [
        ["federation", f"{trial.accuracy:.2%}"],
        ["all rows in one place", f"{trial.accuracy_central:.2%}"],
        ["each home alone, mean", f"{trial.accuracy_alone:.2%}"],
    ]
    title = (
        f"{plural(trial.n_test_rows, 'row')} of {plural(trial.n_test_homes, 'home')} held back; "
        f"{words_for_labels(trial.truth)}"
    )
    output.table(title, ["trained", "accuracy"], rows)
    output.line(trial.comparison.sentence)
    output.line(f"saved to {out}")


def show_trees(result: FederatedTrees, out: Path, output: Output) -> None:
    """Print what a server of trees counted, and where the model is."""
    output.document |= _trees_document(result) | {"path": out}
    output.line(_trees_line(result))
    output.line(f"saved to {out}")


def _trees_document(result: FederatedTrees) -> dict[str, Any]:
    return {
        "n_refused": result.n_refused,
        "refusals": result.refusals,
        "bytes_of_home": result.bytes_of_home,
    }


def _trees_line(result: FederatedTrees) -> str:
    sent = f"{result.bytes_of_home / 1e6:.2f} MB of each home"
    first = "".join(f" (the first of {e.source}: {e.reason})" for e in result.refusals[:1])
    return f"{sent}; {plural(result.n_refused, 'answer')} refused{first}"


def show_folder_round(result: FolderRound, output: Output) -> None:
    """Print a round over a folder of update files."""
    output.document |= folder_document(result)
    output.line(f"{plural(result.n_files, 'file')}: {_counted(result.count)}")
    rows = [[each.source, each.reason, each.message] for each in result.refusals[:20]]
    if rows:
        output.table("not counted", ["file", "reason", ""], rows)
    if sum(result.count.rejected.values()) > len(rows):
        output.line(f"... and more; --json lists {len(result.refusals)}")


def show_rounds(reports: list[RoundReport], out: Path, output: Output) -> None:
    """Print what a server counted in its rounds, and where the model is."""
    output.document |= {"rounds": reports, "path": out}
    output.line(f"{plural(len(reports), 'round')}: {_counted(_total(reports))}")
    output.line(f"saved to {out}")


def folder_document(result: FolderRound) -> dict[str, Any]:
    """Return a round as JSON holds it."""
    return {
        "n_files": result.n_files,
        "count": result.count,
        "refusals": result.refusals,
        "max_norm": result.max_norm,
        "model_before_sha256": result.sha256_before,
        "model_sha256": result.sha256,
    }


def _total(reports: list[RoundReport]) -> UpdateCount:
    total = UpdateCount()
    for report in reports:
        total.merge(report.count)
    return total


def _counted(count: UpdateCount) -> str:
    n_refused = sum(count.rejected.values())
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in sorted(count.rejected.items()))
    refused = f"{n_refused:,} refused" + (f" ({reasons})" if reasons else "")
    return (
        f"{plural(count.accepted, 'update')} of {plural(count.examples, 'row')} counted, "
        f"{count.clipped:,} clipped, {count.capped:,} capped; {refused}"
    )
