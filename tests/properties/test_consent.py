"""Laws of consent and of what rows stand beside: see `tests.properties.sentences`."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.estimators import make_delivery_pipeline
from novin_ml.estimators.rules import DeliveryRules, MotionRules
from novin_ml.evaluation import conformalize, evaluate, split_by_home, tune_threshold
from novin_ml.events import training_events
from novin_ml.exceptions import HomeMismatchError, InvalidEventError
from novin_ml.features import attach_context, training_rows
from novin_ml.lifecycle import train_baseline
from novin_ml.simulation import (
    simulate_chain_events,
    simulate_deliveries,
    simulate_motions,
)
from tests.properties.fits import seeds
from tests.properties.test_features import event_tables

# Here it does not matter whether a model was trained on what it is asked.
pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")

STREET = simulate_deliveries(700, n_homes=12, random_state=0)


@pytest.fixture(scope="module", name="model")
def fitted():
    rows, _ = training_rows(STREET)
    return make_delivery_pipeline(epochs=3, random_state=0).fit(rows, rows["label"])


def with_consent(events: pd.DataFrame, seed: int, share: float = 0.6) -> pd.DataFrame:
    """Return events of which some have consent, event by event."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(np.array(["delivery", "no_delivery", None], dtype=object), len(events))
    return events.assign(consent=rng.random(len(events)) < share, label=labels)


@given(event_tables, seeds, st.booleans())
def test_events_without_consent_are_neither_rows_nor_context(events, seed, attached):
    events = with_consent(events, seed)
    given_events = attach_context(events) if attached else events
    expected, none_dropped = training_rows(events[events["consent"]])
    rows, n_dropped = training_rows(given_events)
    assert none_dropped == 0
    pd.testing.assert_frame_equal(rows, expected)
    assert n_dropped == np.count_nonzero(~events["consent"] & events["label"].notna())
    events_only, n_left = training_events(events)
    pd.testing.assert_frame_equal(events_only, training_events(events[events["consent"]])[0])
    assert (len(events_only), n_left) == (len(rows), n_dropped)


@given(event_tables, seeds)
def test_a_baseline_is_that_of_the_events_with_consent(events, seed):
    events = with_consent(events, seed)
    consenting = events[events["consent"]]
    try:
        expected = train_baseline(consenting, n_estimators=3, random_state=0)
    except (InvalidEventError, HomeMismatchError, ValueError) as error:
        with pytest.raises(type(error)):
            train_baseline(events, n_estimators=3, random_state=0)
        return
    result = train_baseline(events, n_estimators=3, random_state=0)
    assert result.n_trained == len(consenting)
    detector, other = expected.pipeline[-1], result.pipeline[-1]
    assert other.training_data_ == detector.training_data_
    assert other.learner_.to_files() == detector.learner_.to_files()


def flat(report) -> dict:
    """Return the fields of a report, tables as text."""
    values = {each.name: getattr(report, each.name) for each in fields(report)}
    return {
        name: value.to_json() if isinstance(value, pd.DataFrame) else repr(value)
        for name, value in values.items()
        if name != "n_without_consent"
    }


@given(seeds)
def test_thresholds_are_of_the_rows_with_consent_in_any_order(model, seed):
    events = with_consent(STREET, seed, 0.8).assign(label=STREET["label"])
    consenting = events[events["consent"]]
    order = np.random.default_rng(seed).permutation(len(events))
    for report_of in (
        lambda rows: tune_threshold(model, rows, false_alarms_per_week=1.0, labels=["delivery"]),
        lambda rows: conformalize(model, rows, error_rate=0.2),
    ):
        expected = flat(report_of(consenting))
        assert flat(report_of(events)) == expected
        assert flat(report_of(events.iloc[order])) == expected


@given(seeds, st.sampled_from((0.01, 0.3, 0.5, 0.9)))
def test_a_home_is_never_divided_between_train_and_test(seed, fraction):
    events = STREET.iloc[np.random.default_rng(seed).permutation(len(STREET))]
    train, test = split_by_home(events, fraction, random_state=seed % 7)
    assert not set(train["home_id"]) & set(test["home_id"])
    assert sorted([*train.index, *test.index]) == sorted(events.index)
    assert test["home_id"].nunique() == np.ceil(fraction * STREET["home_id"].nunique())
    again, _ = split_by_home(STREET, fraction, random_state=seed % 7)
    assert set(again["home_id"]) == set(train["home_id"])


@given(event_tables, st.randoms(use_true_random=False))
def test_rules_do_not_see_the_order_of_rows(events, random):
    rows = list(range(len(events)))
    random.shuffle(rows)
    for rules in (DeliveryRules().fit(events), MotionRules().fit(events)):
        np.testing.assert_array_equal(rules.predict(events.iloc[rows]), rules.predict(events)[rows])


@given(seeds)
def test_scores_do_not_see_the_order_of_rows(model, seed):
    rows = attach_context(STREET)
    order = np.random.default_rng(seed).permutation(len(rows))
    one = evaluate(model, DeliveryRules(), rows, positive_label="delivery")
    other = evaluate(model, DeliveryRules(), rows.iloc[order], positive_label="delivery")
    assert other.model == one.model
    assert other.rules == one.rules


@given(
    st.sampled_from((simulate_deliveries, simulate_motions, simulate_chain_events)),
    st.integers(1, 60),
    st.integers(0, 2**31),
    st.floats(0, 0.5),
)
def test_one_random_state_is_one_table_and_annotator_errors_change_labels_only(
    simulate, n, seed, error
):
    table = simulate(n, n_homes=3, random_state=seed, annotator_error=0.0)
    pd.testing.assert_frame_equal(
        simulate(n, n_homes=3, random_state=seed, annotator_error=0.0), table
    )
    careless = simulate(n, n_homes=3, random_state=seed, annotator_error=error)
    pd.testing.assert_frame_equal(careless.drop(columns=["label"]), table.drop(columns=["label"]))
    np.testing.assert_array_equal(careless["label"].isna(), table["label"].isna())
