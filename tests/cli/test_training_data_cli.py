"""Commands that measure a model say whether it was trained on the rows, and refuse if asked."""

import json

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.lifecycle import load_estimator, save_estimator


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seen")
    events = folder / "events.jsonl"
    parts = [f"--{name}={folder / name}.jsonl" for name in ("train", "tune", "test")]
    for arguments in (
        ("generate", "delivery", "--samples", 3000, "--out", events, "-q"),
        ("split", events, *parts, "-q"),
        ("train", "delivery", folder / "train.jsonl", "--epochs", 5, "--out", folder / "m", "-q"),
    ):
        assert run(*arguments).exit_code == 0
    return folder


COMMANDS = {
    "evaluate": ["evaluate", "m", "{}"],
    "compare": ["compare", "m", "rules", "{}"],
    "threshold": ["threshold", "m", "{}", "--error-rate", "0.1"],
    "report": ["report", "m", "--data", "{}", "--out", "page.html"],
    "export": ["export", "m", "--out", "d.mlmodel", "--card-from", "{}"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_training_data_is_said_and_refused(command, work, monkeypatch):
    monkeypatch.chdir(work)

    def called(file, *options):
        return run(*(each.format(file) for each in COMMANDS[command]), *options)

    flattered, held_back = called("train.jsonl"), called("test.jsonl")
    assert (flattered.exit_code, held_back.exit_code) == (0, 0), flattered.output
    assert "Warning: " in flattered.stderr
    assert "which flatter it. Divide the file with novin-ml split." in flattered.stderr
    assert "was trained on none of the" in held_back.stdout
    assert "Warning" not in held_back.stderr
    kept = (work / "m" / "estimator.json").read_bytes()
    refused = called("train.jsonl", "--refuse-training-data")
    assert refused.exit_code == 2
    assert "which flatter it. Divide the file with novin-ml split." in refused.stderr
    assert (work / "m" / "estimator.json").read_bytes() == kept
    assert called("test.jsonl", "--refuse-training-data", "-q").exit_code == 0
    document = json.loads(called("train.jsonl", "--json").stdout)["training_data"]
    document = document["m"] if command == "compare" else document
    assert document["known"]
    assert document["flatters"]
    assert document["n_rows_seen"] <= document["n_rows"]
    assert document["n_homes_seen"] <= document["n_homes"]


def test_a_model_without_a_record_is_one_line(work, tmp_path):
    save_estimator(load_estimator(work / "m"), tmp_path / "old", training_record=False)
    result = run("evaluate", tmp_path / "old", work / "train.jsonl", "--refuse-training-data")
    assert result.exit_code == 0
    assert result.stdout.count("is not known") == 1


def test_a_training_without_a_record(work, tmp_path):
    run("train", "delivery", work / "train.jsonl", "--no-record", "--out", tmp_path / "m", "-q")
    assert "is not known" in run("evaluate", tmp_path / "m", work / "train.jsonl").stdout


def test_a_baseline_says_which_events_it_learnt_from(tmp_path):
    log, baseline = tmp_path / "home.jsonl", tmp_path / "b"
    run("generate", "behavior", "--weeks", 4, "--seed", 3, "--out", log, "-q")
    assert run("train", "behavior", log, "--out", baseline, "-q").exit_code == 0
    for arguments in (
        ("score", baseline, log, "--out", tmp_path / "scores.csv"),
        ("threshold", baseline, log),
        ("report", baseline, "--data", log, "--out", tmp_path / "page.html"),
    ):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        assert "which flatter it. Leave them out." in result.stderr
    assert run("threshold", baseline, log, "--refuse-training-data").exit_code == 2


def test_terminal_and_json_name_the_labels(work):
    result = run("evaluate", work / "m", work / "test.jsonl")
    assert "annotators' labels" in result.stdout
    assert "clean labels" in result.stdout
    found = json.loads(run("evaluate", work / "m", work / "test.jsonl", "--json").stdout)
    assert found["headline"]["truth"] == "clean_label"
    for truth, words in (("label", "annotators' labels"), ("clean_label", "clean labels")):
        result = run(
            *("threshold", work / "m", work / "tune.jsonl"),
            *("--error-rate", 0.2, "--truth", truth),
        )
        assert words in result.stdout
