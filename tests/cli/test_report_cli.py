"""The command that writes a report."""

import json

import pytest

from tests.cli.test_cli import run, run_ok


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    run_ok("generate", "delivery", "--samples", 800, "--out", folder / "events.jsonl", "-q")
    run_ok(
        *("train", "delivery", folder / "events.jsonl", "--out", folder / "model"),
        *("--epochs", 5, "--quiet"),
    )
    return folder


def test_report_writes_a_page_and_a_card(work, tmp_path):
    out, card = tmp_path / "report.html", tmp_path / "model.card.md"
    arguments = ("report", work / "model", "--data", work / "events.jsonl", "--out", out)
    said = run_ok(*arguments, "--card", card).stdout
    assert f"report: {out}" in said
    assert f"model card: {card}" in said
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "No certificate was given" in out.read_text(encoding="utf-8")
    assert card.read_text(encoding="utf-8").startswith("# DeliveryClassifier")


def test_json_has_the_numbers_and_the_certificate_beside_the_model(work, tmp_path):
    run_ok("export", work / "model", "--out", work / "model.mlmodel", "-q")
    out = tmp_path / "report.html"
    arguments = ("report", work / "model", "--data", work / "events.jsonl", "--out", out)
    document = json.loads(run_ok(*arguments, "--json").stdout)
    assert document["page"] == str(out)
    assert document["report"]["n_rows"] == 800
    assert document["report"]["certificate"]["passed"] is True
    # A certificate of another training says nothing of this one.
    run_ok(
        *("train", "delivery", work / "events.jsonl", "--out", work / "model"),
        *("--epochs", 4, "--quiet"),
    )
    said = run_ok(*arguments).stdout
    assert "is not of this training" in said
    assert "No certificate was given" in out.read_text(encoding="utf-8")


def test_a_baseline_has_a_report(tmp_path):
    run_ok("generate", "behavior", "--weeks", 5, "--out", tmp_path / "home.jsonl", "-q")
    from novin_ml.events import read_events, write_events

    write_events(read_events(tmp_path / "home.jsonl").assign(consent=True), tmp_path / "home.jsonl")
    run_ok("train", "behavior", tmp_path / "home.jsonl", "--out", tmp_path / "model", "-q")
    out = tmp_path / "home.html"
    arguments = ("report", tmp_path / "model", "--data", tmp_path / "home.jsonl", "--out", out)
    run_ok(*arguments, "--reference", tmp_path / "home.jsonl")
    page = out.read_text(encoding="utf-8")
    assert "The baseline of a home" in page
    assert "Too few homes to tell whether anything drifted" in page


def test_a_home_of_many_is_reported_on(work, tmp_path):
    from novin_ml.events import read_events, write_events

    file = tmp_path / "homes.jsonl"
    run_ok("generate", "behavior", "--homes", 2, "--weeks", 4, "--out", file, "-q")
    events = read_events(file).assign(consent=True)
    write_events(events, file)
    run_ok("train", "behavior", file, "--by", "home_id", "--out", tmp_path / "fleet", "-q")
    arguments = ("report", tmp_path / "fleet", "--data", file, "--out", tmp_path / "home.html")
    home = events["home_id"].iloc[-1]
    document = json.loads(run_ok(*arguments, "--home", home, "--json").stdout)
    assert document["report"]["n_rows"] == (events["home_id"] == home).sum()
    assert "one must be named" in " ".join(run(*arguments).stderr.split())
    refused = run("report", work / "model", "--data", work / "events.jsonl", "--home", home)
    assert (refused.exit_code, "must come with a baseline" in refused.stderr) == (2, True)


def test_data_without_labels_is_refused(work, tmp_path):
    from novin_ml.events import read_events, write_events

    events = read_events(work / "events.jsonl").drop(columns=["label", "clean_label"])
    write_events(events, tmp_path / "events.jsonl")
    refused = run("report", work / "model", "--data", tmp_path / "events.jsonl")
    assert refused.exit_code == 2
    assert "Label some" in refused.stderr


def test_report_does_not_write_over_its_data(work):
    before = (work / "events.jsonl").read_bytes()
    arguments = ("report", work / "model", "--data", work / "events.jsonl")
    for options in (["--out", work / "events.jsonl"], ["--card", work / "events.jsonl"]):
        refused = run(*arguments, *options)
        assert refused.exit_code == 2
        assert "would be overwritten" in refused.stderr
    assert (work / "events.jsonl").read_bytes() == before


def test_the_advice_the_drift_and_the_times_are_those_of_the_page(work, tmp_path):
    times, out = tmp_path / "times.jsonl", tmp_path / "report.html"
    times.write_text('{"name": "delivery, answer", "median": 210.5, "slow": 390}\n')
    run_ok("generate", "delivery", "--samples", 700, "--seed", 5, "--out", tmp_path / "e.jsonl")
    arguments = ("report", work / "model", "--data", tmp_path / "e.jsonl", "--out", out)
    given = ("--reference", work / "events.jsonl", "--times", times)
    document = json.loads(run_ok(*arguments, *given, "--json").stdout)
    report, page = document["report"], out.read_text(encoding="utf-8")
    assert document["reference"]["read"] > 0
    assert document["events"]["read"] != document["reference"]["read"]
    assert report["drift"]["verdict"] in ("drift", "none", "too few homes")
    assert report["device_times"][0]["median"] == 210.5
    said = run_ok(*arguments, *given).stdout
    advice = report["recommendation"]
    for sentence in (advice["sentence"], *advice["reasons"], *advice["risks"]):
        assert sentence in " ".join(said.split())
        assert sentence in page.replace("&#x27;", "'")
    share = f"{100 * report['alarming']['found']['share']:.1f} %"
    assert share in said
    assert share in page
    assert "clean labels" in said
    run_ok("generate", "chains", "--samples", 300, "--out", tmp_path / "c.jsonl", "-q")
    run_ok("train", "chains", tmp_path / "c.jsonl", "--out", tmp_path / "c", "--epochs", 2, "-q")
    chains = ("report", tmp_path / "c", "--data", tmp_path / "c.jsonl", "--out", out)
    refused = run(*chains, "--reference", work / "events.jsonl")
    assert (refused.exit_code, "single events" in refused.stderr) == (2, True)
