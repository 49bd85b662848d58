"""What a build is made of: labels in a file of their own, signals, baselines of homes."""

import json

import numpy as np
import pandas as pd
import pytest

from novin_ml.coreml import verify_coreml
from novin_ml.estimators.families import FAMILIES
from novin_ml.events import write_channel_signals, write_events
from novin_ml.exceptions import BuildError
from novin_ml.lifecycle import (
    build,
    draft_declaration,
    load_estimator,
    load_fleet,
    read_declaration,
)
from novin_ml.lifecycle.building.labels import read_labels
from novin_ml.lifecycle.building.rows import find_files, read_whole
from novin_ml.lifecycle.registry.release import read_release
from novin_ml.simulation import simulate_behavior, simulate_chain_events, simulate_deliveries
from tests.cli.test_signals_cli import signals

TOML = """
[data]
files = ["events.jsonl"]
labels = "labels.csv"

[models.door]
family = "delivery"
parameters = { epochs = 3 }
"""


@pytest.fixture(scope="module")
def deliveries():
    return simulate_deliveries(300, n_homes=10, random_state=0).drop(columns="clean_label")


def declared(folder, events, labels, text=TOML):
    write_events(events, folder / "events.jsonl")
    labels.to_csv(folder / "labels.csv", index=False)
    (folder / "novin.toml").write_text(text)
    return folder / "novin.toml"


def points(events):
    iso = pd.to_datetime(events["timestamp"], unit="s", utc=True).map(lambda time: time.isoformat())
    return pd.DataFrame(
        {"home_id": events["home_id"], "timestamp": iso, "label": events["label"]}
    ).dropna()


def test_labels_in_a_file_of_their_own_train_the_same_model(deliveries, tmp_path):
    models = []
    for where in ("beside", "inside"):
        folder = tmp_path / where
        folder.mkdir()
        plain = deliveries.drop(columns="label") if where == "beside" else deliveries
        text = TOML if where == "beside" else TOML.replace('labels = "labels.csv"', "")
        file = declared(folder, plain, points(deliveries), text)
        assert build(file, folder / "release").released
        models.append((folder / "release" / "door.mlmodel").read_bytes())
    assert models[0] == models[1]


def test_the_build_knows_the_labels_and_tells_those_of_no_event(deliveries, tmp_path):
    labels = points(deliveries)
    labels.loc[10_000] = ["home_of_nobody", "2026-01-01T00:00:00Z", "delivery"]
    file = declared(tmp_path, deliveries.drop(columns="label"), labels)
    result = build(file, tmp_path / "release")
    (note,) = [note for note in result.notes if "labels.csv" in note]
    assert "1 row of 301 is of no event, the first of home 'home_of_nobody' at 1767225600" in note
    labels["label"] = labels["label"].replace({"no_delivery": "nothing"})
    labels.to_csv(tmp_path / "labels.csv", index=False)
    again = build(file, tmp_path / "release")
    assert {step.state for step in again.steps} == {"ran"}
    facts = json.loads((tmp_path / "release" / "door.data.json").read_text())
    assert set(facts["parts"]["train"]["labels"]) == {"delivery", "nothing"}


def test_labels_of_times_are_of_all_events_in_them_and_of_their_chains(tmp_path):
    events = simulate_chain_events(60, n_homes=3, random_state=0).drop(columns="clean_label")
    home = events[events["home_id"] == events["home_id"].iloc[0]].sort_values("timestamp")
    start, end = home["timestamp"].iloc[0], home["timestamp"].iloc[-1]
    labels = pd.DataFrame(
        [[home["home_id"].iloc[0], start, end, "delivery"]],
        columns=["home_id", "start", "end", "label"],
    )
    text = TOML.replace("delivery", "chains")
    file = declared(tmp_path, events.drop(columns="label"), labels, text)
    declaration = read_declaration(file)
    found = read_labels(tmp_path / "labels.csv", timezone="UTC")
    rows, _ = read_whole(FAMILIES["chains"], [tmp_path / "events.jsonl"], declaration, found)
    is_home = np.asarray(rows["home_id"] == home["home_id"].iloc[0])
    assert set(rows["label"][is_home]) == {"delivery"}
    assert rows["label"][~is_home].isna().all()
    assert found.unused == ""


