"""The contribution of one feature to an answer: the record that every explanation returns."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

from novin_ml.estimators.words.said import Words


@dataclass(frozen=True)
class Reason:
    """The contribution of one feature to a model's answer for one row.

    `BehaviorAnomalyDetector.explain`, `novin_ml.evaluation.explain` and
    `novin_ml.coreml.reason_codes` return it. Each of them documents the unit of its contributions.

    Attributes
    ----------
    name : str
        Name of the feature. `novin_ml.evaluation.explain` joins columns that belong together:
        ``hour``, ``weekday`` and ``zone`` stand for two columns each.
    value : float
        Value of the feature in the row. For ``hour`` it is the hours since midnight, for
        ``weekday`` the days since Monday 00:00, for ``zone`` the risk of the zone.
    contribution : float
        Amount that the feature adds to the score of the answer.
    text : str
        The value in English words; empty in the reasons of `BehaviorAnomalyDetector.explain`.
        Numbers are rounded: durations below a minute to 0.1 s, below an hour to 1 s, longer ones to
        a minute; clock times to the nearest minute; rarities to two significant digits; other
        numbers to three.
    meaning : str
        Meaning of the feature.
    unit : str
        Unit of the value.
    std_error : float
        Standard error of the contribution; 0 unless it was sampled.
    columns : tuple of str
        The columns that the reason stands for.
    words : Words or None
        The words as a key with typed values, which each of ``novin_ml.estimators.words.LANGUAGES``
        has a text for; None if there is no text.
    direction : {"speaks for", "speaks against", "makes no difference to"}
        Whether the contribution is positive, negative or 0.

    Examples
    --------
    >>> from novin_ml.estimators import Reason
    >>> Reason("zone_risk", value=0.5, contribution=-0.2).direction
    'speaks against'
    """

    name: str
    value: float
    contribution: float
    text: str = ""
    meaning: str = ""
    unit: str = ""
    std_error: float = 0.0
    columns: tuple[str, ...] = ()
    words: Words | None = None
    direction: str = field(init=False)

    def __post_init__(self) -> None:
        direction = "makes no difference to"
        if self.contribution != 0:
            direction = f"speaks {'for' if self.contribution > 0 else 'against'}"
        object.__setattr__(self, "direction", direction)

    @property
    def feature(self) -> str:
        """The name, as ``novin_ml.coreml.ReasonCode`` called it. Deprecated; removed in 0.3.0."""
        warnings.warn(
            "The attribute 'feature' of a reason is called 'name' since 0.2.0, and its old name "
            "goes with 0.3.0. Write: reason.name.",
            FutureWarning,
            stacklevel=2,
        )
        return self.name


def told(reasons: Iterable[Reason]) -> list[Reason]:
    """Drop each reason whose words repeat those of an earlier reason."""
    kept: list[Reason] = []
    for reason in reasons:
        texts = (each.text for each in kept)
        if not any(f"{text}, and".startswith(f"{reason.text}, and") for text in texts):
            kept.append(reason)
    return kept
