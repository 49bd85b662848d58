"""The monitor of a home's first days, which a prior of other homes stands behind."""

import json
from dataclasses import replace

import numpy as np
import pytest

from novin_ml import export_coreml, verify_coreml
from novin_ml.estimators import HomeMonitor, MonitorStream, first_days_monitor
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS
from novin_ml.exceptions import InvalidEventError, InvalidParametersError
from novin_ml.features import HabitPrior
from novin_ml.federated import learn_prior
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_behavior

DAY = 86_400


@pytest.fixture(scope="module")
def prior():
    events = simulate_behavior(16, weeks=2, unusual_per_month=0, ends=True, random_state=0)
    logs = {home: log.assign(consent=True) for home, log in events.groupby("home_id")}
    return learn_prior(logs).prior


@pytest.fixture(scope="module")
def log():
    events = simulate_behavior(
        weeks=2, unusual_per_month=0, first_home=40, ends=True, random_state=0
    )
    return events.assign(consent=True)


def parts(log, day):
    """Return the first days of a log, and the rest."""
    early = log["timestamp"] < log["timestamp"].iloc[0] + day * DAY
    return log[early], log[~early]


@pytest.fixture(scope="module")
def monitor(prior, log):
    return first_days_monitor(prior, parts(log, 1)[0], sensors=log)


def test_it_alarms_from_the_first_day_on(monitor, log):
    """A monitor of the home's own is still learning: it never alarms."""
    first, rest = parts(log, 1)
    assert monitor.state_ == "unproven"
    assert HomeMonitor(n_estimators=5, random_state=0).fit(first).state_ == "learning"
    night = rest[rest["timestamp"] < rest["timestamp"].iloc[0] + 6 * DAY]
    rows = monitor.score(night)
    assert rows["unproven"].all()
    assert np.isfinite(rows["score"]).all()
    # A door that nobody opens at night, at 3 in the morning of the second night.
    start = np.floor((night["timestamp"].iloc[0] + night["utc_offset"].iloc[0]) / DAY) * DAY
    at_3 = start + 2 * DAY + 3 * 3600 - night["utc_offset"].iloc[0]
    doors = night[night["kind"].astype(str) == "door"]
    burst = doors.iloc[[0] * 4].assign(timestamp=at_3 + 20.0 * np.arange(4), end=np.nan)
    before = night[night["timestamp"] < at_3]
    planted = type(night)(
        np.concatenate([before.to_numpy(), burst.to_numpy()]), columns=before.columns
    )
    planted = planted.astype(night.dtypes.to_dict())
    found = monitor.score(planted)
    assert found[(found["kind"] == "event") & (found["time"] >= at_3)]["alarm"].any()


def test_the_forest_rises_with_the_rarity_of_a_sensor_at_its_hour(monitor):
    names = [spec.name for spec in FOREST_COLUMNS]
    rows = np.zeros((400, len(names)), dtype=np.float32)
    rows[:, names.index("sensor_hour_mean")] = np.linspace(-10, 30, 400)
    scores = -monitor.detector_.score_samples(rows)
    assert (np.diff(scores) >= 0).all()
    assert len(np.unique(scores)) > 50
    # No other column counts.
    other = rows + np.float32(1)
    other[:, names.index("sensor_hour_mean")] -= 1
    assert (monitor.detector_.score_samples(other) == -scores).all()


def test_own_days_move_the_thresholds(prior, log):
    quiet = {name: np.zeros_like(row) for name, row in prior.bins.items()}
    for day in (1, 10):
        first = parts(log, day)[0]
        of_home = first_days_monitor(replace(prior, bins=quiet), first, sensors=log)
        usual = first_days_monitor(prior, first, sensors=log)
        for kind, budget in of_home.budgets_.items():
            # Homes without any alarm lower the threshold.
            assert budget.threshold <= usual.budgets_[kind].threshold
    # Alarms of a log of ten days stay about the budget of it and the prior's seven.
    rows = usual.budgets_
    assert all(each.n_alarms <= usual.budget_of(kind) * 17 / 7 for kind, each in rows.items())


def test_it_is_saved_exported_and_followed_as_any_monitor(monitor, log, tmp_path):
    rest = parts(log, 1)[1].iloc[:300]
    rows = monitor.score(rest)
    save_estimator(monitor, tmp_path / "monitor")
    assert load_estimator(tmp_path / "monitor").score(rest).equals(rows)
    stream = MonitorStream(monitor)
    parts_of = [stream.update(event) for _, event in rest.iterrows()]
    followed = np.concatenate([part["score"].to_numpy() for part in parts_of])
    np.testing.assert_array_equal(np.sort(followed), np.sort(rows["score"].to_numpy()))
    export = export_coreml(monitor, tmp_path / "monitor.mlmodel")
    assert export.certificate.passed
    assert verify_coreml(export.model, estimator=monitor).passed


def test_a_prior_from_a_file_makes_the_same_monitor(prior, monitor, log):
    again = HabitPrior.from_dict(json.loads(prior.to_json()))
    first, rest = parts(log, 1)
    same = first_days_monitor(again, first, sensors=log)
    assert same.score(rest).equals(monitor.score(rest))


def test_what_cannot_be_is_refused(prior, log):
    first = parts(log, 1)[0]
    with pytest.raises(InvalidParametersError, match="'prior' parameter must have counts"):
        first_days_monitor(replace(prior, bins={}), first)
    with pytest.raises(InvalidEventError, match="consent"):
        first_days_monitor(prior, first.assign(consent=False))
    with pytest.raises(ValueError, match="'alarms_per_week'"):
        first_days_monitor(prior, first, alarms_per_week=-1)
