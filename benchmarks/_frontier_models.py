"""Classifiers on the frontier of time and loss: each at its defaults and at three settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from benchmarks._report import Report
from novin_ml.estimators.families import FAMILIES

#: Steps of boosting and their size: few large, some, many small.
STEPS = {"few": (50, 0.3), "some": (150, 0.1), "many": (400, 0.05)}
#: Trees of a random forest, and the least rows of a leaf.
TREES = {"few": (30, 3), "some": (100, 3), "many": (300, 1)}
#: Layers of a network, and passes over the rows at most.
LAYERS = {"few": ((64,), 20), "some": ((128, 128), 40), "many": ((256, 128), 60)}
DEFAULTS = "defaults"
OURS = ("boosting", "mlp", "blend")


class Candidate(NamedTuple):
    """An unfitted model; `takes_groups` says whether its fit takes the homes of rows."""

    name: str
    setting: str
    model: Any
    takes_groups: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it is novin_ml's."""
        return self.takes_groups


def candidates(family: str, names: list[str] | None, report: Report) -> list[Candidate]:
    """Return the models of one thread; a family has defaults of its own."""
    found = [*_ours(family), *_peers(report)]
    return [each for each in found if names is None or each.name in names]


def _ours(family: str) -> Iterator[Candidate]:
    def made(algorithm: str, setting: str, **params: Any) -> Candidate:
        pipeline = FAMILIES[family].make_pipeline(
            algorithm=algorithm, n_jobs=1, random_state=0, **params
        )
        return Candidate(algorithm, setting, pipeline[-1], takes_groups=True)

    for algorithm in OURS:
        yield made(algorithm, DEFAULTS)
    for setting, (rounds, rate) in STEPS.items():
        layers, epochs = LAYERS[setting]
        trees = {"learning_rate": rate}
        network = {"hidden_layer_sizes": layers}
        yield made("boosting", setting, epochs=rounds, learner_params=trees)
        yield made("mlp", setting, epochs=epochs, learner_params=network)
        parts = {"boosting": trees, "mlp": network}
        yield made("blend", setting, epochs=min(rounds, 100), learner_params=parts)


def _peers(report: Report) -> Iterator[Candidate]:
    yield from _boosted(
        "xgboost", XGBClassifier, "n_estimators", "learning_rate", n_jobs=1, random_state=0
    )
    try:
        from lightgbm import LGBMClassifier
    except ImportError:
        report.say("lightgbm is not installed and left out.")
    else:
        one = {"n_jobs": 1, "random_state": 0, "verbose": -1}
        yield from _boosted("LightGBM", LGBMClassifier, "n_estimators", "learning_rate", **one)
    yield from _boosted(
        "HistGradientBoosting",
        HistGradientBoostingClassifier,
        "max_iter",
        "learning_rate",
        random_state=0,
    )
    try:
        from catboost import CatBoostClassifier
    except ImportError:
        report.say("catboost is not installed and left out.")
    else:
        quiet = {"verbose": 0, "allow_writing_files": False}
        one = {"thread_count": 1, "random_seed": 0, **quiet}
        yield from _boosted("CatBoost", CatBoostClassifier, "iterations", "learning_rate", **one)
    forest = RandomForestClassifier(n_jobs=1, random_state=0)
    yield Candidate("random forest", DEFAULTS, forest)
    for setting, (trees, rows) in TREES.items():
        model = RandomForestClassifier(trees, min_samples_leaf=rows, n_jobs=1, random_state=0)
        yield Candidate("random forest", setting, model)
    yield Candidate("scikit-learn's MLP", DEFAULTS, _network(MLPClassifier(random_state=0)))
    for setting, (layers, epochs) in LAYERS.items():
        network = MLPClassifier(layers, max_iter=epochs, early_stopping=True, random_state=0)
        yield Candidate("scikit-learn's MLP", setting, _network(network))


def _boosted(name: str, kind: Any, rounds: str, rate: str, **params: Any) -> Iterator[Candidate]:
    yield Candidate(name, DEFAULTS, kind(**params))
    for setting, (n_rounds, step) in STEPS.items():
        yield Candidate(name, setting, kind(**{rounds: n_rounds, rate: step, **params}))


def _network(model: MLPClassifier) -> Any:
    return make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), model)
