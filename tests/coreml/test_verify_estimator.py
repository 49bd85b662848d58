"""Files that were all changed together are found by the estimator, and old ones are verified."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from novin_ml import export_coreml, verify_coreml
from novin_ml.coreml.interface import CERTIFICATE_HASH, PREFIX, set_metadata
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import (
    CertificateError,
    NotExportableError,
    NovinError,
    ParityError,
    SavedModelError,
)
from novin_ml.lifecycle import load_estimator
from novin_ml.store import MANIFEST, folder_hash, read_folder, write_folder
from tests.coreml.models import booster, delivery, table, xgb_classifier
from tests.coreml.seals import sealed
from tests.coreml.test_every_field import MODELS, OLD, RELEASE

REFERENCE = "export reference"


@pytest.fixture
def old(tmp_path):
    """What 0.1.0 exported, and the estimator that it was exported from, by the export's path."""
    shutil.copytree(RELEASE, tmp_path / "old")

    def get(name):
        return tmp_path / "old" / name, load_estimator(RELEASE / OLD[name])

    return get


@pytest.mark.parametrize("name", OLD)
def test_an_old_export_is_verified_and_says_what_it_does_not_hold(name, old):
    path, estimator = old(name)
    alone = " ".join(verify_coreml(path).not_checked)
    assert "of protocol 2, which does not have data_sha256, machine, proof, structure" in alone
    assert "Pass the estimator" in alone
    assert f"{PREFIX}family" in alone
    with_estimator = " ".join(verify_coreml(path, estimator=estimator).not_checked)
    assert "of protocol 2" in with_estimator
    assert "novin_ml.family" not in with_estimator
    assert "description, author, licence, version and card" in with_estimator


@pytest.mark.parametrize("name", [name for name in OLD if name.endswith(".mlmodel")])
def test_every_entry_of_an_old_models_metadata_is_held_against_the_estimator(name, old):
    path, estimator = old(name)
    kept = {file: file.read_bytes() for file in (path, path.with_suffix(".certificate.json"))}
    entries = set(read_spec(path).description.metadata.userDefined) - {CERTIFICATE_HASH}
    assert len(entries) >= 12
    for key in entries:
        for spoil in (
            lambda spec, key=key: set_metadata(
                spec, {key: spec.description.metadata.userDefined[key] + " "}
            ),
            lambda spec, key=key: spec.description.metadata.userDefined.pop(key),
        ):
            sealed(path, spoil)
            # What the converter of the time wrote is not known if it is not there; the size is.
            expected = "model_bytes" if key.startswith("com.") and _lacks(path, key) else key
            with pytest.raises((ParityError, CertificateError), match=re.escape(expected)):
                verify_coreml(path, estimator=estimator)
            for file, content in kept.items():
                file.write_bytes(content)


def _lacks(path, key):
    return key not in read_spec(path).description.metadata.userDefined


def forged(export, spoil, spoil_files=lambda files: None):
    """Change the model, and its reference so that all hashes fit and both agree."""
    files = dict(read_folder(export.reference, REFERENCE))
    spoil_files(files)
    write_folder(files, export.reference, REFERENCE)
    sealed(
        export.model,
        spoil,
        lambda certificate: certificate.update(reference_sha256=folder_hash(export.reference)),
    )


def other_thresholds(text):
    return re.sub(r"0\.\d{3}", "0.111", text)


def test_a_threshold_that_was_forged_in_all_files_is_found_by_the_estimator(tmp_path):
    model = MODELS["delivery, trees"]()
    export = export_coreml(model, tmp_path / "model.mlmodel")
    key = f"{PREFIX}thresholds"

    def spoil(spec):
        entries = spec.description.metadata.userDefined
        entries[key] = other_thresholds(entries[key])

    def spoil_files(files):
        record = json.loads(files["record.json"])
        record["info"]["thresholds"] = other_thresholds(record["info"]["thresholds"])
        files["record.json"] = json.dumps(record, indent=1).encode()

    forged(export, spoil, spoil_files)
    assert verify_coreml(export.model).passed, "both files agree, and nothing else is known"
    with pytest.raises(ParityError, match=rf"userDefined\['{key}'\] must be .* Got .*0\.111"):
        verify_coreml(export.model, estimator=model)


def test_another_model_with_its_own_reference_is_found_by_the_estimator(tmp_path):
    export = export_coreml(delivery(), tmp_path / "model.mlmodel")
    assert verify_coreml(export.model).passed
    with pytest.raises(ParityError, match="part by part"):
        verify_coreml(export.model, estimator=delivery(epochs=5))


def test_a_reference_without_its_record_is_not_of_this_protocol(tmp_path):
    export = export_coreml(delivery(), tmp_path / "model.mlmodel")
    forged(export, lambda spec: None, lambda files: files.pop("record.json"))
    with pytest.raises(CertificateError, match="must have a record of what the export wrote"):
        verify_coreml(export.model)


def test_an_earlier_protocol_is_no_way_round(tmp_path):
    """A certificate that calls itself older would hold less."""
    export = export_coreml(delivery(), tmp_path / "model.mlmodel")

    def spoil(certificate):
        certificate["protocol"] = 2
        for key in ("structure", "machine", "data_sha256", "unreachable_leaves", "hashed_by"):
            certificate.pop(key)

    # Sealed as old ones are: with the old hash, and named by the model.
    text = export.certificate_file.read_text().replace('"file_sha256"', '"model_sha256"')
    export.certificate_file.write_text(text)
    sealed(export.model, spoil_certificate=spoil)
    for options in ({}, {"estimator": delivery()}):
        with pytest.raises(CertificateError, match=r"protocol must be 5\. Got 2"):
            verify_coreml(export.model, **options)


