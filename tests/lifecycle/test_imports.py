"""What loading a saved model brings in: not what exports one or draws its report."""

import subprocess
import sys
from pathlib import Path

import pytest

import novin_ml
from novin_ml import lifecycle
from novin_ml.lifecycle import fit_fleet, save_estimator, train
from novin_ml.simulation import simulate_behavior, simulate_deliveries

HEAVY = {"coremltools", "matplotlib", "novin_ml.coreml", "novin_ml.evaluation"}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    result = train("delivery", simulate_deliveries(500, random_state=0), epochs=2)
    save_estimator(result.pipeline, folder / "model")
    events = simulate_behavior(1, weeks=1, random_state=1).assign(consent=True)
    fit_fleet(events, out=folder / "fleet", random_state=0)
    return folder


@pytest.mark.parametrize(
    "code",
    [
        "lifecycle.load_estimator('model')[-1].classes_",
        "lifecycle.load_fleet('fleet')['home_0001'][-1].state_",
        "from novin_ml.lifecycle import load_estimator; load_estimator('model')",
    ],
)
def test_loading_a_model_imports_neither_coremltools_nor_matplotlib(code, saved):
    program = (
        f"import sys; from novin_ml import lifecycle; {code}; "
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=saved,
        env={"PYTHONPATH": str(Path(novin_ml.__file__).parents[1]), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.strip() == "[]"


def test_all_names_are_shown_and_no_other_is_there():
    assert dir(lifecycle) == lifecycle.__all__ == sorted(lifecycle.__all__)
    assert set(lifecycle._HOMES) == set(lifecycle.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'unknown'"):
        lifecycle.unknown  # noqa: B018
