"""The rows of a table by home and day, and the whole days on which each home was observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.consent import has_consent
from novin_ml.events.fields import UNKNOWN_HOME
from novin_ml.events.tables.check import checked_rows
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import conversion_of, kind_of

#: Seconds of a day.
DAY = 86_400.0
_NEED = ("home_id", "timestamp", "consent")


@dataclass(frozen=True)
class Homes:
    """The homes of a table, and the whole days, UTC, on which each was observed.

    The day of the first event of a home and that of its last event are not whole: how long the
    home was observed on them is not known. A silent day between them counts.
    """

    names: NDArray[Any]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def days(self) -> NDArray[np.float64]:
        """Number of whole days of each home."""
        return np.maximum(self.last - self.first + 1, 0).astype(np.float64)


@dataclass(frozen=True)
class Rows:
    """Rows with their home and day; rows of several kinds can be of the same homes."""

    homes: Homes
    home: NDArray[np.int64]
    day: NDArray[np.int64]

    @property
    def is_whole_day(self) -> NDArray[np.bool_]:
        """Whether a row is of a whole day of its home."""
        first, last = self.homes.first[self.home], self.homes.last[self.home]
        return (self.day >= first) & (self.day <= last)

    @staticmethod
    def of_table(table: pd.DataFrame) -> Rows:
        """Return the rows of a table, and the homes that it has."""
        home, names = pd.factorize(table["home_id"].astype(object).astype(str), sort=True)
        day = np.floor(table["timestamp"].to_numpy(np.float64) / DAY).astype(np.int64)
        first = np.full(len(names), np.iinfo(np.int64).max)
        last = np.full(len(names), np.iinfo(np.int64).min)
        np.minimum.at(first, home, day)
        np.maximum.at(last, home, day)
        homes = Homes(np.asarray(names, dtype=object), first + 1, last - 1)
        return Rows(homes, np.asarray(home, np.int64), day)

    def others(self, home_id: Any, seconds: Any) -> Rows:
        """Return rows of another kind, such as chains, of the same homes."""
        home = pd.Index(self.homes.names).get_indexer(np.asarray(home_id, object).astype(str))
        day = np.floor(np.asarray(seconds, np.float64) / DAY).astype(np.int64)
        return Rows(self.homes, home.astype(np.int64), day)


def consenting(table: Any, name: str) -> tuple[pd.DataFrame, int]:
    """Check a table; return its rows with consent, and the number of those without.

    Raises
    ------
    InvalidEventError
        If it is no table with homes, times and consent, or no row has consent.
    """
    if not isinstance(table, pd.DataFrame):
        raise InvalidEventError(
            f"The '{name}' parameter must be a table of events or of features (a pandas "
            f"DataFrame). Got {kind_of(table)} instead. "
            f"{conversion_of(table, 'Read events with novin_ml.events.read_events.')}"
        )
    need = (*_NEED, "utc_offset") if "utc_offset" in table.columns else _NEED
    table = checked_rows(table, f"The '{name}' parameter of measure_drift", need)
    consent = has_consent(table)
    kept = table[consent]
    if not len(kept):
        raise InvalidEventError(
            f"The '{name}' parameter must have rows whose 'consent' is true: others are not looked "
            f"at. Got {'no row' if not len(table) else f'none among {len(table):,}'}. Pass a log "
            "of homes that consent."
        )
    n_unknown = int((kept["home_id"] == UNKNOWN_HOME).sum() + kept["home_id"].isna().sum())
    if n_unknown:
        raise InvalidEventError(
            f"The rows of '{name}' must name their home in 'home_id'. Got {n_unknown:,} of "
            f"{len(kept):,} that do not: they may be of any number of homes. Add it to the file."
        )
    return kept.reset_index(drop=True), len(table) - len(kept)
