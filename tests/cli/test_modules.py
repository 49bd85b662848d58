"""The commands' own house: small modules that reach into no other stage."""

import ast
from pathlib import Path

import pytest

from novin_ml import cli

FOLDER = Path(cli.__file__).parent
SOURCES = sorted(FOLDER.rglob("*.py"))
LINES = 150
#: What a family is stands in its record; a command does not ask for its class.
FAMILY_CLASSES = {"BehaviorAnomalyDetector", "FamilyClassifier"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_module_is_small_and_reaches_into_no_other_stage(source):
    text = source.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            own = name.startswith("novin_ml.cli.") or not name.startswith("novin_ml")
            private = [part for part in name.split(".") if part.startswith("_")]
            assert own or private in ([], ["_version", "__version__"]), f"{name}"
            assert name.rpartition(".")[2] not in FAMILY_CLASSES, f"{name}"
