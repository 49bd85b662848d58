"""What a command prints, and writes as Markdown and JSON for the documentation."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks._host import host_facts, is_overloaded, load

#: Above this share of its cores a machine is not called quiet at the start of a command.
_QUIET = 0.5


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for files."""
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")


class Report:
    """Prints tables and sentences, and collects them for the files.

    Parameters
    ----------
    options : Namespace
        With the options of `add_report_options`; a part may read its own from `options`.
    command : str
        Name of the module that was run.
    packages : str
        Packages whose versions matter besides the usual ones.
    """

    def __init__(self, options: argparse.Namespace, command: str, *packages: str) -> None:
        arguments = [a for a in sys.argv[1:] if a]
        self.options = options
        self._called = shlex.join(
            ["python", "-m", f"benchmarks.{command}", *_without_files(arguments)]
        )
        self._start = time.perf_counter()
        self._console = Console(width=140, markup=False, emoji=False, highlight=False)
        self._blocks: list[str] = []
        self.host = host_facts(*packages)
        self.figures: dict[str, Any] = {}
        self._console.print(_machine(self.host))

    def progress(self, sentence: str) -> None:
        """Print a line that belongs in no file."""
        self._console.print(Text(sentence))

    def say(self, sentence: str) -> None:
        """Print a sentence."""
        self._console.print(Text(sentence))
        self._blocks.append(sentence)

    def show(self, table: Table) -> None:
        """Print a table."""
        self._console.print(table)
        self._blocks.append(markdown_of(table))

    def close(self) -> None:
        """Print how long it took, and write the files that were asked for."""
        seconds = time.perf_counter() - self._start
        load_after = load()
        took = f"Took {seconds:.0f} s; load {self.host['load']} before, {load_after} after."
        self._console.print(took)
        busy = (self.host["load"] or 0) > _QUIET * (self.host["cores"] or 1)
        if busy or is_overloaded(load_after):
            took += " The machine had other work to do: read ratios, not seconds."
        if self.options.markdown is not None:
            head = (
                f"Printed by `{self._called}` on {self.host['date']}.\n{_machine(self.host)} {took}"
            )
            _write(self.options.markdown, "\n\n".join([head, *self._blocks]) + "\n")
        if self.options.json is not None:
            document = {
                "command": self._called,
                "host": self.host,
                "seconds": seconds,
                "load_after": load_after,
                **self.figures,
            }
            _write(self.options.json, json.dumps(document, indent=1) + "\n")


def new_table(title: str, columns: tuple[str, ...], *, text: int = 1, caption: str = "") -> Table:
    """Return a table whose first `text` columns are text, and the others numbers."""
    table = Table(title=title, caption=caption or None)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number < text else "right")
    return table


def markdown_of(table: Table) -> str:
    """Return a table in Markdown: its title in bold, the rows, the caption."""
    names = [str(column.header) for column in table.columns]
    rule = ["---:" if column.justify == "right" else "---" for column in table.columns]
    rows = zip(*(column.cells for column in table.columns), strict=True)
    lines = [
        "| " + " | ".join(_cell(cell) for cell in row) + " |"
        for row in [names, rule, *map(list, rows)]
    ]
    title = [f"**{table.title}**"] if table.title else []
    caption = [str(table.caption)] if table.caption else []
    return "\n\n".join([*title, "\n".join(lines), *caption])


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|")


def _machine(facts: dict[str, Any]) -> str:
    cores = f"{facts['cores']} cores"
    if facts["cores_available"] != facts["cores"]:
        cores += f", {facts['cores_available']} of them available"
    versions = ", ".join(f"{name} {found}" for name, found in facts["versions"].items())
    return (
        f"{facts['processor']}, {cores}, {facts['memory_gb']} GB; {facts['system']}, "
        f"Python {facts['python']}, {versions}. Threads wait: {facts['waiting']}."
    )


def _without_files(arguments: list[str]) -> list[str]:
    """Leave out where files were written to: that says nothing of the figures."""
    kept, skip = [], False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("--markdown", "--json", "--plot", "--kept"):
            skip = True
        elif not argument.startswith(("--markdown=", "--json=", "--plot=", "--kept=")):
            kept.append(argument)
    return kept


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
