"""What the commands print, and how they end."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer

from novin_ml.cli.console import plain_console, print_table, text_for
from novin_ml.exceptions import (
    CertificateError,
    HomeMismatchError,
    NovinError,
    ParityError,
    RegistryConflictError,
    TrainingDataWarning,
)
from novin_ml.files import FULL
from novin_ml.plain import plain
from novin_ml.texts import in_terminal

#: Exit codes that a build can use.
GATE_FAILED = 1
BAD_INPUT = 2


class Output:
    """Results on standard output, as text or as one JSON document; progress on standard error.

    Parameters
    ----------
    as_json : bool
        Print one JSON document at the end, and nothing else.
    quiet : bool
        Print errors only.
    """

    def __init__(self, as_json: bool, quiet: bool) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.console = plain_console()
        self.progress_console = plain_console(stderr=True)
        self.document: dict[str, Any] = {}

    @property
    def shows_progress(self) -> bool:
        """Whether progress is to be shown."""
        return not self.quiet and not self.as_json

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show a spinner on standard error while something longer than a moment runs."""
        if self.shows_progress and self.progress_console.is_terminal:
            with self.progress_console.status(text_for(title, self.progress_console)):
                yield
        else:
            yield

    def add(self, key: str, value: Any) -> None:
        """Add an entry to the JSON document."""
        self.document[key] = value

    def line(self, text: str) -> None:
        """Print a line of text."""
        if self.shows_progress:
            self.console.print(text_for(text, self.console), soft_wrap=True)

    def warning(self, text: str) -> None:
        """Print a warning on standard error."""
        if not self.quiet:
            say_error(f"Warning: {text}")

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        """Print a table; one that is too wide is continued below, and no word is folded."""
        if self.shows_progress:
            print_table(self.console, title, columns, rows)

    def finish(self) -> None:
        """Print the JSON document, if the command has --json."""
        if self.as_json and not self.quiet:
            typer.echo(json.dumps(plain(self.document), indent=2, allow_nan=False))


@contextmanager
def reporting(as_json: bool, quiet: bool) -> Iterator[Output]:
    """Run a command; an error that a user can fix becomes one sentence and an exit code."""
    output = Output(as_json, quiet)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TrainingDataWarning)  # the commands print it themselves
            yield output
    except (ParityError, CertificateError, RegistryConflictError) as error:
        _say_error(error)
        raise typer.Exit(GATE_FAILED) from None
    except (NovinError, ValueError, OSError) as error:
        _say_error(error)
        raise typer.Exit(BAD_INPUT) from None
    output.finish()


@contextmanager
def in_options(remedy: str) -> Iterator[None]:
    """Turn an error about another home into one that names the options of the command."""
    try:
        yield
    except HomeMismatchError as error:
        problem = error.problem.replace("The 'home' parameter", "--home")
        raise ValueError(f"{problem} {remedy}" if error.remedy else problem) from None


def say_error(sentence: str) -> None:
    """Print a sentence on standard error."""
    typer.echo(in_terminal(sentence, sys.stderr.encoding), err=True)


def fail_gate(sentence: str) -> NoReturn:
    """Print which gate failed, and end the program with its exit code."""
    say_error(f"Failed: {sentence}")
    raise typer.Exit(GATE_FAILED)


def _say_error(error: Exception) -> None:
    if isinstance(error, OSError) and error.strerror and error.filename:
        remedy = "Free some space" if error.errno in FULL else "Check the path"
        message = f"{error.filename}: {error.strerror}. {remedy}."
    else:
        message = " ".join(str(error).split())
    say_error(f"Error: {message}")
