"""Simulated rows to train on and to answer, for the suite and for the commands beside it.

asv imports this folder as a package of its own, so that nothing here may come from `benchmarks`.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xgboost  # noqa: F401  (asv forks its processes from one that has imported all this)

from novin_ml.estimators.families import FAMILIES
from novin_ml.evaluation import split_by_home
from novin_ml.events import training_events
from novin_ml.simulation import simulate_behavior

#: Rows that are kept apart to measure on, at most.
MOST_TEST_ROWS = 20_000
FLEET_FEATURES = 12
#: About one home in thirty does not consent, and few homes differ much in size.
_SPARE = 1.1


class Part(NamedTuple):
    """Feature rows, with what annotators say and what is true as codes of the classes."""

    X: np.ndarray
    label: np.ndarray
    clean_label: np.ndarray
    home: np.ndarray


class Split(NamedTuple):
    """Rows to train on, rows of other homes to measure on, and the seconds of making them."""

    train: Part
    test: Part
    names: list[str]
    classes: list[str]
    simulation_seconds: float
    feature_seconds: float

    def save(self, path: Path) -> None:
        """Write the rows to train on to an .npz file."""
        np.savez(path, **self.train._asdict())


class Home(NamedTuple):
    """A home's log: what a baseline is fitted on, and the weeks after that."""

    train: pd.DataFrame
    test: pd.DataFrame
    simulation_seconds: float


def classifier_rows(family: str, n_rows: int, seed: int = 0) -> Split:
    """Simulate homes, hold some back, and compute the features of both parts.

    The seconds of the features are those of the rows to train on.
    """
    chosen = FAMILIES[family]
    n_test = min(max(n_rows // 4, 300), MOST_TEST_ROWS)
    n_all = int(_SPARE * n_rows) + n_test
    start = time.perf_counter()
    table = chosen.simulate(n_all, random_state=seed)
    simulation_seconds = time.perf_counter() - start
    train, test = split_by_home(table, n_test / n_all, seed)
    transformer = chosen.make_pipeline()[0].set_output(transform="default")
    start = time.perf_counter()
    rows, _ = chosen.rows.to_train(train)
    rows = rows[: min(n_rows, len(rows))]
    X = transformer.fit_transform(rows)
    feature_seconds = time.perf_counter() - start
    test = chosen.rows.to_score(test)
    test = test[test["clean_label"].notna().to_numpy()]
    classes = sorted({str(label) for label in rows["label"]})
    names = [str(name) for name in transformer.get_feature_names_out()]
    parts = [
        _part(X, rows, classes),
        _part(transformer.transform(test), test, classes),
    ]
    return Split(*parts, names, classes, simulation_seconds, feature_seconds)


def load_part(path: Path) -> Part:
    """Read what `Split.save` wrote."""
    with np.load(path) as columns:
        return Part(*(columns[name] for name in Part._fields))


def home_log(n_events: int, number: int = 0, seed: int = 0) -> Home:
    """Simulate a home that consents: so many events to fit on, and the weeks after them."""
    start = time.perf_counter()
    options: dict[str, Any] = {"unusual_per_month": 2.0, "random_state": seed}
    weeks, log = 8, pd.DataFrame()
    while len(log) < 1.2 * n_events:
        if len(log):
            weeks = min(520, int(1.3 * weeks * n_events / len(log)) + 2)
        log = simulate_behavior(
            1, weeks=weeks, first_home=number, usual_weeks=weeks * 10 // 13, **options
        )
        if not log["consent"].all():
            number += 1_000
            log = log[:0]
        elif weeks == 520:
            break
    seconds = time.perf_counter() - start
    train, _ = training_events(log[:n_events])
    return Home(train, log[n_events:], seconds)


def fleet_table(n_homes: int, n_events: int) -> pd.DataFrame:
    """Return feature rows of many homes, half a year each."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        rng.standard_normal((n_homes * n_events, FLEET_FEATURES), dtype=np.float32),
        columns=[f"feature_{i}" for i in range(FLEET_FEATURES)],
    )
    days = np.sort(rng.uniform(0, 182, n_events))
    table["timestamp"] = np.tile(1.7e9 + 86_400 * days, n_homes)
    table["home_id"] = np.repeat([f"home-{i}" for i in range(n_homes)], n_events)
    return table


def _part(X: np.ndarray, rows: Any, classes: list[str]) -> Part:
    code = {name: number for number, name in enumerate(classes)}
    columns = (
        rows[name].astype(object).map(code).to_numpy(dtype=np.int64)
        for name in ("label", "clean_label")
    )
    home = pd.factorize(rows["home_id"].astype(object))[0]
    return Part(np.ascontiguousarray(X, dtype=np.float32), *columns, home)
