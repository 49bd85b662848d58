"""Whether a model was trained on what it is measured on, in every form that rows come in."""

import warnings

import numpy as np
import pytest

from novin_ml import DeliveryClassifier
from novin_ml.estimators import (
    make_behavior_pipeline,
    make_chain_pipeline,
    make_delivery_pipeline,
    make_motion_pipeline,
)
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.evaluation import seen_in_training, split_by_home
from novin_ml.events import read_events, training_events, write_events
from novin_ml.features import DeliveryFeatures, training_rows
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import (
    simulate_behavior,
    simulate_chains,
    simulate_deliveries,
    simulate_motions,
)

EVENTS = simulate_deliveries(900, random_state=0)
TRAIN, TEST = split_by_home(EVENTS, 0.4, random_state=0)
ROWS, _ = training_rows(TRAIN)


@pytest.fixture(scope="module", name="model")
def fitted():
    return make_delivery_pipeline(epochs=2, random_state=0).fit(ROWS, ROWS["label"])


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_rows_are_known_in_every_format_and_after_loading(model, suffix, tmp_path):
    if suffix == "parquet":
        pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    for part, n_seen in ((TRAIN, len(ROWS)), (TEST, 0)):
        write_events(part, path := tmp_path / f"events.{suffix}")
        rows = read_events(path)
        found = seen_in_training(loaded, rows[rows["label"].notna()])
        assert (found.known, found.n_rows_seen, found.flatters) == (True, n_seen, n_seen > 0)
        assert found.n_homes == rows["home_id"].nunique()
        assert (found.n_homes_seen == 0) == (n_seen == 0)


def test_a_share_is_counted(model):
    mixed = EVENTS[EVENTS["label"].notna()]
    found = seen_in_training(model, mixed)
    assert found.sentence == (
        f"The model was trained on {len(ROWS)} of the {len(mixed)} rows and on "
        f"{ROWS['home_id'].nunique()} of the {mixed['home_id'].nunique()} homes here, which "
        "flatter it."
    )
    assert found.to_document()["sentence"] == found.sentence


def test_later_rows_of_the_same_homes_flatter_too(model):
    later = TRAIN.assign(timestamp=TRAIN["timestamp"] + 1e7)
    found = seen_in_training(model, later)
    assert (found.rows_flatter, found.flatters) == (False, True)
    assert "on none of the" in found.sentence


def test_homes_without_a_name_are_known_by_their_rows():
    nameless = EVENTS.assign(home_id="unknown_home")
    rows, _ = training_rows(nameless)
    model = make_delivery_pipeline(epochs=2, random_state=0).fit(rows, rows["label"])
    found = seen_in_training(model, nameless)
    assert (found.n_homes, found.n_rows_seen) == (0, len(rows))
    other = simulate_deliveries(300, random_state=1).assign(home_id="unknown_home")
    assert not seen_in_training(model, other).flatters


def test_chains_and_signals_are_known(tmp_path):
    train, test = split_by_home(simulate_chains(600, random_state=0), 0.4, random_state=0)
    rows, _ = training_events(train)
    model = make_chain_pipeline(epochs=2, random_state=0).fit(rows, rows["label"])
    assert seen_in_training(model, rows).n_rows_seen == len(rows)
    assert not seen_in_training(model, test).flatters
    # Signals alone tell neither home nor time: the classifier knows their features.
    events, _ = training_events(simulate_motions(300, random_state=0))
    events = events[events["raw"].notna()]
    signals = events["raw"].tolist()
    model = make_motion_pipeline(epochs=2, random_state=0).fit(signals, events["label"])
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    assert seen_in_training(loaded, signals[:50]).n_rows_seen == 50
    assert not seen_in_training(loaded, [signal * 0.9 for signal in signals[:50]]).flatters


