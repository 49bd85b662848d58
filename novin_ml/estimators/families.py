"""The families of classifiers in one table: what the command line and benchmarks know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from novin_ml.estimators.chains import make_chain_pipeline
from novin_ml.estimators.delivery import make_delivery_pipeline
from novin_ml.estimators.motion import make_motion_pipeline
from novin_ml.estimators.rules import ChainRules, DeliveryRules, MotionRules
from novin_ml.events import (
    NO_PATTERN,
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
from novin_ml.features import attach_context, training_rows
from novin_ml.simulation import simulate_chains, simulate_deliveries, simulate_motions


@dataclass(frozen=True)
class RowKind:
    """What a family has one label for.

    Attributes
    ----------
    name : str
        Plural, as messages call it.
    read : callable
        ``read(path, timezone=..., strict=..., return_report=True)`` returns a table and the
        `ReadReport` of its events.
    write : callable
        ``write(table, path)``.
    to_train : callable
        From a table to the labelled rows with consent, each of which stands alone, and the number
        of labelled rows without.
    to_score : callable
        From a table to rows that stand alone.
    """

    name: str
    read: Callable[..., tuple[Any, ReadReport]]
    write: Callable[[Any, Path], Any]
    to_train: Callable[[Any], tuple[Any, int]]
    to_score: Callable[[Any], Any]


@dataclass(frozen=True)
class Family:
    """A kind of classifier.

    Attributes
    ----------
    name : str
        As the command line calls it.
    rows : RowKind
        What it has one label for.
    simulate : callable
        ``simulate(n, n_homes=..., annotator_error=..., random_state=...)`` returns a table with n
        labels; if one label is quiet, ``no_pattern=...`` is its share.
    make_pipeline : callable
        ``make_pipeline(**params)`` returns an unfitted pipeline from rows to labels.
    make_rules : callable
        Returns the hand-written rules as a classifier of rows.
    positive_label : str or None
        The label whose detection is the point; None if all matter the same.
    quiet_label : str or None
        The label upon which nobody is told anything, if every other is an alarm.
    """

    name: str
    rows: RowKind
    simulate: Callable[..., Any]
    make_pipeline: Callable[..., Pipeline]
    make_rules: Callable[[], Any]
    positive_label: str | None = None
    quiet_label: str | None = None


def read_chains_or_events(path: Path, **options: Any) -> tuple[Chains, ReadReport]:
    """Read chains, or an event log as chains of a minute; the options are those of both readers."""
    if holds_chains(path):
        return read_chains(path, **options)
    events, report = read_events(path, **options)
    return chains_from_events(events), report


EVENT_ROWS = RowKind("events", read_events, write_events, training_rows, attach_context)
CHAIN_ROWS = RowKind(
    "chains", read_chains_or_events, write_chains, training_events, lambda chains: chains
)

FAMILIES = {
    family.name: family
    for family in [
        Family(
            "delivery",
            EVENT_ROWS,
            simulate_deliveries,
            make_delivery_pipeline,
            DeliveryRules,
            positive_label="delivery",
        ),
        Family("motion", EVENT_ROWS, simulate_motions, make_motion_pipeline, MotionRules),
        Family(
            "chains",
            CHAIN_ROWS,
            simulate_chains,
            make_chain_pipeline,
            ChainRules,
            quiet_label=NO_PATTERN,
        ),
    ]
}
