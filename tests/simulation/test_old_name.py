"""`novin_ml.events.synthetic` hands the names of `novin_ml.simulation` on, for one release."""

import importlib
import subprocess
import sys

import pytest

from novin_ml import simulation


@pytest.mark.parametrize("name", simulation.__all__)
def test_the_old_import_warns_and_gives_the_same(name):
    message = rf"removed in 0\.3\.0. Use instead: from novin_ml.simulation import {name}"
    with pytest.warns(FutureWarning, match=message) as caught:
        exec(f"from novin_ml.events.synthetic import {name} as old", found := {})
    assert found["old"] is getattr(simulation, name)
    assert len({str(warning.message) for warning in caught}) == 1


def test_the_warning_is_at_the_line_that_must_change():
    synthetic = importlib.import_module("novin_ml.events.synthetic")
    with pytest.warns(FutureWarning) as caught:
        assert synthetic.simulate_motions is simulation.simulate_motions
    assert caught[0].filename == __file__


def test_the_old_module_has_the_public_names_and_no_other():
    synthetic = importlib.import_module("novin_ml.events.synthetic")
    assert sorted(dir(synthetic)) == sorted(synthetic.__all__) == sorted(simulation.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'street'"):
        synthetic.street  # noqa: B018


@pytest.mark.parametrize("module", ["novin_ml.events", "novin_ml.events.synthetic"])
def test_events_load_nothing_of_the_simulation(module):
    code = (
        f"import sys, {module}\n"
        "print([name for name in sys.modules if name.startswith('novin_ml.simulation')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
