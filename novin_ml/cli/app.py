"""The program ``novin-ml``: its commands in one table."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from novin_ml._version import __version__
from novin_ml.cli.demo import demo_command
from novin_ml.cli.export import export_command, verify_command
from novin_ml.cli.features import features_command
from novin_ml.cli.train import evaluate_command, generate_command, train_command

app = typer.Typer(
    help="Train smart-home event models, and export them to Core ML with a certificate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: dict[str, Callable[..., None]] = {
    "generate": generate_command,
    "features": features_command,
    "train": train_command,
    "evaluate": evaluate_command,
    "export": export_command,
    "verify": verify_command,
    "demo": demo_command,
}
for _name, _command in COMMANDS.items():
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


def main() -> None:
    """Run the program; a build that is cancelled leaves no half-written folder."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    app()
