"""Work grows with the log, not with the log times the names: counted, not timed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import chains_from_events, sensor_names
from novin_ml.events.chains.own_rows import own_rows
from novin_ml.events.chains.sensor_log import last_ends
from novin_ml.features import ActivityHistory, ChainFeatures
from novin_ml.features.activity.steps import Step

N_EVENTS = 4_800


class CountedName(str):
    """A name that counts how often it is compared or hashed."""

    n_times = 0

    def __eq__(self, other):
        CountedName.n_times += 1
        return str.__eq__(self, other)

    def __hash__(self):
        CountedName.n_times += 1
        return str.__hash__(self)


def comparisons_of_a_first_day(n_sensors):
    history, CountedName.n_times = ActivityHistory(), 0
    for number in range(n_sensors):
        sensor = CountedName(f"motion at {number}")
        history.take(Step(1_700_000_000_000 + number, 0, sensor, False, True, False, None, False))
    return CountedName.n_times


def test_the_events_of_a_first_day_are_not_compared_with_all_before():
    assert comparisons_of_a_first_day(400) < 2.5 * comparisons_of_a_first_day(200)


class CountedArray(np.ndarray):
    """An array that counts the elements that functions of numpy read of it."""

    n_elements = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        plain = [self._plain(each) for each in inputs]
        if out is not None:
            kwargs["out"] = tuple(self._plain(each, count=False) for each in out)
        return self._counted(getattr(ufunc, method)(*plain, **kwargs))

    def __array_function__(self, func, types, args, kwargs):
        plain = [self._plain(each) for each in args]
        return self._counted(func(*plain, **kwargs))

    @staticmethod
    def _plain(value, *, count=True):
        if isinstance(value, list | tuple):
            return type(value)(CountedArray._plain(each, count=count) for each in value)
        if isinstance(value, CountedArray):
            CountedArray.n_elements += value.size * count
            return value.view(np.ndarray)
        return value

    @staticmethod
    def _counted(value):
        return value.view(CountedArray) if isinstance(value, np.ndarray) else value


def counted(log):
    columns = ("home", "time", "sensor", "zone", "ends", "end", "consent")
    parts = {name: getattr(log, name).view(CountedArray) for name in columns}
    return replace(log, **parts, end_by_consent=parts["end"])


def events(n_homes, n_sensors):
    number = np.arange(N_EVENTS)
    return pd.DataFrame(
        {
            "home_id": [f"home_{each:03d}" for each in number % n_homes],
            "timestamp": 1.7e9 + 300.0 * number,
            "utc_offset": 0.0,
            "type": "motion",
            "kind": "motion",
            "zone": "unknown",
            "location": [f"room {each:03d}" for each in number // n_homes % n_sensors],
            "confidence": np.nan,
            "home_mode": None,
            "consent": True,
            "duration": np.nan,
        }
    )


def elements_of_columns(n_names):
    table = events(n_homes=1, n_sensors=64)
    chains = chains_from_events(table)
    features = ChainFeatures(sensors=sensor_names(table)[:n_names], memory=300.0).fit(chains)
    few = chains[np.arange(8)]  # a column of few rows costs little: what is left is the log
    plain = features.transform(few)
    object.__setattr__(few, "log", counted(few.log))
    CountedArray.n_elements = 0
    np.testing.assert_array_equal(features.transform(few), plain)
    return CountedArray.n_elements


def test_columns_of_more_sensors_do_not_read_the_log_again():
    assert elements_of_columns(64) < 30 * N_EVENTS


def elements_of_own_rows(n_homes):
    chains = chains_from_events(events(n_homes, n_sensors=4))
    home = chains.log.home_codes(chains["home_id"]).view(CountedArray)
    log = counted(chains.log)
    object.__setattr__(log, "home_codes", lambda names: home)
    CountedArray.n_elements = 0
    own_rows(chains, log)
    return CountedArray.n_elements


def test_chains_of_more_homes_are_not_searched_again():
    assert elements_of_own_rows(48) < 2 * elements_of_own_rows(3)


@pytest.mark.parametrize("n_sensors", [1, 60])
def test_ends_of_more_sensors_do_not_read_the_log_again(n_sensors):
    n = 3_000
    home, sensor = np.zeros(n, dtype=np.int64), (np.arange(n) % n_sensors).astype(np.int32)
    state = np.tile([1, 0], n // 2).astype(np.int8)
    arrays = (home, np.arange(n, dtype=float), sensor, state, np.full(n, np.nan))
    CountedArray.n_elements = 0
    last_ends(*(each.view(CountedArray) for each in arrays))
    assert CountedArray.n_elements < 30 * n
