"""Which activity a chain of a minute belongs to, on whole days that were held out.

A row is a chain of 60 s as `chains_from_events` cuts it. Its label is the activity of its last
event; where nothing is noted it is `IDLE`, a class like the others. A fold is the local days whose
number modulo 5 is the same. Mean recall is over the activities of all rows of a home. The power of
the prior and the weight of the smoothing are chosen on the training days of all homes together, one
setting for all of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, NamedTuple

from benchmarks._report import Report, new_table  # first: OpenMP

# isort: split
import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, recall_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.real_homes._layout import N_FOLDS, Home, activity_at, local_days
from novin_ml.estimators import EventChainClassifier, MarkovSmoothing
from novin_ml.events import Chains, chains_from_events, sensor_names
from novin_ml.features import ChainFeatures

_ONE_THREAD: dict[str, Any] = {"n_jobs": 1, "random_state": 0}
_CLOCK = ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos")

#: Other people's models, as they come.
PEERS: dict[str, BaseEstimator] = {
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000)),
    "random forest": RandomForestClassifier(300, **_ONE_THREAD),
}
BOOSTING = EventChainClassifier(**_ONE_THREAD)
FOREST = EventChainClassifier("forest", **_ONE_THREAD)
#: Seconds after which what happened counts half.
MEMORY = 600.0
#: Powers of the prior that are tried on the training days.
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
#: Weights of the Markov model that are tried there; 0 is none.
SMOOTHINGS = (0.0, 0.25, 0.5)
Setting = tuple[float, float]
SETTINGS: tuple[Setting, ...] = tuple(product(WEIGHTS, SMOOTHINGS))
#: Settings of which one is chosen for all homes, by what the table calls the answers.
AMONG: dict[str, tuple[Setting, ...]] = {
    "": ((0.0, 0.0),),
    ", divided by the prior": tuple((weight, 0.0) for weight in WEIGHTS),
    ", divided and smoothed": SETTINGS,
}
#: Models of the columns of sensors, zones and memory, whose settings are chosen.
TRIED: dict[str, BaseEstimator] = {
    "random forest, sensors and memory": PEERS["random forest"],
    "boosting, sensors and memory": BOOSTING,
    "forest, sensors and memory": FOREST,
}


@dataclass(frozen=True)
class Rows:
    """The chains of a home, the names of its sensors, and the activity and fold of each chain."""

    chains: Chains
    sensors: tuple[str, ...]
    y: np.ndarray
    fold: np.ndarray


def rows_of(home: Home) -> Rows:
    """Make the rows of a home whose activities are known."""
    if home.activities is None:
        raise ValueError(f"The activities of {home.name} must be known. Got none.")
    chains = chains_from_events(home.events)
    last = chains.timestamp[chains.offsets[1:] - 1]
    days = local_days(last, chains["utc_offset"].to_numpy(dtype=np.float64))
    y = activity_at(last, home.activities).astype(str)
    return Rows(chains, sensor_names(home.events), y, days % N_FOLDS)


def bag_of_sensors(rows: Rows) -> np.ndarray:
    """Return how often each sensor reported in each chain, and the local time of day and week."""
    features: Any = ChainFeatures(sensors=rows.sensors).set_output(transform="pandas")
    table = features.fit_transform(rows.chains)
    counts = [name for name in table.columns if name.startswith("n_sensor_")]
    return table[[*counts, *_CLOCK]].to_numpy(dtype=np.float32)


def remembering(rows: Rows) -> np.ndarray:
    """Return the columns of `ChainFeatures`, of sensors, zones and what was before."""
    features = ChainFeatures(sensors=rows.sensors, zones=zones_of(rows), memory=MEMORY)
    return features.fit_transform(rows.chains)


def zones_of(rows: Rows) -> tuple[str, ...]:
    """Return the zones that occur."""
    codes = np.unique(rows.chains.zone)
    return tuple(rows.chains.dtype_of("zone").categories[codes].tolist())


def held_out(model: Any, X: Any, rows: Rows) -> np.ndarray:
    """Answer each row by a model that was trained on the days of the other folds."""
    answer = np.empty(len(rows.y), dtype=rows.y.dtype)
    for fold in np.unique(rows.fold):
        test = rows.fold == fold
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = clone(model).fit(X[~test], rows.y[~test])
        answer[test] = fitted.predict(X[test])
    return answer


def scores(y: np.ndarray, answer: np.ndarray) -> tuple[float, float]:
    """Return accuracy and mean recall of the activities, in percent."""
    recall = recall_score(y, answer, labels=np.unique(y), average="macro", zero_division=0)
    return 100 * float(accuracy_score(y, answer)), 100 * float(recall)


@dataclass(frozen=True)
class Trial:
    """The answers of a model of one home with each setting: a power of the prior and a smoothing.

    Attributes
    ----------
    rows : Rows
        The home's.
    answers : dict
        Answers to all rows by the setting, each by a model of the other four folds.
    inner : dict
        Sum of accuracy and mean recall by the fold and the setting, on the days of the other folds:
        each of them is answered by a model of the other three.
    """

    rows: Rows
    answers: Mapping[Setting, np.ndarray]
    inner: Mapping[tuple[int, Setting], float]

    def scores_with(self, settings: Mapping[int, Setting]) -> tuple[float, float]:
        """Return accuracy and mean recall with the setting of each fold."""
        answer = np.empty_like(self.rows.y)
        for fold, setting in settings.items():
            test = self.rows.fold == fold
            answer[test] = self.answers[setting][test]
        return scores(self.rows.y, answer)


def trial_of(model: Any, X: np.ndarray, rows: Rows) -> Trial:
    """Answer the rows of a home with each setting, and judge the settings on training days."""
    y, folds = rows.y, np.unique(rows.fold).tolist()
    answers = {setting: y.copy() for setting in SETTINGS}
    inner = {(fold, setting): y.copy() for fold in folds for setting in SETTINGS}
    for fold in folds:
        _answer(answers, _fitted(model, X, rows, [fold]), X, rows, fold)
    for pair in combinations(folds, 2):
        fitted = _fitted(model, X, rows, pair)  # one model answers for both
        for fold, part in (pair, pair[::-1]):
            own = {setting: inner[fold, setting] for setting in SETTINGS}
            _answer(own, fitted, X, rows, part)
    judged = {
        (fold, setting): sum(scores(y[rows.fold != fold], answer[rows.fold != fold]))
        for (fold, setting), answer in inner.items()
    }
    return Trial(rows, answers, judged)


def one_setting(trials: Sequence[Trial], among: Sequence[Setting]) -> dict[int, Setting]:
    """Return for each fold the setting that is best on the training days of all homes together."""
    return {
        fold: max(among, key=lambda setting: sum(trial.inner[fold, setting] for trial in trials))
        for fold in range(N_FOLDS)
    }


class _Fitted(NamedTuple):
    """A model, and the rows that it was trained on."""

    model: Any
    train: np.ndarray


def _fitted(model: Any, X: np.ndarray, rows: Rows, left_out: Sequence[int]) -> _Fitted:
    train = ~np.isin(rows.fold, left_out)
    return _Fitted(clone(model).fit(X[train], rows.y[train]), train)


def _answer(
    answers: Mapping[Setting, np.ndarray], fitted: _Fitted, X: np.ndarray, rows: Rows, fold: int
) -> None:
    """Fill in the answers to the rows of a fold with each setting."""
    test, train = rows.fold == fold, fitted.train
    start = rows.chains["start"].to_numpy()
    divided = _divided(fitted, X[test], rows, {weight for weight, _ in answers})
    for (weight, smoothing), answer in answers.items():
        proba = divided[weight]
        if smoothing:
            markov = MarkovSmoothing(smoothing).fit(rows.y[train], runs_of(train), start[train])
            proba = markov.transform(proba, runs_of(test), start[test])
        answer[test] = fitted.model.classes_[proba.argmax(axis=1)]


def _divided(
    fitted: _Fitted, X: np.ndarray, rows: Rows, weights: Collection[float]
) -> dict[float, np.ndarray]:
    """Return probabilities by the power of the prior that divides them.

    Those of a peer are divided here as `decision_prior_weight` divides.
    """
    model = fitted.model
    if hasattr(model, "set_decision_prior_weight"):
        return {
            weight: model.set_decision_prior_weight(weight).predict_proba(X) for weight in weights
        }
    counts = np.unique(rows.y[fitted.train], return_counts=True)[1]
    posterior = model.predict_proba(X)
    products = {weight: posterior / (counts / counts.sum()) ** weight for weight in weights}
    return {weight: each / each.sum(axis=1, keepdims=True) for weight, each in products.items()}


def figures_of(rows: Rows) -> dict[str, tuple[float, float]]:
    """Return accuracy and mean recall of each model as it comes."""
    bag = bag_of_sensors(rows)
    columns = ChainFeatures().fit_transform(rows.chains)
    figures = {"always the commonest": scores(rows.y, _commonest(rows))}
    for name, model in {**PEERS, "boosting": BOOSTING}.items():
        figures[f"{name}, bag of sensors"] = scores(rows.y, held_out(model, bag, rows))
    figures["boosting, ChainFeatures"] = scores(rows.y, held_out(BOOSTING, columns, rows))
    return figures


def runs_of(mask: np.ndarray) -> np.ndarray:
    """Number the runs of rows that follow each other: a label follows none of another run."""
    rows = np.flatnonzero(mask)
    return np.cumsum(np.diff(rows, prepend=-2) != 1)


def _commonest(rows: Rows) -> np.ndarray:
    names, counts = np.unique(rows.y, return_counts=True)
    return np.full(len(rows.y), names[counts.argmax()])


def show(homes: list[Home], report: Report) -> None:
    """Print accuracy / mean recall of each model on each home, and the means over homes."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    trials: dict[str, list[Trial]] = {name: [] for name in TRIED}
    for home in homes:
        if home.activities is None:
            report.say(f"{home.name} has no activities and is left out.")
            continue
        rows = rows_of(home)
        report.progress(
            f"{home.name}: {len(rows.y)} chains, {len(rows.sensors)} sensors, "
            f"{len(np.unique(rows.y))} activities"
        )
        found[home.name] = figures_of(rows)
        columns = remembering(rows)
        for name, model in TRIED.items():
            trials[name].append(trial_of(model, columns, rows))
    if not found:
        return
    for name, of_homes in trials.items():
        for note, among in AMONG.items():
            settings = one_setting(of_homes, among)
            report.say(f"{name}{note}: prior and smoothing of each fold: {[*settings.values()]}")
            for home_figures, trial in zip(found.values(), of_homes, strict=True):
                home_figures[f"{name}{note}"] = trial.scores_with(settings)
    table = new_table(
        "Activity of a chain on held-out days: accuracy / mean recall in %",
        ("model", *found, "mean"),
    )
    for model in next(iter(found.values())):
        figures = [of_home[model] for of_home in found.values()]
        cells = [*figures, tuple(np.mean(figures, axis=0))]
        table.add_row(model, *(f"{accuracy:.1f} / {recall:.1f}" for accuracy, recall in cells))
    report.show(table)
    report.figures["chains"] = found
