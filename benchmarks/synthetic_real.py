"""Synthetic against real training data, as two variants: side by side, and as a rollout.

Run as ``python -m benchmarks.synthetic_real [--data DIR] [--out outcomes.csv]`` with the folder
``wisdm`` in DIR: activities of 36 people by their phones. For each quarter of the people, two
models are trained on the other three quarters: "real" on their rows, "synthetic" on rows that are
drawn from the mean and the deviation of each column of each activity, which is what a specification
tells a simulator. Both models answer for people that neither has seen:

- side by side (a shadow): both answer for every person, and people are compared with themselves;
- as a rollout: each person has one variant, by the keyed hash of `Assignment`. 20 windows count as
  a day, and the value is the number of wrong answers.

``--out`` writes the outcomes of the rollout, for ``novin-ml compare`` and ``rollout look``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

from benchmarks._datasets import Dataset, read_wisdm
from benchmarks._host import host_line
from novin_ml import MotionClassifier
from novin_ml.evaluation.comparison import compare_answers
from novin_ml.lifecycle import Assignment, look_at_rollout

VARIANTS = REAL, SYNTHETIC = "real", "synthetic"
FOLDS = 4
WINDOWS_A_DAY = 20
SEED = 0


def synthetic_rows(
    X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows of the same labels, each column drawn by itself from its mean and deviation."""
    drawn = np.empty(X.shape)
    for label in np.unique(y):
        of_label = X[y == label]
        drawn[y == label] = rng.normal(of_label.mean(), of_label.std().fillna(0), of_label.shape)
    return pd.DataFrame(drawn, columns=X.columns).astype(np.float32), y


def answers(data: Dataset, epochs: int | None) -> pd.DataFrame:
    """Return what each variant answers for each row, by models that have not seen its person."""
    rng = np.random.default_rng(SEED)
    found = pd.DataFrame({"person": data.groups, "truth": data.y}).assign(real="", synthetic="")
    settings = {"n_jobs": 1, "random_state": SEED} | ({} if epochs is None else {"epochs": epochs})
    for train, test in GroupKFold(FOLDS).split(data.X, groups=data.groups):
        X, y = data.X.iloc[train].reset_index(drop=True), data.y[train]
        for variant in VARIANTS:
            rows, labels = (X, y) if variant == REAL else synthetic_rows(X, y, rng)
            groups = data.groups[train] if variant == REAL else None
            model = MotionClassifier(**settings).fit(rows, labels, groups=groups)
            found.loc[test, variant] = model.predict(data.X.iloc[test])
    return found


def outcomes(found: pd.DataFrame, assignment: Assignment) -> pd.DataFrame:
    """Return the wrong answers of each person and day, of the variant that the person has."""
    home = "person-" + found["person"].astype(str)
    variant = assignment.variants_of(home)
    wrong = np.where(variant == REAL, found[REAL], found[SYNTHETIC]) != found["truth"]
    day = found.groupby("person").cumcount() // WINDOWS_A_DAY
    table = pd.DataFrame(
        {
            "home_id": home,
            "date": pd.Timestamp("2026-03-01") + pd.to_timedelta(day, unit="D"),
            "variant": variant,
            "value": wrong.astype(int),
            "exposure": 1,
        }
    )
    return table.groupby(["home_id", "date", "variant"], as_index=False).sum()


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, help="CSV file of the rollout's outcomes")
    parser.add_argument("--epochs", type=int, help="fewer rounds, to see that it runs")
    options = parser.parse_args()
    print(host_line())
    found = answers(read_wisdm(options.data), options.epochs)
    side = compare_answers(
        found["truth"], found[SYNTHETIC], found[REAL],
        groups=found["person"], names=VARIANTS[::-1], unit="people",
    )  # fmt: skip
    print(f"\nside by side: {side.sentence}")
    print(f"accuracy {side.accuracy.a:.3f} against {side.accuracy.b:.3f}")
    plan = Assignment.start(REAL, key=bytes(16)).with_share(SYNTHETIC, 0.5)
    table = outcomes(found, plan)
    days = int((table["date"].max() - table["date"].min()).days) + 1
    rollout = look_at_rollout(table, REAL, SYNTHETIC, days=days)
    print(f"as a rollout of {days} days: {rollout.sentence}")
    if options.out is not None:
        table.assign(date=table["date"].dt.strftime("%Y-%m-%d")).to_csv(options.out, index=False)
        print(f"wrote {len(table):,} rows to {options.out}")


if __name__ == "__main__":
    main()
