"""What the doctor finds, here and where something is wrong."""

import json
import os
import subprocess
import sys

import numpy as np
from typer.testing import CliRunner

import novin_ml
from novin_ml.cli.app import app
from novin_ml.environment import examine


def test_what_is_here():
    findings = {each.what: each for each in examine()}
    assert findings["numpy"].found == np.__version__
    assert findings["scikit-learn"].is_well
    assert "[export]" in findings
    assert not {"[test]", "[dev]"} & set(findings)
    assert findings["time zones"].is_well
    assert all(each.remedy for each in findings.values() if each.is_well is False)


def test_the_command():
    done = CliRunner().invoke(app, ["doctor", "--json"])
    document = json.loads(done.stdout)
    assert document["passed"] == (done.exit_code == 0)
    whats = [each["what"] for each in document["findings"]]
    assert whats[:2] == ["Python", "novin-ml"]
    assert len(whats) == len({*whats})


def test_an_old_dependency_is_named(tmp_path):
    """A copy of joblib's metadata, of a version that is too old, comes first on the path."""
    facts = tmp_path / "joblib-0.9.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: joblib\nVersion: 0.9\n")
    root = os.path.dirname(os.path.dirname(novin_ml.__file__))
    path = os.pathsep.join([str(tmp_path), root])
    done = subprocess.run(
        [sys.executable, "-m", "novin_ml", "doctor", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 1
    (wrong,) = [each for each in json.loads(done.stdout)["findings"] if each["is_well"] is False]
    assert (wrong["what"], wrong["found"]) == ("joblib", "0.9")
    assert wrong["remedy"].startswith("pip install --upgrade 'joblib>=1.4'")
    assert "must be mended: joblib" in done.stderr
