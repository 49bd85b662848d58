"""Every file that carries a number is refused by name if it is of a newer novin_ml."""

import ast
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

import novin_ml
from novin_ml import DeliveryClassifier
from novin_ml.arrays import write_arrays
from novin_ml.compute import read_hardware, read_times
from novin_ml.coreml import export_coreml, verify_coreml
from novin_ml.coreml.swift import verify_swift_package, write_swift_package
from novin_ml.coreml.swift._package import MARKER
from novin_ml.estimators import make_motion_pipeline
from novin_ml.events import Vocabulary, training_events
from novin_ml.events.doors import DoorMapping
from novin_ml.exceptions import NovinError
from novin_ml.features import HabitPrior
from novin_ml.federated import Update, update_from_bytes, update_to_bytes
from novin_ml.federated.state import StateKeeper
from novin_ml.formats import FORMATS, format_of, newer
from novin_ml.lifecycle import (
    Assignment,
    load_estimator,
    read_declaration,
    save_estimator,
)
from novin_ml.lifecycle.forgetting.run import KIND as FORGOTTEN_KIND
from novin_ml.lifecycle.forgetting.run import _read_record
from novin_ml.lifecycle.registry.release import KIND as RELEASE_KIND
from novin_ml.lifecycle.registry.release import RECORD as RELEASE_RECORD
from novin_ml.lifecycle.registry.release import read_release
from novin_ml.lifecycle.signing.check import KIND as SIGNED_KIND
from novin_ml.lifecycle.signing.check import _parsed
from novin_ml.simulation import simulate_motions
from tests.coreml.seals import sealed

PACKAGE = Path(novin_ml.__file__).parent
LATER = 99


@pytest.fixture(scope="module")
def model():
    X = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    return DeliveryClassifier(epochs=1, random_state=0).fit(X, X[:, 0] > 0)


def raised(file: Path, key: str = "protocol") -> Path:
    """Raise the number of a JSON file."""
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document[key] >= 1
    file.write_text(json.dumps(document | {key: LATER}), encoding="utf-8")
    return file


def written(place: Path, text: str) -> Path:
    place.write_text(text, encoding="utf-8")
    return place


def of_saved_model(model, folder):
    saved = save_estimator(model, folder / "model")
    raised(saved / "manifest.json")
    load_estimator(saved)


def of_certificate(model, folder):
    export = export_coreml(model, folder / "model.mlmodel")
    sealed(export.model, spoil_certificate=lambda each: each.update(protocol=LATER))
    verify_coreml(export.model)


def of_swift_package(model, folder):
    events, _ = training_events(simulate_motions(200, random_state=0))
    pipeline = make_motion_pipeline(epochs=1, random_state=0).fit(events, events["label"])
    package = write_swift_package({"motion": pipeline}, folder / "NovinModels")
    raised(package.folder / MARKER)
    verify_swift_package(package.folder, {"motion": pipeline})


def of_assignment(model, folder):
    Assignment.start("1", key=bytes(16)).save(folder / "assignment.json")
    Assignment.load(raised(folder / "assignment.json"))


def of_federation(model, folder):
    document = {"identity": "x", "rounds": [], "format": LATER}
    arrays = {
        "values": np.zeros(2, np.float32),
        "best": np.zeros(2, np.float32),
        "document": np.frombuffer(json.dumps(document).encode(), dtype=np.uint8),
    }
    (folder / "federation.npz").write_bytes(write_arrays(arrays))
    StateKeeper(folder, "x").load(None)


def of_update(model, folder):
    content = bytearray(update_to_bytes(Update(np.ones(3, np.float32), 20, bytes(32))))
    content[8:12] = struct.pack("<I", LATER)
    update_from_bytes(bytes(content))


def of_registry(model, folder):
    from novin_ml.lifecycle import Registry

    registry = Registry(folder / "registry")
    saved = save_estimator(model, folder / "release" / "model")
    registry.add("delivery", saved.parent)
    raised(registry.folder / "registry.json")
    registry.names()


def of_release(model, folder):
    record = {"kind": RELEASE_KIND, "protocol": LATER}
    written(folder / RELEASE_RECORD, json.dumps(record))
    read_release(folder)


def of_signed_release(model, folder):
    _parsed(json.dumps({"kind": SIGNED_KIND, "protocol": LATER}).encode())


def of_forgotten(model, folder):
    record = {"kind": FORGOTTEN_KIND, "protocol": LATER, "homes": []}
    _read_record(written(folder / "forgotten.json", json.dumps(record)))


def of_times(model, folder):
    read_times().save(folder / "times.json")
    read_times(raised(folder / "times.json", "format"))


def of_prior(model, folder):
    HabitPrior.from_dict({"format": LATER})


#: What reads each kind of file, of a newer format.
READ = {
    "assignment of a rollout": of_assignment,
    "certificate": of_certificate,
    "federation": of_federation,
    "forgotten homes": of_forgotten,
    "hardware": lambda model, folder: read_hardware(written(folder / "h.toml", TOML)),
    "mapping of a home": lambda model, folder: DoorMapping.from_toml(
        written(folder / "mapping.toml", TOML)
    ),
    "novin.toml": lambda model, folder: read_declaration(written(folder / "novin.toml", TOML)),
    "prior of habits": of_prior,
    "registry": of_registry,
    "release": of_release,
    "saved model": of_saved_model,
    "signed release": of_signed_release,
    "Swift package": of_swift_package,
    "times": of_times,
    "update": of_update,
    "vocabulary": lambda model, folder: Vocabulary.from_toml(written(folder / "v.toml", TOML)),
}
#: What Python writes and Swift alone reads, with the reason why nothing is refused here.
READ_BY_SWIFT = {
    "golden vectors": "the package's own tests read them, which are written with them",
    "weights": "WeightsManifest.swift refuses a later format; Python only replaces the file",
}
TOML = f"format = {LATER}\n"


def test_each_kind_of_file_has_a_reader_here():
    assert {*READ, *READ_BY_SWIFT} == {*FORMATS}
    assert not {*READ} & {*READ_BY_SWIFT}


@pytest.mark.parametrize("kind", READ)
def test_a_newer_format_is_refused_by_name(kind, model, tmp_path):
    with pytest.raises(NovinError) as refused:
        READ[kind](model, tmp_path)
    said = str(refused.value)
    assert re.search(rf"Got (format|protocol) {LATER}, of a newer novin_ml", said), said
    assert "pdate" in said


def test_all_numbers_of_formats_stand_in_the_table():
    """A file of a new kind cannot be forgotten: its number is no literal of its module."""
    found = []
    for source in PACKAGE.rglob("*.py"):
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign):
                names = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
                numbered = [name for name in names if re.fullmatch(r"_?(FORMAT|PROTOCOL)", name)]
                if numbered and "FORMATS" not in names:
                    found.append(f"{source.relative_to(PACKAGE)}: {numbered}")
    assert found == []
    written = re.compile(r"^(?!#).*[\"'](?:format|protocol)[\"']: (?P<number>\d+)", re.MULTILINE)
    for source in PACKAGE.rglob("*.py"):
        assert not written.search(source.read_text(encoding="utf-8")), source


def test_a_file_without_a_number_is_of_format_1(tmp_path):
    assert DoorMapping.from_dict({"format": 1}) == DoorMapping.from_dict({})
    assert Vocabulary.from_dict({"format": 1}) == Vocabulary.from_dict({})
    for wrong in ("1", 0, True, 1.0, None):
        said = format_of({"format": wrong}, "x", "novin.toml")
        assert said is not None
        assert "a whole number from 1 on" in said
    assert newer("x", "novin.toml", "99") is None
