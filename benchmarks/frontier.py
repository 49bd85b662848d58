"""Time of training against log loss and accuracy, for novin_ml and other libraries, in one run.

Run as ``python -m benchmarks.frontier [--rows 10000] [--tables delivery,wisdm] [--repeats 2]
[--models boosting,LightGBM]``. Tables are of the simulated families, other homes to test on, and
the public ones of ``--data``: users of wisdm and days of room_occupancy are kept apart. Each model
is trained at its defaults and at three settings: few large steps, some, and many small ones; of
forests so many trees, of networks such layers. One thread; a model's time is the least processor
time of its fits, which other work on the machine disturbs least. Nothing was chosen on the rows
that are scored.

A peer is ahead of a model of ours if it trains in 95 % of its time or less and its log loss is
lower by a hundredth or more. What no other is ahead of is on the frontier (*).
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks._common import noisy_table  # noqa: F401  (first: OpenMP)

# isort: split
import numpy as np
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit
from threadpoolctl import threadpool_limits

from benchmarks._datasets import SHARED, Dataset, read_pmlb, read_room_occupancy, read_wisdm
from benchmarks._frontier_models import DEFAULTS, OURS, Candidate, candidates
from benchmarks._report import Report, add_report_options, new_table
from benchmarks.suite._data import classifier_rows

FAMILIES = ("delivery", "motion", "chains")
PUBLIC = ("wisdm", "room_occupancy", "credit-g", "australian")
#: By how much a peer must be faster, and its loss lower, to be ahead.
FASTER, BETTER = 0.95, 0.99
_LEAST_SHARE = 1e-6


class Rows(NamedTuple):
    """A table, divided: rows to train on with their groups, and rows of others to score."""

    name: str
    family: str
    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray | None
    test_X: np.ndarray
    test_y: np.ndarray


class Point(NamedTuple):
    """What a model took, and what it is worth."""

    model: Candidate
    seconds: float
    loss: float
    accuracy: float

    def is_ahead_of(self, other: Point) -> bool:
        """Whether this one is faster and better."""
        return self.seconds <= FASTER * other.seconds and self.loss <= BETTER * other.loss


def tables(names: list[str], n_rows: int, folder: Path, report: Report) -> Iterator[Rows]:
    """Yield the tables one by one."""
    for family in FAMILIES:
        if family in names:
            split = classifier_rows(family, n_rows)
            train, test = split.train, split.test
            yield Rows(
                f"{family} {len(train.X):,}",
                family,
                train.X,
                train.label,
                train.home,
                test.X,
                test.clean_label,
            )
    if not folder.is_dir():
        report.say(f"{folder} is absent: the public tables are left out.")
        return
    for name in PUBLIC:
        if name in names:
            yield _divided(name, _read(name, folder))


def _read(name: str, folder: Path) -> Dataset:
    if name == "wisdm":
        return read_wisdm(folder)
    if name == "room_occupancy":
        return read_room_occupancy(folder)
    return read_pmlb(folder, name)


def _divided(name: str, data: Dataset) -> Rows:
    X = data.X.to_numpy(np.float32)
    y = np.unique(data.y, return_inverse=True)[1]
    groups = None if data.groups is None else np.unique(data.groups, return_inverse=True)[1]
    if groups is None:
        splitter: Any = StratifiedShuffleSplit(1, test_size=1 / 3, random_state=0)
    else:
        splitter = GroupShuffleSplit(1, test_size=1 / 3, random_state=0)
    train, test = next(splitter.split(X, y, groups))
    own = None if groups is None else groups[train]
    return Rows(f"{name} {len(train):,}", "delivery", X[train], y[train], own, X[test], y[test])


def measured(candidate: Candidate, rows: Rows, repeats: int) -> Point:
    """Train so many times; return the least time, and the scores."""
    options = {"groups": rows.groups} if candidate.takes_groups else {}
    present, codes = np.unique(rows.y, return_inverse=True)
    seconds = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of peers: iterations, names of columns
        for _ in range(repeats):
            model = clone(candidate.model)
            start = time.process_time()
            model.fit(rows.X, codes, **options)
            seconds.append(time.process_time() - start)
        given = np.asarray(model.predict_proba(rows.test_X), dtype=np.float64)
    classes = np.arange(max(present.max(), rows.test_y.max()) + 1)
    shares = np.full((len(rows.test_y), len(classes)), _LEAST_SHARE)
    shares[:, present] = np.maximum(given, _LEAST_SHARE)
    shares /= shares.sum(axis=1, keepdims=True)
    return Point(
        candidate,
        min(seconds),
        float(log_loss(rows.test_y, shares, labels=classes)),
        float(np.mean(shares.argmax(axis=1) == rows.test_y)),
    )


def show(rows: Rows, points: list[Point], report: Report) -> None:
    """Show a table's points, the fastest first."""
    table = new_table(
        f"{rows.name}, {len(rows.test_y):,} rows of others",
        ("", "model", "setting", "CPU s", "log loss", "accuracy", "faster and better"),
        text=3,
    )
    for point in sorted(points, key=lambda point: point.seconds):
        ahead = [each.model for each in points if each.is_ahead_of(point)]
        first = f"{ahead[0].name}, {ahead[0].setting}" if ahead else ""
        more = f" and {len(ahead) - 1} more" if len(ahead) > 1 else ""
        table.add_row(
            "" if ahead else "*",
            point.model.name,
            point.model.setting,
            f"{point.seconds:.2f}",
            f"{point.loss:.4f}",
            f"{100 * point.accuracy:.2f} %",
            first + more,
        )
    report.show(table)


