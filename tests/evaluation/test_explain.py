"""Reasons: what they add up to, and that their words are true."""

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from novin_ml import DeliveryClassifier
from novin_ml.estimators import BehaviorAnomalyDetector, make_behavior_pipeline
from novin_ml.estimators.families import FAMILIES, classifier_families
from novin_ml.estimators.words import ENGLISH, Value, Words, factors_of
from novin_ml.estimators.words._numbers import clock, number
from novin_ml.evaluation import attribute, explain, permutation_importances
from novin_ml.evaluation.explanation._attribution import (
    draw_background,
    sampled_contributions,
    score_function,
)
from novin_ml.events import EVENT_KINDS, ZONES, training_events
from novin_ml.features import (
    DELIVERY_FEATURES,
    attach_context,
)
from novin_ml.features.delivery.specs import delivery_specs
from novin_ml.features.orders import HOME_MODE_ORDER, ZONE_KIND_ORDER
from novin_ml.features.spec import specs_for
from novin_ml.simulation import simulate_behavior, simulate_deliveries
from tests.estimators.tables import classifier, table

ALL_SPECS = {name: family.features().feature_specs for name, family in FAMILIES.items()}


def log_odds(probabilities, code):
    """Return log p of a class less the mean of the others'."""
    logs = np.log(np.asarray(probabilities, dtype=np.float64))
    return logs[code] - np.delete(logs, code).mean()


def words(family, **values):
    """Return the text of each factor of a row whose other values are missing."""
    specs = ALL_SPECS[family]
    row = {spec.name: math.nan for spec in specs} | values
    row = {name: float(np.float32(value)) for name, value in row.items()}
    return {factor.name: factor.describe(row).text for factor in factors_of(specs, family)}


@pytest.fixture(scope="module")
def trained():
    """A small pipeline of each family, and its rows."""
    made = {}
    for name, family in classifier_families().items():
        rows, _ = family.rows.to_train(family.simulate(400, random_state=0))
        pipeline = family.make_pipeline(epochs=12, calibrate=True, n_jobs=1, random_state=0)
        made[name] = pipeline.fit(rows, rows["label"]), rows
    return made


@pytest.mark.parametrize("family", classifier_families())
def test_reasons_of_trees_add_up_to_the_calibrated_score(trained, family):
    pipeline, rows = trained[family]
    for place, (code, label) in itertools.product((0, 7), enumerate(pipeline.classes_)):
        row = rows[place : place + 1]
        found = attribute(pipeline, row, label=label)
        total = found.base + math.fsum(reason.contribution for reason in found.reasons)
        assert total == pytest.approx(found.score, abs=1e-12)
        expected = log_odds(pipeline.predict_proba(row)[0], code)
        assert found.score == pytest.approx(expected, rel=1e-4, abs=1e-4)
        assert all(reason.std_error == 0 for reason in found.reasons)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_calibration_scales_the_contributions(n_classes):
    X, y = table(n_rows=1500, n_classes=n_classes, seed=3)
    # Steps three times too long: margins that calibration must shorten.
    params = {"epochs": 10, "early_stopping": True, "learner_params": {"learning_rate": 3.0}}
    model = classifier(calibrate=True, **params).fit(X, y)
    scale = float(model.learner_.calibration.scale)
    assert scale < 0.9
    plain = classifier(calibrate=False, **params).fit(X, y)
    for label in range(n_classes):
        calibrated = {r.name: r.contribution for r in attribute(model, X[0], label=label).reasons}
        for reason in attribute(plain, X[0], label=label).reasons:
            assert calibrated[reason.name] == pytest.approx(scale * reason.contribution, rel=1e-5)


