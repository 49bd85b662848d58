"""How often promises about new homes break: budgets of false alarms, and ranges of coverage.

Run as ``python -m benchmarks.promises [--draws 200] [--homes 10,20,50,150] [--small]``. Homes are
drawn from a population again and again; a threshold and a cut are chosen on each draw, and judged
by the whole population: by wisdm's people as homes (60 windows count as a week), by simulated
homes, and by the law of made-up ones. Draws are with replacement, so that the population is what
the homes come from, however few it has. Beside the bounds over homes stands that of version 0.1.0,
which takes false alarms as Poisson over rows. A budget is one false alarm per home and week, of
each label; an error rate is .1.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks._report import Report, add_report_options, new_table  # first: OpenMP

# isort: split
import numpy as np
from scipy.special import betaincinv
from scipy.stats import binomtest, t

from benchmarks._datasets import SHARED
from benchmarks._promise_homes import MADE_UP, WINDOWS_A_WEEK, Draw, MadeUp, Pool, people, simulated
from novin_ml.estimators.alarm_budget import poisson_upper
from novin_ml.evaluation.alarms import lowest_threshold
from novin_ml.evaluation.decisions import _home_bounds as bounds
from novin_ml.evaluation.decisions._conformal_report import rank_of_cut
from novin_ml.evaluation.decisions._home_bands import (
    FEWEST_HOMES,
    cut_for_new_home,
    fewest_homes_for,
    share_band,
)

BUDGET, CONFIDENCE, ERROR_RATE = 1.0, 0.95, 0.1
_CAP = bounds.CAP * BUDGET

Population = Pool | MadeUp


class Broken(NamedTuple):
    """How often a promise broke, in how many draws; and what was found, on average."""

    n_over: int
    n_draws: int
    found: float

    def __str__(self) -> str:
        low, high = binomtest(self.n_over, self.n_draws).proportion_ci(method="exact")
        share = self.n_over / self.n_draws
        return f"{100 * share:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def by_rows(draw: Draw) -> int | None:
    """Return how many false alarms version 0.1.0 allows."""
    weeks = draw.weeks.sum()
    most = min(len(draw.scores), int(BUDGET * weeks))
    uppers = poisson_upper(np.arange(most + 1), CONFIDENCE) / weeks
    return int(np.sum(uppers <= BUDGET)) - 1 if uppers[0] <= BUDGET else None


def by_quasi_poisson(draw: Draw) -> int | None:
    """Return how many false alarms the approximate bound over homes allows."""
    if poisson_upper(np.array(0), CONFIDENCE) / draw.weeks.sum() > BUDGET:
        return None
    return bounds.allowed_alarms(
        draw.scores, draw.home, draw.weeks, BUDGET, CONFIDENCE, bounds.QUASI_POISSON
    )


def by_betting(draw: Draw) -> int | None:
    """Return how many false alarms the betting bound over homes allows."""
    if len(draw.weeks) < bounds.fewest_homes_to_bet(CONFIDENCE):
        return None
    return bounds.allowed_alarms(
        draw.scores, draw.home, draw.weeks, BUDGET, CONFIDENCE, bounds.BETTING
    )


def by_both(draw: Draw) -> int | None:
    """Return how many false alarms both bounds allow, as they must from 100 homes on."""
    if len(draw.weeks) < bounds.ENOUGH_HOMES:
        return None
    return bounds.allowed_alarms(draw.scores, draw.home, draw.weeks, BUDGET, CONFIDENCE)


METHODS: dict[str, Callable[[Draw], int | None]] = {
    "Poisson over rows": by_rows,
    "quasi-Poisson": by_quasi_poisson,
    "betting": by_betting,
    "both": by_both,
}
# What the betting bound is of: the mean over homes of their rates, each at most 10 budgets.
CLIPPED = "betting, its own rate"


def broken_budgets(
    population: Population, n_homes: int, n_draws: int, seed: int = 0
) -> dict[str, dict[int, Broken]]:
    """Return how often the true rate was over the budget, by method and by label.

    `CLIPPED` judges the betting bound by what it promises: the mean over homes of clipped rates.
    """
    rng = np.random.default_rng(seed)
    names = [*METHODS, CLIPPED]
    over = {name: dict.fromkeys(population.alarm_labels, 0) for name in names}
    found: dict[str, dict[int, list[float]]] = {
        name: {label: [] for label in population.alarm_labels} for name in names
    }
    for _ in range(n_draws):
        for label in population.alarm_labels:
            draw = population.false_alarms(label, n_homes, rng)
            for name, method in METHODS.items():
                n_allowed = method(draw)
                if n_allowed is None:
                    continue
                threshold = max(0.0, float(lowest_threshold(draw.scores, n_allowed)))
                rate, clipped = population.true_rates(label, threshold, _CAP)
                over[name][label] += rate > BUDGET
                found[name][label].append(population.found(label, threshold))
                if method is by_betting:
                    over[CLIPPED][label] += clipped > BUDGET
                    found[CLIPPED][label].append(found[name][label][-1])
    return {
        name: {
            label: Broken(over[name][label], len(each), float(np.mean(each)))
            for label, each in of_label.items()
            if each
        }
        for name, of_label in found.items()
    }


def broken_ranges(
    population: Population, n_homes: int, n_draws: int, seed: int = 0
) -> dict[str, Any]:
    """Return how often the true coverage was outside the range of rows, and of homes.

    ``row`` and ``home`` are the coverages of a row of a new home in each draw, by both units.
    """
    rng = np.random.default_rng(seed)
    outside = {"rows": 0, "homes": 0}
    new_home: dict[str, list[float]] = {"row": [], "home": []}
    for _ in range(n_draws):
        draw = population.right(n_homes, rng)
        n = len(draw.of_right)
        rank = rank_of_cut(n, ERROR_RATE)
        cut = np.sort(draw.of_right)[rank - 1] if rank else np.float32(0)
        of_rows, of_home = population.true_coverage(float(cut))
        low, high = betaincinv(n + 1 - rank, rank, [0.025, 0.975]) if rank else (1.0, 1.0)
        outside["rows"] += not low <= of_rows <= high
        low, high = share_band(draw.of_right >= cut, draw.home, CONFIDENCE)
        outside["homes"] += not low <= of_rows <= high
        new_home["row"].append(of_home)
        if n_homes >= fewest_homes_for(ERROR_RATE):
            cut = cut_for_new_home(draw.of_right, draw.home, ERROR_RATE)
            new_home["home"].append(population.true_coverage(float(cut))[1])
    broken = {name: Broken(number, n_draws, np.nan) for name, number in outside.items()}
    if n_homes < FEWEST_HOMES:
        del broken["homes"]
    return {**broken, **new_home}


def budget_rows(
    report: Report, name: str, population: Population, sizes: list[int], n_draws: int
) -> list[list[str]]:
    """Return the rows of a population, by number of homes."""
    rows = []
    for n_homes in sizes:
        by_method = broken_budgets(population, n_homes, n_draws)
        report.figures.setdefault("budgets", {}).setdefault(name, {})[n_homes] = {
            method: {label: each._asdict() for label, each in labels.items()}
            for method, labels in by_method.items()
        }
        cells, spent = [], []
        for labels in by_method.values():
            if not labels:
                cells.append("")
                spent.append("")
                continue
            pooled = _pooled(list(labels.values()))
            cells.append(str(pooled))
            if len(labels) > 1:
                worst = max(labels.values(), key=lambda each: each.n_over / each.n_draws)
                cells[-1] += f", worst label {100 * worst.n_over / worst.n_draws:.0f}"
            spent.append(f"{100 * pooled.found:.0f}")
        rows.append([name, str(n_homes), _promise(n_homes), *cells, " / ".join(spent[:-1])])
        report.progress(f"{name}, {n_homes} homes: {cells}")
    return rows


def range_rows(
    report: Report, name: str, population: Population, sizes: list[int], n_draws: int
) -> list[list[str]]:
    """Return the rows of a population, by number of homes."""
    rows = []
    for n_homes in sizes:
        found = broken_ranges(population, n_homes, n_draws)
        report.figures.setdefault("ranges", {}).setdefault(name, {})[n_homes] = {
            key: each._asdict() if isinstance(each, Broken) else each for key, each in found.items()
        }
        rows.append(
            [
                name,
                str(n_homes),
                str(found["rows"]),
                str(found.get("homes", "refused")),
                _mean_missed(found["row"]),
                _mean_missed(found["home"]) if found["home"] else "refused",
            ]
        )
    return rows


def _pooled(labels: list[Broken]) -> Broken:
    """Return all labels together: each draw of each counts."""
    n_draws = sum(each.n_draws for each in labels)
    found = sum(each.found * each.n_draws for each in labels) / n_draws
    return Broken(sum(each.n_over for each in labels), n_draws, found)


def _promise(n_homes: int) -> str:
    if n_homes < bounds.FEWEST_HOMES:
        return "none"
    return "betting" if n_homes >= bounds.ENOUGH_HOMES else "quasi-Poisson"


def _mean_missed(coverage: list[float]) -> str:
    missed = 100 * (1 - np.array(coverage))
    reach = t.ppf(0.975, len(missed) - 1) * missed.std(ddof=1) / np.sqrt(len(missed))
    return f"{missed.mean():.1f} ({missed.mean() - reach:.1f} to {missed.mean() + reach:.1f})"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--homes", default="10,20,50,150", help="numbers of homes that are drawn")
    parser.add_argument("--small", action="store_true", help="10 draws, two sizes, small pools")
    add_report_options(parser)
    options = parser.parse_args()
    n_draws = 10 if options.small else options.draws
    sizes = [10, 40] if options.small else [int(each) for each in options.homes.split(",")]
    epochs, n_pool, n_chains = (5, 40, 4_000) if options.small else (None, 300, 51_000)
    report = Report(options, "promises", "scipy")
    populations: dict[str, Population] = {}
    if (options.data / "wisdm").is_dir():
        populations["wisdm's people"] = people(options.data, epochs)
    else:
        report.say(f"wisdm is not in {options.data}: its people are left out.")
    populations["simulated homes"] = simulated(n_pool, n_chains, epochs)
    populations |= MADE_UP
    table = new_table(
        "Percent of draws whose true rate was over the budget; promised: at most 5",
        ("homes of", "homes", "promise", *METHODS, CLIPPED, "found or spent"),
        text=3,
        caption=(
            "With exact 95 % intervals (draws of several labels are not independent). The true "
            "rate is that of all homes' alarms over all homes' weeks, but for the last method: the "
            "mean over homes of their rates, clipped at 10 budgets. From 100 homes on a threshold "
            "must keep both bounds. Found or spent: mean percent of a label's rows found, or, of "
            "made-up homes, of the budget spent, by the methods in their order."
        ),
    )
    for name, population in populations.items():
        for row in budget_rows(report, name, population, sizes, n_draws):
            table.add_row(*row)
    report.show(table)
    table = new_table(
        "Percent of draws whose true coverage was outside its range, promised: 5; and percent of "
        "rows of a new home that were missed, promised: at most 10",
        ("homes of", "homes", "range of rows", "t range over homes", "missed", "missed, by home"),
        text=1,
        caption=(
            "Missed: on average over draws, with a 95 % t interval, each home counted alike; by "
            "the cut of rows, and by hierarchical conformal prediction."
        ),
    )
    populations = {name: each for name, each in populations.items() if isinstance(each, Pool)}
    populations["made-up homes"] = MADE_UP["homes all alike"]
    for name, population in populations.items():
        for row in range_rows(report, name, population, sizes, n_draws):
            table.add_row(*row)
    report.show(table)
    report.say(
        f"{n_draws} draws each. Of wisdm's 36 people {WINDOWS_A_WEEK} windows count as a week, and "
        "the six labels are pooled; a made-up home is observed for two weeks."
    )
    report.close()


if __name__ == "__main__":
    main()
