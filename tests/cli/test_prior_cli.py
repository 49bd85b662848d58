"""federated prior, and the monitor of a new home by it."""

import json

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.features.activity.prior import read_prior
from novin_ml.lifecycle import load_estimator

runner = CliRunner()


def run(*args):
    return runner.invoke(app, [str(each) for each in args])


def run_ok(*args):
    result = run(*args)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def prior(tmp_path_factory):
    """The habits of eleven homes of twelve, of which one has not consented."""
    folder = tmp_path_factory.mktemp("prior")
    logs, out = folder / "logs.jsonl", folder / "prior.json"
    run_ok("generate", "behavior", "--homes", 12, "--weeks", 1, "--seed", 0, "--out", logs)
    said = json.loads(run_ok("federated", "prior", logs, "--out", out, "--json").stdout)
    return logs, out, said


@pytest.fixture(scope="module")
def new_home(tmp_path_factory):
    path = tmp_path_factory.mktemp("home") / "days.jsonl"
    run_ok("generate", "behavior", "--homes", 1, "--weeks", 1, "--seed", 3, "--out", path)
    return path


def test_the_prior_is_of_homes_that_consented(prior):
    _, out, said = prior
    assert said["n_homes"] + len(said["refused"]) == 12
    assert all("must have consent" in why for why in said["refused"].values())
    assert read_prior(out).n_homes == said["n_homes"]


def test_a_new_home_gets_a_monitor_that_alarms(prior, new_home, tmp_path):
    arguments = ["train", "behavior", new_home, "--monitor", "--out"]
    run_ok(*arguments, tmp_path / "own")
    run_ok(*arguments, tmp_path / "lent", "--prior", prior[1])
    assert load_estimator(tmp_path / "own").state_ == "learning"
    assert load_estimator(tmp_path / "lent").state_ == "unproven"


def test_what_cannot_be_is_refused(prior, new_home, tmp_path):
    logs, out, _ = prior
    few = run("federated", "prior", logs, "--min-homes", 13, "--out", tmp_path / "no.json")
    assert few.exit_code == 2
    assert "must have 13 homes or more" in few.stderr
    assert not (tmp_path / "no.json").exists()
    train = ["train", "behavior", new_home, "--out", tmp_path / "no", "--prior"]
    alone = run(*train, out)
    assert alone.exit_code == 2
    assert "--prior must come with --monitor" in alone.stderr
    fleet = run(*train, out, "--monitor", "--by", "home_id")
    assert fleet.exit_code == 2
    assert "for one home" in fleet.stderr
    (tmp_path / "odd.json").write_text("{")
    for wrong, why in ((tmp_path / "odd.json", "Got no JSON"), (new_home, "must be")):
        refused = run(*train, wrong, "--monitor")
        assert refused.exit_code == 2
        assert why in refused.stderr
