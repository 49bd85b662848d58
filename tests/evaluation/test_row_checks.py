"""Rows that cannot be counted are refused in words, wherever they are counted; JSON is plain."""

import numpy as np
import pandas as pd
import pytest

from novin_ml.evaluation import (
    alarms_per_week,
    detection_delay,
    observed_weeks,
    split_by_home,
)

ROWS = pd.DataFrame(
    {"home_id": ["elm", "oak", "elm"], "timestamp": [0.0, 1e5, 2e5], "label": ["usual"] * 3}
)
FLAGS = np.zeros(3, dtype=bool)
COUNTS = {
    "split": lambda rows: split_by_home(rows, 0.5, 0),
    "alarms": lambda rows: alarms_per_week(rows, FLAGS),
    "delay": lambda rows: detection_delay(rows, FLAGS),
}


@pytest.mark.parametrize("count", COUNTS.values(), ids=COUNTS)
def test_rows_without_homes_are_refused(count):
    count(ROWS)
    with pytest.raises(ValueError, match=r"must have a column 'home_id'. Got \['timestamp', "):
        count(ROWS.drop(columns="home_id"))
    for missing in (None, np.nan, pd.NA):
        homes = pd.Series(["elm", missing, "oak"], dtype=object)
        with pytest.raises(ValueError, match=r"Each row must have a home. Got 1 row without"):
            count(ROWS.assign(home_id=homes))


def test_weeks_are_of_homes_that_are_known():
    with pytest.raises(ValueError, match="Each row must have a home"):
        observed_weeks(["elm", None], [0.0, 1.0])
