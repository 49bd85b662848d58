"""novin-ml on signals of several channels: from an .npz file to a Swift package."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.evaluation import build_report, conformalize
from novin_ml.events import ChannelSignals, write_channel_signals
from novin_ml.features import MotionFeatures
from novin_ml.lifecycle import evaluate_with_rules, load_estimator, train

NAMES = ("acc_x", "acc_y", "acc_z")


def signals(consent=True, people=("ann", "bob", "cid", "dan")):
    rng = np.random.default_rng(len(people[0]))
    labels = np.tile(["slow", "quick"], 40)
    beat = np.where(labels == "quick", 2.0, 0.3)[:, None, None]
    X = 9.81 + 3 * np.sin(beat * np.arange(50) + rng.uniform(0, 6, (80, 3, 1)))
    X += rng.normal(size=X.shape)
    return ChannelSignals.from_arrays(
        X, NAMES, 20.0, home_id=np.repeat(people, 20), label=labels, consent=[consent] * 80
    )


def run(*arguments):
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    return result.exit_code, result.output


def test_train_evaluate_export_and_ios(tmp_path):
    write_channel_signals(signals(), tmp_path / "watch.npz")
    code, text = run(
        *("train", "motion", tmp_path / "watch.npz", "--out", tmp_path / "model"),
        *("--epochs", 5, "--json", "--test-fraction", 0.25),
    )
    assert code == 0, text
    document = json.loads(text)
    assert document["trained_on"] == 60
    assert document["headline"]["n_homes"] == 1
    assert document["headline"]["rules"] is None
    assert document["headline"]["model"]["accuracy"] > 0.9
    assert load_estimator(tmp_path / "model")[0].channels == NAMES
    code, text = run("evaluate", tmp_path / "model", tmp_path / "watch.npz")
    assert code == 0, text
    assert "80 signals of 4 homes" in " ".join(text.split())
    assert "hand-written" not in text
    code, text = run(
        "score", tmp_path / "model", tmp_path / "watch.npz", "--out", tmp_path / "a.csv"
    )
    assert code == 0, text
    answers = pd.read_csv(tmp_path / "a.csv")
    assert answers["home_id"].nunique() == 4
    assert len(answers) == 80
    code, text = run("explain", tmp_path / "model", tmp_path / "watch.npz", "--events", 1)
    assert code == 0, text
    assert "acc_" in text
    code, text = run(
        *("threshold", tmp_path / "model", tmp_path / "watch.npz"),
        *("--false-alarms-per-week", 1, "--label", "quick"),
    )
    assert code == 2
    assert "must be of rows with times, events or chains. Got signals" in " ".join(text.split())
    code, text = run(
        *("export", tmp_path / "model", "--out", tmp_path / "watch.mlmodel"),
        *("--data", tmp_path / "watch.npz", "--json"),
    )
    assert code == 0, text
    assert json.loads(text)["passed"]
    code, text = run("ios", tmp_path / "watch.mlmodel", "--out", tmp_path / "package")
    assert code == 0, text
    assert '"acc_z": []' in (tmp_path / "package" / "README.md").read_text()


def test_signals_without_consent_train_nothing(tmp_path):
    write_channel_signals(signals(consent=False), tmp_path / "watch.npz")
    code, text = run("train", "motion", tmp_path / "watch.npz", "--out", tmp_path / "model")
    assert code == 2
    assert "signals to train on must have consent. Got none: 80 of 80 signals" in " ".join(
        text.split()
    )


def test_other_families_take_no_signals():
    with pytest.raises(ValueError, match=r"delivery family is trained on an event table"):
        train("delivery", signals())


def test_a_model_of_signals_is_scored_without_rules():
    result = train("motion", signals(), epochs=3, test_fraction=0.5)
    headline = evaluate_with_rules(result.pipeline, result.held_back)
    assert headline.rules is None
    assert headline.n_rows == 40


def test_ranges_and_reports():
    model = train("motion", signals(), epochs=3, test_fraction=0).pipeline
    others = signals(people=("edna", "fred", "gina", "hank"))
    assert conformalize(model, others, error_rate=0.2).n_rows == 80
    with pytest.raises(ValueError, match=r"A report must be of rows with times"):
        build_report(model, others)


def test_features_of_signals_are_those_of_their_own_scales(tmp_path):
    write_channel_signals(signals(), tmp_path / "watch.npz")
    code, text = run(
        "features", "motion", tmp_path / "watch.npz", "--out", tmp_path / "features.csv"
    )
    assert code == 0, text
    assert "scaled by the mean and deviation" in " ".join(text.split())
    table = pd.read_csv(tmp_path / "features.csv")
    features = MotionFeatures(channels=NAMES).set_output(transform="pandas")
    expected = features.fit_transform(signals())
    assert table["home_id"].tolist() == np.repeat(["ann", "bob", "cid", "dan"], 20).tolist()
    np.testing.assert_allclose(table[[*expected.columns]], expected, rtol=1e-6)
    code, text = run("features", "delivery", tmp_path / "watch.npz", "--out", tmp_path / "d.csv")
    assert code == 2, text
