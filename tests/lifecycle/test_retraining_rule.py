"""When labels of a week count as changed, and when a challenger takes the served one's place."""

import numpy as np
import pytest

from novin_ml.evaluation import compare_answers
from novin_ml.lifecycle.retraining.labels import judge_weeks
from novin_ml.lifecycle.retraining.result import (
    BETTER,
    LABELS,
    NOT_BETTER,
    NOT_WORSE,
    WeekGain,
)
from novin_ml.lifecycle.retraining.rule import Verdict, decide, judge
from novin_ml.lifecycle.weeks import monday_of, week_of_monday, weeks_of

N_HOMES = 20


def judged(shares, rules=None, n_rows=400, n_of=None):
    """Judge weeks in which the model, and the rules, say what these shares of labels say."""
    weeks, homes, model, of_rules = [], [], [], []
    for week, share in enumerate(shares):
        n = n_rows if n_of is None else n_of[week]
        weeks += [2900 + week] * n
        homes += [f"home_{row % N_HOMES}" for row in range(n)]
        model += [row < share * n for row in range(n)]
        of_rules += [row < (rules[week] if rules else 0.8) * n for row in range(n)]
    arrays = (np.array(weeks), np.array(homes, dtype=object), np.array(model), np.array(of_rules))
    return judge_weeks(*arrays)


STEADY = [0.95, 0.955, 0.945, 0.95, 0.96, 0.95, 0.94, 0.95]


def test_weeks_begin_on_mondays():
    assert monday_of(0) == "1970-01-05"
    assert weeks_of(np.array([4 * 86_400.0 - 1, 4 * 86_400.0])).tolist() == [-1, 0]
    assert week_of_monday(monday_of(2940)) == 2940
    with pytest.raises(ValueError, match="no Monday"):
        week_of_monday("2026-05-12")


def test_labels_as_before_are_within_the_range():
    weeks = judged([*STEADY, 0.95])
    assert {week.status for week in weeks} == {"as before"}
    assert weeks[2].model.low is None  # two weeks tell no range
    assert weeks[8].model.low < 0.94
    assert (weeks[8].n_rows, weeks[8].n_homes) == (400, N_HOMES)


@pytest.mark.parametrize("share", [0.05, 0.6, 0.88])
def test_wrong_labels_are_out_of_it(share):
    *_, last = judged([*STEADY, share])
    assert not last.model.is_within
    assert last.rules.is_within
    assert last.is_left_out
    assert f"{share:.1%} (" in last.sentence


def test_labels_that_follow_the_rules_alone_are_out_of_their_range_too():
    *_, last = judged([*STEADY, 0.95], rules=[0.8] * 8 + [1.0])
    assert last.model.is_within
    assert last.is_left_out


def test_one_wrong_week_is_in_no_range_of_later_ones():
    weeks = judged([*STEADY, 0.3, 0.95, 0.3])
    assert [week.status for week in weeks[8:]] == ["changed", "as before", "changed"]
    assert weeks[9].model.low > 0.9


def test_two_wrong_weeks_are_not_taken_for_a_change_when_the_third_is_as_before():
    weeks = judged([*STEADY, 0.3, 0.3, 0.95, 0.3])
    found = [week.status for week in weeks[8:]]
    assert found == ["changed", "changed", "as before", "changed"]


def test_a_change_that_lasts_is_taken_for_one_in_its_third_week():
    weeks = judged([*STEADY, 0.8, 0.79])
    assert [week.status for week in weeks[8:]] == ["changed", "changed"]
    weeks = judged([*STEADY, 0.8, 0.79, 0.81, 0.8])
    assert [week.status for week in weeks[8:]] == ["lasting"] * 3 + ["as before"]


def test_a_range_is_of_the_last_eight_weeks():
    *_, far, last = judged([0.5, 0.9, *STEADY, 0.95])
    assert far.model.low < 0.89 < last.model.low
    # Wrong labels after a gap without any are not the first ones.
    weeks = np.repeat([2900, 2901, 2902, 2903, 2920], 100)
    right = weeks < 2920
    *_, last = judge_weeks(weeks, np.full(500, "a", dtype=object), right, right)
    assert last.is_left_out


def test_the_few_rows_of_a_week_that_began_are_in_no_range():
    shares = [*STEADY, 0.5, 0.95]
    weeks = judged(shares, n_of=[400] * 8 + [10, 400])
    assert not weeks[8].is_full
    assert weeks[9].model.low > 0.9


