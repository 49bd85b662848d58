"""Prediction sets cover as often as promised; one comparison says that a set is one label."""

import json
import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.stats import beta, betabinom, norm, t

from novin_ml import MotionClassifier
from novin_ml.estimators.decisions import Decisions
from novin_ml.estimators.families import FAMILIES, classifier_families
from novin_ml.evaluation import conformalize, measure_coverage
from novin_ml.evaluation.decisions._conformal_report import rank_of_cut
from novin_ml.evaluation.decisions._home_bands import (
    cut_for_new_home,
    fewest_homes_for,
    share_band,
)
from novin_ml.evaluation.decisions.conformal import abstain_below
from novin_ml.features import attach_context

ALPHA = 0.1


def draw(n, n_classes, rng):
    """Return rows whose label is uncertain."""
    X = rng.normal(size=(n, 4)).astype(np.float32)
    score = X[:, 0] + 0.7 * X[:, 1] + rng.normal(size=n)
    edges = np.linspace(-1.2, 1.2, n_classes - 1) if n_classes > 2 else [0]
    return X, np.array([f"class {k}" for k in range(n_classes)])[np.digitize(score, edges)]


@pytest.fixture(scope="module", params=[2, 4], ids=["two classes", "four classes"])
def model(request):
    X, y = draw(800, request.param, np.random.default_rng(0))
    return MotionClassifier(epochs=12, random_state=0, n_jobs=1).fit(X, y)


def up(x):
    return np.nextafter(np.float32(x), np.float32(np.inf))


def down(x):
    return np.nextafter(np.float32(x), np.float32(-np.inf))


def test_coverage_of_100_draws_has_its_beta_binomial_law(model):
    n, n_new = 199, 400
    place = rank_of_cut(n, ALPHA)
    law = betabinom(n_new, n + 1 - place, place)
    rng = np.random.default_rng(7)
    covered = []
    for _ in range(100):
        X, y = draw(n, len(model.classes_), rng)
        conformalize(model, X, y, error_rate=ALPHA)
        X, y = draw(n_new, len(model.classes_), rng)
        covered.append(round(measure_coverage(model, X, y).coverage * n_new))
    covered = np.array(covered)
    # All draws, their mean, and how many are in the middle nine tenths.
    low, high = law.ppf([0.0005 / 100, 1 - 0.0005 / 100])
    assert ((covered >= low) & (covered <= high)).all()
    assert abs(covered.mean() - law.mean()) < 3.5 * law.std() / 10
    low, high = law.ppf([0.05, 0.95])
    assert 80 <= np.sum((covered >= low) & (covered <= high)) <= 98
    assert law.mean() / n_new >= 1 - ALPHA