def test_a_tree_has_the_shapley_values_of_its_definition():
    import json

    X, y = table(n_rows=300, n_features=3, seed=1)
    params = {"max_depth": 3, "subsample": 1.0, "colsample_bytree": 1.0}
    model = classifier(epochs=1, learner_params=params).fit(X, y)
    document = json.loads(bytes(model.learner_.booster.save_raw("json")))
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    left, right = tree["left_children"], tree["right_children"]
    cover, feature = tree["sum_hessian"], tree["split_indices"]
    value = tree["split_conditions"]

    def expected(row, known, node=0):
        if left[node] < 0:
            return value[node]
        if feature[node] in known:
            branch = left if row[feature[node]] < value[node] else right
            return expected(row, known, branch[node])
        shares = [cover[left[node]], cover[right[node]]]
        parts = [expected(row, known, side[node]) for side in (left, right)]
        return np.dot(shares, parts) / sum(shares)

    assert len(value) > 5
    for row in X[:5]:
        found = {r.name: r.contribution for r in attribute(model, row, label=1).reasons}
        for player in range(3):
            others = [i for i in range(3) if i != player]
            shapley = 0.0
            for size in range(3):
                for known in itertools.combinations(others, size):
                    weight = math.factorial(size) * math.factorial(2 - size) / 6
                    gain = expected(row, {*known, player}) - expected(row, set(known))
                    shapley += weight * gain
            assert found[f"feature_{player}"] == pytest.approx(shapley, abs=1e-6)


@pytest.mark.parametrize("algorithm", ["mlp", "blend", "forest"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_sampled_reasons_add_up_and_repeat(algorithm, n_classes):
    X, y = table(n_classes=n_classes, missing=0.1)
    params = {"hidden_layer_sizes": (8,)}
    learner_params = {"mlp": params, "blend": {"mlp": params}, "forest": None}[algorithm]
    model = DeliveryClassifier(
        algorithm, epochs=3, n_jobs=1, random_state=0, learner_params=learner_params
    ).fit(X, y)
    found = attribute(model, X[0], label=1)
    total = found.base + math.fsum(reason.contribution for reason in found.reasons)
    assert total == pytest.approx(found.score, abs=1e-9)
    assert found.score == pytest.approx(log_odds(model.predict_proba(X[:1])[0], 1), abs=1e-3)
    assert found == attribute(model, X[0], label=1)
    assert max(reason.std_error for reason in found.reasons) > 0


def test_sampled_values_are_the_shapley_values_within_their_standard_error():
    X, y = table(n_features=4)
    model = classifier("mlp").fit(X, y)
    score = score_function(model.learner_, 1)
    rng = np.random.RandomState(0)
    background = draw_background(model.feature_summary_, [], 4000, rng)
    factors = [(i,) for i in range(4)]
    sampled = sampled_contributions(score, X[:1], factors, background, rng)
    value = {}
    for size in range(5):
        for known in itertools.combinations(range(4), size):
            rows = background.copy()
            rows[:, list(known)] = X[0, list(known)]
            value[frozenset(known)] = score(rows).mean()
    for player in range(4):
        others = frozenset(range(4)) - {player}
        shapley = sum(
            math.factorial(len(known))
            * math.factorial(3 - len(known))
            / 24
            * (value[known | {player}] - value[known])
            for known in value
            if known <= others
        )
        error = sampled.std_errors[player]
        assert abs(sampled.values[player] - shapley) < 4 * error
        assert error < 0.2 * np.abs(sampled.values).max()


def test_sampled_values_of_an_additive_score_are_exact():
    rng = np.random.RandomState(0)
    X, background = rng.normal(size=(1, 3)), rng.normal(size=(50, 3))
    slope = np.array([1.0, -2.0, 0.0])
    found = sampled_contributions(lambda rows: rows @ slope, X, [(0, 2), (1,)], background, rng)
    expected = (X[0] - background.mean(axis=0)) * slope
    assert found.values == pytest.approx([expected[0] + expected[2], expected[1]])


def test_background_keeps_codes_missing_shares_and_the_circle():
    angle = np.linspace(0, 2 * np.pi, 500)
    X = np.column_stack([np.sin(angle), np.cos(angle), np.arange(500) % 3, np.arange(500)])
    X[::2, 3] = np.nan
    model = classifier(epochs=2).fit(X, np.arange(500) % 2)
    rows = draw_background(model.feature_summary_, [(0, 1)], 1000, np.random.RandomState(0))
    assert np.hypot(rows[:, 0], rows[:, 1]) == pytest.approx(np.ones(1000), abs=1e-5)
    assert set(rows[:, 2]) <= {0, 1, 2}
    assert 0.4 < np.isnan(rows[:, 3]).mean() < 0.6


def test_the_label_is_the_alarm_else_the_most_probable_one(trained):
    pipeline, rows = trained["chains"]
    row = rows[:1]
    order = pipeline.classes_[pipeline.predict_proba(row)[0].argsort()]
    assert attribute(pipeline, row).label == order[-1]
    pipeline[-1].set_thresholds({order[-2]: 0.0})
    assert attribute(pipeline, row).label == order[-2]
    pipeline[-1].set_thresholds({})


def test_top_reasons_are_the_largest_of_all(trained):
    pipeline, rows = trained["motion"]
    everything = attribute(pipeline, rows[:1]).reasons
    assert explain(pipeline, rows[:1], top=4) == everything[:4]
    sizes = [abs(reason.contribution) for reason in everything]
    assert sizes == sorted(sizes, reverse=True)
    for reason in everything:
        sign = {"speaks for": 1, "speaks against": -1, "makes no difference to": 0}
        assert np.sign(reason.contribution) == sign[reason.direction]


def test_a_detector_gives_its_own_contributions_in_words():
    events, _ = training_events(simulate_deliveries(500, random_state=0))
    log = events[events["home_id"] == events["home_id"].iloc[0]]
    pipeline = make_behavior_pipeline(n_estimators=20, random_state=0)
    pipeline.fit(log, detector__timestamps=log["timestamp"])
    row = pipeline[0].transform(log).iloc[[-1]]
    own = {each.name: each.contribution for each in pipeline[-1].explain(row)}
    found = attribute(pipeline[-1], row)
    assert found.label == "unusual"
    assert found.score == pytest.approx(sum(own.values()))
    for reason in found.reasons:
        assert reason.contribution == pytest.approx(sum(own[name] for name in reason.columns))
        assert reason.text
    with pytest.raises(ValueError, match="must be None for a baseline"):
        explain(pipeline[-1], row, label="usual")


def test_an_event_without_its_context_is_refused(trained):
    pipeline, _ = trained["delivery"]
    events = simulate_deliveries(5, random_state=0)
    with pytest.raises(ValueError, match="attach_context"):
        explain(pipeline, events.iloc[[0]])
    assert len(explain(pipeline, attach_context(events).iloc[0])) == 3  # a Series is one row


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top": 0}, "'top' parameter"),
        ({"label": "nobody"}, "'label' parameter must be one of"),
    ],
)
def test_wrong_parameters_are_refused(trained, options, message):
    pipeline, rows = trained["delivery"]
    with pytest.raises(ValueError, match=message):
        explain(pipeline, rows[:1], **options)
    with pytest.raises(ValueError, match=r"must be one row\. Got 2"):
        explain(pipeline, rows[:2])
    with pytest.raises(ValueError, match="permutation_importances"):
        explain(LogisticRegression(), [1.0])