def test_several_files_folders_and_formats_are_one_table(deliveries, tmp_path):
    (tmp_path / "more").mkdir()
    homes = sorted(set(deliveries["home_id"]))
    for number, place in enumerate(("a.jsonl", "more/b.csv", "more/c.parquet")):
        write_events(deliveries[deliveries["home_id"].isin(homes[number::3])], tmp_path / place)
    (tmp_path / "more" / "notes.txt").write_text("no events")
    text = TOML.replace('"events.jsonl"', '"a.jsonl", "more"').replace('labels = "labels.csv"', "")
    (tmp_path / "novin.toml").write_text(text)
    declaration = read_declaration(tmp_path / "novin.toml")
    files = find_files(declaration, declaration.models["door"])
    assert [path.name for path in files] == ["a.jsonl", "b.csv", "c.parquet"]
    rows, reports = read_whole(FAMILIES["delivery"], files, declaration)
    assert sum(report.n_accepted for report in reports) == len(rows) == len(deliveries)
    assert sorted(set(rows["home_id"])) == homes


def test_an_own_label_stays(deliveries, tmp_path):
    labels = points(deliveries).assign(label="parcel")
    deliveries = deliveries.dropna(subset="label")
    own = deliveries.assign(label=deliveries["label"].where(deliveries["label"] == "delivery"))
    declared(tmp_path, own, labels)
    rows = read_labels(tmp_path / "labels.csv", timezone="UTC").given_to(own)
    assert set(rows["label"][deliveries["label"] == "delivery"]) == {"delivery"}
    assert set(rows["label"][deliveries["label"] != "delivery"]) == {"parcel"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("home,label\n1,x\n", "must have the column 'home_id'. Got .*Write a row for each label"),
        ("home_id,label\n1,x\n", "must have the column 'start'"),
        ("home_id,label,timestamp\n1,,5\n", "label must be a text. Got '' in row 1"),
        (
            "home_id,label,timestamp\n1,x,5\n1,x,noon\n",
            "timestamp must be a time.* 'noon' in row 2",
        ),
        ("home_id,label,start,end\n1,x,5,4\n", "end must be a time that is not before the start"),
        ("home_id,label,timestamp\n1,x,5,6,7\n1\n", "must be a CSV file of labels"),
        ("", "must be a CSV file of labels"),
    ],
)
def test_a_wrong_file_of_labels_is_one_sentence(tmp_path, text, said):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(BuildError, match=said):
        read_labels(tmp_path / "labels.csv", timezone="UTC")


def test_two_labels_of_one_event_and_an_absent_file_are_refused(deliveries, tmp_path):
    labels = points(deliveries)
    file = declared(tmp_path, deliveries, pd.concat([labels, labels.assign(label="parcel")]))
    with pytest.raises(BuildError, match=r"must give an event one label\. Got .* and 'parcel' of"):
        build(file, tmp_path / "release")
    (tmp_path / "labels.csv").unlink()
    with pytest.raises(BuildError, match=r"data\.labels must be a file that is there"):
        build(file, tmp_path / "release")


def test_signals_of_a_watch_become_a_release(tmp_path):
    for number, people in enumerate((("ann", "bob", "cid", "dan"), ("eve", "flo", "gil", "hal"))):
        write_channel_signals(signals(people=people), tmp_path / f"watch{number}.npz")
    drafted = draft_declaration([tmp_path / "watch*.npz"], tmp_path / "novin.toml")
    assert drafted.models["motion"].family == "motion"
    text = (tmp_path / "novin.toml").read_text()
    text = text.replace("# parameters = { epochs = 200 }", "parameters = { epochs = 3 }")
    text = text.replace("# min_accuracy = 0.9", "min_accuracy = 0.5")
    (tmp_path / "novin.toml").write_text(text)
    result = build(tmp_path / "novin.toml", tmp_path / "release")
    assert result.released, result.failed
    release = tmp_path / "release"
    assert verify_coreml(release / "motion.mlmodel").passed
    assert load_estimator(release / "motion")[0].channels == ("acc_x", "acc_y", "acc_z")
    assert not (release / "motion.html").exists()
    metrics = json.loads((release / "motion.metrics.json").read_text())
    assert metrics["n_homes"] * 20 == metrics["accuracy"]["n_rows"]
    assert metrics["accuracy"]["low"] <= metrics["accuracy"]["share"]
    assert metrics["recall"]["quick"]["n_rows"] > 0
    assert (release / "NovinModels" / "Package.swift").is_file()
    assert {step.state for step in build(drafted.path, release).steps} == {"kept"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('family = "motion"', 'family = "delivery"', "must be all files of a model, of the family"),
        ('"watch.npz"', '"watch.npz", "events.jsonl"', "Got .* and files of events for motion"),
        ("[data]", '[data]\nlabels = "labels.csv"', "must be of rows with a home and a time"),
        ("gates = {}", 'gates = { rules = "better" }', None),
    ],
)
def test_signals_where_they_cannot_be(tmp_path, deliveries, old, new, said):
    text = (
        '[data]\nfiles = ["watch.npz"]\n[models.m]\nfamily = "motion"\n'
        "parameters = { epochs = 2 }\ngates = {}\n"
    )
    file = declared(tmp_path, deliveries, points(deliveries), text.replace(old, new))
    write_channel_signals(signals(), tmp_path / "watch.npz")
    if said is None:
        (failed,) = build(file, tmp_path / "release").failed
        assert failed.got == "There are no hand-written rules of signals."
        return
    with pytest.raises(BuildError, match=said):
        build(file, tmp_path / "release")


