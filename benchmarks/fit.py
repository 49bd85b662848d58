"""Seconds to fit and to predict, beside bare xgboost with the same parameters, rows and threads.

Run as ``python -m benchmarks.fit [--pairs 7] [--threads 1] [--motion]``. The network is trained
for 50 epochs, and with early stopping.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from benchmarks._common import noisy_table, seconds_of, time_pairs  # first: OpenMP

# isort: split
import numpy as np
import xgboost
from rich.table import Table
from sklearn.utils import check_random_state

from benchmarks._report import Report, add_report_options
from novin_ml import DeliveryClassifier, MotionClassifier
from novin_ml.estimators.learners import Rows, hold_out
from novin_ml.estimators.learners.boosting_defaults import MANY_ROWS, ROUNDS, default_params

BAR = 1.05
ONE_ROW_BAR = 1.2
NETWORK_BAR = 60.0  # seconds for 50 epochs of 100,000 rows on two quiet cores
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
    table = Table(
        title=f"{family.__name__}.fit beside xgboost.train, medians of {pairs} pairs",
        caption=f"{threads} thread(s); bar: ratio at most {BAR}",
    )
    for column in ("rows x features", "classes", "rounds", "fit s", "xgboost s", "ratio", ""):
        table.add_column(column, justify="right")
    for n_rows, n_features, n_classes in shapes:
        X, y = noisy_table(n_rows, n_features, n_classes)
        settings = default_params(n_rows, n_classes, n_features, rounds)
        if n_rows >= MANY_ROWS:
            settings |= family.family_defaults.get("boosting", {})
        model = family(epochs=rounds, n_jobs=threads, random_state=0)
        ours, peer, ratio = time_pairs(
            lambda X=X, y=y, model=model: model.fit(X, y),
            lambda X=X, y=y, n=n_classes, settings=settings: bare_xgboost(
                X, y, settings, n, threads, rounds
            ),
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


def network_table(n_rows: int, epochs: int, threads: int) -> Table:
    """Seconds of the perceptron."""
    table = Table(
        title=f"The perceptron on {n_rows:,} x 16 rows, {threads} thread(s)",
        caption=f"bar: {NETWORK_BAR:g} s for 50 epochs of 100,000 rows on two quiet cores",
    )
    for column in ("training", "epochs run", "seconds", "seconds an epoch", "held-back log loss"):
        table.add_column(column, justify="left" if column == "training" else "right")
    X, y = noisy_table(n_rows, 16, 2)
    params = {"patience": epochs + 1}  # never stops
    for name, learner_params in ((f"{epochs} epochs", params), ("early stopping", None)):
        model = DeliveryClassifier(
            "mlp", epochs=epochs, learner_params=learner_params, n_jobs=threads, random_state=0
        )
        seconds = seconds_of(lambda model=model: model.fit(X, y))
        run, losses = model.n_iter_, model.fit_report_.validation_loss
        kept = "" if not losses else f"{losses[model.fit_report_.epochs_kept - 1]:.4f}"
        table.add_row(name, str(run), f"{seconds:.1f}", f"{seconds / run:.3f}", kept)
    return table


def one_row_table(pairs: int) -> Table:
    """Microseconds to answer one row, and a batch."""
    table = Table(
        title=f"predict_proba beside Booster.inplace_predict, medians of {pairs} pairs",
        caption=f"bar: ratio at most {ONE_ROW_BAR} for one row",
    )
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
    parser.add_argument("--rounds", type=int, default=max(ROUNDS))
    parser.add_argument("--network-rows", type=int, default=100_000)
    parser.add_argument("--network-epochs", type=int, default=50)
    parser.add_argument("--rows", help="only shapes of so many rows, with commas")
    parser.add_argument("--only", choices=("boosting", "network", "predict"))
    parser.add_argument("--motion", action="store_true", help="half a million motions only")
    add_report_options(parser)
    options = parser.parse_args()
    report = Report(options, "fit")
    fit_options = options.pairs, options.threads, options.rounds
    shapes = [
        shape for shape in SHAPES if not options.rows or str(shape[0]) in options.rows.split(",")
    ]
    if options.motion:
        report.show(fit_table(MotionClassifier, MOTION_SHAPES, *fit_options))
        report.close()
        return
    if options.only in (None, "boosting"):
        report.show(fit_table(DeliveryClassifier, shapes, *fit_options))
    if options.only in (None, "predict"):
        report.show(one_row_table(options.pairs))
    if options.only in (None, "network"):
        report.show(network_table(options.network_rows, options.network_epochs, options.threads))
    report.close()


if __name__ == "__main__":
    main()