def test_a_classifier_alone_knows_its_rows_and_the_homes_that_were_its_groups():
    X = DeliveryFeatures().transform(ROWS)
    of_test = DeliveryFeatures().transform(TEST)
    groups = ROWS["home_id"].tolist()
    model = DeliveryClassifier(epochs=2, random_state=0).fit(X, ROWS["label"], groups=groups)
    assert seen_in_training(model, X).rows_flatter
    found = seen_in_training(model, TEST, features=of_test)
    assert (found.flatters, found.n_homes_asked) == (False, TEST["home_id"].nunique())
    assert seen_in_training(model, of_test, homes=["x"] * len(TEST)).n_homes_seen == 0
    assert seen_in_training(model, of_test, homes=[groups[0]] * len(TEST)).n_homes_seen == 1
    # Numbers of groups are no names of homes.
    model.fit(X, ROWS["label"], groups=np.arange(len(X)) % 5)
    assert seen_in_training(model, X, homes=[1] * len(X)).n_homes_asked == 0


@pytest.mark.parametrize("n_rows", [200, 3_000])
def test_rows_that_repeat_by_nature_do_not_flatter(n_rows):
    """Of four yes/no columns there are 16 rows: that a row was there before says nothing."""
    rng = np.random.default_rng(0)
    X, new = rng.integers(0, 2, (2, n_rows, 4)).astype(np.float32)
    model = DeliveryClassifier(epochs=2, random_state=0).fit(X, X[:, 0] > 0)
    assert not seen_in_training(model, new).flatters


def test_false_positives_alone_do_not_flatter():
    """Rows beyond the filter's size cost false positives, of which a thousand draws have some."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60_000, 2)).astype(np.float32)
    model = DeliveryClassifier(epochs=1, random_state=0).fit(X, X[:, 0] > 0)
    assert model.training_record_.false_positive_rate > 0.005
    found = [seen_in_training(model, rng.normal(size=(2_000, 2))) for _ in range(20)]
    assert sum(each.n_rows_seen for each in found) > 0
    assert not any(each.flatters for each in found)
    half = np.vstack([X[:100], rng.normal(size=(1_900, 2))])
    assert seen_in_training(model, half).rows_flatter


def test_a_baseline_knows_the_events_that_it_remembers():
    log = simulate_behavior(1, weeks=3, random_state=0).assign(consent=True)
    first = log["timestamp"] < log["timestamp"].min() + 14 * 86_400
    model = make_behavior_pipeline(n_estimators=5, random_state=0)
    model.fit(log[first], detector__timestamps=log["timestamp"][first])
    assert seen_in_training(model, log).n_rows_seen == first.sum()
    assert not seen_in_training(model, log[~first]).flatters


def test_what_keeps_no_record_is_not_known(model, tmp_path):
    without = load_estimator(save_estimator(model, tmp_path / "m", training_record=False))
    assert "training.npz" not in {path.name for path in (tmp_path / "m").iterdir()}
    for other in (without, DeliveryRules()):
        found = seen_in_training(other, TRAIN)
        assert (found.known, found.flatters) == (False, False)
        assert "is not known" in found.sentence


def test_the_same_training_saves_the_same_bytes(model, tmp_path):
    order = np.random.default_rng(1).permutation(len(ROWS))
    shuffled = ROWS.iloc[order]
    again = make_delivery_pipeline(epochs=2, random_state=0).fit(shuffled, shuffled["label"])
    first, other = (
        save_estimator(each, tmp_path / name) for each, name in ((model, "a"), (again, "b"))
    )
    loaded = save_estimator(load_estimator(first), tmp_path / "c")
    files = [path / "training.npz" for path in (first, other, loaded)]
    assert len({file.read_bytes() for file in files}) == 1


def test_no_record_leaves_with_an_exported_model(model, tmp_path):
    from novin_ml import export_coreml
    from novin_ml.coreml.swift import write_swift_package

    export_coreml(model, tmp_path / "m.mlmodel")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_swift_package({"m": tmp_path / "m.mlmodel"}, tmp_path / "Package")
    record = model[0].training_record_
    secrets = [record.salt, record.salt.hex().encode(), record.bits.tobytes()]
    secrets += [home.encode() for home in ROWS["home_id"].unique()]
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), path
        assert path.name != "training.npz"
