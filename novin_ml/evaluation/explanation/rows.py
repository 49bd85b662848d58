"""Explanations of selected rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators import HomeMonitor
from novin_ml.estimators.families import Family, family_of
from novin_ml.estimators.home_models import is_monitor
from novin_ml.evaluation.explanation._moments import happened
from novin_ml.evaluation.explanation.explain import Reason, explain
from novin_ml.events import Chains, ChannelSignals
from novin_ml.events.labels import UNUSUAL
from novin_ml.events.tables.check import checked_rows
from novin_ml.plain import plain, shown


@dataclass(frozen=True)
class ExplainedRow:
    """A row with the model's answer and its reasons.

    Attributes
    ----------
    row : int
        Number of the row in the table; for a monitor, in what `HomeMonitor.score` returns.
    identity : dict of str to object
        Keys "home_id", "timestamp" and "utc_offset" in seconds, None if not known; for an event
        also "type" and "location".
    label : object
        The label that the reasons speak for or against; "unusual" for a baseline.
    answer : dict of str to object
        For a classifier: "predicted" and "probability", the probability of `label`. For a baseline:
        "anomaly_score", from 0 to 1, higher is more unusual, and "alarm". For a monitor: "kind",
        "sensor", "text" (what happened, in words), "score" in bits, "alarm", "unproven", and
        "unit", that of the contributions.
    reasons : tuple of Reason
        The largest contribution first.
    """

    row: int
    identity: dict[str, Any]
    label: Any
    answer: dict[str, Any]
    reasons: tuple[Reason, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the row as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            A flat dict, with None for NaN.
        """
        document: dict[str, Any] = plain(
            {"row": self.row, **self.identity, "label": self.label, **self.answer}
            | {"reasons": self.reasons}
        )
        return document


def explain_rows(
    pipeline: Any,
    table: Any,
    *,
    n_rows: int = 5,
    top: int = 3,
    label: str | None = None,
    rows: Sequence[int] | None = None,
) -> list[ExplainedRow]:
    """Explain the surest alarms of a classifier, or what was most unusual in a home.

    Parameters
    ----------
    pipeline : Pipeline or HomeMonitor
        Fitted: a feature transformer of novin_ml and one of its estimators, or a monitor.
    table : DataFrame or Chains
        Events or chains; for a baseline, the events of its home, numbered by the index.
    n_rows : int, default=5
        Number of rows to explain, the surest or the most unusual first. Of a monitor, one row for
        each clock hour of events, silence and activation.
    top : int, default=3
        Maximum number of reasons for each row.
    label : str or None, default=None
        Label of a classifier to explain; the rows surest of it are chosen. None takes for each row
        the likeliest alarm label, or the likeliest of all labels if `rows` is given.
    rows : sequence of int or None, default=None
        Numbers of the rows to explain instead, from 0; for a monitor, of what `HomeMonitor.score`
        returns.

    Returns
    -------
    explained : list of ExplainedRow
        One entry for each explained row, in order.

    Raises
    ------
    ValueError
        If there is no such row or label, or the pipeline belongs to none of the families.

    See Also
    --------
    explain : Explain one row.

    Examples
    --------
    >>> from novin_ml.evaluation.explanation import explain_rows
    >>> from novin_ml.features import training_rows
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.simulation import simulate_deliveries
    >>> table = simulate_deliveries(500, random_state=0)
    >>> rows, _ = training_rows(table)
    >>> model = make_delivery_pipeline(epochs=20, random_state=0).fit(rows, rows["label"])
    >>> first, second = explain_rows(model, table, n_rows=2)
    >>> first.label, first.answer["probability"] >= second.answer["probability"]
    ('delivery', True)
    """
    if is_monitor(pipeline):
        return _explain_moments(pipeline, table, n_rows, top, label, rows)
    family = family_of(pipeline)
    table = checked_rows(table, "explain_rows")
    if not len(table):
        raise ValueError("The 'table' parameter must have rows to explain. Got none. Pass some.")
    if family.is_detector:
        return _explain_unusual(pipeline, table, n_rows, top, label, rows)
    return _explain_surest(pipeline, family, table, n_rows, top, label, rows)


