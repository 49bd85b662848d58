"""A model's answer for each row, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from novin_ml.cli.output import Output, in_options
from novin_ml.cli.reading import load
from novin_ml.cli.show.baselines import show_alarms_of_home, show_fleet_scores
from novin_ml.cli.show.monitors import show_alarms_of_monitor, show_fleet_rows
from novin_ml.cli.training_data import check_training_data, show_training_data
from novin_ml.cli.vocabulary import read_as
from novin_ml.estimators.home_models import is_monitor
from novin_ml.estimators.outcomes import outcomes
from novin_ml.evaluation import monitor_alarms
from novin_ml.lifecycle import events_of_home, is_fleet, load_fleet, score_fleet, watch_fleet


def load_fleet_or_model(folder: Path) -> Any:
    """Load a trained pipeline, or return None for a fleet; events are read as its homes are."""
    if not is_fleet(folder):
        return load(folder, monitors=True)
    fleet = load_fleet(folder)
    first = next(iter(fleet), None)
    if first is not None:
        read_as(fleet[first])
    return None


def alarms_of_fleet(
    folder: Path, events: pd.DataFrame, output: Output, *, refuse: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table, and the answers beside it: of its events, or the rows of monitors."""
    fleet = load_fleet(folder)
    first = next((home for home in events["home_id"].unique() if home in fleet), None)
    with in_options("Train them with train behavior --by home_id."):
        if first is not None and is_monitor(fleet[first]):
            watched = watch_fleet(fleet, events)
            show_training_data(watched.training_data, output, refuse=refuse)
            show_fleet_rows(watched, output)
            return watched.rows[[]], watched.rows
        found = score_fleet(fleet, events)
    show_training_data(found.training_data, output, refuse=refuse)
    show_fleet_scores(found, output)
    return events, found.scores


def alarms_of_monitor(
    monitor: Any, events: pd.DataFrame, output: Output, *, refuse: bool
) -> pd.DataFrame:
    """Return the rows of a home's events, silences and activations."""
    with in_options("Score its events alone, or train behavior --by home_id --monitor."):
        events_of_home(monitor, events)
    check_training_data(monitor, events, output, refuse=refuse)
    rows: pd.DataFrame = monitor.score(events)
    show_alarms_of_monitor(monitor, monitor_alarms(events, rows), output)
    return rows


def alarms(pipeline: Any, events: pd.DataFrame, output: Output, *, refuse: bool) -> pd.DataFrame:
    """Return the anomaly score of each event of a home, and whether it is an alarm."""
    remedy = "Score its events alone, or train behavior --by home_id and score with that."
    with in_options(remedy):
        events_of_home(pipeline, events)
    check_training_data(pipeline, events, output, refuse=refuse)
    detector = pipeline[-1]
    score = pipeline.score_samples(events)
    alarm = score < detector.offset_
    show_alarms_of_home(detector, events, alarm, output)
    return pd.DataFrame({"anomaly_score": -score, "threshold": -detector.offset_, "alarm": alarm})


def probabilities(pipeline: Any, rows: Any) -> pd.DataFrame:
    """Return the answer for each row, whether it stands, and the probability of each label."""
    probabilities = pipeline.predict_proba(rows)
    answers = pd.DataFrame(
        probabilities, columns=[f"probability_{label}" for label in pipeline.classes_]
    )
    answers.insert(0, "predicted", pipeline.classes_[probabilities.argmax(axis=1)])
    answers.insert(1, "outcome", outcomes(pipeline, rows, probabilities))
    return answers
