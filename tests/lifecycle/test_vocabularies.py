"""A vocabulary from the events to the model, its saved form and its export, and back."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from novin_ml import export_coreml
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.estimators import (
    BehaviorAnomalyDetector,
    ChainStream,
    DeliveryClassifier,
    EventChainClassifier,
    make_chain_pipeline,
)
from novin_ml.estimators.rules import ChainRules
from novin_ml.events import (
    Chains,
    Vocabulary,
    chains_from_events,
    check_events,
    events_from_json,
    read_chains,
    write_chains,
)
from novin_ml.exceptions import InvalidEventError, SavedModelError
from novin_ml.features import (
    BehaviorFeatures,
    BehaviorHistory,
    ChainFeatures,
    DeliveryFeatures,
    MotionFeatures,
)
from novin_ml.lifecycle import (
    fit_fleet,
    load_estimator,
    load_fleet,
    save_estimator,
    score_fleet,
)
from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
from novin_ml.store import read_folder, write_folder

SDK, HOME = Vocabulary.sdk(), Vocabulary.home()
OWN = Vocabulary.from_dict(
    {
        "name": "flat",
        "kinds": [{"name": "gong", "group": "doorbell"}, {"name": "curtain", "group": "opening"}],
        "zones": [{"name": "greenhouse", "kind": "outdoor", "risk": 0.57}],
        "sensors": [{"name": "bath_mat", "type": "Pressure", "location": "Bathroom"}],
    }
)
VOCABULARIES = [SDK, HOME, OWN]
TYPES = ["Motion", "carpet", "gong", "curtain", "Pressure", "contact", "doorbell", "Person", "door"]
PLACES = ["Bathroom", "greenhouse", "Front Door", "Inside Door", "Hall", "porch", None]


def log(seed=0, n=240, home="a"):
    rng = np.random.default_rng(seed)
    time = 1.7e9 + np.cumsum(rng.integers(1, 45, n))
    return [
        {
            "home_id": home, "type": str(rng.choice(TYPES)), "timestamp": float(at),
            "consent": True, "confidence": 0.5,
            "metadata": {"location": place, "home_mode": "home"},
        }
        for at, place in zip(time, rng.choice(np.array(PLACES, dtype=object), n), strict=True)
    ]  # fmt: skip


def events_of(vocabulary, **options):
    text = "\n".join(map(json.dumps, log(**options)))
    return events_from_json(text, vocabulary=vocabulary)


def labels(n):
    return np.where(np.arange(n) % 3 == 0, "delivery", "no_delivery")


def chain_model(vocabulary):
    chains = chains_from_events(events_of(vocabulary))
    model = make_chain_pipeline(epochs=3, random_state=0)
    return model.fit(chains, labels(len(chains))), chains


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda v: v.name)
def test_features_learn_the_vocabulary_and_columns_of_chains_follow_it(vocabulary):
    events = events_of(vocabulary)
    chains = chains_from_events(events)
    for features, rows in (
        (DeliveryFeatures(), events), (BehaviorFeatures(), events), (MotionFeatures(), events),
        (ChainFeatures(), chains),
    ):  # fmt: skip
        assert features.fit(rows).vocabulary_ == vocabulary
        assert features.feature_set == 1
    table = ChainFeatures().set_output(transform="pandas").fit_transform(chains)
    names = [kind.name for kind in vocabulary.kinds]
    assert [name for name in table if name.startswith("n_") and "_at_" not in name] == [
        f"n_{name}" for name in names
    ]
    for code, name in enumerate(names):
        counted = [int((chains[row]["kind"] == name).sum()) for row in range(len(chains))]
        assert table[f"n_{name}"].tolist() == counted
        assert (table["first_kind"] == code).tolist() == [
            chains[row]["kind"].iloc[0] == name for row in range(len(chains))
        ]
    risk = {zone.name: zone.risk for zone in vocabulary.zones}
    highest = [max(map(risk.get, chains[row]["zone"])) for row in range(len(chains))]
    np.testing.assert_array_equal(table["risk_max"], np.array(highest, dtype=np.float32))
    delivery = DeliveryFeatures().set_output(transform="pandas").fit_transform(events)
    expected = events["zone"].map(risk).to_numpy(dtype=np.float32)
    np.testing.assert_array_equal(delivery["zone_risk"], expected)


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda v: v.name)
def test_streams_equal_batches_by_the_models_vocabulary(vocabulary):
    events, sent = events_of(vocabulary), log()
    behavior = BehaviorFeatures().fit(events[:60])
    history = behavior.history("a")
    assert history.vocabulary == vocabulary
    batch = behavior.transform(events[60:])
    rows = [history.update(event) for event in sent[60:]]
    np.testing.assert_array_equal(batch, rows)
    again = BehaviorHistory.from_events(events)
    assert again.to_dict() == history.to_dict()
    named = {name for key in again.to_dict()["counts"] for name in key.split()}
    assert named & {"gong", "curtain", "greenhouse"} == (
        {"gong", "curtain", "greenhouse"} if vocabulary == OWN else set()
    )
    model, chains = chain_model(vocabulary)
    stream = ChainStream(model)
    assert stream.vocabulary == vocabulary
    answers = [stream.predict_stream(event) for event in sent[: chains.lengths[0]]]
    assert stream.chain.vocabulary == vocabulary
    pd.testing.assert_frame_equal(stream.chain[0], chains[0])
    np.testing.assert_array_equal(answers[-1], model.predict_proba(stream.chain)[0])


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda v: v.name)
def test_a_saved_model_keeps_its_vocabulary(vocabulary, tmp_path):
    events = events_of(vocabulary)
    chain, chains = chain_model(vocabulary)
    delivery = Pipeline([("features", DeliveryFeatures()), ("model", DeliveryClassifier(epochs=3))])
    behavior = Pipeline([("features", BehaviorFeatures()), ("model", BehaviorAnomalyDetector())])
    times = {"model__timestamps": events["timestamp"]}
    for model, rows in (
        (chain, chains),
        (delivery.fit(events, labels(len(events))), events),
        (behavior.fit(events, **times), events),
    ):
        folder = save_estimator(model, tmp_path / type(model[0]).__name__)
        document = json.loads(read_folder(folder, ESTIMATOR_KIND)["estimator.json"])
        assert document["features"]["feature_set"] == 1
        assert ("vocabulary" in document["features"]) is (vocabulary != SDK)
        again = load_estimator(folder)
        assert again[0].vocabulary_ == vocabulary
        np.testing.assert_array_equal(again[0].transform(rows), model[0].transform(rows))
        np.testing.assert_array_equal(again.predict(rows), model.predict(rows))


def told_by(path):
    """Return the metadata of an exported model."""
    metadata = read_spec(path).description.metadata.userDefined
    return {key.removeprefix("novin_ml."): value for key, value in metadata.items()}


def changed(folder, tmp_path, **features):
    files = read_folder(folder, ESTIMATOR_KIND)
    document = json.loads(files["estimator.json"])
    for name, value in features.items():
        if value is None:
            document["features"].pop(name, None)
        else:
            document["features"][name] = value
    files["estimator.json"] = json.dumps(document).encode()
    return write_folder(files, tmp_path / "changed", ESTIMATOR_KIND)


def test_a_saved_model_without_a_vocabulary_and_a_number_is_of_sdk_and_1(tmp_path):
    model, chains = chain_model(SDK)
    folder = save_estimator(model, tmp_path / "model")
    old = load_estimator(changed(folder, tmp_path, feature_set=None, vocabulary=None))
    assert old[0].vocabulary_ == SDK
    assert old[0].feature_set == 1
    np.testing.assert_array_equal(old.predict_proba(chains), model.predict_proba(chains))


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ({"feature_set": 2}, "feature_set=2"),
        ({"vocabulary": HOME.to_dict()}, "features='ChainFeatures'"),
        ({"vocabulary": {"kindz": []}}, "nearest is .*kinds"),
    ],
)
def test_a_saved_model_of_other_columns_is_refused(features, words, tmp_path):
    folder = save_estimator(chain_model(SDK)[0], tmp_path / "model")
    with pytest.raises(SavedModelError, match=words):
        load_estimator(changed(folder, tmp_path, **features))


class SecondSet(ChainFeatures):
    """The columns of chains under another number."""

    @property
    def feature_set(self):
        return 2


def test_the_number_of_the_feature_set_is_written_and_held_against_the_class(tmp_path, monkeypatch):
    from dataclasses import replace

    from novin_ml.estimators import families

    monkeypatch.setitem(
        families.FAMILIES, "chains", replace(families.FAMILIES["chains"], features=SecondSet)
    )
    chains = chains_from_events(events_of(SDK))
    model = Pipeline([("features", SecondSet()), ("model", EventChainClassifier(epochs=3))])
    model.fit(chains, labels(len(chains)))
    folder = save_estimator(model, tmp_path / "model")
    assert load_estimator(folder)[0].feature_set == 2
    with pytest.raises(SavedModelError, match="feature_set=1"):
        load_estimator(changed(folder, tmp_path, feature_set=1))
    assert told_by(export_coreml(model, tmp_path / "Model.mlmodel").model)["feature_set"] == "2"


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda v: v.name)
def test_an_exported_model_tells_its_vocabulary(vocabulary, tmp_path):
    model, _ = chain_model(vocabulary)
    told = told_by(export_coreml(model, tmp_path / "Model.mlmodel").model)
    assert told["feature_set"] == "1"
    if vocabulary == SDK:
        assert "vocabulary" not in told
    else:
        assert Vocabulary.from_dict(json.loads(told["vocabulary"])) == vocabulary


def test_events_of_the_other_built_in_vocabulary_mean_the_same_to_a_model():
    for own, other in ((SDK, HOME), (HOME, SDK)):
        events, same = events_of(own), events_of(other)
        for features in (DeliveryFeatures(), BehaviorFeatures()):
            features.fit(events)
            np.testing.assert_array_equal(features.transform(same), features.transform(events))


def test_events_of_another_vocabulary_are_refused():
    sentence = "must have events of one vocabulary, .*'flat'.*vocabulary_"
    for features in (DeliveryFeatures(), BehaviorFeatures()):
        features.fit(events_of(OWN))
        for vocabulary in (SDK, HOME):
            with pytest.raises(InvalidEventError, match=sentence):
                features.transform(events_of(vocabulary))
    MotionFeatures().fit(events_of(OWN)).transform(check_events(events_of(OWN)))
    model, _ = chain_model(OWN)
    for vocabulary in (SDK, HOME):
        with pytest.raises(InvalidEventError, match=sentence):
            model.predict(chains_from_events(events_of(vocabulary)))
    # One that was not fitted takes chains as they are.
    for vocabulary in (SDK, HOME):
        chains = chains_from_events(events_of(vocabulary))
        n = len(ChainFeatures().fit(chains).get_feature_names_out())
        assert ChainFeatures().transform(chains).shape[1] == n


def test_rules_of_chains_go_by_the_names_of_kinds():
    kinds = ["curtain", "motion", "curtain", "motion"]
    text = json.dumps(
        [{"type": kind, "timestamp": 1.7e9 + 3 * i} for i, kind in enumerate(["motion", *kinds])]
    )
    chains = {
        v.name: chains_from_events(events_from_json(text, vocabulary=v)) for v in VOCABULARIES
    }
    found = {name: ChainRules().fit(each).predict(each)[0] for name, each in chains.items()}
    assert found == {"sdk": "no_pattern", "home": "no_pattern", "flat": "intrusion_sequence"}


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda v: v.name)
def test_logs_of_homes_are_read_by_the_vocabulary_of_their_baselines(vocabulary, tmp_path):
    events = events_of(vocabulary)
    fit_fleet(events, out=tmp_path / "fleet", random_state=0)
    fleet = load_fleet(tmp_path / "fleet")
    assert fleet["a"][0].vocabulary_ == vocabulary
    expected = fleet["a"].score_samples(events)
    for other in VOCABULARIES:
        found = score_fleet(fleet, events_of(other))
        np.testing.assert_array_equal(found.scores["anomaly_score"], -expected)
        assert found.training_data.n_rows_seen == len(events)
        assert found.training_data.flatters
    new = events_of(vocabulary, seed=1).assign(timestamp=lambda table: table["timestamp"] + 1e6)
    assert not score_fleet(fleet, new).training_data.flatters


@pytest.mark.parametrize("columns", [{}, {"zones": ["porch", "hallway"], "memory": 60.0}])
@pytest.mark.parametrize("own", [SDK, HOME], ids=lambda v: v.name)
def test_chains_of_the_other_built_in_vocabulary_are_read_again(own, columns):
    other = HOME if own == SDK else SDK
    # Events of a second are simultaneous, which sorts them by their kinds and zones.
    events = events_of(own, n=400)
    events = events.assign(timestamp=events["timestamp"] // 20 * 20)
    chains, others = (chains_from_events(each.apply(events)) for each in (own, other))
    assert not np.array_equal(chains.kind, others.kind)
    features = ChainFeatures(**columns).fit(chains)
    for rows in (slice(None), slice(3, 90, 2)):
        np.testing.assert_array_equal(
            features.transform(others[rows]), features.transform(chains[rows])
        )
    together = Chains.concatenate([others[:4], others[4:9]])
    np.testing.assert_array_equal(features.transform(together), features.transform(chains[:9]))


def test_chains_without_their_texts_are_refused_by_a_model_of_another_vocabulary():
    events = events_of(HOME)
    features = ChainFeatures().fit(chains_from_events(events_of(SDK)))
    for chains in (
        chains_from_events(events.drop(columns="type")),
        chains_from_events(events_of(OWN)),
        # Two sensors of one name: "door at hall" alone, and a door at the hall.
        chains_from_events(
            events.assign(type=["door at hall", "door"] * 120, location=[None, "hall"] * 120)
        ),
    ):
        with pytest.raises(InvalidEventError, match=r"must have events of one vocabulary.*apply"):
            features.transform(chains)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_chains_of_a_file_are_read_again(suffix, tmp_path):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    chains = chains_from_events(events_of(SDK))
    path = tmp_path / f"chains{suffix}"
    write_chains(chains, path)
    features = ChainFeatures().fit(chains)
    found = read_chains(path, vocabulary=HOME)
    assert found.vocabulary == HOME
    np.testing.assert_array_equal(features.transform(found), features.transform(chains))
    np.testing.assert_array_equal(features.transform(found[5:9]), features.transform(chains[5:9]))
    parts = Chains.concatenate([found[:5], read_chains(path, vocabulary=HOME)[5:]])
    np.testing.assert_array_equal(features.transform(parts), features.transform(chains))
