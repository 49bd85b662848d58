"""``novin-ml drift``, as a cron job would call it."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.events import write_events
from novin_ml.simulation import simulate_motions


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Logs of before, of other homes, and of homes with another firmware."""
    folder = tmp_path_factory.mktemp("drift")
    before, after = (simulate_motions(600, n_homes=8, random_state=seed) for seed in (0, 1))
    write_events(before, folder / "before.jsonl")
    write_events(after, folder / "after.jsonl")
    write_events(after.assign(sample_rate=25.0), folder / "firmware.csv")
    write_events(after[after["home_id"] == after["home_id"].iloc[0]], folder / "one.jsonl")
    return folder


@pytest.mark.parametrize(
    ("current", "verdict", "code"),
    [
        ("after.jsonl", "none", 0),
        ("firmware.csv", "drift", 1),
        ("one.jsonl", "too few homes", 1),
    ],
)
def test_the_exit_code(work, current, verdict, code):
    files = work / "before.jsonl", work / current
    result = run("drift", *files, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["drift"]["verdict"] == verdict
    assert document["passed"] is (code == 0)
    assert document["reference"]["read"] == 600
    failed = run("drift", *files, "--fail-on-drift")
    assert failed.exit_code == code, failed.output
    assert failed.stderr.startswith("Failed: ") is (code == 1)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tables_of_features(work, suffix, tmp_path):
    """As ``features`` writes them, and of any other program."""
    files = [tmp_path / f"{name}.{suffix}" for name in ("before", "after", "moved")]
    for name, out in zip(("before", "after"), files, strict=False):
        assert run("features", "motion", work / f"{name}.jsonl", "--out", out).exit_code == 0
    read, write = (
        (pd.read_csv, lambda table: table.to_csv(files[2], index=False))
        if suffix == "csv"
        else (pd.read_parquet, lambda table: table.to_parquet(files[2], index=False))
    )
    table = read(files[1])
    write(table.assign(duration=table["duration"] * 3, mine=1.0))
    document = json.loads(run("drift", *files[:2], "--json").stdout)
    assert document["drift"]["verdict"] == "none"
    assert document["reference"] == {"read": 600, "accepted": 600, "rejected": 0}
    columns = {each["name"] for each in document["drift"]["features"]}
    assert "duration" in columns
    assert not columns & {"home_id", "timestamp", "consent", "label", "clean_label"}
    result = run("drift", files[0], files[2], "--fail-on-drift", "--out", tmp_path / "page.html")
    assert result.exit_code == 1
    assert "duration" in result.stderr
    assert (tmp_path / "page.html").is_file()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.drop(columns="consent"), "Missing: consent"),
        (lambda t: t.drop(columns="timestamp"), "Missing: timestamp"),
        (lambda t: t.assign(consent=False), "whose 'consent' is true"),
        (lambda t: t.assign(timestamp="noon"), "timestamp"),
    ],
)
def test_tables_of_features_that_lack_something(work, change, says, tmp_path):
    files = [tmp_path / "before.csv", tmp_path / "after.csv"]
    assert run("features", "motion", work / "before.jsonl", "--out", files[0]).exit_code == 0
    change(pd.read_csv(files[0])).to_csv(files[1], index=False)
    result = run("drift", *files)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert len(result.stderr.strip().splitlines()) == 1


def test_features_and_events_are_not_compared(work, tmp_path):
    table = tmp_path / "before.csv"
    run("features", "motion", work / "before.jsonl", "--out", table)
    result = run("drift", table, work / "after.jsonl")
    assert result.exit_code == 2
    assert "must both hold events, or features. Got one of each" in result.stderr


def test_what_is_printed(work):
    result = run("drift", work / "before.jsonl", work / "firmware.csv")
    assert result.exit_code == 0, result.output
    assert "sample_rate: mean from 1" in result.stdout
    assert "since 20" in result.stdout
    assert "8 of 8 homes moved; most: home_" in result.stdout
    assert "(sample_rate) in 8 homes compared with 8 others" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("before.jsonl", "absent.jsonl"), "absent.jsonl"),
        (("before.jsonl", "after.jsonl", "--level", "2"), "--level"),
    ],
)
def test_bad_input(work, arguments, says):
    files = [work / each if each.endswith("jsonl") else each for each in arguments]
    result = run("drift", *files)
    assert result.exit_code == 2
    assert says in result.stderr


def test_the_page_and_the_model(work, tmp_path):
    run("generate", "motion", "--samples", 500, "--seed", 9, "--out", work / "train.jsonl", "-q")
    model = work / "model"
    assert (
        run("train", "motion", work / "train.jsonl", "--epochs", 3, "--out", model, "-q").exit_code
        == 0
    )
    page = tmp_path / "drift.html"
    files = work / "before.jsonl", work / "firmware.csv"
    result = run("drift", *files, "--model", model, "--out", page, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["page"] == str(page)
    assert "sample_" in page.read_text(encoding="utf-8")
    groups = {each["group"] for each in document["drift"]["features"]}
    assert groups == {"events", "features", "predictions", "alarms"}
    refused = run("drift", *files, "--out", files[0])
    assert refused.exit_code == 2
    assert "must be another file" in refused.stderr
