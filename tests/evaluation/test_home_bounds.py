"""Bounds over homes: by hand, by simulation, and by the laws that a bound has."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2, t

from novin_ml.estimators.decisions import BETTING, NO_BOUND, QUASI_POISSON
from novin_ml.evaluation.decisions._home_bounds import (
    CAP,
    FEWEST_HOMES,
    allowed_alarms,
    betting_upper,
    bound_of_homes,
    fewest_homes_to_bet,
    quasi_poisson_upper,
    unseen_share,
)

BUDGET = 1.0


def garwood(n, confidence=0.95):
    return chi2.ppf(confidence, 2 * n + 2) / 2


def by_hand(counts, weeks, confidence=0.95):
    """The approximate bound, step by step."""
    n, total, weeks = len(counts), sum(weeks), np.asarray(weeks)
    worst = int(np.argmax(counts))
    plain = sum(counts) / total
    if not plain or n < 2:
        return garwood(sum(counts), confidence) / total
    both = [*range(n), worst]  # the worst home twice
    off = sum((counts[i] - plain * weeks[i]) ** 2 for i in both)
    pearson = sum((counts[i] - plain * weeks[i]) ** 2 / (plain * weeks[i]) for i in both)
    rate = sum(counts[i] for i in both) / total
    variance = max(rate * total * max(1, pearson / (n - 1)), n / (n - 1) * off)
    found = rate + t.ppf(confidence, n - 1) * math.sqrt(variance) / total
    return max(found, garwood(sum(counts), confidence) / total)


@st.composite
def homes(draw, *, fewest=2, most=40):
    n = draw(st.integers(fewest, most))
    # Distinct weeks: of homes with equally many alarms the first one that had them is the worst.
    counts = draw(st.lists(st.integers(0, 12), min_size=n, max_size=n))
    weeks = draw(st.lists(st.floats(0.15, 9), min_size=n, max_size=n))
    return np.array(counts), np.array(weeks)


@given(homes(), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_approximate_bound_by_hand(given_homes, confidence):
    counts, weeks = given_homes
    if np.sum(counts == counts.max()) > 1:
        counts[np.argmax(counts)] += 1  # then one home is the worst
    found = quasi_poisson_upper(counts, weeks, confidence)
    assert found == pytest.approx(by_hand(counts, weeks, confidence), rel=1e-9)


def test_one_home_and_no_alarm_have_garwoods_bound():
    assert quasi_poisson_upper([7], np.array([5.0]), 0.95) == pytest.approx(garwood(7) / 5)
    assert quasi_poisson_upper([0] * 30, np.full(30, 2.0), 0.95) == pytest.approx(garwood(0) / 60)


@given(homes())
def test_it_is_never_below_the_poisson_bound_of_all_rows(given_homes):
    counts, weeks = given_homes
    found = quasi_poisson_upper(counts, weeks, 0.95)
    assert found >= garwood(counts.sum()) / weeks.sum() * (1 - 1e-12)
    assert found > counts.sum() / weeks.sum()


def test_homes_that_are_alike_cost_little():
    """Of many equal homes it is a few percent above the Poisson bound."""
    for n, most in ((20, 1.25), (100, 1.1), (1000, 1.03)):
        counts, weeks = np.full(n, 6), np.full(n, 6.0)
        ratio = quasi_poisson_upper(counts, weeks, 0.95) / (garwood(6 * n) / (6 * n))
        assert 1 <= ratio < most


@given(homes(), st.randoms(use_true_random=False))
def test_the_order_of_homes_does_not_matter(given_homes, random):
    counts, weeks = given_homes
    weeks[:] = 2.0  # of two homes that are equally bad and differ in weeks either may come first
    order = list(range(len(counts)))
    random.shuffle(order)
    for bound in (
        lambda c: quasi_poisson_upper(c, weeks, 0.95),
        lambda c: betting_upper(c, weeks, BUDGET, 0.95),
    ):
        assert bound(counts[order]) == pytest.approx(bound(counts), rel=1e-9)


@given(homes(), st.floats(1.01, 20))
def test_more_weeks_with_as_many_alarms_lower_both(given_homes, factor):
    counts, weeks = given_homes
    for bound in (
        lambda w: quasi_poisson_upper(counts, w, 0.95),
        lambda w: betting_upper(counts, w, BUDGET, 0.95),
    ):
        assert bound(weeks * factor) <= bound(weeks) * (1 + 1e-9)
    # The approximate one has no cap: it is a rate.
    assert quasi_poisson_upper(counts, weeks * factor, 0.95) == pytest.approx(
        quasi_poisson_upper(counts, weeks, 0.95) / factor, rel=1e-9
    )


@given(homes(), st.data())
def test_another_alarm_raises_them(given_homes, data):
    counts, weeks = given_homes
    more = counts.copy()
    more[data.draw(st.integers(0, len(counts) - 1))] += 1
    before, after = (betting_upper(c, weeks, BUDGET, 0.95) for c in (counts, more))
    assert after >= before * (1 - 1e-9)
    # The other one may fall if homes become more alike; one of the worst home raises it.
    weeks[:] = 2.0
    more = counts.copy()
    more[np.argmax(counts)] += 1
    before, after = (quasi_poisson_upper(c, weeks, 0.95) for c in (counts, more))
    assert after >= before


@given(homes(fewest=36), st.sampled_from([0.5, 0.9]), st.sampled_from([0.95, 0.99]))
def test_more_confidence_widens_both(given_homes, less, more):
    counts, weeks = given_homes
    assert quasi_poisson_upper(counts, weeks, less) <= quasi_poisson_upper(counts, weeks, more)
    assert betting_upper(counts, weeks, BUDGET, less) <= betting_upper(
        counts, weeks, BUDGET, more
    ) * (1 + 1e-9)


def test_the_capital_of_a_bet_by_hand():
    """At the bound the average of three products is one in twenty's inverse."""
    rng = np.random.default_rng(0)
    counts, weeks = rng.poisson(rng.gamma(1, 1, 60) * 3), rng.uniform(1, 5, 60)
    upper = betting_upper(counts, weeks, BUDGET, 0.95)
    mean, share = upper / CAP / BUDGET, np.minimum(counts / weeks / CAP / BUDGET, 1)
    products = [np.prod(1 + bet * (mean - share) / (1 - mean)) for bet in (1 / 3, 2 / 3, 1)]
    assert np.mean(products) == pytest.approx(20, rel=1e-6)
    assert share.mean() < mean


