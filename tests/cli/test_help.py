"""Help pages: what they cost, the order of the commands, and what a wrong name is answered."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from novin_ml.cli import names
from novin_ml.cli.app import COMMANDS, app
from novin_ml.cli.groups import OTHER_NAMES
from novin_ml.estimators.families import FAMILIES, classifier_families
from novin_ml.estimators.learners import LEARNERS
from novin_ml.federated.averaging import AGGREGATORS
from novin_ml.lifecycle import Gate

PROGRAM = typer.main.get_command(app)
GROUPS = {name: group for name, group in COMMANDS.items() if isinstance(group, dict)}
#: Every page, as it is called.
PAGES = [
    [],
    *([name] for name in COMMANDS),
    *([name, kind] for name, group in GROUPS.items() for kind in group),
]
#: What a help page does without: seconds of imports.
HEAVY = {
    *("coremltools", "joblib", "matplotlib", "numpy", "pandas", "pyarrow", "scipy", "sklearn"),
    *("threadpoolctl", "xgboost"),
}
#: What of the package it may use.
LIGHT = {"novin_ml", "novin_ml._version", "novin_ml.exceptions", "novin_ml.plain"}
LIGHT |= {"novin_ml.files", "novin_ml.lazy", "novin_ml.parameters", "novin_ml.texts"}
LIGHT |= {"novin_ml.waiting"}
#: The table of doors, of which each is a command.
LIGHT |= {"novin_ml.events", "novin_ml.events.doors", "novin_ml.events.doors.registry"}


def test_help_imports_nothing_of_what_the_commands_need():
    code = f"""
import sys
from novin_ml.cli.app import app
for page in {PAGES!r}:
    try:
        app([*page, "--help"])
    except SystemExit as end:
        assert end.code == 0
print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.count("Usage:") == len(PAGES)
    modules = set(done.stderr.split())
    assert not modules & HEAVY
    own = {name for name in modules if name.split(".")[0] == "novin_ml"}
    assert {name for name in own - LIGHT if not name.startswith("novin_ml.cli")} == set()


def test_the_names_that_help_shows_are_those_of_the_library():
    assert [named.name for named in (*names.CLASSIFIERS, names.BASELINE)] == list(FAMILIES)
    for named in names.CLASSIFIERS:
        family = classifier_families()[named.name]
        assert named.rows == family.rows.name
        assert named.has_quiet_label == (family.quiet_label is not None)
    assert names.BASELINE.rows == FAMILIES[names.BASELINE.name].rows.name
    assert [str(each) for each in names.Algorithm] == list(LEARNERS)
    assert [str(each) for each in names.Gate] == [str(each) for each in Gate]
    assert [str(each) for each in names.Method] == list(AGGREGATORS)
    assert [str(each) for each in names.ClassifierName] == [n.name for n in names.CLASSIFIERS]


def test_commands_are_listed_in_the_order_of_work():
    assert PROGRAM.list_commands(None) == list(COMMANDS)
    known = [*COMMANDS, *FAMILIES]
    of_groups = [name for group in COMMANDS.values() if isinstance(group, dict) for name in group]
    in_groups = [name for name in of_groups if name not in known]
    assert list(OTHER_NAMES) == [*known, *in_groups]
    for name, group in GROUPS.items():
        shown = PROGRAM.commands[name].list_commands(None)
        assert [kind for kind in shown if kind in group] == list(group)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("predict model events.jsonl", "'predict'. Did you mean 'score'?"),
        ("predict_proba model events.jsonl", "'predict_proba'. Did you mean 'score'?"),
        ("Fit delivery", "'Fit'. Did you mean 'train'?"),
        ("simulate delivery", "'simulate'. Did you mean 'generate'?"),
        ("evalute model", "'evalute'. Did you mean 'evaluate'?"),
        ("train behaviour events.jsonl", "'behaviour'. Did you mean 'behavior'?"),
        ("train events.jsonl", "'events.jsonl'. Pass one of delivery, motion, chains, behavior."),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_one(arguments, says):
    done = CliRunner().invoke(app, arguments.split(), env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert f"No such command {says}" in done.stderr


def test_another_name_means_one_command_of_its_group():
    for members in (COMMANDS, FAMILIES):
        others = [other for name in members for other in OTHER_NAMES[name]]
        assert len(others) == len({*others})
        assert not {*others} & {*members}
