"""Columns of sensors and zones in pipelines: saved, exported, and refused with a reason."""

import json
import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from novin_ml import export_coreml, verify_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.coreml.swift import write_swift_package
from novin_ml.estimators import ChainStream, EventChainClassifier
from novin_ml.estimators._pipeline import feature_pipeline
from novin_ml.events import Vocabulary, chains_from_events, events_from_json, sensor_names
from novin_ml.events.chains.sensor_log import SensorLog
from novin_ml.exceptions import InvalidEventError, SavedModelError
from novin_ml.features import ChainFeatures
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
from novin_ml.store import read_folder, write_folder


@pytest.fixture(scope="module")
def log():
    rng = np.random.default_rng(0)
    times = 1.7e9 + np.cumsum(rng.choice([5.0, 20.0, 90.0, 3000.0], 400))
    events = [
        {
            "type": str(rng.choice(["motion", "door", "kettle"])),
            "timestamp": float(time),
            "utc_offset": 3600,
            "consent": True,
            "home_id": "a",
            "metadata": {
                "location": str(rng.choice(["kitchen", "bathroom"])),
                "end": float(time + rng.choice([1.0, 40.0, 600.0])),
            },
        }
        for time in times
    ]
    return events_from_json(json.dumps(events), strict=True)


@pytest.fixture(scope="module")
def model(log):
    chains = chains_from_events(log)
    features = ChainFeatures(sensors=sensor_names(log), zones=("kitchen",), memory=600.0)
    kettle = features.set_output(transform="pandas").fit_transform(chains)
    y = np.where(kettle["on_sensor_kettle_at_kitchen"] == 1, "tea", "none")
    classifier = EventChainClassifier(epochs=10, decision_prior_weight=0.5, random_state=0)
    return feature_pipeline(features, classifier=classifier).fit(chains, y), chains, y


def test_a_pipeline_learns_what_is_on_and_is_saved_and_exported(model, log, tmp_path):
    pipeline, chains, y = model
    assert np.mean(pipeline.predict(chains) == y) > 0.97
    save_estimator(pipeline, tmp_path / "saved")
    loaded = load_estimator(tmp_path / "saved")
    assert_array_equal(loaded.predict_proba(chains), pipeline.predict_proba(chains))
    assert loaded[0].get_params() == pipeline[0].get_params()
    assert loaded[0].feature_set == 2
    path = tmp_path / "model.mlmodel"
    export_coreml(pipeline, path)
    assert verify_coreml(path, estimator=loaded).passed
    runtime = CoreMLRuntime(path)
    assert [*runtime.input_names] == [spec.name for spec in pipeline[0].feature_specs]
    entries = runtime.metadata["user_defined"]
    assert entries["novin_ml.feature_set"] == "2"
    entries = {key.removeprefix("novin_ml."): value for key, value in entries.items()}
    again = ChainFeatures.from_exported(json.loads(entries["feature_params"]), entries)
    assert again.feature_specs == pipeline[0].feature_specs
    package = write_swift_package({"tea": path}, tmp_path / "package").folder
    golden = json.loads((package / "Tests/NovinModelsTests/Golden/tea.json").read_text())
    assert sum(case["name"].startswith("memory_") for case in golden["requests"]) == 3
    stream = ChainStream(pipeline)
    answers = [stream.predict_stream(event) for _, event in log.iterrows()]
    last = np.cumsum(chains.lengths) - 1
    told = chains.assign(observed_until=log["timestamp"].to_numpy()[last])
    assert_array_equal(np.array(answers)[last], pipeline.predict_proba(told))


def test_a_saved_model_of_another_set_is_refused(model, tmp_path):
    files = read_folder(save_estimator(model[0], tmp_path / "saved"), ESTIMATOR_KIND)
    assert b'"feature_set": 2' in files["estimator.json"]
    files["estimator.json"] = files["estimator.json"].replace(
        b'"feature_set": 2', b'"feature_set": 1'
    )
    folder = write_folder(files, tmp_path / "changed", ESTIMATOR_KIND)
    with pytest.raises(SavedModelError, match="feature_set=1"):
        load_estimator(folder)


