import numpy as np
import pandas as pd
import pytest

from novin_ml.exceptions import InvalidEventError
from novin_ml.features import DeliveryFeatures, attach_context
from novin_ml.features.context import CONTEXT_COLUMNS
from novin_ml.simulation import simulate_deliveries
from tests.features.builders import at, event_table

NAN = np.nan


def column(events, name, **parameters):
    return attach_context(events, **parameters)[name].tolist()


def brute_force(events, window=60.0, silence=20.0):
    """The definitions of the docstring, event by event."""
    rows = []
    for event in events.itertuples():
        home = events[events["home_id"] == event.home_id]
        since = event.timestamp - home["timestamp"]
        recent = (since >= 0) & (since <= window)
        place = home["zone"] == event.zone
        later = -since[place & (since < 0)]
        before = since[since > 0]
        rung = since[place & (since > 0) & (home["kind"] == "doorbell")]
        direct = len(rung) > 0 and rung.min() == before.min()
        rows.append(
            {
                "seconds_since_doorbell": since[recent & (home["kind"] == "doorbell")].min(),
                "seconds_since_direct_doorbell": rung.min() if direct else NAN,
                "seconds_since_vehicle": since[recent & (home["kind"] == "vehicle")].min(),
                "silence_after": min(later.min(), silence) if len(later) else silence,
                "events_in_window": recent.sum(),
                "context_window": window,
                "context_silence": silence,
            }
        )
    return pd.DataFrame(rows).astype(np.float32)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("window", "silence"), [(60.0, 20.0), (7.5, 200.0)])
def test_equals_the_definition(seed, window, silence):
    events = simulate_deliveries(150, n_homes=2, random_state=seed)
    events = events.sample(frac=1, random_state=seed).reset_index(drop=True)
    # Whole seconds bring ties, half of the time axis brings crowds.
    events["timestamp"] = (events["timestamp"] % 7200 // 2).round()
    got = attach_context(events, window, silence)[list(CONTEXT_COLUMNS)]
    pd.testing.assert_frame_equal(got, brute_force(events, window, silence))


def test_doorbell_within_the_window_and_at_the_event():
    events = event_table(*at(100, type="doorbell"), *at(99, 110, 160, 160.5))
    np.testing.assert_array_equal(column(events, "seconds_since_doorbell"), [0, NAN, 10, 60, NAN])


def test_other_homes_are_not_heard():
    events = event_table(
        *at(0, type="doorbell", home_id="b"), *at(5, home_id="a"), *at(6, home_id="b")
    )
    np.testing.assert_array_equal(column(events, "seconds_since_doorbell"), [0, NAN, 6])


def test_silence_is_of_the_zone_and_capped():
    events = event_table(
        *at(0, 12, location="porch"), *at(3, location="Front Door"), *at(40, location="porch")
    )
    assert column(events, "silence_after") == [12, 20, 20, 20]
    assert column(events, "silence_after", silence=300) == [12, 28, 300, 300]


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ([], 8.0),
        (at(3, location="garage"), NAN),
        (at(3, type="door", location="porch"), NAN),
        (at(0, type="vehicle", location="street"), 8.0),
        (at(3, home_id="next", location="porch"), 8.0),
        (at(3, type="doorbell", location="Front Porch"), 5.0),
    ],
)
def test_direct_doorbell(between, expected):
    events = event_table(
        *at(0, type="doorbell", location="porch"), *between, *at(8, location="front_porch")
    )
    assert column(events, "seconds_since_direct_doorbell")[-1] == pytest.approx(
        expected, nan_ok=True
    )


def test_direct_doorbell_is_at_the_same_zone():
    events = event_table(*at(0, type="doorbell", location="garage"), *at(8, location="porch"))
    assert np.isnan(column(events, "seconds_since_direct_doorbell")[-1])


def test_simultaneous_events_are_in_each_others_window_and_not_after_each_other():
    events = event_table(*at(5, location="porch"), *at(5, type="doorbell", location="porch"))
    context = attach_context(events)
    assert context["events_in_window"].tolist() == [2, 2]
    assert context["seconds_since_doorbell"].tolist() == [0, 0]
    assert context["silence_after"].tolist() == [20, 20]
    assert context["seconds_since_direct_doorbell"].isna().all()


def test_adds_float32_columns_to_a_copy_and_keeps_index_and_order():
    events = simulate_deliveries(50, random_state=0).iloc[::-3]
    columns, index = list(events.columns), events.index.copy()
    attached = attach_context(events)
    assert list(events.columns) == columns
    assert attached.index.equals(index)
    assert list(attached.columns) == [*columns, *CONTEXT_COLUMNS]
    assert (attached[list(CONTEXT_COLUMNS)].dtypes == np.float32).all()
    pd.testing.assert_frame_equal(attach_context(attached), attached)


def test_no_events():
    attached = attach_context(simulate_deliveries(10, random_state=0).iloc[:0])
    assert len(attached) == 0
    assert set(CONTEXT_COLUMNS) <= set(attached.columns)


def test_missing_columns_are_named_in_one_error():
    events = simulate_deliveries(10, random_state=0).drop(columns=["zone", "kind"])
    with pytest.raises(InvalidEventError, match="Missing: kind, zone"):
        attach_context(events)
    with pytest.raises(InvalidEventError, match=r"Got list instead\. Read events"):
        attach_context([1, 2])


@pytest.mark.parametrize("value", [0, -1.0, np.inf, NAN])
@pytest.mark.parametrize("name", ["window", "silence"])
def test_parameters_must_be_positive_and_finite(name, value):
    with pytest.raises(
        ValueError, match=rf"'{name}' parameter of .* must be a float in the range \(0.0, inf\)"
    ):
        attach_context(simulate_deliveries(10, random_state=0), **{name: value})


LENGTHS = [30.0, 60.0, 7.5]


@pytest.mark.parametrize("window", LENGTHS)
@pytest.mark.parametrize("silence", [20.0, 0.25])
def test_rows_with_several_contexts_have_the_features_of_each(window, silence):
    events = simulate_deliveries(300, random_state=0)
    rows = attach_context(events, window=LENGTHS, silence=np.array([20.0, 0.25])).sample(
        frac=0.5, random_state=0
    )
    features = DeliveryFeatures(window, silence).set_output(transform="pandas")
    expected = features.fit_transform(events).loc[rows.index]
    pd.testing.assert_frame_equal(features.fit_transform(rows), expected)
    plain = attach_context(rows).columns  # a second call leaves nothing of the first
    assert list(plain) == list(attach_context(events).columns)


def test_rows_of_which_some_lack_a_context_are_refused():
    events = simulate_deliveries(100, random_state=0)
    both = pd.concat([attach_context(events, window=[60, 30]), attach_context(events)])
    DeliveryFeatures(60).fit_transform(both)
    with pytest.raises(ValueError, match=r"Got 30 s instead.*window=\[60, 30\] to try both"):
        DeliveryFeatures(30).fit_transform(both)


@pytest.mark.parametrize("name", ["window", "silence"])
def test_each_of_several_lengths_is_checked(name):
    events = simulate_deliveries(10, random_state=0)
    with pytest.raises(ValueError, match=rf"'{name}' parameter of .*Got -1 instead"):
        attach_context(events, **{name: [60, -1]})
    with pytest.raises(ValueError, match=rf"'{name}' parameter .*Got \[\]\. Pass one"):
        attach_context(events, **{name: []})
