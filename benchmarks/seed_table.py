"""What the user was told that training takes, beside what it takes here.

Run as ``python -m benchmarks.seed_table [--rows delivery,motion-100K] [--algorithm boosting,mlp]
[--scale 1]``.

Each row of the table is simulated, and trained with the estimator's defaults on events of so many
labels; homes of their own are held back for the accuracy, against the clean labels. Seconds are
those of features and fit; simulating is not counted. Bytes are those of the Core ML model. A home's
baseline is measured on the weeks that follow its log: its accuracy is the share of events that it
takes for what they are, of which most are usual; its alarms say more. Ratios say how
many times faster it is than the time that the user was told, of a neural network on a laptop or an
RTX 4090.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks._common import core_ml_bytes, seconds_of  # first: OpenMP

# isort: split
import numpy as np

from benchmarks._host import load
from benchmarks._report import Report, add_report_options, new_table
from benchmarks.suite._data import classifier_rows, home_log
from novin_ml.estimators import make_behavior_pipeline
from novin_ml.estimators.families import FAMILIES
from novin_ml.evaluation import alarms_per_week

GOAL_SECONDS = 180.0  # of all rows with boosting together, on two quiet cores
GOAL_ACCURACY = 0.95
GOAL_BYTES = 5_000_000


@dataclass(frozen=True)
class Promise:
    """A row of the table that the user was shown: minutes to train."""

    task: str
    n_events: int
    laptop: float
    rtx_4090: float | None = None

    @property
    def name(self) -> str:
        """What ``--rows`` calls it."""
        return f"{self.task}-{self.n_events // 1_000}K"


PROMISES = (
    Promise("delivery", 10_000, 8),
    Promise("delivery", 50_000, 22),
    Promise("delivery", 100_000, 45, 6),
    Promise("motion", 50_000, 18),
    Promise("motion", 100_000, 35),
    Promise("motion", 500_000, 150, 18),
    Promise("chains", 100_000, 45),
    Promise("chains", 500_000, 210, 25),
    Promise("behavior", 10_000, 2),
    Promise("behavior", 50_000, 5),
)


@dataclass(frozen=True)
class Result:
    """What a row took here."""

    row: str
    algorithm: str
    n_rows: int
    feature_seconds: float | None
    fit_seconds: float
    cpu_seconds: float
    simulation_seconds: float
    accuracy: float
    n_bytes: int
    epochs: int | None
    note: str
    load: float | None

    @property
    def seconds(self) -> float:
        """From events to the model."""
        return (self.feature_seconds or 0.0) + self.fit_seconds


def chosen(text: str | None) -> list[Promise]:
    """Return the rows with these names, or of these tasks."""
    if text is None:
        return list(PROMISES)
    words = text.split(",")
    found = [row for row in PROMISES if row.name in words or row.task in words]
    unknown = set(words) - {name for row in PROMISES for name in (row.name, row.task)}
    if unknown or not found:
        raise ValueError(
            f"The rows must be of {', '.join(row.name for row in PROMISES)}, or tasks. "
            f"Got {text!r} instead."
        )
    return found


def train_classifiers(row: Promise, n_events: int, algorithms: list[str], jobs: int | None) -> Any:
    """Yield the result of each algorithm on the same rows."""
    split = classifier_rows(row.task, n_events)
    train, test = split.train, split.test
    for algorithm in algorithms:
        model = FAMILIES[row.task].make_pipeline(algorithm=algorithm, n_jobs=jobs, random_state=0)[
            -1
        ]
        groups = train.home if train.home.min() != train.home.max() else None
        cpu = time.process_time()
        seconds = seconds_of(
            lambda model=model, groups=groups: model.fit(train.X, train.label, groups=groups)
        )
        cpu = time.process_time() - cpu
        yield Result(
            row.name,
            algorithm,
            len(train.X),
            split.feature_seconds,
            seconds,
            cpu,
            split.simulation_seconds,
            float(np.mean(model.predict(test.X) == test.clean_label)),
            core_ml_bytes(model),
            model.fit_report_.epochs_kept,
            f"of {len(test.X):,} rows of other homes",
            load(),
        )


def train_baseline(row: Promise, n_events: int) -> Result:
    """Fit one home's baseline on its log, from its events."""
    home = home_log(n_events)
    model = make_behavior_pipeline(random_state=0)
    times = home.train["timestamp"]
    cpu = time.process_time()
    seconds = seconds_of(lambda: model.fit(home.train, detector__timestamps=times))
    cpu = time.process_time() - cpu
    flags = model.predict(home.test) == -1
    unusual = (home.test["label"] == "unusual").to_numpy()
    alarms = alarms_per_week(home.test, flags)
    weeks = max(alarms.home_weeks, 1e-9)
    return Result(
        row.name,
        "isolation forest",
        len(home.train),
        None,
        seconds,
        cpu,
        home.simulation_seconds,
        float(np.mean(flags == unusual)),
        core_ml_bytes(model),
        None,
        f"{alarms.n_alarms / weeks:.1f} false alarms a week in the {weeks:.1f} weeks after",
        load(),
    )


