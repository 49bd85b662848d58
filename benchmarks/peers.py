"""Training and features beside the libraries that people use instead, in one run.

Run as ``python -m benchmarks.peers [--only boosting,mlp,isolation,features] [--rows 50000]
[--threads 1] [--pairs 5]``.

Both of a pair get the same rows and threads, and boosted trees and networks the same stopping rule:
so many epochs at most, so many without a better score on a tenth that is held back. Trees have
xgboost's L2 penalty, and novin_ml's calibration counts as training. scikit-learn's networks
choose that tenth themselves and stop by its accuracy, all others by the log loss of the same rows.
A pair alternates, after a warm-up; its ratio is the median over pairs of the peer's time by that of
novin_ml: above 1, the peer takes longer. Accuracy is against the clean labels of other homes, of
forests the AUROC of planted outliers. Bytes are those of a Core ML model for novin_ml, and of the
library's own format for a peer. Features and forests take one thread. What is not installed (extra
``bench``; isotree has no wheels) is left out, and said to be.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from benchmarks._common import core_ml_bytes, time_pairs  # first: OpenMP

# isort: split
import numpy as np
from rich.table import Table
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from benchmarks._peer_classifiers import Peer, boosting_peers, network_peer, pickled
from benchmarks._report import Report, add_report_options, new_table
from benchmarks.suite._data import Split, classifier_rows
from novin_ml.estimators.families import FAMILIES
from novin_ml.estimators.learners.boosting_defaults import (
    MANY_ROWS,
    default_params,
    default_rounds,
)
from novin_ml.estimators.learners.network_fit import DEFAULTS as NETWORK_DEFAULTS

PARTS = ("boosting", "mlp", "isolation", "features")
CLASSIFIERS = ("delivery", "motion")
FOREST_COLUMNS = (
    "what", "peer", "novin_ml ms", "peer ms", "ratio", "AUROC", "peer's", "bytes", "peer's",
)  # fmt: skip
COLUMNS = ("rows", "peer", "novin_ml s", "peer s", "ratio", "novin_ml", "peer", "bytes", "peer's")


def classifier_table(algorithm: str, options: argparse.Namespace, report: Report) -> Table:
    """Compare the training of a learner, family by family."""
    table = new_table(
        f"{algorithm}: fit with early stopping, {options.threads} thread(s), medians of "
        f"{options.pairs} pairs",
        COLUMNS,
        text=2,
        caption="ratio: the peer's time by that of novin_ml; then accuracies, and bytes",
    )
    for family in CLASSIFIERS:
        split: Split = classifier_rows(family, options.rows)
        model = FAMILIES[family].make_pipeline(
            algorithm=algorithm, n_jobs=options.threads, random_state=0
        )[-1]
        settings = NETWORK_DEFAULTS | dict(model.family_defaults.get(algorithm, {}))
        if algorithm == "boosting":
            n_rows, n_columns = split.train.X.shape
            rounds = default_rounds(n_rows)
            settings = default_params(n_rows, len(split.classes), n_columns, rounds)
            if n_rows >= MANY_ROWS:
                settings |= model.family_defaults.get(algorithm, {})
        peers = [network_peer(settings, options.threads)]
        if algorithm == "boosting":
            peers = boosting_peers(settings, len(split.classes), options.threads, report)
        for peer in peers:
            report.progress(f"{family}, {algorithm} beside {peer.name}")
            cells = compared(model, peer, split, options.pairs)
            table.add_row(f"{family} {len(split.train.X):,}", peer.name, *cells)
    return table


def compared(model: Any, peer: Peer, split: Split, pairs: int) -> list[str]:
    """Train both in turn; return the cells of times, accuracies and bytes."""
    train, test = split.train, split.test
    fitted: list[Any] = []

    def fit_peer() -> None:
        fitted[:] = [peer.fit(train)]

    ours, theirs, ratio = time_pairs(lambda: model.fit(train.X, train.label), fit_peer, pairs)
    answers = (model.predict(test.X), peer.predict(fitted[0], test.X))
    return [
        f"{ours:.3f}",
        f"{theirs:.3f}",
        f"{1 / ratio:.2f}",
        *(f"{100 * np.mean(labels == test.clean_label):.2f} %" for labels in answers),
        f"{core_ml_bytes(model):,}",
        f"{peer.n_bytes(fitted[0]):,}",
    ]


def forest_table(options: argparse.Namespace, report: Report) -> Table:
    """Compare isolation forests: fit, score of all rows and of one, and how they rank."""
    from benchmarks._forests import libraries

    n_rows = min(options.rows, 50_000)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 12)).astype(np.float32)
    planted = rng.random(n_rows) < 0.01
    X[planted] += rng.normal(scale=2, size=(int(planted.sum()), 12)).astype(np.float32)
    times = 1.7e9 + np.sort(rng.uniform(0, 90 * 86_400, n_rows))
    ours, *others = libraries()
    with threadpool_limits(1):
        own, row = ours.fit(X, 0, times), X[:1].copy()
        table = new_table(
            f"isolation forests of 100 trees on {n_rows:,} x 12 rows, one thread, medians of "
            f"{options.pairs} pairs",
            FOREST_COLUMNS,
            text=2,
            caption="ratio: the peer's time by that of novin_ml",
        )
        for peer in others:
            report.progress(f"isolation forest beside {peer.name}")
            model = peer.fit(X, 0, None)
            aurocs = [
                f"{roc_auc_score(planted, library.score(fitted, X)):.4f}"
                for library, fitted in ((ours, own), (peer, model))
            ]
            sizes = [f"{core_ml_bytes(own):,}", f"{len(pickled(model)):,}"]
            calls: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
                "fit": (
                    lambda: ours.fit(X, 0, times),
                    lambda peer=peer: peer.fit(X, 0, None),
                ),
                "score all": (
                    lambda: ours.score(own, X),
                    lambda peer=peer, model=model: peer.score(model, X),
                ),
                "score one": (
                    lambda: ours.score(own, row),
                    lambda peer=peer, model=model: peer.score(model, row),
                ),
            }
            for what, (call, of_peer) in calls.items():
                mine, theirs, ratio = time_pairs(call, of_peer, options.pairs)
                rest = [*aurocs, *sizes] if what == "fit" else [""] * 4
                table.add_row(
                    what,
                    peer.name,
                    f"{1e3 * mine:.3f}",
                    f"{1e3 * theirs:.3f}",
                    f"{1 / ratio:.2f}",
                    *rest,
                )
    return table


def feature_table(options: argparse.Namespace, report: Report) -> Table:
    """Compare features with what one writes with pandas and polars; the columns are the same."""
    from benchmarks import _chain_peers, chain_features, features, motion_features
    from novin_ml.features import ChainFeatures, DeliveryFeatures, MotionFeatures
    from novin_ml.simulation import simulate_deliveries

    table = new_table(
        f"features, one thread, medians of {options.pairs} pairs",
        ("features", "peer", "rows", "novin_ml s", "peer s", "ratio"),
        text=2,
        caption="ratio: the peer's time by that of novin_ml; columns are compared before",
    )

    def add(
        what: str, peer: str, n: int, ours: Callable[[], Any], theirs: Callable[[], Any]
    ) -> None:
        report.progress(f"{what} features beside {peer}")
        np.testing.assert_allclose(ours(), np.asarray(theirs()), rtol=2e-4, atol=2e-5)
        mine, of_peer, ratio = time_pairs(ours, theirs, options.pairs)
        table.add_row(what, peer, f"{n:,}", f"{mine:.4f}", f"{of_peer:.4f}", f"{1 / ratio:.1f}")

    with threadpool_limits(1):
        events = simulate_deliveries(options.rows // 5, random_state=0)
        add(
            "delivery",
            "pandas",
            len(events),
            lambda: DeliveryFeatures().fit_transform(events),
            lambda: features.pandas_peer(events),
        )
        signals = motion_features.some_signals(max(20, options.rows // 50))
        samples = motion_features.sample_frame(signals)
        add(
            "motion",
            "pandas groupby",
            len(signals),
            lambda: MotionFeatures().transform(signals),
            lambda: motion_features.pandas_peer(samples),
        )
        chains = chain_features.some_chains(options.rows // 5)
        frames = _chain_peers.event_frame(chains)
        for name, by_hand in (("pandas groupby", False), ("pandas by hand", True)):
            add(
                "chains",
                name,
                len(chains),
                lambda: ChainFeatures().transform(chains),
                lambda by_hand=by_hand: _chain_peers.pandas_features(*frames, by_hand=by_hand),
            )
        try:
            import polars
        except ImportError:
            report.say("polars is not installed and left out.")
            return table
        polars_frames = [polars.from_pandas(frame) for frame in frames]
        add(
            "chains",
            "polars",
            len(chains),
            lambda: ChainFeatures().transform(chains),
            lambda: _chain_peers.polars_features(*polars_frames),
        )
    return table


def main() -> None:
    """Compare and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help=f"of {','.join(PARTS)}")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=5)
    add_report_options(parser)
    options = parser.parse_args()
    parts = options.only.split(",") if options.only else list(PARTS)
    if not set(parts) <= set(PARTS):
        parser.error(f"--only must be of {','.join(PARTS)}. Got {options.only}.")
    report = Report(options, "peers", "lightgbm", "pyod", "isotree", "polars")
    if "features" in parts:  # first: what it imports limits polars to one thread
        report.show(feature_table(options, report))
    for algorithm in ("boosting", "mlp"):
        if algorithm in parts:
            report.show(classifier_table(algorithm, options, report))
    if "isolation" in parts:
        report.show(forest_table(options, report))
    report.close()


if __name__ == "__main__":
    main()
