"""What earlier versions of novin_ml exported is still verified."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from novin_ml.coreml import CoreMLRuntime, verify_coreml
from novin_ml.coreml.subject import Subject

DATA = Path(__file__).parent / "data"


@pytest.fixture
def model(tmp_path):
    """A blend of two classes, written by novin_ml 0.1.0 before there were detectors."""
    shutil.copytree(DATA / "protocol_1", tmp_path, dirs_exist_ok=True)
    return tmp_path / "model.mlmodel"


def test_a_model_of_protocol_1_is_verified(model):
    written = json.loads(model.with_suffix(".certificate.json").read_text())
    assert written["protocol"] == 1
    again = verify_coreml(model)
    assert again.passed
    assert again.choices == "labels"
    assert again.rows == written["rows"]
    assert again.model_sha256 == written["model_sha256"]


def test_a_reference_of_protocol_1_is_the_model(model):
    subject = Subject.load(model.with_suffix(".reference"))
    rows = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    np.testing.assert_allclose(
        CoreMLRuntime(model).predict_proba(rows), subject.answer(rows), rtol=0, atol=1e-5
    )
    assert subject.answers.labels == ["a", "b"]
