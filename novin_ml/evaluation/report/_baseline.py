"""The report on the baseline of a home."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.families import Family
from novin_ml.estimators.home_models import home_features, is_monitor, learner_holder
from novin_ml.estimators.monitor import HomeMonitor
from novin_ml.estimators.monitor.moments import strongest_rows
from novin_ml.estimators.monitor.rows import KINDS
from novin_ml.estimators.reasons import Reason
from novin_ml.evaluation.alarms.detection import alarms_per_week, detection_delay
from novin_ml.evaluation.alarms.monitors import column_of_events, monitor_alarms
from novin_ml.evaluation.explanation.explain import explain
from novin_ml.evaluation.explanation.rows import explain_rows
from novin_ml.evaluation.intervals import exact_interval
from novin_ml.evaluation.report._budget_cost import budget_cost
from novin_ml.evaluation.report._provenance import (
    data_entry,
    training_entry,
    versions_entry,
)
from novin_ml.evaluation.report._reports import BaselineReport
from novin_ml.evaluation.report._tested_rows import in_one_order, offsets_of
from novin_ml.evaluation.report.shares import CONFIDENCE
from novin_ml.evaluation.training_data import homes_trained_on
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_events
from novin_ml.features.activity.steps import is_end
from novin_ml.plain import plain, plural

_BINS, _SHOWN, _REASONS = 40, 8, 3
_HOUR, _MONDAY = 3_600, 3 * 86_400  # 1 January 1970 was a Thursday


class _Answers(NamedTuple):
    """What a model of a home says of events.

    Attributes
    ----------
    features : array-like of shape (n_events, n_features)
    score : ndarray of shape (n_events,)
        That of `score_samples`: the lower, the more unusual; NaN if an event has none.
    alarm : ndarray of shape (n_events,), bool
    kinds : list of dict
        The kinds of alarms of a monitor; empty for a detector.
    rows : DataFrame or None
        All rows of a monitor.
    """

    features: Any
    score: NDArray[np.float64]
    alarm: NDArray[np.bool_]
    kinds: list[dict[str, Any]]
    rows: pd.DataFrame | None = None


class _Promise(NamedTuple):
    """What a model promises of its alarms of events."""

    state: str
    budget: float
    bound: float
    threshold: float
    n_days: float
    required_days: float


def build_baseline_report(model: Any, family: Family, events: pd.DataFrame) -> BaselineReport:
    """Measure a detector behind its features, or a monitor, on the events of its home."""
    events, given = in_one_order(_events_of_home(model, events))
    detector = learner_holder(model)
    answers, promise = _answers(model, events), _promise(model)
    score, alarm = answers.score, answers.alarm
    time = events["timestamp"].to_numpy(dtype=np.float64)
    consent = has_consent(events) if "consent" in events.columns else np.zeros(len(events), bool)
    counts, edges = np.histogram(-score[~np.isnan(score)], bins=_BINS)
    has_incidents = "label" in events and bool((events["label"] == family.positive_label).any())
    return BaselineReport(
        estimator=type(model if is_monitor(model) else detector).__name__,
        purpose=family.purpose,
        n_rows=len(events),
        n_homes=int(events["home_id"].nunique()),
        n_without_consent=int(np.sum(~consent)),
        first_time=float(time.min()),
        last_time=float(time.max()),
        state=promise.state,
        budget=promise.budget,
        confidence=float(detector.confidence),
        bound=promise.bound,
        threshold=promise.threshold,
        rate=plain(asdict(alarms_per_week(events, alarm))),
        scores={"edges": edges.tolist(), "counts": counts.tolist()},
        detection=_detection(events, alarm) if has_incidents else None,
        hours=_hours(events, time, alarm),
        unusual=_unusual_moments(model, answers.rows, events, consent)
        if answers.rows is not None
        else _unusual(detector, answers, events, consent),
        training=plain(training_entry(detector) | {"n_homes": homes_trained_on(model)}),
        certificate=None,
        data=data_entry(model, detector, events, answers.features, time, consent, given),
        versions=versions_entry(),
        absent=_absent_parts(promise, has_incidents=has_incidents),
        cost=plain(budget_cost(events, score, lambda others: _answers(model, others).score)),
        kinds=answers.kinds,
    )


def _events_of_home(model: Any, events: Any) -> pd.DataFrame:
    """Return the checked events; raise ValueError if there are none, or some of another home."""
    if not isinstance(events, pd.DataFrame) or events.empty:
        raise ValueError(
            "The 'rows' parameter must be a table of a home's events. Got none. "
            "Read events with novin_ml.events.read_events."
        )
    events = checked_events(events, ("timestamp",), "The report")
    known = getattr(home_features(model), "homes_", None)  # unfitted features have no home
    homes = () if known is None else events.get("home_id", ())  # the features refuse such a table
    others = sorted(set(map(str, homes)) - set(() if known is None else known))
    if others:
        raise ValueError(
            f"The 'rows' parameter must be events of the baseline's home. Got some of {others[0]!r}"
            " as well. Leave them out."
        )
    return events


def _absent_parts(promise: _Promise, *, has_incidents: bool) -> dict[str, str]:
    """Return a sentence for each part of the report that is absent."""
    absent = {}
    days = plural(promise.required_days, "day", form=".0f")
    if not has_incidents:
        absent["detection"] = (
            "No event has the label 'unusual', so it is not known what would have been found. "
            "Label the events of incidents."
        )
    if promise.state == "learning":
        absent["alarms"] = (
            f"The baseline is learning and never alarms: it needs {days} and has "
            f"{promise.n_days:.0f}. Train it again later."
        )
    if promise.state == "unproven":
        absent["proof"] = (
            f"The alarms are unproven: {days} prove the budget, and the baseline has "
            f"{promise.n_days:.0f}. Train it again later."
        )
    return absent


def _answers(model: Any, events: pd.DataFrame) -> _Answers:
    if not is_monitor(model):
        features = model[:-1].transform(events)
        score = model[-1].score_samples(features)
        return _Answers(features, score, score < model[-1].offset_, [])
    rows = model.score(events)
    alarms = monitor_alarms(events, rows)
    kinds = [
        {
            "kind": kind,
            "state": budget.state,
            "budget": model.budget_of(kind),
            "bound": budget.bound,
            "rate": plain(asdict(alarms.rates[kind])),
        }
        for kind, budget in model.budgets_.items()
    ]
    columns = model.forest_columns(events)
    flags = column_of_events(events, rows, "alarm") == 1
    return _Answers(columns, -column_of_events(events, rows, "score"), flags, kinds, rows)


def _promise(model: Any) -> _Promise:
    if is_monitor(model):
        kind = KINDS[0]
        found = model.budgets_[kind]
        threshold = found.threshold if found.state != "learning" else np.finfo(np.float32).max
        budget = model.budget_of(kind)
        return _Promise(
            found.state, budget, found.bound, float(threshold), model.n_days_, found.required_days
        )
    detector = model[-1]
    return _Promise(
        detector.state_,
        float(detector.alarms_per_week),
        float(detector.alarm_bound_),
        -float(detector.offset_),
        detector.n_days_,
        detector.required_days_,
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
    offset = offsets_of(events)
    local = np.floor((time + offset + _MONDAY)[alarm] / _HOUR).astype(np.int64)
    alarms = pd.DataFrame({"home": events["home_id"].to_numpy()[alarm], "hour": local})
    hour = alarms.drop_duplicates()["hour"].to_numpy(dtype=np.int64) % (7 * 24)
    return np.bincount(hour, minlength=7 * 24).reshape(7, 24).tolist()


def _unusual(
    detector: Any, answers: _Answers, events: pd.DataFrame, consent: np.ndarray
) -> list[dict[str, Any]]:
    features, score = answers.features, answers.score
    places = np.flatnonzero(consent & ~np.isnan(score))
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
                "anomaly_score": -float(score[place]),
                "alarm": bool(answers.alarm[place]),
                "reasons": [_told(each) for each in explain(detector, row, top=_REASONS)],
            }
        )
    return found


def _unusual_moments(
    monitor: HomeMonitor, rows: pd.DataFrame, events: pd.DataFrame, consent: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """Return what was most unusual; a silence tells of all events, an event of itself."""
    among = np.full(len(rows), bool(consent.all()))
    order = np.argsort(events["timestamp"].to_numpy(dtype=np.float64), kind="stable")
    among[rows["kind"].to_numpy() == KINDS[0]] = consent[order[~is_end(events)[order]]]
    numbers = strongest_rows(rows, monitor.budgets_, _SHOWN, among)
    explained = explain_rows(monitor, events, rows=numbers, top=_REASONS)
    return [
        {**each.identity, **each.answer, "reasons": [_told(reason) for reason in each.reasons]}
        for each in explained
    ]


def _told(reason: Reason) -> dict[str, Any]:
    """Return a reason as the report's JSON has it: the text says what the typed words do."""
    return {name: value for name, value in asdict(reason).items() if name != "words"}
