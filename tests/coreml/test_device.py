import sys

import pytest

from novin_ml.coreml import export_coreml, verify_coreml
from tests.coreml.models import booster


@pytest.mark.skipif(sys.platform == "darwin", reason="Core ML itself runs here.")
def test_certificate_says_that_core_ml_was_not_asked(tmp_path):
    export = export_coreml(booster(2), tmp_path / "model.mlmodel")
    answer = export.certificate.core_ml
    assert answer["ran"] is False
    assert "macOS only" in answer["reason"]
    assert sys.platform in answer["reason"]
    assert verify_coreml(export.model).core_ml == answer


@pytest.mark.skipif(sys.platform != "darwin", reason="Core ML itself runs on macOS only.")
def test_core_ml_itself_agrees(tmp_path):
    answer = export_coreml(booster(3, missing=0.1), tmp_path / "model.mlmodel").certificate.core_ml
    assert answer["ran"] is True
    assert answer["rows"] >= 1_500
    assert answer["max_error"] <= 1e-6
    assert answer["labels_differ"] == 0
