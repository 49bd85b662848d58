"""Look at a rollout every day, and say when it must stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr
from scipy.stats import t as student

from novin_ml.exceptions import OutcomesError
from novin_ml.lifecycle.rollout.outcomes import Outcomes, read_outcomes
from novin_ml.lifecycle.rollout.sequence import boundary
from novin_ml.lifecycle.rollout.spending import boundaries
from novin_ml.plain import plain, plural
from novin_ml.validation import Interval, StrOptions, validate_params

GO_ON, BETTER, WORSE, NOT_SHOWN = "go on", "better", "worse", "no difference shown"
#: A t of fewer homes is not one.
FEWEST_OF_A_VARIANT = 5


@dataclass(frozen=True)
class Look:
    """What was known of the difference at the end of a day.

    Attributes
    ----------
    date : str
        The day, ISO 8601.
    day : int
        Days since the rollout began, from 1.
    n_control, n_candidate : int
        Homes that are counted.
    control, candidate : float
        Means over homes; NaN without homes.
    difference : float
        Candidate minus control.
    low, high : float
        Its interval, which holds at all looks together; infinite while there are too few homes.
    decision : str
        ``"go on"``, ``"better"``, ``"worse"`` or ``"no difference shown"``.
    """

    date: str
    day: int
    n_control: int
    n_candidate: int
    control: float
    candidate: float
    difference: float
    low: float
    high: float
    decision: str


@dataclass(frozen=True)
class Rollout:
    """All looks at a rollout, up to the one that stopped it.

    Attributes
    ----------
    control, candidate : str
        Names of the variants.
    rule : str
        ``"spending"`` or ``"sequence"``.
    alpha : float
        Chance, over all looks together, of a wrong "better" or "worse".
    days : int or None
        Length that was fixed before; None with an open end.
    looks : tuple of Look
        In the order of days.
    larger_is_better : bool
        Whether a larger value is better.
    """

    control: str
    candidate: str
    rule: str
    alpha: float
    days: int | None
    looks: tuple[Look, ...]
    larger_is_better: bool = False

    @property
    def last(self) -> Look:
        """The look that decided, or the newest."""
        return self.looks[-1]

    @property
    def decision(self) -> str:
        """The decision of the last look."""
        return self.last.decision

    @property
    def sentence(self) -> str:
        """The decision in one sentence, with what it rests on."""
        last = self.last
        homes = f"{plural(last.n_candidate, 'home')} against {last.n_control}"
        found = (
            f"{last.candidate:.4g} against {last.control:.4g}, a difference of "
            f"{last.difference:.4g} "
            f"({100 * (1 - self.alpha):.4g} % interval over all looks {last.low:.4g} to "
            f"{last.high:.4g}, {homes}, day {last.day})"
        )
        if self.decision in (BETTER, WORSE):
            return f"Stop: {self.candidate} is {self.decision} than {self.control}: {found}."
        if self.decision == NOT_SHOWN:
            return (
                f"The end: {self.candidate} was not shown to differ from {self.control}: {found}."
            )
        return f"Go on: {self.candidate} cannot be told from {self.control} yet: {found}."

    def is_not_worse(self, margin: float) -> bool:
        """Return whether the candidate is shown to lose less than a margin.

        Parameters
        ----------
        margin : float
            Loss of the value that still counts as not worse, in the unit of the value.

        Returns
        -------
        is_not_worse : bool
            Whether the interval over all looks has no larger loss.
        """
        loss = -self.last.low if self.larger_is_better else self.last.high
        return loss < margin

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values.

        Returns
        -------
        document : dict
            Ready for JSON.
        """
        return plain(
            {
                "control": self.control,
                "candidate": self.candidate,
                "rule": self.rule,
                "alpha": self.alpha,
                "days": self.days,
                "larger_is_better": self.larger_is_better,
                "decision": self.decision,
                "sentence": self.sentence,
                "looks": [vars(look) for look in self.looks],
            }
        )


