"""Workflows are pinned, and what Linux can run of them runs."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
#: Of Apple's systems, or what the build of the wheel does.
_ELSEWHERE = ("xcodebuild", "python -m pip install")


def steps(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_nothing_may_write(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert document["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each) for each in used)
    assert all("timeout-minutes" in job for job in document["jobs"].values())


def test_forms_are_yaml():
    forms = [*(ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"), ROOT / "CITATION.cff"]
    assert len(forms) == 4
    for form in forms:
        assert yaml.safe_load(form.read_text(encoding="utf-8"))


def commands_of(name):
    return [step["run"] for step in steps(ROOT / ".github/workflows" / name) if "run" in step]


def test_targets_of_make_exist():
    commands = [each.partition(" >>")[0] for each in commands_of("linux.yml")]
    assert len(commands) >= 3
    for command in commands:
        assert command.startswith("make ")
        done = subprocess.run(
            ["bash", "-c", command.replace("make ", "make -n ", 1)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_what_linux_can_run_of_the_workflow_of_macos_is_run():
    """By .ci/run, in an environment that has the wheel alone."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = commands_of("macos.yml")
    here = [each for each in commands if not each.startswith(_ELSEWHERE)]
    assert len(here) >= 4
    for command in here:
        assert command in lines


def test_the_matrix_stands_in_noxfile_alone():
    matrix = {"3.11", "3.12", "3.13", "oldest"}
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    ids = {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "id"
    }
    assert ids == matrix
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    classified = [each.rpartition(" ")[2] for each in project["classifiers"] if "3." in each]
    assert {*classified} == matrix - {"oldest"}
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make matrix" in ci
    assert "oldest.txt" not in ci
    assert not re.search(r"python3\.\d", ci)
    of_github = yaml.safe_load((ROOT / ".github/workflows/linux.yml").read_text(encoding="utf-8"))
    assert "fromJSON" in of_github["jobs"]["tests"]["strategy"]["matrix"]["session"]
