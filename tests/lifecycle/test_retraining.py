"""A release is trained again on what came since, and served if it is better."""

import json
import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks._changing_homes import ChangingHomes
from novin_ml.estimators.families import FAMILIES
from novin_ml.evaluation import rows_of_new_homes
from novin_ml.events import (
    ChannelSignals,
    read_events,
    write_chains,
    write_channel_signals,
    write_events,
)
from novin_ml.exceptions import BuildError, RegistryConflictError
from novin_ml.lifecycle import (
    Registry,
    load_estimator,
    removals,
    removed_homes,
    retrain,
)
from novin_ml.lifecycle.retraining.run import DECISION
from novin_ml.simulation import simulate_chains

HOMES = ChangingHomes(40)
WEEKS = 4
TOML = """
[data]
files = ["events"]
[data.frozen]
homes = {frozen}
[split]
test = 0.3
tune = 0.1
[models.door]
family = "delivery"
parameters = {{ epochs = 12 }}
[registry]
folder = "registry"
name = "novin"
"""


def arrive(folder, table, name="new"):
    write_events(table, folder / "events" / f"{name}.jsonl")


def run(folder, **options):
    return retrain(folder / "novin.toml", folder / "challenger", **options)


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """A first version that is served, beside its novin.toml and its events."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "events").mkdir()
    for number in range(1, WEEKS + 1):
        arrive(folder, HOMES.week(number), f"week_{number:02d}")
    names = sorted(HOMES.week(1)["home_id"].unique())
    (folder / "novin.toml").write_text(TOML.format(frozen=names[:8]))
    return SimpleNamespace(folder=folder, first=run(folder), frozen=names[:8], homes=names)


@pytest.fixture
def copy(served, tmp_path):
    shutil.copytree(served.folder, tmp_path / "copy")
    return tmp_path / "copy"


def numbers(folder):
    registry = Registry(folder / "registry")
    return registry.served("novin").number, len(registry.versions("novin"))


def test_the_first_version_is_served_if_its_gates_pass(served):
    assert (served.first.decision, served.first.reason) == ("promoted", "first version")
    assert numbers(served.folder) == (1, 1)
    facts = Registry(served.folder / "registry").version("novin").facts
    assert facts["retraining"]["reason"] == "first version"
    rows = read_events([*sorted((served.folder / "events").glob("*"))])
    assert facts["models"]["door"]["data"]["until"] == rows["timestamp"].max()


def test_nothing_new_builds_nothing(copy):
    again = run(copy)
    assert (again.decision, again.reason, again.build) == ("kept", "nothing new", None)
    arrive(copy, HOMES.week(5).assign(consent=False))
    again = run(copy)
    assert again.reason == "nothing new"  # rows without consent are none
    assert numbers(copy) == (1, 1)


def test_new_rows_without_labels_build_nothing(copy):
    arrive(copy, HOMES.week(5).assign(label=None))
    assert run(copy).reason == "no fresh labels"


@pytest.fixture(scope="session")
def changed(served, tmp_path_factory):
    """Four weeks of a courier's new habit, and the retraining after these."""
    folder = tmp_path_factory.mktemp("changed") / "copy"
    shutil.copytree(served.folder, folder)
    for number in range(8, 12):
        arrive(folder, HOMES.week(number), f"week_{number:02d}")
    return SimpleNamespace(folder=folder, result=run(folder))


def test_a_habit_that_lasts_is_learnt_and_served(changed, served):
    result = changed.result
    assert (result.decision, result.promoted, result.served) == ("promoted", 2, 1)
    assert result.reason == "not worse, and the old set no longer counts"
    (model,) = result.models
    assert not model.old_set_counts
    assert model.drift.verdict == "drift"
    assert [week.status for week in model.weeks[-4:]] == ["lasting"] * 3 + ["as before"]
    assert model.fresh.verdict == "better"
    assert sum(each.gain > 0 for each in model.gains) >= 2
    assert Registry(changed.folder / "registry").served("novin").parent == 1
    reasons = [each.reason for each in Registry(changed.folder / "registry").promotions("novin")]
    assert reasons == ["first version", result.reason]


