"""Alarms per week on quiet simulated homes against the budget, and how unusual nights are found.

Run with ``python -m benchmarks.behavior [--homes 200] [--weeks 26] [--train-weeks 12]``. Each
home's pipeline is fitted on its first weeks and scores the weeks after them, twice: as they were
without incidents, and with incidents planted among the same events.

What is claimed of each home: with the stated confidence over the draw of its training weeks, the
rate of alarms on days like these is within the budget. Days to come are not quite like them; habits
drift, guests and dogs come. What is reported is the share of homes with more alarms than the budget
allows in the weeks after, drift included, against 1 - confidence.
"""

from __future__ import annotations

import argparse
import os

from novin_ml.waiting import SPINS

os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import joblib
import numpy as np
import pandas as pd
from scipy.stats import binomtest, gamma, nbinom, poisson
from sklearn.metrics import roc_auc_score

from novin_ml.estimators import make_behavior_pipeline
from novin_ml.evaluation import Detection, alarms_per_week, detection_delay
from novin_ml.events import training_events
from novin_ml.simulation import simulate_behavior

_WEEK = 604_800.0
_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Home:
    """What was measured at one home; None where it has not consented."""

    n_alarms: int
    weeks: float
    state: str
    n_training_alarms: int
    training_weeks: float  # that count for the threshold
    false_alarms: pd.Series  # hours with an alarm by the circumstance of its first event
    events: pd.Series  # usual events by circumstance
    detection: Detection
    kinds: list[str]  # of the incidents
    auroc: float


def measure(number: int, args: argparse.Namespace) -> Home | None:
    """Fit one home's pipeline on its first weeks, and score the others."""
    quiet, planted = (
        simulate_behavior(
            1,
            weeks=args.weeks,
            unusual_per_month=rate,
            usual_weeks=0 if args.unusual_in_training else args.train_weeks,
            first_home=number,
            circumstances=True,
            random_state=args.seed,
        )
        for rate in (0.0, args.unusual_per_month)
    )
    if not quiet["consent"].all():
        return None
    start = quiet["timestamp"].iloc[0]
    quiet_test, train = (
        table[(table["timestamp"] < start + args.train_weeks * _WEEK) == is_train]
        for table, is_train in ((quiet, False), (planted, True))
    )
    planted_test = planted.iloc[len(train) :]
    model = make_behavior_pipeline(
        alarms_per_week=args.alarms_per_week, confidence=args.confidence, random_state=0
    )
    log, _ = training_events(train)
    model.fit(log, detector__timestamps=log["timestamp"])

    flags = model.predict(quiet_test) == -1
    rate = alarms_per_week(quiet_test, flags)
    hours = quiet_test.loc[flags, "timestamp"] // 3600
    false_alarms = quiet_test.loc[hours.drop_duplicates().index, "circumstance"].value_counts()

    decision = model.decision_function(planted_test)
    detection = detection_delay(planted_test, decision < 0)
    unusual = planted_test["label"] == "unusual"
    kind_of = planted_test[unusual].set_index("timestamp")["circumstance"]
    kinds = [str(kind_of.loc[[incident.start]].iloc[0]) for incident in detection.incidents]
    both = unusual.any()
    return Home(
        rate.n_alarms,
        rate.home_weeks,
        model["detector"].state_,
        model["detector"].n_alarms_in_training_,
        model["detector"].n_days_ / 7,
        false_alarms,
        quiet_test["circumstance"].value_counts(),
        detection,
        kinds,
        float(roc_auc_score(unusual, -decision)) if both else float("nan"),
    )


