"""The commands for the monitor of homes: three kinds of alarms."""

import json

import pandas as pd
import pytest

from novin_ml.estimators import HomeMonitor
from novin_ml.events import read_events, write_events
from novin_ml.lifecycle import load_estimator, load_fleet, load_home
from novin_ml.simulation import simulate_behavior
from tests.cli.test_cli import run, run_ok

KINDS = ["event", "silence", "still on"]
DAY = 86_400


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Training and later days of two homes and of one, and a monitor of each."""
    folder = tmp_path_factory.mktemp("monitor")
    parts = [
        simulate_behavior(
            weeks=6, first_home=number, ends=True, usual_weeks=4, unusual_per_month=12,
            random_state=3,
        ).assign(consent=True)
        for number in (0, 1)
    ]  # fmt: skip
    late = [part["timestamp"] >= part["timestamp"].iloc[0] + 28 * DAY for part in parts]
    write_events(parts[0][~late[0]], folder / "home.jsonl")
    write_events(parts[0][late[0]], folder / "later.jsonl")
    both = [part[~is_late] for part, is_late in zip(parts, late, strict=True)]
    write_events(pd.concat(both), folder / "homes.jsonl")
    both = [part[is_late] for part, is_late in zip(parts, late, strict=True)]
    write_events(pd.concat(both), folder / "homes_later.jsonl")
    train = ("train", "behavior", "--monitor", "--alarms-per-week", 3, "-q")
    run_ok(*train, folder / "home.jsonl", "--out", folder / "model")
    run_ok(*train, folder / "homes.jsonl", "--by", "home_id", "--out", folder / "fleet")
    return folder


def test_training_says_three_numbers(work, tmp_path):
    arguments = ("train", "behavior", work / "home.jsonl", "--out", tmp_path / "m", "--monitor")
    budgets = ("--silences-per-week", 2, "--still-on-per-week", 0.5)
    document = json.loads(run_ok(*arguments, *budgets, "--json").stdout)
    assert document["alarms_per_week"] == {"event": 1.0, "silence": 2.0, "still on": 0.5}
    assert sorted(document["budgets"]) == KINDS
    assert document["budgets"]["silence"]["alarm_bound"] <= 2.0
    assert document["state"] == "unproven"  # of what stays on: half an alarm takes six weeks
    said = run_ok(*arguments).stdout
    assert "alarms of events: " in said
    assert "silences: ready" in said
    assert "alarms of what stays on: " in said


def test_rows_are_those_of_the_monitor(work, tmp_path):
    out = tmp_path / "rows.csv"
    scored = run_ok("score", work / "model", work / "later.jsonl", "--out", out, "--json")
    document, table = json.loads(scored.stdout), pd.read_csv(out)
    monitor = load_estimator(work / "model")
    assert isinstance(monitor, HomeMonitor)
    events = read_events(work / "later.jsonl")
    expected = monitor.score(events)
    assert table["kind"].tolist() == expected["kind"].tolist()
    assert table["alarm"].tolist() == expected["alarm"].tolist()
    assert set(KINDS) == set(table["kind"])
    counts = monitor.count_alarms(expected)
    assert {kind: document["alarms"][kind]["n_alarms"] for kind in KINDS[1:]} == {
        kind: counts[kind] for kind in KINDS[1:]
    }
    assert document["alarms"]["event"]["n_alarms"] <= counts["event"]  # none of incidents
    assert len(document["detection"]["incidents"]) > 0
    assert "of the 1" not in document["training_data"]["sentence"]


def test_a_fleet_of_monitors_is_scored_home_by_home(work, tmp_path):
    assert len(load_fleet(work / "fleet")) == 2
    out = tmp_path / "rows.csv"
    scored = run_ok("score", work / "fleet", work / "homes_later.jsonl", "--out", out, "--json")
    document, table = json.loads(scored.stdout), pd.read_csv(out)
    assert document["homes"] == 2
    first = "home_0001"
    events = read_events(work / "homes_later.jsonl")
    told = document["training_data"]
    assert not told["flatters"]
    assert told["n_rows"] == len(events)
    alone = load_home(work / "fleet", first).score(events[events["home_id"] == first])
    of_first = table[table["home_id"] == first]
    assert of_first["score"].to_numpy() == pytest.approx(alone["score"].to_numpy())
    assert table["home_id"].nunique() == 2


def test_threshold_shows_the_budgets_and_changes_none(work):
    document = json.loads(run_ok("threshold", work / "model", "--json").stdout)
    assert document["alarms_per_week"] == {"event": 3.0, "silence": 1.0, "still on": 1.0}
    of_one = run_ok("threshold", work / "fleet", "--home", "home_0002").stdout
    assert "silences: " in of_one
    refused = run("threshold", work / "model", "--alarms-per-week", 2)
    assert refused.exit_code == 2
    assert "Train it again" in refused.stderr


def test_the_report_has_three_kinds_and_what_a_budget_costs(work, tmp_path):
    page, card = tmp_path / "report.html", tmp_path / "card.md"
    done = run_ok(
        *("report", work / "model", "--data", work / "later.jsonl"),
        *("--out", page, "--card", card, "--json"),
    )
    report = json.loads(done.stdout)["report"]
    assert [each["kind"] for each in report["kinds"]] == KINDS
    shares = [each["planted"] for each in report["cost"]]
    assert shares == sorted(shares)  # a larger budget finds no less
    assert report["cost"][0]["n_incidents"] == report["detection"]["n_incidents"] > 0
    text = page.read_text()
    assert "Three kinds of alarms" in text
    assert "What the budget costs in what is found" in text
    assert [each["kind"] for each in report["unusual"]] == [
        each.kind
        for each in load_estimator(work / "model").moments(
            read_events(work / "later.jsonl"), n_rows=8
        )
    ]
    assert all(each["text"] in text for each in report["unusual"])
    assert "budget 3." in card.read_text()


def test_a_report_shows_no_silence_of_a_home_without_consent(work, tmp_path):
    events = read_events(work / "later.jsonl")
    events.loc[events.index[::2], "consent"] = False
    write_events(events, tmp_path / "half.jsonl")
    arguments = ("report", work / "model", "--data", tmp_path / "half.jsonl")
    done = run_ok(*arguments, "--out", tmp_path / "report.html", "--json")
    unusual = json.loads(done.stdout)["report"]["unusual"]
    assert {each["kind"] for each in unusual} == {"event"}
    consenting = events.loc[events["consent"].astype(bool), "timestamp"]
    assert all((abs(consenting - each["timestamp"]) < 1e-3).any() for each in unusual)


def test_explain_says_what_was_most_unusual_and_why(work):
    arguments = ("explain", work / "model", work / "later.jsonl", "--events", 12)
    found = json.loads(run_ok(*arguments, "--json").stdout)["events"]
    monitor = load_estimator(work / "model")
    table = monitor.score(read_events(work / "later.jsonl"))
    assert {each["kind"] for each in found} <= set(KINDS)
    for each in found:
        row = table.iloc[each["row"]]
        assert (each["kind"], each["score"], each["alarm"]) == (
            row["kind"], row["score"], row["alarm"],
        )  # fmt: skip
        assert each["unproven"] == row["unproven"]
        assert 0 < len(each["reasons"]) <= 3
        assert all(reason["text"] for reason in each["reasons"])
    again = run_ok(*arguments, "--row", found[2]["row"], "--json").stdout
    assert json.loads(again)["events"] == [found[2]]
    said = run_ok(*arguments).stdout
    assert " ".join(found[0]["text"].split()[:3]) in said
    assert "bits" in said
    of_fleet = ("explain", work / "fleet", work / "homes_later.jsonl", "--home", "home_0001")
    assert "speaks for unusual" in run_ok(*of_fleet).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compare", "{}/model", "{}/model", "{}/later.jsonl"), "Got a monitor"),
        (("explain", "{}/model", "{}/later.jsonl", "--row", "99999999"), "Got 99999999"),
        (("explain", "{}/model", "{}/homes_later.jsonl"), "Name its home with --home"),
        (
            ("train", "behavior", "{}/home.jsonl", "--out", "{}/x", "--silences-per-week", "1"),
            "--silences-per-week must come with --monitor",
        ),
    ],
)
def test_what_a_monitor_cannot_do_is_one_sentence(arguments, words, work):
    refused = run(*(each.format(work) for each in arguments))
    assert refused.exit_code == 2
    assert words in refused.stderr


def test_a_fleet_is_of_one_kind(work, tmp_path):
    from novin_ml.lifecycle import score_fleet, watch_fleet

    events = read_events(work / "homes_later.jsonl")
    with pytest.raises(ValueError, match="watch_fleet"):
        score_fleet(load_fleet(work / "fleet"), events)
    run_ok(
        *("train", "behavior", work / "home.jsonl", "--by", "home_id"),
        *("--out", tmp_path / "fleet", "-q"),
    )
    with pytest.raises(ValueError, match="score_fleet"):
        watch_fleet(load_fleet(tmp_path / "fleet"), events)
