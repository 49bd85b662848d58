"""Upper confidence bounds on the false alarms per home and week, with the home as the unit.

Homes differ more than a Poisson process over rows allows: a few give most of the false alarms. Both
bounds below take the homes as independent draws from all homes of their kind.

Quasi-Poisson, approximate
    Let x be the false alarms of each of n homes, w its weeks, m the worst home's alarms, and W the
    weeks of all. With the worst home counted twice, r = (sum x + m) / W. The variance of the sum is
    the larger of r W phi, phi being Pearson's dispersion over n - 1 and at least 1, and of
    n / (n - 1) times the sum of squared deviations, which needs no assumption on how the variance
    grows with the weeks. The bound is r + t sqrt(variance) / W with Student's quantile of n - 1
    degrees of freedom, and at least Garwood's Poisson bound. (P. McCullagh and J. A. Nelder,
    "Generalized linear models", 1989, 4.5 and 6.2.) A second count of the worst home stands for the
    next one like it. With few homes, and rare homes that are far worse, it fails more often than
    stated: ``python -m benchmarks.promises``.

Betting, exact of clipped rates
    Let y be a home's rate divided by 10 times the budget, at most 1. For a bet b in [0, 1], the
    product over homes of 1 + b (c - y) / (1 - c) has a mean of at most 1 if the mean of y is c or
    more; so has the average over the bets 1/3, 2/3 and 1. By Markov's inequality that average
    exceeds 1 / (1 - confidence) too rarely, and the smallest c at which it does is the bound
    (I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting",
    Journal of the Royal Statistical Society B 86, 2024). It assumes nothing of the distribution.

Thresholds are searched from strict to loose, and the search stops at the first failure. The true
rate only rises on the way, so that a threshold above the budget is chosen only if the test at the
first one fails by chance: no correction for the search is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import stdtrit

from novin_ml.estimators.alarm_budget import poisson_upper
from novin_ml.estimators.decisions import BETTING, NO_BOUND, QUASI_POISSON

#: With fewer homes no confidence is stated.
FEWEST_HOMES = 20
#: From so many homes on the betting bound is the promise.
ENOUGH_HOMES = 100
#: A home with more false alarms than so many budgets counts as one with so many.
CAP = 10.0
_BETS = np.array([1 / 3, 2 / 3, 1.0])


@dataclass(frozen=True)
class HomeBound:
    """Upper bounds on the false alarms per home and week.

    Attributes
    ----------
    bound : str
        Which one is promised: ``QUASI_POISSON``, ``BETTING``, or ``NO_BOUND``.
    upper : float
        The promised bound; with ``NO_BOUND`` the number that thresholds are chosen by.
    quasi_poisson : float
        The approximate bound; with one home the Poisson bound of its rows.
    betting : float or None
        The betting bound; None without a budget, or with fewer homes than could ever prove it.
    refused : str
        Why no confidence is stated; empty if it is.
    """

    bound: str
    upper: float
    quasi_poisson: float
    betting: float | None
    refused: str


def bound_of_homes(
    counts: np.ndarray, weeks: np.ndarray, budget: float | None, confidence: float
) -> HomeBound:
    """Return the bounds on the rate of homes, and which of them is promised.

    Parameters
    ----------
    counts, weeks : ndarray of shape (n_homes,)
        False alarms and observed weeks of each home.
    budget : float or None
        False alarms per home and week that are allowed; None if that is not known.
    confidence : float
        One-sided confidence level.
    """
    n = len(counts)
    approximate = quasi_poisson_upper(counts, weeks, confidence)
    betting = None
    if budget is not None and n >= fewest_homes_to_bet(confidence):
        betting = betting_upper(counts, weeks, budget, confidence)
    refused = _why_refused(n, float(weeks.sum()), budget, confidence)
    if refused:
        return HomeBound(NO_BOUND, approximate, approximate, betting, refused)
    if betting is not None and n >= ENOUGH_HOMES:
        return HomeBound(BETTING, betting, approximate, betting, "")
    return HomeBound(QUASI_POISSON, approximate, approximate, betting, "")


def quasi_poisson_upper(counts: np.ndarray, weeks: np.ndarray, confidence: float) -> float:
    """Return the approximate bound on the rate of homes; of one home, Garwood's.

    Parameters
    ----------
    counts, weeks : ndarray of shape (n_homes,)
        False alarms and observed weeks of each home.
    confidence : float
        One-sided confidence level, at least one half.
    """
    x, worst = np.asarray(counts, dtype=np.float64), int(np.argmax(counts))
    sums = _Sums(x.sum(), x @ x, x @ (x / weeks), x @ weeks, x[worst], weeks[worst])
    return float(_quasi_poisson(sums, weeks, confidence))


def betting_upper(counts: np.ndarray, weeks: np.ndarray, budget: float, confidence: float) -> float:
    """Return the betting bound on the mean over homes of their rates, clipped at 10 budgets.

    Parameters
    ----------
    counts, weeks : ndarray of shape (n_homes,)
        False alarms and observed weeks of each home.
    budget : float
        Allowed false alarms per home and week.
    confidence : float
        One-sided confidence level.

    Returns
    -------
    upper : float
        At most 10 budgets, which says nothing.
    """
    share = np.minimum(counts / weeks / (CAP * budget), 1.0)

    def excess(mean: float) -> float:
        capital = _log_capital(_log_factors(share, mean).sum(axis=1))
        return float(capital) + math.log1p(-confidence)

    low, high = float(share.mean()), 1 - 1e-9
    if low >= high or excess(high) <= 0:
        return CAP * budget
    return CAP * budget * float(brentq(excess, low, high, xtol=1e-12))


def fewest_homes_to_bet(confidence: float) -> int:
    """Return how many homes without a false alarm the betting bound needs to prove a budget."""
    of_quiet_home = _log_factors(np.zeros(1), 1 / CAP)[:, 0]
    most = math.ceil(-math.log1p(-confidence) / of_quiet_home.min()) + 1
    numbers = np.arange(1, most + 1)
    capital = _log_capital(numbers * of_quiet_home[:, None])
    return int(numbers[np.flatnonzero(capital >= -math.log1p(-confidence))[0]])


def unseen_share(n_homes: int, confidence: float) -> float:
    """Return the largest share of homes that may behave in a way that none of `n_homes` does."""
    return float(-math.expm1(math.log1p(-confidence) / n_homes))


def allowed_alarms(
    scores: np.ndarray,
    home: np.ndarray,
    weeks: np.ndarray,
    budget: float,
    confidence: float,
    method: str | None = None,
) -> int:
    """Return how many of the highest scores may be false alarms, searching from strict to loose.

    Parameters
    ----------
    scores : ndarray of shape (n_rows,)
        Scores of the rows that would be false alarms.
    home : ndarray of shape (n_rows,), int
        Home of each, counted from 0.
    weeks : ndarray of shape (n_homes,)
        Observed weeks of all homes, also of those without such rows.
    budget, confidence : float
        Allowed false alarms per home and week, and the one-sided confidence level.
    method : {QUASI_POISSON, BETTING} or None
        The bound. None takes the approximate one, and from 100 homes on both: the betting bound is
        of clipped rates, each home counted alike, and the other of all alarms in all weeks.

    Returns
    -------
    n_allowed : int
        All numbers up to it pass, but for those that would part equal scores.
    """
    # The approximate bound is above what is observed: more alarms than the budget never pass.
    most = len(scores)
    if method != BETTING:
        most = min(most, math.floor(budget * float(weeks.sum())) + 1)
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)  # of equal scores
    order, last = order[:most], np.append(True, last[:most])
    prefix = home[order]
    passes = np.ones(len(prefix) + 1, dtype=bool)
    if method != BETTING:
        passes &= _quasi_poisson_of_prefixes(prefix, weeks, confidence) <= budget
    enough = len(weeks) >= max(ENOUGH_HOMES, fewest_homes_to_bet(confidence))
    if method == BETTING or (method is None and enough):
        passes &= _betting_passes(prefix, weeks, budget, confidence)
    fails = np.flatnonzero(last & ~passes)
    end = int(fails[0]) if len(fails) else len(passes)
    allowed = np.flatnonzero(last[:end])
    return int(allowed[-1]) if len(allowed) else 0


def _why_refused(n_homes: int, weeks: float, budget: float | None, confidence: float) -> str:
    if n_homes < FEWEST_HOMES:
        return (
            f"{n_homes} home{'s' * (n_homes != 1)} say too little of others: "
            f"{FEWEST_HOMES} are needed"
        )
    if budget is not None:
        needed = float(poisson_upper(np.array(0), confidence)) / budget
        if weeks < needed:
            return (
                f"{weeks:.1f} weeks of homes are too short for {budget:g} a week: {needed:.1f} are "
                "needed"
            )
    return ""


class _Sums(NamedTuple):
    """Sums over homes, of alarms x and weeks w; each a number, or one for each of some cases."""

    x: Any
    squares: Any  # of x
    squares_by_weeks: Any  # of x^2 / w
    times_weeks: Any  # of x w
    worst: Any  # x of the home with the most alarms, of equals the first
    weeks_of_worst: Any


def _quasi_poisson(sums: _Sums, weeks: np.ndarray, confidence: float) -> Any:
    """Return the bound, at least Garwood's; of one home, or without any alarm, that one."""
    n, total = len(weeks), float(weeks.sum())
    poisson = poisson_upper(np.asarray(sums.x), confidence) / total
    if n < 2:
        return poisson
    plain = np.maximum(sums.x, 1) / total  # without an alarm the rest is 0 whatever it is
    off = np.square(sums.worst - plain * sums.weeks_of_worst)
    pearson = sums.squares_by_weeks / plain - sums.x + off / (plain * sums.weeks_of_worst)
    deviations = sums.squares - 2 * plain * sums.times_weeks
    deviations = deviations + plain**2 * np.square(weeks).sum() + off
    rate = (sums.x + sums.worst) / total
    variance = np.maximum(
        rate * total * np.maximum(1, pearson / (n - 1)), n / (n - 1) * np.maximum(deviations, 0)
    )
    found = rate + stdtrit(n - 1, confidence) * np.sqrt(variance) / total
    return np.where(np.asarray(sums.x) > 0, np.maximum(poisson, found), poisson)


