"""The rows that families answer for: events, chains of events, or the log of a home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from novin_ml.events import (
    Chains,
    ReadReport,
    chains_from_events,
    holds_chains,
    read_chains,
    read_events,
    training_events,
    write_chains,
    write_events,
)
from novin_ml.events.consent import has_consent
from novin_ml.features import attach_context, training_rows


@dataclass(frozen=True)
class RowKind:
    """The rows of a family: the model gives one answer for each.

    Attributes
    ----------
    name : str
        Plural noun for the rows, as used in messages.
    read : callable
        ``read(path, timezone=..., strict=..., return_report=True)`` returns a table and the
        `ReadReport` of its events.
    write : callable
        ``write(table, path)``.
    to_train : callable
        Takes a table; returns the rows to train on, all with consent, and the number of rows left
        out because they lack it. Labelled rows become independent; a log stays a log.
    to_score : callable
        Takes a table; returns the rows that the features take.
    """

    name: str
    read: Callable[..., tuple[Any, ReadReport]]
    write: Callable[[Any, Path], Any]
    to_train: Callable[[Any], tuple[Any, int]]
    to_score: Callable[[Any], Any]


def read_chains_or_events(path: Path, **options: Any) -> tuple[Chains, ReadReport]:
    """Read chains, or an event log as chains of a minute; the options are those of both readers."""
    if holds_chains(path):
        return read_chains(path, **options)
    events, report = read_events(path, **options)
    return chains_from_events(events), report


def _consenting(log: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    consent = has_consent(log)
    return log[consent], int((~consent).sum())


EVENT_ROWS = RowKind("events", read_events, write_events, training_rows, attach_context)
CHAIN_ROWS = RowKind(
    "chains", read_chains_or_events, write_chains, training_events, lambda chains: chains
)
LOG_ROWS = RowKind("events", read_events, write_events, _consenting, lambda log: log)
