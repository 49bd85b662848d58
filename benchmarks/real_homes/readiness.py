"""When a baseline is ready, and what its budget costs in what is found.

The first table has, for each home, the days that a person counts, those that count for the proof,
and the state of a baseline with the default budget that was trained on all of the log. The second
has the share of planted half hours that is found over the alarms a week, by rank, on the days after
training; see ``benchmarks.real_homes.planted``.
"""

from __future__ import annotations

from benchmarks._report import Report, new_table  # first: OpenMP

# isort: split
import numpy as np

from benchmarks.real_homes._layout import Home, local_days
from benchmarks.real_homes._plants import PLANTS, Days
from benchmarks.real_homes.planted import Forest, days_of, rank_thresholds, simulated_days
from novin_ml.estimators import make_behavior_pipeline

ALARMS_A_WEEK = (0.5, 1.0, 2.0, 3.0, 7.0, 14.0)
#: Kinds that the alarms of events are for.
KINDS = ("other home's half hour", "own half hour at 3 am", "rooms swapped")


def show(homes: list[Home], report: Report) -> None:
    """Print the states of baselines, and the share found over alarms a week."""
    options = report.options
    table = new_table(
        "Baselines of the whole logs, with the default budget of one alarm a week",
        ("home", "calendar days", "days that count", "days that prove", "state", "bound"),
    )
    report.figures["readiness"] = {}
    for home in homes:
        detector = make_behavior_pipeline(random_state=options.seed).fit(
            home.events, detector__timestamps=home.events["timestamp"]
        )["detector"]
        times, offsets = (home.events[name].to_numpy() for name in ("timestamp", "utc_offset"))
        calendar = int(np.ptp(local_days(times, offsets))) + 1
        bound = f"{detector.alarm_bound_:.2f}" if detector.alarm_bound_ else "-"
        days = f"{detector.n_days_:.0f}", f"{detector.required_days_:.1f}"
        table.add_row(home.name, str(calendar), *days, detector.state_, bound)
        report.figures["readiness"][home.name] = {
            "calendar_days": calendar, "days": detector.n_days_, "state": detector.state_,
        }  # fmt: skip
    report.show(table)
    for group, every in (
        ("real", [days_of(home, options.test_days) for home in homes]),
        ("simulated", simulated_days(options.homes)),
    ):
        _show_costs(group, every, report)


def _show_costs(group: str, every: list[Days], report: Report) -> None:
    found = {kind: np.zeros((len(every), len(ALARMS_A_WEEK))) for kind in KINDS}
    for row, days in enumerate(every):
        others = [other for other in every if other is not days] or [days]
        forest = Forest(days.training, days.rest, report.options.seed)
        thresholds = np.array(
            [rank_thresholds(forest, days, {"event": rate})["event"] for rate in ALARMS_A_WEEK]
        )
        for number, kind in enumerate(KINDS):
            rng = np.random.default_rng([report.options.seed, number])
            for _ in range(report.options.draws):
                plant = PLANTS[kind](rng, days, others)
                if plant is None:
                    continue
                scored = forest.score(plant.events, plant.start, plant.until)["event"]
                found[kind][row] += scored.score.max(initial=-np.inf) > thresholds
    table = new_table(
        f"Share of planted half hours found in {group} homes, in %, by alarms a week",
        ("anomaly", *(f"{rate:g} a week" for rate in ALARMS_A_WEEK)),
    )
    for kind, counts in found.items():
        shares = 100 * counts.mean(axis=0) / report.options.draws
        table.add_row(kind, *(f"{share:.0f}" for share in shares))
        report.figures["readiness"][f"{group}: {kind}"] = shares.tolist()
    report.show(table)
