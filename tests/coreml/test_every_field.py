"""Whoever changes a field and makes all hashes anew is found, and the field is named.

No field is listed here: all that the types of the messages declare, all entries of the metadata and
all leaves of the certificate are changed, one at a time.
"""

import copy
import json
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from novin_ml import export_coreml, verify_coreml
from novin_ml.coreml.certificate import PROTOCOL
from novin_ml.coreml.claims import claim_difference
from novin_ml.coreml.converters import parse_model
from novin_ml.coreml.figures import Figures
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.structure import compare_structure
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import (
    CertificateError,
    ParityError,
)
from novin_ml.lifecycle import load_estimator
from tests.coreml.models import booster, mlp, table, xgb_classifier
from tests.coreml.mutants import certificate_mutants, changed, spec_mutants
from tests.coreml.seals import sealed

RELEASE = Path(__file__).parents[1] / "fixtures" / "v0_1"

#: Models of all families, with all that their metadata can hold, and what people bring along.
MODELS = {
    "delivery, trees": lambda: load_estimator(RELEASE / "delivery/model"),
    "motion, network": lambda: load_estimator(RELEASE / "motion/model.novin"),
    "motion, trees": lambda: load_estimator(RELEASE / "motion/trees.novin"),
    "chains, blend": lambda: load_estimator(RELEASE / "chains/model"),
    "behavior, ready": lambda: load_estimator(RELEASE / "behavior/model"),
    "behavior, learning": lambda: load_estimator(RELEASE / "behavior/learning.novin"),
    "Booster": lambda: booster(3, missing=0.1),
    "XGBClassifier": lambda: xgb_classifier(2),
    "MLPClassifier": lambda: mlp(3),
    "IsolationForest": lambda: IsolationForest(n_estimators=5, random_state=0).fit(table(100, 0)),
}
OLD = {
    "delivery/delivery.mlmodel": "delivery/model",
    "motion/motion.mlpackage": "motion/model.novin",
    "chains/chains.mlmodel": "chains/model",
    "behavior/anomaly.mlmodel": "behavior/model",
    "behavior/learning.mlmodel": "behavior/learning.novin",
}

#: Fields of a spec that may have any value, by the end of their path, and why.
WITHOUT_EFFECT = {
    "unary.alpha": "a number of other operations than the exponential",
    "unary.epsilon": "a number of other operations than the exponential",
    "treeEnsemble.nodes": "the order of the nodes, which are found by their ids",
}


#: Leaves of the certificate that decide whether the rest is read at all.
AT_THE_DOOR = {("file_sha256",), ("reference_sha256",), ("protocol",)}


class Exported(NamedTuple):
    model: object
    files: object
    subject: Subject


@pytest.fixture(scope="module", params=MODELS)
def exported(request, tmp_path_factory):
    model = MODELS[request.param]()
    texts = {"author": "us", "license": "MIT", "version": "2", "description": "Ours."}
    export = export_coreml(
        model,
        tmp_path_factory.mktemp("exported") / "model.mlmodel",
        data=_rows(model),
        card={"card_home": "one"},
        **(texts if request.param.startswith(("delivery", "Booster")) else {}),
    )
    return Exported(model, export, Subject.load(export.reference))


@pytest.fixture
def copied(exported, tmp_path):
    shutil.copytree(exported.files.model.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "model.mlmodel"


def _rows(model):
    subject = parse_model(model)
    return np.random.default_rng(0).normal(size=(30, len(subject.specs))).astype(np.float32)


def _found(spec, subject, versions):
    return (
        compare_structure(spec, subject).difference
        or claim_difference(spec, subject, versions, PROTOCOL)[0]
    )


def _names(path, clause):
    """Whether a clause names a field, or what it belongs to."""
    # Nodes are named by their tree and their number.
    path = re.sub(r"nodes\[.*", "nodes", path)
    last = re.sub(r"\[\d+\]$", "", path).split(".")[-1]
    return last in clause or path.rsplit(".", 1)[0] in clause


def test_every_field_of_the_spec_is_compared(exported):
    spec = read_spec(exported.files.model)
    versions = exported.files.certificate.versions
    whole = spec.SerializeToString(deterministic=True)
    assert _found(spec, exported.subject, versions) == ""
    changes, unnoticed, unnamed = 0, set(), []
    for path, change, restore in spec_mutants(spec):
        change(spec)
        clause = _found(spec, exported.subject, versions)
        restore(spec)
        changes += 1
        if not clause:
            unnoticed.add(path)
        elif not _names(path, clause):
            unnamed.append((path, clause))
    assert spec.SerializeToString(deterministic=True) == whole
    assert changes > 150
    assert [path for path in unnoticed if not path.endswith(tuple(WITHOUT_EFFECT))] == []
    assert unnamed == []


def test_verify_names_fields_of_the_interface(exported, copied):
    """The same through the front door, with hashes made anew, for one field of ten."""
    kept = {path: path.read_bytes() for path in (copied, copied.with_suffix(".certificate.json"))}
    mutants = [
        path
        for path, _, _ in spec_mutants(read_spec(copied))
        if path.startswith(("description", "specificationVersion", "isUpdatable"))
    ]
    for number in range(0, len(mutants), 10):
        if mutants[number].endswith(tuple(WITHOUT_EFFECT)):
            continue
        sealed(copied, lambda spec, n=number: list(spec_mutants(spec))[n][1](spec))
        with pytest.raises((ParityError, CertificateError)) as caught:
            verify_coreml(copied)
        assert _names(mutants[number], str(caught.value))
        assert "\n" not in str(caught.value)
        for file, content in kept.items():
            file.write_bytes(content)
    assert verify_coreml(copied).passed


def test_every_leaf_of_the_certificate_is_compared(exported):
    document = json.loads(exported.files.certificate_file.read_text())
    again = verify_coreml(exported.files.model, data=_rows(exported.model))
    assert again == exported.files.certificate
    assert again.not_checked == ()
    mutants = [m for m in certificate_mutants(document) if m[0] not in AT_THE_DOOR]
    assert len(mutants) > 100
    for path, how, value in mutants:
        other = copy.deepcopy(document)
        changed(other, path, how, value)
        clause = Figures(other, again, exported.subject).difference
        assert path[-1] in clause, (path, how, value, clause)


def test_verify_names_leaves_of_the_certificate(exported, copied):
    """The same through the front door, with hashes made anew, for one leaf of eight."""
    file = copied.with_suffix(".certificate.json")
    kept = {path: path.read_bytes() for path in (copied, file)}
    mutants = list(certificate_mutants(json.loads(file.read_text())))
    front = [m for m in mutants if m[0] in AT_THE_DOOR]
    assert {path for path, _, _ in front} == AT_THE_DOOR
    for path, how, value in [*mutants[::8], *front]:
        sealed(copied, spoil_certificate=lambda d, m=(path, how, value): changed(d, *m))
        with pytest.raises(CertificateError) as caught:
            verify_coreml(copied, data=_rows(exported.model))
        name = path[-1].removesuffix("_sha256").replace("file", "model")
        assert name in str(caught.value), (path, how, value, str(caught.value))
        assert "\n" not in str(caught.value)
        for place, content in kept.items():
            place.write_bytes(content)