def test_few_rows_tell_no_narrow_range():
    *_, last = judged([1.0] * 8 + [0.9], n_rows=20)
    assert last.status == "as before"


def compared(gain, n_homes=N_HOMES, per_home=50):
    """Compare answers of which the first ones are right more often by this share."""
    n = n_homes * per_home
    truth = np.full(n, "a", dtype=object)
    worse = np.where(np.arange(n) % 10 == 0, "b", "a").astype(object)
    better = worse.copy()
    changed = np.flatnonzero(worse == ("b" if gain > 0 else "a"))
    better[changed[: round(abs(gain) * n)]] = "a" if gain > 0 else "b"
    order = np.random.default_rng(0).permutation(n)
    groups = np.arange(n) % n_homes
    return compare_answers(truth[order], better[order], worse[order], groups=groups)


def gains(*values):
    return [WeekGain(monday_of(2900 + week), 100, gain) for week, gain in enumerate(values)]


FINE, SAME, BAD = compared(0.06), compared(0.0), compared(-0.06)


def test_the_helpers_are_what_they_are_called():
    assert [each.verdict for each in (FINE, SAME, BAD)] == ["better", "undecided", "worse"]
    assert SAME.is_not_worse(0.01)


@pytest.mark.parametrize(
    ("frozen", "fresh", "reason", "harmless"),
    [
        (FINE, FINE, BETTER, True),
        (SAME, FINE, BETTER, True),
        (FINE, SAME, BETTER, True),
        (SAME, SAME, NOT_BETTER, True),
        (BAD, FINE, NOT_BETTER, False),  # as a poisoned week without a drift would look
        (FINE, BAD, NOT_BETTER, False),
        (None, FINE, NOT_BETTER, False),
        (FINE, None, NOT_BETTER, False),
    ],
)
def test_while_the_old_set_counts(frozen, fresh, reason, harmless):
    found = judge(True, frozen, fresh, gains(0.1, 0.1), [], 0.01)
    assert (found.reason, found.is_harmless) == (reason, harmless)


@pytest.mark.parametrize(
    ("fresh", "weeks", "left_out", "reason"),
    [
        (FINE, (0.1, 0.1), [], NOT_WORSE),
        (SAME, (0.01, 0.01), [], NOT_WORSE),
        (SAME, (0.0, 0.0), [], NOT_BETTER),  # no gain
        (FINE, (0.1,), [], LABELS),
        (FINE, (0.1, -0.1), [], LABELS),
        (SAME, (0.0, -0.1), ["2026-05-11"], LABELS),
        (FINE, (0.1,), ["2026-05-11"], LABELS),
        (BAD, (0.1, 0.1), [], NOT_BETTER),
        (None, (), [], NOT_BETTER),
    ],
)
def test_after_a_drift_the_frozen_set_does_not_decide(fresh, weeks, left_out, reason):
    for frozen in (BAD, FINE, None):
        assert judge(False, frozen, fresh, gains(*weeks), left_out, 0.01).reason == reason


def test_after_a_drift_labels_that_no_range_tells_of_promote_nothing():
    kept = judge(False, FINE, FINE, gains(0.1, 0.1), [], 0.01, has_range=False)
    assert (kept.reason, kept.is_harmless) == (LABELS, False)
    assert "Fewer than 3 weeks before the newest one have labels" in kept.sentence
    assert judge(True, FINE, FINE, gains(0.1, 0.1), [], 0.01, has_range=False).reason == BETTER


def test_no_model_of_a_release_may_be_worse_and_one_must_be_worth_it():
    fine, same = Verdict(BETTER, "up", True), Verdict(NOT_BETTER, "even", True)
    bad = Verdict(NOT_BETTER, "down", False)
    assert decide({"a": same, "b": fine}) == (True, BETTER, "b: up")
    assert decide({"a": fine, "b": bad}) == (False, NOT_BETTER, "b: down")
    assert decide({"a": same}) == (False, NOT_BETTER, "a: even")
    one_week = Verdict(LABELS, "one week", True)
    assert decide({"a": same, "b": one_week}) == (False, LABELS, "b: one week")
    assert decide({"a": fine, "b": one_week}) == (True, BETTER, "a: up")
    promotes, _, said = decide({})
    assert not promotes
    assert said == "The challenger has the same models as the served version."
