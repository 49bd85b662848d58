"""The report of reading: the rejects and the counts."""

from __future__ import annotations

import csv
import dataclasses
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from novin_ml.events.files.recognition import Recognition
from novin_ml.events.shown import printable
from novin_ml.files import replace_whole
from novin_ml.plain import plural

__all__ = ["ReadReport", "Reject", "no_columns"]

#: Where an event stands in a request or a list.
_PLACE = re.compile(r"^(events)?(\[\d+\]\.)+")
_LONGEST_NAME = 100
_MOST_NAMES = 12
_ENCODING = " Name its encoding, such as encoding='cp1252' (--encoding cp1252)."


def no_columns(missing: Sequence[str], names: Sequence[str]) -> str:
    """Return a sentence on the missing columns of a file, and on the first ones that it has."""
    wanted = " and no column ".join(map(repr, missing))
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    short = [name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..." for name in names]
    found = printable(", ".join(short[:_MOST_NAMES])) + more if names else "none"
    return f"no column {wanted}; found {found}"


#: What a spreadsheet takes for the start of a formula, or skips before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Reject(NamedTuple):
    """One field of an event that breaks a rule.

    Parameters
    ----------
    file : str
        Path of the file, as it was given.
    line : int
        Line, from 1; the row in Parquet; 1 in a JSON document.
    field : str
        Path of the field; ``"line"`` if the line cannot be read at all.
    expected : str
        What the field must be.
    got : str
        What the field is.
    """

    file: str
    line: int
    field: str
    expected: str
    got: str

    def sentence(self) -> str:
        """Return the message.

        Returns
        -------
        sentence : str
            With the place of the event and the remedy.
        """
        return (
            f"{self.file}:{self.line}: {self.field} must be {self.expected}. "
            f"Got {self.got} instead. Correct it, or read without strict=True to go on without "
            "it and have it listed among the rejects."
        )


@dataclass(frozen=True)
class ReadReport:
    """Counts of the events that were read, and the rejects.

    Parameters
    ----------
    rejects : DataFrame
        One row per broken field: file, line, field, expected, got.
    n_read : int
        Events read. A line that cannot be read, or a request that is refused as a whole, counts as
        one.
    n_accepted : int
        Events in the table.
    n_rejected : int
        Events that are left out.
    n_without_consent : int
        Accepted events that must not be trained on.
    names : tuple of str
        Names of the columns, or of the keys of events, in the files.
    recognition : Recognition
        How many of the accepted events the vocabulary did not recognise, and their commonest names.
    """

    rejects: pd.DataFrame
    n_read: int
    n_accepted: int
    n_rejected: int
    n_without_consent: int
    names: tuple[str, ...] = ()
    recognition: Recognition = dataclasses.field(default_factory=Recognition)

    def reasons(self, n: int = 3) -> list[str]:
        """Return the first reasons why events were rejected, each once.

        Parameters
        ----------
        n : int, default=3
            Most reasons to return.

        Returns
        -------
        reasons : list of str
            Sentences, in the order of the files. A required field that no event has is one reason,
            with the names that were found.
        """
        fields = self.rejects["field"].map(lambda field: _PLACE.sub("", field))
        missing: list[str] = []
        sentences: list[str] = []
        for (name, expected), group in self.rejects.groupby([fields, "expected"], sort=False):
            if len(group) == self.n_read > 1 and (group["got"] == "nothing").all():
                missing.append(str(name))
                continue
            first = group.iloc[0]
            more = f" So {len(group) - 1:,} more." if len(group) > 1 else ""
            option = _ENCODING if expected == "text in UTF-8" else ""
            sentences.append(
                f"{first['file']}:{first['line']}: {name} must be {expected}. "
                f"Got {first['got']}.{option}{more}"
            )
        if missing:
            sentences.insert(0, f"{no_columns(missing, self.names)}.")
        return sentences[:n]

    def __str__(self) -> str:
        counts = (
            f"{plural(self.n_read, 'event')} read, {self.n_accepted:,} accepted, "
            f"{self.n_rejected:,} rejected; {self.n_without_consent:,} without consent"
        )
        return f"{counts}; {self.recognition}" if self.recognition.is_notable else counts


def to_table(rejects: Sequence[Reject]) -> pd.DataFrame:
    """Return rejects as a table, which has the same dtypes without any."""
    table = pd.DataFrame(list(rejects), columns=list(Reject._fields), dtype=object)
    return table.astype({"line": "int64"})


def write_rejects(rejects: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write rejects as CSV for a person: no spreadsheet takes a cell for a formula.

    An apostrophe goes before such a cell, as spreadsheets mark texts. Only this list has it; tables
    that programs read keep each text as it is.
    """
    with (
        replace_whole(Path(path)) as new,
        new.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream,
    ):
        writer = csv.writer(stream)  # ends lines by \r\n, and so quotes texts with either in them
        writer.writerow(rejects.columns)
        for row in rejects.itertuples(index=False):
            writer.writerow(map(_as_text, row))


def _as_text(cell: Any) -> Any:
    return f"'{cell}" if _is_formula(cell) else cell


def _is_formula(cell: Any) -> bool:
    if not isinstance(cell, str) or not cell.startswith(_FORMULA):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False  # a negative number
