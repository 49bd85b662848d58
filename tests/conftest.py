"""Settings of all tests: threads that wait politely, Hypothesis profiles, shared data."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from novin_ml.waiting import SPINS

os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
os.environ.setdefault("OMP_NUM_THREADS", "2")

import pytest
from hypothesis import HealthCheck, settings

_CALM = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]

settings.register_profile(
    "default", deadline=None, print_blob=True, max_examples=25, suppress_health_check=_CALM
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("long", settings.get_profile("ci"), max_examples=100)
# Under other versions of the dependencies: the laws hold as before, or fail at once.
settings.register_profile("brief", settings.get_profile("ci"), max_examples=8)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


#: Tests that take long and say the same under all dependencies. One run is enough: elsewhere CI
#: leaves them out with ``-m "not slow"``.
SLOW = (
    "tests/benchmarks/",
    "tests/cli/test_cli.py::test_demo_makes_certified_models",
    "tests/cli/test_retraining_cli.py",
    "tests/cli/test_texts_cli.py::test_the_demo_and_its_gate",
    "tests/coreml/swift/",
    "tests/coreml/test_every_field.py",
    "tests/estimators/test_real_data.py",
    "tests/estimators/test_real_motion.py",
    "tests/lifecycle/test_building.py",
    "tests/lifecycle/test_killed.py",
    "tests/lifecycle/test_retraining.py",
    "tests/test_docs.py",
    "tests/test_docstrings.py",
    "tests/test_files.py",
    "tests/test_house.py",
)


#: Examples of docstrings that need a package of an extra.
EXAMPLES_NEED = {"novin_ml/lifecycle/signing/": "cryptography"}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker("slow")
        for place, package in EXAMPLES_NEED.items():
            if item.nodeid.startswith(place) and importlib.util.find_spec(package) is None:
                item.add_marker(pytest.mark.skip(reason=f"{package} is not installed"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of shared data sets beside the checkout, or skip."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"The shared data sets are not at {folder}.")
    return folder
