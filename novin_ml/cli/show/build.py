"""Prints what a build did: its steps, its gates, and the hash of the release."""

from __future__ import annotations

from novin_ml.cli.output import Output
from novin_ml.lifecycle import BuildResult, StepResult

_WORDS = {"kept": "unchanged, kept", "would run": "would run"}


def step_line(step: StepResult) -> str:
    """Return the line of a step."""
    done = _WORDS.get(step.state) or f"done in {step.seconds:.1f} s"
    return f"{step.name}: {done}"


def show_build(result: BuildResult, dry_run: bool, output: Output) -> None:
    """Print the gates, failed ones first, and the state of the folder."""
    output.document |= {
        "folder": result.folder,
        "released": result.released,
        "sha256": result.sha256,
        "unfinished": result.unfinished,
        "steps": list(result.steps),
        "gates": [
            {
                "model": gate.model,
                "gate": gate.gate,
                "wanted": gate.wanted,
                "got": gate.got,
                "short": gate.short,
                "passed": gate.passed,
            }
            for gate in result.gates
        ],
        "notes": list(result.notes),
    }
    for note in result.notes:
        output.line(f"  {note}")
    if dry_run:
        return
    gates = sorted(result.gates, key=lambda gate: gate.passed)
    output.table(
        "Gates",
        ["", "gate", "wanted", "got", "by how much"],
        [[gate.model, gate.gate, gate.wanted, gate.got, gate.short or "passed"] for gate in gates],
    )
    if result.unfinished:
        output.line(f"{result.folder} is not released: {result.unfinished}")
    if result.released:
        if all(step.state == "kept" for step in result.steps):
            output.line("nothing changed: every step was kept")
        output.line(f"released to {result.folder}, sha256 {result.sha256}")
