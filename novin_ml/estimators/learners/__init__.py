"""The learners behind every estimator: boosting, a network, the blend of both, and a forest.

A home's baseline has an isolation forest, or an autoencoder.
"""

from novin_ml.estimators.learners.algorithms import LEARNERS
from novin_ml.estimators.learners.autoencoder import AutoencoderLearner
from novin_ml.estimators.learners.blend import BlendLearner
from novin_ml.estimators.learners.blend_fit import fit_blend
from novin_ml.estimators.learners.boosting import BoostingLearner
from novin_ml.estimators.learners.boosting_fit import fit_boosting
from novin_ml.estimators.learners.calibration import Calibration, CalibrationReport
from novin_ml.estimators.learners.detectors import DETECTORS, fit_detector
from novin_ml.estimators.learners.forest import ForestLearner, fit_forest
from novin_ml.estimators.learners.isolation import (
    IsolationLearner,
    from_sklearn,
    grow_forest,
    most_anomalous,
)
from novin_ml.estimators.learners.learner import Learner
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.estimators.learners.network_fit import fit_network
from novin_ml.estimators.learners.training import (
    FitOptions,
    FitReport,
    PartReport,
    Progress,
    Rows,
    SizeReport,
    hold_out,
)

__all__ = [
    "DETECTORS",
    "LEARNERS",
    "AutoencoderLearner",
    "BlendLearner",
    "BoostingLearner",
    "Calibration",
    "CalibrationReport",
    "FitOptions",
    "FitReport",
    "ForestLearner",
    "IsolationLearner",
    "Learner",
    "NetworkLearner",
    "PartReport",
    "Progress",
    "Rows",
    "SizeReport",
    "fit_blend",
    "fit_boosting",
    "fit_detector",
    "fit_forest",
    "fit_network",
    "from_sklearn",
    "grow_forest",
    "hold_out",
    "most_anomalous",
]
