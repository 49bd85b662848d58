"""Commands read events by the vocabulary of their option, or of their model."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.events import Vocabulary
from novin_ml.lifecycle import load_estimator

OWN = '[[kinds]]\nname = "gong"\ngroup = "doorbell"\n[[zones]]\nname = "shed"\nkind = "outdoor"\n'
TYPES, PLACES = ["gong", "carpet", "Motion", "contact"], ["Shed", "Bathroom", "front door", "porch"]


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    assert result.exit_code == code, result.output
    return result.output if code else result.stdout


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocabulary")
    rng = np.random.default_rng(0)
    lines = []
    for number in range(600):
        what, where = str(rng.choice(TYPES)), str(rng.choice(PLACES))
        lines.append(
            {
                "home_id": f"h{number % 12}", "type": what, "timestamp": 1.7e9 + 900 * number,
                "consent": True, "metadata": {"location": where},
                "label": "delivery" if where == "porch" else "no_delivery",
            }
        )  # fmt: skip
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "vocabulary.toml").write_text(OWN)
    return folder


@pytest.mark.parametrize("name", [None, "sdk", "home", "own"])
def test_a_model_is_trained_and_asked_by_its_vocabulary(files, tmp_path, name):
    path = files / "vocabulary.toml" if name == "own" else name
    option = [] if name is None else ["--vocabulary", path]
    expected = Vocabulary.from_toml(path) if name == "own" else Vocabulary.sdk()
    expected = Vocabulary.home() if name == "home" else expected
    events, model = files / "events.jsonl", tmp_path / "model"
    train = ["train", "delivery", events, "--out", model, "--epochs", 3, *option]
    told = json.loads(run(*train, "--json"))["recognition"]
    assert told["vocabulary"] == expected.name
    sent = [json.loads(line) for line in events.read_text().splitlines()]
    assert told["other_kinds"] == sum(expected.kind_of(e["type"]) == "other" for e in sent)
    places = [e["metadata"]["location"] for e in sent]
    assert told["unknown_zones"] == sum(expected.zone_of(each) == "unknown" for each in places)
    assert load_estimator(model)[0].vocabulary_ == expected
    answered = json.loads(run("evaluate", model, events, "--json"))
    assert answered["recognition"] == told
    if name in (None, "sdk"):
        assert "does not recognise the type of" in run("evaluate", model, events)
    run("evaluate", model, events, "--vocabulary", "home", code=2)  # it is the model's to say


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("hoem", "--vocabulary must be sdk, home or a .toml file"),
        ("broken.toml", "The nearest is 'kinds'"),
    ],
)
def test_what_is_no_vocabulary_is_refused(files, tmp_path, name, sentence):
    (files / "broken.toml").write_text("[[kindz]]\nname = 'x'\n")
    path = files / name if name.endswith("toml") else name
    out = tmp_path / "features.csv"
    told = run(
        "features", "chains", files / "events.jsonl", "--out", out, "--vocabulary", path, code=2
    )
    assert sentence in " ".join(told.split())
    assert not out.exists()
