"""Which simulated incidents are found: people in a home who do not live there, as sensors see them.

A simulated home is trained on its first twelve weeks, without incidents. Fourteen weeks follow,
once without incidents and once with them among the same events. The threshold is a rank: without
incidents these weeks have one alarm of events a week. The second figure is by the model's own
threshold, which is proven on the training weeks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks._report import Report, new_table  # first: OpenMP

# isort: split
import numpy as np
import pandas as pd

from benchmarks.real_homes._layout import Home
from benchmarks.real_homes.planted import HOUR, WEEK
from novin_ml.estimators import HomeMonitor, make_behavior_pipeline
from novin_ml.evaluation import detection_delay
from novin_ml.evaluation.alarms.monitors import column_of_events
from novin_ml.simulation import simulate_behavior

_WEEKS, _TRAINING_WEEKS = 26, 12
_ALARMS_A_WEEK, _PER_MONTH = 1.0, 2.0


class _Scores(NamedTuple):
    """Scores of the events of a home after training, higher is more unusual, and alarms."""

    quiet: np.ndarray
    planted: np.ndarray
    proven: np.ndarray


def show(homes: list[Home], report: Report) -> None:
    """Print the share of incidents found, by kind."""
    options = report.options
    found: dict[str, dict[str, list[tuple[bool, bool]]]] = {}
    for quiet, planted in _simulated(options.homes, options.seed):
        start = quiet["timestamp"].iloc[0] + _TRAINING_WEEKS * WEEK
        training = quiet[quiet["timestamp"] < start]
        late, incidents = (log[log["timestamp"] >= start] for log in (quiet, planted))
        for name, score in (("the forest", _forest), ("HomeMonitor", _monitor)):
            scores = score(training, late, incidents, options.seed)
            of_method = found.setdefault(name, defaultdict(list))
            for kind, each in _incidents(scores, late, incidents):
                of_method[kind].append(each)
                of_method["all"].append(each)
        report.progress(f"{training['home_id'].iloc[0]}: {len(incidents):,} events")
    table = new_table(
        "Simulated incidents found at one alarm a week, in %: by rank / proven budget",
        ("incident", "number", *found),
    )
    first = next(iter(found.values()))
    for kind in (*sorted(set(first) - {"all"}), "all"):
        shares = [100 * np.mean(of_method[kind], axis=0) for of_method in found.values()]
        cells = [f"{by_rank:.0f} / {proven:.0f}" for by_rank, proven in shares]
        table.add_row(kind, f"{len(first[kind])}", *cells)
    report.show(table)
    report.figures["incidents"] = {name: dict(of_method) for name, of_method in found.items()}


def _simulated(n_homes: int, seed: int) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield the logs of homes that have consented, without incidents and with them."""
    number = 0
    while n_homes:
        quiet, planted = (
            simulate_behavior(
                weeks=_WEEKS,
                usual_weeks=_TRAINING_WEEKS,
                unusual_per_month=rate,
                first_home=number,
                circumstances=True,
                random_state=seed,
            )
            for rate in (0.0, _PER_MONTH)
        )
        number += 1
        if quiet["consent"].all():
            n_homes -= 1
            yield quiet, planted


def _forest(
    training: pd.DataFrame, late: pd.DataFrame, incidents: pd.DataFrame, seed: int
) -> _Scores:
    model = make_behavior_pipeline(alarms_per_week=_ALARMS_A_WEEK, random_state=seed)
    model.fit(training, detector__timestamps=training["timestamp"])
    quiet, planted = (-model.decision_function(log) for log in (late, incidents))
    return _Scores(quiet, planted, planted > 0)


def _monitor(
    training: pd.DataFrame, late: pd.DataFrame, incidents: pd.DataFrame, seed: int
) -> _Scores:
    model = HomeMonitor(alarms_per_week=_ALARMS_A_WEEK, random_state=seed).fit(training)
    rows, with_incidents = model.score(late), model.score(incidents)
    return _Scores(
        column_of_events(late, rows, "score"),
        column_of_events(incidents, with_incidents, "score"),
        column_of_events(incidents, with_incidents, "alarm") == 1,
    )


def _incidents(
    scores: _Scores, late: pd.DataFrame, incidents: pd.DataFrame
) -> Iterator[tuple[str, tuple[bool, bool]]]:
    """Yield the kind of each incident, and whether it was found by rank and by proof."""
    hours = np.floor(late["timestamp"].to_numpy() / HOUR)
    highest = pd.Series(scores.quiet).groupby(hours).max().sort_values(ascending=False).to_numpy()
    weeks = (late["timestamp"].iloc[-1] - late["timestamp"].iloc[0]) / WEEK
    threshold = highest[round(_ALARMS_A_WEEK * weeks)]
    unusual = incidents[incidents["label"] == "unusual"]
    kind_at = dict(zip(unusual["timestamp"], unusual["circumstance"], strict=True))
    flags = scores.planted > threshold
    found = (detection_delay(incidents, each).incidents for each in (flags, scores.proven))
    for by_rank, proven in zip(*found, strict=True):
        yield str(kind_at[by_rank.start]), (by_rank.detected, proven.detected)
