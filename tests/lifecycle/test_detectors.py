"""Detectors, and pipelines whose features remember events or take chains, saved and loaded."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from novin_ml import BehaviorAnomalyDetector, EventChainClassifier, export_coreml, store
from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators import make_behavior_pipeline, make_chain_pipeline
from novin_ml.events import training_events
from novin_ml.exceptions import SavedModelError
from novin_ml.features import BehaviorFeatures
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_chains, simulate_deliveries

DAY = 86_400.0
FORMS = ("model", "model.novin")


def table(n_rows=600, seed=0):
    X = np.random.default_rng(seed).normal(size=(n_rows, 4)).astype(np.float32)
    X[::29] *= 5
    return X


def detector(days=60, **params):
    times = None if days is None else 1.7e9 + np.linspace(0, days * DAY, 600)
    params = {"n_estimators": 8, "max_samples": 64, "random_state": 0, **params}
    return BehaviorAnomalyDetector(**params).fit(table(), timestamps=times)


def fitted_attributes(estimator):
    return {name for name in vars(estimator) if name.endswith("_")}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("days", "params"),
    [
        (None, {}),
        (5, {}),
        (60, {}),
        (60, {"alarms_per_week": 20, "confidence": 0.5, "max_features": 2, "bootstrap": True}),
        (60, {"max_samples": 0.5, "random_state": np.random.RandomState(3)}),
        (60, {"algorithm": "autoencoder", "learner_params": {"epochs": 3, "activation": "relu"}}),
    ],
)
def test_round_trip_bit_for_bit(form, days, params, tmp_path):
    model = detector(days, **params)
    loaded = load_estimator(save_estimator(model, tmp_path / form))
    assert type(loaded) is BehaviorAnomalyDetector
    X = np.concatenate([table(), 4 * table(300, 1)])
    np.testing.assert_array_equal(loaded.score_samples(X), model.score_samples(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.explain(X[:1]) == model.explain(X[:1])
    assert fitted_attributes(loaded) == fitted_attributes(model)
    for name in fitted_attributes(model) - {"learner_"}:
        np.testing.assert_array_equal(getattr(loaded, name), getattr(model, name))
        assert type(getattr(loaded, name)) is type(getattr(model, name))
    for name, value in model.get_params().items():
        assert name == "random_state" or getattr(loaded, name) == value
    # Saved again it is the same file; the budget can be changed, and it can be trained again.
    again = save_estimator(loaded, tmp_path / "again.novin")
    assert store.read_file(again, "estimator") == store.read_file(
        save_estimator(model, tmp_path / "first.novin"), "estimator"
    )
    for each in (model, loaded):
        each.set_alarms_per_week(7)
    assert (loaded.offset_, loaded.state_) == (model.offset_, model.state_)
    loaded.fit(X)


def test_names_of_a_table(tmp_path):
    frame = pd.DataFrame(table(), columns=["energy", "two words", "ü", "x"])
    model = BehaviorAnomalyDetector(n_estimators=5, random_state=0).fit(frame)
    loaded = load_estimator(save_estimator(model, tmp_path / "model.novin"))
    assert loaded.feature_specs_ == model.feature_specs_
    np.testing.assert_array_equal(loaded.decision_function(frame), model.decision_function(frame))


def behavior_pipeline():
    events, _ = training_events(simulate_deliveries(1_200, n_homes=1, random_state=0))
    past, future = events.iloc[:-200], events.iloc[-200:]
    model = make_behavior_pipeline(n_estimators=8, random_state=0)
    return model.fit(past, detector__timestamps=past["timestamp"]), past, future


@pytest.mark.parametrize("form", FORMS)
def test_features_go_on_from_what_they_remember(form, tmp_path):
    model, past, future = behavior_pipeline()
    loaded = load_estimator(save_estimator(model, tmp_path / form))
    assert [name for name, _ in loaded.steps] == [name for name, _ in model.steps]
    for events in (past, future, future.iloc[:1]):
        pd.testing.assert_frame_equal(loaded[0].transform(events), model[0].transform(events))
        np.testing.assert_array_equal(loaded.score_samples(events), model.score_samples(events))
    # Without the past the future looks new: the state does count.
    fresh = make_behavior_pipeline()[0].transform(future)
    assert not np.array_equal(fresh, loaded[0].transform(future))
    for before, after in zip(model, loaded, strict=True):
        assert fitted_attributes(after) == fitted_attributes(before)
    exports = [
        export_coreml(m, tmp_path / str(i) / "m.mlmodel") for i, m in enumerate((model, loaded))
    ]
    assert exports[0].model.read_bytes() == exports[1].model.read_bytes()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("algorithm", ["boosting", "mlp", "blend", "forest"])
def test_chains(algorithm, form, tmp_path):
    chains = simulate_chains(150, random_state=0)
    rows, _ = training_events(chains)
    model = make_chain_pipeline(algorithm=algorithm, epochs=2, random_state=0)
    model.fit(rows, rows["label"])
    loaded = load_estimator(save_estimator(model, tmp_path / form))
    assert type(loaded[-1]) is EventChainClassifier
    np.testing.assert_array_equal(loaded.predict_proba(chains), model.predict_proba(chains))
    assert loaded[-1].fit_report_ == model[-1].fit_report_


@pytest.mark.parametrize("algorithm", ["boosting", "mlp", "blend", "forest"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_calibration_is_kept(algorithm, n_classes, tmp_path):
    y = np.arange(600) % n_classes
    X = table() + np.column_stack([y] * 4)
    model = EventChainClassifier(
        algorithm,
        epochs=4,
        calibrate=True,
        early_stopping=True,
        validation_fraction=0.3,
        random_state=0,
    ).fit(X, y)
    assert model.fit_report_.calibration
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded.fit_report_ == model.fit_report_


# Files whose hashes are right, written to do harm.


def saved_with(files, tmp_path):
    return store.write_file(files, tmp_path / "other.novin", "estimator")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(kind="DeliveryClassifier"),
        lambda d: d.update(kind="IsolationForest"),
        lambda d: d.update(learner="boosting"),
        lambda d: d.update(learner=[]),
        lambda d: d.update(state="evil"),
        lambda d: d.update(state=["ready"]),
        lambda d: d.update(numbers=[]),
        lambda d: d["numbers"].update(offset_="-1"),
        lambda d: d["numbers"].update(offset_=float("nan")),
        lambda d: d["numbers"].update(n_alarms_in_training_=1.5),
        lambda d: d["numbers"].pop("required_days_"),
        lambda d: d.update(n_features=3),
        lambda d: d.update(feature_names=["a"]),
        lambda d: d["params"].update(n_estimators=0),
        lambda d: d["params"].update(alarms_per_week="many"),
        lambda d: d["params"].update(run="rm"),
        lambda d: d.update(training_data=None),
        lambda d: d.pop("state"),
        lambda d: d.update(state="learning"),
        lambda d: d["numbers"].update(n_days_=3.0),
        lambda d: d["numbers"].update(offset_=-1.0),
        lambda d: d["numbers"].update(offset_=0.0),
        lambda d: d["numbers"].update(n_alarms_in_training_=40),
        lambda d: d["numbers"].update(alarm_bound_=0.0),
    ],
)
def test_other_descriptions_are_refused(change, tmp_path):
    files = store.read_file(save_estimator(detector(), tmp_path / "m.novin"), "estimator")
    document = json.loads(files["estimator.json"])
    change(document)
    files["estimator.json"] = json.dumps(document).encode()
    with pytest.raises(SavedModelError):
        load_estimator(saved_with(files, tmp_path))


@pytest.mark.parametrize(
    "change",
    [{"offset_": -0.4}, {"n_alarms_in_training_": 2}, {"alarm_bound_": 1.0}, {"n_days_": 400.0}],
)
def test_a_detector_that_learns_has_no_threshold(change, tmp_path):
    files = store.read_file(save_estimator(detector(5), tmp_path / "m.novin"), "estimator")
    document = json.loads(files["estimator.json"])
    document["numbers"] |= change
    files["estimator.json"] = json.dumps(document).encode()
    with pytest.raises(SavedModelError):
        load_estimator(saved_with(files, tmp_path))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("calibration_scores", np.zeros(5, np.float32)),
        ("calibration_scores", np.zeros((5, 1))),
        ("calibration_scores", np.array([0.0, np.nan])),
        ("calibration_scores", np.array([0.0, -1.0])),
        ("feature_summary", np.zeros((34, 5), np.float32)),
        ("feature_summary", np.zeros(34, np.float32)),
    ],
)
def test_other_arrays_are_refused(name, array, tmp_path):
    files = store.read_file(save_estimator(detector(), tmp_path / "m.novin"), "estimator")
    arrays = read_arrays(files["arrays.npz"]) | {name: array}
    files["arrays.npz"] = write_arrays(arrays)
    with pytest.raises(SavedModelError, match=name):
        load_estimator(saved_with(files, tmp_path))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("feature_plus_1", lambda a: a + 9),
        ("left", lambda a: np.zeros_like(a)),
        ("right", lambda a: a[::-1].copy()),
        ("threshold", lambda a: a * np.float32(np.nan)),
        ("count_less_1", lambda a: a.astype(np.float32)),
        ("tree_size", lambda a: a[1:]),
        ("max_samples", lambda a: a * 0),
    ],
)
def test_other_trees_are_refused(name, change, tmp_path):
    files = store.read_file(save_estimator(detector(), tmp_path / "m.novin"), "estimator")
    arrays = read_arrays(files["isolation.npz"])
    files["isolation.npz"] = write_arrays(arrays | {name: change(arrays[name])})
    with pytest.raises(SavedModelError, match=r"isolation\.npz"):
        load_estimator(saved_with(files, tmp_path))


@pytest.mark.parametrize("name", ["estimator.json", "arrays.npz", "isolation.npz", "features.npz"])
def test_files_that_are_absent_or_empty_are_refused(name, tmp_path):
    model, _, _ = behavior_pipeline()
    files = store.read_file(save_estimator(model, tmp_path / "m.novin"), "estimator")
    assert name in files
    for others in ({}, {name: b""}):
        kept = {key: content for key, content in files.items() if key != name}
        with pytest.raises(SavedModelError):
            load_estimator(saved_with(kept | others, tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: {"time": arrays["time"][::-1].copy()},
        lambda arrays: {"time": arrays["time"].astype(np.float64)},
        lambda arrays: {"starts": arrays["starts"] + 1},
        lambda arrays: {"homes_text": arrays["homes_text"][:0]},
        lambda arrays: {"homes_text": arrays["homes_text"] | np.uint8(128)},
        lambda arrays: {"kind": arrays["kind"] + np.uint8(200)},
        lambda arrays: {"zone": arrays["zone"][:-1]},
    ],
)
def test_other_memories_of_features_are_refused(change, tmp_path):
    events, _ = training_events(simulate_deliveries(300, n_homes=3, random_state=0))
    features = BehaviorFeatures().set_output(transform="pandas")
    model = Pipeline([("features", features), ("detector", BehaviorAnomalyDetector())]).fit(events)
    files = store.read_file(save_estimator(model, tmp_path / "m.novin"), "estimator")
    arrays = read_arrays(files["features.npz"])
    files["features.npz"] = write_arrays(arrays | change(arrays))
    with pytest.raises(SavedModelError):
        load_estimator(saved_with(files, tmp_path))
