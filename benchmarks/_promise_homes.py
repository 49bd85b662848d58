"""Populations of homes that promises are tried on: real people, simulated homes, made-up ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.model_selection import GroupKFold, cross_val_predict

from benchmarks._datasets import read_wisdm
from novin_ml import MotionClassifier
from novin_ml.estimators.families import FAMILIES
from novin_ml.evaluation._scored_rows import scored_rows
from novin_ml.evaluation.alarms import weeks_by_home
from novin_ml.events import NO_PATTERN
from novin_ml.simulation import simulate_chains

#: So many windows of a person count as a week.
WINDOWS_A_WEEK = 60


@dataclass(frozen=True)
class Draw:
    """Rows of homes that were drawn: those that can be false alarms of a label."""

    scores: np.ndarray  # of each row
    home: np.ndarray  # of each row, counted from 0
    weeks: np.ndarray  # of each home


@dataclass(frozen=True)
class Covered:
    """Rows of homes that were drawn: the probability of the right label of each."""

    of_right: np.ndarray
    home: np.ndarray


@dataclass(frozen=True)
class Pool:
    """Homes that there are, with scored rows; drawn with replacement, judged by all of them."""

    labels: list[str]
    probabilities: np.ndarray
    truth: np.ndarray  # code of the right label of each row
    home: np.ndarray
    weeks: np.ndarray
    alarm_labels: list[int]

    def drawn(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, the home of each, and the weeks of the n homes that are drawn."""
        places = rng.integers(len(self.weeks), size=n)
        rows = [np.flatnonzero(self.home == place) for place in places]
        home = np.repeat(np.arange(n), [len(each) for each in rows])
        return np.concatenate(rows), home, self.weeks[places]

    def false_alarms(self, label: int, n: int, rng: np.random.Generator) -> Draw:
        """Return rows of n homes that are of other labels."""
        rows, home, weeks = self.drawn(n, rng)
        other = self.truth[rows] != label
        return Draw(self.probabilities[rows[other], label], home[other], weeks)

    def true_rates(self, label: int, threshold: float, cap: float) -> tuple[float, float]:
        """Return the rate of all homes together, and the mean over homes of clipped rates."""
        false = (self.probabilities[:, label] >= threshold) & (self.truth != label)
        counts = np.bincount(self.home[false], minlength=len(self.weeks))
        clipped = np.minimum(counts / self.weeks, cap)
        return float(counts.sum() / self.weeks.sum()), float(clipped.mean())

    def found(self, label: int, threshold: float) -> float:
        """Return the share of rows of a label that reach a threshold."""
        own = self.truth == label
        return float(np.mean(self.probabilities[own, label] >= threshold))

    def right(self, n: int, rng: np.random.Generator) -> Covered:
        """Return rows of n homes with the probability of their right label."""
        rows, home, _ = self.drawn(n, rng)
        return Covered(self.probabilities[rows, self.truth[rows]], home)

    def true_coverage(self, cut: float) -> tuple[float, float]:
        """Return the coverage of all rows, and the mean over homes of that of a home."""
        covered = self.probabilities[np.arange(len(self.truth)), self.truth] >= cut
        of_home = np.bincount(self.home, covered) / np.bincount(self.home)
        return float(covered.mean()), float(of_home.mean())


