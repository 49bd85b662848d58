"""Logs of real homes: the layout on disk, and what the command prints."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.tree import DecisionTreeClassifier

from benchmarks.real_homes import __main__ as command
from benchmarks.real_homes import answer_before, chains, incidents, vocabularies
from benchmarks.real_homes._layout import DAY, IDLE, activity_at, local_days, read_homes

MONDAY = 1_699_833_600.0  # 13 November 2023, 00:00 UTC


@pytest.fixture
def folder(tmp_path):
    """Return a folder with one home: the kettle is breakfast at 7 and supper at 19."""
    home = tmp_path / "flat"
    home.mkdir()
    events, labels = [], ["start,end,activity"]
    for start in MONDAY + DAY * np.arange(15):
        for hour, sensor, activity in [
            (7, "kettle", "breakfast"), (12, "door", None), (19, "kettle", "supper"),
            (22, "bed", "sleep"),
        ]:  # fmt: skip
            moment = float(start + 3600 * hour)
            events.append(
                {"type": sensor, "timestamp": moment, "metadata": {"location": "kitchen"}}
            )
            if activity:
                # The time of an end is local: of Madrid, an hour ahead.
                end = pd.Timestamp(moment + 4200, unit="s").isoformat()
                labels.append(f"{moment},{end},{activity}")
    home.joinpath("events.jsonl").write_text("\n".join(map(json.dumps, events)))
    home.joinpath("labels.csv").write_text("\n".join(labels))
    return tmp_path


def test_the_layout_gives_local_days_and_activities(folder):
    (home,) = read_homes(folder, "Europe/Madrid")
    assert (home.name, len(home.events), len(home.activities)) == ("flat", 60, 45)
    np.testing.assert_array_equal(home.activities["end"] - home.activities["start"], 600)
    rows = chains.rows_of(home)
    assert len(rows.sensors) == 3
    assert rows.y[:4].tolist() == ["breakfast", IDLE, "supper", "sleep"]
    late = np.array([MONDAY + 82_799, MONDAY + 82_800])  # midnight in Madrid is 23:00 UTC
    assert np.diff(local_days(late, np.array([3600.0, 3600.0]))).tolist() == [1]
    # Each fold has the four chains of three whole days.
    assert np.bincount(rows.fold).tolist() == [12] * 5
    days = (rows.chains["start"].to_numpy() - MONDAY) // DAY
    assert all(len(np.unique(rows.fold[days == day])) == 1 for day in range(15))


def test_the_latest_begun_activity_counts_up_to_its_end():
    activities = pd.DataFrame(
        {"start": [0.0, 10.0], "end": [100.0, 20.0], "activity": ["rest", "tea"]}
    )
    times = np.array([-1.0, 0.0, 9.9, 10.0, 20.0, 20.1, 100.0, 100.1])
    assert activity_at(times, activities).tolist() == [
        IDLE, "rest", "rest", "tea", "tea", "rest", "rest", IDLE,
    ]  # fmt: skip


def test_a_folder_without_homes_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must have a folder with events.jsonl for each"):
        read_homes(tmp_path)


def test_the_command_prints_models_and_peers(folder, tmp_path, monkeypatch, capsys):
    few_trees = clone(chains.FOREST).set_params(epochs=7)
    monkeypatch.setitem(chains.TRIED, "forest, sensors and memory", few_trees)
    figures = tmp_path / "figures.json"
    monkeypatch.setattr(
        sys, "argv", ["real_homes", "chains", "--data", str(folder), "--json", str(figures)]
    )
    command.main()
    found = json.loads(figures.read_text())["chains"]["flat"]
    assert found["always the commonest"] == [25, 25]
    # Held-out days are like the others: the hour tells breakfast from supper.
    assert found["logistic regression, bag of sensors"] == [100, 100]
    assert found["random forest, bag of sensors"] == [100, 100]
    for note in ("", ", divided by the prior", ", divided and smoothed"):
        assert found[f"boosting, sensors and memory{note}"] == [100, 100]
    printed = capsys.readouterr().out
    assert all(model in printed for model in found)
    monkeypatch.setattr(sys, "argv", ["real_homes", "unheard_of"])
    with pytest.raises(SystemExit):
        command.main()
    assert "must be one of chains" in capsys.readouterr().err


def test_one_setting_is_chosen_for_all_homes_on_the_days_of_the_other_folds():
    weak, strong = (0.0, 0.0), (1.0, 0.5)
    judged = [{weak: 10.0, strong: 12.0}, {weak: 15.0, strong: 11.0}]
    trials = [
        chains.Trial(None, {}, {(fold, key): home[key] for fold in range(5) for key in home})
        for home in judged
    ]
    assert set(chains.one_setting(trials, [weak, strong]).values()) == {weak}
    assert set(chains.one_setting(trials[:1], [weak, strong]).values()) == {strong}


def test_answers_before_are_those_of_the_same_run():
    mask = np.array([True, True, False, True, True])
    answers = np.arange(8.0).reshape(4, 2)
    np.testing.assert_array_equal(
        answer_before.before(answers, mask),
        [[np.nan, np.nan], [0, 1], [np.nan, np.nan], [4, 5]],
    )


def test_rows_are_answered_after_the_answers_before_them():
    rng = np.random.default_rng(0)
    X, mask = rng.normal(size=(40, 2)).astype(np.float32), np.arange(40) % 9 > 1
    taught = np.hstack([X, rng.random((40, 2))])
    model = DecisionTreeClassifier(min_samples_leaf=3, random_state=0)
    model.fit(taught, np.where(taught[:, 0] + taught[:, 2] > 0.5, "a", "b"))
    own = np.full(2, np.nan)
    expected = []
    for row, (is_asked, features) in enumerate(zip(mask, X, strict=True)):
        if is_asked:
            known = own if row and mask[row - 1] else np.full(2, np.nan)
            own = model.predict_proba(np.hstack([features, known])[np.newaxis])[0]
            expected.append(model.classes_[own.argmax()])
    assert answer_before.answer_after(model, X, mask).tolist() == expected


def test_ordonez_and_home_a_are_read(shared_data):
    homes = {home.name: home for home in read_homes(shared_data)}
    assert len(homes["home_a"].events) == 994
    assert homes["home_a"].activities is None
    for name, n_chains, n_activities in [("ordonez A", 273, 245), ("ordonez B", 1373, 493)]:
        rows = chains.rows_of(homes[name])
        assert (len(rows.chains), len(rows.sensors)) == (n_chains, 12)
        assert len(homes[name].activities) == n_activities
        counts = chains.bag_of_sensors(rows)[:, :12]
        np.testing.assert_array_equal(counts.sum(axis=1), rows.chains.lengths)


def test_vocabularies_are_compared_on_the_same_rows(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vocabularies, "SIMULATED_CHAINS", 60)
    monkeypatch.setattr(vocabularies, "SEEDS", 2)
    monkeypatch.setattr(vocabularies, "MODELS", {"tree": (DecisionTreeClassifier(), True)})
    figures = tmp_path / "figures.json"
    arguments = ["real_homes", "vocabularies", "--data", str(folder), "--json", str(figures)]
    monkeypatch.setattr(sys, "argv", arguments)
    command.main()
    found = json.loads(figures.read_text())["vocabularies"]
    assert list(found) == ["tree, sdk", "tree, home"]
    said = capsys.readouterr().out
    # The SDK knows the door of kettle, door and bed; the other knows that a bed is a presence.
    assert "75 / 0" in said
    assert "mean F1 over 2 seeds" in said


def test_incidents_are_found_by_rank_and_by_proof(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(incidents, "_WEEKS", 8)
    monkeypatch.setattr(incidents, "_TRAINING_WEEKS", 5)
    monkeypatch.setattr(incidents, "_PER_MONTH", 30.0)
    figures = tmp_path / "figures.json"
    arguments = ["real_homes", "incidents", "--data", str(folder), "--json", str(figures)]
    monkeypatch.setattr(sys, "argv", [*arguments, "--homes", "1"])
    command.main()
    found = json.loads(figures.read_text())["incidents"]
    assert list(found) == ["the forest", "HomeMonitor"]
    kinds = {name: {kind: len(each) for kind, each in of.items()} for name, of in found.items()}
    assert kinds["the forest"] == kinds["HomeMonitor"]  # the same incidents
    for of_method in found.values():
        n_all = len(of_method.pop("all"))
        assert n_all == sum(map(len, of_method.values())) > 5
    assert "night prowl" in capsys.readouterr().out


def test_incidents_above_the_rank_are_found():
    hours = pd.DataFrame({"timestamp": np.arange(15) * 604_800.0 / 7, "home_id": "a"})
    scores = np.arange(15.0)  # two weeks: two may be alarms, so the threshold is the third highest
    planted = pd.DataFrame(
        {
            "home_id": "a",
            "timestamp": [0.0, 60.0, 20_000.0, 40_000.0],
            "label": ["unusual", "unusual", "usual", "unusual"],
            "circumstance": ["night prowl", "night prowl", "routine", "back window"],
        }
    )
    given = incidents._Scores(scores, np.array([1.0, 12.5, 20.0, 12.0]), np.array([0, 0, 1, 1]) > 0)
    assert [*incidents._incidents(given, hours, planted)] == [
        ("night prowl", (True, False)),
        ("back window", (False, True)),
    ]
