"""The arithmetic of the budget: exact bounds, and the promise they make."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, poisson

from novin_ml import BehaviorAnomalyDetector
from novin_ml.estimators.alarm_budget import (
    days_to_prove,
    lowest_of_hours,
    observed_days,
    poisson_upper,
    threshold_for,
)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
def test_the_bound_is_garwoods(confidence):
    k = np.arange(60)
    bound = poisson_upper(k, confidence)
    np.testing.assert_allclose(bound, chi2.ppf(confidence, 2 * k + 2) / 2, rtol=1e-10)
    # A home at the bound reports so few alarms with the remaining probability.
    np.testing.assert_allclose(poisson.cdf(k, bound), 1 - confidence, rtol=1e-9)


def test_three_quiet_weeks_prove_one_alarm_a_week():
    assert days_to_prove(1, 0.95) == pytest.approx(20.97, abs=0.01)
    assert days_to_prove(2, 0.95) == days_to_prove(1, 0.95) / 2


@pytest.mark.parametrize(("n_weeks", "n_alarms"), [(3, 0), (6.2, 1), (6.4, 2), (52, 39)])
def test_the_threshold_spends_the_budget_and_no_more(n_weeks, n_alarms):
    scores = -np.linspace(0.9, 0.4, 300)
    threshold = threshold_for(scores, 7 * n_weeks, 1, 0.95)
    assert n_alarms <= threshold.n_alarms <= n_alarms + 1
    # Between the scores of two counts, of which the lower one keeps the budget.
    assert threshold.offset < scores[n_alarms + 1] - 1e-6
    assert n_alarms == 0 or threshold.offset > scores[n_alarms - 1] + 1e-6
    assert (
        poisson_upper(n_alarms, 0.95) / n_weeks <= 1 < poisson_upper(n_alarms + 1, 0.95) / n_weeks
    )
    assert threshold.bound <= 1


@pytest.mark.parametrize("n_weeks", [3.0, 4.0, 6.0, 6.29, 6.31, 20.0])
def test_a_larger_budget_and_a_longer_log_never_alarm_less(n_weeks):
    scores = np.sort(np.random.default_rng(1).normal(-0.5, 0.1, 400))
    budgets = [1.0, 1.01, 1.3, 1.7, 2.0, 3.0, 5.0, 9.0]
    offsets = [threshold_for(scores, 7 * n_weeks, budget, 0.95).offset for budget in budgets]
    assert np.all(np.diff(offsets) >= 0)
    assert offsets[-1] > offsets[0]
    longer = threshold_for(scores, 7 * n_weeks + 1, 1.0, 0.95)
    assert longer.offset >= offsets[0] - 1e-9


def test_a_short_log_keeps_away_from_its_lowest_hour_because_habits_drift():
    scores = -np.linspace(0.9, 0.4, 300)
    beyond = [scores[0] - threshold_for(scores, 7 * w, 1, 0.95).offset for w in (3.0, 3.5, 4.0)]
    assert np.all(np.diff(beyond) < 0)
    assert beyond[0] > 0.001
    # With a budget that so short a log proves amply, the margin is of the count alone.
    assert threshold_for(scores, 21, 10, 0.95).n_alarms > 15


def test_hours_that_tie_do_not_alarm():
    scores = np.repeat([-0.8, -0.7, -0.6], [1, 9, 90])
    threshold = threshold_for(scores, 70, 1, 0.95)
    assert -0.8 < threshold.offset < -0.7
    assert threshold.n_alarms == 1


@pytest.mark.parametrize(("n_weeks", "budget"), [(4, 1), (10, 1), (26, 0.5), (8, 5)])
def test_the_promise_holds_in_its_share_of_homes(n_weeks, budget):
    rng = np.random.default_rng(0)
    n_homes = 4000
    # Scores on the scale on which so many hours a week score below a threshold: a Poisson process.
    scores = np.cumsum(rng.exponential(1 / n_weeks, size=(n_homes, 60)), axis=1)
    offsets = np.array([threshold_for(s, 7 * n_weeks, budget, 0.95).offset for s in scores])
    broken = np.mean(offsets > budget)
    # Four standard errors about at most a twentieth.
    assert broken < 0.05 + 4 * np.sqrt(0.05 * 0.95 / n_homes)
    assert broken > 0.01  # and the budget is spent, not hoarded


def test_observed_days_are_within_the_span_and_not_of_a_long_silence():
    day = 86_400.0
    assert observed_days(np.array([])) == 0
    assert observed_days(np.array([5.0])) == 0
    assert observed_days(np.array([0.5, 1.5]) * day) == 1
    assert observed_days(np.array([0.0, 1.0, 30.0]) * day) == 2


@pytest.mark.parametrize("ahead", [-11, -6, 0, 2, 12])
def test_three_calendar_weeks_are_21_days(ahead):
    """Whatever the clock of the home, and though nobody was there on a Sunday."""
    monday = 1_704_067_200 - 3_600 * ahead
    hours = np.array([day * 24 + hour for day in range(21) if day != 13 for hour in (7, 12, 22)])
    assert observed_days(monday + 3_600.0 * hours) == 21
    assert observed_days(monday + 3_600.0 * np.append(hours, 7 + 24 * 40)) == 22


def test_between_learning_and_ready_alarms_are_unproven():
    states = {}
    for n_days in (13, 15, 20, 22):
        detector, X, _ = fitted(n_days)
        states[n_days] = detector.state_
        alarms = detector.predict(X) == -1
        assert not alarms.any()
        if detector.state_ == "unproven":
            assert detector.alarm_bound_ > detector.alarms_per_week
            assert detector.score_samples(X).min() > detector.offset_ > -1
            # More unusual than all of the log, and it alarms.
            assert detector.predict(np.full((1, 4), 50, dtype=np.float32)) == -1
    assert states == {13: "learning", 15: "unproven", 20: "unproven", 22: "ready"}
    detector.set_alarms_per_week(0.2)
    assert detector.state_ == "unproven"


def test_each_hour_has_its_lowest_score():
    scores = np.array([-0.5, -0.9, -0.4, -0.7, -0.6])
    hours = np.array([3.0, 1.0, 1.0, 2.0, 3.0])
    np.testing.assert_array_equal(lowest_of_hours(scores, hours), [-0.9, -0.7, -0.6])
    assert len(lowest_of_hours(scores[:0], hours[:0])) == 0


def fitted(n_days=60):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2_000, 4)).astype(np.float32)
    times = 1.7e9 + np.sort(rng.uniform(0, n_days * 86_400, len(X)))
    detector = BehaviorAnomalyDetector(n_estimators=20, random_state=0)
    return detector.fit(X, timestamps=times), X, times


def test_no_row_of_the_log_is_on_the_threshold():
    detector, X, _ = fitted()
    assert detector.state_ == "ready"
    assert np.abs(detector.decision_function(X)).min() > 1e-6
    assert (detector.predict(X) == -1).any()


@pytest.mark.parametrize(
    "change",
    [
        lambda times: pd.to_datetime(times, unit="s"),
        lambda times: times * 1000,
        lambda times: times.astype(str),
        lambda times: -times,
    ],
)
def test_times_that_are_no_seconds_are_refused(change):
    _, X, times = fitted()
    with pytest.raises(ValueError, match="seconds since 1970"):
        BehaviorAnomalyDetector(n_estimators=5).fit(X, timestamps=change(times))


def test_a_budget_beyond_the_kept_hours_is_said():
    detector, _, _ = fitted()
    with pytest.warns(UserWarning, match="Fit again with this budget"):
        detector.set_alarms_per_week(500.0)
    assert detector.alarm_bound_ < 500


def test_no_rows_have_no_scores():
    detector, X, _ = fitted()
    assert detector.score_samples(X[:0]).shape == (0,)
    assert detector.predict(X[:0]).shape == (0,)
