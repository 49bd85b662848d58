"""A threshold is the lowest whose bound keeps the budget; bounds hold as often as they say."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaincinv
from scipy.stats import binomtest, chi2
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import get_scorer
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV

from novin_ml.estimators.decisions import Decisions
from novin_ml.estimators.families import FAMILIES, classifier_families
from novin_ml.evaluation import (
    conformalize,
    measure_thresholds,
    observed_weeks,
    tune_threshold,
)
from novin_ml.evaluation.alarms import lowest_threshold, weeks_by_home
from novin_ml.evaluation.decisions._home_bands import share_band
from novin_ml.evaluation.decisions._home_bounds import allowed_alarms, bound_of_homes
from novin_ml.evaluation.intervals import exact_interval
from novin_ml.events import NO_PATTERN
from novin_ml.features import attach_context

N_ROWS = 1500

# Of `many_homes` only counts matter: its classifier is fitted on the rows that it is measured on.
pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")


def upper(n_events, confidence=0.95):
    """Garwood's limit, by another function than the library's."""
    return chi2.ppf(confidence, 2 * n_events + 2) / 2


@pytest.fixture(scope="module")
def trained():
    """A pipeline of each family, and rows of other homes."""
    found = {}
    for name, family in classifier_families().items():
        rows, _ = family.rows.to_train(family.simulate(N_ROWS, random_state=0))
        pipeline = family.make_pipeline(epochs=8, random_state=0, n_jobs=1)
        held_back = family.simulate(N_ROWS, random_state=1)
        found[name] = (pipeline.fit(rows, rows["label"].astype(object)), held_back)
    return found


@pytest.fixture
def delivery(trained):
    pipeline, rows = trained["delivery"]
    pipeline[-1].set_thresholds({})
    return pipeline, rows


def labelled(rows):
    rows = attach_context(rows)
    return rows[rows["label"].notna()]


@pytest.mark.parametrize("budget", [0.4, 1.0, 5.0])
@pytest.mark.parametrize("family", classifier_families())
def test_threshold_is_the_lowest_whose_bound_keeps_the_budget(trained, family, budget):
    pipeline, rows = trained[family]
    report = tune_threshold(pipeline, rows, budget)
    rows = labelled(rows) if isinstance(rows, pd.DataFrame) else rows
    times = rows["timestamp" if isinstance(rows, pd.DataFrame) else "start"]
    weeks = observed_weeks(rows["home_id"], times)
    assert report.home_weeks == weeks
    probabilities = pipeline.predict_proba(rows)
    truth = rows["label"].to_numpy().astype(str)
    names, home = np.unique(rows["home_id"].to_numpy().astype(str), return_inverse=True)
    weeks_of = weeks_by_home(rows["home_id"], times)
    for each in report.thresholds:
        p = probabilities[:, list(pipeline.classes_).index(each.label)]
        is_other, own = truth != each.label, p[truth == each.label]
        others = p[is_other]

        def bound(threshold, p=p, is_other=is_other):
            counts = np.bincount(home[is_other & (p >= threshold)], minlength=len(names))
            return bound_of_homes(counts, weeks_of, budget, 0.95).upper

        assert each.threshold.dtype == np.float32
        assert each.false_per_home_week_upper <= budget
        assert upper(each.n_false) / weeks <= each.false_per_home_week_upper * (1 + 1e-12)
        # All stricter thresholds keep the budget, and one that is hardly looser does not.
        assert all(bound(score) <= budget for score in np.unique(others[others >= each.threshold]))
        near = (others < each.threshold) & (others >= each.threshold - np.float32(0.00101))
        assert max((bound(score) for score in np.unique(others[near])), default=np.inf) > budget
        assert each.n_false == np.sum(others >= each.threshold)
        assert each.false_per_home_week == each.n_false / weeks
        assert each.recall == np.mean(own >= each.threshold)
        _, of_own = np.unique(home[truth == each.label], return_inverse=True)
        few = of_own.max() < 9
        assert each.recall_unit == ("none" if few else "homes")
        interval = (None, None) if few else share_band(own >= each.threshold, of_own, 0.95)
        assert (each.recall_low, each.recall_high) == interval
    assert pipeline[-1].decisions_.thresholds == {each.label: each for each in report.thresholds}


def test_the_default_labels_are_what_the_family_is_for(trained):
    tuned = {
        name: [each.label for each in tune_threshold(*trained[name], 5.0).thresholds]
        for name in classifier_families()
    }
    classes = {name: trained[name][0].classes_.tolist() for name in classifier_families()}
    assert tuned["delivery"] == ["delivery"]
    assert tuned["motion"] == classes["motion"]
    assert tuned["chains"] == [label for label in classes["chains"] if label != NO_PATTERN]


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_bound_holds_as_often_as_it_says_though_the_threshold_is_chosen_on_it(confidence):
    """Scores of other rows are uniform; homes differ as a gamma law does."""
    rng = np.random.default_rng(0)
    n_draws, weeks, rate, budget = 400, np.full(40, 4.0), 3.0, 1.0
    kept = 0
    for _ in range(n_draws):
        home = np.repeat(np.arange(40), rng.poisson(rate * rng.gamma(2, 0.5, 40) * weeks))
        others = rng.random(len(home)).astype(np.float32)
        n_allowed = allowed_alarms(others, home, weeks, budget, confidence)
        kept += rate * (1 - lowest_threshold(others, n_allowed)) <= budget
    assert binomtest(int(kept), n_draws, confidence).proportion_ci(0.999).high >= confidence
    assert kept < n_draws  # it is not so wide that nothing is left to chance


def test_the_bound_of_all_labels_holds_as_often_as_it_says():
    """Of several labels the rows just below the thresholds count too."""
    rng = np.random.default_rng(1)
    n_draws, weeks, rate, n_labels = 300, np.full(25, 4.0), 3.0, 5
    kept = 0
    for _ in range(n_draws):
        expected, counts = 0.0, np.zeros(25, dtype=int)
        kind = rng.gamma(2, 0.5, 25)
        for _ in range(n_labels):
            home = np.repeat(np.arange(25), rng.poisson(rate * kind * weeks))
            others = rng.random(len(home)).astype(np.float32)
            n_allowed = allowed_alarms(others, home, weeks, 1.0, 0.95)
            least = lowest_threshold(others, n_allowed)
            expected += rate * (1 - least)
            counts += np.bincount(home[others >= np.nextafter(least, np.float32(0))], minlength=25)
        kept += expected <= bound_of_homes(counts, weeks, None, 0.95).upper
    assert binomtest(kept, n_draws, 0.95).proportion_ci(0.999).high >= 0.95


def test_of_one_label_both_bounds_are_one(delivery):
    pipeline, rows = delivery
    rows = labelled(rows)
    for budget in (0.5, 1.0, 3.0):
        report = tune_threshold(pipeline, pd.concat([rows, rows]), budget)  # where all scores tie
        (each,) = report.thresholds
        assert report.false_per_home_week_upper == pytest.approx(each.false_per_home_week_upper)


def test_equal_probabilities_are_alarms_together_or_not_at_all():
    others = np.float32([0.9, 0.5, 0.5, 0.5, 0.1])
    assert lowest_threshold(others, 0) == np.nextafter(np.float32(0.9), np.float32(1))
    for n_allowed in (1, 2, 3):
        assert lowest_threshold(others, n_allowed) == np.nextafter(np.float32(0.5), np.float32(1))
    assert lowest_threshold(others, 4) == np.nextafter(np.float32(0.1), np.float32(1))
    assert lowest_threshold(others, 5) == -np.inf


def test_a_label_that_others_are_surely_taken_for_is_never_an_alarm():
    assert lowest_threshold(np.float32([1, 1, 0.5]), 1) == np.nextafter(
        np.float32(1), np.float32(2)
    )


def test_a_budget_that_the_rows_cannot_prove_is_refused_and_changes_nothing(delivery):
    pipeline, rows = delivery
    pipeline[-1].set_thresholds({"delivery": 0.7})
    before = pipeline[-1].decisions_
    rows = labelled(rows)
    weeks = observed_weeks(rows["home_id"], rows["timestamp"])
    needed = upper(0) / 0.01
    with pytest.raises(ValueError, match="must be observed for") as caught:
        tune_threshold(pipeline, rows, 0.01)
    text = str(caught.value)
    for number in (
        f"at least {needed:.1f} weeks",
        f"Got {weeks:.1f}",
        f"{needed - weeks:.1f} more weeks",
    ):
        assert number in text
    assert pipeline[-1].decisions_ == before
    provable = float(text.rsplit("allow ", 1)[1].rstrip("."))
    assert tune_threshold(pipeline, rows, provable).n_false == 0
    with pytest.raises(ValueError, match="must be observed for"):
        tune_threshold(pipeline, rows, provable - 0.011)


def test_a_large_budget_lets_every_row_be_an_alarm(delivery):
    report = tune_threshold(*delivery, 1e6)
    (each,) = report.thresholds
    assert (each.threshold, each.recall) == (0, 1)
    assert report.n_alarms == report.n_rows == N_ROWS


def test_each_row_is_one_alarm(delivery):
    pipeline, rows = delivery
    rows = labelled(rows)
    pipeline[-1].set_thresholds({"delivery": 0.3})
    once = measure_thresholds(pipeline, rows)
    twice = measure_thresholds(pipeline, pd.concat([rows, rows]))
    assert once.n_false > 0
    assert twice.n_false == 2 * once.n_false
    assert twice.thresholds[0].n_false == 2 * once.thresholds[0].n_false
    assert twice.home_weeks == once.home_weeks


def test_alarms_in_all_are_those_of_the_classifier(trained):
    pipeline, rows = trained["chains"]
    report = tune_threshold(pipeline, rows, 3.0)
    answers = pipeline[-1].alarms(pipeline[0].transform(rows))
    truth = rows["label"].to_numpy()
    is_alarm = answers != None  # noqa: E711
    assert report.n_alarms == np.sum(is_alarm)
    assert report.n_false == np.sum(is_alarm & (answers != truth))
    assert report.n_false <= sum(each.n_false for each in report.thresholds)
    weeks = report.home_weeks
    homes = report.homes.sort_values("home_id")
    again = measure_thresholds(pipeline, rows)  # as if they came from elsewhere
    found = bound_of_homes(
        homes["n_false"].to_numpy(), homes["home_weeks"].to_numpy(), 3.0 * 5, 0.95
    )
    assert again.false_per_home_week_upper == pytest.approx(found.upper)
    assert again.false_per_home_week_upper < report.false_per_home_week_upper
    assert upper(report.n_false) / weeks <= again.false_per_home_week_upper


def test_homes_add_up_and_the_worst_is_first(trained):
    pipeline, rows = trained["delivery"]
    report = tune_threshold(pipeline, rows, 5.0)
    homes = report.homes
    assert homes["n_false"].sum() == report.n_false > 0
    assert homes["n_rows"].sum() == report.n_rows
    assert homes["home_weeks"].sum() == pytest.approx(report.home_weeks)
    assert len(homes) == report.n_homes == rows["home_id"].nunique()
    assert homes["false_per_week"].is_monotonic_decreasing
    rows = labelled(rows)
    for home in homes.itertuples():
        of_home = rows[(rows["home_id"] == home.home_id).to_numpy()]
        answers = pipeline[-1].alarms(pipeline[0].transform(of_home))
        is_delivery = (of_home["label"] == "delivery").to_numpy()
        assert home.n_false == np.sum((answers == "delivery") & ~is_delivery)
        assert home.recall == np.mean(answers[is_delivery] == "delivery")
        assert home.false_per_week_upper == pytest.approx(upper(home.n_false) / home.home_weeks)
    expected = report.n_false * homes["home_weeks"] / report.home_weeks
    chi = ((homes["n_false"] - expected) ** 2 / expected).sum()
    assert report.dispersion == pytest.approx(chi / (len(homes) - 1))


def test_rows_without_consent_choose_no_threshold(delivery):
    pipeline, rows = delivery
    home = rows["home_id"].iloc[0]
    without = rows.assign(consent=(rows["home_id"] != home).to_numpy())
    report = tune_threshold(pipeline, without, 1.0)
    n_labelled = int(rows["label"].notna()[(rows["home_id"] == home).to_numpy()].sum())
    assert report.n_without_consent == n_labelled
    assert home not in set(report.homes["home_id"])
    others = rows[(rows["home_id"] != home).to_numpy()]
    assert tune_threshold(pipeline, others, 1.0).thresholds == report.thresholds
    assert measure_thresholds(pipeline, without).n_rows == N_ROWS


def test_thresholds_of_other_labels_stay(trained):
    pipeline, rows = trained["chains"]
    tune_threshold(pipeline, rows, 5.0)
    before = dict(pipeline[-1].decisions_.thresholds)
    report = tune_threshold(pipeline, rows, 1.0, labels="forced_entry")
    after = pipeline[-1].decisions_.thresholds
    assert [each.label for each in report.thresholds] == ["forced_entry"]
    assert after["forced_entry"].threshold > before.pop("forced_entry").threshold
    assert all(after[label] == threshold for label, threshold in before.items())
    answers = pipeline[-1].alarms(pipeline[0].transform(rows))
    assert report.n_alarms == np.sum(answers != None)  # noqa: E711


def test_a_classifier_alone_takes_features(delivery):
    pipeline, rows = delivery
    whole = tune_threshold(pipeline, rows, 1.0)
    rows = attach_context(rows)
    features = pipeline[0].transform(rows)
    alone = tune_threshold(pipeline[-1], rows, 1.0, features=features)
    pd.testing.assert_frame_equal(alone.homes, whole.homes)
    assert alone.thresholds == whole.thresholds


def test_the_truth_may_be_another_column(delivery):
    pipeline, rows = delivery
    noisy, clean = (tune_threshold(pipeline, rows, 1.0, truth=t) for t in ("label", "clean_label"))
    assert clean.thresholds[0].recall > noisy.thresholds[0].recall


def test_the_report_is_json(trained):
    report = tune_threshold(*trained["chains"], 1.0)
    document = json.loads(json.dumps(report.to_document(), allow_nan=False))
    assert [each["label"] for each in document["thresholds"]] == [
        each.label for each in report.thresholds
    ]
    assert len(document["homes"]) == report.n_homes


def test_clopper_and_pearson():
    """The bounds are quantiles of beta laws; 0.1.0 computed them so."""
    for n in (1, 7, 11, 200, 30_000):
        for n_true in {0, 1, n // 7, n // 2, n - 1, n}:
            for confidence in (0.5, 0.9, 0.95, 0.999):
                tail = (1 - confidence) / 2
                low = betaincinv(n_true, n - n_true + 1, tail) if n_true else 0.0
                high = betaincinv(n_true + 1, n - n_true, 1 - tail) if n_true < n else 1.0
                found = exact_interval(n_true, n, confidence)
                assert found == pytest.approx((low, high), rel=0, abs=1e-12)
                assert type(found[0]) is type(found[1]) is float
    assert exact_interval(0, 0, 0.9) == (0, 1)


def test_scikit_learns_fixed_threshold_gives_the_same_alarms(delivery):
    pipeline, rows = delivery
    threshold = tune_threshold(pipeline, rows, 1.0).thresholds[0].threshold
    rows = labelled(rows)
    fixed = FixedThresholdClassifier(
        FrozenEstimator(pipeline), threshold=float(threshold), pos_label="delivery"
    ).fit(rows, rows["label"].astype(object))
    alarms = pipeline[-1].alarms(pipeline[0].transform(rows))
    np.testing.assert_array_equal(fixed.predict(rows) == "delivery", alarms == "delivery")


def test_scikit_learns_tuned_threshold_can_be_kept(delivery):
    pipeline, rows = delivery
    rows = labelled(rows)
    features, y = pipeline[0].transform(rows), (rows["label"] == "delivery").to_numpy()
    tuned = TunedThresholdClassifierCV(
        FrozenEstimator(pipeline[-1]), scoring=get_scorer("f1"), cv="prefit", refit=False
    )
    classifier = pipeline[-1].__class__(epochs=5, random_state=0, n_jobs=1).fit(features, y)
    tuned = tuned.set_params(estimator=FrozenEstimator(classifier)).fit(features, y)
    classifier.set_thresholds({True: tuned.best_threshold_})
    np.testing.assert_array_equal(tuned.predict(features), classifier.alarms(features) == True)  # noqa: E712


def test_parameters_are_checked(delivery, trained):
    pipeline, rows = delivery
    for budget in (0, -1, float("nan"), float("inf")):
        with pytest.raises(
            ValueError, match="'false_alarms_per_week' parameter must be a positive"
        ):
            tune_threshold(pipeline, rows, budget)
    for confidence in (0.4, 1.0):
        with pytest.raises(ValueError, match="'confidence' parameter of tune_threshold must be"):
            tune_threshold(pipeline, rows, 1.0, confidence=confidence)
    for labels in ("fire", ["delivery", "fire"], []):
        with pytest.raises(ValueError, match="'labels' parameter must be labels of the model"):
            tune_threshold(pipeline, rows, 1.0, labels=labels)
    with pytest.raises(ValueError, match="must have a column 'label'"):
        tune_threshold(pipeline, rows.drop(columns="label"), 1.0)
    with pytest.raises(ValueError, match="must have thresholds to be measured"):
        measure_thresholds(pipeline, rows)
    with pytest.raises(
        ValueError, match=r"row must have a label and consent. Got none, and \d+ with"
    ):
        tune_threshold(pipeline, rows.assign(consent=False), 1.0)
    rules = FAMILIES["delivery"].make_rules()
    with pytest.raises(ValueError, match="must be a fitted classifier of novin_ml"):
        tune_threshold(rules, rows, 1.0)


def test_integer_labels_that_pandas_made_floats():
    X = np.arange(400, dtype=np.float32).reshape(-1, 1)
    y = (X[:, 0] > 200).astype(int)
    classifier = FAMILIES["delivery"].make_pipeline(epochs=3)[-1].fit(X, y)
    rows = pd.DataFrame({"home_id": "a", "timestamp": X[:, 0].astype(float) * 86_400})
    rows["consent"] = True
    rows["label"] = pd.Series(y).where(np.arange(400) != 7)
    report = tune_threshold(classifier, rows, 1.0, labels=np.int64(1), features=X)
    assert (report.n_rows, report.thresholds[0].n_rows) == (399, 199)
    assert report.thresholds[0].recall == 1


def test_two_labels_that_no_family_knows_must_be_named():
    X = np.arange(400, dtype=np.float32).reshape(-1, 1)
    y = np.where(X[:, 0] > 200, "x", "y")
    classifier = FAMILIES["delivery"].make_pipeline(epochs=3)[-1].fit(X, y)
    rows = pd.DataFrame(
        {"home_id": "a", "timestamp": X[:, 0].astype(float) * 86_400, "label": y, "consent": True}
    )
    with pytest.raises(ValueError, match="must name the labels that are alarms"):
        tune_threshold(classifier, rows, 1.0, features=X)
    report = tune_threshold(classifier, rows, 1.0, labels="x", features=X)
    assert report.thresholds[0].recall == 1


def test_rows_that_cannot_be_counted_are_refused(delivery):
    pipeline, rows = delivery
    pipeline[-1].set_thresholds({"delivery": 0.5})
    homes = rows["home_id"].to_numpy(dtype=object, copy=True)
    homes[np.flatnonzero(rows["label"].notna())[:2]] = None
    for column, table in [
        (r"column 'home_id'", rows.drop(columns="home_id")),
        (r"column 'timestamp'", rows.drop(columns="timestamp")),
        (r"Each row must have a home\. Got 2 rows", rows.assign(home_id=homes)),
        (r"Each row must have a home\. Got 2 rows", rows.assign(home_id=pd.array(homes, "string"))),
        (r"Got 'Delivery'", rows.replace({"label": {"delivery": "Delivery"}})),
        (r"table of events, or chains\. Got a list", [1, 2]),
    ]:
        for measure in (partial(tune_threshold, false_alarms_per_week=2.0), measure_thresholds):
            with pytest.raises(ValueError, match=column):
                measure(pipeline, table)
    for budget in ("2", [2], None):
        with pytest.raises(
            ValueError, match="'false_alarms_per_week' parameter must be a positive"
        ):
            tune_threshold(pipeline, rows, budget)
    with pytest.raises(ValueError, match="'confidence' parameter of tune_threshold must be"):
        tune_threshold(pipeline, rows, 2.0, confidence="0.9")
    assert pipeline[-1].decisions_.thresholds["delivery"].threshold == 0.5


def test_an_unfitted_classifier_is_said_to_be_so(delivery):
    unfitted = clone(delivery[0])
    tune = partial(tune_threshold, false_alarms_per_week=2.0)
    for measure in (tune, measure_thresholds, conformalize):
        with pytest.raises(NotFittedError):
            measure(unfitted, delivery[1])


def many_homes(n_homes, *, loud=(), weeks=3.0, seed=0):
    """A classifier of one column, and rows of homes, of which some have more false alarms."""
    rng = np.random.default_rng(seed)
    n = 40 * n_homes
    home = np.repeat(np.arange(n_homes), 40)
    X = rng.random((n, 1)).astype(np.float32)
    y = (X[:, 0] + rng.normal(0, 0.15, n) > 0.5).astype(int)
    classifier = FAMILIES["delivery"].make_pipeline(epochs=10, random_state=0)[-1].fit(X, y)
    is_loud = np.isin(home, loud) & (y == 0)
    X[is_loud] = rng.uniform(0.8, 1, (is_loud.sum(), 1))
    times = np.tile(np.linspace(0, weeks * 604_800, 40), n_homes)
    names = np.array([f"home {k:03d}" for k in range(n_homes)])[home]
    rows = pd.DataFrame({"home_id": names, "timestamp": times, "label": y, "consent": True})
    return classifier, rows, X


@pytest.mark.parametrize(
    ("n_homes", "bound"),
    [
        *((n, "none") for n in (1, 2, 19)),
        *((n, "quasi-Poisson") for n in (20, 36, 99)),
        (100, "betting"),
    ],
)
def test_how_many_homes_make_which_promise(n_homes, bound):
    classifier, rows, X = many_homes(n_homes)
    report = tune_threshold(classifier, rows, 1.0, labels=1, features=X)
    (each,) = report.thresholds
    for found in (report, each, measure_thresholds(classifier, rows, features=X)):
        assert found.bound == bound
        assert (found.betting_upper is not None) is (n_homes >= 36)
    assert each.n_homes == report.n_homes == n_homes
    assert each == classifier.decisions_.thresholds[1]
    assert each.false_per_home_week_upper <= 1
    if n_homes >= 100:
        assert each.false_per_home_week_upper == each.betting_upper
        assert each.quasi_poisson_upper <= 1
    words = " ".join(report.notes)
    assert ("95 % confidence" in words) is (bound != "none")
    assert ("approximate" in words) is (bound != "none")
    assert ("betting" in words) is (n_homes >= 36)
    assert f"Up to {1 - 0.05 ** (1 / n_homes):.1%} of homes may be" in words
    assert bool(report.refused) is (bound == "none")
    evidence = json.loads(classifier.decisions_.metadata({1: "1", 0: "0"})["threshold_evidence"])
    assert evidence["1"]["bound"] == bound
    assert ("confidence" in evidence["1"]) is (bound != "none")
    assert ("false_per_home_week_upper" in evidence["1"]) is (bound != "none")


def test_the_words_are_refused_of_too_few_weeks():
    classifier, rows, X = many_homes(30, weeks=0.3)  # 9 weeks of homes
    tune_threshold(classifier, rows, 0.5, labels=1, features=X)
    kept = (rows["timestamp"] <= 0.15 * 604_800).to_numpy()  # less than 6
    report = measure_thresholds(classifier, rows[kept], features=X[kept])
    assert report.bound == report.thresholds[0].bound == "none"
    assert "6.0 are needed" in report.refused
    assert "95 %" not in " ".join(report.notes)


def test_warnings_of_a_single_home_and_of_homes_that_differ():
    for loud, warned in (((), False), ((7,), True)):
        classifier, rows, X = many_homes(24, loud=loud)
        classifier.set_thresholds({1: 0.8})
        report = measure_thresholds(classifier, rows, features=X)
        assert report.n_false >= 10
        words = [note for note in report.notes if note.startswith("Warning")]
        assert bool(words) is warned
        assert (report.dispersion > 1.5) is warned
    assert f"one home has {report.homes['n_false'].max()} of the {report.n_false}" in words[1]
    assert f"{report.dispersion:.1f} times" in words[0]
    assert report.homes["home_id"][0] == "home 007"


def test_a_loud_home_costs_more_than_its_alarms():
    """As many alarms of one home lower the threshold's recall more than of all."""
    quiet, loud = (many_homes(24, loud=each) for each in ((), (3,)))
    found = [tune_threshold(c, rows, 1.0, labels=1, features=X) for c, rows, X in (quiet, loud)]
    assert found[1].thresholds[0].recall < found[0].thresholds[0].recall
    assert found[1].n_false < found[0].n_false


