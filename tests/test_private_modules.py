"""A module that another folder imports has no underscore."""

import ast
from pathlib import Path

import pytest

import novin_ml

PACKAGE = Path(novin_ml.__file__).parent
#: The stages whose folders keep their private modules to themselves.
STAGES = ("estimators", "evaluation", "features", "lifecycle")


def imported_modules(path):
    """Yield the modules of novin_ml that a file imports, as paths below the package."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("novin_ml."):
            for name in [node.module, *(f"{node.module}.{each.name}" for each in node.names)]:
                parts = PACKAGE.joinpath(*name.split(".")[1:])
                if parts.with_suffix(".py").exists() or parts.is_dir():
                    yield parts.relative_to(PACKAGE)


def reaches(stage):
    """Return the imports of private modules of a stage from outside their folder."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        importer = path.relative_to(PACKAGE)
        for module in imported_modules(path):
            private = [i for i, name in enumerate(module.parts) if name.startswith("_")]
            if module.parts[0] == stage and private:
                folder = Path(*module.parts[: private[0]])
                if not importer.is_relative_to(folder):
                    found.append((importer.as_posix(), module.as_posix()))
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_no_private_module_is_imported_from_outside_its_folder(stage):
    assert reaches(stage) == []
