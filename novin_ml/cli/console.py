"""Consoles that print texts of users unchanged."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from novin_ml.cli.layout import as_records, column_blocks, longest_word
from novin_ml.texts import in_terminal

# A log keeps whole tables; a terminal has its own width.
_WIDTH_OF_FILES = 120


def plain_console(stderr: bool = False) -> Console:
    """Return a console that does not interpret brackets and colons of texts."""
    console = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not stderr and not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_OF_FILES
    return console


def text_for(text: str, console: Console) -> Text:
    """Return a text that the encoding of a console can print."""
    return Text(in_terminal(text, console.encoding))


def print_table(
    console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Print a table in blocks of columns that fit, or as lines if a word is wider than a block."""

    def texts(cells: Sequence[str]) -> list[str]:
        # rich counts blanks at the beginning as a part of the first word, and would fold it.
        return [in_terminal(cell, console.encoding).lstrip() for cell in cells]

    heading = Text(in_terminal(title, console.encoding), style="table.title")
    console.print(heading, soft_wrap=longest_word(heading.plain) > console.width)
    columns, rows = texts(columns), [texts(row) for row in rows]
    blocks = column_blocks(columns, rows, console.width)
    if blocks is None:
        for line in as_records(columns, rows):
            console.print(Text(line), soft_wrap=True)
        return
    for block in blocks:
        table = Table()
        for j, width in block.items():
            table.add_column(Text(columns[j]), width=width)
        for row in rows:
            table.add_row(*(Text(row[j]) for j in block))
        console.print(table)
