"""Noise, what it costs, what an attack finds, and what leaves a home."""

import pickle
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import kstest, norm

from novin_ml import MotionClassifier
from novin_ml.estimators.weights import get_weights
from novin_ml.exceptions import ExtraNotInstalledError, InvalidParametersError
from novin_ml.federated import (
    AggregationSettings,
    CheckedUpdate,
    FedAvg,
    FederationSettings,
    LocalHome,
    MeanOfUpdates,
    PrivacySettings,
    attack_membership,
    epsilon_of,
    noise_for,
    train_federated,
)

PRIVATE = FederationSettings(
    rounds=3,
    share=0.5,
    step=FedAvg(),
    aggregation=AggregationSettings(max_norm=1.0, max_examples=1),
    validation_share=0,
    privacy=PrivacySettings(noise_multiplier=0.5, noise_seed=7),
)


def test_noise_is_that_which_is_stated():
    total = MeanOfUpdates(4000, max_norm=2.0, max_examples=1, max_updates=100)
    change = np.full(4000, 0.01, dtype=np.float32)
    for _ in range(30):
        total.add(CheckedUpdate(change, 1, 0.63, False, False))
    privacy = PrivacySettings(noise_multiplier=1.5, noise_seed=1)
    found = privacy.noisy_mean(total, 25, number=1)
    # The sum is 0.3, the noise has the deviation 1.5 * 2, and 25 homes are expected.
    assert kstest((found * 25 - 0.3) / 3.0, "norm").pvalue > 0.01
    assert found.tobytes() == privacy.noisy_mean(total, 25, number=1).tobytes()
    assert found.tobytes() != privacy.noisy_mean(total, 25, number=2).tobytes()
    unseeded = PrivacySettings(noise_multiplier=1.5)
    draws = {unseeded.noisy_mean(total, 25, number=1).tobytes() for _ in range(2)}
    assert len(draws) == 2


def test_one_home_changes_the_sum_by_its_norm_at_most(start, homes, base):
    """What the noise is measured by: with and without any one home, before the noise."""
    still = replace(PRIVATE, share=1.0, rounds=1, privacy=PrivacySettings(1e-9, noise_seed=0))
    n = len(homes)
    whole = get_weights(train_federated(start, homes, still).model) - base
    for name in sorted(homes)[::6]:
        rest = {other: home for other, home in homes.items() if other != name}
        without = get_weights(train_federated(start, rest, still).model) - base
        assert np.linalg.norm(n * whole - (n - 1) * without) <= 1.0 + 1e-3


def test_rounds_say_nothing_of_who_is_there(start, homes, base):
    """No home answers, and the weights change by noise as if some had."""
    silent = {name: LocalHome(name, home.X[:0], home.codes[:0]) for name, home in homes.items()}
    model = train_federated(start, silent, replace(PRIVATE, rounds=1)).model
    change = get_weights(model) - base
    assert np.std(change) == pytest.approx(0.5 * 1.0 / (0.5 * len(homes)), rel=0.2)


def test_each_home_is_drawn_by_itself(start, homes):
    """What epsilon is computed for: a round has no fixed number of homes."""
    rounds = train_federated(start, homes, replace(PRIVATE, rounds=60, share=0.25)).rounds
    asked = np.array([each.n_asked for each in rounds])
    n, share = len(homes), 0.25
    assert asked.mean() == pytest.approx(n * share, abs=4 * np.sqrt(n * share * 0.75 / 60))
    assert asked.var() == pytest.approx(n * share * 0.75, rel=0.6)


def test_a_federation_with_little_noise_learns(start, homes, rows):
    X, y, _ = rows
    privacy = PrivacySettings(noise_multiplier=0.01, noise_seed=0)
    settings = replace(PRIVATE, rounds=20, share=1.0, privacy=privacy)
    assert train_federated(start, homes, settings).model.score(X, y) > 0.85
    loud = replace(settings, privacy=PrivacySettings(noise_multiplier=20, noise_seed=0))
    assert train_federated(start, homes, loud).model.score(X, y) < 0.7


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"aggregation": AggregationSettings(max_examples=1)}, "a stated max_norm"),
        ({"aggregation": AggregationSettings(max_norm=1.0)}, "max_examples=1"),
        ({"aggregation": AggregationSettings("krum", 1.0, 1)}, "method='mean'"),
        ({"validation_share": 0.1}, "validation_share=0"),
        ({"privacy": PrivacySettings(0.0)}, "noise_multiplier"),
        ({"privacy": PrivacySettings(1.0, delta=1.0)}, "delta"),
    ],
)
def test_what_would_break_the_promise_is_refused(start, homes, wrong, says):
    with pytest.raises(InvalidParametersError, match=says):
        train_federated(start, homes, replace(PRIVATE, **wrong))


