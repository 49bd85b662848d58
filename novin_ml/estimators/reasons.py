"""One feature's part in a model's answer: the record that every explanation returns."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reason:
    """What one feature contributes to a model's answer for one row.

    `BehaviorAnomalyDetector.explain`, `novin_ml.evaluation.explain` and
    `novin_ml.coreml.reason_codes` return it. The function that returns a reason says in which unit
    it measures the contribution.

    Attributes
    ----------
    name : str
        The feature. `novin_ml.evaluation.explain` joins features that mean one thing: ``hour``,
        ``weekday`` and ``zone`` stand for two columns each.
    value : float
        The row's value of the feature; hours since midnight, days since Monday 00:00, the risk of
        the zone.
    contribution : float
        What the feature adds to the score of the answer.
    text : str
        The value in words; empty unless `novin_ml.evaluation.explain` found the reason. Numbers
        are rounded: times below a minute to 0.1 s, below an hour to 1 s, then to a minute; clock
        times to the nearest minute; other numbers to three significant digits, rarities to two.
    meaning : str
        What the feature is; empty in the reasons of an exported model.
    unit : str
        Unit of the value; empty in the reasons of an exported model.
    std_error : float
        Standard error of the contribution; 0 unless it was sampled.
    columns : tuple of str
        The columns that the reason stands for.
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
    direction: str = field(init=False)

    def __post_init__(self) -> None:
        direction = "makes no difference to"
        if self.contribution != 0:
            direction = f"speaks {'for' if self.contribution > 0 else 'against'}"
        object.__setattr__(self, "direction", direction)

    @property
    def feature(self) -> str:
        """The name; `novin_ml.coreml.ReasonCode` called it so. It goes with 0.3.0."""
        warnings.warn(
            "The attribute 'feature' of a reason is called 'name' since 0.2.0, and its old name "
            "goes with 0.3.0. Write: reason.name.",
            FutureWarning,
            stacklevel=2,
        )
        return self.name
