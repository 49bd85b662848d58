"""The report on the baseline of a home."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.families import Family
from novin_ml.evaluation._intervals import exact_interval
from novin_ml.evaluation.alarms.detection import alarms_per_week, detection_delay
from novin_ml.evaluation.explanation.explain import explain
from novin_ml.evaluation.report._provenance import (
    certificate_entry,
    data_entry,
    library_versions,
    training_entry,
)
from novin_ml.evaluation.report._reports import BaselineReport
from novin_ml.evaluation.report._shares import CONFIDENCE
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_events
from novin_ml.plain import plain

_BINS, _SHOWN, _REASONS = 40, 8, 3
_HOUR, _MONDAY = 3_600, 3 * 86_400  # 1 January 1970 was a Thursday


def build_baseline_report(
    pipeline: Any, family: Family, events: pd.DataFrame, certificate: Any
) -> BaselineReport:
    """Measure a detector on the events of its home."""
    if not isinstance(events, pd.DataFrame) or events.empty:
        raise ValueError(
            "The 'rows' parameter must be a table of a home's events. Got none. "
            "Read events with novin_ml.events.read_events."
        )
    events = checked_events(events, ("timestamp",), "The report")
    detector = pipeline[-1]
    known = getattr(pipeline[0], "homes_", None)  # unfitted features have no home
    homes = () if known is None else events.get("home_id", ())  # the features refuse such a table
    others = sorted(set(map(str, homes)) - set(known or ()))
    if others:
        raise ValueError(
            f"The 'rows' parameter must be events of the baseline's home. Got some of {others[0]!r}"
            ", of which it knows nothing. Leave them out."
        )
    features = pipeline[:-1].transform(events)
    score = detector.score_samples(features)
    alarm = score < detector.offset_
    time = events["timestamp"].to_numpy(dtype=np.float64)
    certified, absent = certificate_entry(certificate)
    consent = has_consent(events) if "consent" in events.columns else np.zeros(len(events), bool)
    counts, edges = np.histogram(score, bins=_BINS)
    detection = None
    if "label" in events.columns and (events["label"] == family.positive_label).any():
        detection = _detection(events, alarm)
    else:
        absent["detection"] = (
            "No event has the label 'unusual', so it is not known what would have been found. "
            "Label the events of incidents."
        )
    if detector.state_ == "learning":
        absent["alarms"] = (
            f"The baseline is learning and never alarms: it needs {detector.required_days_:.0f} "
            f"days and has {detector.n_days_:.0f}. Train it again later."
        )
    return BaselineReport(
        estimator=type(detector).__name__,
        purpose=family.purpose,
        n_rows=len(events),
        n_homes=int(events["home_id"].nunique()),
        n_without_consent=int(np.sum(~consent)),
        first_time=float(time.min()),
        last_time=float(time.max()),
        state=detector.state_,
        budget=float(detector.alarms_per_week),
        confidence=float(detector.confidence),
        bound=float(detector.alarm_bound_),
        offset=float(detector.offset_),
        rate=plain(asdict(alarms_per_week(events, alarm))),
        scores={"edges": edges.tolist(), "counts": counts.tolist()},
        detection=detection,
        hours=_hours(events, time, alarm),
        unusual=_unusual(detector, features, events, score, consent),
        training=plain(training_entry(detector)),
        certificate=certified,
        data=data_entry(
            features,
            time,
            consent,
            detector.training_data_["sha256"],
            pipeline[0].count_remembered(events) if known is not None else None,
        ),
        versions=library_versions(),
        absent=absent,
    )


def _detection(events: pd.DataFrame, alarm: np.ndarray) -> dict[str, Any]:
    found = detection_delay(events, alarm)
    low, high = exact_interval(found.n_detected, len(found.incidents), CONFIDENCE)
    return plain(
        {
            "n_incidents": len(found.incidents),
            "n_detected": found.n_detected,
            "recall": found.recall,
            "low": low,
            "high": high,
            "median_delay": found.median_delay,
        }
    )


def _hours(events: pd.DataFrame, time: np.ndarray, alarm: np.ndarray) -> list[list[int]]:
    """Return the hours with an alarm by weekday and hour of the local time."""
    offset = np.zeros(len(time))
    if "utc_offset" in events.columns:
        offset = np.nan_to_num(events["utc_offset"].to_numpy(dtype=np.float64))
    local = np.floor((time + offset + _MONDAY)[alarm] / _HOUR).astype(np.int64)
    alarms = pd.DataFrame({"home": events["home_id"].to_numpy()[alarm], "hour": local})
    hour = alarms.drop_duplicates()["hour"].to_numpy(dtype=np.int64) % (7 * 24)
    return np.bincount(hour, minlength=7 * 24).reshape(7, 24).tolist()


def _unusual(
    detector: Any, features: Any, events: pd.DataFrame, score: np.ndarray, consent: np.ndarray
) -> list[dict[str, Any]]:
    places = np.flatnonzero(consent)
    places = places[np.argsort(score[places], kind="stable")][:_SHOWN]
    found = []
    for place in places:
        row = features.iloc[[place]] if hasattr(features, "iloc") else features[[place]]
        event = events.iloc[place]
        offset = event.get("utc_offset", 0.0)
        found.append(
            {
                "home_id": str(event["home_id"]),
                "timestamp": float(event["timestamp"]),
                "utc_offset": 0.0 if pd.isna(offset) else float(offset),
                "type": str(event.get("type", "")),
                "zone": str(event.get("zone", "")),
                "score": float(score[place]),
                "alarm": bool(score[place] < detector.offset_),
                "reasons": [asdict(each) for each in explain(detector, row, top=_REASONS)],
            }
        )
    return found
