"""``novin-ml compare``, as a build would call it."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Two estimators, and events of other homes."""
    folder = tmp_path_factory.mktemp("compare")
    for seed, name in enumerate(["train", "test"]):
        arguments = ("--samples", 1200, "--seed", seed, "--out", folder / f"{name}.jsonl", "-q")
        assert run("generate", "delivery", *arguments).exit_code == 0
    for name, epochs in [("good", 20), ("poor", 1)]:
        arguments = ("--epochs", epochs, "--out", folder / name, "-q")
        assert run("train", "delivery", folder / "train.jsonl", *arguments).exit_code == 0
    return folder


def test_compare_prints_the_verdict(work):
    result = run("compare", work / "good", "rules", work / "test.jsonl")
    assert result.exit_code == 0, result.output
    assert "good is better than the rules: +" in result.stdout
    assert "McNemar" in result.stdout


def test_json_and_the_rows_that_differ(work, tmp_path):
    out = tmp_path / "new" / "rows.csv"
    result = run("compare", work / "good", "rules", work / "test.jsonl", "--json", "--out", out)
    document = json.loads(result.stdout)
    assert document["comparison"]["verdict"] == "better"
    assert document["comparison"]["log_loss"] is None
    assert document["disagreements"] == str(out)
    table = pd.read_csv(out)
    assert len(table) == document["comparison"]["n_disagreements"] > 0
    assert {"row", "home_id", "timestamp", "truth", "answer_a", "answer_b"} <= set(table)


@pytest.mark.parametrize(
    ("first", "second", "gate", "code"),
    [
        ("good", "rules", "better", 0),
        ("poor", "poor", "better", 1),
        ("poor", "poor", "not-worse", 0),
    ],
)
def test_the_gate_sets_the_exit_code(work, first, second, gate, code):
    second = second if second == "rules" else work / second
    result = run("compare", work / first, second, work / "test.jsonl", "--gate", gate, "--json")
    assert result.exit_code == code, result.output
    assert json.loads(result.stdout)["passed"] is (code == 0)
    assert ("is not shown to be better" in result.stderr) is (code == 1)


def test_a_model_that_is_not_there_is_bad_input(work):
    result = run("compare", work / "good", work / "absent", work / "test.jsonl")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Outcomes of two weeks: the homes of 8 have fewer alarms, those of 9 as many as those of 7."""
    rng = np.random.default_rng(0)
    rows = [
        (f"home-{home}", f"2026-03-{day:02}", variant, rng.poisson(0.2 if variant == "8" else 2))
        for home in range(120)
        for day in range(1, 15)
        for variant in [("7", "8", "9")[home % 3]]
    ]
    file = tmp_path_factory.mktemp("outcomes") / "outcomes.csv"
    names = ["home_id", "date", "variant", "value"]
    pd.DataFrame(rows, columns=names).to_csv(file, index=False)
    return file


@pytest.mark.parametrize(
    ("variants", "options", "code"),
    [
        (("8", "7"), ("--gate", "better"), 0),
        (("8", "7"), ("--gate", "better", "--days", 14), 0),
        (("8", "7"), ("--gate", "better", "--larger-is-better"), 1),
        (("7", "8"), ("--gate", "not-worse"), 1),
        (("9", "7"), ("--gate", "better", "--days", 14), 1),
        (("9", "7"), ("--gate", "not-worse", "--margin", 0.5, "--days", 14), 0),
        (("9", "7"), ("--gate", "not-worse", "--margin", 0.01, "--days", 14), 1),
        (("7", "8"), (), 0),
    ],
)
def test_the_outcomes_of_a_rollout_are_compared_by_their_variants(
    outcomes, variants, options, code
):
    result = run("compare", *variants, outcomes, *options)
    assert result.exit_code == code, result.output
    assert f"{variants[0]} " in result.stdout
    assert ("Failed: " in result.stderr) == (code == 1)
    document = json.loads(run("compare", *variants, outcomes, *options, "--json").stdout)
    assert document["passed"] is (code == 0)
    assert document["rollout"]["candidate"] == variants[0]
    assert document["rollout"]["rule"] == ("spending" if "--days" in options else "sequence")


def test_what_outcomes_cannot_be_asked_is_one_sentence(outcomes, tmp_path):
    result = run("compare", "8", "7", outcomes, "--out", tmp_path / "rows.csv")
    assert result.exit_code == 2
    assert "--out must come with rows to answer. Got the outcomes of a rollout" in result.stderr
    result = run("compare", "8", "5", outcomes)
    assert result.exit_code == 2
    assert "must name '5'. Got ['7', '8', '9']" in result.stderr
