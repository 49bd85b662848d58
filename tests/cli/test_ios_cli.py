"""novin-ml ios: a package from files."""

import json

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.coreml import export_coreml
from novin_ml.estimators import make_behavior_pipeline
from novin_ml.estimators.families import FAMILIES
from novin_ml.lifecycle import fit_fleet, save_estimator
from novin_ml.simulation import simulate_behavior


def run(*arguments):
    return CliRunner().invoke(app, ["ios", *map(str, arguments)])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with an exported model, and a home's baseline in one file."""
    folder = tmp_path_factory.mktemp("saved")
    family = FAMILIES["motion"]
    rows, _ = family.rows.to_train(family.simulate(300, random_state=0))
    model = family.make_pipeline(epochs=2, random_state=0).fit(rows, rows["label"])
    export_coreml(model, folder / "motion.mlmodel")
    log = simulate_behavior(weeks=4, usual_weeks=4, random_state=0).assign(consent=True)
    baseline = make_behavior_pipeline(n_estimators=10, random_state=0).fit(log)
    save_estimator(baseline, folder / "our_home.novin")
    return folder


def test_a_package_of_a_model_and_a_baseline(saved, tmp_path):
    given = [saved / "motion.mlmodel", saved / "our_home.novin", "--out", tmp_path / "p"]
    done = run(*given, "--with-history", "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["package"] == str(tmp_path / "p")
    assert set(document["golden"]) == {"motion", "our_home"}
    models = tmp_path / "p" / "Sources/NovinModels/Models"
    history = json.loads((models / "our_home.history.json").read_text())
    assert history["home_id"]
    golden = json.loads((tmp_path / "p/Tests/NovinModelsTests/Golden/our_home.json").read_text())
    assert [case["name"] for case in golden["requests"] if case.get("continued")]
    assert run(*given, "--json").exit_code == 0  # over the earlier one
    assert not (models / "our_home.history.json").exists()


def test_one_home_of_a_fleet(tmp_path):
    log = simulate_behavior(weeks=4, usual_weeks=4, n_homes=2, random_state=0)
    small = make_behavior_pipeline(n_estimators=10)
    fit_fleet(
        log.assign(consent=True), out=tmp_path / "homes", estimator=small, n_jobs=1, random_state=0
    )
    home = sorted(log["home_id"].unique())[1]
    without = run(tmp_path / "homes", "--out", tmp_path / "p")
    assert without.exit_code == 2
    assert "one must be named" in without.output
    done = run(tmp_path / "homes", "--home", home, "--with-history", "--out", tmp_path / "p")
    assert done.exit_code == 0, done.output
    history = tmp_path / "p" / "Sources/NovinModels/Models/homes.history.json"
    assert json.loads(history.read_text())["home_id"] == home


def test_a_home_without_a_fleet_is_refused(saved, tmp_path):
    done = run(saved / "motion.mlmodel", "--home", "a", "--out", tmp_path / "p")
    assert done.exit_code == 2
    assert "--home must come with a folder of baselines" in done.output


def test_what_is_printed(saved, tmp_path):
    done = run(saved / "motion.mlmodel", "--out", tmp_path / "p")
    assert "motion: certified, with" in done.stdout
    assert "swift test" in done.stdout


@pytest.mark.parametrize(
    ("names", "sentence", "code"),
    [
        (["motion.mlmodel", "other/motion.mlmodel"], "Got 'motion' twice", 2),
        (["nothing.mlmodel"], "must be beside the model", 2),
        (["changed.mlmodel"], "must be the model that was certified", 1),
        (["motion.reference"], "must", 2),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(saved, tmp_path, names, sentence, code):
    changed = saved / "changed.mlmodel"
    content = (saved / "motion.mlmodel").read_bytes()
    changed.write_bytes(content.replace(b"MotionClassifier", b"motionClassifier"))
    for name in ("changed.certificate.json", "changed.reference"):
        place = saved / name
        if not place.exists():
            place.symlink_to(saved / name.replace("changed", "motion"))
    done = run(*(saved / name for name in names), "--out", tmp_path / "p")
    assert done.exit_code == code, done.output
    assert sentence in done.output
    assert not (tmp_path / "p").exists()
