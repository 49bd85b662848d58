"""Threads wait briefly where the program begins, and nowhere else."""

import os
import subprocess
import sys

import pytest

from novin_ml.waiting import SPINS, WAITING_VARIABLES, said_of_waiting, wait_briefly

PLAIN = {name: value for name, value in os.environ.items() if name not in WAITING_VARIABLES}


def said_by(code, environment):
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_nothing_set_becomes_a_short_spin():
    environment = {}
    wait_briefly(environment)
    assert environment == {"GOMP_SPINCOUNT": str(SPINS)}
    assert said_of_waiting(environment) == f"GOMP_SPINCOUNT={SPINS}"
    assert said_of_waiting({}) == "as OpenMP chooses"


@pytest.mark.parametrize("name", WAITING_VARIABLES)
def test_what_is_set_stays(name):
    environment = {name: "1"}
    wait_briefly(environment)
    assert environment == {name: "1"}
    assert said_of_waiting(environment) == f"{name}=1"


def test_importing_the_library_sets_nothing():
    code = "import os, novin_ml.estimators; print(os.environ.get('GOMP_SPINCOUNT'))"
    assert said_by(code, PLAIN) == "None"


def test_the_program_sets_it_before_a_library_with_threads_is_loaded():
    code = """
import os, sys, novin_ml.cli._program as program
loaded = []
real = program.wait_briefly
def noted():
    loaded.extend(name for name in ('sklearn', 'xgboost') if name in sys.modules)
    real()
program.wait_briefly = noted
sys.argv = ['novin-ml', 'doctor']
try:
    program.main()
except SystemExit:
    pass
print(loaded, os.environ['GOMP_SPINCOUNT'])
"""
    assert said_by(code, PLAIN).splitlines()[-1] == f"[] {SPINS}"


def test_processes_of_joblib_inherit_it():
    code = """
import os
from novin_ml.waiting import wait_briefly
wait_briefly()
import joblib
found = joblib.Parallel(n_jobs=2)(joblib.delayed(os.getenv)('GOMP_SPINCOUNT') for _ in range(2))
print(*found)
"""
    assert said_by(code, PLAIN) == f"{SPINS} {SPINS}"
