"""Whether the labels of a week agree with the served model and the rules as those before did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from novin_ml.lifecycle.weeks import monday_of

#: Weeks that a range is of, and the fewest that give one.
RANGE_WEEKS, FEWEST_WEEKS = 8, 3
#: Share of weeks with labels as before that lie within the range.
RANGE_LEVEL = 0.99
#: After so many weeks out of the range in a row, one more that is as these makes a lasting change.
BEFORE_LASTING = 2
#: What becomes of a week: its labels are used, are not, or are those of a lasting change.
AS_BEFORE, CHANGED, LASTING = "as before", "changed", "lasting"
#: A week counts by itself if it has this share of the rows of the fullest one: a run on a Tuesday
#: sees little of its week.
FULL = 0.25


@dataclass(frozen=True)
class Agreement:
    """How often labels of a week were what somebody answered.

    Attributes
    ----------
    share : float
        Share of the labels of that week.
    low, high : float or None
        The range: where 99 % of such shares lie, going by the last 8 weeks with labels; None where
        fewer than 3 weeks before have labels.
    """

    share: float
    low: float | None
    high: float | None

    @property
    def is_within(self) -> bool:
        """Whether the share lies within the range, or there is none."""
        if self.low is None or self.high is None:
            return True
        return self.low <= self.share <= self.high

    @property
    def words(self) -> str:
        """The share with its range, such as "52 % (93 to 97 %)"."""
        if self.low is None or self.high is None:
            return f"{self.share:.1%} (no range yet)"
        return f"{self.share:.1%} ({self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True)
class LabelWeek:
    """The labels of a week.

    Attributes
    ----------
    monday : str
        Date of its Monday.
    n_rows, n_homes : int
        Labelled rows of homes that the served version was not trained on, and these homes.
    model, rules : Agreement
        With the answers of the served version, and of the rules.
    is_full : bool
        Whether it has a quarter of the rows of the fullest week, or more. Others are in no range.
    status : {"as before", "changed", "lasting"}
        "as before" if both agreements are within their ranges; "changed" if not: the labels are not
        used; "lasting" if the third such week in a row showed that the change lasts.
    """

    monday: str
    n_rows: int
    n_homes: int
    model: Agreement
    rules: Agreement
    is_full: bool = True
    status: str = AS_BEFORE

    @property
    def is_left_out(self) -> bool:
        """Whether the labels are not used."""
        return self.status == CHANGED

    @property
    def sentence(self) -> str:
        """What the labels of the week agree with."""
        return (
            f"The labels of the week of {self.monday} agree with the served version in "
            f"{self.model.words} and with the rules in {self.rules.words}."
        )


def judge_weeks(
    weeks: NDArray[np.int64],
    homes: NDArray[np.object_],
    model: NDArray[np.bool_],
    rules: NDArray[np.bool_],
) -> tuple[LabelWeek, ...]:
    """Hold the labels of each week against the last 8 weeks with labels before it.

    They may be long ago: after a gap without labels, wrong ones must not pass as the first ones.

    Weeks out of the range are in no range of later weeks. A third one in a row that is out of the
    range, but within that of all 8 weeks, makes it a lasting change: all three are used.

    Parameters
    ----------
    weeks : ndarray of shape (n_rows,), int64
        Week of each labelled row.
    homes : ndarray of shape (n_rows,)
        Its home.
    model, rules : ndarray of shape (n_rows,), bool
        Whether the served version, and the rules, answer what the label says.
    """
    judged: list[LabelWeek] = []
    full = {*full_weeks(weeks)}
    for week in np.unique(weeks).tolist():
        rows = weeks == week
        right = (model[rows], rules[rows])
        before = [place for place, each in enumerate(judged) if each.is_full][-RANGE_WEEKS:]
        known = [judged[place] for place in before if not judged[place].is_left_out]
        found, status = _agreements(right, known), AS_BEFORE
        if not all(each.is_within for each in found):
            last = before[-BEFORE_LASTING:]
            status = CHANGED
            if len(last) == BEFORE_LASTING and all(judged[place].is_left_out for place in last):
                wider = _agreements(right, [judged[place] for place in before])
                if all(each.is_within for each in wider):
                    found, status = wider, LASTING
                    for place in last:
                        judged[place] = replace(judged[place], status=LASTING)
        judged.append(
            LabelWeek(
                monday=monday_of(week),
                n_rows=int(rows.sum()),
                n_homes=len(set(homes[rows])),
                model=found[0],
                rules=found[1],
                is_full=week in full,
                status=status,
            )
        )
    return tuple(judged)


def full_weeks(weeks: NDArray[np.int64]) -> list[int]:
    """Return the weeks that have a quarter of the rows of the fullest one, or more."""
    found, counts = np.unique(weeks, return_counts=True)
    kept: list[int] = found[counts >= FULL * counts.max(initial=0)].tolist()
    return kept


def _agreements(
    right: tuple[NDArray[np.bool_], NDArray[np.bool_]], known: Sequence[LabelWeek]
) -> tuple[Agreement, Agreement]:
    return (
        _agreement(right[0], [each.model.share for each in known]),
        _agreement(right[1], [each.rules.share for each in known]),
    )


def _agreement(right: NDArray[np.bool_], before: Sequence[float]) -> Agreement:
    share = float(right.mean())
    if len(before) < FEWEST_WEEKS:
        return Agreement(share, None, None)
    n = len(before)
    mean = float(np.mean(before))
    # Equal shares by chance tell no narrower range than the number of rows allows.
    likely = (mean * len(right) + 1) / (len(right) + 2)
    spread = max(float(np.std(before, ddof=1)), math.sqrt(likely * (1 - likely) / len(right)))
    half = float(student.ppf((1 + RANGE_LEVEL) / 2, n - 1)) * spread * math.sqrt(1 + 1 / n)
    return Agreement(share, max(0.0, mean - half), min(1.0, mean + half))
