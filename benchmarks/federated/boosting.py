"""Boosting over homes: bags of the homes' trees, or histograms of the homes, at equal bytes.

- Bags: in each round each home grows one more tree a class on its own rows, from the answers of
  all trees so far; the server keeps all of them, each with its home's share of the rows. A home
  sends its trees and gets those of the others, 8 bytes a node.
- Histograms: `novin_ml.federated.train_boosting`. Of two siblings one is sent, since the other is
  what is left: 16 bytes a bin, feature, class and node.

Wisdm's people are the homes, in 6 folds of people who are held back.
"""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict
from typing import Any

import numpy as np
import xgboost

from benchmarks._datasets import SHARED
from benchmarks._report import Report, new_table
from benchmarks.federated._homes import N_FOLDS, Split, wisdm_splits
from benchmarks.federated._kept import Kept
from novin_ml import MotionClassifier
from novin_ml.federated import BoostingSettings, merged_statistics, train_boosting

#: Bytes to and from a home in all rounds, in MB.
BUDGETS = (0.3, 1.0, 3.0, 10.0, 30.0)
BYTES_OF_NODE = 8
BAG_ROUNDS, HISTOGRAM_ROUNDS = 12, 40
#: Depth, and bins of a feature.
HISTOGRAMS = ((3, 8), (3, 16), (4, 16))
BAG_DEPTHS = (3, 6)
RATE = 0.3


def params_of(n_classes: int, depth: int) -> dict[str, Any]:
    """Return what both ways share."""
    return {
        "objective": "multi:softprob",
        "num_class": n_classes,
        "max_depth": depth,
        "eta": RATE,
        "tree_method": "hist",
        "nthread": 1,
        "base_score": 0.5,
    }


def bags(split: Split, depth: int) -> list[tuple[float, float]]:
    """Return megabytes of a home so far, and accuracy, after each round."""
    n_classes = len(split.classes)
    homes = list(split.homes.values())
    shares = np.array([len(home.codes) for home in homes]) / sum(len(h.codes) for h in homes)
    X = np.concatenate([home.X for home in homes])
    ends = np.cumsum([len(home.codes) for home in homes])[:-1]
    everyone, test = xgboost.DMatrix(X), xgboost.DMatrix(split.X_test)
    margins = np.zeros((len(X), n_classes), np.float32)
    of_test = np.zeros((len(split.X_test), n_classes), np.float32)
    found, megabytes = [], 0.0
    for _ in range(BAG_ROUNDS):
        added, added_test = np.zeros_like(margins), np.zeros_like(of_test)
        n_nodes = 0
        for home, own, share in zip(homes, np.split(margins, ends), shares, strict=True):
            rows = xgboost.DMatrix(home.X, home.codes, base_margin=own)
            trees = xgboost.train(params_of(n_classes, depth), rows, 1)
            n_nodes += sum(len(dump.splitlines()) for dump in trees.get_dump())
            for into, table in ((added, everyone), (added_test, test)):
                table.set_base_margin(np.zeros((table.num_row(), n_classes), np.float32))
                into += share * trees.predict(table, output_margin=True)
        margins, of_test = margins + added, of_test + added_test
        # A home sends one of so many bags, and gets all.
        megabytes += BYTES_OF_NODE * n_nodes * (1 + 1 / len(homes)) / 1e6
        found.append((megabytes, _accuracy(split, of_test)))
    return found


def histograms(split: Split, depth: int, n_bins: int) -> list[tuple[float, float]]:
    """Return megabytes of a home so far, and accuracy, after each round."""
    statistics, _ = merged_statistics(split.homes, split.X.shape[1], len(split.classes))
    settings = BoostingSettings(HISTOGRAM_ROUNDS, depth=depth, bins=n_bins, rate=RATE)
    result = train_boosting(
        MotionClassifier("boosting"), split.homes, statistics, split.classes, settings
    )
    booster = result.model.learner_.booster
    of_round = result.bytes_of_home / HISTOGRAM_ROUNDS / 1e6
    test = xgboost.DMatrix(split.X_test)
    found = []
    for number in range(1, HISTOGRAM_ROUNDS + 1):
        answers = booster.predict(test, output_margin=True, iteration_range=(0, number))
        found.append((number * of_round, _accuracy(split, answers)))
    return found


def _accuracy(split: Split, answers: np.ndarray) -> float:
    return float(np.mean(split.classes[answers.argmax(axis=1)] == split.y_test))


def show(options: Namespace, report: Report) -> None:
    """Print accuracies at equal bytes."""
    if not (SHARED / "wisdm").is_dir():
        report.say(f"wisdm is not in {SHARED}: left out.")
        return
    kept = Kept(options.kept, options.seconds)
    ways: dict[str, Any] = {
        f"bags of trees, depth {depth}": lambda split, d=depth: bags(split, d)
        for depth in BAG_DEPTHS
    }
    for depth, n_bins in HISTOGRAMS:
        ways[f"histograms, depth {depth}, {n_bins} bins"] = lambda split, d=depth, n=n_bins: (
            histograms(split, d, n)
        )
    curves: dict[str, list[Any]] = defaultdict(list)
    for number, split in enumerate(wisdm_splits(options.seed)):
        for way, run in ways.items():
            found = kept.get(
                f"boosting, {way}, seed {options.seed}, fold {number}",
                lambda r=run, s=split: r(s),
            )
            if found is None:
                kept.say(report)
                return
            curves[way].append(found)
    table = new_table(
        f"wisdm, {N_FOLDS} folds of people: accuracy by megabytes to and from a home",
        ("way", *(f"{budget:g} MB" for budget in BUDGETS), "at last", "MB at last"),
    )
    for way, folds in curves.items():
        cells = []
        for budget in (*BUDGETS, np.inf):
            within = [[right for size, right in fold if size <= budget] for fold in folds]
            cells.append(f"{np.mean([w[-1] for w in within]):.3f}" if all(within) else "-")
        last = np.mean([fold[-1][0] for fold in folds])
        table.add_row(way, *cells, f"{last:.1f}")
    report.show(table)