def _quasi_poisson_of_prefixes(
    home: np.ndarray, weeks: np.ndarray, confidence: float
) -> np.ndarray:
    """Return the bound after the first 0, 1, ..., n_alarms alarms; `home` is that of each."""
    before, of_alarm = _counts_before(home), weeks[home]
    worst = np.maximum.accumulate(before + 1)
    new = np.diff(worst, prepend=0.0) > 0
    place = np.maximum.accumulate(np.where(new, np.arange(len(home)), 0))
    sums = _Sums(
        np.arange(1.0, len(home) + 1),
        np.cumsum(2 * before + 1),
        np.cumsum((2 * before + 1) / of_alarm),
        np.cumsum(of_alarm),
        worst,
        of_alarm[place],
    )
    none = _quasi_poisson(_Sums(0.0, 0.0, 0.0, 0.0, 0.0, 1.0), weeks, confidence)
    return np.append(none, _quasi_poisson(sums, weeks, confidence))


def _betting_passes(
    home: np.ndarray, weeks: np.ndarray, budget: float, confidence: float
) -> np.ndarray:
    """Return whether the budget is proven after the first 0, 1, ..., n_alarms alarms."""
    before, cap = _counts_before(home), CAP * budget
    shares = np.minimum(np.array([before, before + 1]) / weeks[home] / cap, 1.0)
    least, more = (_log_factors(share, 1 / CAP) for share in shares)
    # A home that is clipped already loses no more; the log of what it has may be minus infinity.
    loss = np.where(shares[0] < shares[1], more, 0) - np.where(shares[0] < shares[1], least, 0)
    start = len(weeks) * _log_factors(np.zeros(1), 1 / CAP)
    capital = _log_capital(np.cumsum(np.hstack([start, loss]), axis=1))
    return capital >= -math.log1p(-confidence)


def _counts_before(home: np.ndarray) -> np.ndarray:
    """Return how often the home of each alarm has alarmed before."""
    order = np.argsort(home, kind="stable")
    first = np.concatenate([[True], np.diff(home[order]) != 0])[: len(home)]
    start = np.maximum.accumulate(np.where(first, np.arange(len(home)), 0))
    before = np.empty(len(home))
    before[order] = np.arange(len(home)) - start
    return before


def _log_factors(share: np.ndarray, mean: float) -> np.ndarray:
    """Return the log of what each home leaves of each bet against `mean`: (n_bets, n_homes)."""
    with np.errstate(divide="ignore"):  # all is lost to a clipped home by the full bet
        return np.log(np.maximum(1 + _BETS[:, None] * (mean - share) / (1 - mean), 0))


def _log_capital(log_of_bets: np.ndarray) -> np.ndarray:
    """Return the log of the average over bets, along the first axis."""
    top = log_of_bets.max(axis=0)
    return top + np.log(np.exp(log_of_bets - top).mean(axis=0))