@dataclass(frozen=True)
class MadeUp:
    """Homes whose false alarms follow a law: a Poisson process with a rate of each home's own.

    Scores of false alarms are uniform: a threshold s leaves a share 1 - s of them. The logit of the
    probability of a right label is a home's own number plus that of a row.
    """

    rates: Callable[[np.random.Generator, int], np.ndarray]  # mean 1
    weeks: float = 2.0
    loudest: float = 3.0  # mean rate of all alarms, at a threshold of 0
    alarm_labels: tuple[int, ...] = (0,)

    _MEAN, _OF_ROW, _OF_HOME = 2.0, 1.5, 1.0

    def false_alarms(self, label: int, n: int, rng: np.random.Generator) -> Draw:
        """Return false alarms of n homes."""
        weeks = np.full(n, self.weeks)
        counts = rng.poisson(self.loudest * self.rates(rng, n) * weeks)
        return Draw(rng.random(counts.sum()), np.repeat(np.arange(n), counts), weeks)

    def true_rates(self, label: int, threshold: float, cap: float) -> tuple[float, float]:
        """Return the mean rate, and the mean of rates as observed and clipped."""
        rng = np.random.default_rng(0)
        mean = self.loudest * min(max(1 - threshold, 0.0), 1.0)
        counts = rng.poisson(mean * self.rates(rng, 20_000) * self.weeks)
        return mean, float(np.minimum(counts / self.weeks, cap).mean())

    def found(self, label: int, threshold: float) -> float:
        """Return the share of the budget of one a week that a threshold spends."""
        return self.true_rates(label, threshold, np.inf)[0]

    def right(self, n: int, rng: np.random.Generator) -> Covered:
        """Return rows of n homes; some homes have twenty times the rows of others."""
        home = np.repeat(np.arange(n), np.exp(rng.uniform(np.log(10), np.log(200), n)).astype(int))
        of_row = rng.normal(self._MEAN, self._OF_ROW, len(home))
        of_home = rng.normal(0, self._OF_HOME, n)[home]
        return Covered(expit(of_row + of_home).astype(np.float32), home)

    def true_coverage(self, cut: float) -> tuple[float, float]:
        """Return the coverage of all rows and that of a home, which are one."""
        spread = np.hypot(self._OF_ROW, self._OF_HOME)
        share = 1.0 if cut <= 0 else float(norm.sf((logit(cut) - self._MEAN) / spread))
        return share, share


def _gamma(cv: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    return lambda rng, n: rng.gamma(cv**-2, cv**2, n)


def _some_far_worse(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.05, 20.0, 1.0) / 1.95


MADE_UP = {
    "homes all alike": MadeUp(lambda rng, n: np.ones(n)),
    "gamma, CV 1": MadeUp(_gamma(1)),
    "gamma, CV 2": MadeUp(_gamma(2)),
    "5 % of homes 20 times worse": MadeUp(_some_far_worse),
}


def people(folder: Path, epochs: int | None = None) -> Pool:
    """Return wisdm's people as homes, each scored by a model that was trained on others."""
    data = read_wisdm(folder)
    model = MotionClassifier(epochs=epochs, random_state=0, n_jobs=1)
    folds = GroupKFold(6, shuffle=True, random_state=0)
    probabilities = cross_val_predict(
        model, data.X, data.y, groups=data.groups, cv=folds, method="predict_proba"
    )
    labels, truth = np.unique(data.y.astype(str), return_inverse=True)
    _, home = np.unique(data.groups, return_inverse=True)
    weeks = np.bincount(home) / WINDOWS_A_WEEK
    return Pool(labels.tolist(), probabilities, truth, home, weeks, list(range(len(labels))))


def simulated(n_homes: int, n_chains: int, epochs: int | None = None) -> Pool:
    """Return simulated homes with chains, scored by a model that was trained on other homes."""
    family = FAMILIES["chains"]
    rows, _ = family.rows.to_train(simulate_chains(8_000, random_state=0))
    model = family.make_pipeline(epochs=epochs, random_state=0, n_jobs=1)
    model.fit(rows, rows["label"].astype(object))
    chains = simulate_chains(n_chains, n_homes=n_homes, random_state=1)
    scored = scored_rows(model, chains, "label", None, only_consenting=False)
    home = np.unique(scored.homes, return_inverse=True)[1]
    codes = {label: code for code, label in enumerate(scored.classes.tolist())}
    return Pool(
        scored.classes.tolist(),
        scored.probabilities,
        np.array([codes[label] for label in scored.truth.tolist()]),
        home,
        weeks_by_home(scored.homes, scored.times),
        [code for label, code in codes.items() if label != NO_PATTERN],
    )
