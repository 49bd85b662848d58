"""rollout on the command line: from a plan to a decision."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.estimators import make_delivery_pipeline
from novin_ml.events import write_events
from novin_ml.features import training_rows
from novin_ml.lifecycle import save_estimator
from novin_ml.simulation import simulate_deliveries
from tests.lifecycle.test_rollout import outcomes

runner = CliRunner()


def run(*args, code=0):
    result = runner.invoke(app, ["rollout", *map(str, args)])
    assert result.exit_code == code, result.output
    return result.output


def test_homes_move_to_a_new_version_step_by_step(tmp_path):
    plan, homes = tmp_path / "plan.json", tmp_path / "homes.csv"
    # Ids that look like numbers and like nothing stay what they are.
    pd.DataFrame({"home_id": [*map("{:04}".format, range(500)), "NA"]}).to_csv(homes, index=False)
    said = run("plan", plan, "8", "--share", 0.1, code=2)
    assert "first variant of a plan must get all homes" in said
    run("plan", plan, "7")
    before = json.loads(run("plan", plan, "8", "--share", 0.1, "--json"))
    assert before["shares"] == {"7": 0.9, "8": 0.1}
    run("assign", plan, homes, "--out", tmp_path / "first.csv")
    after = json.loads(run("plan", plan, "8", "--share", 0.3, "--json"))
    assert after["moved"] == pytest.approx(0.2)
    said = run("assign", plan, homes, "--out", tmp_path / "second.csv")
    assert "30.00%" in said
    document = json.loads(run("assign", plan, homes, "--out", tmp_path / "again.csv", "--json"))
    for each in document["shares"]:  # what was observed, with its interval
        assert each["low"] < each["observed"] < each["high"]
        for shown in (f"{each['observed']:.2%}", f"{each['low']:.2%} to {each['high']:.2%}"):
            assert shown in said
    first, second = (
        pd.read_csv(tmp_path / name, dtype=str, keep_default_na=False)
        for name in ("first.csv", "second.csv")
    )
    assert (
        first["home_id"].tolist()
        == pd.read_csv(homes, dtype=str, keep_default_na=False)["home_id"].tolist()
    )
    assert (second["variant"][first["variant"] == "8"] == "8").all()
    assert 0.2 < (second["variant"] == "8").mean() < 0.4


def test_a_look_ends_with_1_when_the_candidate_is_worse(tmp_path):
    table = tmp_path / "outcomes.csv"
    outcomes(n_homes=100, effect=0.2).to_csv(table, index=False)
    options = ["--days", 20]
    said = run("look", table, "--control", "A", "--candidate", "B", *options)
    assert "Stop: B is better than A" in said
    found = runner.invoke(
        app, ["rollout", "look", str(table), "--control", "B", "--candidate", "A", "--days", "20"]
    )
    assert found.exit_code == 1
    assert "Failed: Stop: A is worse than B" in found.output
    document = json.loads(run("look", table, "--control", "A", "--candidate", "B", "--json"))
    assert document["rule"] == "sequence"
    assert document["looks"][0]["low"] is None
    # Without an end nothing is known in the first week.
    said = run("look", table, "--control", "A", "--candidate", "B")
    assert "nan" not in said
    assert "inf" not in said


def test_versions_are_shown_side_by_side(tmp_path):
    events = simulate_deliveries(600, random_state=0)
    write_events(events, tmp_path / "log.jsonl")
    rows, _ = training_rows(events)
    for name, epochs in {"v7": 2, "v8": 20}.items():
        model = make_delivery_pipeline(epochs=epochs, random_state=0).fit(rows, rows["label"])
        save_estimator(model, tmp_path / name)
    arguments = ["shadow", tmp_path / "log.jsonl", "--version", tmp_path / "v7"]
    assert "two or more versions" in run(*arguments, code=2)
    arguments += ["--version", tmp_path / "v8", "--out", tmp_path / "answers.csv"]
    found = json.loads(run(*arguments, "--json"))
    answers = pd.read_csv(tmp_path / "answers.csv")
    other = answers[str(tmp_path / "v7")] != answers[str(tmp_path / "v8")]
    assert found["versions"][1]["n_other"] == other.sum()
    assert len(answers) == len(events)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "must be a CSV file"), ("a,b\n1,2\n", "must have the column 'home_id'")],
)
def test_other_files_are_no_outcomes(tmp_path, text, said):
    table = tmp_path / "outcomes.csv"
    table.write_text(text)
    assert said in run("look", table, "--control", "A", "--candidate", "B", code=2)
    assert "No such file" in run(
        "look", tmp_path / "none.csv", "--control", "A", "--candidate", "B", code=2
    )