def test_samples_and_background_are_checked():
    X, y = table()
    model = classifier("mlp", epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="'n_samples' parameter"):
        explain(model, X[0], n_samples=1)
    given = attribute(model, X[0], background=X[:1], label=1)
    assert given.base == pytest.approx(score_function(model.learner_, 1)(X[:1])[0])
    assert all(reason.contribution == 0 for reason in given.reasons)


# Words


def _values(spec):
    """Return typical and extreme values of a feature, and some beyond its range."""
    low = spec.low if math.isfinite(spec.low) else -1e30
    high = spec.high if math.isfinite(spec.high) else 1e30
    inside = [value for value in (0.0, 0.004, 0.3, 1.0, 7.0, 2.5, 40.0) if low <= value <= high]
    return [low, high, (low + high) / 2, *inside, low - 1, high * 3 + 1, math.nan]


@pytest.mark.parametrize("family", ALL_SPECS)
def test_every_value_of_every_feature_has_words(family):
    specs = ALL_SPECS[family]
    missing = {spec.name: math.nan for spec in specs}
    for spec, factor in itertools.product(specs, factors_of(specs, family)):
        if specs.index(spec) not in factor.columns:
            continue
        for value in _values(spec):
            value = float(np.float32(value))
            for row in (missing, {other.name: max(other.low, 0.0) for other in specs}):
                text = factor.describe({**row, spec.name: value}).text
                assert len(text) >= 4, (spec.name, value)
                assert text[0].isalnum() or text[0] == "-"
                assert not re.search(r"\bnan\b|\binf|None|_|\{|\}|  ", text), (spec.name, text)
                if spec.unit == "code":
                    digits = re.sub(r"risk -?[\d.e+]+", "", text)
                    assert not re.search(r"\d", digits), (spec.name, text)


