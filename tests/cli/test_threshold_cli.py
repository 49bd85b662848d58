"""Thresholds through the command line: chosen, saved with the model, changed, exported."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.coreml import CoreMLRuntime
from novin_ml.estimators.families import FAMILIES
from novin_ml.evaluation import conformalize, tune_threshold
from novin_ml.lifecycle import load_estimator, save_estimator


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_ok(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def work(simulated, tmp_path):
    """A freshly saved model, and events of homes that it has not seen."""
    pipeline, rows = simulated
    pipeline[-1].set_thresholds({}).set_abstention(None)
    save_estimator(pipeline, tmp_path / "model")
    FAMILIES["chains"].rows.write(rows, tmp_path / "homes.jsonl")
    return tmp_path


@pytest.fixture(scope="module")
def simulated():
    family = FAMILIES["chains"]
    rows, _ = family.rows.to_train(family.simulate(1200, random_state=0))
    pipeline = family.make_pipeline(epochs=8, random_state=0, n_jobs=1)
    return pipeline.fit(rows, rows["label"].astype(object)), family.simulate(800, random_state=1)


def threshold(work, *arguments):
    return run_ok("threshold", work / "model", work / "homes.jsonl", *arguments)


def test_thresholds_are_the_librarys_and_saved(work):
    document = json.loads(
        threshold(work, "--false-alarms-per-week", 2, "--error-rate", 0.1, "--json").stdout
    )
    loaded = load_estimator(work / "model")
    pipeline = load_estimator(work / "model")
    pipeline[-1].set_thresholds({}).set_abstention(None)
    rows = FAMILIES["chains"].rows.read(work / "homes.jsonl")
    report, coverage = tune_threshold(pipeline, rows, 2), conformalize(pipeline, rows)
    assert loaded[-1].decisions_ == pipeline[-1].decisions_
    assert len(loaded[-1].decisions_.thresholds) == 5
    assert document["saved"] is True
    assert document["thresholds"] == json.loads(json.dumps(report.to_document()))
    assert document["coverage"] == json.loads(json.dumps(coverage.to_document()))
    features = pipeline[0].transform(rows)
    np.testing.assert_array_equal(loaded[-1].alarms(features), pipeline[-1].alarms(features))
    np.testing.assert_array_equal(loaded[-1].abstains(features), pipeline[-1].abstains(features))


def test_another_budget_needs_no_other_fit(work):
    threshold(work, "--false-alarms-per-week", 2, "--error-rate", 0.2, "-q")
    before, old = content(work / "model"), load_estimator(work / "model")[-1].decisions_
    threshold(work, "--false-alarms-per-week", 5, "--label", "forced_entry", "-q")
    after, new = content(work / "model"), load_estimator(work / "model")[-1].decisions_
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"estimator.json", "manifest.json"}
    assert before.keys() == after.keys()
    assert new.thresholds["forced_entry"].threshold < old.thresholds["forced_entry"].threshold
    assert new.thresholds["prowler_activity"] == old.thresholds["prowler_activity"]
    assert new.abstention == old.abstention


def test_tables_name_labels_bounds_and_homes(work):
    text = threshold(work, "--false-alarms-per-week", 2, "--error-rate", 0.1).stdout
    for word in ("forced_entry", "false/week", "at most", "most false alarms", "don't know below"):
        assert word in text
    assert f"saved to {work / 'model'}" in text
    # Of ten homes no confidence is stated.
    assert "No confidence is stated" in text
    assert "not stated" in text
    assert "% confidence" not in text
    assert "of homes may behave in a way" in text


def test_without_a_budget_it_measures_and_saves_nothing(work):
    threshold(work, "--false-alarms-per-week", 2, "--error-rate", 0.1, "-q")
    before = content(work / "model")
    document = json.loads(threshold(work, "--json").stdout)
    assert document["saved"] is False
    assert {"thresholds", "coverage"} <= document.keys()
    assert content(work / "model") == before


def test_the_column_of_the_truth_can_be_named(work):
    options = ("--false-alarms-per-week", 2, "--json")
    noisy, clean = (
        json.loads(threshold(work, *options, "--truth", column).stdout)["thresholds"]["thresholds"]
        for column in ("label", "clean_label")
    )
    assert sum(each["recall"] for each in clean) > sum(each["recall"] for each in noisy)


def test_a_budget_that_cannot_be_proven_changes_nothing(work):
    before = content(work / "model")
    result = run(
        "threshold", work / "model", work / "homes.jsonl", "--false-alarms-per-week", 0.001
    )
    assert result.exit_code == 2
    assert "more weeks" in result.stderr
    assert content(work / "model") == before


def test_what_is_missing_is_named(work):
    arguments = ("threshold", work / "model", work / "homes.jsonl")
    for options, words in [
        ((), "must have thresholds or a cut to be measured"),
        (("--label", "forced_entry"), "--label must come with a budget"),
        (("--false-alarms-per-week", 2, "--label", "fire"), "Got 'fire'"),
        (("--error-rate", 0), "must be a float in the range (0.0, 1.0). Got 0.0"),
    ]:
        result = run(*arguments, *options)
        assert result.exit_code == 2
        assert words in result.stderr


def test_thresholds_travel_in_the_exported_model(work):
    threshold(work, "--false-alarms-per-week", 2, "--error-rate", 0.1, "-q")
    run_ok("export", work / "model", "--out", work / "chains.mlmodel", "-q")
    entries = CoreMLRuntime(work / "chains.mlmodel").metadata["user_defined"]
    decisions = load_estimator(work / "model")[-1].decisions_
    exported = json.loads(entries["novin_ml.thresholds"])
    assert exported == {
        label: float(each.threshold) for label, each in decisions.thresholds.items()
    }
    assert np.float32(entries["novin_ml.abstain_below"]) == decisions.abstention.abstain_below
    evidence = json.loads(entries["novin_ml.threshold_evidence"])
    assert evidence["forced_entry"]["budget"] == 2


def test_a_cut_for_new_homes_is_chosen_and_saved(work):
    options = ("--error-rate", 0.15, "--json")
    rows, home = (
        json.loads(threshold(work, *options, "--unit", unit).stdout)["coverage"]["abstention"]
        for unit in ("row", "home")
    )
    assert home["cut"] < rows["cut"]
    assert (rows["unit"], home["unit"]) == ("row", "home")
    saved = load_estimator(work / "model")[-1].decisions_.abstention
    assert (saved.unit, float(saved.cut)) == ("home", home["cut"])
    result = run("threshold", work / "model", work / "homes.jsonl", "--unit", "home")
    assert result.exit_code == 2
    assert "must come with an error rate" in result.stderr
    many = run(
        *("threshold", work / "model", work / "homes.jsonl", "--error-rate", 0.01),
        *("--unit", "home"),
    )
    assert many.exit_code == 2
    assert "at least 99 homes" in many.stderr
