"""The commands, end to end, as a build would call them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.estimators.families import FAMILIES


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_ok(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Simulated events and an estimator trained on them."""
    folder = tmp_path_factory.mktemp("cli")
    run_ok("generate", "delivery", "--samples", 1500, "--out", folder / "events.jsonl", "-q")
    run_ok(
        *("train", "delivery", folder / "events.jsonl", "--out", folder / "model"),
        *("--epochs", 20, "--quiet"),
    )
    return folder


@pytest.fixture(scope="module")
def model(work):
    run_ok("export", work / "model", "--out", work / "delivery.mlmodel", "--author", "A. Tester")
    return work / "delivery.mlmodel"


def test_generate_is_reproduced_by_its_seed(tmp_path):
    for name in ("a", "b"):
        run_ok(
            "generate",
            "delivery",
            "--samples",
            300,
            "--seed",
            5,
            "--out",
            tmp_path / f"{name}.jsonl",
        )
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_every_format_trains_the_same_model(work, tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
    from novin_ml.events import read_events, write_events

    write_events(read_events(work / "events.jsonl"), tmp_path / f"events.{suffix}")
    run_ok(
        *("train", "delivery", tmp_path / f"events.{suffix}", "--out", tmp_path / "model"),
        *("--epochs", 20),
    )
    assert (tmp_path / "model" / "booster.ubj").read_bytes() == (
        work / "model" / "booster.ubj"
    ).read_bytes()


def test_mlp_trains_exports_and_verifies(work, tmp_path):
    run_ok(
        *("train", "delivery", work / "events.jsonl", "--algorithm", "mlp", "--epochs", 3),
        *("--out", tmp_path / "mlp", "--max-bytes", 60_000),
    )
    run_ok("export", tmp_path / "mlp", "--out", tmp_path / "mlp.mlpackage")
    run_ok("verify", tmp_path / "mlp.mlpackage")


def test_evaluate_prints_model_and_rules_as_json(work):
    result = run_ok("evaluate", work / "model", work / "events.jsonl", "--json")
    headline = json.loads(result.stdout)["headline"]
    assert headline["n_rows"] == 1500
    assert headline["model"]["accuracy"] > headline["rules"]["accuracy"]
    assert headline["model_clean"]["accuracy"] > headline["model"]["accuracy"]


def test_evaluate_gate_sets_the_exit_code(work):
    passes = run("evaluate", work / "model", work / "events.jsonl", "--min-accuracy", 0.5)
    fails = run("evaluate", work / "model", work / "events.jsonl", "--min-accuracy", 1.0)
    assert (passes.exit_code, fails.exit_code) == (0, 1)


def test_export_and_verify_agree(model):
    document = json.loads(run_ok("verify", model, "--json").stdout)
    assert document["passed"] is True
    assert document["certificate"]["core_ml"]["ran"] is (sys.platform == "darwin")


@pytest.mark.parametrize("as_features", [False, True])
def test_verify_checks_the_callers_data(work, model, tmp_path, as_features):
    data = work / "events.jsonl"
    if as_features:
        from novin_ml.estimators import make_delivery_pipeline
        from novin_ml.events import read_events

        table = make_delivery_pipeline()[0].transform(read_events(data))
        data = tmp_path / "features.csv"
        table.to_csv(data, index=False)
    document = json.loads(run_ok("verify", model, "--data", data, "--json").stdout)
    assert document["certificate"]["checks"]["data"]["rows"] >= 1500


def test_verify_fails_on_a_changed_model(model, tmp_path):
    import shutil

    for path in model.parent.glob("delivery.*"):
        target = tmp_path / path.name
        shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
    content = model.read_bytes()
    (tmp_path / model.name).write_bytes(content.replace(b"A. Tester", b"B. Tester"))
    result = run("verify", tmp_path / model.name)
    assert result.exit_code == 1
    assert "that was certified" in result.stderr


def test_rejected_events_are_listed_beside_the_output(work, tmp_path):
    lines = (work / "events.jsonl").read_text().splitlines()
    bad = json.loads(lines[3]) | {"confidence": 1.5}
    (tmp_path / "events.jsonl").write_text("\n".join([*lines, json.dumps(bad), "{broken"]) + "\n")
    arguments = ("train", "delivery", tmp_path / "events.jsonl", "--out", tmp_path / "model")
    document = json.loads(run_ok(*arguments, "--json").stdout)
    assert document["events"] == {
        "read": len(lines) + 2,
        "accepted": len(lines),
        "rejected": 2,
        "without_consent": document["events"]["without_consent"],
    }
    rejects = (tmp_path / "model.rejects.csv").read_text()
    assert f"{len(lines) + 1},confidence" in rejects

    strict = run(*arguments, "--strict")
    assert strict.exit_code == 2
    assert f"events.jsonl:{len(lines) + 1}: confidence must be" in strict.stderr


def test_events_without_consent_are_counted_and_left_out(work, tmp_path):
    lines = [json.loads(line) for line in (work / "events.jsonl").read_text().splitlines()]
    for event in lines:
        event["consent"] = False
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in lines))
    result = run("train", "delivery", tmp_path / "events.jsonl", "--out", tmp_path / "model")
    assert result.exit_code == 2
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "delivery", "no_such_file.jsonl", "--out", "x"], "no_such_file.jsonl"),
        (["evaluate", "no_such_model", "events.jsonl"], "no_such_model must be a saved estimator"),
        (["verify", "no_such.mlmodel"], "no_such.mlmodel must be"),
        (["export", "no_such_model", "--out", "x.mlmodel"], "no_such_model must be"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [["train"], ["train", "nothing", "f", "--out", "x"], ["frobnicate"], ["generate", "delivery"]],
)
def test_bad_usage_exits_with_2(arguments):
    assert run(*arguments).exit_code == 2