@pytest.mark.parametrize("family", ALL_SPECS)
def test_every_feature_of_a_family_has_words_of_its_own(family):
    specs = ALL_SPECS[family]
    for factor in factors_of(specs, family):
        row = {spec.name: math.nan for spec in specs}
        assert "is missing" not in factor.describe(row).text


@pytest.mark.parametrize("family", ["delivery", "motion", "chains"])
def test_numbers_in_the_words_are_the_values(family):
    rng = np.random.default_rng(0)
    for spec in ALL_SPECS[family]:
        if spec.unit == "code" or spec.name.startswith(("hour", "weekday", "zone_risk")):
            continue
        high = min(spec.high, 50.0)
        for value in rng.uniform(max(spec.low, -9.0), high, 8):
            value = round(value) + 2 if _is_count(spec) else value
            if value >= spec.high:
                continue
            text = words(family, **{spec.name: value})[spec.name]
            found = [float(each) for each in re.findall(r"\d+(?:\.\d+)?(?:e-\d+)?", text)]
            scale = 100 if " % " in text else 1
            close = [abs(each - abs(value) * scale) for each in found]
            allowed = 0.0501 if spec.unit == "s" else 5e-3 * abs(value) * scale
            assert min(close) <= allowed + 1e-6, (spec.name, value, text)


def _is_count(spec):
    return spec.unit == "1" and spec.high > 20 and spec.name not in ("skew", "kurtosis", "norm")


def test_words_say_what_a_person_would():
    assert words("delivery", seconds_since_doorbell=2.4)["seconds_since_doorbell"] == (
        "2.4 s after the doorbell"
    )
    assert words("delivery", seconds_since_doorbell=60.0)["seconds_since_doorbell"] == (
        "no doorbell for at least a minute"
    )
    assert words("delivery", home_mode=1.0)["home_mode"] == "the home is in night mode"
    assert words("delivery", zone_risk=0.55, zone_kind=1.0)["zone"] == "at the porch"
    assert words("delivery", events_in_window=1.0)["events_in_window"] == (
        "the only event of the home in the last minute"
    )
    assert words("chains", first_kind=1.0)["first_kind"] == "begins with a doorbell event"
    assert words("chains", n_glass_break=1.0)["n_glass_break"] == "1 glass break event"
    assert words("chains", n_at_entry=3.0)["n_at_entry"] == "3 events at entry zones"
    assert words("chains", n_at_entry=1.0)["n_at_entry"] == "1 event at an entry zone"
    assert words("chains")["since_smoke"] == "no smoke event"
    assert words("chains", n_motion=0.0)["n_motion"] == "no motion events"
    assert words("motion", period=0.5)["period"] == "repeats every 0.5 s"


def test_limits_are_those_of_the_pipeline():
    specs = delivery_specs(90.0, 10.0)
    said = {factor.name: factor.describe for factor in factors_of(specs, "delivery")}
    row = {spec.name: math.nan for spec in specs}
    row |= {"seconds_since_doorbell": 90.0, "silence_after": 10.0, "events_in_window": 2.0}
    assert said["seconds_since_doorbell"](row).text == "no doorbell for at least 1 min 30 s"
    assert said["silence_after"](row).text == "no further event at the zone for at least 10 s"
    assert said["events_in_window"](row).text == "2 events of the home in the last 1 min 30 s"


