"""The result of a comparison of two classifiers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import pandas as pd

from novin_ml.evaluation.comparison._mcnemar import McNemar
from novin_ml.evaluation.comparison._sample_size import SampleSize, fewest_groups
from novin_ml.plain import plain
from novin_ml.validation import Interval, validate_params

BETTER, WORSE, UNDECIDED = "better", "worse", "undecided"
_FAR = 100  # beyond this multiple of the data, no number is given


@dataclass(frozen=True)
class Difference:
    """One score of two classifiers on the same rows.

    Attributes
    ----------
    a, b : float
        Scores of the first and of the second.
    difference : float
        ``a - b``.
    low, high : float
        Ends of its bootstrap interval, which draws whole groups; NaN if there is only one.
    """

    a: float
    b: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassChange:
    """How the first classifier differs from the second for one label.

    Attributes
    ----------
    label : str
        The label.
    n_rows : int
        Number of rows whose right label it is.
    recall_a, recall_b, recall_difference : float
        Share of these rows that are answered with the label; NaN without such rows.
    won, lost : int
        Numbers of these rows that only the first finds, and that only the second finds.
    precision_a, precision_b, precision_difference : float
        Share of right answers among the answers with the label; NaN without such answers.
    false_won, false_lost : int
        Numbers of rows of other labels that only the second answers with the label, and that only
        the first does.
    """

    label: str
    n_rows: int
    recall_a: float
    recall_b: float
    recall_difference: float
    won: int
    lost: int
    precision_a: float
    precision_b: float
    precision_difference: float
    false_won: int
    false_lost: int


@dataclass(frozen=True)
class Comparison:
    """A comparison of two classifiers on the same rows; "better" means that the first is.

    Attributes
    ----------
    names : tuple of str
        Names of the first and of the second.
    verdict : str
        ``"better"``, ``"worse"`` or ``"undecided"``, by accuracy: see `compare_answers`.
    accuracy : Difference
        Shares of right answers; above 0 if the first is better.
    log_loss : Difference or None
        Mean log losses; below 0 if the first is better. None unless both have probabilities.
    p_value : float
        The p-value of `group_swap_test`, which is valid for groups.
    mcnemar : McNemar
        McNemar's test, which assumes independent rows.
    classes : tuple of ClassChange
        The changes for each label.
    sample_size : SampleSize
        The amount of data required to detect a difference.
    n_rows, n_groups, n_disagreements : int
        Numbers of rows, of groups, and of rows with different answers.
    unit : str
        Name of the groups: ``"homes"``, ``"groups"``, or ``"rows"`` if there are none.
    confidence, power : float
        Confidence level of the intervals and the verdict, and power for the sample size.
    truth : str or None
        The column of the right labels; None if they were passed beside the rows.
    disagreements : DataFrame
        The rows with different answers: ``row`` (its position in the data), ``home_id``,
        ``timestamp`` where known, ``truth``, ``answer_a``, ``answer_b``, and ``right``: ``"a"``,
        ``"b"`` or ``"neither"``.
    """

    names: tuple[str, str]
    verdict: str
    accuracy: Difference
    log_loss: Difference | None
    p_value: float
    mcnemar: McNemar
    classes: tuple[ClassChange, ...]
    sample_size: SampleSize
    n_rows: int
    n_groups: int
    n_disagreements: int
    unit: str
    confidence: float
    power: float
    disagreements: pd.DataFrame = field(repr=False, compare=False)
    truth: str | None = None

    @property
    def sentence(self) -> str:
        """The verdict in one sentence; if undecided, with the amount of data that is missing."""
        a, b = self.names
        found = (
            f"{_points(self.accuracy.difference)} points of accuracy "
            f"({100 * self.confidence:.4g} % interval {_points(self.accuracy.low)} to "
            f"{_points(self.accuracy.high)}, {p_words(self.p_value)}, {self._amount})"
        )
        if self.verdict != UNDECIDED:
            return f"{a} is {self.verdict} than {b}: {found}."
        return f"Not enough data to tell {a} from {b}: {found}; {self.remedy}."

    @property
    def _amount(self) -> str:
        rows = _counted(self.n_rows, "rows")
        return rows if self.unit == "rows" else f"{rows} of {_counted(self.n_groups, self.unit)}"

    @property
    def remedy(self) -> str:
        """What is missing for a verdict, a clause; what would have been seen if nothing is."""
        size, chance = self.sample_size, f"with a chance of {self.power:.0%}"
        if self.n_groups < 2:
            return f"one of the {self.unit} alone says nothing of others"
        if size.more_groups is None:
            if self.mcnemar.only_a == self.mcnemar.only_b == 0:
                return "they are right on the same rows"
            if math.isnan(size.detectable):
                return "no row tells how much they differ"
            seen = f"a difference of {100 * size.detectable:.2g} points would have been seen"
            return f"they are as often right, and {seen} {chance}"
        wanted = f"a difference of {100 * size.difference:.2g} points is seen {chance}"
        if size.more_groups > _FAR * self.n_groups:
            return f"{wanted} with more than {_FAR} times as many {self.unit}"
        more = _counted(max(size.more_groups, 1), f"more {self.unit}")
        of_rows = ""
        if self.unit != "rows":
            of_rows = f", about {_counted(max(size.more_rows or 0, 1), 'rows')}"
        return f"{wanted} with about {more}{of_rows}"

    @validate_params(
        {"margin": [Interval(Real, 0, 1, closed="left")]}, prefer_skip_nested_validation=True
    )
    def is_not_worse(self, margin: float = 0.01) -> bool:
        """Return whether the first is shown to be worse by less than a margin, if at all.

        Parameters
        ----------
        margin : float, default=0.01
            Margin of accuracy, at least 0.

        Returns
        -------
        shown : bool
            Whether the interval of the difference lies above ``-margin``. False if there are too
            few groups to decide at this confidence: fewer than six at 95 %.
        """
        return self.n_groups >= fewest_groups(self.confidence) and self.accuracy.low > -margin

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the rows as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            A dict that includes the sentence, with None for NaN.
        """
        known = {name: each for name, each in vars(self).items() if name != "disagreements"}
        document: dict[str, Any] = plain(known | {"sentence": self.sentence, "remedy": self.remedy})
        return document


@dataclass(frozen=True)
class Comparisons:
    """Several comparisons on the same rows, corrected for multiple testing.

    Attributes
    ----------
    comparisons : tuple of Comparison
        One for each pair, at the confidence level that Holm's method gives it.
    p_adjusted : tuple of float
        The `p_value` of each comparison, adjusted by Holm's method.
    correction : str
        ``"Holm"``.
    """

    comparisons: tuple[Comparison, ...]
    p_adjusted: tuple[float, ...]
    correction: str = "Holm"

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the rows as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            A dict with None for NaN.
        """
        return {
            "correction": self.correction,
            "comparisons": [
                each.to_dict() | {"p_adjusted": p}
                for each, p in zip(self.comparisons, self.p_adjusted, strict=True)
            ],
        }


def p_words(p_value: float) -> str:
    """Return a p-value in words, never as 0.

    Parameters
    ----------
    p_value : float
        From 0 to 1.

    Returns
    -------
    words : str
        Two significant digits, or ``"p < 1e-14"``.
    """
    return f"p = {p_value:.2g}" if p_value >= 1e-14 else "p < 1e-14"


def _counted(number: int, things: str) -> str:
    return f"{number:,} {things if number != 1 else things.removesuffix('s')}"


def _points(share: float) -> str:
    return "unknown" if math.isnan(share) else f"{100 * share:+.2f}"
