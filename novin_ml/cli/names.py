"""Names of the library for the help pages, without an import of its modules.

The library has the same names in `FAMILIES`, `LEARNERS` and `Gate`; a test compares them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class FamilyName(NamedTuple):
    """What a help page needs to know of a family of models."""

    name: str
    rows: str
    has_quiet_label: bool = False


CLASSIFIERS = (
    FamilyName("delivery", "events"),
    FamilyName("motion", "events"),
    FamilyName("chains", "chains", has_quiet_label=True),
)


class ClassifierName(StrEnum):
    """The name of a family of classifiers."""

    DELIVERY = "delivery"
    MOTION = "motion"
    CHAINS = "chains"


BASELINE = FamilyName("behavior", "events")


class Algorithm(StrEnum):
    """A learner."""

    BOOSTING = "boosting"
    MLP = "mlp"
    BLEND = "blend"
    FOREST = "forest"


class Detector(StrEnum):
    """A learner of baselines."""

    ISOLATION = "isolation"
    AUTOENCODER = "autoencoder"


class Method(StrEnum):
    """What makes one change of the updates of many homes."""

    MEAN = "mean"
    TRIMMED_MEAN = "trimmed_mean"
    KRUM = "krum"


class Shared(StrEnum):
    """What homes train together."""

    MLP = "mlp"
    BOOSTING = "boosting"


class Engine(StrEnum):
    """What runs the rounds of a federation that is simulated."""

    HERE = "here"
    FLOWER = "flower"


class Gate(StrEnum):
    """A condition of a comparison."""

    BETTER = "better"
    NOT_WORSE = "not-worse"