@pytest.mark.parametrize("zone", ZONES.values(), ids=lambda zone: zone.name)
def test_each_zone_is_told_by_its_risk_and_kind(zone):
    known = zone.kind in ZONE_KIND_ORDER
    kind = float(ZONE_KIND_ORDER.index(zone.kind)) if known else math.nan
    text = words("delivery", zone_risk=zone.risk, zone_kind=kind)["zone"]
    assert zone.name.replace("_", " ") in text or zone.name == "unknown"
    assert ("not known" in text) == (zone.name == "unknown")


def test_codes_are_names():
    for code, mode in enumerate(HOME_MODE_ORDER):
        for family in ("delivery", "chains"):
            assert f" {mode} " in words(family, home_mode=code)["home_mode"]
    for code, kind in enumerate(EVENT_KINDS):
        text = words("chains", last_kind=code)["last_kind"]
        assert kind.name.replace("_", " ") in text or kind.name == "other"
    assert "not known" in words("chains", home_mode=9.0)["home_mode"]


@pytest.mark.parametrize("minute", [0, 190, 719, 1439])
@pytest.mark.parametrize("day", [0, 3, 6])
def test_sine_and_cosine_are_one_local_time(minute, day):
    hour, week = 2 * np.pi * minute / 1440, 2 * np.pi * (1440 * day + minute) / 10080
    values = {
        "hour_sin": np.sin(hour), "hour_cos": np.cos(hour),
        "weekday_sin": np.sin(week), "weekday_cos": np.cos(week),
    }  # fmt: skip
    said = words("delivery", **values)
    assert said["hour"] == f"at {minute // 60:02d}:{minute % 60:02d}"
    assert said["weekday"] == f"on a {['Monday', '', '', 'Thursday', '', '', 'Sunday'][day]}"


def test_what_was_never_seen_is_told_from_what_is_rare():
    events = pd.DataFrame(
        {
            "home_id": "a",
            "timestamp": np.arange(500) * 1800.0,
            "utc_offset": np.float32(0),
            "kind": ["motion"] * 499 + ["glass_break"],
            "zone": ["porch"] * 250 + ["garage"] + ["porch"] * 248 + ["kitchen"],
            "home_mode": ["home"] * 500,
            "consent": True,
        }
    )
    from novin_ml.features import BehaviorFeatures

    features = BehaviorFeatures().set_output(transform="pandas").transform(_table(events))

    def of(place):
        return words("behavior", **features.iloc[place].to_dict())

    assert of(499)["place_rarity"].startswith("never seen before")
    assert of(499)["unseen"] == (
        "never seen before: this kind of event at this zone, and 3 more of its circumstances"
    )
    assert of(498)["place_rarity"].startswith("more than half")
    assert "never" not in of(498)["place_rarity"]
    assert "the first event" in of(0)["place_rarity"]
    assert of(0)["gap"] == "no event of the home before it"
    assert of(499)["gap"] == "30 min after the home's last event"
    assert of(499)["hour"] == "at 09:30"


def test_reasons_of_the_same_words_are_deduplicated():
    events = simulate_behavior(weeks=6, usual_weeks=4, unusual_per_month=8, random_state=1)
    first = events["timestamp"] < events["timestamp"].min() + 4 * 604_800
    pipeline = make_behavior_pipeline(random_state=0)
    pipeline.fit(events[first], detector__timestamps=events["timestamp"][first])
    features = pipeline[:-1].transform(events[~first])
    scores = pipeline[-1].score_samples(features)
    repeated = 0
    for place in np.argsort(scores)[:20]:
        row = features.iloc[[place]] if hasattr(features, "iloc") else features[[place]]
        every = attribute(pipeline[-1], row).reasons
        told = [reason.text for reason in explain(pipeline[-1], row, top=99)]
        assert len(set(told)) == len(told)
        assert every[0].text == told[0]
        repeated += len(every) - len(told)
        for text in {reason.text for reason in every} - set(told):
            assert any(each.startswith(f"{text}, and") for each in told)
    assert repeated > 0


def _table(events):
    """Return events with the dtypes of the event table."""
    template = simulate_deliveries(5, random_state=0)
    for name in ("kind", "zone", "home_mode"):
        events[name] = pd.Series(events[name]).astype(template[name].dtype)
    return events


