"""Federated averaging: homes improve one model, and their events stay at home."""

from novin_ml.federated.aggregation import AggregationSettings, Refusal, RoundAggregation
from novin_ml.federated.averaging import MeanOfUpdates
from novin_ml.federated.boosting import (
    BoostingHome,
    BoostingHomesHere,
    BoostingReach,
    BoostingSettings,
    BoostingTask,
    FederatedTrees,
    LocalBoostingHome,
    train_boosting,
)
from novin_ml.federated.calibration import calibrate_aggregation
from novin_ml.federated.checking import CheckedUpdate, UpdateCheck, UpdateCount
from novin_ml.federated.engine import Federation, train_federated
from novin_ml.federated.faults import FaultyHome, with_faults
from novin_ml.federated.habits import HabitHome, LearnedPrior, LocalHabits, learn_prior
from novin_ml.federated.homes import Home, LocalHome, RoundTask, homes_of
from novin_ml.federated.inbox import FolderRound, aggregate_folder
from novin_ml.federated.local_training import LocalTraining
from novin_ml.federated.plot import write_curve
from novin_ml.federated.privacy import (
    MembershipAttack,
    PrivacySettings,
    attack_membership,
    epsilon_of,
    noise_for,
)
from novin_ml.federated.reach import HomesHere, Reach, merged_statistics
from novin_ml.federated.server_steps import FedAdam, FedAvg, ServerStep
from novin_ml.federated.settings import FederationSettings
from novin_ml.federated.start import untrained_model
from novin_ml.federated.state import RoundReport
from novin_ml.federated.statistics import FeatureStatistics
from novin_ml.federated.trial import FederationTrial, try_boosting, try_federation
from novin_ml.federated.update_files import (
    Update,
    read_update,
    update_from_bytes,
    update_to_bytes,
    write_update,
)

__all__ = [
    "AggregationSettings",
    "BoostingHome",
    "BoostingHomesHere",
    "BoostingReach",
    "BoostingSettings",
    "BoostingTask",
    "CheckedUpdate",
    "FaultyHome",
    "FeatureStatistics",
    "FedAdam",
    "FedAvg",
    "FederatedTrees",
    "Federation",
    "FederationSettings",
    "FederationTrial",
    "FolderRound",
    "HabitHome",
    "Home",
    "HomesHere",
    "LearnedPrior",
    "LocalBoostingHome",
    "LocalHabits",
    "LocalHome",
    "LocalTraining",
    "MeanOfUpdates",
    "MembershipAttack",
    "PrivacySettings",
    "Reach",
    "Refusal",
    "RoundAggregation",
    "RoundReport",
    "RoundTask",
    "ServerStep",
    "Update",
    "UpdateCheck",
    "UpdateCount",
    "aggregate_folder",
    "attack_membership",
    "calibrate_aggregation",
    "epsilon_of",
    "homes_of",
    "learn_prior",
    "merged_statistics",
    "noise_for",
    "read_update",
    "train_boosting",
    "train_federated",
    "try_boosting",
    "try_federation",
    "untrained_model",
    "update_from_bytes",
    "update_to_bytes",
    "with_faults",
    "write_curve",
    "write_update",
]
