"""The commands of ``novin-ml`` in one table.

A help page waits for all imports here, so that modules of commands import the rest of the library
in their functions.
"""

from __future__ import annotations

from collections.abc import Callable

from novin_ml.cli.answers_file import answers_command
from novin_ml.cli.behavior import train_behavior_command
from novin_ml.cli.build import build_command
from novin_ml.cli.compare import compare_command
from novin_ml.cli.demo import demo_command
from novin_ml.cli.doctor import doctor_command
from novin_ml.cli.doors import IMPORTS
from novin_ml.cli.drift import drift_command
from novin_ml.cli.export import export_command
from novin_ml.cli.features import features_family
from novin_ml.cli.federated import simulate_command
from novin_ml.cli.federated_folder import aggregate_command
from novin_ml.cli.federated_network import client_command, server_command
from novin_ml.cli.forget import forget_command
from novin_ml.cli.generate import generate_behavior_command, generate_family
from novin_ml.cli.habit_prior import prior_command
from novin_ml.cli.home import home_command
from novin_ml.cli.init import init_command
from novin_ml.cli.ios import ios_command
from novin_ml.cli.names import BASELINE, CLASSIFIERS
from novin_ml.cli.plan import plan_command as compute_plan_command
from novin_ml.cli.registry import add_command, diff_command, list_command, show_command
from novin_ml.cli.registry_changes import (
    gc_command,
    promote_command,
    rollback_command,
    verify_registry_command,
)
from novin_ml.cli.registry_export import mlflow_command
from novin_ml.cli.report import report_command
from novin_ml.cli.retrain import retrain_command
from novin_ml.cli.rollout import assign_command, plan_command
from novin_ml.cli.rollout_looks import look_command, shadow_command
from novin_ml.cli.score import explain_command, score_command
from novin_ml.cli.sign import keygen_command, sign_command
from novin_ml.cli.split import split_command
from novin_ml.cli.threshold import threshold_command
from novin_ml.cli.train import evaluate_command, train_family
from novin_ml.cli.verify import verify_command

#: The commands in the order of work; those of a dict are called with its key before their name.
COMMANDS: dict[str, Callable[..., None] | dict[str, Callable[..., None]]] = {
    "import": IMPORTS,
    "home": home_command,
    "generate": {
        **{named.name: generate_family(named) for named in CLASSIFIERS},
        BASELINE.name: generate_behavior_command,
    },
    "split": split_command,
    "features": {named.name: features_family(named) for named in (*CLASSIFIERS, BASELINE)},
    "train": {
        **{named.name: train_family(named) for named in CLASSIFIERS},
        BASELINE.name: train_behavior_command,
    },
    "evaluate": evaluate_command,
    "compare": compare_command,
    "drift": drift_command,
    "threshold": threshold_command,
    "report": report_command,
    "score": score_command,
    "explain": explain_command,
    "export": export_command,
    "verify": verify_command,
    "ios": ios_command,
    "init": init_command,
    "build": build_command,
    "registry": {
        "add": add_command,
        "list": list_command,
        "show": show_command,
        "diff": diff_command,
        "promote": promote_command,
        "rollback": rollback_command,
        "verify": verify_registry_command,
        "gc": gc_command,
        "mlflow": mlflow_command,
    },
    "keygen": keygen_command,
    "sign": sign_command,
    "retrain": retrain_command,
    "answers": answers_command,
    "forget": forget_command,
    "rollout": {
        "shadow": shadow_command,
        "plan": plan_command,
        "assign": assign_command,
        "look": look_command,
    },
    "federated": {
        "simulate": simulate_command,
        "server": server_command,
        "client": client_command,
        "aggregate": aggregate_command,
        "prior": prior_command,
    },
    "plan": compute_plan_command,
    "doctor": doctor_command,
    "demo": demo_command,
}
