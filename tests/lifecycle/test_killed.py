"""A process that is killed anywhere on the way to a promoted model leaves the old one served."""

import json
import os
import subprocess
import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
POINTS = 50


def test_a_kill_at_50_points_of_train_publish_and_promote(tmp_path):
    program = [sys.executable, "-m", "tests.lifecycle.killed_pipeline", str(tmp_path / "folder")]
    # A forked child hangs in OpenMP if its parent had threads of it.
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*program, str(POINTS)],
        cwd=ROOT, env=alone, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) == POINTS
    assert all(each["killed"] for each in found)
    assert [part for part, _ in groupby(found, key=lambda each: each["part"])] == [
        "train",
        "publish",
        "promote",
    ]
    for each in found:
        assert each["faults"] == each["again"]["faults"] == []
        # Version 2 is served from one step of the promotion on, and never before.
        assert each["served"] in ((1, 2) if each["part"] == "promote" else (1,))
        assert each["again"]["served"] == (2 if each["part"] == "promote" else 1)
    served = [each["served"] for each in found if each["part"] == "promote"]
    assert served == sorted(served)
    assert set(served) == {1, 2}
