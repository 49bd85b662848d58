"""The parts of the simulation: the street stands alone, chains and months may build on it."""

import ast
from pathlib import Path

import pytest

from novin_ml import simulation

ROOT = Path(simulation.__file__).parent
SHARED = {path.stem for path in ROOT.glob("*.py")} - {"__init__"}
#: What each part may import, besides itself.
ALLOWED = {
    "shared": {"signals"},
    "signals": {"draws"},
    "street": SHARED | {"signals"},
    "chains": SHARED | {"signals", "street"},
    "months": SHARED | {"signals", "street"},
}


def imported(path):
    """Return the parts of the simulation that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("novin_ml.simulation"):
            parts = node.module.split(".")[2:]
            found |= set(parts[:1]) if parts else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("part", ALLOWED)
def test_parts_import_only_what_stands_before_them(part):
    own = SHARED if part == "shared" else {part}
    folder = ROOT if part == "shared" else ROOT / part
    paths = [path for path in folder.glob("*.py") if (folder, path.name) != (ROOT, "__init__.py")]
    assert paths
    for path in paths:
        assert imported(path) <= own | ALLOWED[part], path
