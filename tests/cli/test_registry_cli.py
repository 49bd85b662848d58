"""registry on the command line: the whole way of a version, and what ends it."""

import json

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app

runner = CliRunner()


def run(*args, code=0):
    result = runner.invoke(app, ["registry", *map(str, args)])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def folder(tmp_path):
    for number in (1, 2):
        release = tmp_path / f"release{number}"
        release.mkdir()
        (release / "card.md").write_text(f"version {number}")
        run("add", tmp_path / "registry", "delivery", release)
    return tmp_path / "registry"


def test_a_version_is_added_promoted_and_rolled_back(folder):
    assert "promote: version 1, " in run("promote", folder, "delivery", 1)
    told = run("promote", folder, "delivery", 2, "--reason", "louder", "--instead-of", 1)
    assert "promote: version 2 instead of 1, " in told
    assert "louder" in told
    listed = json.loads(run("list", folder, "--json"))["models"]["delivery"]
    assert listed["served"] == 2
    assert [version["number"] for version in listed["versions"]] == [1, 2]
    assert "rollback: version 1 instead of 2" in run("rollback", folder, "delivery")
    assert "version 1" in run("show", folder, "delivery", "--version", "served")
    shown = json.loads(run("show", folder, "delivery", "--json"))
    assert shown["version"]["number"] == 2
    assert len(shown["promotions"]) == 1


def test_differences_and_upkeep(folder):
    assert "files.card.md" in run("diff", folder, "delivery", 1, 2)
    assert "all files are as they were added" in run("verify", folder)
    assert "would remove 1 version" in run("gc", folder, "--keep", 1, "--dry-run")
    assert "removed 1 version" in run("gc", folder, "--keep", 1)
    card = folder / "models/delivery/versions/000002/content/card.md"
    card.write_text("version 3")
    told = run("verify", folder, code=1)
    assert "card.md must have the SHA-256" in told
    assert "has 1 fault." in told


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["promote", "delivery", "9"], 2, "must be a version of delivery: 1, 2. Got 9"),
        (["promote", "delivery", "2", "--instead-of", "1"], 1, "must still serve version 1"),
        (["rollback", "delivery"], 2, "must have a version that was served before"),
        (["show", "delivery", "--version", "newest"], 2, "Got 'newest'"),
        (["show", "motion"], 2, "Got 'motion'"),
    ],
)
def test_what_cannot_be_is_one_sentence(folder, args, code, said):
    command, *rest = args
    assert said in " ".join(run(command, folder, *rest, code=code).split())
    assert runner.invoke(app, ["registry", "list", str(folder.parent)]).exit_code == 2
