"""Prints what monitors of homes promise, how often they alarm, and what they find."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from novin_ml.cli.output import Output
from novin_ml.cli.show.baselines import show_detection
from novin_ml.evaluation import MonitorAlarms
from novin_ml.lifecycle import BaselineTrainingResult, FleetRows
from novin_ml.lifecycle.fleet.baselines import first_homes
from novin_ml.plain import plural

#: What the alarms of a kind are called.
WORDS = {"event": "alarms of events", "silence": "silences", "still on": "alarms of what stays on"}


def show_monitor(result: BaselineTrainingResult, out: Path, output: Output) -> None:
    """Print what the monitor of a home was trained on, and what it promises."""
    monitor = result.pipeline
    output.document |= {
        "estimator": out,
        "trained_on": result.n_trained,
        "left_out_without_consent": result.n_without_consent,
        "days": monitor.n_days_,
    }
    output.line(
        f"trained the monitor of {result.home_id} on {plural(result.n_trained, 'event')} "
        f"({result.n_without_consent:,} left out without consent); its thresholds are from "
        + plural(monitor.n_days_, "day", form=".0f")
    )
    show_promises(monitor, output)
    output.line(f"saved to {out}")


def show_promises(monitor: Any, output: Output) -> None:
    """Print what the thresholds of a monitor promise, kind by kind."""
    output.document |= {
        "state": monitor.state_,
        "alarms_per_week": _budgets_of(monitor),
        "budgets": {
            kind: {
                "state": budget.state,
                "threshold": None if budget.state == "learning" else budget.threshold,
                "alarms_in_training": budget.n_alarms,
                "alarm_bound": budget.bound,
                "required_days": budget.required_days,
            }
            for kind, budget in monitor.budgets_.items()
        },
    }
    for kind, per_week in _budgets_of(monitor).items():
        budget = monitor.budgets_[kind]
        if budget.state == "learning":
            days = plural(budget.required_days, "day", form=".0f")
            promise = f"still learning: none before {days} are seen"
        else:
            promise = (
                f"{budget.state}: above {budget.threshold:.2f} bits; {budget.n_alarms:,} in what "
                f"it learnt from, at most {budget.bound:.2f} a week with "
                f"{monitor.confidence:.0%} confidence (budget {per_week:g})"
            )
        output.line(f"  {WORDS[kind]}: {promise}")


def show_alarms_of_monitor(monitor: Any, alarms: MonitorAlarms, output: Output) -> None:
    """Print how often the monitor of a home alarms, kind by kind, and what it finds."""
    output.add("state", monitor.state_)
    _show_rates(alarms, _budgets_of(monitor), output)


def show_fleet_rows(found: FleetRows, output: Output) -> None:
    """Print how often the monitors of a fleet alarm, kind by kind."""
    output.document |= {
        "homes": found.n_ready + found.n_unproven + found.n_learning,
        "ready": found.n_ready,
        "unproven": found.n_unproven,
        "learning": found.n_learning,
        "homes_without_monitor": found.without_monitor,
    }
    output.line(
        f"{plural(found.n_ready, 'home')} ready, {found.n_unproven:,} unproven, "
        f"{found.n_learning:,} learning"
    )
    _show_rates(found.alarms, {}, output)
    if found.without_monitor:
        output.line(
            f"no monitor of {plural(len(found.without_monitor), 'home')}, "
            f"{first_homes(found.without_monitor)}: without rows"
        )


def _budgets_of(monitor: Any) -> dict[str, float]:
    return {kind: monitor.budget_of(kind) for kind in WORDS}


def _show_rates(alarms: MonitorAlarms, budgets: Mapping[str, float], output: Output) -> None:
    output.add("alarms", alarms.rates)
    weeks = alarms.rates["event"].home_weeks
    output.line(f"a home and week, of {weeks:.1f} (with 95% confidence):")
    for kind, rate in alarms.rates.items():
        budget = f"; budget {budgets[kind]:g}" if kind in budgets else ""
        output.line(
            f"  {rate.per_week:.2f} {WORDS[kind]} ({rate.low:.2f} to {rate.high:.2f}{budget}), "
            f"{rate.n_alarms:,} in all"
        )
    if alarms.detection is not None:
        show_detection(alarms.detection, output)
