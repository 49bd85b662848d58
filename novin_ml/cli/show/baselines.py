"""Prints what the baselines of homes were trained on, what they promise and what they find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.cli.output import Output
from novin_ml.evaluation import alarms_per_week, detection_delay
from novin_ml.lifecycle import BaselineTrainingResult, FleetReport, FleetScores
from novin_ml.lifecycle.fleet.baselines import first_homes

_SHOWN = 10  # homes whose failure is explained


def show_baseline(result: BaselineTrainingResult, out: Path, output: Output) -> None:
    """Print what the baseline of a home was trained on, and what it promises."""
    detector = result.pipeline[-1]
    output.document |= {
        "estimator": out,
        "trained_on": result.n_trained,
        "left_out_without_consent": result.n_without_consent,
        "state": detector.state_,
        "days": detector.n_days_,
        "required_days": detector.required_days_,
        "offset": detector.offset_,
        "alarms_per_week": detector.alarms_per_week,
        "alarm_bound": detector.alarm_bound_,
    }
    output.line(
        f"trained the baseline of {result.home_id} on {result.n_trained:,} events of "
        f"{detector.n_days_:.0f} days ({result.n_without_consent:,} left out without consent)"
    )
    output.line(promise(detector))
    output.line(f"saved to {out}")


def show_alarms_of_home(
    detector: Any, events: pd.DataFrame, alarm: np.ndarray, output: Output
) -> None:
    """Print how often a baseline alarms, and what it finds where the unusual is labelled."""
    rate = alarms_per_week(events, alarm)
    output.document |= {"state": detector.state_, "alarms": rate}
    output.line(
        f"{detector.state_}: {int(alarm.sum()):,} of {len(events):,} events are unusual to it; "
        f"{rate.n_alarms:,} alarms in {rate.home_weeks:.1f} usual weeks, {rate.per_week:.2f} a "
        f"week ({rate.low:.2f} to {rate.high:.2f} with 95% confidence; budget "
        f"{detector.alarms_per_week:g})"
    )
    if "label" not in events.columns:
        return
    detection = detection_delay(events, alarm)
    output.document["detection"] = detection
    if detection.incidents:
        output.line(
            f"found {detection.n_detected} of {len(detection.incidents)} incidents, half of them "
            f"within {detection.median_delay:.0f} s of their first event"
            if detection.n_detected
            else f"found none of {len(detection.incidents)} incidents"
        )


def promise(detector: Any) -> str:
    """Return what a baseline's threshold promises."""
    if detector.state_ == "learning":
        return (
            f"still learning: scores, but never alarms, before {detector.required_days_:.0f} days "
            "are seen"
        )
    return (
        f"ready: alarms below a score of {detector.offset_:.4f}; "
        f"{detector.n_alarms_in_training_} alarms in what it learnt from, at most "
        f"{detector.alarm_bound_:.2f} a week with {detector.confidence:.0%} confidence "
        f"(budget {detector.alarms_per_week:g}), as long as the home's habits stay"
    )


def show_fleet(report: FleetReport, out: Path, output: Output) -> None:
    """Print what became of the homes of a fleet, and why some could not be fitted."""
    output.add("fleet", report)
    output.document |= {"estimators": out}
    output.line(str(report))
    for home, reason in list(report.failed.items())[:_SHOWN]:
        output.line(f"  {home}: {reason}")


def show_fleet_scores(found: FleetScores, output: Output) -> None:
    """Print how often the baselines of a fleet alarm, and which homes have none."""
    rate, without = found.alarms, found.without_baseline
    output.document |= {
        "homes": found.n_ready + found.n_learning,
        "ready": found.n_ready,
        "learning": found.n_learning,
        "homes_without_baseline": without,
        "alarms": rate,
    }
    output.line(
        f"{found.n_ready:,} homes ready, {found.n_learning:,} learning: "
        f"{found.n_unusual:,} of {found.n_scored:,} events are unusual to their home; "
        f"{rate.n_alarms:,} alarms in {rate.home_weeks:.1f} usual weeks, {rate.per_week:.2f} a "
        f"home and week ({rate.low:.2f} to {rate.high:.2f} with 95% confidence)"
    )
    if without:
        output.line(
            f"no baseline of {len(without):,} homes, {first_homes(without)}: their "
            f"{len(found.scores) - found.n_scored:,} events have empty answers"
        )