def test_epsilon_of_the_plain_gaussian_mechanism():
    """Without sampling and with one round, epsilon has a formula (Balle and Wang 2018)."""
    pytest.importorskip("dp_accounting", reason="dp-accounting is not installed")
    for sigma in (0.8, 2.0, 5.0):

        def delta_of(epsilon, sigma=sigma):
            a, b = 1 / (2 * sigma), epsilon * sigma
            return norm.cdf(a - b) - np.exp(epsilon) * norm.cdf(-a - b)

        exact = brentq(lambda e: delta_of(e) - 1e-5, 0, 50)
        found = epsilon_of(PrivacySettings(sigma), share=1.0, rounds=1)
        assert exact <= found <= 1.25 * exact  # Renyi accounting is never below


def test_epsilon_falls_with_noise_and_sampling():
    pytest.importorskip("dp_accounting", reason="dp-accounting is not installed")
    by_noise = [epsilon_of(PrivacySettings(z), share=0.1, rounds=50) for z in (0.7, 1.0, 2.0)]
    by_share = [epsilon_of(PrivacySettings(1.0), share=q, rounds=50) for q in (0.5, 0.1, 0.01)]
    assert by_noise == sorted(by_noise, reverse=True)
    assert by_share == sorted(by_share, reverse=True)
    noise = noise_for(3.0, share=0.1, rounds=50)
    assert epsilon_of(PrivacySettings(noise), share=0.1, rounds=50) <= 3.0
    assert epsilon_of(PrivacySettings(0.99 * noise), share=0.1, rounds=50) > 3.0


def test_epsilon_names_its_extra_and_its_ranges():
    try:
        import dp_accounting  # noqa: F401
    except ImportError:
        with pytest.raises(ExtraNotInstalledError, match=r"novin-ml\[federated\]"):
            epsilon_of(PrivacySettings(1.0), share=0.1, rounds=5)
    for wrong in ({"share": 0.0, "rounds": 1}, {"share": 0.5, "rounds": 0}):
        with pytest.raises(InvalidParametersError, match="'rounds' 1 or more"):
            epsilon_of(PrivacySettings(1.0), **wrong)
    with pytest.raises(InvalidParametersError, match="'epsilon'"):
        noise_for(0.0, share=0.5, rounds=1)


class Recorder:
    """A home of which everything that it sends is kept, as bytes."""

    def __init__(self, home):
        self.home, self.sent = home, []

    def statistics(self, n_classes):
        return self._keep("statistics", self.home.statistics(n_classes))

    def update(self, task):
        return self._keep("update", self.home.update(task))

    def loss(self, task):
        return self._keep("loss", self.home.loss(task))

    def _keep(self, what, value):
        self.sent.append((what, value))
        return value


def test_what_leaves_a_home_is_what_the_page_lists(start, homes):
    recorders = {name: Recorder(home) for name, home in homes.items()}
    for each in recorders.values():
        each.statistics(3)
    train_federated(start, recorders, FederationSettings(rounds=2, validation_share=0.1))
    kinds = {what for each in recorders.values() for what, _ in each.sent}
    assert kinds == {"statistics", "update", "loss"}
    for name, each in recorders.items():
        trained = [what for what, _ in each.sent[1:]]
        assert set(trained) in ({"update"}, {"loss"})  # who is held back never trains
        for what, value in each.sent:
            if what == "loss":
                assert type(value) is float
                continue
            names = {field.name for field in fields(value)}
            expected = {
                "statistics": {"n", "mean", "squares", "bins", "n_rows", "class_counts"},
                "update": {"values", "n_examples", "model_sha256", "sha256"},
            }
            assert names == expected[what]
            # No name of a home, and no column of its rows, is in what it sends.
            content = pickle.dumps(value)
            assert name.encode() not in content
            assert np.ascontiguousarray(homes[name].X[:, 0]).tobytes() not in content


def test_bins_do_not_tell_the_values_of_a_home(homes):
    """A home's value is known up to its bin: a thirty-second of itself."""
    home = homes["home_00"]
    moved = replace(home, X=(home.X * np.float32(1 + 1e-4)).astype(np.float32))
    one, two = home.statistics(3), moved.statistics(3)
    same = (one.bins == two.bins).all(axis=1)
    assert same.mean() >= 0.5


def test_the_attack_finds_a_model_that_remembers(rows, start, homes):
    """Homes whose rows a model has learnt by heart, and homes like them that it has not."""
    rng = np.random.default_rng(0)
    random_labels = {
        n: replace(h, codes=rng.integers(0, 3, len(h.codes))) for n, h in homes.items()
    }
    names = sorted(homes)
    members = {name: random_labels[name] for name in names[:12]}
    others = {name: random_labels[name] for name in names[12:]}
    X = pd.DataFrame(np.concatenate([h.X for h in members.values()]), columns=list("abcd"))
    y = start.classes_[np.concatenate([h.codes for h in members.values()])]
    learnt = MotionClassifier(early_stopping=False, epochs=200, random_state=0).fit(X, y)
    found = attack_membership(learnt, members, others)
    assert found.advantage > 0.9
    assert found.interval[0] > 0.7
    assert (found.n_members, found.n_others) == (12, 12)
    guessed = attack_membership(start, members, others)
    assert guessed.advantage < 0.7