@validate_params(
    {
        "outcomes": [pd.DataFrame],
        "control": [str],
        "candidate": [str],
        "days": [Interval(Integral, 1, None, closed="left"), None],
        "rule": [StrOptions({"spending", "sequence"})],
        "alpha": [Interval(Real, 0, 0.5, closed="neither")],
        "days_of_home": [Interval(Integral, 1, None, closed="left")],
        "tuned_for": [Interval(Integral, 2 * FEWEST_OF_A_VARIANT, None, closed="left")],
        "larger_is_better": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def look_at_rollout(
    outcomes: pd.DataFrame,
    control: str,
    candidate: str,
    *,
    days: int | None = None,
    rule: str = "spending",
    alpha: float = 0.05,
    days_of_home: int = 7,
    tuned_for: int = 100,
    larger_is_better: bool = False,
) -> Rollout:
    """Say of each day whether the rollout of a candidate may go on.

    It may be called every day with all that has come in: the chance of ever calling a candidate
    better or worse that is neither stays below `alpha`. The unit is the home, whose days are not
    independent. A home that changes its variant begins anew.

    Parameters
    ----------
    outcomes : DataFrame of shape (n_rows, 4 or 5)
        A row for each home and day: ``home_id``, ``date`` (ISO 8601), ``variant``, ``value`` (such
        as the number of false alarms or wrong answers of the day) and, optionally, ``exposure``
        (such as the number of answers; default 1, a day).
    control, candidate : str
        Names of the variants that are compared. Rows of others are left out.
    days : int, default=None
        Length of the rollout, which the rule "spending" needs. It must be fixed before the first
        look. Later days are refused.
    rule : {"spending", "sequence"}, default="spending"
        "spending" compares the t of the homes so far with boundaries of O'Brien and Fleming's type:
        nearly all power of a single look at the end. "sequence" has no end: each home is counted
        once, after `days_of_home` days, in an asymptotic confidence sequence.
    alpha : float, default=0.05
        Two-sided error of all looks together.
    days_of_home : int, default=7
        Days after which the rule "sequence" counts a home.
    tuned_for : int, default=100
        Number of homes, half of them of each variant, at which the rule "sequence" is sharpest.
    larger_is_better : bool, default=False
        Whether a larger value is better.

    Returns
    -------
    rollout : Rollout
        All looks up to the one that decided.

    Raises
    ------
    OutcomesError
        If the table is not such a table, or has more days than the rollout.
    ValueError
        If the rule is "spending" and there are no days.

    Notes
    -----
    A variant with fewer than 5 homes is not looked at. Where a variant has less than half of the
    homes of the other, the variance between its homes counts as at least the pooled one: that of a
    few homes of a skewed distribution is mostly too small.

    References
    ----------
    Lan and DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 1983.
    Waudby-Smith et al., "Time-uniform central limit theory and asymptotic confidence sequences",
    Annals of Statistics 2024.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from novin_ml.lifecycle import look_at_rollout
    >>> rng = np.random.default_rng(0)
    >>> rows = [
    ...     (f"home-{home}", f"2026-03-{day:02}", "AB"[home % 2], rng.poisson([3, 0.5][home % 2]))
    ...     for home in range(60)
    ...     for day in range(1, 15)
    ... ]
    >>> outcomes = pd.DataFrame(rows, columns=["home_id", "date", "variant", "value"])
    >>> found = look_at_rollout(outcomes, "A", "B", days=28)
    >>> found.decision, found.last.day
    ('better', 3)
    """
    found = read_outcomes(outcomes, control, candidate)
    if rule == "spending":
        looks = _spending_looks(found, _checked_days(days, len(found.days)), alpha)
    else:
        looks = _sequence_looks(found, alpha, days_of_home, tuned_for)
    kept: list[Look] = []
    for look in looks:
        is_last = rule == "spending" and look.day == days
        kept.append(_decided(look, larger_is_better, is_last))
        if kept[-1].decision != GO_ON:
            break
    return Rollout(control, candidate, rule, alpha, days, tuple(kept), larger_is_better)


def _checked_days(days: int | None, n_seen: int) -> int:
    if days is None:
        raise ValueError(
            "The 'days' parameter must be the length of the rollout for rule='spending'. Got None. "
            "Fix it before the first look, or use rule='sequence', which has no end."
        )
    if n_seen > days:
        raise OutcomesError(
            f"Outcomes must end with the rollout, after {plural(days, 'day')}. Got "
            f"{plural(n_seen, 'day')}. "
            "Looking on after the end breaks the promise: leave the later rows out, or start "
            "another rollout."
        )
    return days


def _decided(look: Look, larger_is_better: bool, is_last: bool) -> Look:
    decision = NOT_SHOWN if is_last else GO_ON
    if look.low > 0 or look.high < 0:
        decision = BETTER if (look.low > 0) == larger_is_better else WORSE
    return Look(**{**vars(look), "decision": decision})


def _spending_looks(outcomes: Outcomes, n_days: int, alpha: float) -> Iterator[Look]:
    """Yield the looks; those with too few homes are no looks, and spend nothing."""
    means = [outcomes.means(day) for day in range(len(outcomes.days))]
    fractions = [(day + 1) / n_days for day, of_day in enumerate(means) if _are_enough(*of_day)]
    limits = iter(boundaries(fractions, alpha))
    for day, (control, candidate) in enumerate(means):
        half = np.inf
        if _are_enough(control, candidate):
            error, freedom = _standard_error(control, candidate)
            half = error * float(student.isf(ndtr(-next(limits)), freedom))
        yield _look(outcomes, day, control, candidate, half)


def _sequence_looks(
    outcomes: Outcomes, alpha: float, days_of_home: int, tuned_for: int
) -> Iterator[Look]:
    values: tuple[list[float], list[float]] = ([], [])
    counted = np.zeros(len(outcomes.homes), dtype=bool)
    for day in range(len(outcomes.days)):
        age = day - outcomes.since[:, day] + 1
        is_ready = ~counted & (age >= days_of_home) & (outcomes.exposure[:, day] > 0)
        for variant in (0, 1):
            new = is_ready & (outcomes.variant[:, day] == variant)
            counted |= new
            values[variant].extend(outcomes.value[new, day] / outcomes.exposure[new, day])
        control, candidate = np.array(values[0]), np.array(values[1])
        half = np.inf
        if _are_enough(control, candidate):
            n_effective = 1 / (1 / len(control) + 1 / len(candidate))
            error, _ = _standard_error(control, candidate)
            half = error * boundary(n_effective, alpha, tuned_for / 4)
        yield _look(outcomes, day, control, candidate, half)


def _are_enough(control: np.ndarray, candidate: np.ndarray) -> bool:
    return min(len(control), len(candidate)) >= FEWEST_OF_A_VARIANT


def _standard_error(control: np.ndarray, candidate: np.ndarray) -> tuple[float, float]:
    """Return the standard error of the difference of means, and Welch's degrees of freedom."""
    n = np.array([len(control), len(candidate)])
    variance = np.array([control.var(ddof=1), candidate.var(ddof=1)])
    pooled = np.sum((n - 1) * variance) / (n.sum() - 2)
    if pooled == 0:
        return np.inf, 1.0  # homes that are all alike do not tell how homes differ
    # A few homes of a skewed distribution mostly show too little of it.
    parts = np.where(n < n.max() / 2, np.maximum(variance, pooled), variance) / n
    return float(np.sqrt(parts.sum())), float(parts.sum() ** 2 / np.sum(parts**2 / (n - 1)))


def _look(
    outcomes: Outcomes, day: int, control: np.ndarray, candidate: np.ndarray, half: float
) -> Look:
    of_control, of_candidate = (
        float(values.mean()) if len(values) else float("nan") for values in (control, candidate)
    )
    difference = of_candidate - of_control
    return Look(
        date=str(outcomes.days[day].date()),
        day=day + 1,
        n_control=len(control),
        n_candidate=len(candidate),
        control=of_control,
        candidate=of_candidate,
        difference=difference,
        low=difference - half if np.isfinite(half) else -np.inf,
        high=difference + half if np.isfinite(half) else np.inf,
        decision=GO_ON,
    )
