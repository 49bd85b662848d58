"""The program ``novin-ml``: its commands, each with the options that all have."""

from __future__ import annotations

from typing import Annotated

import typer

from novin_ml._version import __version__
from novin_ml.cli.commands import COMMANDS
from novin_ml.cli.every_command import complete
from novin_ml.cli.groups import GROUP_HELP, CommandGroup

# Former names, of no help page: they go with 0.3.0.
_FORMER_NAMES = {"behavior": "anomaly"}
app = typer.Typer(
    cls=CommandGroup,
    help="Train smart-home event models, and export them to Core ML with a certificate.",
    no_args_is_help=True,
    add_completion=True,
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
