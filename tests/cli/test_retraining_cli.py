"""retrain, answers and forget on the command line: tables, JSON and exit codes."""

import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmarks._changing_homes import ChangingHomes
from novin_ml.cli.app import app
from novin_ml.evaluation import rows_of_new_homes
from novin_ml.events import read_events, write_events
from novin_ml.lifecycle import load_estimator

runner = CliRunner()
HOMES = ChangingHomes(40)


def run(*args, code=0):
    result = runner.invoke(app, [*map(str, args)])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A folder with a version that is served."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "events").mkdir()
    for number in range(1, 5):
        write_events(HOMES.week(number), folder / "events" / f"{number}.jsonl")
    names = sorted(HOMES.week(1)["home_id"].unique())[:8]
    (folder / "novin.toml").write_text(
        f'[data]\nfiles = ["events"]\nanswers = "answers.csv"\n[data.frozen]\nhomes = {names}\n'
        '[split]\ntest = 0.3\ntune = 0.1\n[models.door]\nfamily = "delivery"\n'
        'parameters = { epochs = 12 }\n[registry]\nfolder = "registry"\nname = "novin"\n'
    )
    told = run("retrain", folder / "novin.toml", "--out", folder / "challenger")
    assert "door: train: done in" in told
    assert "promoted: version 1: first version" in told
    return folder


@pytest.fixture
def copy(served, tmp_path):
    shutil.copytree(served, tmp_path / "copy")
    return tmp_path / "copy"


def retrain(folder, *args, code=0):
    return run("retrain", folder / "novin.toml", "--out", folder / "challenger", *args, code=code)


def test_what_is_kept_or_promoted_is_told_with_its_exit_code(copy):
    told = retrain(copy)
    assert "kept: version 1 is served: nothing new" in told
    for number in range(8, 12):
        write_events(HOMES.week(number), copy / "events" / f"{number:02d}.jsonl")
    planned = retrain(copy, "--dry-run")
    assert "dry run: nothing was built, promoted or written" in planned
    assert "no longer counts" in planned
    told = retrain(copy)
    assert "promoted: version 2 instead of 1: not worse, and the old set no longer counts" in told
    assert "Challenger against the served version, points of accuracy" in told
    document = json.loads(retrain(copy, "--json"))
    assert (document["decision"], document["served"]) == ("kept", 2)


def test_changed_labels_and_failed_gates_need_somebody(copy):
    week = HOMES.week(5)
    other = {"delivery": "no_delivery", "no_delivery": "delivery"}
    wrong = week.assign(label=week["label"].map(other, na_action="ignore"))
    write_events(wrong, copy / "events" / "5.jsonl")
    told = retrain(copy, code=1)
    assert "Failed: the challenger is not promoted: labels changed: door: The labels of" in told
    assert "They are left out." in told
    document = json.loads(retrain(copy, "--json", code=1).partition("Failed:")[0])
    assert document["reason"] == "labels changed"
    assert document["models"][0]["left_out"] == ["2025-01-27"]
    write_events(week, copy / "events" / "5.jsonl")
    with (copy / "novin.toml").open("a") as file:
        file.write("[models.door.gates]\nmin_accuracy = 1.0\n")
    assert "Failed: the challenger is not promoted: gates failed" in retrain(copy, code=1)
    (copy / "novin.toml").write_text("[data")
    assert "must be a TOML file in UTF-8" in retrain(copy, code=2)


def test_answers_are_added_or_refused(copy):
    rows = HOMES.week(1)
    rows = rows[rows["label"].notna()].head(20)
    table = pd.DataFrame({"home_id": rows["home_id"], "timestamp": rows["timestamp"]})
    table = table.assign(label="delivery", answer="nothing")
    table.to_csv(copy / "new.csv", index=False)
    args = ["answers", copy / "new.csv", "--build", copy / "novin.toml"]
    told = run(*args)
    n_contradicted = int((rows["label"] == "delivery").sum())
    assert f"20 new and 0 changed of 20 answers in {copy / 'answers.csv'}" in told
    assert f"an annotator said something else than {n_contradicted} answer" in told
    told = run(*args, "--json")
    document = json.loads(told[told.index("{") :])
    assert (document["new"], document["all"]) == (0, 20)
    assert document["models"]["door"]["agreeing"] == 20 - n_contradicted
    table.assign(home_id="nobody").to_csv(copy / "new.csv", index=False)
    assert "Got 'nobody' at" in run(*args, code=2)


def test_a_home_is_forgotten_and_the_registry_tells(copy):
    record = copy / "forgotten.json"
    week = HOMES.week(1)
    model = load_estimator(copy / "challenger" / "door")
    home = min(week["home_id"][~rows_of_new_homes(model, week)])
    planned = run("forget", home, copy, "--record", record, "--dry-run")
    assert "Would be removed" in planned
    assert not record.exists()
    told = run("forget", home, copy, "--record", record)
    assert "removed " in told
    for path in (copy / "events").glob("*"):
        assert home not in set(read_events(path)["home_id"])
    listed = run("registry", "list", copy / "registry")
    shown = run("registry", "show", copy / "registry", "novin")
    assert "which is served, was trained with it" in " ".join(told.split())
    assert "version 1, which is served, was trained with 1 home that withdrew" in listed
    assert "consent or was forgotten since" in listed
    assert "trained with 1 home that withdrew consent or was forgotten since" in shown
    assert json.loads(run("registry", "list", copy / "registry", "--json"))["models"]["novin"][
        "removed_homes"
    ] == {"1": 1}
    told = run("forget", "nobody", copy, "--record", record, code=1)
    assert "Failed: nothing is of the home nobody in" in told
    assert "must be a folder" in run("forget", home, copy / "absent", code=2)