def binomial_interval(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share (Clopper and Pearson 1934)."""
    low, high = binomtest(k, n).proportion_ci(confidence, method="exact") if n else (0.0, 1.0)
    return float(low), float(high)


def share_of_rates_over(
    alarms: np.ndarray, allowed: np.ndarray, n_resamples: int = 500
) -> tuple[float, float, float]:
    """Estimate the share of homes whose rate is over the budget, and a 95 % interval.

    Rates of homes are taken to follow a gamma law, fitted by the moments of the counts; a count is
    a Poisson draw around its rate. The interval is that of resampled homes.
    """

    def share(rows: np.ndarray) -> float:
        ratio, exposure = alarms[rows] / allowed[rows], allowed[rows]
        mean = alarms[rows].sum() / exposure.sum()
        spread = ratio.var(ddof=1) - mean * np.mean(1 / exposure)
        if spread <= 0:
            return float(mean > 1)
        return float(gamma.sf(1, mean**2 / spread, scale=spread / mean))

    rng, n = np.random.default_rng(0), len(alarms)
    resampled = [share(rng.integers(n, size=n)) for _ in range(n_resamples)]
    low, high = np.quantile(resampled, (0.025, 0.975))
    return share(np.arange(n)), float(low), float(high)


def budget_lines(homes: list[Home], args: argparse.Namespace) -> tuple[list[str], bool]:
    """Say how many homes keep the budget, and whether that is what was claimed."""
    alarms = np.array([home.n_alarms for home in homes])
    allowed = np.array([home.weeks for home in homes]) * args.alarms_per_week
    rates = alarms / allowed * args.alarms_per_week
    over = alarms > allowed
    surely = poisson.sf(alarms - 1, allowed) < _SIGNIFICANT
    low, high = binomial_interval(int(over.sum()), len(homes))
    claimed = 1 - args.confidence
    share, share_low, share_high = share_of_rates_over(alarms, allowed)
    holds = bool(share <= claimed)
    # Were all weeks alike, rates would follow gamma laws, and counts negative binomial ones.
    shape = np.array([home.n_training_alarms + 1 for home in homes])
    trained = np.array([home.training_weeks for home in homes])
    weeks = np.array([home.weeks for home in homes])
    same_rates = gamma.sf(args.alarms_per_week * trained, shape).mean()
    same_counts = nbinom.sf(np.floor(allowed), shape, trained / (trained + weeks)).mean()
    quantiles = ", ".join(f"{q:.0%}: {np.quantile(rates, q):.2f}" for q in (0.5, 0.9, 0.95, 1.0))
    lines = [
        f"alarms per home and week: {alarms.sum() / weeks.sum():.2f} on average (were all weeks "
        f"alike: {np.mean(shape / trained):.2f}), budget {args.alarms_per_week:g}; quantiles over "
        f"homes {quantiles}",
        f"homes with more alarms than the budget: {over.sum()} of {len(homes)}, {over.mean():.1%} "
        f"(95 % interval {low:.1%} to {high:.1%}); were all weeks alike: {same_counts:.1%}, some "
        "of them by chance",
        f"homes whose rate is over the budget, the chance in the counts taken out: {share:.1%} "
        f"(95 % interval {share_low:.1%} to {share_high:.1%}; were all weeks alike: "
        f"{same_rates:.1%}); claimed: at most {claimed:.1%}: "
        + ("holds" if holds else "does not hold"),
        f"homes whose rate is over the budget beyond chance (5 % level): {surely.sum()}",
        f"homes still learning: {sum(home.state != 'ready' for home in homes)}",
    ]
    return lines, holds


def circumstance_table(homes: list[Home]) -> pd.DataFrame:
    """Say what the false alarms are due to."""
    alarms = pd.concat([home.false_alarms for home in homes]).groupby(level=0).sum()
    events = pd.concat([home.events for home in homes]).groupby(level=0).sum()
    table = pd.DataFrame({"alarms": alarms, "events": events}).fillna(0).astype(int)
    table["per 10,000 events"] = (1e4 * table["alarms"] / table["events"]).round(1)
    table["% of alarms"] = (100 * table["alarms"] / table["alarms"].sum()).round(1)
    return table.sort_values("alarms", ascending=False)


def incident_table(homes: list[Home]) -> pd.DataFrame:
    """Say which incidents are found, and after how long."""
    table = pd.DataFrame(_incidents(homes), columns=["incident", "found", "delay", "events"])
    every = table.assign(incident="all")
    groups = pd.concat([table, every]).groupby("incident", sort=True)
    found = groups["found"].sum()
    result = pd.DataFrame({"incidents": groups.size(), "found": found})
    interval = [
        binomial_interval(int(k), int(n)) for k, n in zip(found, groups.size(), strict=True)
    ]
    result["% found"] = (100 * result["found"] / result["incidents"]).round(1)
    result["95 % interval"] = [f"{100 * low:.0f} to {100 * high:.0f}" for low, high in interval]
    result["events each"] = groups["events"].mean().round(1)
    result["median delay, s"] = groups["delay"].median().round(0)
    return result


def _incidents(homes: list[Home]) -> Iterator[tuple[str, bool, float, int]]:
    for home in homes:
        for kind, incident in zip(home.kinds, home.detection.incidents, strict=True):
            yield kind, incident.detected, incident.delay, incident.n_events


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--train-weeks", type=int, default=12)
    parser.add_argument("--alarms-per-week", type=float, default=1.0)
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--unusual-per-month", type=float, default=2.0)
    parser.add_argument(
        "--unusual-in-training", action="store_true", help="incidents in the first weeks as well"
    )
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="of the simulation")
    args = parser.parse_args()
    begin = time.perf_counter()
    measured: list[Home] = []
    number = 0
    while len(measured) < args.homes:  # homes without consent are not counted
        numbers = range(number, number + args.homes - len(measured))
        found = joblib.Parallel(args.jobs)(joblib.delayed(measure)(n, args) for n in numbers)
        measured += [home for home in found if home is not None]
        number = numbers.stop
    print(
        f"{len(measured)} homes, fitted on {args.train_weeks} of {args.weeks} weeks, "
        f"{np.mean([home.events.sum() for home in measured]):,.0f} usual events after that each, "
        f"{time.perf_counter() - begin:.0f} s"
    )
    lines, holds = budget_lines(measured, args)
    print("\n".join(lines))
    print("false alarms by circumstance (an event's own, or of its day)")
    print(circumstance_table(measured).to_string())
    auroc = [home.auroc for home in measured]
    print(f"events of incidents against all others, mean AUROC over homes: {np.nanmean(auroc):.3f}")
    print(incident_table(measured).to_string())
    print("the budget is kept" if holds else "the budget is not kept")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