def test_names_come_from_the_vocabulary_of_the_chains(log, tmp_path):
    vocabulary = Vocabulary.home().with_sensors_of(log[log["type"] != "kettle"])
    table = vocabulary.apply(log)
    names = sensor_names(table)
    assert names == ("bathroom_door", "bathroom_motion", "kitchen_door", "kitchen_motion")
    chains = chains_from_events(table)
    assert chains.log.names == (*names, "unseen")
    features = ChainFeatures(sensors=names, zones=("bathroom",), memory=60.0)
    found = features.set_output(transform="pandas").fit_transform(chains)
    # Without sensors in the vocabulary, types and locations name them.
    plain = ChainFeatures(sensors=sensor_names(log), memory=60.0).set_output(transform="pandas")
    expected = plain.fit_transform(chains_from_events(log))
    for name in names:
        place, what = name.split("_")
        assert_array_equal(found[f"n_sensor_{name}"], expected[f"n_sensor_{what}_at_{place}"])
        assert_array_equal(found[f"on_sensor_{name}"], expected[f"on_sensor_{what}_at_{place}"])
    of_bathroom = [name for name in expected if re.fullmatch("n_sensor_.*_at_bathroom", name)]
    assert_array_equal(found["n_zone_bathroom"], expected[of_bathroom].sum(axis=1))
    y = np.where(found["n_zone_bathroom"] > 0, "bathroom", "none")
    pipeline = feature_pipeline(features, classifier=EventChainClassifier(epochs=2)).fit(chains, y)
    save_estimator(pipeline, tmp_path / "saved")
    loaded = load_estimator(tmp_path / "saved")
    assert_array_equal(loaded.predict_proba(chains), pipeline.predict_proba(chains))
    with pytest.raises(ValueError, match=r"'sensors' parameter .* Got 'door at kitchen'"):
        ChainFeatures(sensors=["door at kitchen"]).fit(chains)
    with pytest.raises(ValueError, match=r"'zones' parameter .* Got 'bathroom'"):
        ChainFeatures(zones=["bathroom"]).fit(chains_from_events(Vocabulary.sdk().apply(log)))
    with pytest.raises(InvalidEventError, match="sensor_names needs an event table"):
        sensor_names(log.drop(columns="type"))


def test_chains_without_their_log_are_refused(model, log):
    pipeline, chains, _ = model
    bare = type(chains)(
        chains.table, chains.offsets, chains.timestamp, chains.kind, chains.zone, chains.confidence,
        vocabulary=chains.vocabulary,
    )  # fmt: skip
    with pytest.raises(InvalidEventError, match=r"must have a log of sensors.*chains_from_events"):
        pipeline.predict(bare)
    other = type(chains)(
        chains.table.assign(home_id="b"),
        chains.offsets, chains.timestamp, chains.kind, chains.zone, chains.confidence,
        vocabulary=chains.vocabulary, log=chains.log,
    )  # fmt: skip
    with pytest.raises(InvalidEventError, match=r"log of chains must hold their events.*'b'"):
        pipeline.predict(other)
    assert isinstance(type(chains).concatenate([chains, chains]).log, SensorLog)
    elsewhere = chains_from_events(log)
    assert type(chains).concatenate([chains, elsewhere]).log is None


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"sensors": "kettle"}, r"'sensors' parameter .* must be an array-like or None"),
        ({"sensors": ["a", "a"]}, r"'sensors' parameter .* different names"),
        ({"sensors": ["a", 3]}, r"'sensors' parameter .* Got 3"),
        ({"zones": ["moon"]}, r"'zones' parameter .* Got 'moon'"),
        ({"memory": 60.0}, r"'memory' parameter .* must have sensors or zones"),
        ({"sensors": ["a"], "memory": 0.0}, r"'memory' parameter .* Got 0\.0"),
        ({"sensors": [str(n) for n in range(1001)]}, r"at most 1,000 different"),
    ],
    ids=["text", "twice", "number", "zone", "memory alone", "no time", "many"],
)
def test_parameters_that_name_no_columns_are_refused(model, params, sentence):
    with pytest.raises(ValueError, match=sentence):
        ChainFeatures(**params).fit_transform(model[1])


def test_names_that_are_no_identifiers_are_told_apart():
    names = [spec.name for spec in ChainFeatures(sensors=["Tür", "t r", "T R", "?"]).feature_specs]
    assert names[-5:] == ["n_sensor_t_r", "n_sensor_t_r_2", "n_sensor_t_r_3", "n_sensor_sensor",
                          "sensor_last"]  # fmt: skip
