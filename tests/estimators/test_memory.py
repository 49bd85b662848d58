"""What training takes beside the table that it is given."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: A fresh process: memory that was used before and given back is used again unseen.
CODE = """
import sys
import numpy as np
from novin_ml import MotionClassifier

def kilobytes(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))

rng = np.random.default_rng(0)
X = rng.standard_normal((400_000, 24), dtype=np.float32)
y = rng.integers(0, 6, len(X))
params = {"hidden_layer_sizes": (64, 64)} if sys.argv[1] == "mlp" else {}
model = MotionClassifier(
    sys.argv[1], epochs=2, n_jobs=1, random_state=0, learner_params=params
)
model.fit(X[:3_000], y[:3_000])  # what libraries load at first
with open("/proc/self/clear_refs", "w") as stream:
    stream.write("5")  # the peak is from here on
before = kilobytes("VmRSS")
model.fit(X, y)
print(1024 * (kilobytes("VmHWM") - before) / X.nbytes)
"""


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="Linux tells the peak")
@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
def test_training_takes_two_and_a_half_tables(algorithm):
    done = subprocess.run(
        [sys.executable, "-c", CODE, algorithm],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert float(done.stdout) < 2.5