def test_a_key_that_stands_twice_is_refused(tmp_path):
    export = export_coreml(delivery(), tmp_path / "model.mlmodel")
    sealed(export.model, spoil_certificate=lambda certificate: certificate)
    text = export.certificate_file.read_text().replace(
        '"passed": true', '"passed": false,\n  "passed": true'
    )
    export.certificate_file.write_text(text)
    with pytest.raises(CertificateError, match="a key that stands twice"):
        verify_coreml(export.model)


@pytest.mark.parametrize("name", MODELS)
def test_the_estimator_alone_is_enough(name, tmp_path):
    model = MODELS[name]()
    export = export_coreml(model, tmp_path / "model.mlmodel")
    shutil.rmtree(export.reference)
    again = verify_coreml(export.model, estimator=model)
    assert again == export.certificate
    said = " ".join(again.not_checked)
    assert "The reference was not checked: it is not beside the model" in said
    assert "versions" in said


def test_without_either_it_is_said_what_nothing_could_say(tmp_path):
    export = export_coreml(delivery(), tmp_path / "model.mlmodel")
    (export.reference / MANIFEST).unlink()
    expected = r"model\.reference.* Or pass the estimator\. Without either, only hashes .* labels"
    with pytest.raises(SavedModelError, match=expected) as caught:
        verify_coreml(export.model)
    assert not isinstance(caught.value, CertificateError)


def test_names_and_labels_that_an_export_was_given(tmp_path):
    model = xgb_classifier(3)
    given = {"feature_names": ["a", "b", "c", "d"], "class_labels": ["x", "y", "z"]}
    export = export_coreml(model, tmp_path / "model.mlmodel", **given)
    assert verify_coreml(export.model).passed
    assert verify_coreml(export.model, estimator=model, **given).not_checked == ()
    with pytest.raises(ParityError, match=r"input\[0\]\.name must be 'feature_0'\. Got 'a'"):
        verify_coreml(export.model, estimator=model)
    given["class_labels"] = ["y", "x", "z"]
    with pytest.raises(ParityError, match=r"stringClassLabels\.vector\[0\]|class_labels"):
        verify_coreml(export.model, estimator=model, **given)
    for name, value in given.items():
        with pytest.raises(NotExportableError, match=f"'{name}' parameter must come with"):
            verify_coreml(export.model, **{name: value})


def test_rows_of_the_export_are_known_again(tmp_path):
    rows = table(40, 3)
    export = export_coreml(booster(3), tmp_path / "model.mlmodel", data=rows)
    for data in (None, table(40, 4)):
        (sentence,) = verify_coreml(export.model, data=data).not_checked
        assert "checks.data was not made again" in sentence
    assert verify_coreml(export.model, data=rows).not_checked == ()
    assert verify_coreml(export.model, data=rows).data_sha256 == export.certificate.data_sha256


def test_figures_of_another_machine_may_differ_in_their_last_bits(tmp_path):
    """Errors are rounding; how many rows there were is not."""
    export = export_coreml(delivery("mlp", 3), tmp_path / "model.mlmodel")
    kept = export.model.read_bytes(), export.certificate_file.read_bytes()

    def made_elsewhere(times, rows=0):
        export.model.write_bytes(kept[0])
        export.certificate_file.write_bytes(kept[1])
        files = dict(read_folder(export.reference, REFERENCE))
        record = json.loads(files["record.json"])
        record["machine"] = "Darwin arm64, NEON"
        files["record.json"] = json.dumps(record, indent=1).encode()
        write_folder(files, export.reference, REFERENCE)

        def spoil(certificate):
            certificate["machine"] = record["machine"]
            certificate["reference_sha256"] = folder_hash(export.reference)
            certificate["core_ml"] = {"ran": True, "rows": 9, "max_error": 0.0}
            for check in certificate["checks"].values():
                check["max_error"] *= times
                check["rows"] += rows
            certificate["rows"] += rows * len(certificate["checks"])
            certificate["max_error"] *= times

        sealed(export.model, spoil_certificate=spoil)
        return verify_coreml(export.model)

    (sentence,) = made_elsewhere(1.5).not_checked
    assert "core_ml was not made again: Core ML runs on macOS only" in sentence
    with pytest.raises(CertificateError, match="max_error must be"):
        made_elsewhere(0.1)
    with pytest.raises(CertificateError, match="rows must be"):
        made_elsewhere(1.0, rows=1)


def test_a_package_is_held_to_the_same(tmp_path):
    model = MODELS["motion, network"]()
    export = export_coreml(model, tmp_path / "model.mlpackage")
    assert verify_coreml(export.model, estimator=model).not_checked == ()
    inner = next(export.model.rglob("*.mlmodel"))
    spec = read_spec(inner)
    spec.isUpdatable = True
    inner.write_bytes(spec.SerializeToString(deterministic=True))
    with pytest.raises(NovinError):
        verify_coreml(export.model)


def test_the_record_says_what_was_written(tmp_path):
    texts = {"author": "us", "version": "1.0"}
    export = export_coreml(booster(3), tmp_path / "model.mlmodel", data=table(9, 0), **texts)
    subject = Subject.load(export.reference)
    assert subject.info["estimator"] == "Booster"
    assert {k: v for k, v in subject.record.texts.items() if v} == texts
    assert subject.record.versions == export.certificate.versions
    assert subject.record.machine == export.certificate.machine
    assert subject.record.data_sha256 == export.certificate.data_sha256
    assert len(subject.record.data_sha256) == 64
    assert np.array_equal(
        subject.answer(table(5, 1)), Subject.load(export.reference).answer(table(5, 1))
    )
    assert Path(export.reference, "record.json").is_file()
