"""Half a year of a model in changing homes, with retraining and without.

Run as ``python -m benchmarks.retraining [--homes 60] [--plot FILE.svg]``. The first version is
built from four weeks. Then, at the end of each week, `novin_ml.lifecycle.retrain` decides as a
cron line would. Homes change on the way: see `benchmarks._changing_homes`. It prints for each week
the accuracy on the right labels, and the false alarms per home and week, of homes that no version
was trained on: of the first version all the time, of a model that is trained again each week
without any rule, and of the version that `retrain` left served; then what it decided, and why.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from benchmarks._changing_homes import COURIER, FIRMWARE, POISON, SENSOR, WEEKS, ChangingHomes
from benchmarks._host import host_line
from novin_ml.estimators.families import FAMILIES
from novin_ml.estimators.row_kinds import EVENT_ROWS
from novin_ml.evaluation.decisions import choose_decisions
from novin_ml.events import write_events
from novin_ml.lifecycle import Registry, Retraining, load_estimator, read_declaration, retrain
from novin_ml.lifecycle.building.rows import find_files, read_rows
from novin_ml.lifecycle.retraining.answers import Labelled
from novin_ml.lifecycle.retraining.labels import AS_BEFORE, judge_weeks
from novin_ml.lifecycle.retraining.result import LABELS
from novin_ml.lifecycle.training import train

FIRST_WEEKS, N_FROZEN = 4, 12
BUDGET, EPOCHS = 3.0, 40
CHANGES = {
    COURIER: "courier's new habit",
    SENSOR: "doorbells die",
    FIRMWARE: "new firmware",
    POISON: "wrong labels",
}


@dataclass(frozen=True)
class Scores:
    """Accuracy on the right labels, false alarms per home and week, share of deliveries alarmed."""

    accuracy: float
    false_alarms: float
    found: float


@dataclass(frozen=True)
class Week:
    """What each model did in a week, and what was decided at its end."""

    number: int
    without: Scores
    blind: Scores
    retrained: Scores
    decision: Retraining


def declare(folder: Path, homes: ChangingHomes) -> Path:
    """Write a novin.toml, whose frozen homes are the first ones."""
    names = sorted(homes.week(1)["home_id"].unique())[:N_FROZEN]
    file = folder / "novin.toml"
    file.write_text(
        f"""
