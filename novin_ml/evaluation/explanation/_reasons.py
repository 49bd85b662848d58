"""Turn contributions into reasons with words, and what a model's answer adds up from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.estimators.reasons import Reason
from novin_ml.evaluation.explanation._attribution import Contributions
from novin_ml.evaluation.words import Factor
from novin_ml.features.spec import FeatureSpec


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
        worded = factor.describe(row)
        reasons.append(
            Reason(
                name=factor.name,
                value=worded.value,
                contribution=float(found.values[i]),
                text=worded.text,
                meaning=factor.meaning,
                unit=factor.unit,
                std_error=float(found.std_errors[i]),
                columns=tuple(specs[column].name for column in factor.columns),
            )
        )
    return tuple(reasons)


def deduplicated(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Drop each reason whose words repeat those of a reason before it."""
    kept: list[Reason] = []
    for reason in reasons:
        texts = (each.text for each in kept)
        if not any(f"{text}, and".startswith(f"{reason.text}, and") for text in texts):
            kept.append(reason)
    return tuple(kept)
