"""The commands for chains of events."""

import json

import pytest

from novin_ml.events import read_chains, read_events
from novin_ml.events.chains.windows import chains_from_events
from tests.cli.test_cli import run, run_ok


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Simulated chains and an estimator trained on them."""
    folder = tmp_path_factory.mktemp("chains")
    run_ok("generate", "chains", "--samples", 2500, "--out", folder / "chains.jsonl", "-q")
    run_ok(
        *("train", "chains", folder / "chains.jsonl", "--out", folder / "model"),
        *("--epochs", 15, "--quiet"),
    )
    return folder


def test_generate_writes_labelled_chains(work):
    chains = read_chains(work / "chains.jsonl")
    assert len(chains) == 2500
    assert chains["label"].notna().all()


def test_generate_has_the_share_of_quiet_chains_and_homes(tmp_path):
    arguments = ("generate", "chains", "--samples", 1500, "--homes", 12, "--no-pattern", 0.6)
    document = json.loads(run_ok(*arguments, "--out", tmp_path / "c.jsonl", "--json").stdout)
    assert document["homes"] == 12
    assert 0.5 < document["labels"]["no_pattern"] / 1500 < 0.7
    refused = run("generate", "delivery", "--no-pattern", 0.6, "--out", tmp_path / "d.jsonl")
    assert refused.exit_code == 2


def test_evaluate_counts_false_alarms_beside_the_rules(work):
    document = json.loads(
        run_ok("evaluate", work / "model", work / "chains.jsonl", "--json").stdout
    )
    alarms = document["headline"]["alarms"]
    assert alarms["n_rows"] == 2500
    assert alarms["rules"]["false_per_home_week"] > alarms["model"]["false_per_home_week"] > 0
    assert len(document["headline"]["recall_at_alarms"]) == 5
    stream = document["headline"]["stream_alarms"]
    assert stream["model"]["n_false"] > alarms["model"]["n_false"]
    assert stream["home_weeks"] == alarms["home_weeks"]
    shown = run_ok("evaluate", work / "model", work / "chains.jsonl").stdout
    assert "false alarms in all per home and week" in shown
    assert "an answer at the end of a chain, or after each event" in shown
    assert "accuracy of always answering no_pattern: " in shown


def test_export_and_verify(work, tmp_path):
    run_ok("export", work / "model", "--out", tmp_path / "chains.mlmodel")
    document = json.loads(
        run_ok(
            "verify", tmp_path / "chains.mlmodel", "--data", work / "chains.jsonl", "--json"
        ).stdout
    )
    assert document["certificate"]["checks"]["data"]["rows"] == 2500


def test_features_and_scores_are_tables(work, tmp_path):
    import pandas as pd

    run_ok("features", "chains", work / "chains.jsonl", "--out", tmp_path / "f.csv")
    assert pd.read_csv(tmp_path / "f.csv")["events"].ge(1).all()
    run_ok("score", work / "model", work / "chains.jsonl", "--out", tmp_path / "s.csv")
    scores = pd.read_csv(tmp_path / "s.csv")
    of_classes = scores.filter(like="probability_")
    assert of_classes.shape == (2500, 6)
    assert of_classes.sum(axis=1).between(0.999, 1.001).all()


def test_an_event_log_becomes_chains(work, tmp_path):
    run_ok("generate", "delivery", "--samples", 300, "--out", tmp_path / "events.jsonl")
    run_ok("score", work / "model", tmp_path / "events.jsonl", "--out", tmp_path / "s.csv")
    n_chains = len(chains_from_events(read_events(tmp_path / "events.jsonl")))
    assert len((tmp_path / "s.csv").read_text().splitlines()) == n_chains + 1


def test_a_broken_event_is_listed(work, tmp_path):
    lines = (work / "chains.jsonl").read_text().splitlines()
    broken = json.loads(lines[0])
    broken["events"].append({"type": "motion", "timestamp": "yesterday"})
    (tmp_path / "chains.jsonl").write_text("\n".join([json.dumps(broken), *lines[1:]]) + "\n")
    arguments = ("evaluate", work / "model", tmp_path / "chains.jsonl", "--json")
    document = json.loads(run_ok(*arguments, "--rejects", tmp_path / "rejects.csv").stdout)
    assert document["events"]["rejected"] == 1
    assert "timestamp" in (tmp_path / "rejects.csv").read_text()
    assert run(*arguments[:-1], "--strict").exit_code == 2
