"""export --data and verify --data compute the rows of events as the model does."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.coreml import export_coreml
from novin_ml.estimators.families import FAMILIES
from novin_ml.events import (
    ChannelSignals,
    Vocabulary,
    chains_from_events,
    read_events,
    write_channel_signals,
    write_events,
)
from novin_ml.features import attach_context, training_rows
from novin_ml.lifecycle import save_estimator
from novin_ml.simulation import simulate_chain_events, simulate_deliveries


def run(*arguments):
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def of_another_window(folder):
    """A model of deliveries of 30 seconds, which the default would answer otherwise."""
    path = folder / "events.jsonl"
    write_events(simulate_deliveries(200, random_state=0), path)
    rows, _ = training_rows(read_events(path), 30.0, 5.0)
    model = FAMILIES["delivery"].make_pipeline(epochs=2, random_state=0)
    model.set_params(features__window=30.0, features__silence=5.0)
    model.fit(rows, rows["label"])
    return model, path, attach_context(read_events(path), 30.0, 5.0)


def of_another_vocabulary(folder):
    path = folder / "events.jsonl"
    write_events(simulate_deliveries(200, random_state=0), path)
    vocabulary = Vocabulary.from_dict(Vocabulary.sdk().to_dict() | {"name": "own"})
    vocabulary = replace(vocabulary, zones=(*vocabulary.zones[:-2], vocabulary.zones[-1]))
    rows, _ = training_rows(read_events(path, vocabulary=vocabulary))
    model = FAMILIES["delivery"].make_pipeline(epochs=2, random_state=0).fit(rows, rows["label"])
    return model, path, attach_context(read_events(path, vocabulary=vocabulary))


def of_chains(folder):
    path = folder / "events.jsonl"
    write_events(simulate_chain_events(60, random_state=0), path)
    chains = chains_from_events(read_events(path))
    labels = np.where(np.arange(len(chains)) % 2, "odd", "even")
    model = FAMILIES["chains"].make_pipeline(epochs=2, random_state=0)
    model.set_params(features__zones=["front_door", "garage"])
    kept = chains[chains["consent"].to_numpy()]
    return model.fit(kept, labels[: len(kept)]), path, chains


def of_channels(folder):
    generator, path = np.random.default_rng(0), folder / "watch.npz"
    arrays = [generator.normal(9.0, 2.0, (2, 40)) for _ in range(40)]
    rows = ChannelSignals.from_arrays(
        arrays, ["x", "y"], label=["quick", "slow"] * 20, home_id=["h"] * 40, consent=[True] * 40,
    )  # fmt: skip
    write_channel_signals(rows, path)
    model = FAMILIES["motion"].make_pipeline(channels=["x", "y"], epochs=2, random_state=0)
    return model.fit(rows, rows["label"]), path, rows


@pytest.mark.parametrize("made", [of_another_window, of_another_vocabulary, of_chains, of_channels])
@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.VocabularyWarning")
def test_rows_are_those_of_the_model(made, tmp_path):
    model, events, rows = made(tmp_path)
    save_estimator(model, tmp_path / "model")
    own = model[0].transform(rows)
    beside = tmp_path / "python.mlmodel"
    expected = export_coreml(model, beside, data=own).certificate
    exported = tmp_path / "shell.mlmodel"
    run("export", tmp_path / "model", "--out", exported, "--data", events)
    records = [
        json.loads((path.with_suffix(".reference") / "record.json").read_text())
        for path in (beside, exported)
    ]
    assert records[0]["data_sha256"] == records[1]["data_sha256"]
    again = run("verify", beside, "--data", events)["certificate"]
    assert again["checks"]["data"]["rows"] == len(own)
    assert again["not_checked"] == list(expected.not_checked)
