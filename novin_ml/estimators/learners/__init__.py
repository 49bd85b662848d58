"""The two learners behind every estimator, and the blend of both."""

from collections.abc import Callable

from novin_ml.estimators.learners._training import (
    CalibrationReport,
    FitOptions,
    FitReport,
    Learner,
    PartReport,
    Progress,
    Rows,
    SizeReport,
    hold_out,
)
from novin_ml.estimators.learners.blend import BlendLearner
from novin_ml.estimators.learners.blend_fit import fit_blend
from novin_ml.estimators.learners.boosting import BoostingLearner
from novin_ml.estimators.learners.boosting_fit import fit_boosting
from novin_ml.estimators.learners.isolation import (
    IsolationLearner,
    from_sklearn,
    grow_forest,
    most_anomalous,
)
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.estimators.learners.network_fit import fit_network

__all__ = [
    "LEARNERS",
    "BlendLearner",
    "BoostingLearner",
    "CalibrationReport",
    "FitOptions",
    "FitReport",
    "IsolationLearner",
    "Learner",
    "NetworkLearner",
    "PartReport",
    "Progress",
    "Rows",
    "SizeReport",
    "fit_blend",
    "fit_boosting",
    "fit_network",
    "from_sklearn",
    "grow_forest",
    "hold_out",
    "most_anomalous",
]

#: Value of an estimator's `algorithm` -> (class of the trained learner, function that trains it).
LEARNERS: dict[
    str,
    tuple[type[Learner], Callable[[Rows, Rows | None, FitOptions], tuple[Learner, FitReport]]],
] = {
    BoostingLearner.kind: (BoostingLearner, fit_boosting),
    NetworkLearner.kind: (NetworkLearner, fit_network),
    BlendLearner.kind: (BlendLearner, fit_blend),
}
