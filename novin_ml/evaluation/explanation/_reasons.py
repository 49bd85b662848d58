"""Reasons with words from contributions, and the record of all reasons of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.estimators.reasons import Reason
from novin_ml.estimators.words import Factor
from novin_ml.evaluation.explanation._attribution import Contributions
from novin_ml.features.spec import FeatureSpec


@dataclass(frozen=True)
class Attribution:
    """All contributions that add up to a model's score of one row.

    Attributes
    ----------
    label : str, int, float or bool
        The label that the reasons speak for or against; ``"unusual"`` for an anomaly detector.
    base : float
        The expected score if nothing about the row is known.
    score : float
        The score of the row: the sum of ``base`` and all contributions. For a classifier, it is the
        calibrated margin of the label minus the mean margin of the other labels. This is the log
        odds for two labels, and ``log p(label) - mean(log p(other))`` for any number. For a
        detector, it is the number of steps by which the row's mean path through the trees is
        shorter than that of the training rows.
    reasons : tuple of Reason
        One for each factor, the largest contribution first, whatever its sign.
    method : str
        Method that computed the contributions.
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
                words=worded.words,
            )
        )
    return tuple(reasons)