def test_how_many_homes_the_betting_bound_needs():
    assert fewest_homes_to_bet(0.95) == 36
    weeks = np.full(36, 3.0)
    quiet = np.zeros(36, dtype=int)
    assert betting_upper(quiet, weeks, BUDGET, 0.95) <= BUDGET
    assert betting_upper(quiet[:35], weeks[:35], BUDGET, 0.95) > BUDGET
    for confidence in (0.5, 0.8, 0.99, 0.9999):
        n = fewest_homes_to_bet(confidence)
        assert betting_upper(np.zeros(n), np.ones(n), 0.3, confidence) <= 0.3 * (1 + 1e-9)
        assert n == 1 or betting_upper(np.zeros(n - 1), np.ones(n - 1), 0.3, confidence) > 0.3


@pytest.mark.parametrize("n", [36, 60, 150])
@pytest.mark.parametrize("bad", [0.02, 0.1, 0.11, 0.3])
def test_the_betting_bound_is_exact_of_homes_that_are_quiet_or_clipped(n, bad):
    """A share of homes has alarms beyond the cap, the others none: all draws are counted."""
    k = np.arange(n + 1)
    below = [
        betting_upper(np.repeat([0, 99], [n - i, i]), np.ones(n), BUDGET, 0.95)
        < bad * CAP * BUDGET * (1 - 1e-9)
        for i in k
    ]
    assert binom.pmf(k, n, bad)[below].sum() <= 0.05


def draws_over(kind, n, method, n_draws=300, seed=0):
    """Return the share of draws whose chosen threshold has a true rate above the budget."""
    rng = np.random.default_rng(seed)
    weeks, over = np.full(n, 2.0), 0
    for _ in range(n_draws):
        rates = 3 * kind(rng, n)
        home = np.repeat(np.arange(n), rng.poisson(rates * weeks))
        scores = rng.random(len(home))
        over += 3 * (1 - method(scores, home, weeks)) > BUDGET
    return over / n_draws


