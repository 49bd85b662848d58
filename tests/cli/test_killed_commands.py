"""A command that is killed anywhere leaves what was there before, or what it was to write."""

import importlib.util
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from novin_ml.cli.commands import COMMANDS
from novin_ml.cli.every_command import _OUTPUTS
from tests.cli.killed_commands import GROUPS

ROOT = Path(__file__).parents[2]
POINTS = 3
#: The demo runs for a minute.
POINTS_OF = {"demo": 2}
#: Commands that write nothing but, where it is asked for, a list of what they rejected.
READ = {
    "doctor",
    "evaluate",
    "explain",
    "registry diff",
    "registry list",
    "registry show",
    "registry verify",
    "rollout look",
    "verify",
}
#: Why they are not killed here.
ELSEWHERE = {
    "federated client": "needs flwr; it keeps its state as federated simulate does",
    "federated server": "needs flwr; tests/federated kills rounds in its environment",
    "registry mlflow": "SQLite's own journal keeps MLflow's store",
}
_NEED = {"keygen": "cryptography", "sign": "cryptography"}


def every_command():
    return {
        name if callable(found) else f"{name} {kind}": found if callable(found) else found[kind]
        for name, found in COMMANDS.items()
        for kind in ([""] if callable(found) else found)
    }


def test_each_command_is_killed_or_writes_nothing():
    killed = {name for group in GROUPS.values() for name in group}
    assert killed | READ | {*ELSEWHERE} == {*every_command()}
    assert not killed & READ
    for name, command in every_command().items():
        writes = {*inspect.signature(command).parameters} & (_OUTPUTS - {"rejects"})
        assert not writes or name not in READ, (name, writes)


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_what_was_there_before_is_still_there(group, tmp_path):
    left_out = [
        name
        for name, needed in _NEED.items()
        if name in GROUPS[group] and importlib.util.find_spec(needed) is None
    ]
    program = [sys.executable, "-m", "tests.cli.killed_commands", group, str(tmp_path)]
    # A forked child hangs in OpenMP if its parent had threads of it.
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*program, str(POINTS_OF.get(group, POINTS)), *left_out],
        cwd=ROOT, env=alone, capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    assert {*found} == {*GROUPS[group]} - {*left_out}
    assert {name: each["faults"] for name, each in found.items() if each["faults"]} == {}
    assert all(each["killed"] >= 2 for each in found.values()), found


#: A plan that is written in place, as nothing is.
_IN_PLACE = """
import sys, json
from pathlib import Path
from tests.cli import killed_commands
from novin_ml.lifecycle.rollout import assignment
assignment.write_text = lambda text, path: path.write_text(text, encoding="utf-8")
killed_commands.GROUPS["one"] = {"rollout plan": killed_commands.GROUPS["data"]["rollout plan"]}
json.dump(killed_commands.found_in("one", Path(sys.argv[1]), 3), sys.stdout)
"""


def test_what_is_written_in_place_is_found(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _IN_PLACE, str(tmp_path)],
        cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
        check=True, timeout=600,
    )  # fmt: skip
    (found,) = json.loads(done.stdout).values()
    assert any("neither the old nor the new" in fault for fault in found["faults"])
