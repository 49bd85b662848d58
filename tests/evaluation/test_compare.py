"""Comparisons on counted cases, on simulated differences that are known, and on real rows."""

import itertools
import json
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, binomtest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, log_loss, precision_score, recall_score
from sklearn.model_selection import GroupShuffleSplit
from sklearn.tree import DecisionTreeClassifier

from benchmarks._datasets import read_wisdm
from novin_ml import MotionClassifier
from novin_ml.estimators import make_chain_pipeline, make_delivery_pipeline
from novin_ml.estimators.rules import ChainRules, DeliveryRules
from novin_ml.evaluation import (
    compare,
    compare_answers,
    compare_many,
    group_swap_test,
    mcnemar,
)
from novin_ml.evaluation.comparison._sample_size import sample_size
from novin_ml.evaluation.comparison.bootstrap import MAX_PARTS, resampled_sums
from novin_ml.features import attach_context, training_rows
from novin_ml.simulation import simulate_chains, simulate_deliveries

N_SIMULATED = 400


def by_homes(n_homes, rng, *, gain=0.0, differ=0.4, rows=20):
    """Simulate which rows two models have right, in homes that suit each of them differently.

    A home is easier or harder for both (deviation 0.5 of the log odds), and for each on its own
    (`differ`); homes have very different numbers of rows. The first is better by `gain`.
    """
    size = np.maximum(2, rng.poisson(rows * rng.lognormal(-0.125, 0.5, n_homes)))
    home = np.repeat(np.arange(n_homes), size)
    ease = rng.normal(0, 0.5, n_homes) + 1.0
    own = rng.normal(0, differ, (2, n_homes))
    shared = rng.normal(0, 0.8, len(home))
    right = [
        (ease + one + shift)[home] + shared + 0.6 * rng.logistic(size=len(home)) > 0
        for one, shift in zip(own, (gain, 0.0), strict=True)
    ]
    return home, *(np.where(each, "yes", "no") for each in right)


def compare_homes(home, a, b, **options):
    truth = np.full(len(home), "yes")
    return compare_answers(truth, a, b, groups=home, n_resamples=1000, **options)


def band(n, chance, level=0.999):
    """Return the ends of the binomial band of a share."""
    return binom.ppf([(1 - level) / 2, (1 + level) / 2], n, chance) / n


@pytest.fixture(scope="module")
def equal():
    """Comparisons of equally good models on 30 homes."""
    rng = np.random.default_rng(1)
    return [compare_homes(*by_homes(30, rng)) for _ in range(N_SIMULATED)]


def test_equally_good_models_are_told_apart_as_rarely_as_the_level_says(equal):
    decided = np.mean([each.verdict != "undecided" for each in equal])
    low, high = band(N_SIMULATED, 0.05)
    assert low <= decided <= high
    misses = np.mean([not each.accuracy.low <= 0 <= each.accuracy.high for each in equal])
    assert low <= misses <= band(N_SIMULATED, 0.08)[1]  # few and unequal homes: see the Notes


def test_mcnemars_test_of_rows_errs_far_more_often_where_homes_differ(equal):
    _, high = band(N_SIMULATED, 0.05)
    assert np.mean([each.mcnemar.p_value <= 0.05 for each in equal]) > 2 * high


def test_without_homes_the_level_holds_for_rows():
    rng = np.random.default_rng(2)
    decided = []
    for _ in range(N_SIMULATED):
        a, b = np.where(rng.random((2, 400)) < 0.8, "yes", "no")
        found = compare_answers(np.full(400, "yes"), a, b, n_resamples=500)
        decided.append(found.verdict != "undecided")
        assert found.p_value == pytest.approx(found.mcnemar.p_value, abs=1e-12)
    assert np.mean(decided) <= band(N_SIMULATED, 0.05)[1]
    assert np.mean(decided) >= band(N_SIMULATED, 0.03)[0]  # exact for counts: below its level


