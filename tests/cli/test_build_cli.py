"""build and init on the command line: two families, twice, a gate that fails, JSON."""

import json

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.estimators.families import FAMILIES
from novin_ml.exceptions import BuildError, InvalidEventError
from novin_ml.lifecycle import draft_declaration, read_declaration

runner = CliRunner()


def run(*args, code=0):
    result = runner.invoke(app, [*map(str, args)])
    assert result.exit_code == code, result.output
    return result.output


def small(file):
    """Let the models of a novin.toml be small."""
    text = file.read_text()
    assert "# parameters = { epochs = 200 }" in text
    file.write_text(text.replace("# parameters = { epochs = 200 }", "parameters = { epochs = 3 }"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Rows of two families, in a file each."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("delivery", "chains"):
        family = FAMILIES[name]
        family.rows.write(
            family.simulate(700, n_homes=12, random_state=0), folder / f"{name}.jsonl"
        )
    return folder


def test_data_become_a_release_and_the_second_build_does_nothing(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in data.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    told = run("init", "delivery.jsonl", "chains.jsonl")
    assert "declares delivery, chains" in told
    small(tmp_path / "novin.toml")
    told = run("build")
    assert "delivery: train: done" in told
    assert "released to release, sha256 " in told
    told = run("build")
    assert "chains: publish: unchanged, kept" in told
    assert "done in" not in told
    assert "nothing changed: every step was kept" in told
    document = json.loads(run("build", "--json"))
    assert document["released"]
    assert len(document["sha256"]) == 64
    assert {step["state"] for step in document["steps"]} == {"kept"}
    assert all(gate["passed"] for gate in document["gates"])
    add = ["registry", "add", "registry", "novin", "release", "--promote"]
    told = run(*add)
    assert "added version 1 of novin" in told
    assert "promote: version 1" in told
    assert "version 1 is served already" in run(*add)
    # What is released now is no reason for another version.
    told = run("build")
    assert "delivery: compare: done" in told
    assert "version 1 is served already" in run(*add)

    file = tmp_path / "novin.toml"
    file.write_text(file.read_text().replace("# min_accuracy = 0.9 ", "min_accuracy = 1.0 "))
    told = run("build", "--only", "delivery", code=1)
    assert "points too low" in told
    assert "Failed: 1 gate of release: delivery: accuracy: wanted 100.00% or more" in told
    assert json.loads(run("build", "--json", code=1).partition("Failed:")[0])["released"] is False
    told = run("registry", "add", "registry", "novin", "release", code=2)
    assert "must be a release whose gates all passed" in told


def test_only_one_model_is_no_release(data, tmp_path):
    file = tmp_path / "novin.toml"
    run("init", data, "--out", file)
    assert [*read_declaration(file).models] == ["delivery", "chains"]
    file.write_text(
        file.read_text().replace("# parameters = { epochs = 200 }", "parameters = { epochs = 2 }")
    )
    told = run("build", file, "--out", tmp_path / "release", "--only", "delivery")
    assert "is not released: chains not built yet: build without --only." in told
    assert "chains: " not in told.replace("released: chains", "")
    only = run("build", file, "--out", tmp_path / "release", "--only", "delivery", "--json")
    assert json.loads(only)["unfinished"] == "chains not built yet: build without --only."
    planned = run("build", file, "--out", tmp_path / "release", "--dry-run")
    assert "delivery: publish: unchanged, kept" in planned
    assert "chains: train: would run" in planned
    assert "package: would run" in planned
    # The record is the same, whichever model was made last.
    run("build", file, "--out", tmp_path / "release")
    record = (tmp_path / "release" / "release.json").read_bytes()
    run("build", file, "--out", tmp_path / "release", "--only", "chains")
    assert (tmp_path / "release" / "release.json").read_bytes() == record


def test_init_tells_what_it_cannot_use(data, tmp_path):
    file = tmp_path / "novin.toml"
    file.write_text("")
    assert "must be a new file" in run("init", data, "--out", file, code=2)
    with pytest.raises(BuildError, match=r"files that are there\. Got 'absent"):
        draft_declaration(tmp_path / "absent.jsonl", tmp_path / "new.toml")
    (tmp_path / "watch.npz").touch()
    with pytest.raises(InvalidEventError, match=r"watch\.npz must hold signals"):
        draft_declaration(tmp_path / "watch.npz", tmp_path / "new.toml")
    events = FAMILIES["delivery"].simulate(300, n_homes=2, random_state=0)
    FAMILIES["delivery"].rows.write(events, tmp_path / "two.jsonl")
    with pytest.raises(BuildError, match=r"must be of 3 homes or more.* Got 2"):
        draft_declaration(tmp_path / "two.jsonl", tmp_path / "new.toml")
    FAMILIES["delivery"].rows.write(
        events.drop(columns=["label", "clean_label"]), tmp_path / "no.jsonl"
    )
    with pytest.raises(BuildError, match=r"no\.jsonl must have labels, which tell what to train"):
        draft_declaration(tmp_path / "no.jsonl", tmp_path / "new.toml")
    assert not (tmp_path / "new.toml").exists()
