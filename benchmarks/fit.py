"""Seconds to fit and to predict, beside bare xgboost with the same parameters, rows and threads.

Run as ``python -m benchmarks.fit [--pairs 7] [--threads 1] [--motion]``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from benchmarks._common import host_line, noisy_table, seconds_of, time_pairs  # first: OpenMP

# isort: split
import numpy as np
import xgboost
from rich.console import Console
from rich.table import Table
from sklearn.utils import check_random_state

from novin_ml import DeliveryClassifier, MotionClassifier
from novin_ml.estimators.learners import Rows, hold_out
from novin_ml.estimators.learners.boosting_fit import DEFAULT_ROUNDS, DEFAULTS

BAR = 1.05
#: Rows, features, classes.
SHAPES = ((10_000, 16, 2), (50_000, 16, 2), (100_000, 16, 2), (100_000, 24, 6))
MOTION_SHAPES = ((500_000, 24, 6),)


def bare_xgboost(
    X: np.ndarray,
    y: np.ndarray,
    settings: dict[str, Any],
    n_classes: int,
    threads: int,
    rounds: int,
) -> xgboost.Booster:
    """Train as a careful user of xgboost would: on the same rows, with the same early stopping."""
    seed = check_random_state(0)
    train, held_back = hold_out(Rows(X, y), None, 0.1, seed)
    params = {name: value for name, value in settings.items() if name != "patience"}
    params |= {
        "objective": "binary:logistic" if n_classes == 2 else "multi:softprob",
        "eval_metric": "logloss" if n_classes == 2 else "mlogloss",
        "tree_method": "hist",
        "nthread": threads,
        "seed": seed.randint(2**31 - 1),
    }
    if n_classes > 2:
        params["num_class"] = n_classes
    options = {"max_bin": settings["max_bin"], "nthread": threads}
    data = xgboost.QuantileDMatrix(train.X, train.codes, **options)
    test = xgboost.QuantileDMatrix(held_back.X, held_back.codes, ref=data, **options)
    return xgboost.train(
        params,
        data,
        rounds,
        evals=[(test, "held_back")],
        early_stopping_rounds=settings["patience"],
        verbose_eval=False,
    )


def fit_table(
    family: type, shapes: Sequence[tuple[int, int, int]], pairs: int, threads: int, rounds: int
) -> Table:
    """Fit against bare training."""
    settings = DEFAULTS | dict(family.family_defaults.get("boosting", {}))
    table = Table(
        title=f"{family.__name__}.fit beside xgboost.train, medians of {pairs} pairs",
        caption=f"{threads} thread(s); bar: ratio at most {BAR}",
    )
    for column in ("rows x features", "classes", "rounds", "fit s", "xgboost s", "ratio", ""):
        table.add_column(column, justify="right")
    for n_rows, n_features, n_classes in shapes:
        X, y = noisy_table(n_rows, n_features, n_classes)
        model = family(epochs=rounds, n_jobs=threads, random_state=0)
        ours, peer, ratio = time_pairs(
            lambda X=X, y=y, model=model: model.fit(X, y),
            lambda X=X, y=y, n=n_classes: bare_xgboost(X, y, settings, n, threads, rounds),
            pairs,
        )
        table.add_row(
            f"{n_rows:,} x {n_features}",
            str(n_classes),
            str(model.n_iter_),
            f"{ours:.3f}",
            f"{peer:.3f}",
            f"{ratio:.3f}",
            "ok" if ratio <= BAR else "above the bar",
        )
    return table


def network_table(n_rows: int) -> Table:
    """Seconds of the perceptron."""
    table = Table(title=f"The perceptron on {n_rows:,} x 16 rows, one thread")
    for column in ("training", "epochs run", "seconds", "seconds an epoch"):
        table.add_column(column, justify="left" if column == "training" else "right")
    X, y = noisy_table(n_rows, 16, 2)
    for name, early_stopping in (("50 epochs", False), ("early stopping", True)):
        model = DeliveryClassifier("mlp", early_stopping=early_stopping, n_jobs=1, random_state=0)
        seconds = seconds_of(lambda model=model: model.fit(X, y))
        run = model.n_iter_
        table.add_row(name, str(run), f"{seconds:.1f}", f"{seconds / run:.3f}")
    return table


def one_row_table(pairs: int) -> Table:
    """Microseconds to answer one row, and a batch."""
    table = Table(title=f"predict_proba beside Booster.inplace_predict, medians of {pairs} pairs")
    for column in ("rows", "predict_proba us", "inplace_predict us", "ratio"):
        table.add_column(column, justify="right")
    X, y = noisy_table(10_000, 16, 2)
    model = DeliveryClassifier(epochs=100, early_stopping=False, n_jobs=1, random_state=0).fit(X, y)
    booster = model.learner_.booster
    for n_rows in (1, 100, 10_000):
        rows, calls = X[:n_rows], 100 if n_rows < 1_000 else 2
        ours, peer, ratio = time_pairs(
            lambda rows=rows, n=calls: [model.predict_proba(rows) for _ in range(n)],
            lambda rows=rows, n=calls: [booster.inplace_predict(rows) for _ in range(n)],
            pairs,
        )
        microseconds = (f"{1e6 * seconds / calls:,.0f}" for seconds in (ours, peer))
        table.add_row(f"{n_rows:,}", *microseconds, f"{ratio:.2f}")
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=DEFAULT_ROUNDS)
    parser.add_argument("--network-rows", type=int, default=50_000)
    parser.add_argument("--only", choices=("boosting", "network", "predict"))
    parser.add_argument("--motion", action="store_true", help="half a million motions only")
    options = parser.parse_args()
    console = Console()
    console.print(host_line())
    fit_options = options.pairs, options.threads, options.rounds
    if options.motion:
        console.print(fit_table(MotionClassifier, MOTION_SHAPES, *fit_options))
        console.print(host_line())
        return
    if options.only in (None, "boosting"):
        console.print(fit_table(DeliveryClassifier, SHAPES, *fit_options))
    if options.only in (None, "predict"):
        console.print(one_row_table(options.pairs))
    if options.only in (None, "network"):
        console.print(network_table(options.network_rows))
    console.print(host_line())


if __name__ == "__main__":
    main()