def test_quiet_prints_nothing(work, tmp_path):
    arguments = ("train", "delivery", work / "events.jsonl", "--out", tmp_path / "m", "--epochs", 2)
    result = run_ok(*arguments, "--quiet")
    assert result.output == ""


def test_demo_makes_certified_models(tmp_path):
    arguments = ["--samples", 600, "--out", tmp_path / "demo", "--json"]
    learners = ("boosting", "mlp")  # what the demo trains; the others are exported elsewhere
    passed = run_ok("demo", *arguments, "--min-accuracy", 0.1, "--min-gain", -1)
    document = json.loads(passed.stdout)
    models = document["models"]
    classifiers = [family for family in FAMILIES.values() if family.make_rules is not None]
    baselines = 1
    assert len(models) == len(classifiers) * len(learners) + baselines
    for model in models:
        assert model["passed"] is True
        run_ok("verify", model["model"])
    # It ends with the package of all of them.
    assert (tmp_path / "demo" / "NovinModels" / "Package.swift").exists()
    assert set(document["golden"]) == {Path(model["model"]).stem for model in models}
    # And with a release, whose second build kept all.
    release = document["release"]
    assert release["released"]
    assert {step["state"] for step in release["steps"]} == {"kept"}
    run_ok("registry", "add", tmp_path / "registry", "novin", release["folder"])


def test_program_has_no_traceback_for_bad_input(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "novin_ml", "evaluate", "nothing", "nothing"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


@pytest.fixture
def one_home(work, tmp_path):
    lines = [json.loads(line) for line in (work / "events.jsonl").read_text().splitlines()]
    path = tmp_path / "one_home.jsonl"
    path.write_text(
        "".join(json.dumps(e | {"home_id": "h", "consent": True}) + "\n" for e in lines)
    )
    return path


def test_one_home_alone_trains_without_a_test(one_home, tmp_path):
    arguments = ("train", "delivery", one_home, "--out", tmp_path / "model", "--epochs", 2)
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert "--test-fraction 0" in refused.stderr
    run_ok(*arguments, "--test-fraction", 0)


def test_output_is_checked_before_training(work, tmp_path):
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "notes.txt").write_text("mine")
    result = run("train", "delivery", "no_such_file.jsonl", "--out", tmp_path / "busy")
    assert result.exit_code == 2
    assert "must be a new or empty folder" in result.stderr


def test_train_writes_into_the_current_folder(work, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    arguments = ("train", "delivery", work / "events.jsonl", "--out", ".", "--epochs", 2)
    run_ok(*arguments)
    assert (tmp_path / "here" / "manifest.json").exists()


def test_another_family_is_refused(work, tmp_path):
    run_ok("generate", "motion", "--samples", 200, "--out", tmp_path / "motion.jsonl")
    train = run("train", "delivery", tmp_path / "motion.jsonl", "--out", tmp_path / "model")
    assert train.exit_code == 2
    assert "which are those of motion. Train motion" in train.stderr
    assert not (tmp_path / "model").exists()
    evaluate = run("evaluate", work / "model", tmp_path / "motion.jsonl")
    assert evaluate.exit_code == 2
    assert "Pass a model of motion" in evaluate.stderr


def test_an_estimator_alone_is_refused_by_evaluate(work, tmp_path):
    from novin_ml.lifecycle import load_estimator, save_estimator

    save_estimator(load_estimator(work / "model")[-1], tmp_path / "alone")
    result = run("evaluate", tmp_path / "alone", work / "events.jsonl")
    assert result.exit_code == 2
    assert "must hold a pipeline" in result.stderr


def test_a_file_without_events_is_refused(tmp_path):
    (tmp_path / "events.jsonl").write_text("{broken\n")
    result = run("train", "delivery", tmp_path / "events.jsonl", "--out", tmp_path / "model")
    assert result.exit_code == 2
    assert "must hold events" in result.stderr
    assert (tmp_path / "model.rejects.csv").exists()


def test_old_rejects_do_not_outlive_a_clean_run(work, tmp_path):
    (tmp_path / "model.rejects.csv").write_text("old")
    run_ok(
        *("train", "delivery", work / "events.jsonl", "--out", tmp_path / "model"),
        *("--epochs", 2),
    )
    assert not (tmp_path / "model.rejects.csv").exists()


def test_evaluate_lists_rejects_only_where_told(work, tmp_path):
    lines = (work / "events.jsonl").read_text()
    (tmp_path / "events.jsonl").write_text(lines + "{broken\n")
    run_ok("evaluate", work / "model", tmp_path / "events.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["events.jsonl"]
    rejects = tmp_path / "rejects.csv"
    run_ok("evaluate", work / "model", tmp_path / "events.jsonl", "--rejects", rejects)
    assert len(rejects.read_text().splitlines()) == 2


def test_a_failed_gate_speaks_even_when_quiet(work):
    arguments = ("evaluate", work / "model", work / "events.jsonl", "--min-accuracy", 1.0)
    result = run(*arguments, "--quiet")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Failed: accuracy")


def test_features_are_written_as_a_table(work, tmp_path):
    import pandas as pd

    run_ok("features", "delivery", work / "events.jsonl", "--out", tmp_path / "f.csv")
    table = pd.read_csv(tmp_path / "f.csv")
    assert len(table) == len((work / "events.jsonl").read_text().splitlines())
    keys = ["home_id", "timestamp", "consent", "label", "clean_label"]
    assert list(table.columns[: len(keys)]) == keys
    assert table.shape[1] == len(keys) + 16
    assert run("features", "delivery", work / "events.jsonl", "--out", "f.txt").exit_code == 2
