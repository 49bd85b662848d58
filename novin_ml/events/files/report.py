"""What reading refused, and the counts that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

__all__ = ["ReadReport", "Reject"]


class Reject(NamedTuple):
    """One broken rule.

    Parameters
    ----------
    file : str
        File as named by the caller.
    line : int
        Line, from 1; of Parquet the row; of a JSON document 1.
    field : str
        Path of the field, ``"line"`` where the line cannot be read at all.
    expected : str
        What it must be.
    got : str
        What it is.
    """

    file: str
    line: int
    field: str
    expected: str
    got: str

    def sentence(self) -> str:
        """Say it in a sentence, with the remedy."""
        return (
            f"{self.file}:{self.line}: {self.field} must be {self.expected}. "
            f"Got {self.got} instead. Correct it, or read without strict=True to go on without "
            "it and have it listed among the rejects."
        )


@dataclass(frozen=True)
class ReadReport:
    """What became of the events of the files that were read.

    Parameters
    ----------
    rejects : DataFrame
        One row per broken field: file, line, field, expected, got.
    n_read : int
        Events read. A line that cannot be read, and a request refused as a whole, count as one.
    n_accepted : int
        Events in the table.
    n_rejected : int
        Events that are not.
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
    """Put rejects into a table whose dtypes do not depend on them."""
    table = pd.DataFrame(list(rejects), columns=list(Reject._fields), dtype=object)
    return table.astype({"line": "int64"})