def test_rounding_is_as_stated():
    def span(seconds):
        return ENGLISH.text(Words("limit.span", (Value("span", seconds),)))

    def one_in(bits):
        unusual = {"gap": 1.0, "unseen": 0.0, "hour_surprise": bits}
        return words("behavior", **unusual)["hour_surprise"].partition(" of such")[0]

    assert [span(s) for s in (0, 0.01, 2.44, 59.96, 61.4, 3599.7, 5400, 86400 * 3)] == [
        "0 s", "less than 0.1 s", "2.4 s", "1 min", "1 min 1 s", "1 h", "1 h 30 min", "3 days",
    ]  # fmt: skip
    assert [number(x) for x in (0.12345, 3, 1234.5, 0)] == ["0.123", "3", "1,230", "0"]
    assert one_in(math.log2(512)) == "rare: about 1 in 510"
    assert one_in(0.5) == "more than half"
    assert one_in(3.0) == "about 1 in 8"
    assert one_in(17.0) == "rare: about 1 in 130,000"
    # No home has told so many events that anybody could count this.
    assert one_in(25.0) == "rare: less than 1 in a million"
    assert clock(1439.6) == "00:00"
    almost = 2 * np.pi * 10079.6 / 10080
    said = words("delivery", weekday_sin=np.sin(almost), weekday_cos=np.cos(almost))
    assert said["weekday"] == "on a Monday"


def test_other_columns_are_told_by_their_names():
    specs = specs_for(["age", "loan amount"], DELIVERY_FEATURES)
    row = {"age": 42.0, "loan_amount": math.nan}
    texts = [factor.describe(row).text for factor in factors_of(specs, "delivery")]
    assert texts == ["age is 42", "loan_amount is missing"]


# Importance of features


def test_permutation_importance_finds_what_counts():
    X, y = table(n_rows=800, noise=0.0)
    model = classifier(epochs=30).fit(X, y)
    found = {each.name: each for each in permutation_importances(model, X, y)}
    assert next(iter(found)) == "feature_0"
    useless = max(found[f"feature_{i}"].accuracy for i in (3, 4))
    for i in range(3):
        assert found[f"feature_{i}"].accuracy > useless
    again = permutation_importances(model, X, y)
    assert list(found.values()) == list(again)


def test_permutation_importance_takes_pipelines_and_any_classifier(trained):
    for pipeline, rows in trained.values():
        found = permutation_importances(
            pipeline, rows, rows["label"], groups=rows["home_id"], max_rows=150, n_repeats=2
        )
        names = {name for each in found for name in each.columns}
        assert names == {spec.name for spec in pipeline[-1].feature_specs_}
        assert found[0].log_loss > 0
    frame = pd.DataFrame({"a": np.arange(90.0), "b": np.arange(90.0) % 7})
    model = DecisionTreeClassifier(random_state=0).fit(frame, frame["a"] > 40)
    assert permutation_importances(model, frame, frame["a"] > 40)[0].name == "a"


def test_columns_that_say_one_thing_are_shuffled_together(trained):
    pipeline, rows = trained["delivery"]
    found = permutation_importances(pipeline, rows, rows["label"], n_repeats=1, max_rows=100)
    by_name = {each.name: each.columns for each in found}
    assert by_name["hour"] == ("hour_sin", "hour_cos")
    assert by_name["zone"] == ("zone_risk", "zone_kind")


def test_whole_groups_are_sampled():
    from novin_ml.evaluation.explanation.importance import _sample

    groups = np.repeat(np.arange(20), 10)
    kept = _sample(200, groups, 45, np.random.RandomState(0))
    assert np.bincount(groups[kept], minlength=20).tolist().count(10) == 5
    assert len(kept) == 50


def test_permutation_importance_refuses_what_it_cannot_measure():
    X, y = table()
    model = classifier(epochs=2).fit(X, y)
    with pytest.raises(ValueError, match="must be a fitted classifier"):
        permutation_importances(BehaviorAnomalyDetector(), X, y)
    with pytest.raises(ValueError, match="Got 'other'"):
        permutation_importances(model, X[:2], ["other", "other"])
    with pytest.raises(ValueError, match="'n_repeats'"):
        permutation_importances(model, X, y, n_repeats=0)
