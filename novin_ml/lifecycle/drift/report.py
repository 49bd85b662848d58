"""The result of a comparison of two tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from novin_ml.plain import plain, plural


@dataclass(frozen=True)
class Since:
    """When a drift began.

    Attributes
    ----------
    day : float
        Beginning of the day, UTC, from which on values are other ones, in seconds since 1970.
    low, high : float
        Ends of its 90 % range, from a bootstrap that draws homes.
    is_first_day : bool
        Whether it is the first day of the current table: then it may have begun before.
    """

    day: float
    low: float
    high: float
    is_first_day: bool

    @property
    def words(self) -> str:
        """The day with its range, such as "2025-02-03 (2025-02-02 to 2025-02-05)"."""
        day, low, high = (date_of(each) for each in (self.day, self.low, self.high))
        begun = " or before" if self.is_first_day else ""
        return day + begun + (f" ({low} to {high})" if low != high else "")


@dataclass(frozen=True)
class HomeShift:
    """One home's part in a drift.

    Attributes
    ----------
    home_id : str
        The home.
    reference : float
        Its value in the reference; the mean of the homes there, if it is not among them.
    current : float
        Its value in the current table.
    in_reference : bool
        Whether `reference` is its own.
    """

    home_id: str
    reference: float
    current: float
    in_reference: bool


@dataclass(frozen=True)
class Series:
    """A measure day by day: the mean over the homes that have a value.

    Attributes
    ----------
    days : tuple of float
        Beginnings of the days, UTC, in seconds since 1970.
    values : tuple of float
        The means; NaN on a day without any value.
    n_reference : int
        Number of days, the first ones, that are of the reference.
    """

    days: tuple[float, ...]
    values: tuple[float, ...]
    n_reference: int


@dataclass(frozen=True)
class FeatureDrift:
    """The result for one feature.

    Attributes
    ----------
    name : str
        The feature, such as ``"kind"``.
    group : {"events", "features", "predictions", "alarms"}
        What it is of.
    measure : str
        What of it differs most, such as "doorbell a day".
    reference, current : float
        Mean of that measure over the homes of each table, or over the homes that are in both.
    effect : float
        Their difference in standard deviations between homes; at most 100, also where homes do
        not differ.
    p_value : float
        Chance of such a difference where nothing drifted, corrected for all measures of all
        features.
    n_homes : tuple of int
        Homes of the reference and of the current table that have a value.
    verdict : {"drift", "none", "too few homes"}
        "drift" if the p-value is at most the level and the effect at least the smallest that
        counts. "too few homes" if so few could not show any drift.
    psi, ks, js : float or None
        Population stability index, Kolmogorov-Smirnov distance and Jensen-Shannon divergence
        (0 to 1), each home with equal weight. They decide nothing. None where they say nothing.
    bins, reference_shares, current_shares : tuple
        The distributions: names of the bins, and the share of each in both tables.
    since : Since or None
        When it began, if it drifted.
    homes : tuple of HomeShift
        The homes that moved most, if it drifted.
    n_moved : int
        Homes that moved to the side of the mean.
    series : Series or None
        The measure day by day, if it drifted.
    """

    name: str
    group: str
    measure: str
    reference: float
    current: float
    effect: float
    p_value: float
    n_homes: tuple[int, int]
    verdict: Literal["drift", "none", "too few homes"]
    psi: float | None
    ks: float | None
    js: float | None
    bins: tuple[str, ...] = field(default=(), repr=False)
    reference_shares: tuple[float, ...] = field(default=(), repr=False)
    current_shares: tuple[float, ...] = field(default=(), repr=False)
    since: Since | None = None
    homes: tuple[HomeShift, ...] = field(default=(), repr=False)
    n_moved: int = 0
    series: Series | None = field(default=None, repr=False)

    @property
    def has_drifted(self) -> bool:
        """Whether the feature drifted."""
        return self.verdict == "drift"

    @property
    def sentence(self) -> str:
        """What drifted, from what to what, and since when."""
        since = f", since {self.since.words}" if self.since else ""
        what = self.name if self.measure == self.name else f"{self.name}: {self.measure}"
        return f"{what} from {self.reference:.3g} to {self.current:.3g}{since}"


@dataclass(frozen=True)
class DriftReport:
    """Result of `measure_drift`.

    Attributes
    ----------
    verdict : {"drift", "none", "too few homes"}
        "drift" if a feature drifted; "too few homes" if no feature could have.
    features : tuple of FeatureDrift
        What was found of each feature, what drifted first.
    design : {"same homes", "other homes"}
        Whether homes were compared with themselves, or two groups of homes with each other.
    level : float
        At most this share of comparisons without a drift finds one.
    min_effect : float
        Smallest effect that counts.
    n_homes : tuple of int
        Homes of the reference and of the current table.
    n_in_both : int
        Homes that are in both.
    n_rows, n_without_consent : tuple of int
        Rows with consent, and those without, which were not looked at, of both tables.
    periods : tuple of tuple of float
        First and last time of both tables, in seconds since 1970.
    notes : tuple of str
        What cannot be said, and why, in sentences.
    """

    verdict: Literal["drift", "none", "too few homes"]
    features: tuple[FeatureDrift, ...] = field(repr=False)
    design: Literal["same homes", "other homes"]
    level: float
    min_effect: float
    n_homes: tuple[int, int]
    n_in_both: int
    n_rows: tuple[int, int]
    n_without_consent: tuple[int, int]
    periods: tuple[tuple[float, float], tuple[float, float]]
    notes: tuple[str, ...] = ()

    @property
    def drifted(self) -> tuple[FeatureDrift, ...]:
        """The features that drifted."""
        return tuple(each for each in self.features if each.has_drifted)

    @property
    def sentence(self) -> str:
        """The verdict in words, with what it rests on."""
        of = (
            plural(self.n_in_both, "home") + ", each compared with itself"
            if self.design == "same homes"
            else f"{plural(self.n_homes[0], 'home')} compared with "
            + plural(self.n_homes[1], "other")
        )
        if self.verdict == "too few homes":
            return f"Too few homes to tell whether anything drifted: {of}."
        tested = sum(each.verdict != "too few homes" for each in self.features)
        promise = (
            f"where nothing drifts, at most {100 * self.level:g} % of such comparisons say "
            "otherwise"
        )
        if self.verdict == "none":
            return f"No drift is shown in {plural(tested, 'feature')} of {of}; {promise}."
        found = self.drifted
        names = ", ".join(each.name for each in found[:5]) + (", ..." if len(found) > 5 else "")
        return f"{len(found)} of {plural(tested, 'feature')} drifted ({names}) in {of}; {promise}."

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON holds it, with the sentence.

        Returns
        -------
        document : dict
            The attributes under their names, and ``"sentence"``.
        """
        document: dict[str, Any] = plain(self)
        return {"verdict": self.verdict, "sentence": self.sentence} | document


def date_of(seconds: float) -> str:
    """Return the UTC date of a time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