@pytest.mark.parametrize("error_rate", [0.01, 0.07, 0.1, 0.29, 0.5])
@pytest.mark.parametrize("n", [3, 9, 10, 99, 100])
def test_the_cut_is_the_finite_sample_quantile(model, n, error_rate):
    X, y = draw(n, len(model.classes_), np.random.default_rng(n))
    report = conformalize(model, X, y, error_rate=error_rate)
    columns = np.searchsorted(model.classes_, y)
    of_right = model.predict_proba(X)[np.arange(n), columns]
    # In hundredths, so that nothing is rounded.
    rank = -(-(n + 1) * (100 - round(100 * error_rate)) // 100)
    expected = 0 if rank > n else np.sort(of_right)[::-1][rank - 1]
    assert expected - 0.001 <= report.abstention.cut <= expected
    assert report.coverage >= min(1, rank / n)
    assert model.predict_set(X)[np.arange(n), columns].mean() == report.coverage


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
def test_too_few_rows_give_sets_of_all_labels_and_no_answer(model):
    X, y = draw(8, len(model.classes_), np.random.default_rng(0))
    report = conformalize(model, X, y, error_rate=ALPHA)
    assert report.abstention.cut == 0
    assert model.predict_set(X).all()
    assert model.abstains(X).all()
    assert (report.abstained, report.promised_low) == (1, 1)
    assert math.isnan(report.accuracy)
    assert report.to_document()["accuracy"] is None


def test_what_is_not_abstained_has_its_label_alone_as_set(model):
    rng = np.random.default_rng(3)
    X, _ = draw(20_000, len(model.classes_), rng)
    for error_rate in (0.05, 0.1, 0.3, 0.6):
        conformalize(model, *draw(300, len(model.classes_), rng), error_rate=error_rate)
        sets, knows = model.predict_set(X), ~model.abstains(X)
        answers = np.searchsorted(model.classes_, model.predict(X))
        assert (sets[knows].sum(axis=1) == 1).all()
        assert sets[knows, answers[knows]].all()
        assert not knows.all()
        assert knows.mean() > 0.02 or error_rate < 0.3


CUTS = [0.0, 1e-30, 1e-7, 0.1, 0.2, 0.25, 1 / 3, 0.49, 0.5, 0.5 + 2**-23, 0.51, 0.75, 0.999, 1.0]


@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("cut", CUTS)
def test_abstain_below_is_the_smallest_by_brute_force(cut, n_classes):
    """All float32 pairs around it whose sum rounding allows; one ulp less has a counter-example."""
    cut = np.float32(cut)
    threshold = abstain_below(cut, n_classes)
    assert threshold.dtype == np.float32
    most = 1 + n_classes * 2.0**-22

    def fails(best):
        """Whether some second probability makes the set another than the best alone."""
        if best < cut:
            return True
        # The largest second, and its neighbours; it is never above the best.
        largest = min(best, np.float32(max(most - float(best), 0)))
        seconds = [largest, up(largest), down(largest), cut, down(cut)]
        return any(
            0 <= second <= best and float(best) + float(second) <= most and second >= cut
            for second in seconds
        )

    best = threshold
    for _ in range(200):
        if best <= 1:
            assert not fails(best)
        best = up(best)
    best = down(threshold)
    for _ in range(5):
        assert fails(best)
        best = down(best)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_abstain_below_on_a_grid_of_probabilities(n_classes):
    steps = 24
    grid = [k for k in product(range(steps + 1), repeat=n_classes) if sum(k) == steps]
    p = (np.array(grid) / steps).astype(np.float32)
    for cut in np.unique(p):
        knows = p.max(axis=1) >= abstain_below(cut, n_classes)
        sets = p >= cut
        assert (sets[knows].sum(axis=1) == 1).all()
        assert sets[knows, p[knows].argmax(axis=1)].all()


@pytest.mark.parametrize("algorithm", ["boosting", "mlp", "blend", "forest"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_two_probabilities_add_up_to_no_more_than_rounding_allows(algorithm, n_classes):
    X, y = draw(1200, n_classes, np.random.default_rng(0))
    model = MotionClassifier(algorithm, epochs=6, random_state=0, calibrate=True).fit(X, y)
    p = model.predict_proba(10 * X).astype(np.float64)
    assert np.sort(p, axis=1)[:, -2:].sum(axis=1).max() <= 1 + n_classes * 2.0**-22


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
def test_promised_band_is_the_beta_law(model):
    X, y = draw(149, len(model.classes_), np.random.default_rng(0))
    report = conformalize(model, X, y, error_rate=0.2)
    expected = beta(120, 30).ppf([0.025, 0.975])
    assert (report.promised_low, report.promised_high) == pytest.approx(tuple(expected))


@pytest.mark.parametrize("family", classifier_families())
def test_rows_of_every_family_with_homes_and_labels(family):
    family = FAMILIES[family]
    rows, _ = family.rows.to_train(family.simulate(800, random_state=0))
    pipeline = family.make_pipeline(epochs=20, random_state=0, n_jobs=1)
    pipeline.fit(rows, rows["label"].astype(object))
    table = family.simulate(800, random_state=1)
    report = conformalize(pipeline, table, error_rate=0.2)
    assert report.abstention == pipeline[-1].decisions_.abstention
    assert report.n_rows == 800
    for part, name in [(report.by_label, "label"), (report.by_home, "home_id")]:
        assert part["n_rows"].sum() == report.n_rows
        assert np.average(part["coverage"], weights=part["n_rows"]) == pytest.approx(
            report.coverage
        )
        assert part["coverage"].is_monotonic_increasing
        assert set(part[name]) == set(table[name].dropna())
    scored = attach_context(table) if "kind" in table.columns else table
    scored = scored[scored["label"].notna()]
    abstains = pipeline[-1].abstains(pipeline[0].transform(scored))
    assert report.abstained == abstains.mean()
    right = pipeline.predict(scored) == scored["label"].to_numpy()
    assert 0 < report.abstained < 0.5
    assert report.accuracy == pytest.approx(right[~abstains].mean())
    json.dumps(report.to_document(), allow_nan=False)
    home = table["home_id"].iloc[0]
    if "kind" in table.columns:
        without = table.assign(consent=(table["home_id"] != home).to_numpy())
        assert home not in set(conformalize(pipeline, without).by_home["home_id"])


def test_mapie_says_the_same(model):
    classification = pytest.importorskip("mapie.classification", reason="MAPIE is not installed")
    rng = np.random.default_rng(5)
    X, y = draw(500, len(model.classes_), rng)
    new, _ = draw(2000, len(model.classes_), rng)
    for error_rate in (0.05, 0.1, 0.25):
        mapie = classification.SplitConformalClassifier(
            model, confidence_level=1 - error_rate, conformity_score="lac", prefit=True
        ).conformalize(X, y)
        report = conformalize(model, X, y, error_rate=error_rate)
        _, sets = mapie.predict_set(new)
        ours = model.predict_set(new)
        # MAPIE allows 1e-8, and rounds 1 - p: rows that close to the cut may differ.
        # The cut is up to 0.001 below its quantile.
        above = model.predict_proba(new) - report.abstention.cut
        near = (above > -1e-6) & (above < 0.00101)
        np.testing.assert_array_equal(sets[:, :, 0] | near, ours | near)
        assert near.mean() < 0.01
        assert ours.any(axis=1).mean() > 0.5


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
def test_errors(model):
    X, y = draw(50, len(model.classes_), np.random.default_rng(0))
    for error_rate in (0, 1, -0.1, float("nan"), "0.1", None):
        with pytest.raises(
            ValueError, match="'error_rate' parameter of conformalize must be a float"
        ):
            conformalize(model, X, y, error_rate=error_rate)
    with pytest.raises(ValueError, match="Got 'unheard of'"):
        conformalize(model, X, ["unheard of", *y[1:]])
    with pytest.raises(ValueError, match="as many rows"):
        conformalize(model, X, y[:-1])
    model.set_abstention(None)
    with pytest.raises(ValueError, match="must have a cut"):
        measure_coverage(model, X, y)


def homes_of(n_homes, rng, *, most=40, spread=1.0):
    """Return rows of homes that are not alike, and the home of each."""
    home = np.repeat(np.arange(n_homes), rng.integers(5, most, n_homes))
    X = rng.normal(size=(len(home), 4)).astype(np.float32)
    score = X[:, 0] + 0.7 * X[:, 1] + rng.normal(0, spread, n_homes)[home]
    score += rng.normal(size=len(home))
    return X, np.where(score > 0, "class 1", "class 0"), home


@pytest.fixture(scope="module")
def two_classes():
    X, y = draw(800, 2, np.random.default_rng(0))
    return MotionClassifier(epochs=12, random_state=0, n_jobs=1).fit(X, y)


def test_the_range_over_homes_by_hand():
    rng = np.random.default_rng(0)
    home = np.repeat(np.arange(15), rng.integers(3, 50, 15))
    covered = rng.random(len(home)) < 0.85
    miss, total = 1 - covered.mean(), len(home)
    variance = (15 / 14) * sum(
        (np.sum(home == i) / total) ** 2 * ((~covered[home == i]).mean() - miss) ** 2
        for i in range(15)
    )
    c = covered.mean()
    reach = t.ppf(0.975, 14) * math.sqrt(variance) / (c * (1 - c))
    expected = [1 / (1 + math.exp(-(math.log(c / (1 - c)) + way * reach))) for way in (-1, 1)]
    assert share_band(covered, home, 0.95) == pytest.approx(tuple(expected))
    assert np.isnan(share_band(covered[home < 9], home[home < 9], 0.95)).all()
    assert share_band(np.ones(30, bool), np.arange(30), 0.95) == (0.025 ** (1 / 30), 1)
    assert share_band(np.zeros(30, bool), np.arange(30), 0.95) == (0, 1 - 0.025 ** (1 / 30))


def test_the_range_over_homes_holds_where_that_of_rows_does_not():
    rng = np.random.default_rng(1)
    out = {"rows": 0, "homes": 0}
    for _ in range(300):
        home = np.repeat(np.arange(40), 30)
        z = rng.normal(2, 1, len(home)) + rng.normal(0, 1, 40)[home]
        rank = rank_of_cut(len(home), ALPHA)
        cut = np.sort(z)[rank - 1]
        true = norm.sf((cut - 2) / math.sqrt(2))
        low, high = share_band(z >= cut, home, 0.95)
        out["homes"] += not low <= true <= high
        low, high = beta(len(home) + 1 - rank, rank).ppf([0.025, 0.975])
        out["rows"] += not low <= true <= high
    assert out["rows"] > 90
    assert out["homes"] <= 30


def test_the_cut_for_a_new_home_by_brute_force():
    rng = np.random.default_rng(2)
    for n_homes in (3, 9, 14, 50):
        home = np.repeat(np.arange(n_homes), rng.integers(1, 8, n_homes))
        p = np.round(rng.random(len(home)), 1).astype(np.float32)  # with equal ones
        for error_rate in (0.1, 0.25, 0.5):
            allowed = Fraction(str(error_rate)) - Fraction(1, n_homes + 1)
            fits = [
                cut
                for cut in np.unique(p)
                if sum(Fraction(int(np.sum(p[home == i] < cut)), int(np.sum(home == i)))
                       for i in range(n_homes)) / (n_homes + 1) <= allowed
            ]  # fmt: skip
            assert cut_for_new_home(p, home, error_rate) == (fits[-1] if fits else 0)


def test_homes_of_one_row_each_have_the_cut_of_rows():
    p = np.random.default_rng(3).random(99).astype(np.float32)
    cut = cut_for_new_home(p, np.arange(99), 0.1)
    assert cut == np.sort(p)[rank_of_cut(99, 0.1) - 1]


def test_a_row_of_a_new_home_is_covered_as_often_as_promised(two_classes):
    """Homes differ much; rows of a few homes alone say less of a new one."""
    rng = np.random.default_rng(4)
    missed = {"row": [], "home": []}
    for _ in range(120):
        X, y, home = homes_of(12, rng, spread=1.5)
        new_X, new_y, _ = homes_of(1, rng, spread=1.5)
        for unit, found in missed.items():
            conformalize(two_classes, X, y, homes=home, unit=unit, error_rate=ALPHA)
            found.append(1 - measure_coverage(two_classes, new_X, new_y).coverage)
    means = {unit: np.mean(found) for unit, found in missed.items()}
    error = {unit: np.std(found) / math.sqrt(120) for unit, found in missed.items()}
    assert means["home"] <= ALPHA + 2 * error["home"]
    assert means["home"] < means["row"]


def test_what_is_kept_and_said_of_homes(two_classes):
    rng = np.random.default_rng(5)
    X, y, home = homes_of(25, rng)
    report = conformalize(two_classes, X, y, homes=home)
    kept = two_classes.decisions_.abstention
    assert (kept.unit, kept.n_homes) == ("row", 25)
    assert report.band == "homes"
    assert kept.promised_low == report.promised_low < report.coverage < report.promised_high
    assert "over 25 homes" in report.notes[0]
    alone = conformalize(two_classes, X, y)
    assert alone.abstention.cut == report.abstention.cut
    assert report.promised_high - report.promised_low > alone.promised_high - alone.promised_low
    assert (alone.band, alone.n_homes, alone.abstention.n_homes) == ("rows", None, None)
    assert "if rows are independent" in alone.notes[0]
    by_home = conformalize(two_classes, X, y, homes=home, unit="home")
    assert by_home.abstention.unit == "home"
    assert "a new home" in by_home.notes[0]
    # What was promised when the cut was chosen is said of other rows too.
    other = measure_coverage(two_classes, *homes_of(12, rng)[:2])
    assert other.promised_low == by_home.promised_low
    document = json.loads(json.dumps(two_classes.decisions_.to_document()))
    labels = two_classes.classes_.tolist()
    assert Decisions.from_document(document, labels) == two_classes.decisions_
    entries = two_classes.decisions_.metadata(dict(zip(labels, labels, strict=True)))
    assert (entries["conformal_unit"], entries["conformal_homes"]) == ("home", "25")
    for name in ("unit", "n_homes", "promised_low", "promised_high"):  # as 0.1.0 wrote it
        del document["abstention"][name]
    old = Decisions.from_document(document, labels).abstention
    assert (old.unit, old.n_homes) == ("row", None)


def test_no_range_is_stated_of_fewer_than_ten_homes(two_classes):
    X, y, home = homes_of(9, np.random.default_rng(6))
    report = conformalize(two_classes, X, y, homes=home)
    assert report.band == "none"
    assert np.isnan([report.promised_low, report.promised_high, report.coverage_low]).all()
    assert "95 %" not in " ".join(report.notes)
    assert "9 homes, and 10 are needed" in report.notes[0]
    assert report.to_document()["promised_low"] is None
    assert conformalize(two_classes, X, y, homes=home, unit="home").abstention.cut > 0


def test_a_new_home_needs_homes_that_are_known_and_enough(two_classes):
    assert [fewest_homes_for(rate) for rate in (0.5, 0.25, 0.2, 0.1, 0.05, 0.3)] == [
        *(1, 3, 4, 9, 19, 3)
    ]
    X, y, home = homes_of(8, np.random.default_rng(7))
    two_classes.set_abstention(None)
    with pytest.raises(ValueError, match=r"at least 9 homes .* Got 8\. .* error rate of 0\.111"):
        conformalize(two_classes, X, y, homes=home, unit="home")
    with pytest.raises(ValueError, match="homes must be known for unit='home'"):
        conformalize(two_classes, X, y, unit="home")
    with pytest.raises(ValueError, match="as many rows"):
        conformalize(two_classes, X, y, homes=home[1:])
    with pytest.raises(ValueError, match="Each row must have a home"):
        conformalize(two_classes, X, y, homes=[None, *home[1:]])
    with pytest.raises(ValueError, match="'homes' parameter must come with 'y'"):
        conformalize(two_classes, X, homes=home)
    with pytest.raises(ValueError, match="'unit' parameter of conformalize must be"):
        conformalize(two_classes, X, y, homes=home, unit="person")
    assert two_classes.decisions_.abstention is None
