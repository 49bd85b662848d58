"""Which rows `explain` explains, and how it shows the reasons."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.cli.output import Output
from novin_ml.estimators.families import Family
from novin_ml.evaluation import Reason, explain
from novin_ml.events import Chains


def explain_unusual(
    pipeline: Any,
    events: pd.DataFrame,
    n_events: int,
    n_reasons: int,
    label: str | None,
    places: list[int] | None,
) -> list[dict[str, Any]]:
    """Explain the most unusual events of a home, or those at `places` of the file."""
    detector = pipeline[-1]
    # An event's features are of those before it: they come from the whole table.
    rows = pipeline[0].transform(events)
    numbers = events.index.tolist()  # of the rows of the file, of which there may be more
    if places is not None:
        at = {number: place for place, number in enumerate(numbers)}
        absent = [number for number in places if number not in at]
        if absent and max(absent) <= max(numbers):
            raise ValueError(
                f"The row must be one of the home's. Got {absent[0]}. Rows are those that were "
                "accepted, counted from 0 over all homes."
            )
        places = [at.get(number, number) for number in places]
    decision = detector.decision_function(rows)
    found = []
    for place in _chosen(decision, places, n_events):
        row = rows.iloc[[place]] if isinstance(rows, pd.DataFrame) else rows[[place]]
        reasons = explain(detector, row, top=n_reasons, label=label)
        found.append(
            _event(events, place)
            | {
                "row": int(numbers[place]),
                "label": "unusual",
                "score": float(decision[place] + detector.offset_),
                "alarm": bool(decision[place] < 0),
                "reasons": _documents(reasons),
            }
        )
    return found


def explain_surest(
    pipeline: Any,
    family: Family,
    table: Any,
    n_rows: int,
    n_reasons: int,
    label: str | None,
    places: list[int] | None,
) -> list[dict[str, Any]]:
    """Explain the rows that a classifier is surest to alarm of, or those at `places`."""
    rows = family.rows.to_score(table)
    probabilities = pipeline.predict_proba(rows)
    labels = pipeline.classes_.tolist()
    by_text = {str(each): code for code, each in enumerate(labels)}
    if label is not None and label not in by_text:
        raise ValueError(
            f"The label must be one of {list(by_text)}. Got {label!r}. Pass one of these."
        )
    wanted = list(range(len(labels)))
    if label is not None:
        wanted = [by_text[label]]
    elif places is None and family.positive_label in labels:
        wanted = [by_text[str(family.positive_label)]]
    elif places is None:
        wanted = [code for code in wanted if labels[code] != family.quiet_label]
    best = np.array(wanted)[probabilities[:, wanted].argmax(axis=1)]
    sure = probabilities[np.arange(len(best)), best]
    found = []
    for place in _chosen(-sure, places, n_rows):
        code = int(best[place])
        reasons = explain(pipeline, rows[place : place + 1], top=n_reasons, label=labels[code])
        found.append(
            _event(table, place)
            | {
                "label": labels[code],
                "predicted": labels[int(probabilities[place].argmax())],
                "probability": float(sure[place]),
                "reasons": _documents(reasons),
            }
        )
    return found


def show_reasons(found: dict[str, Any], output: Output) -> None:
    """Show the reasons for one row."""
    local = found["timestamp"] + (found["utc_offset"] or 0.0)
    moment = pd.Timestamp(local, unit="s").strftime("%a %Y-%m-%d %H:%M:%S")
    where = "".join(f", {found[name]}" for name in ("type", "location") if found.get(name))
    if "score" in found:
        verdict = f"score {found['score']:.4f}{', alarm' if found['alarm'] else ''}"
        unit = "steps less"
    else:
        verdict = f"{found['label']} {100 * found['probability']:.1f} %"
        unit = "log odds"
    output.table(
        f"row {found['row']}, {moment}{where}: {verdict}",
        ["reason", "", unit, "feature"],
        [
            [
                reason["text"],
                f"{reason['direction']} {found['label']}",
                f"{reason['contribution']:+.2f}",
                reason["name"],
            ]
            for reason in found["reasons"]
        ],
    )


def _chosen(badness: np.ndarray, places: list[int] | None, n_rows: int) -> list[int]:
    """Return the rows that were asked for, else those of the lowest numbers."""
    if places is None:
        return np.argsort(badness, kind="stable")[:n_rows].tolist()
    if max(places) >= len(badness):
        raise ValueError(
            f"The row must be from 0 to {len(badness) - 1}. Got {max(places)}. "
            "Rows are those that were accepted, counted from 0."
        )
    return places


def _event(table: Any, place: int) -> dict[str, Any]:
    """Return what tells a row from others."""
    chains = isinstance(table, Chains)
    row = (table.table if chains else table).iloc[place]
    offset = float(row["utc_offset"])
    document = {
        "row": int(place),
        "home_id": row["home_id"],
        "timestamp": float(row["start" if chains else "timestamp"]),
        "utc_offset": None if math.isnan(offset) else offset,
    }
    if not chains:
        document |= {
            name: None if pd.isna(row[name]) else row[name] for name in ("type", "location")
        }
    return document


def _documents(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Return reasons as JSON has them, where there is no NaN."""
    documents = [asdict(reason) for reason in reasons]
    for document in documents:
        if math.isnan(document["value"]):
            document["value"] = None
    return documents
