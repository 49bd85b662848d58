"""What a package holds, and what is refused: needs no Swift."""

import copy
import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from novin_ml import DeliveryClassifier, export_coreml
from novin_ml.cli.app import app
from novin_ml.coreml.swift import write_features_package, write_swift_package
from novin_ml.coreml.swift.names import lower_camel, upper_camel
from novin_ml.estimators.families import FAMILIES
from novin_ml.exceptions import CertificateError, NotExportableError, SavedModelError


@pytest.fixture(scope="module")
def pipeline():
    family = FAMILIES["delivery"]
    rows, _ = family.rows.to_train(family.simulate(400, random_state=0))
    return family.make_pipeline(epochs=3, random_state=0).fit(rows, rows["label"])


@pytest.fixture
def model(pipeline, tmp_path):
    path = export_coreml(pipeline, tmp_path / "front_door.mlmodel").model
    path.with_suffix(".card.md").write_text("# Card\n")
    return path


def test_what_a_package_holds(model, tmp_path):
    package = write_swift_package({"front_door": model}, tmp_path / "Package")
    folder = package.folder
    models = folder / "Sources/NovinModels/Models"
    assert (models / "front_door.mlmodel").read_bytes() == model.read_bytes()
    assert json.loads((models / "front_door.certificate.json").read_text())["passed"]
    assert (models / "front_door.card.md").read_text() == "# Card\n"
    generated = (folder / "Sources/NovinModels/BundledModels.swift").read_text()
    assert "func frontDoor() throws -> DeliveryPredictor" in generated
    assert 'case noDelivery = "no_delivery"' in generated
    readme = (folder / "README.md").read_text()
    assert "DeliveryPredictor.frontDoor()" in readme
    assert f"{model.stat().st_size:,}" in readme
    golden = json.loads((folder / "Tests/NovinModelsTests/Golden/front_door.json").read_text())
    answers = sum(len(c["answers"]) for part in ("requests", "rows") for c in golden[part])
    decided = sum(len(decision["rows"]) for decision in golden["decisions"])
    assert package.golden == {"front_door": answers + decided}
    assert answers > 50
    assert f"| `front_door` | {answers + decided:,} |" in readme
    names = {case["name"] for case in golden["requests"] + golden["rows"]}
    assert {"no_events", "nothing_but_type_and_time", "missing", "thresholds"} <= names


def test_golden_decisions_stand_one_ulp_around_the_thresholds(model, tmp_path):
    folder = write_swift_package({"a": model}, tmp_path / "Package").folder
    golden = json.loads((folder / "Tests/NovinModelsTests/Golden/a.json").read_text())
    decision = golden["decisions"][0]
    labels = ["delivery", "no_delivery"]
    for label, threshold in decision["thresholds"].items():
        place = labels.index(label)
        own = {row["probabilities"][place] for row in decision["rows"]}
        assert {threshold - 1, threshold, threshold + 1} <= own
        for row in decision["rows"]:
            if row["alarm"] == label:
                assert row["probabilities"][place] >= threshold  # positive: bits are in order
    assert {row["known"] for row in decision["rows"]} == {True, False}


def test_a_classifier_without_a_threshold_is_told(pipeline, model, tmp_path):
    package = write_swift_package({"a": model}, tmp_path / "Package")
    assert package.without_thresholds == ("a",)
    run = CliRunner()
    said = run.invoke(app, ["ios", str(model), "--out", str(tmp_path / "Package")])
    assert said.exit_code == 0, said.output
    assert "Warning: front_door: without a threshold nothing is an alarm" in " ".join(
        said.output.split()
    )
    out = str(tmp_path / "Required")
    refused = run.invoke(app, ["ios", str(model), "--require-thresholds", "--out", out])
    assert refused.exit_code == 2
    assert "must have a threshold. Got none of front_door." in " ".join(refused.output.split())
    assert not (tmp_path / "Required").exists()
    alarming = copy.deepcopy(pipeline)
    alarming[-1].set_thresholds({"delivery": 0.4})
    package = write_swift_package({"a": alarming}, out, require_thresholds=True)
    assert package.without_thresholds == ()


def test_an_estimator_is_exported_first(pipeline, tmp_path):
    folder = write_swift_package({"mine": pipeline}, tmp_path / "Package").folder
    certificate = json.loads(
        (folder / "Sources/NovinModels/Models/mine.certificate.json").read_text()
    )
    assert certificate["passed"]


