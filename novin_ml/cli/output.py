"""What the commands print, and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from novin_ml.exceptions import CertificateError, HomeMismatchError, NovinError, ParityError
from novin_ml.plain import plain

#: Exit codes that a build can use.
GATE_FAILED = 1
BAD_INPUT = 2

# A log keeps whole tables; a terminal has its own width.
_WIDTH_OF_FILES = 120


class Output:
    """Results on standard output, as text or as one JSON document; progress on standard error.

    Parameters
    ----------
    as_json : bool
        Print one JSON document in the end, and nothing else.
    quiet : bool
        Print errors only.
    """

    def __init__(self, as_json: bool, quiet: bool) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.console = Console(highlight=False, soft_wrap=True)
        if not self.console.is_terminal:
            self.console.width = _WIDTH_OF_FILES
        self.progress_console = Console(stderr=True)
        self.document: dict[str, Any] = {}

    @property
    def shows_progress(self) -> bool:
        """Whether progress is to be shown."""
        return not self.quiet and not self.as_json

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show a spinner on standard error while something longer than a moment runs."""
        if self.shows_progress and self.progress_console.is_terminal:
            with self.progress_console.status(title):
                yield
        else:
            yield

    def add(self, key: str, value: Any) -> None:
        """Add an entry to the JSON document."""
        self.document[key] = value

    def line(self, text: str) -> None:
        """Print a line of text."""
        if self.shows_progress:
            self.console.print(escape(text))

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        """Print a table."""
        if not self.shows_progress:
            return
        table = Table(*columns, title=title, title_justify="left")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    def finish(self) -> None:
        """Print the JSON document, if that was asked for."""
        if self.as_json and not self.quiet:
            typer.echo(json.dumps(plain(self.document), indent=2, allow_nan=False))


@contextmanager
def reporting(as_json: bool, quiet: bool) -> Iterator[Output]:
    """Run a command; an error that a user can mend becomes one sentence and an exit code."""
    output = Output(as_json, quiet)
    try:
        yield output
    except (ParityError, CertificateError) as error:
        _say_error(error)
        raise typer.Exit(GATE_FAILED) from None
    except (NovinError, ValueError, OSError) as error:
        _say_error(error)
        raise typer.Exit(BAD_INPUT) from None
    output.finish()


@contextmanager
def in_options(remedy: str) -> Iterator[None]:
    """Say the remedy for events or a baseline of another home in the options of the command."""
    try:
        yield
    except HomeMismatchError as error:
        problem = error.problem.replace("The 'home' parameter", "--home")
        raise ValueError(f"{problem} {remedy}" if error.remedy else problem) from None


def fail_gate(sentence: str) -> NoReturn:
    """Say which gate failed and end the program with its exit code."""
    typer.echo(f"Failed: {sentence}", err=True)
    raise typer.Exit(GATE_FAILED)


def _say_error(error: Exception) -> None:
    if isinstance(error, OSError) and error.strerror and error.filename:
        message = f"{error.filename}: {error.strerror}. Check the path."
    else:
        message = " ".join(str(error).split())
    typer.echo(f"Error: {message}", err=True)
