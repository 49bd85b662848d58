"""What a reason is, and how contributions become reasons in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from novin_ml.evaluation.explanation._attribution import Contributions
from novin_ml.evaluation.words._factors import Factor
from novin_ml.features.spec import FeatureSpec


@dataclass(frozen=True)
class Reason:
    """What one factor does to a model's answer for one row.

    Attributes
    ----------
    name : str
        The feature; or ``hour``, ``weekday`` and ``zone``, of which two features tell one thing.
    value : float
        The row's value; hours since midnight, days since Monday 00:00, the risk of the zone.
    contribution : float
        What it adds to the score of the label: see `Attribution`.
    text : str
        The value in words. Numbers are rounded: times below a minute to 0.1 s, below an hour to
        1 s, then to a minute; clock times to the nearest minute; other numbers to three significant
        digits, rarities to two.
    meaning : str
        What the features are.
    unit : str
        Of the value.
    std_error : float
        Standard error of the contribution; 0 unless it was sampled.
    columns : tuple of str
        The features.
    direction : {"speaks for", "speaks against", "makes no difference to"}
        The label, that is: whether the contribution is positive, negative or 0.
    """

    name: str
    value: float
    contribution: float
    text: str
    meaning: str
    unit: str
    std_error: float = 0.0
    columns: tuple[str, ...] = ()
    direction: str = field(init=False)

    def __post_init__(self) -> None:
        direction = "makes no difference to"
        if self.contribution != 0:
            direction = f"speaks {'for' if self.contribution > 0 else 'against'}"
        object.__setattr__(self, "direction", direction)


@dataclass(frozen=True)
class Attribution:
    """All that adds up to a model's answer for one row.

    Attributes
    ----------
    label : str, int, float or bool
        What the reasons speak for or against; ``"unusual"`` for an anomaly detector.
    base : float
        The score before anything is known of the row.
    score : float
        The row's score: ``base`` and all contributions. Of a classifier it is the label's
        calibrated margin less the mean margin of the other labels, so that it is the log odds of
        two labels, and ``log p(label) - mean(log p(other))`` of any number. Of a detector it is by
        how many steps the row's mean path through the trees is shorter than that of the training
        rows.
    reasons : tuple of Reason
        One for each factor, the largest contribution first, whatever its sign.
    method : str
        How the contributions were found.
    """

    label: Any
    base: float
    score: float
    reasons: tuple[Reason, ...]
    method: str


def in_words(
    X: np.ndarray,
    specs: tuple[FeatureSpec, ...],
    factors: tuple[Factor, ...],
    found: Contributions,
) -> tuple[Reason, ...]:
    """Return a reason for each factor, the largest contribution first."""
    row = {spec.name: float(value) for spec, value in zip(specs, X[0], strict=True)}
    reasons = []
    for i in np.argsort(-np.abs(found.values), kind="stable"):
        factor = factors[i]
        said = factor.say(row)
        reasons.append(
            Reason(
                name=factor.name,
                value=said.value,
                contribution=float(found.values[i]),
                text=said.text,
                meaning=factor.meaning,
                unit=factor.unit,
                std_error=float(found.std_errors[i]),
                columns=tuple(specs[column].name for column in factor.columns),
            )
        )
    return tuple(reasons)


def told_once(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Leave out what a reason before has said already: of two features that tell one thing."""
    kept: list[Reason] = []
    for reason in reasons:
        said = (each.text for each in kept)
        if not any(f"{text}, and".startswith(f"{reason.text}, and") for text in said):
            kept.append(reason)
    return tuple(kept)