def beside(minutes: float | None, seconds: float) -> str:
    """Return what the user was told, and how many times faster it was."""
    return "" if minutes is None else f"{minutes:g} min, {60 * minutes / seconds:,.0f}x"


def verdict(result: Result) -> str:
    """Name the goals that were missed."""
    missed = []
    if result.accuracy < GOAL_ACCURACY:
        missed.append("accuracy")
    if result.n_bytes >= GOAL_BYTES:
        missed.append("bytes")
    return "MISSED " + ", ".join(missed) if missed else "kept"


def main() -> None:
    """Train and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", help="names or tasks with commas, such as delivery,motion-100K")
    parser.add_argument("--algorithm", default="boosting,mlp", help="with commas")
    parser.add_argument("--scale", type=float, default=1.0, help="share of each row's events")
    parser.add_argument("--threads", type=int, help="default: what the estimators choose")
    add_report_options(parser)
    options = parser.parse_args()
    algorithms = options.algorithm.split(",")
    try:
        promises = chosen(options.rows)
    except ValueError as error:
        parser.error(str(error))
    report = Report(options, "seed_table")
    columns = (
        "row", "algorithm", "rows", "features s", "fit s", "fit CPU s", "accuracy", "bytes",
        "epochs", "laptop", "RTX 4090", "goals",
    )  # fmt: skip
    table = new_table("Training, from events to the model", columns, text=2)
    results: list[Result] = []
    for row in promises:
        n_events = max(500, int(options.scale * row.n_events))
        if row.task == "behavior":
            found: Any = [train_baseline(row, n_events)]
        else:
            found = train_classifiers(row, n_events, algorithms, options.threads)
        for result in found:
            results.append(result)
            report.progress(
                f"{result.row} {result.algorithm}: {result.seconds:.2f} s, "
                f"{100 * result.accuracy:.2f} %, {result.n_bytes:,} bytes, "
                f"{result.note} (simulated in {result.simulation_seconds:.1f} s, "
                f"load {result.load})"
            )
            told = (row.laptop, row.rtx_4090) if options.scale == 1 else (None, None)
            features = result.feature_seconds
            table.add_row(
                row.name,
                result.algorithm,
                f"{result.n_rows:,}",
                "in fit" if features is None else f"{features:.2f}",
                f"{result.fit_seconds:.2f}",
                f"{result.cpu_seconds:.2f}",
                f"{100 * result.accuracy:.2f} %",
                f"{result.n_bytes:,}",
                "" if result.epochs is None else str(result.epochs),
                *(beside(minutes, result.seconds) for minutes in told),
                verdict(result),
            )
    report.show(table)
    simulated = {result.row: result.simulation_seconds for result in results}
    report.say(f"Simulating took {sum(simulated.values()):.0f} s besides.")
    for result in results:
        if result.feature_seconds is None:
            report.say(f"{result.row}: {result.note}.")
    total = sum(r.seconds for r in results if r.algorithm in ("boosting", "isolation forest"))
    whole = options.scale == 1 and promises == list(PROMISES) and "boosting" in algorithms
    kept = ("kept" if total < GOAL_SECONDS else "MISSED") if whole else "of all rows at full scale"
    report.say(
        f"Boosting and the baselines together: {total:.1f} s. Goal {GOAL_SECONDS:g} s on two quiet "
        f"cores: {kept}."
    )
    if options.scale != 1:
        report.say(f"Only {options.scale:g} of each row's events: ratios are left out.")
    report.figures["rows"] = [asdict(result) | {"seconds": result.seconds} for result in results]
    report.close()


if __name__ == "__main__":
    main()
