"""novin-ml export of other people's model files."""

import json

import numpy as np
import xgboost
from typer.testing import CliRunner

from novin_ml.cli.app import app


def run(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_a_file_of_xgboost(tmp_path):
    X = np.random.default_rng(0).normal(size=(100, 3))
    model = xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(X, (X[:, 0] > 0).astype(int))
    file, out = tmp_path / "theirs.ubj", tmp_path / "mine.mlmodel"
    model.save_model(file)
    result = run(file, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["passed"] is True
    assert out.exists()
    refused = run(file, "--out", out, "--home", "h1")
    assert refused.exit_code != 0
    assert "--home must be left out for a model of another library" in refused.output


def test_a_pickle_is_refused(tmp_path):
    file = tmp_path / "theirs.pkl"
    file.write_bytes(b"cposix\nsystem\n.")
    result = run(file, "--out", tmp_path / "mine.mlmodel")
    assert result.exit_code != 0
    assert "runs any code in it" in " ".join(result.output.split())
    assert not (tmp_path / "mine.mlmodel").exists()
