"""What drifted between two tables, since when, and where; and what cannot be said."""

import copy
import json

import numpy as np
import pandas as pd
import pytest

from novin_ml.estimators import make_behavior_pipeline, make_delivery_pipeline
from novin_ml.events import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.attached import context_for
from novin_ml.lifecycle import measure_drift, train
from novin_ml.simulation import (
    simulate_behavior,
    simulate_chain_events,
    simulate_chains,
    simulate_deliveries,
    simulate_motions,
)

DAY = 86_400.0
START = 20_000 * DAY  # a midnight, UTC


def table(n_homes=16, days=14, *, first_home=0, begin=0, rate=8, seed=0):
    """Return events on whole days: a rate of each home that differs widely, a third doorbells."""
    rng = np.random.default_rng([seed, first_home, begin])
    homes = np.random.default_rng(first_home).gamma(4, rate / 4, n_homes)
    parts = []
    for number, mean in enumerate(homes):
        day = np.repeat(np.arange(days), rng.poisson(mean, days) + 1)
        time = START + (begin + day + rng.uniform(size=len(day))) * DAY
        is_bell = rng.random(len(day)) < 1 / 3
        parts.append(
            pd.DataFrame(
                {
                    "home_id": f"home_{first_home + number}",
                    "timestamp": time,
                    "kind": np.where(is_bell, "doorbell", "motion"),
                    "zone": rng.choice(["porch", "driveway"], len(day)),
                    "duration": rng.lognormal(1.5, 0.5, len(day)),
                    "sample_rate": 10.0,
                    "raw": [np.float32([0.5])] * len(day),
                    "consent": True,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


BEFORE, AFTER = table(), table(begin=14)
OTHERS = table(first_home=16, begin=14)


def names(report):
    return [each.name for each in report.drifted]


@pytest.mark.parametrize("current", [AFTER, OTHERS])
def test_homes_that_differ_are_no_drift(current):
    report = measure_drift(BEFORE, current)
    assert report.verdict == "none"
    assert report.design == ("same homes" if current is AFTER else "other homes")
    assert "at most 5 % of such comparisons say otherwise" in report.sentence
    assert all(each.since is None and each.series is None for each in report.features)


@pytest.mark.parametrize("current", [AFTER, OTHERS])
@pytest.mark.parametrize(
    ("drift", "name", "measure"),
    [
        (lambda t: t.assign(sample_rate=20.0), "sample_rate", "mean"),
        (lambda t: t.assign(sample_rate=np.where(t["timestamp"] % 2 < 1, 20.0, 10.0)),
         "sample_rate", "mean"),
        (lambda t: t[(t["kind"] != "doorbell") | (t["timestamp"] % 10 < 1)],
         "kind", "share of doorbell"),
        (lambda t: t.assign(raw=[None] * len(t)), "raw", "share of with raw signal"),
        (lambda t: t.assign(duration=t["duration"].where(t["timestamp"] % 2 < 1)),
         "duration", "share missing"),
        (lambda t: t.assign(zone="garage"), "zone", None),
    ],
)  # fmt: skip
def test_a_drift_is_found_and_named(current, drift, name, measure):
    report = measure_drift(BEFORE, drift(current))
    assert report.verdict == "drift"
    assert name in names(report)
    found = next(each for each in report.drifted if each.name == name)
    assert found.p_value <= 0.05
    assert abs(found.effect) >= 0.2
    assert found.n_moved >= 15
    assert len(found.homes) == 10  # the ten that moved most
    if measure == "share of doorbell":
        assert "doorbell" in found.measure or "motion" in found.measure
    elif measure:
        assert found.measure == measure


def test_rates_are_of_whole_days():
    """A log that begins and ends in the middle of a day tells the same numbers a day."""
    hour = (BEFORE["timestamp"] - START) / 3600
    part = BEFORE[(hour > 12) & (hour < 13 * 24 + 5)]
    report = measure_drift(BEFORE, part)
    events = next(each for each in report.features if each.name == "events")
    for rows, found in ((BEFORE, events.reference), (part, events.current)):
        day = (rows["timestamp"] // DAY).groupby(rows["home_id"])
        inner = (day.transform("min") < rows["timestamp"] // DAY) & (
            rows["timestamp"] // DAY < day.transform("max")
        )
        a_day = inner.groupby(rows["home_id"]).sum() / (day.max() - day.min() - 1)
        assert found == pytest.approx(a_day.mean(), rel=1e-6)
    assert events.effect == pytest.approx(0, abs=0.1)
    short = measure_drift(BEFORE[hour < 40], AFTER)
    assert any("have no whole day" in note for note in short.notes)
    assert any("less than a week" in note for note in short.notes)


@pytest.mark.parametrize("day", [0, 5, 11])
@pytest.mark.parametrize("current", [AFTER, OTHERS])
def test_since_when(current, day):
    begin = START + (14 + day) * DAY
    changed = current.assign(sample_rate=np.where(current["timestamp"] >= begin, 20.0, 10.0))
    (found,) = measure_drift(BEFORE, changed).drifted
    assert found.name == "sample_rate"
    assert found.since.day == found.since.low == found.since.high == begin
    assert found.since.is_first_day == (day == 0)
    assert ("or before" in found.sentence) == (day == 0)
    assert found.series.n_reference == 14
    assert len(found.series.days) == 28
    values = np.array(found.series.values)
    assert np.array_equal(values, np.where(np.array(found.series.days) >= begin, 20.0, 10.0))


def test_the_range_of_the_day_holds_a_day_that_noise_hides():
    begin = START + 20 * DAY
    keep = (AFTER["kind"] != "doorbell") | (AFTER["timestamp"] < begin)
    keep |= AFTER["timestamp"] % 10 < 3
    found = next(e for e in measure_drift(BEFORE, AFTER[keep]).drifted if e.name == "kind")
    assert found.since.low <= begin <= found.since.high
    assert found.since.high - found.since.low < 7 * DAY


def test_which_homes():
    some = [f"home_{number}" for number in range(10)]
    rate = np.where(AFTER["home_id"].isin(some), 20.0, 10.0)
    (found,) = measure_drift(BEFORE, AFTER.assign(sample_rate=rate)).drifted
    assert [home.home_id for home in found.homes] == some
    assert found.n_moved == 10
    assert {(home.reference, home.current) for home in found.homes} == {(10.0, 20.0)}
    assert all(home.in_reference for home in found.homes)


def test_a_change_that_matters_to_nobody_is_none():
    """All of many homes move by a little of what they differ by."""
    nobody = AFTER.assign(confidence=0.5)
    home = AFTER["home_id"].str[5:].astype(int)
    before, after = (nobody.assign(confidence=0.3 + 0.02 * home + c) for c in (0.0, 0.002))
    (small,) = (e for e in measure_drift(before, after).features if e.name == "confidence")
    assert small.p_value <= 0.05
    assert small.verdict == "none"
    strict = measure_drift(before, after, min_effect=0.01)
    assert names(strict) == ["confidence"]


@pytest.mark.parametrize(
    ("n_homes", "verdict"), [(1, "too few homes"), (5, "too few homes"), (6, "drift")]
)
def test_pairs_of_too_few_homes_tell_nothing(n_homes, verdict):
    before, after = table(n_homes), table(n_homes, begin=14)
    report = measure_drift(before, after.assign(sample_rate=20.0))
    assert report.verdict == verdict
    rate = next(each for each in report.features if each.name == "sample_rate")
    assert rate.effect == 100.0
    assert rate.ks == 1.0
    assert (verdict == "drift") == ("Too few homes" not in report.sentence)


@pytest.mark.parametrize(
    ("n_homes", "verdict"), [(1, "too few homes"), (3, "too few homes"), (4, "drift")]
)
def test_groups_of_too_few_homes_tell_nothing(n_homes, verdict):
    others = table(n_homes, first_home=50).assign(sample_rate=20.0)
    assert measure_drift(table(n_homes), others).verdict == verdict


def test_homes_of_one_table_alone_are_in_no_test():
    some = AFTER[AFTER["home_id"] != "home_3"]
    report = measure_drift(BEFORE, some)
    assert report.design == "same homes"
    assert report.n_in_both == 15
    assert "1 home of the reference table alone is in no test." in report.notes
    few = pd.concat([OTHERS, AFTER[AFTER["home_id"] == "home_3"]])
    report = measure_drift(BEFORE, few)
    assert report.design == "other homes"
    assert "1 home in both tables" in report.notes[0]


def test_feature_tables_and_columns_of_ones_own():
    rng = np.random.default_rng(0)
    beside = ["home_id", "timestamp", "consent"]
    before, after = (
        t[beside].assign(score=rng.normal(size=len(t)), firmware="1.0") for t in (BEFORE, AFTER)
    )
    report = measure_drift(before, after)
    assert {each.name for each in report.features} == {"score", "firmware"}
    assert {each.group for each in report.features} == {"features"}
    assert report.verdict == "none"
    assert names(measure_drift(before, after.assign(firmware="1.1"))) == ["firmware"]
    assert names(measure_drift(before, after.assign(score=after["score"] + 1))) == ["score"]
    events = [t.assign(firmware=v) for t, v in ((BEFORE, "1.0"), (AFTER, "1.1"))]
    assert "firmware" in names(measure_drift(*events, columns=["firmware"]))
    assert "firmware" not in {each.name for each in measure_drift(*events).features}


def test_effect_sizes_are_those_of_the_formulas():
    """Two homes of different sizes count the same."""
    parts = [("a", ["x"] * 8 + ["y"] * 2), ("b", ["x"] * 1 + ["y"] * 1)]
    before, after = (
        pd.DataFrame(
            [
                {"home_id": home, "timestamp": START + i, "consent": True, "word": word, "n": i}
                for home, words in those
                for i, word in enumerate(words)
            ]
        )
        for those in (parts, [("a", ["x", "y"]), ("b", ["x", "y", "y", "y"])])
    )
    word = next(e for e in measure_drift(before, after).features if e.name == "word")
    p, q = np.array([0.65, 0.35]), np.array([0.375, 0.625])
    assert dict(zip(word.bins, word.reference_shares, strict=True)) == pytest.approx(
        {"x": 0.65, "y": 0.35}
    )
    assert word.psi == pytest.approx(np.sum((q - p) * np.log(q / p)))
    middle = (p + q) / 2
    js = np.sum(p * np.log2(p / middle) + q * np.log2(q / middle)) / 2
    assert word.js == pytest.approx(js)
    number = next(e for e in measure_drift(before, after).features if e.name == "n")
    # The two distribution functions at n = 3, where they differ most.
    assert number.ks == pytest.approx(1 - (0.4 + 1) / 2)


def test_the_report_is_json():
    report = measure_drift(BEFORE, AFTER.assign(sample_rate=20.0))
    document = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert document["verdict"] == "drift"
    assert document["sentence"] == report.sentence
    assert document["features"][0]["since"]["is_first_day"] is True


def test_simulated_homes_before_and_after():
    events = simulate_behavior(8, weeks=4, random_state=0)
    first = events.groupby("home_id")["timestamp"].transform("min")
    is_first = events["timestamp"] < first + 14 * DAY
    assert measure_drift(events[is_first], events[~is_first]).verdict == "none"


@pytest.mark.parametrize(
    ("reference", "current", "says"),
    [
        ([1], AFTER, "'reference' parameter must be a table.*Got list"),
        (BEFORE, AFTER[:0], "'current' parameter must have rows.*Got no row"),
        (BEFORE.drop(columns="consent"), AFTER, "Missing: consent"),
        (BEFORE, AFTER.drop(columns="home_id"), "Missing: home_id"),
        (BEFORE, AFTER.assign(consent=False), "'current'.*whose 'consent' is true"),
        (BEFORE, AFTER.assign(home_id="unknown_home"), "rows of 'current' must name their home"),
        (BEFORE[["home_id", "timestamp", "consent", "duration"]],
         AFTER[["home_id", "timestamp", "consent", "zone"]], "must have columns in common"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused_by_name(reference, current, says):
    with pytest.raises(InvalidEventError, match=says):
        measure_drift(reference, current)


def test_other_vocabularies_are_refused():
    events = simulate_motions(200, n_homes=3, random_state=0)
    with pytest.raises(InvalidEventError, match="one vocabulary"):
        measure_drift(events, Vocabulary.home().apply(events))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"level": 0.0}, "'level' parameter"),
        ({"min_effect": -1}, "'min_effect' parameter"),
        ({"n_permutations": 10}, "'n_permutations' parameter"),
        ({"level": 0.001, "n_permutations": 99}, "must be at least .* 999"),
        ({"columns": ["firmware"]}, "'firmware', which 'reference' lacks"),
    ],
)
def test_bad_parameters_are_refused_by_name(options, says):
    with pytest.raises(ValueError, match=says):
        measure_drift(BEFORE, AFTER, **options)


@pytest.fixture(scope="module")
def delivery():
    return train(
        "delivery", simulate_deliveries(1000, random_state=0), epochs=5, test_fraction=0
    ).pipeline


def test_a_model_tells_its_features_answers_and_alarms(delivery):
    before, after = (simulate_deliveries(700, n_homes=14, random_state=s) for s in (1, 2))
    report = measure_drift(before, after, model=delivery)
    groups = {each.name: each.group for each in report.features}
    features = {f"feature {name}" for name in delivery[0].get_feature_names_out()}
    assert features - set(groups) == {"feature weekday_sin", "feature weekday_cos"}
    assert groups["probability of delivery"] == groups["answer"] == "predictions"
    assert groups["alarms"] == "alarms"
    assert report.verdict == "none"
    alarms = next(each for each in report.features if each.name == "alarms")
    assert alarms.measure == "delivery a day"
    # Each motion looks like that of a person who leaves a parcel.
    answers = delivery.predict_proba(context_for(after))[:, 0]
    parcel = after.iloc[int(answers.argmax())]
    seen = ["duration", "energy", "raw", "zone", "location"]
    copied = after.copy()
    for name in seen:
        copied[name] = pd.Series([parcel[name]] * len(after), dtype=after[name].dtype)
    drifted = measure_drift(before, copied, model=delivery)
    assert {"probability of delivery", "duration"} <= set(names(drifted))


def test_alarms_are_those_of_the_thresholds(delivery):
    events = simulate_deliveries(400, n_homes=10, random_state=3)
    model = copy.deepcopy(delivery)
    model[-1].set_thresholds({"delivery": 0.0, "no_delivery": 2.0})
    alarms = next(
        each for each in measure_drift(events, events, model=model).features
        if each.name == "alarms"
    )  # fmt: skip
    every = next(e for e in measure_drift(events, events).features if e.name == "events")
    assert alarms.reference == every.reference


def test_chains_are_made_of_events():
    model = train(
        "chains", simulate_chains(600, random_state=0), epochs=3, test_fraction=0
    ).pipeline
    before, after = (simulate_chain_events(600, n_homes=10, random_state=s) for s in (1, 2))
    report = measure_drift(before, after, model=model)
    assert {each.group for each in report.features} >= {"events", "features", "predictions"}
    assert report.verdict == "none"


@pytest.mark.parametrize("model", [3, make_behavior_pipeline(), make_delivery_pipeline()])
def test_other_models_are_refused(model):
    is_unfitted = not isinstance(model, int) and "classifier" in model.named_steps
    with pytest.raises(ValueError, match="not fitted" if is_unfitted else "'model' parameter"):
        measure_drift(BEFORE, AFTER, model=model)


def test_a_model_needs_events(delivery):
    some = BEFORE[["home_id", "timestamp", "consent", "duration"]]
    with pytest.raises(InvalidEventError, match="must be of events for a model"):
        measure_drift(some, some, model=delivery)
