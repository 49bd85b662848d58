"""How often drift is seen where nothing drifts, and how often where something does.

Run with ``python -m benchmarks.drift [--simulations 200] [--planted 50]``. Homes are simulated for
four weeks with holidays, guests, failing sensors and changing habits, and their weeks are compared:
the later weeks of homes with their earlier ones, or with those of other homes. It prints, in %, how
often each method cries, with exact 95 % intervals: this library's, which tests homes; and two that
are in use on rows, Kolmogorov-Smirnov and chi-squared tests with Bonferroni's correction, and a
population stability index above 0.2. Then changes are planted into the last ten days of half of the
homes or of all, and it prints how often each is found, and how far the day that is named is off.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest, chi2_contingency, ks_2samp

from novin_ml.lifecycle import measure_drift
from novin_ml.simulation import simulate_behavior

DAY, WEEK = 86_400.0, 7 * 86_400.0
#: A Monday, UTC, on whose week all homes are made to begin.
BEGIN = 2870 * WEEK + 4 * DAY
N_HOMES, WEEKS = 20, 4
CHANGE_DAY = 18
NUMBERS = ("confidence", "duration", "energy", "sample_rate")
CATEGORIES = ("kind", "zone", "home_mode", "type", "hour")
Tables = tuple[pd.DataFrame, pd.DataFrame]


def simulate(seed: int) -> pd.DataFrame:
    """Return homes that begin in the same week; each keeps its weekdays."""
    events = simulate_behavior(2 * N_HOMES, weeks=WEEKS + 1, random_state=seed)
    first = events.groupby("home_id")["timestamp"].transform("min")
    week = np.floor((first - BEGIN) / WEEK)
    events["timestamp"] -= WEEK * week
    inside = (events["timestamp"] >= BEGIN + WEEK) & (events["timestamp"] < BEGIN + 5 * WEEK)
    return events[inside].assign(day=(events["timestamp"] - BEGIN - WEEK) // DAY)


def worlds(events: pd.DataFrame) -> dict[str, Tables]:
    """Return pairs of tables between which nothing drifts."""
    homes = np.sort(events["home_id"].unique())
    own = events[events["home_id"].isin(homes[:N_HOMES])]
    others = events[events["home_id"].isin(homes[N_HOMES:])]
    return {
        "same homes, 2 weeks and 2 weeks": (own[own["day"] < 14], own[own["day"] >= 14]),
        "other homes, 3 weeks and 1 week": (own[own["day"] < 21], others[others["day"] >= 21]),
    }


def firmware(late: pd.DataFrame, rng: np.random.Generator, homes: np.ndarray) -> pd.DataFrame:
    """Sample at 20 Hz in half of the homes."""
    return late.assign(sample_rate=late["sample_rate"].mask(late["home_id"].isin(homes), 20.0))


def courier(late: pd.DataFrame, rng: np.random.Generator, homes: np.ndarray) -> pd.DataFrame:
    """Let a courier ring at all homes, between 17 and 20 h, on every other day."""
    visits = late.drop_duplicates(["home_id", "day"])
    visits = visits[rng.random(len(visits)) < 0.5]
    local = visits["timestamp"] + visits["utc_offset"]
    evening = local - local % DAY + 3600 * rng.uniform(17, 20, len(visits))
    times = evening - visits["utc_offset"]
    spans = late["timestamp"].min(), late["timestamp"].max()
    rung = visits.assign(
        timestamp=times.clip(*spans).astype(float), type="doorbell", kind="doorbell",
        location="front_door", zone="front_door", duration=np.nan, energy=np.nan,
    )  # fmt: skip
    for name in ("kind", "zone"):
        rung[name] = rung[name].astype(late[name].dtype)
    return pd.concat([late, rung.astype(late.dtypes.to_dict())], ignore_index=True)


def dead_sensor(late: pd.DataFrame, rng: np.random.Generator, homes: np.ndarray) -> pd.DataFrame:
    """Take the door sensors of half of the homes away."""
    return late[~((late["kind"] == "door") & late["home_id"].isin(homes))]


def season(late: pd.DataFrame, rng: np.random.Generator, homes: np.ndarray) -> pd.DataFrame:
    """Take 40 % of what is seen outdoors away, at all homes."""
    outdoors = late["zone"].isin(["porch", "deck", "driveway", "street", "backyard", "front_yard"])
    return late[~(outdoors & (rng.random(len(late)) < 0.4))]


PLANTED: dict[str, tuple[Callable[..., pd.DataFrame], set[str]]] = {
    "firmware: 20 Hz instead of 10 in half of the homes": (firmware, {"sample_rate"}),
    "courier: a doorbell every other evening": (courier, {"kind", "zone", "hour", "type"}),
    "door sensors that die in half of the homes": (dead_sensor, {"kind", "zone", "type"}),
    "season: 40 % less outdoors": (season, {"zone", "kind", "events"}),
}


def rows_of(tables: Tables) -> list[pd.DataFrame]:
    return [
        each[each["consent"]].assign(
            hour=lambda t: (t["timestamp"] + t["utc_offset"]) % DAY // (4 * 3600)
        )
        for each in tables
    ]


def tests_on_rows(tables: Tables) -> bool:
    """Kolmogorov-Smirnov and chi-squared tests of rows, corrected by Bonferroni."""
    a, b = rows_of(tables)
    p_values = [ks_2samp(a[name].dropna(), b[name].dropna()).pvalue for name in NUMBERS]
    for name in CATEGORIES:
        counts = pd.DataFrame({n: t[name].value_counts() for n, t in (("a", a), ("b", b))})
        counts = counts.fillna(0)[counts.sum(axis=1) > 0]
        p_values.append(chi2_contingency(counts)[1] if len(counts) > 1 else 1.0)
    return min(p_values) * len(p_values) <= 0.05


def psi_of_rows(tables: Tables) -> bool:
    """Population stability index of rows above 0.2 in any column."""
    a, b = rows_of(tables)
    found = 0.0
    for name in (*NUMBERS, *CATEGORIES):
        one, two = a[name].dropna(), b[name].dropna()
        if name in NUMBERS:
            bounds = np.unique(np.quantile(one, np.linspace(0.1, 0.9, 9)))
            one, two = (pd.Series(np.searchsorted(bounds, each)) for each in (one, two))
        shares = pd.DataFrame(
            {n: t.astype(str).value_counts(normalize=True) for n, t in (("a", one), ("b", two))}
        )
        p, q = shares.fillna(0).clip(lower=1e-4).to_numpy().T
        found = max(found, float(np.sum((q - p) * np.log(q / p))))
    return found > 0.2


METHODS: dict[str, Callable[[Tables], bool]] = {
    "novin_ml, homes": lambda tables: measure_drift(*tables).verdict == "drift",
    "KS and chi-squared on rows, Bonferroni": tests_on_rows,
    "PSI of rows above 0.2": psi_of_rows,
}


def share(found: list[bool]) -> str:
    """Return a share in percent with its exact 95 % interval."""
    interval = binomtest(sum(found), len(found)).proportion_ci(0.95)
    return f"{100 * np.mean(found):.1f} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def planted(tables: Tables, rng: np.random.Generator, plant: Callable[..., Any]) -> Tables:
    """Return the tables with a change in the later rows of the second."""
    before, after = tables
    homes = rng.permutation(np.sort(after["home_id"].unique()))
    is_late = after["day"] >= CHANGE_DAY
    late = plant(after[is_late], rng, homes[: len(homes) // 2])
    return before, pd.concat([after[~is_late], late], ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--planted", type=int, default=50, help="simulations with changes")
    options = parser.parse_args()
    cries: dict[str, dict[str, list[bool]]] = {}
    found: dict[str, dict[str, list[bool]]] = {}
    days: dict[str, list[float]] = {}
    for seed in range(options.simulations):
        rng = np.random.default_rng(seed)
        pairs = worlds(simulate(seed))
        for world, tables in pairs.items():
            for name, method in METHODS.items():
                cries.setdefault(world, {}).setdefault(name, []).append(method(tables))
        for change, (plant, names) in PLANTED.items() if seed < options.planted else ():
            changed = planted(next(iter(pairs.values())), rng, plant)
            report = measure_drift(*changed)
            of = [each for each in report.drifted if each.name in names]
            kinds = found.setdefault(change, {})
            kinds.setdefault("found and named", []).append(bool(of))
            kinds.setdefault("found", []).append(report.verdict == "drift")
            if of and of[0].since is not None:
                begun = BEGIN + WEEK + CHANGE_DAY * DAY
                days.setdefault(change, []).append(abs(of[0].since.day - begun) / DAY)
    print(f"{options.simulations} simulations, {N_HOMES} homes in each table")
    print("\n% that cry where nothing drifts (95 % interval)")
    for world, by_method in cries.items():
        print(f"  {world}")
        for name, those in by_method.items():
            print(f"    {name:40s} {share(those)}")
    print(f"\n{options.planted} of them with planted changes")
    print("% of planted changes of the last ten days that are found, same homes, 2 + 2 weeks")
    for change, kinds in found.items():
        off = days.get(change, [])
        median = f"{np.median(off):.0f}, 90 % within {np.quantile(off, 0.9):.0f}" if off else "-"
        print(f"  {change}")
        for name, those in kinds.items():
            print(f"    {name:40s} {share(those)}")
        print(f"    {'days that the named one is off, median':40s} {median}")


if __name__ == "__main__":
    main()
