"""What earlier versions of novin_ml saved is still loaded, and answers the same."""

import json
from pathlib import Path

import numpy as np
import pytest

from novin_ml.lifecycle import load_estimator, save_estimator

DATA = Path(__file__).parent / "data" / "protocol_1"


@pytest.mark.parametrize("algorithm", ["boosting", "mlp", "blend"])
def test_a_folder_of_protocol_1_is_loaded(algorithm, tmp_path):
    """Written by novin_ml 0.1.0, which knew neither calibration nor detectors."""
    assert json.loads((DATA / algorithm / "manifest.json").read_text())["protocol"] == 1
    model = load_estimator(DATA / algorithm)
    assert model.algorithm == algorithm
    assert model.fit_report_.calibration == []
    expected = np.loadtxt(DATA / f"{algorithm}.probabilities.txt")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3)).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    np.testing.assert_allclose(model.predict_proba(X[:8]), expected, rtol=0, atol=1e-6)
    # Saved again it is of the protocol of today.
    again = save_estimator(model, tmp_path / "model")
    assert json.loads((again / "manifest.json").read_text())["protocol"] == 2
    np.testing.assert_array_equal(load_estimator(again).predict_proba(X), model.predict_proba(X))