def test_a_package_is_replaced_and_keeps_its_build(model, tmp_path):
    out = tmp_path / "Package"
    write_swift_package({"a": model}, out)
    (out / ".build").mkdir()
    (out / ".build" / "kept").touch()
    write_swift_package({"b": model}, out)
    assert (out / ".build" / "kept").exists()
    names = {file.name for file in (out / "Sources/NovinModels/Models").iterdir()}
    assert "b.mlmodel" in names
    assert "a.mlmodel" not in names


def test_a_package_without_models(tmp_path):
    folder = write_features_package(tmp_path / "Package")
    assert (folder / "Package.swift").exists()
    assert "no models" in (folder / "README.md").read_text()


def test_the_same_models_make_the_same_package(model, tmp_path):
    packages = [write_swift_package({"a": model}, tmp_path / name).folder for name in "xy"]
    files = [
        {file.relative_to(p): file.read_bytes() for file in p.rglob("*") if file.is_file()}
        for p in packages
    ]
    assert files[0] == files[1]


def test_a_model_that_was_changed_is_refused(model, tmp_path):
    content = model.read_bytes()
    model.write_bytes(content.replace(b"DeliveryClassifier", b"deliveryClassifier"))
    assert model.read_bytes() != content
    with pytest.raises(CertificateError):
        write_swift_package({"a": model}, tmp_path / "Package")
    assert not (tmp_path / "Package").exists()


def test_a_model_without_its_certificate_is_refused(model, tmp_path):
    model.with_suffix(".certificate.json").unlink()
    with pytest.raises(SavedModelError, match=r"certificate\.json must be beside the model"):
        write_swift_package({"a": model}, tmp_path / "Package")


def test_a_model_of_other_features_is_refused(tmp_path):
    X = np.random.default_rng(0).normal(size=(100, 3))
    model = DeliveryClassifier(epochs=2).fit(X, X[:, 0] > 0)
    path = export_coreml(model, tmp_path / "a.mlmodel").model
    with pytest.raises(NotExportableError, match="must name the features that it takes"):
        write_swift_package({"a": path}, tmp_path / "Package")
    with pytest.raises(NotExportableError, match=r"must be a \.mlmodel file or a pipeline"):
        write_swift_package({"a": model}, tmp_path / "Package")


def test_renamed_features_are_refused(pipeline, tmp_path):
    names = [f"f{i}" for i in range(16)]
    path = export_coreml(pipeline, tmp_path / "a.mlmodel", feature_names=names).model
    with pytest.raises(NotExportableError, match="must take all features of its family"):
        write_swift_package({"a": path}, tmp_path / "Package")


def test_a_package_of_folders_is_refused(pipeline, tmp_path):
    path = export_coreml(pipeline, tmp_path / "a.mlpackage").model
    with pytest.raises(NotExportableError, match=r"must be one \.mlmodel file"):
        write_swift_package({"a": path}, tmp_path / "Package")


def test_another_folder_is_not_replaced(model, tmp_path):
    out = tmp_path / "Package"
    out.mkdir()
    (out / "thesis.txt").touch()
    with pytest.raises(NotExportableError, match="must be a new folder"):
        write_swift_package({"a": model}, out)
    assert [file.name for file in out.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "must have a model"),
        (["1st"], "must have a name of letters"),
        (["../up"], "must have a name of letters"),
        (["a b"], "must have a name of letters"),
        (["front_door", "frontDoor"], "must have names that differ"),
    ],
)
def test_names_that_cannot_stand_are_refused(names, sentence, tmp_path):
    with pytest.raises(NotExportableError, match=sentence):
        write_swift_package(dict.fromkeys(names, "x.mlmodel"), tmp_path / "Package")


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [
        ("package_drop", "packageDrop", "PackageDrop"),
        ("NO", "no", "No"),
        ("class", "`class`", "Class"),
        ("2", "_2", "_2"),
        ("delivery-v1.2", "deliveryV12", "DeliveryV12"),
        ("deliveryMLP", "deliveryMLP", "DeliveryMLP"),
    ],
)
def test_names_in_swift(name, lower, upper):
    assert (lower_camel(name), upper_camel(name)) == (lower, upper)


def test_labels_that_swift_must_escape(tmp_path):
    family = FAMILIES["motion"]
    rows, _ = family.rows.to_train(family.simulate(300, random_state=0))
    model = family.make_pipeline(epochs=2, random_state=0)
    label = 'say "\\(hi)"\n'
    named = rows["label"].replace({"pet": label})
    folder = write_swift_package({"m": model.fit(rows, named)}, tmp_path / "Package").folder
    generated = (folder / "Sources/NovinModels/BundledModels.swift").read_text()
    assert r'case sayHi = "say \"\\(hi)\"\u{a}"' in generated
    # Comments end with their line.
    assert not re.search(r'///[^\n]*say "\\\(hi\)"\n[^ /\n]', generated)
