"""The program ``novin-ml``: its commands in one table.

A help page waits for all imports of this module, so that modules of commands import the rest of the
library in their functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from novin_ml._version import __version__
from novin_ml.cli.answers_file import answers_command
from novin_ml.cli.behavior import train_behavior_command
from novin_ml.cli.build import build_command
from novin_ml.cli.compare import compare_command
from novin_ml.cli.demo import demo_command
from novin_ml.cli.doors import IMPORTS
from novin_ml.cli.drift import drift_command
from novin_ml.cli.every_command import complete
from novin_ml.cli.export import export_command
from novin_ml.cli.features import features_family
from novin_ml.cli.federated import simulate_command
from novin_ml.cli.federated_folder import aggregate_command
from novin_ml.cli.federated_network import client_command, server_command
from novin_ml.cli.forget import forget_command
from novin_ml.cli.generate import generate_behavior_command, generate_family
from novin_ml.cli.groups import GROUP_HELP, CommandGroup
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
    },
    "plan": compute_plan_command,
    "demo": demo_command,
}
# Former names, of no help page: they go with 0.3.0.
_FORMER_NAMES = {"behavior": "anomaly"}
app = typer.Typer(
    cls=CommandGroup,
    help="Train smart-home event models, and export them to Core ML with a certificate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for _name, _command in COMMANDS.items():
    if isinstance(_command, dict):
        _group = typer.Typer(cls=CommandGroup, help=GROUP_HELP[_name], no_args_is_help=True)
        for _kind, _of_kind in _command.items():
            _of_kind = complete(_of_kind)
            _group.command(_kind)(_of_kind)
            if _kind in _FORMER_NAMES:
                _former = f"The former name of {_name} {_kind}, until 0.3.0."
                _group.command(_FORMER_NAMES[_kind], hidden=True, help=_former)(_of_kind)
        app.add_typer(_group, name=_name)
    else:
        app.command(_name)(complete(_command))


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"novin-ml {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass
