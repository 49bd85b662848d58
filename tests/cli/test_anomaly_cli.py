"""The commands for the anomaly baseline of homes."""

import json

import pandas as pd
import pytest

from novin_ml.events import read_events, write_events
from novin_ml.lifecycle import load_estimator, load_fleet
from tests.cli.test_cli import run, run_ok


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Two simulated homes, and the baseline of one of them."""
    folder = tmp_path_factory.mktemp("anomaly")
    run_ok(
        *("generate", "anomaly", "--homes", 2, "--weeks", 5, "--seed", 2),
        *("--out", folder / "homes.jsonl", "-q"),
    )
    events = read_events(folder / "homes.jsonl").assign(consent=True)
    write_events(events, folder / "homes.jsonl")
    first = events["home_id"] == events["home_id"].min()
    write_events(events[first], folder / "home.jsonl")
    run_ok("train", "anomaly", folder / "home.jsonl", "--out", folder / "model", "-q")
    return folder


def test_training_says_what_it_promises(work, tmp_path):
    arguments = ("train", "anomaly", work / "home.jsonl", "--out", tmp_path / "model")
    document = json.loads(run_ok(*arguments, "--json").stdout)
    assert document["state"] == "ready"
    assert document["alarm_bound"] <= document["alarms_per_week"] == 1.0
    learning = run_ok(*arguments, "--alarms-per-week", 0.1).stdout
    assert "still learning: scores, but never alarms, before 210 days" in learning


def test_two_homes_need_a_column(work, tmp_path):
    arguments = ("train", "anomaly", work / "homes.jsonl", "--out", tmp_path / "homes")
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert "--by home_id" in refused.stderr
    document = json.loads(run_ok(*arguments, "--by", "home_id", "--json").stdout)
    assert len(document["fleet"]["fitted"]) == 2
    fleet = load_fleet(tmp_path / "homes")
    assert len(fleet) == 2
    wrong = run(*arguments, "--by", "house")
    assert wrong.exit_code == 2
    assert "'house'" in wrong.stderr


def test_a_home_without_consent_is_refused(work, tmp_path):
    events = read_events(work / "home.jsonl").assign(consent=False)
    write_events(events, tmp_path / "home.jsonl")
    refused = run("train", "anomaly", tmp_path / "home.jsonl", "--out", tmp_path / "model")
    assert refused.exit_code == 2
    assert "Ask for consent" in refused.stderr


def test_scores_are_those_of_the_baseline(work, tmp_path):
    result = run_ok(
        *("score", work / "model", work / "home.jsonl"),
        *("--out", tmp_path / "scores.csv", "--json"),
    )
    table = pd.read_csv(tmp_path / "scores.csv")
    model = load_estimator(work / "model")
    expected = model.score_samples(read_events(work / "home.jsonl"))
    assert (abs(table["score"] - expected) < 1e-12).all()
    assert (table["alarm"] == (table["decision"] < 0)).all()
    assert json.loads(result.stdout)["alarms"]["n_alarms"] <= table["alarm"].sum()


def test_explain_names_reasons_of_the_most_unusual(work):
    arguments = ("explain", work / "model", work / "home.jsonl", "--events", 2, "--features", 3)
    found = json.loads(run_ok(*arguments, "--json").stdout)["events"]
    assert len(found) == 2
    assert found[0]["score"] <= found[1]["score"]
    reasons = found[0]["reasons"]
    assert len(reasons) == 3
    assert reasons[0]["contribution"] >= reasons[1]["contribution"] > 0
    assert reasons[0]["name"] in run_ok(*arguments).stdout


def test_export_and_verify(work, tmp_path):
    run_ok("export", work / "model", "--out", tmp_path / "anomaly.mlmodel")
    document = json.loads(
        run_ok(
            "verify", tmp_path / "anomaly.mlmodel", "--data", work / "home.jsonl", "--json"
        ).stdout
    )
    assert document["passed"] is True
    assert document["certificate"]["checks"]["data"]["rows"] > 1000


def test_evaluate_refuses_a_baseline(work):
    refused = run("evaluate", work / "model", work / "home.jsonl")
    assert refused.exit_code == 2
    assert "novin-ml score" in refused.stderr


def test_features_are_a_table(work, tmp_path):
    run_ok("features", "anomaly", work / "home.jsonl", "--out", tmp_path / "f.csv")
    table = pd.read_csv(tmp_path / "f.csv")
    assert {"home_id", "timestamp", "label", "order_surprise"} <= set(table.columns)
    assert table.notna().all(axis=None)
