"""Microseconds to answer one row in Python, beside the libraries that people use instead.

Run as ``python -m benchmarks.one_row [--runs 40]``. One thread. A run is a hundred calls; novin_ml
and its peers run in turns, and the least and the median run count: what else a machine does can
only make a run longer. A model has rows of its own size, and each call checks its row as a user's
call does. "Same bits" says of how many of a thousand rows the answer alone is, to the last bit, the
answer in a batch. What is not installed (extra ``bench``) is left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks._common import alternating, noisy_table, seconds_of  # first: OpenMP

# isort: split
import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks._report import Report, add_report_options, new_table
from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier, MotionClassifier

N_CALLS = 100
N_COMPARED = 1_000
COLUMNS = (
    "model", "answered by", "least us", "median us", "ratio", "goal us", "same bits",
)  # fmt: skip
Answer = Callable[[np.ndarray], Any]


class Case(NamedTuple):
    """A trained model, rows for it, and how each library answers."""

    name: str
    X: np.ndarray
    goal: float | None
    answers: dict[str, Answer]


def boosting(name: str, family: type, shape: tuple[int, int, int], goal: float | None) -> Case:
    """Boosted trees with early stopping, and peers of as many rounds."""
    X, y = noisy_table(*shape)
    model = family(n_jobs=1, random_state=0).fit(X, y)
    booster = model.learner_.booster
    answers: dict[str, Answer] = {
        "novin_ml": model.predict_proba,
        "xgboost, inplace_predict": booster.inplace_predict,
    }
    try:
        import lightgbm
    except ImportError:
        pass
    else:
        of_classes = {"objective": "multiclass", "num_class": shape[2]}
        params = {"objective": "binary"} if shape[2] == 2 else of_classes
        peer = lightgbm.train(
            {**params, "num_threads": 1, "verbosity": -1},
            lightgbm.Dataset(X, y),
            model.fit_report_.epochs_kept,
        )
        answers["LightGBM"] = lambda row: peer.predict(row, num_threads=1)
    return Case(f"{name}, {booster.num_boosted_rounds()} rounds", X, goal, answers)


def network() -> Case:
    """A network of delivery's layers, and scikit-learn's with its scaler."""
    X, y = noisy_table(10_000, 16, 2)
    model = DeliveryClassifier("mlp", epochs=5, n_jobs=1, random_state=0).fit(X, y)
    layers = tuple(len(bias) for bias in model.learner_.biases[:-1])
    scaler = StandardScaler().fit(X)
    scaled = scaler.transform(X)
    peer = MLPClassifier(layers, random_state=0)
    for _ in range(5):
        peer.partial_fit(scaled, y, classes=np.unique(y))
    name = f"network of {' and '.join(map(str, layers))}"
    return Case(
        name,
        X,
        40.0,
        {
            "novin_ml": model.predict_proba,
            "scikit-learn": lambda row: peer.predict_proba(scaler.transform(row)),
        },
    )


def blend() -> Case:
    """Trees and a network, mixed."""
    X, y = noisy_table(10_000, 16, 2)
    model = DeliveryClassifier("blend", epochs=20, n_jobs=1, random_state=0).fit(X, y)
    return Case("blend", X, None, {"novin_ml": model.predict_proba})


def baseline() -> Case:
    """A home's isolation forest of 100 trees."""
    X = np.random.default_rng(0).normal(size=(10_000, 12)).astype(np.float32)
    model = BehaviorAnomalyDetector(random_state=0).fit(X)
    peer = IsolationForest(random_state=0).fit(X)
    answers: dict[str, Answer] = {
        "novin_ml": model.score_samples,
        "scikit-learn": peer.score_samples,
    }
    return Case("baseline of 100 trees", X, 100.0, answers)


def cases() -> Iterator[Case]:
    """Train one after the other."""
    yield boosting("boosting, 2 classes", DeliveryClassifier, (10_000, 16, 2), 60.0)
    yield boosting("boosting, 6 classes", MotionClassifier, (20_000, 24, 6), 60.0)
    yield network()
    yield blend()
    yield baseline()


def timed(case: Case, runs: int) -> np.ndarray:
    """Return microseconds a call, shape (runs, n_libraries)."""
    rows = [case.X[i : i + 1].copy() for i in range(N_CALLS)]

    def run_of(answer: Answer) -> Callable[[], object]:
        return lambda: [answer(row) for row in rows]

    calls = [run_of(answer) for answer in case.answers.values()]
    for call in calls:
        call()  # what is prepared once
    return 1e6 / N_CALLS * alternating(calls, runs, seconds_of)


def same_bits(answer: Answer, X: np.ndarray) -> int:
    """Count the rows that have the same answer alone and in a batch."""
    batch = answer(X[:N_COMPARED])
    alone = np.concatenate([answer(X[i : i + 1]) for i in range(N_COMPARED)])
    return int(np.all((alone == batch).reshape(N_COMPARED, -1), axis=1).sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40)
    add_report_options(parser)
    options = parser.parse_args()
    report = Report(options, "one_row", "lightgbm")
    table = new_table(
        f"One row, {options.runs} runs of {N_CALLS} calls in turns, one thread",
        COLUMNS,
        text=2,
        caption="ratio: the least time by that of novin_ml; goals are of the least time",
    )
    with threadpool_limits(1):
        for case in cases():
            report.progress(case.name)
            times = timed(case, options.runs)
            least, middle = times.min(axis=0), np.median(times, axis=0)
            for place, (library, answer) in enumerate(case.answers.items()):
                is_own = place == 0
                goal = ""
                if is_own and case.goal is not None:
                    goal = f"{case.goal:g}, {'kept' if least[0] <= case.goal else 'missed'}"
                table.add_row(
                    case.name if is_own else "",
                    library,
                    f"{least[place]:,.1f}",
                    f"{middle[place]:,.1f}",
                    f"{least[place] / least[0]:.2f}",
                    goal,
                    f"{same_bits(answer, case.X):,} of {N_COMPARED:,}" if is_own else "",
                )
    report.show(table)
    report.close()


if __name__ == "__main__":
    main()
