"""A package of models with a vocabulary of one's own reads and answers as Python does."""

import base64
import json
import subprocess

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.coreml.swift import write_swift_package
from novin_ml.coreml.swift._tables import tables_swift
from novin_ml.estimators import (
    EventChainClassifier,
    make_behavior_pipeline,
    make_chain_pipeline,
    make_delivery_pipeline,
)
from novin_ml.estimators._pipeline import feature_pipeline
from novin_ml.events import Vocabulary, chains_from_events, events_from_json
from novin_ml.exceptions import NotExportableError
from novin_ml.features import ChainFeatures
from tests.coreml.swift.conftest import swift

#: Names that Swift has words or members for, and texts beyond ASCII.
OWN = Vocabulary.from_dict(
    {
        "name": "flat",
        "kinds": [
            {"name": "door", "texts": ["Türe", "ΘΥΡΑΣ"]},
            {"name": "name", "texts": ["nam"], "group": "opening", "precedence": 70},
        ],
        "zones": [{"name": "greenhouse", "kind": "outdoor", "aliases": ["Gewächshaus", "a b c"]}],
        "sensors": [
            {"name": "mat", "type": "Pressure", "location": "Bäd"},
            {"name": "bed", "location": "bed"},
            {"name": "flush", "type": "Flush"},
        ],
    }
)
SENSORS = [*(sensor.name for sensor in OWN.sensors), "unseen"]
TYPES = ["carpet", "Motion", "name", "TÜRE", "contact", "Person", "doorbell", "switch", "Flush"]
PLACES = ["bed", "Gewächshaus", "Inside Door", "Front door camera", "Hall 2", None]


def log(n=400):
    rng = np.random.default_rng(0)
    times = 1.7e9 + np.cumsum(rng.integers(60, 9_000, n) * rng.choice([1, 0.005], n))
    lines = [
        {
            "home_id": "a", "type": str(rng.choice(TYPES)), "timestamp": round(float(time), 3),
            "consent": True, "metadata": {"location": place},
        }
        for time, place in zip(times, rng.choice(np.array(PLACES, dtype=object), n), strict=True)
    ]  # fmt: skip
    return events_from_json("\n".join(map(json.dumps, lines)), vocabulary=OWN)


def models():
    events = log()
    chains = chains_from_events(events)
    label = np.where(np.arange(len(chains)) % 3 == 0, "package_delivery", "no_pattern")
    return {
        "chains": make_chain_pipeline(epochs=3).fit(chains, label),
        "rooms": feature_pipeline(
            ChainFeatures(sensors=[*SENSORS[:3]], zones=("greenhouse", "bathroom"), memory=60.0),
            classifier=EventChainClassifier(epochs=3),
        ).fit(chains, label),
        "delivery": make_delivery_pipeline(epochs=3).fit(events, np.arange(len(events)) % 2 == 0),
        "home": make_behavior_pipeline(n_estimators=20).fit(events),
    }


@pytest.fixture(scope="session")
def package(tmp_path_factory, worker_id):
    """Write and build the package once for all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "vocabulary-package"
    done = folder.with_suffix(".built")
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            write_swift_package(models(), folder)
            answer = swift(folder, "build", "--build-tests")
            assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr[-5000:]
            assert "warning:" not in answer.stdout, answer.stdout
            done.touch()
    return folder


def test_the_golden_vectors_of_a_vocabulary_hold(package):
    golden = json.loads((package / "Tests/NovinModelsTests/Golden/chains.json").read_text())
    assert any(case["name"].startswith("vocabulary_") for case in golden["requests"])
    answer = swift(package, "test", "--skip-build")
    assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr[-5000:]


PIECES = [
    *(text for kind in OWN.kinds for text in (kind.name, *kind.texts)),
    *(text for zone in OWN.zones for text in (zone.name, *zone.aliases)),
    "PIR", "HTTP", "s", "S", "2", "_", "-", " ", "\u0130", "\u017f", "\u03a3", "e\u0301", "\u00df",
    "bed", "B\u00c4D", "pressure", "FLUSH", "\U0001f600",
]  # fmt: skip
texts = st.lists(
    st.builds(
        lambda text, spell: spell(text),
        st.sampled_from(PIECES),
        st.sampled_from([str, str.upper, str.title, str.lower]),
    ),
    max_size=5,
).map(lambda parts: "".join(parts)[:100])


@settings(max_examples=20)
@given(st.lists(st.tuples(texts, texts), min_size=30, max_size=90))
def test_kinds_zones_and_sensors_are_found_alike(package, pairs):
    pairs = [(what or "x", where) for what, where in pairs]
    lines = [
        json.dumps({"type": what, "timestamp": 1, "metadata": {"location": where}})
        for what, where in pairs
    ]
    encoded = base64.b64encode("\n".join(lines).encode()).decode()
    tool = [package / ".build/debug/novin-tool", "read"]
    answer = subprocess.run(tool, input=f"{encoded}\n", capture_output=True, text=True, check=True)
    events = json.loads(answer.stdout)["events"]
    found = [(each["kind"], each["zone"], SENSORS[each["sensor"]]) for each in events]
    assert found == [
        (OWN.kind_of(what), OWN.zone_of(where), OWN.sensor_of(what, where)) for what, where in pairs
    ]


def test_models_of_two_vocabularies_are_not_one_package(tmp_path):
    events = log()
    labels = np.arange(len(events)) % 2 == 0
    one = make_delivery_pipeline(epochs=2).fit(events, labels)
    other = make_delivery_pipeline(epochs=2).fit(Vocabulary.home().apply(events), labels)
    with pytest.raises(NotExportableError, match=r"must have one vocabulary\. Got .*flat.*home"):
        write_swift_package({"one": one, "other": other}, tmp_path / "package")


def test_tables_tell_the_vocabulary_and_the_feature_sets():
    for vocabulary, is_by_words in ((Vocabulary.sdk(), "false"), (OWN, "true")):
        text = tables_swift(vocabulary)
        assert f'static let name = "{vocabulary.name}"' in text
        assert f'static let fingerprint = "{vocabulary.fingerprint}"' in text
        assert f"static let isByWords = {is_by_words}" in text
        assert 'featureSets: [String: Int] = ["delivery": 1, "motion": 1, "chains": 1' in text
    assert tables_swift() == tables_swift(Vocabulary.sdk())
