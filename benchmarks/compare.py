"""How often intervals see a difference between models that are equally good.

Run with ``python -m benchmarks.compare [--draws 1000]``. Rows come from homes of unequal sizes; a
home is harder or easier for both models, and each model has homes that it serves better. For a
number of homes and three such worlds it prints, in %, how often each method calls one of two
equally good models better. A method that keeps its word does so in 5 % at most.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from novin_ml.evaluation import group_swap_test, mcnemar

LEVEL = 0.05
N_HOMES = (8, 15, 36, 100)


@dataclass(frozen=True)
class World:
    """How homes differ: in rows, in how well each model serves them; and how rare errors are."""

    name: str
    own_homes: float
    sizes: float
    ease: float
    rows_per_home: float = 30.0


WORLDS = (
    World("same homes are hard", own_homes=0.0, sizes=0.5, ease=1.2),
    World("each model has its homes, sizes differ much", own_homes=0.4, sizes=1.0, ease=1.2),
    World("each model has its homes, errors are rare", own_homes=0.4, sizes=0.5, ease=4.0),
)


def draw(rng: np.random.Generator, n_homes: int, world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return the home of each row, and 1, 0 or -1 where the first model gains, ties or loses."""
    sizes = world.rows_per_home * rng.lognormal(-(world.sizes**2) / 2, world.sizes, n_homes)
    home = np.repeat(np.arange(n_homes), np.maximum(2, rng.poisson(sizes)))
    hard_home = rng.normal(0, 0.5, n_homes)[home]
    hard_row = 0.8 * rng.normal(size=len(home))
    right = [
        0.6 * rng.logistic(size=len(home))
        + world.ease
        + hard_home
        + hard_row
        + rng.normal(0, world.own_homes, n_homes)[home]
        > 0
        for _ in range(2)
    ]
    return home, right[0].astype(int) - right[1]


def intervals(
    rng: np.random.Generator, gains: np.ndarray, rows: np.ndarray, resamples: int
) -> dict[str, np.ndarray]:
    """Return the 95 % intervals of the mean gain of a row, homes resampled."""
    n_homes = len(gains)
    drawn = rng.integers(n_homes, size=(resamples, n_homes))
    means = gains[drawn].sum(axis=1) / rows[drawn].sum(axis=1)
    mean = gains.sum() / rows.sum()
    tail = LEVEL / 2
    wider = norm.cdf(np.sqrt(n_homes / (n_homes - 1)) * t.ppf(tail, n_homes - 1))
    below = np.mean(means < mean) + 0.5 * np.mean(means == mean)
    bias = norm.ppf(np.clip(below, 1 / resamples, 1 - 1 / resamples))
    left_out = (gains.sum() - gains) / (rows.sum() - rows)
    spread = left_out.mean() - left_out
    scale = 6 * (spread @ spread) ** 1.5
    skew = (spread**3).sum() / scale if scale else 0.0

    def accelerated(share: float) -> float:
        z = bias + norm.ppf(share)
        return float(norm.cdf(bias + z / (1 - skew * z)))

    residual = gains - mean * rows
    error = np.sqrt(n_homes / (n_homes - 1) * (residual @ residual)) / rows.sum()
    half = t.ppf(1 - tail, n_homes - 1) * error
    return {
        "expanded percentile": np.quantile(means, [wider, 1 - wider]),
        "percentile": np.quantile(means, [tail, 1 - tail]),
        "BCa": np.quantile(means, [accelerated(tail), accelerated(1 - tail)]),
        "expanded BCa": np.quantile(means, [accelerated(wider), accelerated(1 - wider)]),
        "cluster t": np.array([mean - half, mean + half]),
    }


def measure(n_homes: int, world: World, draws: int, resamples: int) -> dict[str, float]:
    """Return in % of the draws how often each method sees a difference."""
    rng = np.random.default_rng(0)
    seen: dict[str, int] = {}
    for _ in range(draws):
        home, gain = draw(rng, n_homes, world)
        gains, rows = np.bincount(home, gain, n_homes), np.bincount(home).astype(float)
        found = {
            name: not low <= 0 <= high
            for name, (low, high) in intervals(rng, gains, rows, resamples).items()
        }
        swaps = group_swap_test(gains.astype(int)) <= LEVEL
        found["expanded percentile and swaps"] = found["expanded percentile"] and swaps
        test = mcnemar(int(np.sum(gain > 0)), int(np.sum(gain < 0)))
        found["McNemar on rows"] = test.p_value <= LEVEL
        for name, is_seen in found.items():
            seen[name] = seen.get(name, 0) + bool(is_seen)
    return {name: 100 * count / draws for name, count in seen.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=1000)
    options = parser.parse_args()
    table = pd.DataFrame(
        {
            (world.name, f"{n_homes} homes"): measure(
                n_homes, world, options.draws, options.resamples
            )
            for world in WORLDS
            for n_homes in N_HOMES
        }
    )
    print(f"{options.draws} comparisons of equally good models each; % that see a difference")
    for world in WORLDS:
        print(f"\n{world.name}")
        print(table[world.name].round(1).to_string())
    print("\nthe worst of all")
    print(table.max(axis=1).round(1).to_string(header=False))


if __name__ == "__main__":
    main()