def test_no_version_is_trained_on_what_it_is_compared_on(changed, served):
    events = read_events([*sorted((changed.folder / "events").glob("*"))])
    for number in (1, 2):
        folder = Registry(changed.folder / "registry").version("novin", number).path("door")
        new = rows_of_new_homes(load_estimator(folder), events)
        assert new[events["home_id"].isin(served.frozen)].all()
    model = changed.result.models[0]
    unseen = set(events["home_id"][new])  # those to choose thresholds by, too
    assert len(served.frozen) < model.fresh.n_groups < len(unseen)
    assert model.frozen.n_groups == len(served.frozen)


def test_the_decision_is_on_record(changed):
    document = json.loads((changed.folder / "challenger" / DECISION).read_text())
    assert document["reason"] == changed.result.reason
    assert document["models"][0]["fresh"]["verdict"] == "better"
    facts = Registry(changed.folder / "registry").served("novin").facts["retraining"]
    assert facts["compared_with"] == 1
    assert facts["sentence"] in changed.result.sentence


def poisoned(number):
    """Return a week whose labels are all wrong."""
    week = HOMES.week(number)
    other = {"delivery": "no_delivery", "no_delivery": "delivery"}
    return week.assign(label=week["label"].map(other, na_action="ignore"))


def test_a_week_of_wrong_labels_is_not_learnt(copy):
    arrive(copy, poisoned(5), "week_05")
    result = run(copy)
    assert (result.decision, result.reason, result.build) == ("kept", "labels changed", None)
    assert result.needs_somebody
    assert (
        "The labels of the week of 2025-01-27 agree with the served version in" in result.sentence
    )
    # The week after it is as before: the wrong one is in no training and in no comparison.
    arrive(copy, HOMES.week(6), "week_06")
    result = run(copy)
    (model,) = result.models
    assert model.left_out == ("2025-01-27",)
    assert {each.monday for each in model.gains} == {"2025-02-03"}
    facts = json.loads((copy / "challenger" / "door.data.json").read_text())
    assert facts["weeks_left_out"] == ["2025-01-27"]
    rows = read_events([*sorted((copy / "events").glob("*"))])
    trained = json.loads((copy / "challenger" / "door.training.json").read_text())["rows"]
    is_wrong = (rows["timestamp"] >= 1737936000) & (rows["timestamp"] < 1737936000 + 7 * 86400)
    model = load_estimator(copy / "challenger" / "door")
    usable = ~rows_of_new_homes(model, rows) & rows["label"].notna().to_numpy()
    assert trained == int((usable & ~is_wrong).sum()) < int(usable.sum())


def test_after_a_drift_two_weeks_of_gain_without_a_range_promote_nothing(tmp_path, served):
    (tmp_path / "events").mkdir()
    (tmp_path / "novin.toml").write_text(TOML.format(frozen=served.frozen))
    arrive(tmp_path, HOMES.week(1), "week_01")
    run(tmp_path)
    for number in (8, 9):
        arrive(tmp_path, HOMES.week(number), f"week_{number:02d}")
    result = run(tmp_path)
    (model,) = result.models
    assert not model.old_set_counts
    assert [each.gain > 0 for each in model.gains] == [True, True]
    assert (result.decision, result.reason) == ("kept", "labels changed")
    assert "Fewer than 3 weeks before the newest one have labels" in result.sentence
    assert not result.needs_somebody
    assert numbers(tmp_path) == (1, 1)


def test_no_better_challenger_is_kept_beside(copy):
    arrive(copy, HOMES.week(5), "week_05")
    result = run(copy)
    assert (result.decision, result.reason) == ("kept", "not better")
    assert not result.needs_somebody
    assert numbers(copy) == (1, 1)
    assert (copy / "challenger" / "door.mlmodel").is_file()
    assert json.loads((copy / "challenger" / DECISION).read_text())["decision"] == "kept"


