"""Laws of the features: what must not matter does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.features import DeliveryFeatures, attach_context
from tests.features.builders import event_table
from tests.properties.strategies import unit

WEEK = 604_800.0

event_rows = st.fixed_dictionaries(
    {
        "home_id": st.sampled_from(("a", "b", "c")),
        "type": st.sampled_from(("motion", "front_motion", "doorbell", "vehicle", "door")),
        # Whole seconds in a quarter of an hour: ties and crowded windows are common.
        "timestamp": st.integers(1_700_000_000, 1_700_000_900).map(float),
        "location": st.sampled_from(("porch", "Front Door Camera", "garage", "attic", None)),
        "home_mode": st.sampled_from(("home", "away", "night", "vacation", None)),
        "confidence": unit | st.just(float("nan")),
        "duration": st.floats(0, 100) | st.just(float("nan")),
        "energy": unit | st.just(float("nan")),
        "raw": st.none()
        | st.lists(st.floats(0, 1, width=32) | st.just(float("nan")), max_size=30).map(np.float32),
    }
)
event_tables = st.lists(event_rows, min_size=1, max_size=25).map(
    lambda rows: event_table(*rows, utc_offset=-18_000.0)
)


def features(events):
    return DeliveryFeatures().fit_transform(events)


@given(event_tables, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(events, random):
    rows = list(range(len(events)))
    random.shuffle(rows)
    np.testing.assert_array_equal(features(events.iloc[rows]), features(events)[rows])


@given(event_tables)
def test_other_homes_do_not_matter(events):
    together = features(events)
    for home in events["home_id"].unique():
        rows = (events["home_id"] == home).to_numpy(dtype=bool)
        np.testing.assert_array_equal(features(events[rows]), together[rows])


@given(event_tables, event_tables)
def test_tables_of_different_homes_can_be_joined(left, right):
    right = right.assign(home_id=right["home_id"].map(lambda name: name + "'"))
    joined = pd.concat([left, right], ignore_index=True)
    np.testing.assert_array_equal(
        features(joined), np.concatenate([features(left), features(right)])
    )


@given(event_tables, st.integers(-500, 500))
def test_whole_weeks_do_not_matter(events, weeks):
    moved = events.assign(timestamp=events["timestamp"] + weeks * WEEK)
    np.testing.assert_array_equal(features(moved), features(events))


@given(event_tables)
def test_names_of_homes_do_not_matter(events):
    names = {"a": "zebra", "b": "", "c": "a"}
    np.testing.assert_array_equal(
        features(events.assign(home_id=events["home_id"].map(names))), features(events)
    )


@given(event_tables, st.data())
def test_rows_may_be_split_once_the_context_is_attached(events, data):
    expected = features(events)
    attached = attach_context(events)
    rows = data.draw(st.lists(st.integers(0, len(events) - 1), max_size=25))
    np.testing.assert_array_equal(features(attached.iloc[rows]), expected[rows])


@given(event_tables)
def test_later_than_the_silence_does_not_matter(events):
    now = float(events["timestamp"].median())
    known = (events["timestamp"] <= now + 20).to_numpy(dtype=bool)
    decided = (events["timestamp"] <= now).to_numpy(dtype=bool)
    np.testing.assert_array_equal(
        features(events[known])[decided[known]], features(events)[decided]
    )
