"""The learners that an estimator can be trained with."""

from __future__ import annotations

from collections.abc import Callable

from novin_ml.estimators.learners.blend import BlendLearner
from novin_ml.estimators.learners.blend_fit import fit_blend
from novin_ml.estimators.learners.boosting import BoostingLearner
from novin_ml.estimators.learners.boosting_fit import fit_boosting
from novin_ml.estimators.learners.forest import ForestLearner, fit_forest
from novin_ml.estimators.learners.learner import Learner
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.estimators.learners.network_fit import fit_network
from novin_ml.estimators.learners.training import FitOptions, FitReport, Rows

#: Value of an estimator's `algorithm` -> (class of the trained learner, function that trains it).
LEARNERS: dict[
    str,
    tuple[type[Learner], Callable[[Rows, Rows | None, FitOptions], tuple[Learner, FitReport]]],
] = {
    BoostingLearner.kind: (BoostingLearner, fit_boosting),
    NetworkLearner.kind: (NetworkLearner, fit_network),
    BlendLearner.kind: (BlendLearner, fit_blend),
    ForestLearner.kind: (ForestLearner, fit_forest),
}
