import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from novin_ml.evaluation import alarm_hours, alarms_per_week, detection_delay

HOUR, DAY = 3600.0, 86_400.0


def table(rows):
    """Event table of (home, time, unusual, flag), and the flags."""
    homes, times, unusual, flags = zip(*rows, strict=True)
    label = np.where(unusual, "unusual", "usual")
    events = pd.DataFrame({"home_id": homes, "timestamp": times, "label": label})
    return events, np.array(flags, dtype=bool)


def test_alarms_of_one_clock_hour_are_one():
    times = [0.0, 3599.9, 3600.0, 7300.0, 10_900.0]
    assert alarm_hours(times, [True, True, True, False, True]).tolist() == [0, 1, 3]
    assert alarm_hours(times[::-1], [True, False, False, True, True]).tolist() == [0, 3]
    assert alarm_hours(times, [False] * 5).tolist() == []
    assert alarm_hours([], []).tolist() == []


def test_hours_are_clock_hours_and_not_spans_of_an_hour():
    assert alarm_hours([3500.0, 3700.0], [True, True]).tolist() == [0, 1]


def test_an_incident_ends_where_two_hours_pass_without_its_events():
    events, flags = table(
        [
            ("a", 1000.0, True, False),
            ("a", 1000.0 + 1.9 * HOUR, True, True),
            ("a", 1000.0 + 3.9 * HOUR, True, False),  # two hours after the last one
            ("a", 1010.0 + 3.9 * HOUR, False, True),  # usual: finds nothing
            ("b", 1005.0, True, True),
        ]
    )
    detection = detection_delay(events, flags)
    assert [(i.home_id, i.start, i.n_events) for i in detection.incidents] == [
        ("a", 1000.0, 2),
        ("a", 1000.0 + 3.9 * HOUR, 1),
        ("b", 1005.0, 1),
    ]
    assert [i.detected for i in detection.incidents] == [True, False, True]
    assert detection.incidents[0].end == 1000.0 + 1.9 * HOUR
    assert detection.incidents[0].delay == pytest.approx(1.9 * HOUR)
    assert detection.incidents[2].delay == 0
    assert (detection.n_detected, detection.recall) == (2, pytest.approx(2 / 3))
    assert detection.median_delay == pytest.approx(0.95 * HOUR)


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(0)
    n = 400
    events, flags = table(
        list(
            zip(
                rng.choice(["a", "b", "c"], n),
                np.round(rng.uniform(0, 20 * DAY, n)),
                rng.random(n) < 0.3,
                rng.random(n) < 0.2,
                strict=True,
            )
        )
    )
    order = rng.permutation(n)
    shuffled = events.iloc[order].reset_index(drop=True)
    first, second = detection_delay(events, flags), detection_delay(shuffled, flags[order])
    assert len(first.incidents) > 20
    for one, other in zip(first.incidents, second.incidents, strict=True):
        assert (one.home_id, one.start, one.end, one.n_events) == (
            other.home_id,
            other.start,
            other.end,
            other.n_events,
        )
        assert one.delay == other.delay or not (one.detected or other.detected)
    assert alarms_per_week(events, flags) == alarms_per_week(shuffled, flags[order])


def test_without_incidents_nothing_is_said_of_them():
    events, flags = table([("a", 0.0, False, True), ("a", DAY, False, False)])
    detection = detection_delay(events, flags)
    assert detection.incidents == ()
    assert np.isnan(detection.recall)
    assert np.isnan(detection.median_delay)


def test_alarms_per_week_by_hand():
    rows = [("a", day * DAY, False, False) for day in range(15)]  # two weeks
    rows += [("b", 7 * DAY + day * DAY, False, False) for day in range(8)]  # one
    rows += [
        ("a", 3 * DAY + 60, False, True),
        ("a", 3 * DAY + 90, False, True),  # the same hour
        ("a", 4 * DAY + 60, False, True),
        ("b", 8 * DAY + 60, False, True),
        ("b", 9 * DAY + 60, False, True),
        ("b", 9 * DAY + 90, True, True),  # an incident: the hour is not counted
    ]
    events, flags = table(rows)
    rate = alarms_per_week(events, flags, confidence=0.9)
    assert (rate.n_alarms, rate.home_weeks, rate.per_week) == (3, 3.0, 1.0)
    assert rate.low == pytest.approx(chi2.ppf(0.05, 6) / 2 / 3)
    assert rate.high == pytest.approx(chi2.ppf(0.95, 8) / 2 / 3)
    wider = alarms_per_week(events, flags)
    assert wider.low < rate.low < rate.high < wider.high


def test_no_alarm_has_an_upper_limit_above_zero():
    events, flags = table([("a", 0.0, False, False), ("a", 7 * DAY, False, False)])
    rate = alarms_per_week(events, flags)
    assert rate.home_weeks == pytest.approx(2 / 7)  # two days had an event
    assert (rate.per_week, rate.low) == (0, 0)
    assert rate.high == pytest.approx(-np.log(0.025) / rate.home_weeks)


def test_homes_do_not_share_an_hour():
    events, flags = table([("a", 0.0, False, True), ("b", 10.0, False, True), ("a", DAY, 0, 0)])
    assert alarms_per_week(events, flags).n_alarms == 2


def test_labels_are_not_needed_to_count_alarms():
    events, flags = table([("a", 0.0, False, True), ("a", 7 * DAY, False, True)])
    assert alarms_per_week(events.drop(columns="label"), flags) == alarms_per_week(events, flags)


@pytest.mark.parametrize("flags", [[1, -1], [True], [[True, False]]])
def test_flags_that_are_not_one_bool_each_are_refused(flags):
    events, _ = table([("a", 0.0, True, True), ("a", DAY, False, False)])
    for function in (detection_delay, alarms_per_week):
        with pytest.raises(ValueError, match="must be 2 bools"):
            function(events, flags)


def test_what_cannot_be_measured_is_refused():
    events, flags = table([("a", 0.0, True, True), ("a", DAY, False, False)])
    with pytest.raises(ValueError, match="column 'label'"):
        detection_delay(events.drop(columns="label"), flags)
    with pytest.raises(ValueError, match="more than one moment"):
        alarms_per_week(events.iloc[:1], flags[:1])
    with pytest.raises(ValueError, match="'confidence' parameter of alarms_per_week must be"):
        alarms_per_week(events, flags, confidence=1.0)
