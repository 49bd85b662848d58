"""Boosting over homes, by sums of their histograms."""

from novin_ml.federated.boosting.homes import BoostingHome, BoostingTask, LocalBoostingHome
from novin_ml.federated.boosting.reach import BoostingHomesHere, BoostingReach
from novin_ml.federated.boosting.server import FederatedTrees, train_boosting
from novin_ml.federated.boosting.settings import BoostingSettings

__all__ = [
    "BoostingHome",
    "BoostingHomesHere",
    "BoostingReach",
    "BoostingSettings",
    "BoostingTask",
    "FederatedTrees",
    "LocalBoostingHome",
    "train_boosting",
]
