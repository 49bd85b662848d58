"""Build a release: from data to certified models behind gates, as a novin.toml declares it."""

from novin_ml.lifecycle.building.answers import AddedAnswers, add_answers
from novin_ml.lifecycle.building.declaration import Declaration, read_declaration
from novin_ml.lifecycle.building.draft import draft_declaration
from novin_ml.lifecycle.building.gates import GateResult
from novin_ml.lifecycle.building.run import BuildResult, build
from novin_ml.lifecycle.building.steps import StepResult

__all__ = [
    "AddedAnswers",
    "BuildResult",
    "Declaration",
    "GateResult",
    "StepResult",
    "add_answers",
    "build",
    "draft_declaration",
    "read_declaration",
]
