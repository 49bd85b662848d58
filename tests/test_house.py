"""The layout of the package: what imports what, and what a module may hold."""

import ast
import re
import subprocess
from collections import defaultdict
from itertools import groupby
from pathlib import Path

import pytest

import novin_ml

PACKAGE = Path(novin_ml.__file__).parent
#: The stages from left to right; those of one entry do not import each other.
STAGES = [
    {"events"},
    {"simulation"},
    {"features"},
    {"estimators"},
    {"coreml", "evaluation"},
    {"lifecycle"},
    {"federated", "compute"},
    {"cli"},
]
PLACE = {stage: place for place, stages in enumerate(STAGES) for stage in stages}
#: A program that is started imports the front door.
FRONT = {"novin_ml.__main__": "cli"}
MOST_LINES = 450
#: The version, which tools look for under this name.
PRIVATE_FOR_ALL = {"novin_ml._version"}


def name_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in PATHS.items()}


def imports_of(name):
    """Return the modules of the package that a module imports anywhere, also for annotations."""
    found = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                found.add(module if module in PATHS else node.module)
    return {module for module in found if module in PATHS}


IMPORTS = {name: imports_of(name) for name in PATHS}


def stage_of(name):
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in PLACE else None


@pytest.mark.parametrize("name", PATHS)
def test_stages_import_only_from_their_left(name):
    own = FRONT.get(name, stage_of(name))
    for module in IMPORTS[name]:
        other = stage_of(module)
        if other is None or other == own:
            continue
        if own is None:
            # The package itself hands names on lazily; its imports are for type checkers.
            assert name == "novin_ml", f"{name} stands before all stages, and imports {module}"
            continue
        assert PLACE[other] < PLACE[own], f"{name} imports {module}"


def test_every_folder_is_a_stage():
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= set(PLACE)


def test_no_circle():
    """No module imports itself by way of others, also not for annotations alone."""
    done, open_ = set(), []

    def visit(name):
        if name in open_:
            pytest.fail("a circle: " + " -> ".join([*open_[open_.index(name) :], name]))
        if name in done:
            return
        open_.append(name)
        for module in sorted(IMPORTS[name]):
            visit(module)
        open_.pop()
        done.add(name)

    for name in PATHS:
        visit(name)


@pytest.mark.parametrize("name", PATHS)
def test_private_modules_stay_in_their_folder(name):
    folder = name if PATHS[name].name == "__init__.py" else name.rpartition(".")[0]
    for module in IMPORTS[name] - PRIVATE_FOR_ALL:
        parts = module.split(".")
        for place, part in enumerate(parts):
            if part.startswith("_") and not part.startswith("__"):
                owner = ".".join(parts[:place])
                assert f"{folder}.".startswith(f"{owner}."), f"{name} imports {module}"


@pytest.mark.parametrize("name", [n for n, path in PATHS.items() if path.name == "__init__.py"])
def test_a_folder_hands_names_on_and_defines_nothing(name):
    lazy = {"__getattr__", "__dir__"}
    for node in TREES[name].body:
        if isinstance(node, ast.FunctionDef):
            assert node.name in lazy, f"{name}.{node.name}"
        assert not isinstance(node, ast.ClassDef | ast.AsyncFunctionDef), f"{name}.{node.name}"


@pytest.mark.parametrize("name", PATHS)
def test_modules_are_short(name):
    assert len(PATHS[name].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_a_prefix_of_three_files_is_a_folder():
    for folder in {path.parent for path in PATHS.values()}:
        by_prefix = defaultdict(list)
        for path in folder.glob("*.py"):
            prefix, separator, _ = path.stem.lstrip("_").partition("_")
            if separator and path.stem != "__init__":
                by_prefix[prefix].append(path.name)
        for prefix, names in by_prefix.items():
            assert len(names) < 3, f"{folder}: {prefix} is the prefix of {sorted(names)}"


def test_commands_are_short():
    """The front door parses, calls and prints."""
    for name, path in PATHS.items():
        if stage_of(name) == "cli":
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 150, name


def test_the_pages_say_the_same_order():
    text = (PACKAGE.parent / "docs" / "architecture.rst").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "order of imports: " in line)
    order = [part.strip(" {}.") for part in line.partition(": ")[2].split(",")]
    places = [PLACE[part] for part in order]
    assert [place for place, _ in groupby(places)] == sorted(set(places))
    assert set(order) == {stage for stage in PLACE if (PACKAGE / stage).is_dir()}
    picture = (PACKAGE.parent / "docs" / "images" / "house.svg").read_text(encoding="utf-8")
    assert re.findall(r'class="name">(\w+)<', picture) == order


def test_the_top_level_holds_what_it_is_for():
    """What a command writes where it is run, such as a report, is no part of the project."""
    root = PACKAGE.parent
    if not (root / ".git").exists():
        pytest.skip("this is no checkout")
    command = ["git", "-C", str(root), "ls-files"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert {name.split("/")[0] for name in listed} <= {
        *("novin_ml", "benchmarks", "tests", "docs", "Examples", ".ci", ".github", ".gitignore"),
        *("setup.cfg", "pyproject.toml", "README.md", "Makefile", "CHANGELOG.md", "LICENSE"),
        *("asv.conf.json", "CITATION.cff", "noxfile.py"),
    }
