"""The report of reading: the rejects and the counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

__all__ = ["ReadReport", "Reject"]


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
    """

    rejects: pd.DataFrame
    n_read: int
    n_accepted: int
    n_rejected: int
    n_without_consent: int

    def __str__(self) -> str:
        return (
            f"{self.n_read:,} events read, {self.n_accepted:,} accepted, "
            f"{self.n_rejected:,} rejected; {self.n_without_consent:,} without consent"
        )


def to_table(rejects: Sequence[Reject]) -> pd.DataFrame:
    """Return rejects as a table, which has the same dtypes without any."""
    table = pd.DataFrame(list(rejects), columns=list(Reject._fields), dtype=object)
    return table.astype({"line": "int64"})
