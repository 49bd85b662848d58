"""What a comparison of two classifiers says."""

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
_FAR = 100  # times the data there are: a number beyond is no plan


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
        Ends of its interval, of a bootstrap that draws whole groups; NaN if there is one only.
    """

    a: float
    b: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassChange:
    """What the first classifier does otherwise than the second with one label.

    Attributes
    ----------
    label : str
        The label.
    n_rows : int
        Rows that have it in truth.
    recall_a, recall_b, recall_difference : float
        Share of these that are answered with it; NaN without such rows.
    won, lost : int
        Such rows that only the first finds, and that only the second finds.
    precision_a, precision_b, precision_difference : float
        Share of the rows answered with it that have it; NaN without such answers.
    false_won, false_lost : int
        Rows of other labels that only the second answers with it, and that only the first does.
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
    """Two classifiers on the same rows; "better" means that the first is.

    Attributes
    ----------
    names : tuple of str
        Of the first and of the second.
    verdict : str
        ``"better"``, ``"worse"`` or ``"undecided"``: by accuracy, as `compare_answers` says.
    accuracy : Difference
        Shares of right answers; above 0 if the first is better.
    log_loss : Difference or None
        Mean log losses; below 0 if the first is better. None unless both have probabilities.
    p_value : float
        Of `group_swap_test`, which holds for groups.
    mcnemar : McNemar
        The same question as if rows were independent.
    classes : tuple of ClassChange
        What changes for each label.
    sample_size : SampleSize
        How much data it takes to see a difference.
    n_rows, n_groups, n_disagreements : int
        Rows, groups, and rows with different answers.
    unit : str
        What a group is: ``"homes"``, ``"groups"``, or ``"rows"`` if there are none.
    confidence, power : float
        Of the intervals and the verdict, and of the sample size.
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

    @property
    def sentence(self) -> str:
        """The verdict in one sentence, with what is missing if it is none."""
        a, b = self.names
        found = (
            f"{_points(self.accuracy.difference)} points of accuracy "
            f"({100 * self.confidence:.4g} % interval {_points(self.accuracy.low)} to "
            f"{_points(self.accuracy.high)}, {p_words(self.p_value)}, {self._amount})"
        )
        if self.verdict != UNDECIDED:
            return f"{a} is {self.verdict} than {b}: {found}."
        return f"Not enough data to tell {a} from {b}: {found}; {self._remedy}."

    @property
    def _amount(self) -> str:
        rows = _counted(self.n_rows, "rows")
        return rows if self.unit == "rows" else f"{rows} of {_counted(self.n_groups, self.unit)}"

    @property
    def _remedy(self) -> str:
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
        """Whether the first is shown to be worse by less than a margin, if at all.

        Parameters
        ----------
        margin : float, default=0.01
            Of accuracy, at least 0.

        Returns
        -------
        shown : bool
            Whether the interval of the difference lies above ``-margin``. Fewer groups than can
            decide at this confidence, six at 95 %, show nothing.
        """
        return self.n_groups >= fewest_groups(self.confidence) and self.accuracy.low > -margin

    def to_dict(self) -> dict[str, Any]:
        """Return all but the rows as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            With the sentence, and None for NaN.
        """
        known = {name: each for name, each in vars(self).items() if name != "disagreements"}
        document: dict[str, Any] = plain(known | {"sentence": self.sentence})
        return document


@dataclass(frozen=True)
class Comparisons:
    """Several comparisons on the same rows, of which any may err.

    Attributes
    ----------
    comparisons : tuple of Comparison
        One for each pair; each has the confidence at which Holm's method judges it.
    p_adjusted : tuple of float
        Of each, its `p_value` adjusted by Holm's method.
    correction : str
        ``"Holm"``.
    """

    comparisons: tuple[Comparison, ...]
    p_adjusted: tuple[float, ...]
    correction: str = "Holm"

    def to_dict(self) -> dict[str, Any]:
        """Return all but the rows as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            With None for NaN.
        """
        return {
            "correction": self.correction,
            "comparisons": [
                each.to_dict() | {"p_adjusted": p}
                for each, p in zip(self.comparisons, self.p_adjusted, strict=True)
            ],
        }


def p_words(p_value: float) -> str:
    """Return a p-value in words: no test of a difference is sure, and none is exact to more.

    Parameters
    ----------
    p_value : float
        From 0 to 1.

    Returns
    -------
    words : str
        Two digits, or that it is below 1e-14.
    """
    return f"p = {p_value:.2g}" if p_value >= 1e-14 else "p < 1e-14"


def _counted(number: int, things: str) -> str:
    return f"{number:,} {things if number != 1 else things.removesuffix('s')}"


def _points(share: float) -> str:
    return "unknown" if math.isnan(share) else f"{100 * share:+.2f}"