def test_a_gate_that_fails_keeps_the_served_version(copy):
    arrive(copy, HOMES.week(5), "week_05")
    with (copy / "novin.toml").open("a") as file:
        file.write("[models.door.gates]\nmin_accuracy = 1.0\n")
    result = run(copy)
    assert (result.reason, result.needs_somebody) == ("gates failed", True)
    assert "door: accuracy: wanted 100.00% or more" in result.sentence
    assert numbers(copy) == (1, 1)


def test_the_rule_takes_the_place_of_the_gate_against_the_released_version(copy):
    arrive(copy, HOMES.week(5), "week_05")
    with (copy / "novin.toml").open("a") as file:
        file.write('[models.door.gates]\nreleased = "better"\n')
    result = run(copy)
    assert result.reason == "not better"
    assert result.build.released


def test_a_dry_run_writes_nothing(copy):
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    week = HOMES.week(5)
    arrive(copy, week, "week_05")
    result = run(copy, dry_run=True)
    assert (result.decision, result.reason) == ("planned", "dry run")
    assert "Would build a challenger" in result.sentence
    assert result.models[0].n_new_rows == len(week)
    after = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.suffix != ".jsonl"}
    assert {path: before[path] for path in after if path.name != "events"} == {
        path: stamp for path, stamp in after.items() if path.name != "events"
    }


def test_a_withdrawn_consent_leaves_the_training_and_the_registry_says_what_had_it(copy):
    first = load_estimator(Registry(copy / "registry").version("novin").path("door"))
    week = HOMES.week(5)
    home = sorted(set(week["home_id"][~rows_of_new_homes(first, week)]))[0]
    # Its earlier rows still say yes.
    arrive(copy, week.assign(consent=week["home_id"] != home), "week_05")
    result = run(copy)
    assert result.n_withdrawn == 1
    assert result.trained_with == {1: 1}
    assert "The served version 1 was still trained with 1 of them." in result.sentence
    challenger = load_estimator(copy / "challenger" / "door")
    assert rows_of_new_homes(challenger, week[week["home_id"] == home]).all()
    assert not rows_of_new_homes(first, week[week["home_id"] == home]).any()
    registry = Registry(copy / "registry")
    (removal,) = removals(registry, "novin")
    assert removal.kind == "withdrawn"
    text = (copy / "registry/models/novin/removals/000001/removal.json").read_text()
    assert home not in text
    assert removed_homes(registry, "novin") == {1: 1}
    run(copy)
    assert len(removals(registry, "novin")) == 1  # once
    # A home that never consented withdrew nothing.
    assert not result.models[0].drift.n_without_consent[1]


def test_another_writer_who_promotes_first_wins(changed, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(changed.folder, folder)
    registry = Registry(folder / "registry")
    registry.rollback("novin")

    def step(title):
        if title == "promoting":
            registry.promote("novin", 2, reason="by hand")
        return nullcontext()

    with pytest.raises(RegistryConflictError, match=r"must still serve version 1\. Got version 2"):
        run(folder, step=step)
    assert registry.served("novin").number == 2
    assert registry.promotions("novin")[-1].reason == "by hand"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[registry]", "[package]", r"novin\.toml: \[package\] must have keys of name"),
        (
            "[data.frozen]\nhomes",
            "[data.frozen]\n# homes",
            "data.frozen.homes must name homes that",
        ),
        ('family = "delivery"', 'family = "motion"', "must be that of the served version 1, del"),
    ],
)
def test_a_wrong_declaration_is_one_sentence(copy, old, new, said):
    file = copy / "novin.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    arrive(copy, HOMES.week(5))
    with pytest.raises(BuildError, match=said) as error:
        run(copy)
    assert str(error.value).count("Got ") == 1
    assert numbers(copy) == (1, 1)


def test_what_was_trained_on_must_still_be_there(copy):
    shutil.rmtree(copy / "events")
    (copy / "events").mkdir()
    arrive(copy, HOMES.week(5), "week_05")
    with pytest.raises(BuildError, match="must still have rows of homes that version 1 was"):
        run(copy)


def test_a_registry_must_be_declared(copy):
    file = copy / "novin.toml"
    file.write_text(file.read_text().partition("[registry]")[0])
    with pytest.raises(BuildError, match=r"must have a section \[registry\]"):
        run(copy)


