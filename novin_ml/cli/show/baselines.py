"""Prints the training, the bounds and the alarms of baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.cli.output import Output
from novin_ml.evaluation import Detection, alarms_per_week, detection_delay
from novin_ml.lifecycle import BaselineTrainingResult, FleetReport, FleetScores
from novin_ml.lifecycle.fleet.baselines import first_homes
from novin_ml.plain import plural

_SHOWN = 10  # homes whose failure is explained


def show_baseline(result: BaselineTrainingResult, out: Path, output: Output) -> None:
    """Print the training of a home's baseline, and its bound on alarms."""
    detector = result.pipeline[-1]
    output.document |= {
        "estimator": out,
        "trained_on": result.n_trained,
        "left_out_without_consent": result.n_without_consent,
        "state": detector.state_,
        "days": detector.n_days_,
        "required_days": detector.required_days_,
        "threshold": -detector.offset_,
        "alarms_per_week": detector.alarms_per_week,
        "alarm_bound": detector.alarm_bound_,
    }
    output.line(
        f"trained the baseline of {result.home_id} on {plural(result.n_trained, 'event')} of "
        f"{plural(detector.n_days_, 'day', form='.0f')} ({result.n_without_consent:,} left out "
        "without consent)"
    )
    output.line(promise(detector))
    output.line(f"saved to {out}")


def show_alarms_of_home(
    detector: Any, events: pd.DataFrame, alarm: np.ndarray, output: Output
) -> None:
    """Print how often a baseline alarms, and the incidents that it finds, if there are labels."""
    rate = alarms_per_week(events, alarm)
    output.document |= {"state": detector.state_, "alarms": rate}
    output.line(
        f"{detector.state_}: {int(alarm.sum()):,} of {plural(len(events), 'event')} unusual; "
        f"{plural(rate.n_alarms, 'alarm')} in {rate.home_weeks:.1f} usual weeks, "
        f"{rate.per_week:.2f} a week ({rate.low:.2f} to {rate.high:.2f} with 95% confidence; "
        f"budget {detector.alarms_per_week:g})"
    )
    if "label" not in events.columns:
        return
    show_detection(detection_delay(events, alarm), output)


def show_detection(detection: Detection, output: Output) -> None:
    """Print which incidents were found, and how soon."""
    output.document["detection"] = detection
    if detection.incidents:
        output.line(
            f"found {detection.n_detected} of {plural(len(detection.incidents), 'incident')}, "
            f"half of them within {detection.median_delay:.0f} s of their first event"
            if detection.n_detected
            else f"found none of {plural(len(detection.incidents), 'incident')}"
        )


def promise(detector: Any) -> str:
    """Return a sentence about the bound of a baseline's threshold."""
    if detector.state_ == "learning":
        return (
            f"still learning: scores, but never alarms, before it has seen "
            f"{plural(detector.required_days_, 'day', form='.0f')}"
        )
    if detector.state_ == "unproven":
        return (
            f"unproven: alarms above an anomaly score of {-detector.offset_:.4f}, the highest in "
            f"training; at most {detector.alarm_bound_:.2f} a week with "
            f"{detector.confidence:.0%} confidence, above the budget of "
            f"{detector.alarms_per_week:g}, until it has seen "
            f"{plural(detector.required_days_, 'day', form='.0f')}"
        )
    return (
        f"ready: alarms above an anomaly score of {-detector.offset_:.4f}; "
        f"{plural(detector.n_alarms_in_training_, 'alarm')} in training, at most "
        f"{detector.alarm_bound_:.2f} a week with {detector.confidence:.0%} confidence "
        f"(budget {detector.alarms_per_week:g}), if the home's habits stay the same"
    )


def show_fleet(report: FleetReport, out: Path, output: Output) -> None:
    """Print the report of a fleet, and why some homes could not be fitted."""
    output.add("fleet", report)
    output.document |= {"estimators": out}
    output.line(str(report))
    for home, reason in list(report.failed.items())[:_SHOWN]:
        output.line(f"  {home}: {reason}")


def show_fleet_scores(found: FleetScores, output: Output) -> None:
    """Print how often the baselines of a fleet alarm, and which homes have none."""
    rate, without = found.alarms, found.without_baseline
    output.document |= {
        "homes": found.n_ready + found.n_unproven + found.n_learning,
        "ready": found.n_ready,
        "unproven": found.n_unproven,
        "learning": found.n_learning,
        "homes_without_baseline": without,
        "alarms": rate,
    }
    output.line(
        f"{plural(found.n_ready, 'home')} ready, {found.n_unproven:,} unproven, "
        f"{found.n_learning:,} learning: "
        f"{found.n_unusual:,} of {plural(found.n_scored, 'event')} unusual to their home; "
        f"{plural(rate.n_alarms, 'alarm')} in {rate.home_weeks:.1f} usual weeks, "
        f"{rate.per_week:.2f} a home and week ({rate.low:.2f} to {rate.high:.2f} "
        "with 95% confidence)"
    )
    if without:
        output.line(
            f"no baseline for {plural(len(without), 'home')}, {first_homes(without)}: "
            f"{plural(len(found.scores) - found.n_scored, 'event')} with empty answers"
        )