[data]
files = ["events"]
[data.frozen]
homes = {names!r}
[split]
test = 0.25
tune = 0.25
[models.delivery]
family = "delivery"
false_alarms_per_week = {BUDGET}
parameters = {{ epochs = {EPOCHS} }}
[registry]
folder = "registry"
name = "novin"
""",
        encoding="utf-8",
    )
    return file


def scores(model: Any, week: pd.DataFrame, homes: set[str]) -> Scores:
    """Score a model on the right labels of homes that it was not trained on."""
    rows = week[week["home_id"].isin(homes)]
    rows = EVENT_ROWS.to_score(rows, model)
    rows = rows[rows["clean_label"].notna()]
    truth = rows["clean_label"].to_numpy(dtype=object)
    right = np.asarray(model.predict(rows), dtype=object) == truth
    alarms = pd.notna(model[-1].alarms(model[:-1].transform(rows)))
    is_parcel = truth == "delivery"
    n_false = int((alarms & ~is_parcel).sum())
    return Scores(float(right.mean()), n_false / len(homes), float(alarms[is_parcel].mean()))


def blindly(file: Path) -> Any:
    """Train on all that is there, and choose thresholds: no comparison, no range of labels."""
    declaration = read_declaration(file)
    model = declaration.models["delivery"]
    rows = read_rows(declaration, model, find_files(declaration, model))
    found = train("delivery", rows.parts["train"], test_fraction=0, epochs=EPOCHS).pipeline
    choose_decisions(found, rows.parts["tune"], false_alarms_per_week=BUDGET)
    return found


def half_year(homes: ChangingHomes, folder: Path, weeks: int = WEEKS) -> Iterator[Week]:
    """Yield the weeks after the first ones, each with the decision at its end."""
    file, events = declare(folder, homes), folder / "events"
    events.mkdir()

    def arrive(number: int) -> pd.DataFrame:
        table = homes.week(number)
        write_events(table, events / f"week_{number:02d}.jsonl")
        return table

    for number in range(1, FIRST_WEEKS + 1):
        arrive(number)
    out = folder / "challenger"
    retrain(file, out)
    registry = Registry(folder / "registry")
    first = load_estimator(registry.version("novin", 1).path("delivery"))
    declaration = read_declaration(file)
    model = declaration.models["delivery"]
    parts = read_rows(declaration, model, find_files(declaration, model)).parts
    unseen = {*parts["test"]["home_id"], *parts["frozen"]["home_id"]}
    blind = first
    for number in range(FIRST_WEEKS + 1, weeks + 1):
        served = load_estimator(registry.version("novin", "served").path("delivery"))
        week = arrive(number)
        found = [scores(each, week, unseen) for each in (first, blind, served)]
        yield Week(number, *found, retrain(file, out))
        blind = blindly(file)


def calm_weeks(n_homes: int, seed: int, weeks: int = WEEKS) -> tuple[int, int]:
    """Return how many weeks are out of their range where nothing changes, and how many there are.

    The model is trained on the first weeks of half of the homes, and never again.
    """
    homes = ChangingHomes(n_homes, seed, changes=False)
    table = pd.concat([homes.week(number) for number in range(1, weeks + 1)], ignore_index=True)
    names = np.sort(table["home_id"].unique())
    is_trained = table["home_id"].isin(names[::2])
    early = table["timestamp"] < homes.week(FIRST_WEEKS + 1)["timestamp"].min()
    model = train("delivery", table[is_trained & early], test_fraction=0, epochs=EPOCHS).pipeline
    rules = FAMILIES["delivery"].rules()
    rows = Labelled.of(table[~is_trained], FAMILIES["delivery"], model, rules)
    judged = judge_weeks(rows.weeks, rows.homes, rows.right(model), rows.right(rules))
    known = [each for each in judged if each.model.low is not None]
    return sum(each.status != AS_BEFORE for each in known), len(known)


def row_of(week: Week) -> list[str]:
    """Return the week as a row of the table."""
    columns = (week.without, week.blind, week.retrained)
    shown = [f"{100 * each.accuracy:.1f}" for each in columns]
    shown += [f"{each.false_alarms:.2f}" for each in columns]
    version = week.decision.promoted
    decided = f"version {version}: {week.decision.reason}" if version else week.decision.reason
    if decided == LABELS and not week.decision.needs_somebody:
        decided = "gain in one week"
    return [str(week.number), *shown, decided, CHANGES.get(week.number, "")]


def print_means(name: str, weeks: list[Week]) -> None:
    """Print the means over weeks of the three models."""
    print(f"\nmeans, {name}")
    for who in ("without", "blind", "retrained"):
        of = [getattr(week, who) for week in weeks]
        accuracy, alarms, found = (
            np.mean([getattr(each, what) for each in of])
            for what in ("accuracy", "false_alarms", "found")
        )
        print(
            f"  {who:10s} accuracy {100 * accuracy:.1f} %, false alarms {alarms:.2f}, "
            f"deliveries alarmed {100 * found:.1f} %"
        )


HEADER = ["week", "first", "blind", "retrain", "first", "blind", "retrain", "decided", "change"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=60)
    parser.add_argument("--weeks", type=int, default=WEEKS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--calm", type=int, default=0, help="half years without a change")
    parser.add_argument("--plot", type=Path, help="SVG file to write")
    options = parser.parse_args()
    print(host_line())
    print(f"{options.homes} homes, {N_FROZEN} of them frozen; seed {options.seed}")
    print("accuracy in % (three columns), then false alarms per home and week\n")
    started = time.perf_counter()
    folder = Path(tempfile.mkdtemp())
    found: list[Week] = []
    try:
        print("  ".join(f"{name:>7s}" for name in HEADER))
        for week in half_year(ChangingHomes(options.homes, options.seed), folder, options.weeks):
            found.append(week)
            print("  ".join(f"{cell:>7s}" for cell in row_of(week)), flush=True)
    finally:
        shutil.rmtree(folder)
    print_means("all weeks", found)
    print_means(f"from week {COURIER} on", [each for each in found if each.number >= COURIER])
    if options.calm:
        pairs = [calm_weeks(options.homes, seed) for seed in range(options.calm)]
        n_out, n = (sum(each) for each in zip(*pairs, strict=True))
        low, high = binomtest(n_out, n).proportion_ci(0.95)
        print(
            f"\n{options.calm} half years without a change: {n_out} of {n} weeks out of range",
            end="",
        )
        print(f", {100 * n_out / n:.1f} % ({100 * low:.1f} to {100 * high:.1f})")
    for week in found:
        if week.number == POISON:
            print(f"\nweek {POISON}: {week.decision.sentence}")
    print(f"{time.perf_counter() - started:.0f} s")
    if options.plot:
        from benchmarks._retraining_plot import write_plot

        write_plot(found, CHANGES, options.plot)


if __name__ == "__main__":
    main()