def test_a_version_of_an_earlier_release_tells_no_end_of_its_data(copy):
    other = Registry(copy / "other")
    other.add("novin", copy / "challenger", facts={"models": {"door": {"data": {}}}})
    other.promote("novin", 1)
    file = copy / "novin.toml"
    file.write_text(file.read_text().replace('folder = "registry"', 'folder = "other"'))
    with pytest.raises(BuildError, match="must tell until when its data reach"):
        run(copy)


def test_chains_are_retrained_too(tmp_path):
    chains = simulate_chains(1500, n_homes=24, random_state=0)
    start = chains["start"].to_numpy()
    late = start > np.quantile(start, 0.8)
    write_chains(chains[~late], tmp_path / "early.jsonl")
    names = sorted(chains["home_id"].unique())[:6]
    text = TOML.format(frozen=names).replace('"events"', '"early.jsonl"')
    file = tmp_path / "novin.toml"
    file.write_text(text.replace('"delivery"', '"chains"'))
    assert run(tmp_path).reason == "first version"
    write_chains(chains[late], tmp_path / "late.jsonl")
    file.write_text(file.read_text().replace('"early.jsonl"', '"early.jsonl", "late.jsonl"'))
    result = run(tmp_path)
    assert result.models[0].n_new_rows == int((late & chains["consent"].to_numpy()).sum())
    assert result.models[0].drift.features[0].group == "features"
    assert result.reason in ("not better", "better", "not worse, and the old set no longer counts")
    assert FAMILIES["chains"].rows.name == "chains"


def test_baselines_of_homes_come_along_and_decide_nothing(copy):
    with (copy / "novin.toml").open("a") as file:
        file.write('[models.usual]\nfamily = "behavior"\nparameters = { n_estimators = 5 }\n')
    assert run(copy).reason == "nothing new"
    arrive(copy, HOMES.week(5), "week_05")
    result = run(copy)
    assert result.reason == "not better"
    assert result.build.released
    assert [each.name for each in result.models if each.verdict] == ["door"]


def test_signals_tell_nothing_new(copy):
    names = sorted(HOMES.week(1)["home_id"].unique())[:16]
    signals = ChannelSignals.from_arrays(
        np.ones((16, 3, 20), dtype=np.float32), home_id=names,
        label=["pet", "person"] * 8, consent=[True] * 16,
    )  # fmt: skip
    write_channel_signals(signals, copy / "watch.npz")
    with (copy / "novin.toml").open("a") as file:
        file.write('[models.watch]\nfamily = "motion"\nfiles = ["watch.npz"]\n')
    with pytest.raises(BuildError, match="watch must have rows with times, to tell what is new"):
        run(copy)


def test_weeks_that_are_declared_wrong_are_not_used(copy):
    file = copy / "novin.toml"
    text = file.read_text()
    file.write_text(text.replace("[data]", '[data]\nweeks_left_out = ["2025-01-07"]'))
    with pytest.raises(BuildError, match="must be a list of dates of Mondays, such as 2026-05-11"):
        run(copy)


def test_the_homes_of_the_simulation_change_in_their_weeks():
    weeks = [HOMES.week(number) for number in (7, 8, 20, 21)]
    parcels = [each[each["clean_label"] == "delivery"] for each in weeks]
    back = [each["zone"].isin(["backyard", "deck", "side_yard", "back_door"]) for each in parcels]
    assert back[0].mean() < 0.2 < 0.5 < back[1].mean()
    wrong = [(each["label"] != each["clean_label"])[each["label"].notna()] for each in weeks]
    assert wrong[2].mean() > 0.95
    assert max(wrong[place].mean() for place in (0, 1, 3)) < 0.05
    rung = [each.loc[each["kind"] == "doorbell", "home_id"].nunique() for each in weeks]
    assert rung[2] < 0.8 * rung[1]
    quiet = ChangingHomes(40, changes=False).week(20)
    assert set(quiet.loc[quiet["label"].notna(), "duration"] % 4) != {0.0}
