"""Laws of the features of behavior: what must not matter does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.features import BEHAVIOR_FEATURES, BehaviorFeatures, BehaviorHistory
from tests.features.behavior_reference import reference_features
from tests.features.builders import event_table

WEEK = 604_800.0
START = 1_700_000_000

behavior_rows = st.fixed_dictionaries(
    {
        "home_id": st.sampled_from(("a", "b", "c")),
        "type": st.sampled_from(("motion", "doorbell", "door", "leak")),
        # Crowded hours, some of them days apart; ties are common.
        "timestamp": st.builds(
            lambda hours, seconds: float(START + 3_600 * hours + seconds),
            st.sampled_from((0, 1, 23, 24, 25, 7 * 24, 40 * 24)),
            st.integers(0, 90),
        ),
        "location": st.sampled_from(("porch", "garage", None)),
        "home_mode": st.sampled_from(("home", "away", None)),
        "utc_offset": st.sampled_from((0.0, -18_000.0, 19_800.0, float("nan"))),
    }
)
behavior_tables = st.lists(behavior_rows, min_size=1, max_size=30).map(
    lambda rows: event_table(*rows)
)


def features(events):
    return BehaviorFeatures().transform(events)


@given(behavior_tables)
def test_equal_to_a_walk_through_the_past(events):
    np.testing.assert_allclose(features(events), reference_features(events), rtol=2e-7, atol=1e-7)


@given(behavior_tables)
def test_values_are_in_the_ranges_of_the_specs(events):
    for spec, column in zip(BEHAVIOR_FEATURES, features(events).T, strict=True):
        assert spec.low <= column.min(), spec.name
        assert column.max() <= spec.high, spec.name
        assert np.isfinite(column).all(), spec.name


@given(behavior_tables, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(events, random):
    rows = list(range(len(events)))
    random.shuffle(rows)
    np.testing.assert_array_equal(features(events.iloc[rows]), features(events)[rows])


@given(behavior_tables)
def test_other_homes_do_not_matter(events):
    together = features(events)
    for home in events["home_id"].unique():
        rows = (events["home_id"] == home).to_numpy(dtype=bool)
        np.testing.assert_array_equal(features(events[rows]), together[rows])


@given(behavior_tables)
def test_names_of_homes_do_not_matter(events):
    names = {"a": "zebra", "b": "", "c": "a"}
    renamed = events.assign(home_id=events["home_id"].map(names))
    np.testing.assert_array_equal(features(renamed), features(events))


@given(behavior_tables, behavior_tables)
def test_the_future_does_not_matter(events, others):
    now = float(events["timestamp"].median())
    past = (events["timestamp"] <= now).to_numpy(dtype=bool)
    future = others[others["timestamp"] > now]
    changed = pd.concat([events[past], future], ignore_index=True)
    np.testing.assert_array_equal(features(changed)[: past.sum()], features(events)[past])


@given(behavior_tables, st.integers(-500, 500))
def test_whole_weeks_do_not_matter(events, weeks):
    moved = events.assign(timestamp=events["timestamp"] + weeks * WEEK)
    np.testing.assert_array_equal(features(moved), features(events))


@given(behavior_tables, st.randoms(use_true_random=False))
def test_a_history_answers_as_the_table(events, random):
    events = events[events["home_id"] == events["home_id"].iloc[0]]
    expected = features(events)
    rows = list(range(len(events)))
    random.shuffle(rows)  # simultaneous events come in any order
    rows.sort(key=lambda row: events["timestamp"].iloc[row])
    history, records = BehaviorHistory(), events.to_dict("records")
    for row in rows:
        np.testing.assert_array_equal(history.update(records[row]), expected[row])


@given(behavior_tables, st.integers(0, 30))
def test_a_history_of_a_log_goes_on(events, n_known):
    events = events[events["home_id"] == events["home_id"].iloc[0]]
    events = events.sort_values("timestamp", kind="stable")
    expected = features(events)
    history = BehaviorHistory.from_events(events[:n_known])
    for event, row in zip(events[n_known:].to_dict("records"), expected[n_known:], strict=True):
        np.testing.assert_array_equal(history.update(event), row)


@given(behavior_tables, st.data())
def test_transforming_continues_what_was_fitted(events, data):
    now = data.draw(st.sampled_from(sorted(events["timestamp"])))
    known = (events["timestamp"] < now).to_numpy(dtype=bool)
    expected = features(events)
    fitted = BehaviorFeatures().fit(events[known])
    np.testing.assert_array_equal(fitted.transform(events[~known]), expected[~known])
    np.testing.assert_array_equal(BehaviorFeatures().fit_transform(events), expected)
    read = BehaviorFeatures()
    read._set_state(fitted._state_arrays())
    np.testing.assert_array_equal(read.transform(events[~known]), expected[~known])
