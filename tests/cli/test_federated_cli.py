"""federated simulate and aggregate."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.estimators import get_weights, model_sha256
from novin_ml.federated import Update, read_update, write_update
from novin_ml.lifecycle import load_estimator

runner = CliRunner()


def run(*args):
    return runner.invoke(app, [str(each) for each in args])


def run_ok(*args):
    result = run(*args)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """A federation of simulated homes, as the command saves it."""
    folder = tmp_path_factory.mktemp("federated")
    events, model = folder / "motions.jsonl", folder / "model"
    run_ok("generate", "motion", "--samples", 1500, "--homes", 20, "--out", events)
    arguments = ["federated", "simulate", events, "--out", model, "--rounds", 8]
    result = run_ok(*arguments, "--dead", 0.2, "--plot", folder / "curve.svg", "--json")
    return folder, model, json.loads(result.stdout)


@pytest.fixture
def inbox(simulated, tmp_path):
    """Updates of the saved model, and a file that is none."""
    _, model, _ = simulated
    estimator = load_estimator(model)
    values, of = get_weights(estimator), bytes.fromhex(model_sha256(estimator))
    rng = np.random.default_rng(0)
    for number in range(12):
        change = rng.normal(0, 0.01, len(values)).astype(np.float32)
        write_update(Update(values + change, 20 + number, of), tmp_path / "inbox" / f"{number:02}")
    (tmp_path / "inbox" / "note.txt").write_text("hello")
    return tmp_path / "inbox"


def test_simulate(simulated):
    folder, _, document = simulated
    assert document["accuracy"] > document["accuracy_alone"] + 0.02
    assert document["accuracy_central"] > 0.85
    assert len(document["curve"]) == 8
    counts = [each["count"] for each in document["rounds"]]
    assert sum(each["rejected"].get("failed", 0) for each in counts) > 5
    assert document["truth"] == "clean_label"
    difference = document["difference"]  # over homes
    assert difference["difference"] == pytest.approx(
        document["accuracy"] - document["accuracy_central"]
    )
    assert difference["low"] < difference["difference"] < difference["high"]
    assert "<svg" in (folder / "curve.svg").read_text(encoding="utf-8")


def test_simulate_trees(simulated, tmp_path):
    folder, _, _ = simulated
    arguments = ["federated", "simulate", folder / "motions.jsonl", "--algorithm", "boosting"]
    arguments += ["--rounds", 4, "--out", tmp_path / "trees"]
    result = run_ok(*arguments, "--plot", tmp_path / "curve.svg", "--json")
    document = json.loads(result.stdout)
    assert document["accuracy"] > document["accuracy_alone"]
    assert (len(document["curve"]), document["kept_round"], document["n_refused"]) == (4, 4, 0)
    assert document["curve"][-1] == pytest.approx(document["accuracy"])
    assert document["bytes_of_home"] > 1e5
    assert "<svg" in (tmp_path / "curve.svg").read_text(encoding="utf-8")
    model = load_estimator(tmp_path / "trees")
    assert model[-1].learner_.booster.num_boosted_rounds() == 4


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--nan", 0.1),
        ("--dead", 0.1),
        ("--share", 0.5),
        ("--max-norm", 1.0),
        ("--method", "krum"),
        ("--local-epochs", 1),
        ("--proximal", 0.1),
    ],
)
def test_what_is_for_networks_is_refused_for_trees(simulated, tmp_path, option, value):
    folder, _, _ = simulated
    arguments = ["federated", "simulate", folder / "motions.jsonl", "--algorithm", "boosting"]
    result = run(*arguments, "--out", tmp_path / "trees", option, value)
    assert result.exit_code == 2
    assert f"{option} must be left out with --algorithm boosting" in result.output


def test_aggregate(simulated, inbox, tmp_path):
    _, model, _ = simulated
    out, report = tmp_path / "new", tmp_path / "report.json"
    arguments = ["federated", "aggregate", inbox, "--model", model, "--out", out]
    coreml = tmp_path / "new.mlmodel"
    result = run_ok(*arguments, "--report", report, "--coreml", coreml)
    said = " ".join(result.stdout.split())
    assert "13 files: 12 updates of 306 rows counted" in said
    assert "note.txt" in said
    document = json.loads(report.read_text(encoding="utf-8"))
    assert document["refusals"][0]["source"] == "note.txt"
    new = load_estimator(out)
    expected = np.average(
        [read_update(path).values for path in sorted(inbox.glob("[0-9]*"))],
        axis=0,
        weights=range(20, 32),
    )
    np.testing.assert_allclose(get_weights(new), expected, atol=1e-6)
    assert document["model_sha256"] == model_sha256(new)
    manifest = json.loads((tmp_path / "new.weights.json").read_text(encoding="utf-8"))
    assert document["model_sha256"] in json.dumps(manifest)
    run_ok("verify", coreml)


def test_aggregate_refuses(simulated, inbox, tmp_path):
    _, model, _ = simulated
    out = tmp_path / "new"
    few = run("federated", "aggregate", inbox, "--model", model, "--out", out, "--min-updates", 13)
    assert few.exit_code == 2
    assert "13 updates or more that count" in few.stderr
    assert "Got 12 of 13 files (1 magic; the first, note.txt:" in few.stderr
    assert not out.exists()
    absent = run("federated", "aggregate", tmp_path / "no", "--model", model, "--out", out)
    assert absent.exit_code == 2
    assert "must be a folder of update files" in absent.stderr
