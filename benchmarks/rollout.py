"""How often a rollout that is looked at every day stops for nothing, and how often rightly.

Run as ``python -m benchmarks.rollout [--draws 500] [--homes 300]``. Homes have alarms at rates of
their own: gamma distributed, with a coefficient of variation of 1. Days are Poisson. The candidate
has as many alarms as the control ("stops for nothing"), or half as many ("finds half as many").
Each rule looks on each of 60 days:

- the library's "spending" (fixed end) and "sequence" (open end);
- a t test over homes every day, stopping at p < .05;
- a t test over days of homes every day, stopping at p < .05;
- a single t test over homes at the end, for the power that looking costs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import binomtest, ttest_ind

from benchmarks._host import host_line
from novin_ml.lifecycle import look_at_rollout

DAYS = 60
RATE = 0.3
SIZES = ((30, 0.5), (100, 0.5), (300, 0.1))
DATES = pd.date_range("2026-03-01", periods=DAYS).strftime("%Y-%m-%d").to_numpy()


def draw(n_homes: int, share: float, effect: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return the outcomes of one rollout."""
    rates = RATE * rng.gamma(1.0, 1.0, n_homes)
    has = rng.permutation(n_homes) < round(share * n_homes)
    alarms = rng.poisson((rates * np.where(has, effect, 1.0))[:, np.newaxis], (n_homes, DAYS))
    return pd.DataFrame(
        {
            "home_id": np.repeat([f"home-{home}" for home in range(n_homes)], DAYS),
            "date": np.tile(DATES, n_homes),
            "variant": np.repeat(np.where(has, "B", "A"), DAYS),
            "value": alarms.ravel(),
        }
    )


def by_home(outcomes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return alarms by home and day, and which homes have the candidate."""
    alarms = outcomes["value"].to_numpy().reshape(-1, DAYS)
    return alarms, outcomes["variant"].to_numpy().reshape(-1, DAYS)[:, 0] == "B"


def daily_t_of_homes(outcomes: pd.DataFrame) -> bool:
    """Whether a daily t test over homes ever stops; the first look is after a week."""
    alarms, has = by_home(outcomes)
    means = alarms.cumsum(axis=1)[:, 6:] / np.arange(7, DAYS + 1)
    return bool((ttest_ind(means[has], means[~has], equal_var=False).pvalue < 0.05).any())


def daily_t_of_days(outcomes: pd.DataFrame) -> bool:
    """Whether a daily t test over days of homes ever stops."""
    alarms, has = by_home(outcomes)
    return any(
        ttest_ind(alarms[has, :day].ravel(), alarms[~has, :day].ravel()).pvalue < 0.05
        for day in range(7, DAYS + 1)
    )


def t_at_the_end(outcomes: pd.DataFrame) -> bool:
    """Whether a single t test over homes finds a difference."""
    alarms, has = by_home(outcomes)
    means = alarms.mean(axis=1)
    return bool(ttest_ind(means[has], means[~has], equal_var=False).pvalue < 0.05)


def stops(**options: object) -> Callable[[pd.DataFrame], bool]:
    """Return whether a rule of the library ever decides."""
    return lambda outcomes: (
        look_at_rollout(outcomes, "A", "B", **options).decision in ("better", "worse")
    )


RULES: dict[str, Callable[[pd.DataFrame], bool]] = {
    "spending, fixed end": stops(days=DAYS),
    "sequence, open end": stops(rule="sequence", days_of_home=7),
    "t over homes, daily": daily_t_of_homes,
    "t over days of homes, daily": daily_t_of_days,
    "t over homes, once at the end": t_at_the_end,
}


def shares(n_draws: int, effect: float, n_homes: int, share: float, seed: int) -> dict[str, int]:
    """Return how often each rule decides."""
    rng = np.random.default_rng(seed)
    counts = dict.fromkeys(RULES, 0)
    for _ in range(n_draws):
        outcomes = draw(n_homes, share, effect, rng)
        for name, decides in RULES.items():
            counts[name] += decides(outcomes)
    return counts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--homes",
        type=int,
        choices=[n_homes for n_homes, _ in SIZES],
        help="the size with so many homes alone; the numbers are the same",
    )
    options = parser.parse_args()
    print(host_line())
    print(f"\n{options.draws} rollouts a cell, {DAYS} days; percent with their 95 % interval\n")
    print("| homes, share of the candidate | rule | stops for nothing | finds half as many |")
    print("| --- | --- | ---: | ---: |")
    for n_homes, share in SIZES:
        if options.homes not in (None, n_homes):
            continue
        cells = [
            shares(options.draws, effect, n_homes, share, options.seed + part)
            for part, effect in enumerate((1.0, 0.5))
        ]
        for name in RULES:
            texts = []
            for counts in cells:
                low, high = binomtest(counts[name], options.draws).proportion_ci(method="exact")
                found = 100 * counts[name] / options.draws
                texts.append(f"{found:.1f} ({100 * low:.1f} to {100 * high:.1f})")
            print(f"| {n_homes}, {share:.0%} | {name} | {' | '.join(texts)} |", flush=True)


if __name__ == "__main__":
    main()
