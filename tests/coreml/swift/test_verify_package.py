"""A package that is not the one of its models is found, whatever file was changed."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.coreml import export_coreml
from novin_ml.coreml.swift import verify_swift_package, write_swift_package
from novin_ml.estimators import HomeMonitor, make_behavior_pipeline
from novin_ml.estimators.families import FAMILIES
from novin_ml.exceptions import CertificateError, SavedModelError
from novin_ml.simulation import simulate_behavior


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    family = FAMILIES["motion"]
    rows, _ = family.rows.to_train(family.simulate(120, random_state=0))
    model = family.make_pipeline(epochs=1, random_state=0).fit(rows, rows["label"])
    models = {"motion": export_coreml(model, folder / "motion.mlmodel").model}
    write_swift_package(models, folder / "package")
    return folder / "package", models


def test_a_package_is_that_of_its_models(written):
    package, models = written
    verify_swift_package(package, models)
    done = CliRunner().invoke(
        app, ["verify", str(package), "--of", str(models["motion"]), "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"passed": True}
    alone = CliRunner().invoke(app, ["verify", str(package)])
    assert alone.exit_code == 2
    assert "--of must name each model" in alone.output
    with pytest.raises(CertificateError, match=r"its models \['motion'\]. Got \['other'\]"):
        verify_swift_package(package, {"other": models["motion"]})
    with pytest.raises(SavedModelError, match="must be a Swift package"):
        verify_swift_package(package / "Sources", models)


def test_the_history_of_a_home_is_compared(tmp_path):
    log = simulate_behavior(weeks=4, usual_weeks=4, random_state=0).assign(consent=True)
    models = {"home": make_behavior_pipeline(n_estimators=10, random_state=0).fit(log)}
    write_swift_package(models, tmp_path / "package", with_history=True)
    verify_swift_package(tmp_path / "package", models)
    history = tmp_path / "package/Sources/NovinModels/Models/home.history.json"
    history.write_text(history.read_text().replace("1", "2", 1))
    with pytest.raises(CertificateError, match=r"home\.history\.json must be as it is made"):
        verify_swift_package(tmp_path / "package", models)
    history.unlink()  # the golden vectors go on from it
    with pytest.raises(CertificateError, match=r"must be as it is made"):
        verify_swift_package(tmp_path / "package", models)


def test_a_history_is_bundled_only_on_request(tmp_path):
    """It says when people are at home; neither resources nor golden vectors have any of it."""
    home_id = "that of this test"
    log = simulate_behavior(weeks=4, usual_weeks=4, random_state=0)
    log = log.assign(consent=True, home_id=home_id)
    models = {
        "home": make_behavior_pipeline(n_estimators=10, random_state=0).fit(log),
        "house": HomeMonitor(n_estimators=10, random_state=0).fit(log),
    }
    folder = write_swift_package(models, tmp_path / "package").folder
    verify_swift_package(folder, models)
    assert not [*folder.rglob("*.history.json"), *folder.rglob("*.activity.json")]
    files = [file for file in folder.rglob("*") if file.suffix in (".json", ".mlmodel", ".swift")]
    assert len(files) > 30
    assert not [file for file in files if home_id.encode() in file.read_bytes()]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("Sources/NovinFeatures/Tables.swift", "0", "1"),
        ("Sources/NovinModels/BundledModels.swift", "motion", "notion"),
        ("Sources/NovinModels/Models/motion.certificate.json", "true", "null"),
        ("Sources/NovinModels/Models/index.json", "motion", "notion"),
        ("Tests/NovinModelsTests/Golden/motion.json", "1", "2"),
        ("README.md", "motion", "notion"),
        ("Sources/NovinModels/More.swift", None, "let more = 1"),
        ("Sources/NovinFeatures/Tables.swift", None, None),
    ],
)
def test_a_file_that_was_changed_is_named(written, tmp_path, file, old, new):
    package, models = written
    copy = tmp_path / "package"
    shutil.copytree(package, copy)
    if new is None:
        (copy / file).unlink()
    elif old is None:
        (copy / file).write_text(new)
    else:
        text = (copy / file).read_text()
        assert old in text
        (copy / file).write_text(text.replace(old, new, 1))
    with pytest.raises(CertificateError) as refused:
        verify_swift_package(copy, models)
    assert str(copy / file) in str(refused.value)
    done = CliRunner().invoke(app, ["verify", str(copy), "--of", str(models["motion"])])
    assert done.exit_code == 1
