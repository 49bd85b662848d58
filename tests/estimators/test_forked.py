"""What the guide says of worker processes is so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="of GNU's OpenMP, which Linux has")
@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_forked_worker_that_trains_trees_hangs_unless_openmp_has_one_thread(threads):
    pytest.importorskip("xgboost")
    done = subprocess.run(
        [sys.executable, "-m", "tests.forking"],
        cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": threads},
        capture_output=True, text=True, check=True, timeout=200,
    )  # fmt: skip
    assert json.loads(done.stdout) == {
        "trains trees": "same" if threads == "1" else "hangs",
        "answers with trees": "same",
        "trains a baseline": "same",
    }
