"""The command that says why."""

import json

import pytest

from novin_ml.estimators.families import FAMILIES
from novin_ml.lifecycle import load_estimator
from tests.cli.test_cli import run, run_ok

CLASSIFIERS = [name for name, family in FAMILIES.items() if family.make_rules is not None]


@pytest.fixture(scope="module", params=CLASSIFIERS)
def work(request, tmp_path_factory):
    """A model of a family, and what it was trained on."""
    folder, family = tmp_path_factory.mktemp("explain"), request.param
    run_ok("generate", family, "--samples", 400, "--out", folder / "rows.jsonl", "-q")
    run_ok(
        *("train", family, folder / "rows.jsonl", "--out", folder / "model"),
        *("--epochs", 8, "-q"),
    )
    return FAMILIES[family], folder


def explained(folder, *options):
    result = run_ok("explain", folder / "model", folder / "rows.jsonl", *options, "--json")
    return json.loads(result.stdout)["events"]


def test_the_surest_alarms_have_reasons(work):
    family, folder = work
    found = explained(folder, "--events", 3, "--features", 2)
    assert len(found) == 3
    sure = [each["probability"] for each in found]
    assert sure == sorted(sure, reverse=True)
    for each in found:
        assert each["label"] != family.quiet_label or family.quiet_label is None
        assert family.positive_label in (None, each["label"])
        assert [reason["text"] != "" for reason in each["reasons"]] == [True, True]
        assert {"name", "value", "contribution", "direction", "meaning"} <= set(each["reasons"][0])
    text = run_ok("explain", folder / "model", folder / "rows.jsonl", "--events", 1).stdout
    assert "speaks" in text
    assert found[0]["reasons"][0]["name"] in text


def test_rows_and_labels_can_be_asked_for(work):
    _, folder = work
    label = str(load_estimator(folder / "model").classes_[0])
    found = explained(folder, "--row", 5, "--row", 2, "--label", label)
    assert [(each["row"], each["label"]) for each in found] == [(5, label), (2, label)]
    assert found[0] == explained(folder, "--row", 5, "--label", label)[0]
    for each in explained(folder, "--row", 5):
        assert each["label"] == each["predicted"]


def test_what_is_not_there_is_refused(work):
    _, folder = work
    arguments = ("explain", folder / "model", folder / "rows.jsonl")
    for option, value, message in [
        ("--row", 10**6, "must be from 0 to"),
        ("--label", "nobody", "must be one of"),
    ]:
        refused = run(*arguments, option, value)
        assert refused.exit_code == 2
        assert message in " ".join(refused.stderr.split())
