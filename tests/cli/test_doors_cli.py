"""The commands that read what other programs keep."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.events import read_events
from novin_ml.events.doors import DOORS

OBJECTS = [
    {"id": f"{at}-a", "camera": "porch", "label": label, "zones": [], "start_time": at,
     "end_time": at + 5, "sub_label": sub_label, "data": {"type": "object", "top_score": 0.5}}
    for at, label, sub_label in [(1.7e9, "person", "ups"), (1.7e9 + 60, "package", None)]
]  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture
def seen(tmp_path):
    path = tmp_path / "events.json"
    path.write_text(json.dumps(OBJECTS))
    return path


def test_help_lists_the_doors():
    told = run("import", "--help").output
    assert all(name in told for name in ["auto", *DOORS])


def test_a_file_is_recognised_and_read(seen, tmp_path):
    out = tmp_path / "out.jsonl"
    done = run("import", "auto", seen, "--home", "mine", "--consent", "--out", out,
               "--timezone", "Europe/Berlin", "--json")  # fmt: skip
    assert done.exit_code == 0
    document = json.loads(done.output)
    assert document["door"] == "frigate"
    assert document["recognised_by"] == "its entries with camera, label and start_time"
    assert document["events"] == {"read": 1, "accepted": 1, "rejected": 0, "without_consent": 0}
    events = read_events(out, strict=True)
    assert events[["home_id", "kind", "zone", "consent"]].to_numpy().tolist() == [
        ["mine", "motion", "porch", True]
    ]


def test_weak_labels_are_a_file_of_their_own(seen, tmp_path):
    out, weak = tmp_path / "out.jsonl", tmp_path / "weak.csv"
    done = run("import", "frigate", seen, "--home", "mine", "--out", out, "--weak-labels", weak,
               "--timezone", "Europe/Berlin")  # fmt: skip
    assert done.exit_code == 0
    assert "2 weak labels, which nobody confirmed" in done.output
    table = pd.read_csv(weak)
    assert table["by"].tolist() == ["sub_label ups", "a package"]
    assert table["is_event"].tolist() == [True, False]
    assert "ups" not in out.read_text()
    done = run("import", "casas", seen, "--home", "mine", "--out", out, "--weak-labels", weak)
    assert done.exit_code == 2
    assert "--weak-labels" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["auto", "none.json", "--timezone", "UTC"], "none.json: No such file or directory"),
        (["auto", "other.json", "--timezone", "UTC"], "a file that a door recognises"),
        (["frigate", "events.json"], "--timezone Europe/Berlin"),
        (["frigate", "events.json", "--timezone", "Mars"], "a name of the IANA database"),
    ],
)
def test_a_wrong_call_is_one_sentence(seen, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.json").write_text("{}")
    done = run("import", *arguments, "--home", "mine", "--out", "out.jsonl")
    assert done.exit_code == 2
    assert sentence in done.output
    assert done.output.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("option", ["--out", "--write-mapping", "--weak-labels"])
def test_what_is_read_is_not_overwritten(tmp_path, option):
    source, mapping = tmp_path / "seen.jsonl", tmp_path / "mapping.toml"
    source.write_text(json.dumps(OBJECTS))
    mapping.write_text('[areas."bird"]\nkind = "pet"\n')
    for target in (source, mapping):
        before = target.read_bytes()
        outputs = {"--out": tmp_path / "out.jsonl"} | {option: target}
        done = run(
            "import",
            "frigate",
            source,
            "--home",
            "mine",
            "--timezone",
            "UTC",
            "--mapping",
            mapping,
            *(each for pair in outputs.items() for each in pair),
        )
        assert done.exit_code == 2
        assert f"{option} must be another file than the input" in done.output
        assert target.read_bytes() == before


def test_a_file_without_events_is_an_error_and_its_mapping_is_written(seen, tmp_path):
    out, mapping = tmp_path / "out.jsonl", tmp_path / "mapping.toml"
    options = ["--home", "mine", "--out", out, "--timezone", "UTC", "--write-mapping", mapping]
    done = run("import", "ring", seen, *options)  # entries of another program
    assert done.exit_code == 2
    assert "must hold events of ring. Got 2 events, all rejected" in done.output
    seen.write_text(json.dumps([OBJECTS[1]]))
    done = run("import", "frigate", seen, *options)
    assert "Got none; 1 sensor not read. Say in a mapping what they are" in done.output
    assert "porch/package" in mapping.read_text()
    assert not out.exists()