def verdicts(found: dict[str, list[Point]], report: Report) -> None:
    """Show for each table the peers that are ahead of our defaults, and LightGBM at our loss."""
    table = new_table(
        "Peers ahead of our defaults: how many, and the one of least loss",
        ("table", *OURS, "time by LightGBM's"),
        text=4,
        caption="the last column is the time of boosting by that of the fastest LightGBM whose "
        "loss is at most a hundredth above",
    )
    for name, points in found.items():
        own = {each.model.name: each for each in points if _is_our_default(each)}
        cells = []
        for algorithm in OURS:
            if algorithm not in own:
                cells.append("")
                continue
            ahead = [
                each
                for each in points
                if not each.model.is_ours and each.is_ahead_of(own[algorithm])
            ]
            best = min(ahead, key=lambda point: point.loss, default=None)
            cells.append(
                "none"
                if best is None
                else f"{len(ahead)}; {best.model.name}, {best.model.setting}: {best.loss:.4f} "
                f"instead of {own[algorithm].loss:.4f}"
            )
        equal = ""
        if "boosting" in own:
            of_peer = [
                each.seconds
                for each in points
                if each.model.name == "LightGBM" and each.loss <= own["boosting"].loss / BETTER
            ]
            equal = (
                f"{own['boosting'].seconds / min(of_peer):.2f}" if of_peer else "none reaches it"
            )
        table.add_row(name, *cells, equal)
    report.show(table)


def _is_our_default(point: Point) -> bool:
    return point.model.is_ours and point.model.setting == DEFAULTS


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000, help="of the simulated tables")
    parser.add_argument("--tables", default=",".join((*FAMILIES, *PUBLIC)), help="with commas")
    parser.add_argument("--models", help="only these, with commas")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--data", type=Path, default=SHARED)
    add_report_options(parser)
    options = parser.parse_args()
    names = options.tables.split(",")
    if not set(names) <= {*FAMILIES, *PUBLIC}:
        parser.error(
            f"--tables must be of {', '.join((*FAMILIES, *PUBLIC))}. Got {options.tables}."
        )
    report = Report(options, "frontier", "lightgbm", "catboost")
    only = options.models.split(",") if options.models else None
    found: dict[str, list[Point]] = {}
    with threadpool_limits(1):
        for rows in tables(names, options.rows, options.data, report):
            points = []
            for candidate in candidates(rows.family, only, report):
                points.append(measured(candidate, rows, options.repeats))
                name = f"{candidate.name}, {candidate.setting}"
                report.progress(f"{rows.name}: {name}: {points[-1].seconds:.2f} s")
            show(rows, points, report)
            found[rows.name] = points
    verdicts(found, report)
    report.figures["points"] = [
        {
            "table": name,
            "model": each.model.name,
            "setting": each.model.setting,
            "cpu_s": each.seconds,
            "log_loss": each.loss,
            "accuracy": each.accuracy,
        }
        for name, points in found.items()
        for each in points
    ]
    report.close()


if __name__ == "__main__":
    main()
