"""The program ``novin-ml``: its commands in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from novin_ml._version import __version__
from novin_ml.cli.behavior import train_behavior_command
from novin_ml.cli.compare import compare_command
from novin_ml.cli.demo import demo_command
from novin_ml.cli.export import export_command, verify_command
from novin_ml.cli.features import features_family
from novin_ml.cli.generate import generate_behavior_command, generate_family
from novin_ml.cli.ios import ios_command
from novin_ml.cli.report import report_command
from novin_ml.cli.score import explain_command, score_command
from novin_ml.cli.threshold import threshold_command
from novin_ml.cli.train import evaluate_command, train_family
from novin_ml.estimators.families import FAMILIES, classifier_families

app = typer.Typer(
    help="Train smart-home event models, and export them to Core ML with a certificate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: The commands; those of a dict are called with its key behind their name.
COMMANDS: dict[str, Callable[..., None] | dict[str, Callable[..., None]]] = {
    "generate": {
        **{name: generate_family(family) for name, family in classifier_families().items()},
        "behavior": generate_behavior_command,
    },
    "features": {name: features_family(family) for name, family in FAMILIES.items()},
    "train": {
        **{name: train_family(family) for name, family in classifier_families().items()},
        "behavior": train_behavior_command,
    },
    "evaluate": evaluate_command,
    "compare": compare_command,
    "report": report_command,
    "score": score_command,
    "explain": explain_command,
    "threshold": threshold_command,
    "export": export_command,
    "verify": verify_command,
    "ios": ios_command,
    "demo": demo_command,
}
# Former names, of no help page: they go with 0.3.0.
_FORMER_NAMES = {"behavior": "anomaly"}
_GROUPS = {
    "generate": "Simulate homes.",
    "features": "Compute the features of a kind of model.",
    "train": "Train a kind of model.",
}
for _name, _command in COMMANDS.items():
    if isinstance(_command, dict):
        _group = typer.Typer(help=_GROUPS[_name], no_args_is_help=True)
        for _kind, _of_kind in _command.items():
            _group.command(_kind)(_of_kind)
            if _kind in _FORMER_NAMES:
                _former = f"The former name of {_name} {_kind}, until 0.3.0."
                _group.command(_FORMER_NAMES[_kind], hidden=True, help=_former)(_of_kind)
        app.add_typer(_group, name=_name)
    else:
        app.command(_name)(_command)


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