BASELINES = """
[data]
files = ["*.jsonl"]

[models.habits]
family = "behavior"
parameters = { alarms_per_week = 2.0 }
gates = { max_false_alarms_per_week = 20.0 }
"""


@pytest.fixture(scope="module")
def logs():
    events = simulate_behavior(4, weeks=4, unusual_per_month=8.0, random_state=0)
    return events.assign(consent=events["home_id"] != "home_0004")


def test_baselines_of_homes_become_a_release(logs, tmp_path):
    write_events(logs, tmp_path / "log.jsonl")
    (tmp_path / "novin.toml").write_text(BASELINES)
    release = tmp_path / "release"
    result = build(tmp_path / "novin.toml", release)
    assert result.released, result.failed
    gates = {gate.gate: gate for gate in result.gates}
    assert gates["rows on both sides of the split"].got == "0"
    assert gates["rows without consent in training"].got == "0"
    assert "upper bound" in gates["false alarms per home and week"].got
    fleet = load_fleet(release / "habits")
    assert sorted(fleet) == ["home_0001", "home_0002", "home_0003"]
    facts = read_release(release)["models"]["habits"]
    assert facts["training"]["homes"] == facts["metrics"]["n_homes"] == 3
    assert facts["metrics"]["homes_without_baseline"] == 1
    assert 0 <= facts["metrics"]["incidents_found"] <= facts["metrics"]["incidents"]
    # What came last was not trained on.
    home = logs[logs["home_id"] == "home_0001"]
    first, last = home["timestamp"].min(), home["timestamp"].max()
    is_test = home["timestamp"] > last - 0.2 * (last - first)
    assert fleet["home_0001"][0].count_remembered(home) == (~is_test).sum()
    assert {step.state for step in build(tmp_path / "novin.toml", release).steps} == {"kept"}
    again = build(tmp_path / "novin.toml", tmp_path / "again")
    assert again.sha256 == result.sha256


def test_init_declares_the_baselines_of_a_log_with_incidents(logs, tmp_path):
    write_events(logs, tmp_path / "log.jsonl")
    drafted = draft_declaration(tmp_path / "log.jsonl", tmp_path / "novin.toml")
    assert {name: model.family for name, model in drafted.models.items()} == {
        "behavior": "behavior"
    }
    assert drafted.package is None
    assert drafted.models["behavior"].parameters == {"alarms_per_week": 1.0}


def test_a_home_that_is_gone_or_withdrew_is_gone_from_the_release(logs, tmp_path):
    write_events(logs, tmp_path / "log.jsonl")
    (tmp_path / "novin.toml").write_text(BASELINES)
    build(tmp_path / "novin.toml", tmp_path / "release")
    left = logs[logs["home_id"] != "home_0001"]
    left = left.assign(consent=left["home_id"] == "home_0003")
    write_events(left, tmp_path / "log.jsonl")
    text = BASELINES.replace("= 20.0", "= 0.01").replace("[data]", "[data]\n")
    (tmp_path / "novin.toml").write_text(text)
    result = build(tmp_path / "novin.toml", tmp_path / "release")
    assert list(load_fleet(tmp_path / "release" / "habits")) == ["home_0003"]
    (failed,) = result.failed
    assert failed.gate == "false alarms per home and week"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("parameters", "coverage = 0.9\nparameters", "Got coverage, which is of classifiers"),
        ("max_false_alarms_per_week", "min_accuracy", "Got gates.min_accuracy"),
        ("[models", "[package]\n[models", "must come with a model that is exported"),
        ("alarms_per_week = 2.0 }\n", "alarms_per_week = -2.0 }\n", "alarms_per_week"),
        ("{ alarms_per_week = 2.0", "{ alarm_per_week = 2.0", "Did you mean 'alarms_per_week'"),
    ],
)
def test_a_wrong_declaration_of_baselines_is_one_sentence(logs, tmp_path, old, new, said):
    write_events(logs, tmp_path / "log.jsonl")
    text = BASELINES.replace("20.0", "1.0").replace(old, new, 1)
    (tmp_path / "novin.toml").write_text(text)
    with pytest.raises(BuildError, match=said):
        build(tmp_path / "novin.toml", tmp_path / "release")
