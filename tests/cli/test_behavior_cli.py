"""The commands for the behavior baseline of homes."""

import json

import pandas as pd
import pytest

from novin_ml.estimators import make_behavior_pipeline
from novin_ml.events import read_events, write_events
from novin_ml.lifecycle import load_estimator, load_fleet, save_estimator
from tests.cli.test_cli import run, run_ok


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Two simulated homes, and the baseline of one of them."""
    folder = tmp_path_factory.mktemp("behavior")
    run_ok(
        *("generate", "behavior", "--homes", 2, "--weeks", 5, "--seed", 2),
        *("--out", folder / "homes.jsonl", "-q"),
    )
    events = read_events(folder / "homes.jsonl").assign(consent=True)
    write_events(events, folder / "homes.jsonl")
    first = events["home_id"] == events["home_id"].min()
    write_events(events[first], folder / "home.jsonl")
    run_ok("train", "behavior", folder / "home.jsonl", "--out", folder / "model", "-q")
    return folder


def test_training_says_what_it_promises(work, tmp_path):
    arguments = ("train", "behavior", work / "home.jsonl", "--out", tmp_path / "model")
    document = json.loads(run_ok(*arguments, "--json").stdout)
    assert document["state"] == "ready"
    assert document["alarm_bound"] <= document["alarms_per_week"] == 1.0
    unproven = run_ok(*arguments, "--alarms-per-week", 0.1).stdout
    assert "until it has seen 210 days" in " ".join(unproven.split())


def test_two_homes_need_a_column(work, tmp_path):
    arguments = ("train", "behavior", work / "homes.jsonl", "--out", tmp_path / "homes")
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert "--by home_id" in refused.stderr
    document = json.loads(run_ok(*arguments, "--by", "home_id", "--json").stdout)
    assert len(document["fleet"]["fitted"]) == 2
    fleet = load_fleet(tmp_path / "homes")
    assert len(fleet) == 2
    wrong = run(*arguments, "--by", "house")
    assert wrong.exit_code == 2
    assert "'house'" in wrong.stderr


def test_a_home_without_consent_is_refused(work, tmp_path):
    events = read_events(work / "home.jsonl").assign(consent=False)
    write_events(events, tmp_path / "home.jsonl")
    refused = run("train", "behavior", tmp_path / "home.jsonl", "--out", tmp_path / "model")
    assert refused.exit_code == 2
    assert "Ask for consent" in refused.stderr


def test_scores_are_those_of_the_baseline(work, tmp_path):
    result = run_ok(
        *("score", work / "model", work / "home.jsonl"),
        *("--out", tmp_path / "scores.csv", "--json"),
    )
    table = pd.read_csv(tmp_path / "scores.csv")
    model = load_estimator(work / "model")
    expected = model.score_samples(read_events(work / "home.jsonl"))
    assert (abs(table["anomaly_score"] + expected) < 1e-12).all()
    assert (table["threshold"] == -model[-1].offset_).all()
    assert (table["alarm"] == (expected < model[-1].offset_)).all()
    assert json.loads(result.stdout)["alarms"]["n_alarms"] <= table["alarm"].sum()


def test_explain_names_reasons_of_the_most_unusual(work):
    arguments = ("explain", work / "model", work / "home.jsonl", "--events", 2, "--features", 3)
    found = json.loads(run_ok(*arguments, "--json").stdout)["events"]
    assert len(found) == 2
    assert 1 > found[0]["anomaly_score"] >= found[1]["anomaly_score"] > 0
    reasons = found[0]["reasons"]
    assert len(reasons) == 3
    assert reasons[0]["contribution"] >= reasons[1]["contribution"] > 0
    assert reasons[0]["name"] in run_ok(*arguments).stdout


def test_export_and_verify(work, tmp_path):
    run_ok("export", work / "model", "--out", tmp_path / "behavior.mlmodel")
    document = json.loads(
        run_ok(
            "verify", tmp_path / "behavior.mlmodel", "--data", work / "home.jsonl", "--json"
        ).stdout
    )
    assert document["passed"] is True
    assert document["certificate"]["checks"]["data"]["rows"] > 1000


def test_evaluate_refuses_a_baseline(work):
    refused = run("evaluate", work / "model", work / "home.jsonl")
    assert refused.exit_code == 2
    assert "novin-ml score" in refused.stderr


def test_features_are_a_table(work, tmp_path):
    run_ok("features", "behavior", work / "home.jsonl", "--out", tmp_path / "f.csv")
    table = pd.read_csv(tmp_path / "f.csv")
    assert {"home_id", "timestamp", "label", "order_surprise"} <= set(table.columns)
    assert table.notna().all(axis=None)


@pytest.fixture(scope="module")
def fleet(work):
    """Baselines of both homes, and their names."""
    run_ok("train", "behavior", work / "homes.jsonl", "--by", "home_id", "--out", work / "fleet")
    return work / "fleet", sorted(load_fleet(work / "fleet"))


def refused(*arguments, code=2):
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.stderr
    return " ".join(result.stderr.split())


@pytest.mark.parametrize("by", [(), ("--by", "home_id")])
def test_events_that_name_no_home_train_nothing(by, work, tmp_path):
    events = read_events(work / "home.jsonl").assign(home_id="unknown_home")
    write_events(events, tmp_path / "home.csv")
    message = refused("train", "behavior", tmp_path / "home.csv", "--out", tmp_path / "model", *by)
    assert "name their home in 'home_id'" in message
    if by:
        assert f"{len(events):,} without home" in message
    else:
        assert not (tmp_path / "model").exists()


def test_homes_that_fail_are_a_gate(work, tmp_path):
    events = read_events(work / "homes.jsonl")
    first, second = events["home_id"].unique()
    few = events[(events["home_id"] == first) | (events.index == events.index.max())]
    last = events[events["home_id"] == second].head(1)
    write_events(pd.concat([few[few["home_id"] == first], last]), tmp_path / "homes.jsonl")
    arguments = ("train", "behavior", tmp_path / "homes.jsonl", "--by", "home_id")
    message = refused(*arguments, "--out", tmp_path / "fleet", code=1)
    assert f"1 home could not be fitted: {second!r}" in message
    assert list(load_fleet(tmp_path / "fleet")) == [first]


@pytest.mark.parametrize("value", [0, "nan", "inf", -1])
def test_a_budget_must_be_above_zero(value, tmp_path):
    arguments = ("train", "behavior", tmp_path / "none.jsonl", "--out", tmp_path / "model")
    assert "--alarms-per-week" in refused(*arguments, "--alarms-per-week", value)
    assert "--confidence" in refused(*arguments, "--confidence", 1)


def test_events_of_other_homes_are_refused(work, tmp_path):
    model, homes = work / "model", work / "homes.jsonl"
    other = read_events(homes)["home_id"].max()
    for arguments in [
        ("score", model, homes, "--out", tmp_path / "scores.csv"),
        ("explain", model, homes),
        ("threshold", model, homes),
    ]:
        message = refused(*arguments)
        assert f"Got events of {other!r}" in message
    assert not (tmp_path / "scores.csv").exists()
    found = json.loads(run_ok("explain", model, homes, "--home", "home_0001", "--json").stdout)[
        "events"
    ]
    alone = json.loads(run_ok("explain", model, work / "home.jsonl", "--json").stdout)["events"]
    assert [each["anomaly_score"] for each in found] == [each["anomaly_score"] for each in alone]
    # Rows are those of the file, whichever home they are of.
    events = read_events(homes)
    assert [events["timestamp"].iloc[each["row"]] for each in found] == [
        each["timestamp"] for each in alone
    ]
    row = found[0]["row"]
    again = run_ok("explain", model, homes, "--home", "home_0001", "--row", row, "--json").stdout
    assert json.loads(again)["events"][0] == found[0]
    foreign = int(events.index[events["home_id"] == other][0])
    assert "one of the home's" in refused(
        "explain", model, homes, "--home", "home_0001", "--row", foreign
    )


def test_a_fleet_scores_each_home_by_its_baseline(work, fleet, tmp_path):
    folder, names = fleet
    document = json.loads(
        run_ok("score", folder, work / "homes.jsonl", "--out", tmp_path / "s.csv", "--json").stdout
    )
    assert document["homes"] == 2
    table, events = pd.read_csv(tmp_path / "s.csv"), read_events(work / "homes.jsonl")
    for name in names:
        log = events[events["home_id"] == name]
        expected = load_fleet(folder)[name].score_samples(log)
        assert (abs(table["anomaly_score"][table["home_id"] == name] + expected) < 1e-12).all()
    # They were trained on these events, which is said, and refused on request.
    told = document["training_data"]
    assert told["flatters"]
    assert told["n_rows_seen"] == told["n_rows"] == len(events)
    message = refused(
        "score", folder, work / "homes.jsonl", "--out", tmp_path / "n.csv",
        "--refuse-training-data",
    )  # fmt: skip
    assert f"trained on {len(events):,} of the {len(events):,} rows here" in message
    assert not (tmp_path / "n.csv").exists()
    # A home without a baseline has empty answers; without any there is nothing to score.
    stranger = events["home_id"] == names[1]
    events.loc[stranger, "home_id"] = "stranger"
    write_events(events, tmp_path / "mixed.jsonl")
    run = run_ok("score", folder, tmp_path / "mixed.jsonl", "--out", tmp_path / "m.csv")
    assert "no baseline for 1 home, 'stranger'" in run.stdout
    mixed = pd.read_csv(tmp_path / "m.csv")
    assert (mixed["anomaly_score"].isna() == (mixed["home_id"] == "stranger")).all()
    assert mixed["alarm"].isna().sum() == stranger.sum()
    write_events(events[stranger], tmp_path / "strangers.jsonl")
    message = refused("score", folder, tmp_path / "strangers.jsonl", "--out", tmp_path / "x.csv")
    assert "Got 'stranger'" in message


def test_a_home_of_a_fleet_is_explained_and_exported(work, fleet, tmp_path):
    folder, names = fleet
    out = tmp_path / "behavior.mlmodel"
    for arguments in [("explain", folder, work / "homes.jsonl"), ("export", folder, "--out", out)]:
        assert "--home ID" in refused(*arguments)
        assert "Got 'stranger'" in refused(*arguments, "--home", "stranger")
        run_ok(*arguments, "--home", names[1])
    run_ok("verify", out)
    assert "--home ID" in refused("evaluate", folder, work / "homes.jsonl")


def test_a_budget_is_changed_without_training(work, tmp_path):
    model = load_estimator(work / "model")
    save_estimator(model, tmp_path / "model")
    shown = run_ok("threshold", tmp_path / "model").stdout
    assert "budget 1)" in shown
    assert "saved" not in shown
    document = json.loads(
        run_ok("threshold", tmp_path / "model", "--alarms-per-week", 3, "--json").stdout
    )
    assert document["saved"] is True
    changed = load_estimator(tmp_path / "model")
    model[-1].set_alarms_per_week(3)
    assert changed[-1].offset_ == model[-1].offset_ == -document["threshold"]
    assert changed[-1].alarms_per_week == 3
    text = run_ok(
        "threshold", tmp_path / "model", work / "home.jsonl", "--alarms-per-week", 2
    ).stdout
    assert "budget 2)" in text
    assert "usual weeks" in text
    for option in [("--error-rate", 0.1), ("--false-alarms-per-week", 2)]:
        assert "classifiers" in refused("threshold", tmp_path / "model", *option)
    assert "--alarms-per-week" in refused("threshold", tmp_path / "model", "--alarms-per-week", 0)


def test_a_budget_of_a_fleets_home_is_changed_in_its_file(work, fleet):
    folder, names = fleet
    before = {path.name for path in folder.iterdir()}
    run_ok("threshold", folder, "--home", names[0], "--alarms-per-week", 4)
    after = load_fleet(folder)
    assert [after[name][-1].alarms_per_week for name in names] == [4, 1]
    assert {path.name for path in folder.iterdir()} == before
    (path,) = [path for path in folder.iterdir() if path.name.startswith("home-0001")]
    run_ok("threshold", path, "--alarms-per-week", 1)
    assert load_fleet(folder)[names[0]][-1].alarms_per_week == 1


def test_explain_takes_a_baseline_whose_features_have_no_names(work, tmp_path):
    log = read_events(work / "home.jsonl")
    pipeline = make_behavior_pipeline(n_estimators=10, random_state=0).set_output(
        transform="default"
    )
    pipeline.fit(log, detector__timestamps=log["timestamp"])
    save_estimator(pipeline, tmp_path / "model")
    found = json.loads(run_ok("explain", tmp_path / "model", work / "home.jsonl", "--json").stdout)
    assert len(found["events"]) == 5


def test_no_command_writes_over_what_it_reads(work, tmp_path):
    source = tmp_path / "home.csv"
    write_events(read_events(work / "home.jsonl"), source)
    link = tmp_path / "link.csv"
    link.symlink_to(source)
    before = source.read_bytes()
    for arguments in [
        ("score", work / "model", source, "--out", source),
        ("score", work / "model", source, "--out", link),
        ("score", work / "model", source, "--out", tmp_path / "s.csv", "--rejects", source),
        ("explain", work / "model", source, "--rejects", source),
        ("features", "behavior", source, "--out", source),
        ("features", "delivery", source, "--out", source),
        ("compare", work / "model", "rules", source, "--out", source),
        ("threshold", work / "model", source, "--rejects", source),
    ]:
        assert "must be another file than the input" in refused(*arguments)
        assert source.read_bytes() == before


def test_the_ending_of_a_table_is_checked_before_anything_is_read(tmp_path):
    none, out = tmp_path / "none", tmp_path / "table.txt"
    for arguments in [
        ("score", none, none, "--out", out),
        ("features", "motion", none, "--out", out),
        ("features", "behavior", none, "--out", out),
        ("compare", none, "rules", none, "--out", out),
    ]:
        assert "--out must end in .csv" in refused(*arguments)


def test_the_former_name_of_the_command_still_works(work, tmp_path):
    told = run_ok("train", "anomaly", "--help").stdout
    assert "The former name of train behavior, until 0.3.0." in told
    for name in ("behavior", "anomaly"):
        run_ok(
            *("generate", name, "--weeks", 4, "--seed", 2, "--out", tmp_path / f"{name}.jsonl"),
        )
        run_ok("train", name, work / "home.jsonl", "--out", tmp_path / name)
        run_ok("features", name, work / "home.jsonl", "--out", tmp_path / f"{name}.csv")
    for pattern in ("{}.jsonl", "{}.csv", "{}/manifest.json"):
        former, today = (tmp_path / pattern.format(name) for name in ("anomaly", "behavior"))
        assert former.read_bytes() == today.read_bytes()