def _explain_unusual(
    pipeline: Any,
    events: pd.DataFrame,
    n_rows: int,
    top: int,
    label: str | None,
    rows: Sequence[int] | None,
) -> list[ExplainedRow]:
    detector = pipeline[-1]
    # The features of an event depend on earlier events: compute them from the whole table.
    features = pipeline[0].transform(events)
    numbers = events.index.tolist()  # numbers in the file, which may have more rows
    places = None
    if rows is not None:
        at = {number: place for place, number in enumerate(numbers)}
        absent = [number for number in rows if number not in at]
        if absent and max(absent) <= max(numbers):
            raise ValueError(
                f"The row must be one of the home's. Got {absent[0]}. Rows are those that were "
                "accepted, counted from 0 over all homes."
            )
        places = [at.get(number, number) for number in rows]
    decision = detector.decision_function(features)
    found = []
    for place in _chosen(decision, places, n_rows):
        row = features.iloc[[place]] if isinstance(features, pd.DataFrame) else features[[place]]
        found.append(
            ExplainedRow(
                row=int(numbers[place]),
                identity=_identity(events, place),
                label=UNUSUAL,
                answer={
                    "anomaly_score": -float(decision[place] + detector.offset_),
                    "alarm": bool(decision[place] < 0),
                },
                reasons=explain(detector, row, top=top, label=label),
            )
        )
    return found


def _explain_moments(
    monitor: HomeMonitor,
    events: pd.DataFrame,
    n_rows: int,
    top: int,
    label: str | None,
    rows: Sequence[int] | None,
) -> list[ExplainedRow]:
    found = []
    for moment in monitor.moments(events, rows, n_rows=n_rows):
        answer = {
            "kind": moment.kind,
            "sensor": moment.sensor,
            "text": happened(moment),
            "score": moment.score,
            "alarm": moment.alarm,
            "unproven": moment.unproven,
            "unit": "steps" if moment.by_forest else "bits",
        }
        identity = {
            "home_id": moment.home_id,
            "timestamp": moment.time,
            "utc_offset": moment.facts.utc_offset,
        }
        reasons = explain(monitor, moment, top=top, label=label)
        found.append(ExplainedRow(moment.row, identity, UNUSUAL, answer, reasons))
    return found


def _explain_surest(
    pipeline: Any,
    family: Family,
    table: Any,
    n_rows: int,
    top: int,
    label: str | None,
    rows: Sequence[int] | None,
) -> list[ExplainedRow]:
    to_score = family.rows_in(table).to_score(table, pipeline)
    probabilities = pipeline.predict_proba(to_score)
    labels = pipeline.classes_.tolist()
    by_text = {str(each): code for code, each in enumerate(labels)}
    if label is not None and label not in by_text:
        raise ValueError(
            f"The label must be one of {list(by_text)}. Got {shown(label)}. Pass one of these."
        )
    wanted = list(range(len(labels)))
    if label is not None:
        wanted = [by_text[label]]
    elif rows is None and family.positive_label in labels:
        wanted = [by_text[str(family.positive_label)]]
    elif rows is None:
        wanted = [code for code in wanted if labels[code] != family.quiet_label]
    best = np.array(wanted)[probabilities[:, wanted].argmax(axis=1)]
    sure = probabilities[np.arange(len(best)), best]
    found = []
    for place in _chosen(-sure, rows, n_rows):
        answer = labels[int(best[place])]
        found.append(
            ExplainedRow(
                row=int(place),
                identity=_identity(table, place),
                label=answer,
                answer={
                    "predicted": labels[int(probabilities[place].argmax())],
                    "probability": float(sure[place]),
                },
                reasons=explain(pipeline, to_score[place : place + 1], top=top, label=answer),
            )
        )
    return found


def _chosen(badness: np.ndarray, places: Sequence[int] | None, n_rows: int) -> list[int]:
    """Return the requested rows, or else those with the lowest numbers."""
    if places is None:
        lowest: list[int] = np.argsort(badness, kind="stable")[:n_rows].tolist()
        return lowest
    if max(places) >= len(badness):
        raise ValueError(
            f"The row must be from 0 to {len(badness) - 1}. Got {max(places)}. "
            "Rows are those that were accepted, counted from 0."
        )
    return list(places)


def _identity(table: Any, place: int) -> dict[str, Any]:
    if isinstance(table, ChannelSignals):
        home = table["home_id"].iloc[place] if "home_id" in table.columns else None
        return {"home_id": home, "timestamp": None, "utc_offset": None}
    is_chain = isinstance(table, Chains)
    row = (table.table if is_chain else table).iloc[place]
    offset = float(row["utc_offset"])
    identity = {
        "home_id": row["home_id"],
        "timestamp": float(row["start" if is_chain else "timestamp"]),
        "utc_offset": None if math.isnan(offset) else offset,
    }
    if not is_chain:
        identity |= {
            name: None if pd.isna(row[name]) else row[name] for name in ("type", "location")
        }
    return identity
