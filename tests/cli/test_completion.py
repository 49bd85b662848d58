"""Shells complete the program's commands, those of groups, and options."""

import os
import subprocess
import sys

import pytest

_RUN = "import sys; sys.argv[0] = 'novin-ml'; from novin_ml.cli import main; main()"


def asked(*arguments, **variables):
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("novin-ml tr", {"train"}),
        ("novin-ml registry pro", {"promote"}),
        ("novin-ml report --ref", {"--reference", "--refuse-training-data"}),
    ],
)
def test_bash_completes(words, completed):
    place = str(len(words.split()) - 1)
    found = asked(COMP_WORDS=words, COMP_CWORD=place, _NOVIN_ML_COMPLETE="complete_bash")
    assert {*found.split()} == completed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_its_script(shell):
    # Else the shell is that of the process that asks.
    no_detection = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    script = asked("--show-completion", shell, **no_detection)
    assert f"_NOVIN_ML_COMPLETE=complete_{shell}" in script
    assert "novin-ml" in script