@pytest.mark.parametrize(("n_homes", "unit"), [(9, "none"), (10, "homes"), (40, "homes")])
def test_homes_that_differ_widen_the_interval_of_the_recall(n_homes, unit):
    """Rows of a home are missed together: rows alone would say far too much."""
    classifier, rows, X = many_homes(n_homes)
    X[(rows["home_id"] < f"home {n_homes // 3:03d}").to_numpy() & (rows["label"] == 1)] = 0.01
    classifier.set_thresholds({1: 0.5})
    (found,) = measure_thresholds(classifier, rows, features=X).thresholds
    assert found.recall_unit == unit
    if unit == "none":
        assert found.recall_low is found.recall_high is None
        return
    low, high = exact_interval(round(found.recall * found.n_rows), found.n_rows, 0.95)
    assert found.recall_low < found.recall < found.recall_high
    assert found.recall_high - found.recall_low > 2 * (high - low)


def test_the_interval_of_the_recall_is_kept_and_checked():
    classifier, rows, X = many_homes(24)
    tune_threshold(classifier, rows, 1.0, labels=1, features=X)
    document = json.loads(json.dumps(classifier.decisions_.to_document()))
    assert Decisions.from_document(document, [0, 1]).thresholds[1].recall_unit == "homes"
    document["thresholds"][0]["recall_unit"] = "weeks"
    with pytest.raises(ValueError, match=r"recall_unit of 1 must be one of \['homes', 'rows'"):
        Decisions.from_document(document, [0, 1])


def test_a_threshold_of_version_0_1_0_says_that_it_counted_rows():
    classifier, rows, X = many_homes(24)
    old = {"label": 1, "threshold": 0.5, "budget": 1.0, "confidence": 0.95, "n_false": 3}
    old |= {"home_weeks": 20.0, "false_per_home_week": 0.15, "false_per_home_week_upper": 0.39}
    old |= {"n_rows": 9, "recall": 0.5, "recall_low": 0.3, "recall_high": 0.7}
    document = {"thresholds": [old], "abstention": None}
    classifier.decisions_ = Decisions.from_document(document, [0, 1])
    threshold = classifier.decisions_.thresholds[1]
    assert threshold.bound == "Poisson"
    assert threshold.n_homes is threshold.betting_upper is None
    assert threshold.recall_unit == "rows"
    report = measure_thresholds(classifier, rows, features=X)
    assert report.bound == "quasi-Poisson"
    assert "chosen by version 0.1.0" in report.notes[-1]
    tune_threshold(classifier, rows, 1.0, labels=1, features=X)
    assert "0.1.0" not in " ".join(measure_thresholds(classifier, rows, features=X).notes)
