"""The blend through the commands, from events to a verified Core ML model."""

import json

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.coreml import CoreMLRuntime


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blend")
    run("generate", "delivery", "--samples", 1500, "--out", folder / "events.jsonl", "-q")
    result = run(
        *("train", "delivery", folder / "events.jsonl", "--algorithm", "blend"),
        *("--epochs", 8, "--out", folder / "model", "--json"),
    )
    (folder / "train.json").write_text(result.stdout)
    return folder


def test_train_reports_the_parts(work):
    document = json.loads((work / "train.json").read_text())
    parts = {part["name"]: part for part in document["parts"]}
    assert list(parts) == ["boosting", "mlp", "blend"]
    losses = {name: part["log_loss"] for name, part in parts.items()}
    # Its loss is cross-fitted on some hundred rows, those of the parts are not.
    assert losses["blend"] < 1.1 * max(losses["boosting"], losses["mlp"])
    assert parts["blend"]["model_bytes"] == document["size"]["model_bytes"]
    assert document["headline"]["model"]["accuracy"] > document["headline"]["rules"]["accuracy"]


def test_train_prints_the_parts(work, tmp_path):
    result = run(
        *("train", "delivery", work / "events.jsonl", "--algorithm", "blend"),
        *("--epochs", 2, "--out", tmp_path / "model"),
    )
    for word in ("trained blend", "boosting", "mlp", "held-back log loss", "weight"):
        assert word in result.stdout


@pytest.mark.parametrize("suffix", ["mlmodel", "mlpackage"])
def test_evaluate_export_verify(work, suffix):
    run("evaluate", work / "model", work / "events.jsonl")
    model = work / suffix / f"delivery.{suffix}"
    run("export", work / "model", "--out", model)
    document = json.loads(run("verify", model, "--data", work / "events.jsonl", "--json").stdout)
    assert document["passed"] is True
    assert document["certificate"]["tolerance"] == 1e-5
    assert document["certificate"]["checks"]["thresholds"]["rows"] > 0
    assert CoreMLRuntime(model).metadata["user_defined"]["novin_ml.algorithm"] == "blend"
