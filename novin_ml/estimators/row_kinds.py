"""The rows that families answer for: events, chains, signals, or the log of a home."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events import (
    Chains,
    ChannelSignals,
    ReadReport,
    chains_from_events,
    holds_chains,
    read_chains,
    read_channel_signals,
    read_events,
    training_events,
    write_chains,
    write_channel_signals,
    write_events,
)
from novin_ml.events.consent import has_consent
from novin_ml.events.files.report import to_table
from novin_ml.events.files.sources import opened
from novin_ml.features import training_rows
from novin_ml.features.attached import context_for


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
        Takes a table, and the pipelines that are to answer; returns the rows that they take.
    """

    name: str
    read: Callable[..., tuple[Any, ReadReport]]
    write: Callable[[Any, Path], Any]
    to_train: Callable[[Any], tuple[Any, int]]
    to_score: Callable[..., Any]


def read_chains_or_events(
    path: Any,
    *,
    separator: str | None = None,
    decimal: str = ".",
    encoding: str | None = None,
    **options: Any,
) -> tuple[Chains, ReadReport]:
    """Read chains, or an event log as chains of a minute; the options are those of both readers.

    The files of a folder are event logs.
    """
    if isinstance(path, str | os.PathLike) and os.path.isdir(path):
        events, report = read_events(
            path, separator=separator, decimal=decimal, encoding=encoding, **options
        )
        return chains_from_events(events), report
    with opened(path, encoding) as source:
        if holds_chains(source):
            return read_chains(source, **options)
        events, report = read_events(source, separator=separator, decimal=decimal, **options)
    return chains_from_events(events), report


def _consenting(log: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    consent = has_consent(log)
    return log[consent], int((~consent).sum())


def _read_signals(path: Any, **options: Any) -> tuple[ChannelSignals, ReadReport]:
    """Read signals of several channels; the options are those of texts, which they are not."""
    signals = read_channel_signals(path)
    n_without = len(signals)
    if "consent" in signals.columns:
        n_without = int(np.count_nonzero(~has_consent(signals)))
    return signals, ReadReport(to_table(()), len(signals), len(signals), 0, n_without)


EVENT_ROWS = RowKind("events", read_events, write_events, training_rows, context_for)
CHAIN_ROWS = RowKind(
    "chains", read_chains_or_events, write_chains, training_events, lambda chains, *models: chains
)
SIGNAL_ROWS = RowKind(
    "signals",
    _read_signals,
    write_channel_signals,
    training_events,
    lambda signals, *models: signals,
)
LOG_ROWS = RowKind("events", read_events, write_events, _consenting, lambda log, *models: log)
