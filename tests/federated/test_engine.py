"""Rounds in this process."""

import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from novin_ml import DeliveryClassifier, MotionClassifier, export_coreml, verify_coreml
from novin_ml.estimators.weights import get_weights
from novin_ml.exceptions import InvalidParametersError, SavedModelError
from novin_ml.federated import (
    AggregationSettings,
    FaultyHome,
    FedAdam,
    FedAvg,
    FederationSettings,
    LocalHome,
    homes_of,
    merged_statistics,
    train_federated,
    untrained_model,
    with_faults,
)
from novin_ml.lifecycle import load_estimator, save_estimator

SETTINGS = FederationSettings(rounds=12, validation_share=0.1)


@pytest.fixture(scope="module")
def federation(start, homes):
    return train_federated(start, homes, SETTINGS)


def test_a_federation_learns(start, homes, rows, federation):
    X, y, _ = rows
    assert start.score(X, y) < 0.6
    assert federation.model.score(X, y) > 0.9
    assert federation.rounds[-1].count.accepted == len(homes) - 2  # two are held back
    losses = [each.validation_loss for each in federation.rounds]
    assert federation.kept == int(np.argmin(losses)) + 1
    assert losses[-1] < losses[0] / 2


def test_the_model_is_one_like_any_other(federation, rows, tmp_path):
    X, _, _ = rows
    model = federation.model
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    loaded = load_estimator(save_estimator(model, tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded.training_data_["n_samples"] == len(X)
    export = export_coreml(loaded, tmp_path / "model.mlmodel")
    assert verify_coreml(export.model).labels_differ == 0


def test_two_classes(rows):
    X, y, home = rows
    found, classes = homes_of(X, np.where(y == "pet", "delivery", "no_delivery"), home)
    statistics, _ = merged_statistics(found, X.shape[1], 2)
    start = untrained_model(
        DeliveryClassifier("mlp", random_state=0), statistics, classes, list(X.columns)
    )
    model = train_federated(start, found, replace(SETTINGS, rounds=4)).model
    assert model.score(X, np.where(y == "pet", "delivery", "no_delivery")) > 0.9


def test_homes_are_held_back_where_there_are_many(start, homes):
    """A tenth of a hundred homes; of fewer none, unless the share is stated."""
    many = {f"{n}{i}": replace(home, name=f"{n}{i}") for i in range(5) for n, home in homes.items()}
    one = FederationSettings(rounds=1)
    for those, settings, n in (
        (many, one, 108),
        (homes, one, 24),
        (homes, replace(one, validation_share=0.25), 18),
        (many, replace(one, validation_share=0), 120),
    ):
        report = train_federated(start, those, settings).rounds[0]
        assert report.n_asked == n
        assert (report.validation_loss is None) == (n == len(those))


def test_the_same_seed_gives_the_same_weights(start, homes):
    settings = FederationSettings(rounds=3, share=0.5)
    one, two = (get_weights(train_federated(start, homes, settings).model) for _ in range(2))
    other = get_weights(train_federated(start, homes, settings, random_state=1).model)
    assert one.tobytes() == two.tobytes() != other.tobytes()


def test_the_order_of_homes_does_not_matter(start, homes):
    settings = FederationSettings(rounds=2, aggregation=AggregationSettings(max_norm=1.0))
    turned = dict(reversed(homes.items()))
    found = [get_weights(train_federated(start, each, settings).model) for each in (homes, turned)]
    assert found[0].tobytes() == found[1].tobytes()


@pytest.mark.parametrize("step", [FedAvg(), FedAdam()])
def test_a_federation_goes_on_where_it_was(start, homes, tmp_path, step):
    settings = FederationSettings(rounds=4, step=step, validation_share=0.1)
    homes = {**homes, "home_05": FaultyHome(homes["home_05"], {"nan": 1.0})}
    whole = train_federated(start, homes, settings)
    parts = None
    for rounds in (1, 3, 4, 4):
        parts = train_federated(start, homes, replace(settings, rounds=rounds), state=tmp_path)
        assert len(parts.rounds) == rounds
    assert get_weights(parts.model).tobytes() == get_weights(whole.model).tobytes()
    losses = [[each.validation_loss for each in f.rounds] for f in (whole, parts)]
    assert losses[0] == losses[1]
    told = [[(each.count, each.refusals) for each in f.rounds] for f in (whole, parts)]
    assert told[0] == told[1]
    assert parts.rounds[0].count.rejected == {"not finite": 1}


_KILLED = """
import sys, time
from tests.federated.conftest import N_FEATURES, rows_of_homes
from novin_ml import MotionClassifier
from novin_ml.estimators.weights import get_weights
from novin_ml.federated import *
homes, classes = homes_of(*rows_of_homes())
statistics, _ = merged_statistics(homes, N_FEATURES, len(classes))
network = MotionClassifier("mlp", random_state=0, learner_params={"hidden_layer_sizes": (16,)})
start = untrained_model(network, statistics, classes)
def told(report, model):
    print(report.number, flush=True)
    time.sleep(0.05)
federation = train_federated(
    start, homes, FederationSettings(rounds=24, patience=24), state=sys.argv[1], on_round=told
)
print(get_weights(federation.model).tobytes().hex())
"""


def test_a_killed_server_goes_on_from_its_last_round(tmp_path):
    command = [sys.executable, "-c", _KILLED]
    whole = subprocess.run([*command, tmp_path / "a"], capture_output=True, text=True, check=True)
    rounds = 0
    while rounds < 24:
        with subprocess.Popen([*command, tmp_path / "b"], stdout=subprocess.PIPE, text=True) as it:
            lines = []
            for line in it.stdout:
                lines.append(line.strip())
                if lines[-1].isdigit() and len(lines) >= 12 and int(lines[-1]) < 24:
                    it.send_signal(signal.SIGKILL)
                    break
            numbers = [int(line) for line in lines if line.isdigit() and len(line) < 5]
        assert numbers[0] in (rounds + 1, rounds + 2)  # a round that was kept is not run again
        rounds = numbers[-1]
    assert lines[-1] == whole.stdout.splitlines()[-1]


def test_a_state_of_another_federation_is_refused(start, homes, tmp_path):
    train_federated(start, homes, FederationSettings(rounds=1), state=tmp_path)
    others = [
        (start, homes, FederationSettings(rounds=1, share=0.5), 0),
        (start, homes, FederationSettings(rounds=1), 1),
        (start, dict(list(homes.items())[1:]), FederationSettings(rounds=1), 0),
    ]
    for model, those, settings, seed in others:
        with pytest.raises(SavedModelError, match="state of this federation"):
            train_federated(model, those, settings, random_state=seed, state=tmp_path)
    (tmp_path / "federation.npz").write_bytes(b"PK")
    with pytest.raises(SavedModelError, match="Remove it to begin again"):
        train_federated(start, homes, FederationSettings(rounds=1), state=tmp_path)


def test_every_fault_is_counted_and_none_counts(start, homes):
    names = sorted(homes)
    bad = {**homes}
    for name, fault in zip(names, ["dead", "nan"], strict=False):
        bad[name] = FaultyHome(homes[name], {fault: 1.0})
    settings = replace(SETTINGS, rounds=6, validation_share=0)
    report = train_federated(start, bad, settings).rounds[0]
    assert report.count.rejected == {"failed": 1, "not finite": 1}
    assert {each.source: each.reason for each in report.refusals} == {
        names[0]: "failed",
        names[1]: "not finite",
    }
    good = {name: homes[name] for name in names[2:]}
    limits = replace(settings, aggregation=AggregationSettings(max_norm=1.0))
    with_bad, without = (train_federated(start, each, limits).model for each in (bad, good))
    assert get_weights(with_bad).tobytes() == get_weights(without).tobytes()


@pytest.mark.parametrize("fault", ["scaled", "sign_flipped", "label_flipped"])
@pytest.mark.parametrize("method", ["mean", "trimmed_mean", "krum"])
def test_poison_is_stood(start, homes, rows, fault, method):
    X, y, _ = rows
    settings = replace(SETTINGS, aggregation=AggregationSettings(method=method))
    bad = with_faults(homes, {fault: 0.08}, lasting=True)
    assert sum(isinstance(home, FaultyHome) for home in bad.values()) == 2
    assert train_federated(start, bad, settings).model.score(X, y) > 0.85


class Enemy(LocalHome):
    """Sends the change that undoes what the others learn, a thousand times too large."""

    def update(self, task):
        update = super().update(task)
        change = update.values - task.values
        return replace(update, values=task.values - np.float32(1000) * change)


def test_what_clipping_is_for(start, homes, rows):
    X, y, _ = rows
    home = homes["home_03"]
    bad = {**homes, home.name: Enemy(home.name, home.X, home.codes)}
    scores = {}
    for max_norm in (None, 1e6):
        settings = replace(SETTINGS, aggregation=AggregationSettings(max_norm=max_norm))
        scores[max_norm] = train_federated(start, bad, settings).model.score(X, y)
    assert scores[None] > 0.9
    assert scores[1e6] < 0.6


def test_a_hanging_home_costs_the_deadline_and_no_more(start, homes):
    bad = {**homes, "home_23": FaultyHome(homes["home_23"], {"hanging": 1.0})}
    settings = FederationSettings(rounds=1, deadline=1.0, validation_share=0)
    began = time.monotonic()
    report = train_federated(start, bad, settings).rounds[0]
    assert time.monotonic() - began < 10
    assert report.count.rejected["late"] >= 1
    assert report.count.accepted + report.count.rejected["late"] == len(homes)


def test_no_update_changes_nothing(start, homes, base):
    bad = {name: FaultyHome(home, {"dead": 1.0}) for name, home in homes.items()}
    federation = train_federated(start, bad, FederationSettings(rounds=2))
    assert get_weights(federation.model).tobytes() == base.tobytes()
    assert [each.count.accepted for each in federation.rounds] == [0, 0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"rounds": 0},
        {"share": 0.0},
        {"share": 1.1},
        {"deadline": 0.0},
        {"validation_share": 1.0},
        {"patience": 0},
        {"aggregation": AggregationSettings(method="median")},
        {"aggregation": AggregationSettings(max_norm=0.0)},
        {"aggregation": AggregationSettings(max_examples=0)},
        {"aggregation": AggregationSettings(trim=0.5)},
    ],
)
def test_settings_are_checked(start, homes, wrong):
    with pytest.raises(InvalidParametersError, match=r"must be .* Got .* instead"):
        train_federated(start, homes, FederationSettings(**wrong))


def test_models_without_weights_are_refused(rows, homes):
    X, y, _ = rows
    statistics, _ = merged_statistics(homes, X.shape[1], 3)
    with pytest.raises(InvalidParametersError, match=r"algorithm='mlp'.*Got 'boosting'"):
        untrained_model(MotionClassifier(), statistics, np.array(["a", "b", "c"]))
    with pytest.raises(InvalidParametersError, match="two labels or more"):
        untrained_model(MotionClassifier("mlp"), statistics, np.array(["a"]))
    with pytest.raises(InvalidParametersError, match="Got none"):
        train_federated(MotionClassifier("mlp", epochs=1).fit(X, y), {})
