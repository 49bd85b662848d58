"""Golden vectors of a monitor: rows of a home's events and ticks, as Python's stream has them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.coreml.subject import Subject
from novin_ml.coreml.swift._families import ModelFacts
from novin_ml.coreml.swift._requests import of_homes, read_request
from novin_ml.estimators.monitor.rows import (
    FOREST_COLUMNS,
    KINDS,
    event_scores,
    habit_scores,
)
from novin_ml.estimators.tails import Curve
from novin_ml.events import MAX_REQUEST_EVENTS, read_event
from novin_ml.features import ActivityHistory, BehaviorHistory
from novin_ml.features.activity import ActivityRow
from novin_ml.simulation import simulate_behavior

_SEED, _EVENTS, _HOUR = 8, 250, 3_600
#: An alarm that another rounding of the forest's score may change is close: bits of a score.
_CLOSE = 1e-3


def golden_streams(
    facts: ModelFacts,
    subject: Subject,
    history: BehaviorHistory | None,
    activity: ActivityHistory | None,
) -> list[dict[str, Any]]:
    """Return streams of a home, each with its steps: an event or a time, and the rows after it.

    Values are the bits of float32 numbers and must be the same, as must be kinds, times, units,
    sensors and alarms. The scores of silences and activations must be the same float64; those of
    events, of which the forest is a part, are within ``tolerance``.

    Parameters
    ----------
    facts : ModelFacts
    subject : Subject
        The Python model that the export was certified against.
    history : BehaviorHistory or None
        Of the home; None begins with nothing.
    activity : ActivityHistory or None
        Of the home; None begins with nothing.
    """
    return [
        {
            "name": name,
            "continued": is_continued,
            "steps": _answered(
                steps,
                facts,
                subject,
                copy.deepcopy(history)
                if is_continued and history
                else BehaviorHistory(vocabulary=facts.vocabulary),
                activity.copy() if is_continued and activity else ActivityHistory(),
            ),
        }
        for name, steps, is_continued in _streams(history)
    ]


def _streams(
    history: BehaviorHistory | None,
) -> Iterator[tuple[str, list[dict[str, Any]], bool]]:
    events = _simulated(0.0, {})
    yield "a new home", _with_ticks(events), False
    yield "states", _STATES, False
    if history is None:
        return
    known = history.to_dict()
    home = {} if known["home_id"] is None else {"home_id": known["home_id"]}
    yield "the days after", _with_ticks(_simulated(known["time"] / 1000 + _HOUR, home)), True


def _simulated(start: float, home: dict[str, Any]) -> list[dict[str, Any]]:
    log = simulate_behavior(weeks=2, ends=True, unusual_per_month=8, random_state=_SEED)
    if start:
        shift = np.ceil(start - log["timestamp"].iloc[0])
        log = log.assign(timestamp=log["timestamp"] + shift, end=log["end"] + shift)
    (events,) = of_homes(log, _EVENTS)
    return [{**event, **home} for event in events]


def _with_ticks(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let time pass without an event now and then, and for a day and a half in the end."""
    steps: list[dict[str, Any]] = []
    for number, event in enumerate(events):
        if number % 7 == 3:
            before = events[number - 1]["timestamp"]
            steps.append({"advance": (_seconds(before) + _seconds(event["timestamp"])) / 2})
        steps.append({"json": json.dumps({"events": [event]}, ensure_ascii=False)})
    return [*steps, {"advance": _seconds(events[-1]["timestamp"]) + 36 * _HOUR}]


def _seconds(time: Any) -> float:
    return float(time)


def _answered(
    steps: list[dict[str, Any]],
    facts: ModelFacts,
    subject: Subject,
    behavior: BehaviorHistory,
    activity: ActivityHistory,
) -> list[dict[str, Any]]:
    found, columns = [], []
    events = _events_of(steps, facts)
    for step in steps:
        if "advance" in step:
            rows = activity.advance(step["advance"])
        else:
            event = read_event(next(events), vocabulary=facts.vocabulary)
            rows = activity.take(activity.checked(event))
            row = behavior.take(behavior.checked(event))
            if rows and rows[-1].kind == KINDS[0]:
                columns.append([*row, *rows[-1].values[2:4]])
        found.append(rows)
    X = np.array(columns, dtype=np.float32).reshape(-1, len(FOREST_COLUMNS))
    monitor = json.loads(facts.entries["monitor"])
    forest, transition = (
        Curve.from_dict(monitor["curves"][name]) for name in ("forest", "transition")
    )
    habits = habit_scores(X, monitor.get("sensor_hour_weight", 0.0))
    of_events = iter(event_scores(forest, transition, subject.answer(X)[:, 0], habits).tolist())
    return [
        step | {"rows": [_row(each, of_events, monitor["kinds"]) for each in rows]}
        for step, rows in zip(steps, found, strict=True)
    ]


def _events_of(steps: list[dict[str, Any]], facts: ModelFacts) -> Iterator[pd.Series]:
    """Yield the events of steps, read a request at a time."""
    texts = [step["json"] for step in steps if "json" in step]
    for first in range(0, len(texts), MAX_REQUEST_EVENTS):
        events = [json.loads(text)["events"][0] for text in texts[first:][:MAX_REQUEST_EVENTS]]
        table = read_request(json.dumps({"events": events}), facts.vocabulary)
        yield from (event for _, event in table.iterrows())


def _row(row: ActivityRow, of_events: Iterator[float], kinds: dict[str, Any]) -> dict[str, Any]:
    kind, is_event = kinds[row.kind], row.kind == KINDS[0]
    values = np.array(row.values, dtype=np.float32)
    score = next(of_events) if is_event else float(values[0])
    threshold = np.inf if kind["threshold"] is None else kind["threshold"]
    return {
        "kind": row.kind,
        "time": row.time,
        "unit": row.unit,
        "sensor": row.sensor,
        "values": values.view(np.uint32).tolist(),
        "score": score,
        "is_alarm": bool(score > threshold),
        "is_unproven": kind["state"] != "ready",
        "close": is_event and bool(abs(score - threshold) < _CLOSE),
    }


def _state(kind: str, seconds: float, state: str | None, **metadata: Any) -> dict[str, Any]:
    told = {"location": "kitchen", **({} if state is None else {"state": state}), **metadata}
    event = {"type": kind, "timestamp": 1_735_689_600.0 + seconds, "metadata": told}
    return {"json": json.dumps({"events": [event]})}


def _pass(seconds: float) -> dict[str, Any]:
    return {"advance": 1_735_689_600.0 + seconds}


#: States, ends and lengths in the order in which sensors tell them, and times between.
_STATES = [
    _state("door", 10, "open"),
    _pass(2_000),
    _state("door", 2_000, "open"),
    _state("lamp", 2_100, "on", duration=9_000),
    _state("motion", 2_100, None, end=1_735_689_600.0 + 2_400),
    _state("motion", 2_200, None, duration=0),
    _pass(7_300.5),
    _state("door", 20_000, "closed"),
    _state("door", 20_000, "closed"),
    _pass(200_000),
    _state("window", 200_001, "open", utc_offset=3_600),
    _state("lamp", 200_002, "on"),
    _pass(300_000),
    _state("window", 300_001, "closed"),
    _state("lamp", 300_001, "off"),
    _pass(460_000),
]