@pytest.mark.parametrize(
    ("gain", "differ"), [(0.35, 0.0), (0.45, 0.4)], ids=["homes alike", "homes differ"]
)
def test_power_is_as_computed(gain, differ):
    rng = np.random.default_rng(3)
    home, a, b = by_homes(20_000, rng, gain=gain, differ=differ)  # what is so in truth
    gains = np.bincount(home, (a == "yes").astype(float) - (b == "yes"))
    planned = sample_size(gains, np.bincount(home).astype(float), None, 0.95, 0.8)
    verdicts = [
        compare_homes(*by_homes(planned.n_groups, rng, gain=gain, differ=differ)).verdict
        for _ in range(N_SIMULATED // 2)
    ]
    assert 0.70 <= np.mean([verdict == "better" for verdict in verdicts]) <= 0.90
    assert "worse" not in verdicts


@pytest.mark.parametrize(("only_a", "only_b"), [(0.10, 0.05), (0.04, 0.02), (0.02, 0.0)])
def test_power_of_rows_is_as_computed_and_near_connors(only_a, only_b):
    chances = [only_a, only_b, 1 - only_a - only_b]
    gains = np.repeat([1.0, -1.0, 0.0], np.round(np.array(chances) * 10_000).astype(int))
    planned = sample_size(gains, np.ones(len(gains)), None, 0.95, 0.8)
    share, gain = only_a + only_b, only_a - only_b
    connor = (1.959964 * share**0.5 + 0.841621 * (share - gain**2) ** 0.5) ** 2 / gain**2
    assert planned.n_rows == pytest.approx(connor, rel=0.02)
    rng = np.random.default_rng(4)
    counts = rng.multinomial(planned.n_rows, chances, size=2000)[:, :2]
    power = np.mean([mcnemar(*pair).p_value <= 0.05 for pair in counts])
    assert 0.75 <= power <= 0.85


def test_undecided_says_how_many_homes_it_takes_and_they_are_right():
    rng = np.random.default_rng(8)
    home, a, b = by_homes(12, rng, gain=0.2)
    few = compare_homes(home, a, b)
    size = few.sample_size
    assert few.verdict == "undecided"
    assert size.more_groups == size.n_groups - 12 > 0
    assert f"about {size.more_groups:,} more groups, about {size.more_rows:,} rows" in few.sentence
    copies = -(-size.n_groups // 12) + 1  # as many homes of the same kind
    many = compare_homes(
        np.concatenate([home + 12 * copy for copy in range(copies)]),
        np.tile(a, copies),
        np.tile(b, copies),
    )
    assert many.verdict == ("better" if few.accuracy.difference > 0 else "worse")


def test_the_difference_that_matters_sets_the_amount():
    rng = np.random.default_rng(5)
    data = by_homes(40, rng)
    coarse, fine = (compare_homes(*data, difference=d).sample_size for d in (0.05, 0.01))
    assert fine.n_groups == pytest.approx(25 * coarse.n_groups, rel=0.2)
    at_limit = compare_homes(*data, difference=coarse.detectable).sample_size
    assert at_limit.n_groups == pytest.approx(40, abs=1)


def test_mcnemar_is_the_binomial_test():
    assert mcnemar(8, 2).p_value == pytest.approx(binomtest(8, 10).pvalue)
    assert mcnemar(8, 2) == mcnemar(8, 2)
    assert mcnemar(0, 0).p_value == 1


@pytest.mark.parametrize("seed", range(20))
def test_swapping_homes_is_what_trying_all_ways_says(seed):
    gains = np.random.default_rng(seed).integers(-5, 6, 1 + seed // 2)
    sums = [abs(np.dot(gains, ways)) for ways in itertools.product((1, -1), repeat=len(gains))]
    assert group_swap_test(gains) == pytest.approx(np.mean(sums >= abs(gains.sum())), abs=1e-12)


def test_swapping_rows_is_mcnemar():
    for only_a, only_b in [(0, 0), (1, 0), (5, 5), (40, 22), (500, 431), (3000, 2700)]:
        swapped = group_swap_test([1] * only_a + [-1] * only_b)
        assert swapped == pytest.approx(mcnemar(only_a, only_b).p_value, abs=1e-12)


def test_drawing_parts_spreads_as_drawing_all_groups_would():
    rng = np.random.default_rng(6)
    values = rng.exponential(size=(3 * MAX_PARTS + 7, 1))
    drawn = resampled_sums(values, 4000, rng)
    assert drawn.mean() == pytest.approx(values.sum(), rel=0.005)
    assert drawn.std() == pytest.approx(values.std() * len(values) ** 0.5, rel=0.08)


def test_scores_and_changes_are_scikit_learns():
    rng = np.random.default_rng(7)
    names = np.array(["cat", "dog", "owl"])
    truth = rng.choice(names, 300)
    chances = [rng.dirichlet(np.ones(3), 300) for _ in "ab"]
    a, b = (names[each.argmax(axis=1)] for each in chances)
    found = compare_answers(
        truth, a, b, probabilities_a=chances[0], probabilities_b=chances[1], classes=names
    )
    assert found.accuracy.a == accuracy_score(truth, a)
    assert found.accuracy.difference == pytest.approx(np.mean(a == truth) - np.mean(b == truth))
    losses = [log_loss(truth, each, labels=names) for each in chances]
    assert (found.log_loss.a, found.log_loss.b) == pytest.approx(tuple(losses))
    assert found.log_loss.low < found.log_loss.difference < found.log_loss.high
    assert found.log_loss.difference == pytest.approx(losses[0] - losses[1])
    for change, label in zip(found.classes, names, strict=True):
        one = {"labels": [label], "average": None}
        assert change.recall_difference == pytest.approx(
            recall_score(truth, a, **one)[0] - recall_score(truth, b, **one)[0]
        )
        assert change.precision_a == precision_score(truth, a, **one)[0]
        assert change.won - change.lost == round(change.recall_difference * change.n_rows)
        false = [np.sum((said == label) & (truth != label)) for said in (a, b)]
        assert change.false_won - change.false_lost == false[1] - false[0]
    table = found.disagreements
    np.testing.assert_array_equal(table["row"], np.flatnonzero(a != b))
    assert found.n_disagreements == len(table)
    counts = table["right"].value_counts()
    assert (counts["a"], counts["b"]) == (found.mcnemar.only_a, found.mcnemar.only_b)


def test_the_interval_is_that_of_drawing_rows_of_homes():
    home, a, b = by_homes(25, np.random.default_rng(9))
    found = compare_homes(home, a, b)
    gain = (a == "yes").astype(float) - (b == "yes")
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(home == each) for each in range(25)]
    drawn = [
        gain[np.concatenate([rows[i] for i in rng.integers(25, size=25)])].mean()
        for _ in range(3000)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    width = found.accuracy.high - found.accuracy.low
    assert 1 < width / (high - low) < 1.2  # expanded
    middle = (found.accuracy.low + found.accuracy.high) / 2
    assert middle == pytest.approx((low + high) / 2, abs=0.1 * width)
    assert found.to_dict() == compare_homes(home, a, b).to_dict()  # where NaN is None


def test_swapping_the_two_mirrors_everything():
    home, a, b = by_homes(40, np.random.default_rng(10), gain=1.0)
    one, other = compare_homes(home, a, b), compare_homes(home, b, a)
    assert (one.verdict, other.verdict) == ("better", "worse")
    assert one.accuracy.low == pytest.approx(-other.accuracy.high)
    assert one.p_value == pytest.approx(other.p_value)
    assert [c.won for c in one.classes] == [c.lost for c in other.classes]
    assert "a is worse than b: -" in other.sentence
    assert one.is_not_worse(0)
    assert not other.is_not_worse()


def test_few_homes_or_none_that_differ_decide_nothing():
    home = np.repeat(np.arange(5), 40)
    truth = np.full(200, "yes")
    found = compare_answers(truth, truth, np.full(200, "no"), groups=home)
    assert (found.verdict, found.accuracy.difference, found.p_value) == ("undecided", 1.0, 0.0625)
    one = compare_answers(truth, truth, np.full(200, "no"), groups=np.zeros(200))
    assert one.verdict == "undecided"
    assert np.isnan(one.accuracy.low)
    assert "one of the groups alone" in one.sentence
    assert not one.is_not_worse()
    alike = compare_answers(truth, truth, truth, groups=home)
    assert alike.verdict == "undecided"
    assert alike.accuracy.high == pytest.approx(binomtest(0, 200).proportion_ci().high)
    assert "they are right on the same rows" in alike.sentence
    assert "no row tells" in found.sentence
    assert not compare_answers(["yes"] * 9, ["yes"] * 9, ["yes"] * 9).is_not_worse()
    even = compare_answers(["yes"] * 8, ["yes", "no"] * 4, ["no", "yes"] * 4)
    assert "as often right, and a difference of" in even.sentence


def test_too_few_homes_show_no_model_to_be_as_good():
    truth = np.full(400, "yes")
    for n_homes in (2, 5):
        assert not compare_answers(
            truth, truth, truth, groups=np.arange(400) % n_homes
        ).is_not_worse()
    assert compare_answers(truth, truth, truth, groups=np.arange(400) % 6).is_not_worse()


def test_no_p_value_is_said_to_be_0():
    truth, wrong = np.full(400, "yes"), np.full(400, "no")
    found = compare_answers(truth, truth, wrong)
    assert "p < 1e-14" in found.sentence
    assert "p = 0.062," in compare_answers(truth[:5], truth[:5], wrong[:5]).sentence


def test_one_of_a_thing_is_named_so():
    found = compare_answers(["x"], ["x"], ["y"], groups=["elm"])
    assert "1 row of 1 group)" in found.sentence


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_of_no_group_is_refused(missing):
    groups = np.array(["elm", "oak", missing], dtype=object)
    with pytest.raises(ValueError, match="Got 1 row without"):
        compare_answers(["x"] * 3, ["x"] * 3, ["y"] * 3, groups=groups)


def test_whole_numbers_are_the_same_label_as_floats():
    # A column of integers with one missing is one of floats.
    X = np.arange(80.0)[:, None]
    y = np.repeat([0, 1], 40)
    tree, stump = DecisionTreeClassifier().fit(X, y), DummyClassifier().fit(X, y)
    partly = pd.Series(y).where(np.arange(80) > 0)
    assert partly.dtype == float
    for labels in (partly, partly.tolist(), partly.astype("Int64"), partly.astype(object)):
        found = compare(tree, stump, X, labels=labels)
        assert (found.n_rows, found.accuracy.a) == (79, 1.0)
        assert [each.label for each in found.classes] == ["0", "1"]


def test_a_comparison_is_frozen_and_json():
    found = compare_answers(["x", "y"], ["x", "x"], ["x", "y"])
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["classes"][1]["precision_a"] is None
    assert document["sentence"] == found.sentence
    assert "disagreements" not in document
    with pytest.raises(FrozenInstanceError):
        found.verdict = "better"


@pytest.fixture(scope="module")
def delivery():
    rows, _ = training_rows(simulate_deliveries(1200, random_state=0))
    fit = {"y": rows["label"].astype(object)}
    good = make_delivery_pipeline(epochs=20, random_state=0).fit(rows, **fit)
    poor = make_delivery_pipeline(epochs=1, random_state=0).fit(rows, **fit)
    return {"good": good, "poor": poor, "rules": DeliveryRules()}


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(1200, random_state=1)


def test_a_model_and_the_rules_on_events(delivery, events):
    found = compare(delivery["good"], delivery["rules"], events)
    rows = attach_context(events)
    labelled = rows[rows["label"].notna()]
    truth = labelled["label"].to_numpy(dtype=object)
    by_model = delivery["good"].predict(labelled)
    by_rules = DeliveryRules().fit(labelled).predict(labelled)
    assert found.accuracy.a == np.mean(by_model == truth)
    assert found.accuracy.b == np.mean(by_rules == truth)
    assert (found.n_rows, found.n_groups) == (1200, labelled["home_id"].nunique())
    assert found.log_loss is None
    assert (found.names, found.unit, found.verdict) == (("a", "the rules"), "homes", "better")
    shown = found.disagreements
    of_event = events.iloc[shown["row"]]
    assert shown["home_id"].tolist() == of_event["home_id"].tolist()
    assert shown["timestamp"].tolist() == of_event["timestamp"].tolist()
    assert shown["truth"].tolist() == of_event["label"].tolist()
    assert (shown["answer_a"] != shown["answer_b"]).all()


def test_two_models_have_log_losses_and_clean_labels_serve_too(delivery, events):
    found = compare(delivery["good"], delivery["poor"], events, labels=events["clean_label"])
    assert found.log_loss.high < 0
    assert found.n_rows == events["clean_label"].notna().sum()


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
def test_chains():
    chains = simulate_chains(600, random_state=0)
    model = make_chain_pipeline(epochs=3, random_state=0).fit(chains, chains["label"])
    found = compare(model, ChainRules(), chains, n_resamples=500)
    assert found.unit == "homes"
    assert found.accuracy.a == np.mean(model.predict(chains) == chains["label"].to_numpy())
    assert found.disagreements["timestamp"].isin(chains["start"]).all()


def test_models_of_other_labels_are_compared_on_all():
    X = np.arange(60.0)[:, None]
    y = np.repeat(["p", "q", "r"], 20)
    all_three = DecisionTreeClassifier().fit(X, y)
    two = DecisionTreeClassifier().fit(X[:40], y[:40])
    found = compare(all_three, two, X, labels=y)
    assert found.unit == "rows"
    assert found.log_loss.b == pytest.approx(-np.log(np.finfo(np.float32).eps) / 3)
    assert found.verdict == "better"


def test_holms_method_decides_one_after_the_other(delivery, events):
    many = compare_many(delivery, events, n_resamples=1000)
    pairs = [each.names for each in many.comparisons]
    assert pairs == [("good", "poor"), ("good", "rules"), ("poor", "rules")]
    p = np.array([each.p_value for each in many.comparisons])
    order = np.argsort(p, kind="stable")
    expected = np.minimum(1, np.maximum.accumulate(p[order] * [3, 2, 1]))
    np.testing.assert_allclose(np.array(many.p_adjusted)[order], expected)
    levels = [1 - many.comparisons[place].confidence for place in order]
    np.testing.assert_allclose(levels, [0.05 / 3, 0.05 / 2, 0.05])
    assert json.loads(json.dumps(many.to_dict()))["correction"] == "Holm"


def test_many_equal_models_are_rarely_told_apart():
    rng = np.random.default_rng(11)
    wrong, alone = 0, 0
    y = np.full(80, "yes")
    for _ in range(100):
        answers = np.where(rng.random((5, 80)) < 0.7, "yes", "no")
        models = {str(i): _Fixed(each) for i, each in enumerate(answers)}
        many = compare_many(models, np.zeros((80, 1)), labels=y, n_resamples=200)
        wrong += any(each.verdict != "undecided" for each in many.comparisons)
        alone += any(each.p_value <= 0.05 for each in many.comparisons)
    assert wrong / 100 <= band(100, 0.05)[1]
    assert alone > 10


class _Fixed:
    """A classifier without probabilities, whose answers are known."""

    def __init__(self, answers):
        self.answers = answers

    def predict(self, X):
        return self.answers


def test_errors_say_what_does_not_fit(delivery, events):
    with pytest.raises(ValueError, match=r"as many rows as each other. Got 2, 1, 2"):
        compare_answers(["x", "y"], ["x"], ["x", "y"])
    with pytest.raises(ValueError, match=r"must have rows. Got none"):
        compare_answers([], [], [])
    for name in ("confidence", "power", "difference"):
        with pytest.raises(
            ValueError, match=rf"'{name}' parameter of .* must be a float in the range \(0.0, 1.0\)"
        ):
            compare_answers(["x"], ["x"], ["x"], **{name: 1.0})
        with pytest.raises(
            ValueError, match=rf"'{name}' parameter of .* must be a float in the range \(0.0, 1.0\)"
        ):
            compare_answers(["x"], ["x"], ["x"], **{name: "0.5"})
    with pytest.raises(
        ValueError, match=r"'n_resamples' parameter of .* must be an int in the range \[100, inf\)"
    ):
        compare_answers(["x"], ["x"], ["x"], n_resamples=5)
    two = {"probabilities_a": [[0.5, 0.5]], "probabilities_b": [[0.5, 0.5]]}
    with pytest.raises(ValueError, match="classes must be the labels"):
        compare_answers(["x"], ["x"], ["x"], **two)
    with pytest.raises(ValueError, match="Got none for 'x'"):
        compare_answers(["x"], ["x"], ["x"], **two, classes=["p", "q"])
    with pytest.raises(ValueError, match="must have labels"):
        compare(delivery["good"], delivery["rules"], events.drop(columns="label"))
    with pytest.raises(
        ValueError, match=r"'groups' parameter must have an entry for each of the .* rows"
    ):
        compare(delivery["good"], delivery["rules"], events, groups=["a"])
    for name in ("labels", "groups"):
        with pytest.raises(ValueError, match=rf"'{name}' parameter .* Got .*home_id.*data\[NAME\]"):
            compare(delivery["good"], delivery["rules"], events, **{name: "home_id"})
    with pytest.raises(NotFittedError):
        compare(make_delivery_pipeline(), delivery["rules"], events)
    with pytest.raises(ValueError, match="must have two models or more"):
        compare_many({"a": delivery["good"]}, events)
    with pytest.raises(ValueError, match="'against' parameter must be one of"):
        compare_many(delivery, events, against="best")
    with pytest.raises(ValueError, match="'margin' parameter of Comparison"):
        compare_answers(["x"], ["x"], ["x"]).is_not_worse(2)


def test_trained_on_synthetic_rows_against_real_ones_on_real_rows(shared_data):
    # The stand-in for a simulator knows of the training users what a specification would tell: of
    # each activity, mean and deviation of each feature, and not how features go together.
    data = read_wisdm(shared_data)
    splitter = GroupShuffleSplit(1, test_size=0.5, random_state=0)
    train, test = next(splitter.split(data.X, groups=data.groups))
    X, y = data.X.iloc[train], data.y[train]
    rng = np.random.default_rng(0)
    parts = []
    for label in np.unique(y):
        of_label = X[y == label]
        normal = rng.normal(of_label.mean(), of_label.std().fillna(0), of_label.shape)
        parts.append(pd.DataFrame(normal, columns=X.columns).assign(label=label))
    drawn = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(X.columns, np.float32))
    learner = {"epochs": 15, "early_stopping": False, "n_jobs": 1, "random_state": 0}
    real = MotionClassifier(**learner).fit(X, y)
    synthetic = MotionClassifier(**learner).fit(drawn[X.columns], drawn["label"].astype(object))
    none = DummyClassifier().fit(X, y)
    many = compare_many(
        {"real": real, "synthetic": synthetic, "none": none},
        data.X.iloc[test],
        labels=data.y[test],
        groups=data.groups[test],
        n_resamples=2000,
    )
    on_real, beats_none, synthetic_beats_none = many.comparisons
    assert on_real.n_groups == 18
    assert (beats_none.verdict, synthetic_beats_none.verdict) == ("better", "better")
    # Two points, and 18 users who differ: what real rows add is not shown by so few people.
    assert on_real.verdict == "undecided"
    assert on_real.accuracy.low < 0 < on_real.accuracy.difference < on_real.accuracy.high
    assert on_real.sample_size.more_groups > 18