def by_homes(scores, home, weeks):
    n_allowed = allowed_alarms(scores, home, weeks, BUDGET, 0.95)
    return np.sort(scores)[::-1][n_allowed] if n_allowed < len(scores) else 0.0


def by_rows(scores, home, weeks):
    ordered = np.sort(scores)[::-1]
    bounds = garwood(np.arange(len(scores))) / weeks.sum()
    return ordered[min(np.sum(bounds <= BUDGET) - 1, len(scores) - 1)]


def test_homes_that_differ_break_the_bound_of_rows_and_not_that_of_homes():
    def exponential(rng, n):
        return rng.gamma(1, 1, n)

    assert draws_over(exponential, 50, by_rows) > 0.1
    assert draws_over(exponential, 50, by_homes) < 0.07
    assert draws_over(exponential, 150, by_homes) < 0.02  # betting


def test_rare_homes_that_are_far_worse_break_the_approximate_bound():
    """What falls short is known: with 20 homes most draws of 5 % bad homes have none, or one."""

    def a_few_bad(rng, n):
        return np.where(rng.random(n) < 0.05, 20, 1) / 1.95

    assert draws_over(a_few_bad, 20, by_homes) > 0.1
    assert draws_over(a_few_bad, 150, by_homes) < 0.05


def test_the_search_by_brute_force():
    """From strict to loose, to the first failure; equal scores fail or pass together."""
    rng = np.random.default_rng(3)
    for n in (5, 24, 110):
        for budget in (0.4, 1.0, 3.0):
            weeks = rng.uniform(1, 4, n)
            home = rng.integers(0, n, 6 * n)
            scores = np.round(rng.random(6 * n), 2)  # many are equal
            found = allowed_alarms(scores, home, weeks, budget, 0.95)
            expected = 0
            for score in np.unique(scores)[::-1]:
                counts = np.bincount(home[scores >= score], minlength=n)
                bound = bound_of_homes(counts, weeks, budget, 0.95)
                if bound.quasi_poisson > budget or (n >= 100 and bound.betting > budget):
                    break
                expected = int(counts.sum())
            assert found == expected
            assert (0 if n == 5 else 1) <= found < len(scores)


@given(homes(fewest=3), st.integers(0, 2**32 - 1))
def test_a_larger_budget_allows_no_fewer_alarms(given_homes, seed):
    counts, weeks = given_homes
    home = np.repeat(np.arange(len(counts)), counts)
    scores = np.random.default_rng(seed).random(len(home))
    allowed = [allowed_alarms(scores, home, weeks, b, 0.95) for b in (0.2, 0.5, 1, 5, 1e6)]
    assert allowed == sorted(allowed)
    assert allowed[-1] == len(home)


def test_which_bound_is_promised():
    def bound(n, budget=BUDGET, weeks=4.0, confidence=0.95):
        return bound_of_homes(np.ones(n, dtype=int), np.full(n, weeks), budget, confidence)

    assert (bound(19).bound, bound(20).bound) == (NO_BOUND, QUASI_POISSON)
    assert f"{FEWEST_HOMES} are needed" in bound(19).refused
    assert bound(20).refused == ""
    assert bound(35).betting is None
    assert bound(36).betting > bound(36).upper == bound(36).quasi_poisson
    assert (bound(99).bound, bound(100).bound) == (QUASI_POISSON, BETTING)
    assert bound(100).upper == bound(100).betting
    # 3 / budget weeks are the least; without a budget there is no cap to bet with.
    assert bound(30, budget=0.1, weeks=0.99).bound == NO_BOUND
    assert bound(30, budget=0.1, weeks=1.0).bound == QUASI_POISSON
    assert "30.0 are needed" in bound(30, budget=0.1, weeks=0.9).refused
    assert bound(150, budget=None).bound == QUASI_POISSON
    assert bound(150, budget=None).betting is None


def test_what_homes_that_were_not_drawn_may_do():
    for n in (1, 20, 59, 1000):
        share = unseen_share(n, 0.95)
        assert (1 - share) ** n == pytest.approx(0.05)
    assert unseen_share(59, 0.95) == pytest.approx(1 - 0.05 ** (1 / 59))
