"""The autoencoder of a baseline, which a phone can train, beside the forest at the same budget.

Both read the 17 columns of `BehaviorFeatures`. Anomalies are planted as in
``benchmarks.real_homes planted``; found is what alarms at thresholds by which the days without a
plant have three alarms of events a week.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._datasets import SHARED
from benchmarks._report import Report, new_table
from benchmarks.federated._kept import Kept
from benchmarks.real_homes._layout import read_homes
from benchmarks.real_homes._plants import PLANTS, Days
from benchmarks.real_homes.planted import (
    HOUR,
    Forest,
    Scored,
    days_of,
    is_found,
    rank_thresholds,
    simulated_days,
)
from novin_ml import BehaviorAnomalyDetector
from novin_ml.features import BehaviorFeatures

#: Plants of events; silences and what stays on have no row of events.
KINDS = ("other home's half hour", "own half hour at 3 am", "rooms swapped")
LAYERS = {"autoencoder 12-6-12": (12, 6, 12), "autoencoder 6": (6,)}


class Autoencoder:
    """The score of a network that returns its own input."""

    ready: frozenset[str] = frozenset()

    def __init__(self, training: pd.DataFrame, seed: int, layers: tuple[int, ...]) -> None:
        self._features = BehaviorFeatures(one_home=True).fit(training)
        # The rows of the log itself, each by the events before it, as the forest is trained.
        rows = BehaviorFeatures(one_home=True).transform(training)
        self._detector = BehaviorAnomalyDetector(
            algorithm="autoencoder",
            learner_params={"hidden_layer_sizes": layers},
            random_state=seed,
        ).fit(rows)

    def score(self, events: pd.DataFrame, start: float, until: float) -> Mapping[str, Scored]:
        """Score the events of the window."""
        time = events["timestamp"].to_numpy()
        rows = self._features.transform(events[time <= until])
        time = time[time <= until]
        here = time >= start
        error = -self._detector.score_samples(rows[here])
        hours = np.floor(time[here] / HOUR).astype(np.int64)
        return {"event": Scored(time[here], hours, error, np.zeros(len(error), bool))}


def shares(days: Days, others: list[Days], method: Any, draws: int, seed: int) -> dict[str, float]:
    """Return the share found of each kind, in percent."""
    thresholds = rank_thresholds(method, days)
    found = {}
    for number, kind in enumerate(KINDS):
        rng = np.random.default_rng([seed, number])
        plants = [PLANTS[kind](rng, days, others) for _ in range(draws)]
        answers = [is_found(method, thresholds, each).by_rank for each in plants if each]
        found[kind] = 100 * float(np.mean(answers))
    return found


def show(options: Namespace, report: Report) -> None:
    """Print what forests and networks find in simulated and in real homes."""
    kept = Kept(options.kept, options.seconds)
    groups = {"simulated": simulated_days(options.test_homes)}
    try:
        groups["real"] = [days_of(home, None) for home in read_homes(SHARED)]
    except FileNotFoundError:
        report.say(f"No real homes in {SHARED}: left out.")
    for group, every in groups.items():
        table = new_table(
            f"{len(every)} {group} homes: planted anomalies found at 3 alarms a week, in %",
            ("baseline", *KINDS),
        )
        for name in ("forest", *LAYERS):
            rows = []
            for days in every:
                others = [other for other in every if other is not days] or [days]

                def tried(d: Days = days, o: list[Days] = others, n: str = name) -> Any:
                    method: Any = (
                        Forest(d.training, d.rest, options.seed)
                        if n == "forest"
                        else Autoencoder(d.training, options.seed, LAYERS[n])
                    )
                    return shares(d, o, method, options.draws, options.seed)

                found = kept.get(
                    f"{name}, {group} {days.name}, {options.draws} draws, seed {options.seed}",
                    tried,
                )
                if found is None:
                    kept.say(report)
                    return
                rows.append(found)
            cells = [f"{np.mean([row[kind] for row in rows]):.0f}" for kind in KINDS]
            table.add_row(name, *cells)
        report.show(table)
