"""What earlier versions of novin_ml exported is still verified."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from novin_ml.coreml import CoreMLRuntime, verify_coreml
from novin_ml.coreml.export import write_export
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import CertificateError

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
    assert again.content_sha256 == written["model_sha256"]


def test_a_reference_of_protocol_1_is_the_model(model):
    subject = Subject.load(model.with_suffix(".reference"))
    rows = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    np.testing.assert_allclose(
        CoreMLRuntime(model).predict_proba(rows), subject.answer(rows), rtol=0, atol=1e-5
    )
    assert subject.answers.labels == ["a", "b"]


@pytest.fixture(params=["protocol_4/model.mlmodel", "protocol_4_package/model.mlpackage"])
def named(request, tmp_path):
    """An export of protocol 4, whose model names its certificate."""
    place = DATA / request.param
    shutil.copytree(place.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / place.name


def test_a_model_of_protocol_4_is_verified_by_its_old_figure(named):
    file = named.with_suffix(".certificate.json")
    written = json.loads(file.read_text())
    assert written["protocol"] == 4
    again = verify_coreml(named)
    assert again.content_sha256 == written["model_sha256"]
    assert again.file_sha256 == printed(named, again.hashed_by)
    assert json.loads(again.to_json())["content_sha256"] == written["model_sha256"]
    assert again.not_checked == ()
    # Its certificate may not be any other one, nor one of a model that names none.
    file.write_text(file.read_text().replace("{", "{ ", 1))
    with pytest.raises(CertificateError, match=r"must be the certificate that model\.ml.* names"):
        verify_coreml(named)
    written["protocol"], written["file_sha256"] = 5, again.file_sha256
    file.write_text(json.dumps(written))
    with pytest.raises(CertificateError, match="must be the certificate"):
        verify_coreml(named)


def printed(model, command):
    """What a shell prints, without what stands behind the hash."""
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is not on the PATH")
    command = command.replace(f"MODEL{model.suffix}", model.name)
    done = subprocess.run(
        ["sh", "-c", command], cwd=model.parent, capture_output=True, text=True, check=True
    )
    return done.stdout.split()[0]


@pytest.mark.parametrize("name", ["model.mlmodel", "model.mlpackage"])
def test_a_command_prints_the_hash_in_the_certificate(name, tmp_path):
    subject = Subject.load(DATA / "protocol_4" / "model.reference")
    no_texts = dict.fromkeys(("description", "author", "license", "version"))
    export = write_export(subject, tmp_path / name, texts=no_texts, card={})
    certificate = json.loads(export.certificate_file.read_text())
    assert certificate["file_sha256"] == printed(export.model, certificate["hashed_by"])
    assert "content_sha256" not in certificate
    verify_coreml(export.model)
    (file,) = [export.model] if export.model.is_file() else export.model.rglob("*.mlmodel")
    file.write_bytes(file.read_bytes() + b"\x00")
    with pytest.raises(CertificateError):
        verify_coreml(export.model)


def test_no_byte_of_a_model_may_change(tmp_path):
    export = tmp_path / "model.mlmodel"
    subject = Subject.load(DATA / "protocol_4" / "model.reference")
    no_texts = dict.fromkeys(("description", "author", "license", "version"))
    write_export(subject, export, texts=no_texts, card={})
    content = export.read_bytes()
    for place in range(0, len(content), max(1, len(content) // 413)):
        changed = bytearray(content)
        changed[place] ^= 1
        export.write_bytes(changed)
        with pytest.raises(CertificateError):
            verify_coreml(export)
