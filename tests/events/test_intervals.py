from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import events_from_intervals
from novin_ml.events.fields import column_dtypes
from novin_ml.exceptions import InvalidEventError

COLUMNS = {"start": "from", "end": "to", "type": "what", "location": "where"}


def intervals(*rows):
    return pd.DataFrame(rows, columns=list(COLUMNS.values()))


def test_an_event_is_at_the_start_and_has_the_length_of_the_interval():
    log = intervals(
        ("2024-07-01 12:00:00", "2024-07-01 12:00:09.5", "motion", "Garage left"),
        ("2024-07-01T12:01:00Z", 1719835265, "back_door", None),
    )
    events, report = events_from_intervals(
        log, **COLUMNS, home_id="h", timezone="Europe/Berlin", consent=True
    )
    assert dict(events.dtypes) == column_dtypes(optional=("end",))
    assert events["timestamp"].tolist() == [
        pd.Timestamp("2024-07-01T10:00:00Z").timestamp(),
        pd.Timestamp("2024-07-01T12:01:00Z").timestamp(),
    ]
    assert events["duration"].tolist() == [9.5, 5.0]
    assert (events["end"] - events["timestamp"]).tolist() == [9.5, 5.0]
    assert events["utc_offset"].tolist() == [7200, 7200]
    assert events["kind"].tolist() == ["motion", "door"]
    assert events["zone"].tolist() == ["garage", "unknown"]
    assert events["home_id"].tolist() == ["h", "h"]
    assert events["consent"].all()
    assert (report.n_read, report.n_accepted, report.n_rejected) == (2, 2, 0)
    assert report.n_without_consent == len(report.rejects) == 0


@pytest.mark.parametrize("end", ["2024-07-01 11:59:59", None, "later", -5, float("nan"), pd.NaT])
def test_an_interval_without_a_possible_end_is_an_event_without_a_duration(end):
    log = intervals(
        ("2024-07-01 12:00:00", end, "motion", "porch"),
        ("2024-07-01 12:00:00", "2024-07-01 12:00:00", "motion", "porch"),
    )
    events, report = events_from_intervals(log, **COLUMNS)
    np.testing.assert_array_equal(events["duration"], [np.nan, 0])
    np.testing.assert_array_equal(events["end"] - events["timestamp"], [np.nan, 0])
    assert (report.n_read, report.n_accepted, report.n_rejected) == (2, 2, 0)
    assert report.rejects[["line", "field", "expected"]].to_numpy().tolist() == [
        [1, "to", "a time, not before the start"]
    ]
    assert report.n_without_consent == 2


def test_what_cannot_be_read_is_rejected_by_the_name_of_its_column():
    log = intervals(
        ("yesterday", "2024-07-01 12:00:00", "motion", "porch"),
        (1.0, 2.0, "", "porch"),
        (1.0, 3.0, "motion", "x" * 201),
        (1.0, 4.0, "motion", "porch"),
        (None, "later", 3, "porch"),
    )
    events, report = events_from_intervals(log, **COLUMNS)
    assert events["duration"].tolist() == [3.0]
    assert report.rejects[["line", "field"]].to_numpy().tolist() == [
        [1, "from"], [2, "what"], [3, "where"], [5, "what"], [5, "from"],
    ]  # fmt: skip
    assert (report.n_read, report.n_accepted, report.n_rejected) == (5, 1, 4)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (pd.Timestamp("2024-07-01 12:00"), pd.Timestamp("2024-07-01 12:00:30")),
        (datetime(2024, 7, 1, 12), datetime(2024, 7, 1, 12, 0, 30)),
        (pd.Timestamp("2024-07-01T10:00Z"), pd.Timestamp("2024-07-01T10:00:30Z")),
        (1719828000, 1719828030.0),
        ("2024-07-01 12:00", "2024-07-01T12:00:30+02:00"),
    ],
)
@pytest.mark.parametrize("dtype", [None, object])
def test_times_of_any_kind(start, end, dtype):
    log = pd.DataFrame({"a": pd.Series([start], dtype=dtype), "b": pd.Series([end], dtype=dtype)})
    events, report = events_from_intervals(
        log.assign(c="motion"), start="a", end="b", type="c", timezone="Europe/Berlin"
    )
    assert len(report.rejects) == 0
    assert events[["timestamp", "duration"]].to_numpy().tolist() == [[1719828000, 30]]


def test_dates_are_midnights():
    log = pd.DataFrame({"a": [date(2024, 7, 1)], "b": [date(2024, 7, 2)], "c": ["x"]})
    events, _ = events_from_intervals(log, start="a", end="b", type="c")
    assert events["duration"].tolist() == [86_400]


def test_no_intervals():
    events, report = events_from_intervals(intervals(), **COLUMNS)
    assert dict(events.dtypes) == column_dtypes(optional=("end",))
    assert report.n_read == len(events) == 0


def test_an_interval_over_a_change_of_the_clocks_has_its_real_length():
    log = intervals(("2024-03-31 01:59:30", "2024-03-31 03:00:30", "motion", None))
    events, _ = events_from_intervals(log, **COLUMNS, timezone="Europe/Berlin")
    assert events["duration"].tolist() == [60]


def test_columns_and_time_zone_must_be_there():
    with pytest.raises(InvalidEventError, match=r"columns from, to, what, where.*without where"):
        events_from_intervals(intervals().drop(columns="where"), **COLUMNS)
    with pytest.raises(InvalidEventError, match="must be a DataFrame"):
        events_from_intervals([1], **COLUMNS)
    with pytest.raises(ValueError, match="timezone"):
        events_from_intervals(intervals(), **COLUMNS, timezone="Mars")
