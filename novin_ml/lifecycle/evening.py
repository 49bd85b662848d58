"""The first evening with a home's own log: read it, learn its habits, and show what is unusual."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators import HomeMonitor, Reason
from novin_ml.estimators.alarm_budget import STATES
from novin_ml.estimators.monitor.home import thresholds_from
from novin_ml.estimators.monitor.rows import KINDS
from novin_ml.evaluation.explanation import ExplainedRow, explain, explain_rows, happened
from novin_ml.evaluation.report.evening import FirstEvening
from novin_ml.events.doors.mapping import DoorMapping
from novin_ml.events.doors.report import DoorReport
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.activity.steps import is_end
from novin_ml.lifecycle.baseline_training import train_baseline
from novin_ml.lifecycle.evening_log import read_log
from novin_ml.plain import plural

__all__ = ["first_evening"]

#: Shown while nothing is proven, and most alarms that are shown.
_FEW, _MOST = 5, 20
_REASONS = 3
_SEARCHED = 10 * _MOST
_MOST_SENSORS = 30
_HOUR, _WEEK_HOURS = 3_600.0, 168.0
#: From Thursday, 1 January 1970, back to Monday.
_MONDAY_HOURS = 72.0
_MOST_NAMES = 3


def first_evening(
    path: str | os.PathLike[str],
    *,
    home_id: str = "home",
    alarms_per_week: float = 1.0,
    timezone: str | None = None,
    mapping: DoorMapping | None = None,
    vocabulary: Vocabulary | None = None,
    monitor: bool = False,
    random_state: int | None = 0,
) -> FirstEvening:
    """Read what another program keeps of a home, learn its habits, and find what is unusual.

    The door is recognised by the file. Who calls this lets the events be learned from here; neither
    they nor the baseline are kept, and the log itself says no more than before.

    Parameters
    ----------
    path : path
        What `novin_ml.events.doors.recognise` knows, such as a folder of Home Assistant; or files
        of events that were kept, one or a folder of them.
    home_id : str, default="home"
        Name of the home.
    alarms_per_week : float, default=1.0
        Budget of alarms a week.
    timezone : str or None, default=None
        IANA name of the home's time zone. None is that of the files.
    mapping : DoorMapping or None, default=None
        What the sensors are. None guesses.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read by. None is `Vocabulary.home`.
    monitor : bool, default=False
        Whether to learn a `HomeMonitor`, which also finds silences and sensors that stay on. Each
        of these two kinds has a budget of its own, of one alarm a week.
    random_state : int or None, default=0
        Seed of the baseline.

    Returns
    -------
    found : FirstEvening
        The state of the baseline, the unusual events with their reasons, and what is needed for
        more. While the baseline is not ready, the most unusual five are no alarms.

    Raises
    ------
    InvalidEventError
        If the file is of no door or cannot be read, or has fewer than two events.

    See Also
    --------
    train_baseline : The baseline of a home, to keep.
    novin_ml.evaluation.write_evening : Write what was found as a page.

    Examples
    --------
    >>> import sqlite3
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from novin_ml.lifecycle import first_evening
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "home-assistant_v2.db")
    ...     database = sqlite3.connect(path)
    ...     _ = database.execute(
    ...         "CREATE TABLE states (state_id INTEGER PRIMARY KEY, entity_id TEXT, state TEXT,"
    ...         " last_updated_ts REAL, last_changed_ts REAL, attributes TEXT)"
    ...     )
    ...     _ = database.executemany(
    ...         "INSERT INTO states VALUES (NULL, 'binary_sensor.hall', ?, ?, NULL, ?)",
    ...         [
    ...             ("on" if n % 2 else "off", 1.7e9 + 1800 * n, '{"device_class": "motion"}')
    ...             for n in range(400)
    ...         ],
    ...     )
    ...     database.commit()
    ...     database.close()
    ...     found = first_evening(path, timezone="Europe/Berlin")
    >>> found.headline
    'learning: 12 more days at your budget of 1 alarm a week'
    >>> len(found.unusual), found.unusual_title
    (5, 'most unusual so far, unproven')
    """
    events, report = read_log(
        path, home_id=home_id, timezone=timezone, mapping=mapping, vocabulary=vocabulary
    )
    if len(events) < 2:
        raise InvalidEventError(
            "The log of a home must have at least two events to learn from. Got "
            f"{plural(len(events), 'event')}: {report}. {_remedy(report)}"
        )
    trained = train_baseline(
        events.assign(consent=True),
        monitor=monitor,
        alarms_per_week=alarms_per_week,
        random_state=random_state,
    )
    learnt = _learnt_by_monitor if monitor else _learnt
    measured, rows = learnt(trained.pipeline, events)
    sensors, marks = _week_of(events, rows)
    found = FirstEvening(
        home_id=home_id,
        door=report,
        n_events=len(events),
        first_time=float(events["timestamp"].iloc[0]),
        last_time=float(events["timestamp"].iloc[-1]),
        utc_offset=float(events["utc_offset"].iloc[-1]),
        **measured,
        sensors=sensors,
        marks=marks,
    )
    found.needs.extend(_needs(found))
    return found


def _learnt(pipeline: Any, events: pd.DataFrame) -> tuple[dict[str, Any], set[int]]:
    """Return what a baseline says of its log, and the places of the unusual events."""
    detector = pipeline[-1]
    is_ready = detector.state_ == "ready"
    explained = explain_rows(pipeline, events, n_rows=_MOST if is_ready else _FEW, top=_REASONS)
    if is_ready:
        explained = [row for row in explained if row.answer["alarm"]]
    measured = {
        "state": detector.state_,
        "n_days": float(detector.n_days_),
        "required_days": float(detector.required_days_),
        "learning_days": float(detector.learning_days),
        "budget": float(detector.alarms_per_week),
        "bound": float(detector.alarm_bound_),
        "n_alarms": int(np.count_nonzero(pipeline.predict(events) == -1)) if is_ready else 0,
        "unusual": [_shown(row, events) for row in explained],
    }
    return measured, {row.row for row in explained}


def _learnt_by_monitor(
    monitor: HomeMonitor, events: pd.DataFrame
) -> tuple[dict[str, Any], set[int]]:
    """Return what a monitor says of its log, and the places of the unusual events."""
    time = events["timestamp"].to_numpy(dtype=np.float64)
    order = np.argsort(time, kind="stable")
    since = thresholds_from(time[order])
    order = order[~is_end(events)[order]]
    kinds = _kinds_with_rows(monitor)
    budgets = [monitor.budgets_[kind] for kind in kinds]
    states = {budget.state for budget in budgets}
    state = next(each for each in STATES if each in states)
    is_ready = state == "ready"
    # Thresholds do not count what is unusual in the first days of a long log.
    found = monitor.moments(events, n_rows=_SEARCHED, anew=True)
    moments = [moment for moment in found if moment.time >= since]
    if is_ready:
        moments = [moment for moment in moments if moment.alarm]
    moments = moments[: _MOST if is_ready else _FEW]
    measured = {
        "state": state,
        "n_days": float(monitor.n_days_),
        "required_days": float(max(each.required_days for each in budgets)),
        "learning_days": float(monitor.learning_days),
        "budget": sum(map(monitor.budget_of, kinds)),
        "bound": float(sum(each.bound for each in budgets)),
        "n_alarms": sum(each.n_alarms for each in budgets) if is_ready else 0,
        "unusual": [
            {
                "timestamp": moment.time,
                "utc_offset": moment.facts.utc_offset,
                "kind": moment.kind,
                "text": happened(moment),
                "bits": moment.score,
                "alarm": moment.alarm,
                "reasons": _sentences(explain(monitor, moment, top=_REASONS)),
            }
            for moment in moments
        ],
        "kinds": kinds,
    }
    return measured, {int(order[each.place]) for each in moments if each.kind == "event"}


def _kinds_with_rows(monitor: HomeMonitor) -> list[str]:
    """Return the kinds of alarms that there can be: without an end, no sensor stays on."""
    if monitor.n_days_ < monitor.learning_days:
        return list(monitor.budgets_)
    return [kind for kind, budget in monitor.budgets_.items() if budget.state != "learning"]


def _sentences(reasons: Iterable[Reason]) -> list[str]:
    return [
        each.text if each.contribution > 0 else f"{each.text} (speaks against it)"
        for each in reasons
    ]


def _shown(row: ExplainedRow, events: pd.DataFrame) -> dict[str, Any]:
    """Return an unusual event with its reasons as sentences."""
    location = events["location"].iloc[row.row]
    return {
        "timestamp": float(row.identity["timestamp"]),
        "utc_offset": float(row.identity["utc_offset"] or 0.0),
        "type": str(row.identity.get("type") or ""),
        "location": location if isinstance(location, str) else "",
        "anomaly_score": row.answer["anomaly_score"],
        "alarm": row.answer["alarm"],
        "reasons": _sentences(row.reasons),
    }


def _week_of(
    events: pd.DataFrame, unusual: set[int]
) -> tuple[list[str], list[tuple[int, float, bool]]]:
    """Return the rows of the picture, and its events by row and hour of the week."""
    names = list(map(_name_of, events["location"], events["type"]))
    counts = pd.Series(names).value_counts(sort=True)
    sensors = [str(name) for name in counts.index]
    needed = {names[place] for place in unusual}
    kept = [name for place, name in enumerate(sensors) if place < _MOST_SENSORS or name in needed]
    row_of = {name: place for place, name in enumerate(kept)}
    local = events["timestamp"].to_numpy() + events["utc_offset"].to_numpy(dtype=np.float64)
    hours = (local / _HOUR + _MONDAY_HOURS) % _WEEK_HOURS
    return kept, [
        (row_of[name], float(hours[place]), place in unusual)
        for place, name in enumerate(names)
        if name in row_of
    ]


def _name_of(location: Any, kind: str) -> str:
    """Return the name of a sensor in the picture, with its kind unless the location says it."""
    if not isinstance(location, str):
        return kind
    return location if kind in location.lower() else f"{location} ({kind})"


def _needs(found: FirstEvening) -> Iterator[str]:
    """Return what would be needed for more, each as a sentence."""
    days, door = found.missing_days, found.door
    if days:
        needed = plural(found.required_days, "day", form=".0f")
        yield (
            f"{plural(days, 'more day')} of the log, until {needed} prove the budget."
            f"{_larger(found)}"
        )
        if door.door == "home-assistant":
            yield (
                "Home Assistant keeps 10 days unless told otherwise. Set recorder: "
                f"purge_keep_days: {int(2 * found.required_days)} in configuration.yaml, or import "
                "each week into a folder of files, and pass that folder."
            )
    unknown = door.unknown_locations
    if unknown:
        yield (
            f"The zone of {plural(sum(unknown.values()), 'event')} is unknown, of "
            f"{_some(unknown)}. Name it in a mapping (--write-mapping FILE, --mapping FILE)."
        )
    active = [each for each in door.not_read if each.n_active]
    if active:
        yield (
            f"{plural(len(active), 'sensor')} not read, but active: "
            f"{_some([each.name for each in active])}. Give it a kind in a mapping."
        )
    if found.of_monitor and KINDS[2] not in found.kinds:
        yield (
            "No sensor tells when it goes off, so none is found that stays on. Import events with "
            "their ends."
        )
    yield from door.notes


def _larger(found: FirstEvening) -> str:
    """Return a sentence on how many days twice the budget needs; empty if it needs as many."""
    if found.of_monitor:  # whose three budgets add up
        return ""
    days = math.ceil(max(found.required_days / 2, found.learning_days) - found.n_days)
    if days >= found.missing_days:
        return ""
    needs = f"needs {plural(days, 'more day')}" if days > 0 else "needs no more"
    return f" A budget of {plural(2 * found.budget, 'alarm', form='g')} a week {needs}."


def _some(names: Any) -> str:
    first = [str(name) for name in list(names)[:_MOST_NAMES]]
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more:,} more" if more else "")


def _remedy(report: DoorReport) -> str:
    if report.not_read:
        return f"A mapping may have more read, such as {report.not_read[0].remedy}"
    return "Pass the log of some days."
