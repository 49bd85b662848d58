"""Which rows of a table are worth an explanation, and the reasons for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.families import Family, family_of
from novin_ml.evaluation.explanation.explain import Reason, explain
from novin_ml.events import Chains
from novin_ml.plain import plain
from novin_ml.simulation.months.behavior import UNUSUAL


@dataclass(frozen=True)
class ExplainedRow:
    """A row, what the model answers for it, and why.

    Attributes
    ----------
    row : int
        Its number in the table.
    identity : dict of str to object
        What tells it from others: "home_id", "timestamp" and "utc_offset" in seconds, None if not
        known; of an event also "type" and "location".
    label : object
        What the reasons speak for or against; "unusual" of a baseline.
    answer : dict of str to object
        Of a classifier "predicted" and "probability", that of the label; of a baseline "score" and
        "alarm".
    reasons : tuple of Reason
        The largest contribution first.
    """

    row: int
    identity: dict[str, Any]
    label: Any
    answer: dict[str, Any]
    reasons: tuple[Reason, ...]

    def to_document(self) -> dict[str, Any]:
        """Return all of it as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            Flat, with None for NaN.
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
    """Explain the rows that a classifier is surest to alarm of, or a home's most unusual events.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted: a feature transformer of novin_ml and one of its estimators.
    table : DataFrame or Chains
        Events or chains; for a baseline the events of its home, whose index has their numbers.
    n_rows : int, default=5
        So many rows, the surest or the most unusual first.
    top : int, default=3
        At most so many reasons for each.
    label : str or None, default=None
        Explain this label of a classifier, and take the rows surest of it. None takes for each row
        the likeliest of the labels that are alarms; of all labels, if rows are named.
    rows : sequence of int or None, default=None
        Numbers of the rows to explain instead, from 0.

    Returns
    -------
    explained : list of ExplainedRow
        One for each row that is explained, in order.

    Raises
    ------
    ValueError
        If there is no such row or label, or the pipeline is of none of the families.

    See Also
    --------
    explain : The reasons for one row.

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
    family = family_of(pipeline)
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
    # An event's features are of those before it: they come from the whole table.
    features = pipeline[0].transform(events)
    numbers = events.index.tolist()  # of the rows of the file, of which there may be more
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
                    "score": float(decision[place] + detector.offset_),
                    "alarm": bool(decision[place] < 0),
                },
                reasons=explain(detector, row, top=top, label=label),
            )
        )
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
    to_score = family.rows.to_score(table)
    probabilities = pipeline.predict_proba(to_score)
    labels = pipeline.classes_.tolist()
    by_text = {str(each): code for code, each in enumerate(labels)}
    if label is not None and label not in by_text:
        raise ValueError(
            f"The label must be one of {list(by_text)}. Got {label!r}. Pass one of these."
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
    """Return the rows that were asked for, else those of the lowest numbers."""
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
